/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/shares.h - how much of an account's mail is where: on its server, on this computer, on both.
 *
 * A message counts once, however many folders it lies in.  It reads all messages of the account: not for
 * every turn of a main loop.
 *
 * Threads: the handle's.
 */
#pragma once

#include "store/store.h"

typedef struct {
  gint64 messages;
  gint64 bytes;                         /* of whole messages; the server's word where they are not here */
} StoreShare;

typedef struct {
  StoreShare both;
  StoreShare only_here;                 /* no server has it */
  StoreShare only_server;               /* at most its header is here */
} StoreShares;

gboolean store_shares_count (Store        *store,
                             gint64        account_id,
                             StoreShares  *shares,
                             GError      **error);
