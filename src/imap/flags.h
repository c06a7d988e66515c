/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/flags.h - system flags as bits, everything else as keywords.
 *
 * Threads: any.
 */
#pragma once

#include "base/bytes.h"

typedef enum {
  IMAP_FLAG_SEEN     = 1 << 0,
  IMAP_FLAG_ANSWERED = 1 << 1,
  IMAP_FLAG_FLAGGED  = 1 << 2,
  IMAP_FLAG_DELETED  = 1 << 3,
  IMAP_FLAG_DRAFT    = 1 << 4,
  IMAP_FLAG_RECENT   = 1 << 5,     /* the server's alone: never sent */
  IMAP_FLAG_ANY      = 1 << 6,     /* "\*" in PERMANENTFLAGS: new keywords may be made */
} ImapFlags;

#define IMAP_FLAGS_SETTABLE \
  (IMAP_FLAG_SEEN | IMAP_FLAG_ANSWERED | IMAP_FLAG_FLAGGED | IMAP_FLAG_DELETED | IMAP_FLAG_DRAFT)

/* 0 when it is a keyword, or a system flag nobody knows. */
ImapFlags   imap_flags_parse        (BaseSlice atom);
/* "\Seen"; flag is one bit. */
const char *imap_flags_get_name     (ImapFlags flag);
/* Whether a keyword can be sent: an atom that does not begin with a backslash. */
gboolean    imap_flags_is_keyword   (const char *keyword);
