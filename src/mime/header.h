/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/header.h - cuts the header of a message into fields and turns values into text that is safe to show.
 *
 * Fields are slices of the bytes given.  What does not look like a field is skipped, so every message has a
 * header, if an empty one.  It does not know what a field means.
 *
 * Threads: any.  Limits: 1 MiB of header and 2,000 fields are read, the rest is skipped; a value is decoded
 * up to MIME_HEADER_VALUE_MAX bytes.  Errors: none.
 */
#pragma once

#include "base/bytes.h"

#define MIME_HEADER_SIZE_MAX  (1024 * 1024)
#define MIME_HEADER_COUNT_MAX 2000
#define MIME_HEADER_VALUE_MAX (64 * 1024)

typedef struct {
  BaseSlice name;              /* without colon and blanks */
  BaseSlice value;             /* raw: still folded and encoded, without the last line end */
} MimeField;

typedef struct {
  GArray *fields;              /* of MimeField, in the order of the message */
  gsize   body_offset;         /* where the body begins: after the blank line, or the end when there is no
                                * body */
} MimeHeader;

/* The fields stay valid as long as the bytes of message do. */
MimeHeader *mime_header_new       (BaseSlice message) G_GNUC_WARN_UNUSED_RESULT;
void        mime_header_free      (MimeHeader *header);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeHeader, mime_header_free)

/* The first field of that name (ASCII case does not matter), or an empty slice.  has_ tells absent from
 * empty. */
BaseSlice   mime_header_get       (const MimeHeader *header,
                                   const char       *name);
gboolean    mime_header_has       (const MimeHeader *header,
                                   const char       *name);

/* A raw value as one line of harmless UTF-8: unfolded, encoded words decoded, charset guessed for raw 8-bit
 * bytes. */
char       *mime_header_dup_text  (BaseSlice value) G_GNUC_WARN_UNUSED_RESULT;

/* UTF-8 made harmless for one line of display: control characters become U+FFFD or blanks, directional
 * overrides, zero-width and invisible format characters vanish, blanks are collapsed, at most max characters
 * stay. */
char       *mime_text_make_harmless (const char *text,
                                     gsize       max) G_GNUC_WARN_UNUSED_RESULT;

/* The size of the longest beginning of valid UTF-8 that has at most max bytes and ends with a whole
 * character. */
gsize       mime_text_measure       (const char *text,
                                     gsize       max);
