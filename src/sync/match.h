/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/match.h - recognises messages that are here already after a server renumbered a folder.
 *
 * Candidates are the locations of the folder whose server side carries another UIDVALIDITY.  A message is
 * matched by its object id, then by Message-ID, size and INTERNALDATE, then by the hash of its header; each
 * candidate once.
 *
 * Threads: the lane's.
 */
#pragma once

#include "session/imap.h"
#include "store/locations.h"
#include "store/messages.h"

typedef struct _SyncMatcher SyncMatcher;

/* NULL without error when there is nothing to recognise. */
SyncMatcher *sync_matcher_new        (Store                 *store,
                                      gint64                 folder_id,
                                      guint32                uidvalidity,
                                      GError               **error) G_GNUC_WARN_UNUSED_RESULT;
void         sync_matcher_free       (SyncMatcher           *matcher);
/* The location that this message is, or 0; it is not given again. */
gint64       sync_matcher_take       (SyncMatcher           *matcher,
                                      const SessionImapRow  *row);
/* What was not recognised, of gint64. */
GArray      *sync_matcher_list_left  (SyncMatcher           *matcher) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SyncMatcher, sync_matcher_free)
