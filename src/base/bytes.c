/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

#include <string.h>

BaseSlice
base_slice_new (const void *data,
                gsize       size)
{
  return (BaseSlice) { data, size };
}

BaseSlice
base_slice_from_string (const char *text)
{
  return base_slice_new (text, strlen (text));
}

BaseSlice
base_slice_from_bytes (GBytes *bytes)
{
  gsize size;
  const void *data = g_bytes_get_data (bytes, &size);

  return base_slice_new (data, size);
}

gboolean
base_slice_equal (BaseSlice a,
                  BaseSlice b)
{
  return a.size == b.size && (a.size == 0 || memcmp (a.data, b.data, a.size) == 0);
}

gboolean
base_slice_equal_nocase (BaseSlice   a,
                         const char *text)
{
  return a.size == strlen (text) && g_ascii_strncasecmp ((const char *) a.data, text, a.size) == 0;
}

gboolean
base_slice_starts_with_nocase (BaseSlice   slice,
                               const char *prefix)
{
  return slice.size >= strlen (prefix)
         && base_slice_equal_nocase (base_slice_sub (slice, 0, strlen (prefix)), prefix);
}

BaseSlice
base_slice_sub (BaseSlice slice,
                gsize     offset,
                gsize     size)
{
  /* An empty slice may have no data, and adding even 0 to NULL is undefined. */
  if (slice.size == 0)
    return slice;
  offset = MIN (offset, slice.size);
  return base_slice_new (slice.data + offset, MIN (size, slice.size - offset));
}

BaseSlice
base_slice_trim (BaseSlice slice)
{
  while (slice.size > 0 && g_ascii_isspace (slice.data[0]))
    slice = base_slice_sub (slice, 1, slice.size);
  while (slice.size > 0 && g_ascii_isspace (slice.data[slice.size - 1]))
    slice.size--;
  return slice;
}

char *
base_slice_dup_text (BaseSlice slice)
{
  char *text = slice.size > 0
               ? g_utf8_make_valid ((const char *) slice.data, (gssize) slice.size) : g_strdup ("");

  for (char *p = text; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return text;
}

char *
base_slice_dup_string (BaseSlice slice)
{
  if (slice.size > 0 && memchr (slice.data, '\0', slice.size) != NULL)
    return NULL;
  return slice.size > 0 ? g_strndup ((const char *) slice.data, slice.size) : g_strdup ("");
}

gboolean
base_slice_parse_uint (BaseSlice slice,
                       guint64   max,
                       guint64  *value)
{
  guint64 sum = 0;

  if (slice.size == 0)
    return FALSE;
  for (gsize i = 0; i < slice.size; i++)
    {
      guint digit = slice.data[i] - (guint) '0';

      if (digit > 9 || !g_uint64_checked_mul (&sum, sum, 10) || !g_uint64_checked_add (&sum, sum, digit))
        return FALSE;
    }
  if (sum > max)
    return FALSE;
  *value = sum;
  return TRUE;
}

gint64
base_slice_hash64 (BaseSlice slice)
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize size = sizeof digest;
  guint64 head;

  g_checksum_update (checksum, slice.data, (gssize) slice.size);
  g_checksum_get_digest (checksum, digest, &size);
  memcpy (&head, digest, sizeof head);
  return (gint64) GUINT64_FROM_BE (head);
}
