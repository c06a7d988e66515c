/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/words.h - encoded words (RFC 2047), read as leniently as mail needs and written by the book.
 *
 * Words may touch other text, hold blanks and split characters between them.  A decoded text is never decoded
 * again.
 *
 * Threads: any.  Limits: the caller's; results are at most three times as long.  Errors: none.
 */
#pragma once

#include "base/bytes.h"

/* The size of the encoded word that text begins with, or 0. */
gsize  mime_words_measure (BaseSlice text);
/* An unfolded value as UTF-8: not yet harmless. */
char  *mime_words_decode  (BaseSlice text) G_GNUC_WARN_UNUSED_RESULT;
