/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/pop3.h - collects the mail of a POP3 account.
 *
 * What the server lists is compared with every message that was ever seen there, deleted ones included; what
 * is new is fetched whole, newest first.  It takes nothing away from the server: sync/removal.h does.
 *
 * Safe to interrupt at any point: a message and its place are stored in one transaction under the server's
 * name for it.  What the server no longer has stays here as mail of this computer, and is known again when it
 * is listed once more.  A mailbox whose messages all got new names is matched by their headers, and nothing
 * is fetched twice.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/context.h"

/* Opens and ends sessions of context->pop3 by itself. */
gboolean sync_pop3_collect (SyncContext  *context,
                            GError      **error);
