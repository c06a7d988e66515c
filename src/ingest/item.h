/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/item.h - one thing on its way from a lane to the writer.  For this folder only.
 *
 * Threads: it belongs to whoever took it off a queue.
 */
#pragma once

#include "ingest/digest.h"
#include "ingest/ingest.h"
#include "store/raw-record.h"

typedef enum {
  INGEST_ROW,
  INGEST_BODY,
  INGEST_WORK,
  INGEST_ALONE,                          /* work that makes its own transactions */
} IngestKind;

/* Somebody waits for it in ingest_write(). */
typedef struct {
  gboolean  is_done;
  GError   *error;
} IngestWaiter;

typedef struct {
  IngestKind        kind;
  IngestStream     *stream;              /* a reference, or NULL */
  IngestTicket      ticket;
  IngestWaiter     *waiter;              /* on the stack of the one who waits, or NULL */
  gsize             weight;              /* what it counts in the queue */

  IngestRow         row;                 /* INGEST_ROW and _BODY: points into what follows */
  GBytes           *header;
  GBytes           *uidl;
  char            **keywords;
  char             *object_id;
  IngestDigest     *digest;              /* from the ingest thread */

  GBytes           *content;             /* INGEST_BODY; given up when packed */
  guint64           size;
  guint8            sha256[32];
  GBytes           *packed;              /* from the ingest thread; NULL: these bytes were already here */
  StoreRawEncoding  encoding;
  GError           *failure;             /* met by the ingest thread */

  StoreWork         work;                /* INGEST_WORK and _ALONE */
  gpointer          user_data;
  GDestroyNotify    destroy;
} IngestItem;

IngestItem *ingest_item_new_row  (const IngestRow *row) G_GNUC_WARN_UNUSED_RESULT;
IngestItem *ingest_item_new_work (StoreWork        work,
                                  gpointer         user_data,
                                  GDestroyNotify   destroy) G_GNUC_WARN_UNUSED_RESULT;
/* Drops the stream too. */
void        ingest_item_free     (IngestItem      *item);
