/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/flags.h - the flags of a location, and whose word counts when two people changed them.
 *
 * Threads: any.
 */
#pragma once

#include <glib.h>

typedef enum {                 /* the values are stored, and 1 and 4 are in indexes: never renumber */
  STORE_FLAG_SEEN      = 1 << 0,
  STORE_FLAG_ANSWERED  = 1 << 1,
  STORE_FLAG_FLAGGED   = 1 << 2,
  STORE_FLAG_DELETED   = 1 << 3,
  STORE_FLAG_DRAFT     = 1 << 4,
  STORE_FLAG_FORWARDED = 1 << 5,          /* $Forwarded */
  STORE_FLAG_MDN_SENT  = 1 << 6,          /* $MDNSent */
  STORE_FLAG_JUNK      = 1 << 7,          /* $Junk */
  STORE_FLAG_NOT_JUNK  = 1 << 8,          /* $NotJunk */
  STORE_FLAG_PHISHING  = 1 << 9,          /* $Phishing */
} StoreFlags;

#define STORE_FLAGS_ALL 0x3ff

/* What to show now.  base: what the server said before; local: what is shown, with the user's wishes in it;
 * server: what it says now.  Where the user changed a flag, the user's choice stands until the server has
 * it. */
guint store_flags_merge (guint base,
                         guint local,
                         guint server);
