/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/digest.h - what the rows of a message say of its bytes: summary, parts, preview, text for the search index.
 *
 * Owns copies of all it says: the bytes may go.  It knows nothing of the store's state.
 *
 * Threads: any, one at a time.  Limits: INGEST_TEXT_MAX bytes of text, INGEST_PARTS_MAX parts; beyond is left out.
 */
#pragma once

#include "mime/summary.h"
#include "store/messages.h"
#include "store/text.h"

#define INGEST_EXTRACTOR 1               /* raise it when a message would say something else than before */
#define INGEST_TEXT_MAX  (256 * 1024)
#define INGEST_PARTS_MAX 1000

typedef struct {
  MimeSummary   *summary;
  char          *sender;                 /* for the index: names and addresses */
  char          *recipients;
  GArray        *parts;                  /* of StorePart; NULL: only the header was there */
  GStringChunk  *strings;                /* of parts */
  guint          attachments;
  guint          facts;                  /* of StoreMessageFacts, known from the parts */
  char          *preview;
  char          *text;
  char          *filenames;              /* one a line */
  GBytes        *packed_body;            /* text and filenames, for StoreTextNew; NULL: only the header was there */
} IngestDigest;

IngestDigest *ingest_digest_new_header  (BaseSlice      header) G_GNUC_WARN_UNUSED_RESULT;
IngestDigest *ingest_digest_new_message (GBytes        *message) G_GNUC_WARN_UNUSED_RESULT;
void          ingest_digest_free        (IngestDigest  *digest);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestDigest, ingest_digest_free)

/* Borrowed from digest. */
StoreTextHead ingest_digest_get_head    (const IngestDigest *digest);
StoreTextBody ingest_digest_get_body    (const IngestDigest *digest);
