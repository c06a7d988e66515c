/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/sent.h - the copies of what was sent: exactly one of each, in the folder for sent mail.
 *
 * On an IMAP server: looked for by its Message-ID first, for providers file it themselves, and a copy whose
 * answer was lost may be there; then appended.  Accounts by POP3, and those that keep sent mail here, get it
 * into their local folder, and so do copies that the server refuses for good.  What could not be filed is
 * tried again with the next round.
 *
 * A mail that nobody knows to be sent and that lies in Sent all the same was sent.
 *
 * Threads: the lane's; one run at a time for an account, for two would each append a copy.
 */
#pragma once

#include "sync/context.h"

/* After sync_outbox_run().  Without a remote only copies on this computer are filed.  FALSE with error when
 * the connection or the store failed; what the server refused is in the summary. */
gboolean sync_sent_run (SyncContext  *context,
                        GError      **error);
