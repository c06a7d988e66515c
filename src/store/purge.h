/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/purge.h - what may go at last: messages that no folder holds any more, and old memories.
 *
 * A message without any location is kept for 30 days, then its rows go, then its bytes.  Only-here mail has a
 * location, so it is never among them.
 *
 * Threads: the handle's, a writer.
 */
#pragma once

#include "store/store.h"

#define STORE_ORPHAN_DAYS    30
#define STORE_HISTORY_DAYS   365
#define STORE_TOMBSTONE_DAYS 400        /* a tombstone with a UIDL that may still be listed stays for ever */

typedef struct {
  gint64 message_id;
  gint64 content_id;                    /* 0: only its header was here */
} StorePurgedMessage;

typedef struct {
  GArray *messages;                     /* of StorePurgedMessage */
  GArray *contents;                     /* of gint64: contents.h rows that nobody names any more; whoever owns
                                         * the raw mail drops them (compact.h) */
} StorePurged;

void         store_purged_free (StorePurged *purged);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StorePurged, store_purged_free)

/* At most limit messages; call again while as many went.  Needs store_begin(). */
StorePurged *store_purge_step  (Store   *store,
                                guint    limit,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same in a transaction of its own. */
StorePurged *store_purge_run   (Store   *store,
                                guint    limit,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
