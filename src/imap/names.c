/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/names.h"

#include <string.h>

/* The base64 of RFC 3501: "," in place of "/". */
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

static gboolean
is_plain (guint8 byte)
{
  return byte >= 0x20 && byte <= 0x7e && byte != '&';
}

/* One shifted run without its "&" and "-", as characters that may be shown; FALSE when it is not well
 * formed. */
static gboolean
decode_run (BaseSlice  run,
            GString   *text)
{
  g_autofree gunichar2 *units = g_new (gunichar2, run.size);
  g_autofree char *utf8 = NULL;
  guint32 bits = 0;
  guint n_bits = 0;
  glong n_units = 0, n_read = 0;

  for (gsize i = 0; i < run.size; i++)
    {
      const char *digit = run.data[i] != '\0' ? strchr (digits, run.data[i]) : NULL;

      if (digit == NULL)
        return FALSE;
      bits = bits << 6 | (guint32) (digit - digits);
      n_bits += 6;
      if (n_bits >= 16)
        {
          n_bits -= 16;
          units[n_units++] = (gunichar2) (bits >> n_bits);
          bits &= (1u << n_bits) - 1;
        }
    }
  /* What is left over is padding: fewer bits than a digit, all zero. */
  if (n_units == 0 || n_bits >= 6 || bits != 0)
    return FALSE;

  /* It stops at NUL. */
  utf8 = g_utf16_to_utf8 (units, n_units, &n_read, NULL, NULL);
  if (utf8 == NULL || n_read != n_units)
    return FALSE;
  for (const char *p = utf8; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      return FALSE;
  g_string_append (text, utf8);
  return TRUE;
}

/* Decodes what begins at the "&" and says how many bytes it took; 0 when it is not a shifted run. */
static gsize
decode_shift (BaseSlice  rest,
              GString   *text)
{
  const guint8 *minus = memchr (rest.data, '-', rest.size);
  gsize size;

  if (minus == NULL)
    return 0;
  size = (gsize) (minus - rest.data) + 1;
  if (size == 2)
    g_string_append_c (text, '&');
  else if (!decode_run (base_slice_sub (rest, 1, size - 2), text))
    return 0;
  return size;
}

char *
imap_names_decode (BaseSlice raw)
{
  g_autoptr(GString) text = g_string_sized_new (raw.size);

  while (raw.size > 0)
    {
      gsize size = raw.data[0] == '&' ? decode_shift (raw, text) : 0;

      if (size == 0)
        {
          g_string_append_c (text, (char) raw.data[0]);
          size = 1;
        }
      raw = base_slice_sub (raw, size, raw.size);
    }
  return base_slice_dup_text (base_slice_new (text->str, text->len));
}

static void
encode_run (const char *start,
            const char *end,
            GString    *raw)
{
  glong n_units = 0;
  g_autofree gunichar2 *units = g_utf8_to_utf16 (start, end - start, NULL, &n_units, NULL);
  guint32 bits = 0;
  guint n_bits = 0;

  g_string_append_c (raw, '&');
  for (glong i = 0; i < n_units; i++)
    {
      bits = bits << 16 | units[i];
      for (n_bits += 16; n_bits >= 6; n_bits -= 6)
        g_string_append_c (raw, digits[bits >> (n_bits - 6) & 0x3f]);
      bits &= (1u << n_bits) - 1;
    }
  if (n_bits > 0)
    g_string_append_c (raw, digits[bits << (6 - n_bits) & 0x3f]);
  g_string_append_c (raw, '-');
}

char *
imap_names_encode (const char *name)
{
  GString *raw = g_string_new (NULL);
  const char *end;

  for (const char *p = name; *p != '\0'; p = end)
    {
      end = p + 1;
      if (is_plain ((guint8) *p))
        g_string_append_c (raw, *p);
      else if (*p == '&')
        g_string_append (raw, "&-");
      else
        {
          while (*end != '\0' && *end != '&' && !is_plain ((guint8) *end))
            end++;
          encode_run (p, end, raw);
        }
    }
  return g_string_free (raw, FALSE);
}

char *
imap_names_from_wire (BaseSlice wire)
{
  g_autofree char *name = g_strndup ((const char *) wire.data, wire.size);

  if (!g_utf8_validate (name, -1, NULL))
    return g_steal_pointer (&name);
  return imap_names_encode (name);
}

char *
imap_names_to_wire (const char *raw)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (raw));
  g_autofree char *back = imap_names_encode (name);

  return g_strdup (strcmp (back, raw) == 0 ? name : raw);
}
