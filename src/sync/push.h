/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/push.h - carries out on an IMAP server what people did here: the due changes of one account, in order.
 *
 * Every change is done by a proof that holds after a crash at any point, so that it is done once however
 * often it is tried: flags are sent as what to add and to remove; a move or copy counts when its new uid is
 * known by COPYUID or by finding the mail in the target; a deletion when the uid is absent; an upload by
 * APPENDUID or by finding the mail.  A uid is used only under the UIDVALIDITY it belongs to; where the folder
 * was renumbered the change waits until a pass has recognised its messages.  What the server refuses ends as
 * failed, with the server's words, and its effect here is taken back; trouble that passes is tried again
 * later.  Without UIDPLUS nothing is expunged: the messages stay on the server, marked \Deleted, and out of
 * sight here.
 *
 * Threads: the lane's, one lane at a time for each account.
 */
#pragma once

#include "sync/context.h"

/* Accepts what is wanted and takes back what failed or was cancelled (store/changes.h), for all accounts. */
gboolean sync_push_accept (SyncContext  *context,
                           GError      **error);
/* TRUE also when changes failed: they are in the summary.  FALSE: the connection or the store is in trouble;
 * what was under way is found out by the next call. */
gboolean sync_push        (SyncContext  *context,
                           GError      **error);
