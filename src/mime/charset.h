/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/charset.h - bytes of a declared, wrong or unknown charset into UTF-8.
 *
 * Valid UTF-8 with bytes above 127 is taken as such unless a charset of several bytes a character was
 * declared and fits; latin-1 and ASCII are read as windows-1252, as browsers do; UTF-7 is never decoded.  NUL
 * becomes U+FFFD.
 *
 * Threads: any.  Limits: the caller's; the result is at most three times as long.  Errors: none, U+FFFD
 * instead.
 */
#pragma once

#include "base/bytes.h"

/* charset may be NULL for none declared.  Always valid UTF-8. */
char *mime_charset_dup_utf8 (BaseSlice   bytes,
                             const char *charset) G_GNUC_WARN_UNUSED_RESULT;
