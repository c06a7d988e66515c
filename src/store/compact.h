/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/compact.h - gives back what raw mail holds of messages that nobody needs any more.
 *
 * Tombstones say in the raw mail what was purged.  A segment of which enough is free is emptied: what is
 * still needed is appended anew, a few megabytes in each transaction, and then the file goes.  A process
 * killed anywhere leaves at worst a copy too many, which the next emptying drops.  Bytes that no row names
 * are dropped only when the same bytes lie elsewhere, or a tombstone says so: a mail.db that was put back
 * from a backup loses nothing.  It decides nothing about messages: purge.h does.
 *
 * Threads: the handle's, a writer; raw is the appender.  Everything needs store_begin(), and store_raw_sync()
 * before the commit.  Errors: STORE_ERROR; _CORRUPT when a segment has damage: it is left as it is, see
 * check.h.
 */
#pragma once

#include "store/purge.h"
#include "store/raw.h"

/* A segment is worth emptying when a quarter of it is free. */
#define STORE_COMPACT_SHARE 4
#define STORE_COMPACT_PIECE (8 * 1024 * 1024)

/* Purges at most limit messages and forgets contents that nobody names, with their tombstones.  more: call
 * again. */
gboolean store_compact_purge (Store          *store,
                              StoreRaw       *raw,
                              guint           limit,
                              gboolean       *more,
                              GError        **error);

typedef enum {
  STORE_COMPACT_NOTHING,       /* no segment is worth it */
  STORE_COMPACT_MOVED,         /* a piece: call again */
  STORE_COMPACT_EMPTIED,       /* once committed, store_raw_remove_segment (), then call again */
} StoreCompactState;

typedef struct {
  StoreCompactState  state;    /* of the last step */
  guint32            segment;
  GHashTable        *full;     /* segments full of bytes without a row that must not be lost */
} StoreCompaction;

StoreCompaction *store_compaction_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void             store_compaction_free (StoreCompaction  *compaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreCompaction, store_compaction_free)

gboolean         store_compact_step    (Store            *store,
                                        StoreRaw         *raw,
                                        StoreCompaction  *compaction,
                                        GError          **error);
