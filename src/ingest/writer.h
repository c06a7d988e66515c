/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/writer.h - items into raw mail and rows, a batch at a time.  For this folder only.
 *
 * A batch is one transaction: raw bytes are appended and synced before it commits.  It knows nothing of queues.
 *
 * Threads: the one that made it, asserted.  Errors: STORE_ERROR; then nothing of the batch was kept.
 */
#pragma once

#include "ingest/item.h"
#include "store/raw-body.h"
#include "store/raw.h"

typedef struct {
  Store       *store;
  StoreRaw    *raw;
  StorePacker *packer;
  GThread     *owner;

  /* of the batch */
  GHashTable  *folders;                  /* id -> StoreFolder */
  GPtrArray   *texts;                    /* of what the index gets at the end */
} IngestWriter;

IngestWriter *ingest_writer_new         (const char        *data_dir,
                                         GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void          ingest_writer_free        (IngestWriter      *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestWriter, ingest_writer_free)

gboolean      ingest_writer_run         (IngestWriter      *writer,
                                         IngestItem *const *items,
                                         gsize              n_items,
                                         GError           **error);
/* Outside any transaction: see ingest_write_alone(). */
gboolean      ingest_writer_run_alone   (IngestWriter      *writer,
                                         IngestItem        *item,
                                         GError           **error);
/* Within a work item: see ingest_drop_server(). */
gboolean      ingest_writer_drop_server (IngestWriter      *writer,
                                         gint64             location_id,
                                         StoreCause         by,
                                         const char        *rule,
                                         const char        *server_words,
                                         GError           **error);
