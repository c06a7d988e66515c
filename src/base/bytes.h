/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/bytes.h - borrowed runs of bytes and growing buffers with a limit.
 *
 * A BaseSlice lends bytes that someone else owns; it may hold NUL and is never a C string.
 * It knows nothing of charsets or protocols.
 *
 * Threads: any.  Limits: none of its own.
 */
#pragma once

#include <gio/gio.h>

typedef struct {
  const guint8 *data;
  gsize         size;
} BaseSlice;

#define BASE_SLICE_LITERAL(text) ((BaseSlice) { (const guint8 *) (text), sizeof (text) - 1 })

BaseSlice base_slice_new          (const void *data,
                                   gsize       size);
BaseSlice base_slice_from_string  (const char *text);          /* up to the terminating NUL */
BaseSlice base_slice_from_bytes   (GBytes *bytes);             /* valid as long as bytes is */
gboolean  base_slice_equal        (BaseSlice a,
                                   BaseSlice b);
gboolean  base_slice_equal_nocase (BaseSlice   a,              /* ASCII only, as protocols compare */
                                   const char *text);
gboolean  base_slice_starts_with_nocase (BaseSlice   slice,
                                         const char *prefix);
BaseSlice base_slice_sub          (BaseSlice slice,            /* clamped to the slice */
                                   gsize     offset,
                                   gsize     size);
BaseSlice base_slice_trim         (BaseSlice slice);           /* without ASCII blanks at both ends */

/* The slice as valid UTF-8: bytes that are not become U+FFFD, control characters become blanks.  For messages
 * to people. */
char     *base_slice_dup_text     (BaseSlice slice) G_GNUC_WARN_UNUSED_RESULT;

/* A NUL-terminated copy, or NULL when the slice holds NUL. */
char     *base_slice_dup_string   (BaseSlice slice) G_GNUC_WARN_UNUSED_RESULT;

/* Parses decimal digits only: no sign, no blanks.  FALSE when empty, not all digits, or above max. */
gboolean  base_slice_parse_uint   (BaseSlice slice,
                                   guint64   max,
                                   guint64  *value);

/* First 8 bytes of the SHA-256 of the slice, big-endian, as a signed number: keys for look-ups, never a proof
 * of equality. */
gint64    base_slice_hash64       (BaseSlice slice);
