/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/round-pop3.h - one complete round of a POP3 account: what people did here, what leaves the server,
 * what is new.
 *
 * What leaves is decided while no session is open, because many servers lock the mailbox; and it is done
 * before new mail is collected as well as after it: where the next session has to wait, the next round does
 * the rest.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/context.h"

gboolean sync_round_pop3 (SyncContext  *context,
                          GError      **error);
