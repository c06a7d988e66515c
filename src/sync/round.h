/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/round.h - one complete round of an IMAP account: the folder list, then every folder that has something
 * new, then the bodies that are wanted.  What the user looks at first comes first: the inbox.
 *
 * A folder that cannot be read is noted and skipped; only what ends the connection ends the round.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/context.h"

/* Lists the folders into the store.  folders: NULL, or set to the server's list (of SessionImapFolder) with
 * counters. */
gboolean sync_round_list_folders (SyncContext  *context,
                                  GPtrArray   **folders,
                                  GError      **error);
/* Pure: whether anything can be new in it, by what the server says of it now (NULL: nothing). */
gboolean sync_round_needs_pass   (const StoreFolder       *folder,
                                  const SessionImapFolder *said);
/* Lists the folders, and says whether any of them needs a pass: what a quiet account costs. */
gboolean sync_round_look         (SyncContext  *context,
                                  gboolean     *has_news,
                                  GError      **error);
/* Just this folder, as a round would do it: for a lane that watches it.  FALSE without error: it yielded. */
gboolean sync_round_folder       (SyncContext  *context,
                                  gint64        folder_id,
                                  GError      **error);
/* The local changes go up before this: sync/push.h. */
gboolean sync_round_imap         (SyncContext  *context,
                                  GError      **error);
