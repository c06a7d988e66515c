/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/contents.h - which bytes are here: the rows that say where in the raw mail a message lies.
 *
 * A content is bytes, known by their SHA-256, shared by any number of messages.  A row is written only after
 * its bytes were synced, in the transaction that is committed behind that.
 *
 * Threads: the handle's.  Writing needs store_begin().
 */
#pragma once

#include "store/raw.h"

typedef struct {
  gint64        id;
  guint8        sha256[32];
  gint64        size;                    /* of the bytes as received */
  StoreRawPlace place;
  gint64        stored_at;
} StoreContent;

/* 0 on error. */
gint64    store_contents_add         (Store                *store,
                                      const StoreContent   *content,       /* all but id */
                                      GError              **error);
/* found is FALSE where there is none. */
gboolean  store_contents_find        (Store                *store,
                                      const guint8          sha256[32],
                                      StoreContent         *content,
                                      gboolean             *found,
                                      GError              **error);
/* STORE_ERROR_NOT_FOUND. */
gboolean  store_contents_get         (Store                *store,
                                      gint64                id,
                                      StoreContent         *content,
                                      GError              **error);
/* Compaction has copied it. */
gboolean  store_contents_move        (Store                *store,
                                      gint64                id,
                                      const StoreRawPlace  *place,
                                      GError              **error);
gboolean  store_contents_remove      (Store                *store,
                                      gint64                id,
                                      GError              **error);

/* The whole message, compared with its hash.  STORE_ERROR_NOT_FOUND: no such message, or only its header is
 * here; STORE_ERROR_CORRUPT: the disk does not give back what was stored. */
GBytes   *store_contents_read        (Store                *store,
                                      StoreRaw             *raw,
                                      gint64                message_id,
                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* Bytes of the rows that lie in a segment. */
gboolean  store_contents_get_live    (Store                *store,
                                      guint32               segment,
                                      guint64              *bytes,
                                      GError              **error);
/* For store_raw_begin_appending(), with the store as user_data. */
gboolean  store_contents_get_end     (guint32               segment,
                                      guint64              *end,
                                      gpointer              store,
                                      GError              **error);
