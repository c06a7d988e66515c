/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/names.h - folder names: modified UTF-7 (RFC 3501 section 5.1.3) and what people see.
 *
 * The raw name is a folder's identity and is sent back as it came; the decoded one is only shown.  So
 * decoding never fails and loses nothing that matters: what is not valid modified UTF-7 stays in the text as
 * it stands. It knows nothing of hierarchy.
 *
 * Threads: any.  Limits: none of its own; the parser refuses names above IMAP_NAME_MAX.
 */
#pragma once

#include "base/bytes.h"

#define IMAP_NAME_MAX 1024

/* Valid UTF-8 without control characters. */
char     *imap_names_decode    (BaseSlice raw) G_GNUC_WARN_UNUSED_RESULT;
/* name is valid UTF-8. */
char     *imap_names_encode    (const char *name) G_GNUC_WARN_UNUSED_RESULT;

/* A connection with UTF8=ACCEPT (RFC 6855) carries names in UTF-8; these are the two ways between them and
 * raw names. What cannot be translated both ways is passed on as it is. */
char     *imap_names_from_wire (BaseSlice wire) G_GNUC_WARN_UNUSED_RESULT;
char     *imap_names_to_wire   (const char *raw) G_GNUC_WARN_UNUSED_RESULT;
