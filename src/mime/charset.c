/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/charset.h"

#include "mime/gmime.h"

#include <errno.h>
#include <string.h>

typedef enum {
  KIND_UNKNOWN,
  KIND_LATIN,                  /* us-ascii, iso-8859-1, windows-1252 and what is not to be decoded */
  KIND_UTF8,
  KIND_SINGLE,                 /* one byte a character, ASCII below 128 */
  KIND_MULTI,                  /* several bytes, escapes, or not ASCII below 128 */
} Kind;

typedef struct {
  const char *label;
  Kind        kind;
  const char *name;            /* for iconv, where it is not what GMime makes of the label */
} Label;

/* The labels mail uses, with the superset that is really meant
 * (https://encoding.spec.whatwg.org/#names-and-labels). */
static const Label labels[] = {
  { "ascii", KIND_LATIN, NULL },
  { "ansi_x3.4-1968", KIND_LATIN, NULL },
  { "us-ascii", KIND_LATIN, NULL },
  { "iso-8859-1", KIND_LATIN, NULL },
  { "iso8859-1", KIND_LATIN, NULL },
  { "iso_8859-1", KIND_LATIN, NULL },
  { "latin1", KIND_LATIN, NULL },
  { "latin-1", KIND_LATIN, NULL },
  { "windows-1252", KIND_LATIN, NULL },
  { "cp1252", KIND_LATIN, NULL },
  { "utf-7", KIND_LATIN, NULL },
  { "unicode-1-1-utf-7", KIND_LATIN, NULL },
  { "utf-8", KIND_UTF8, NULL },
  { "utf8", KIND_UTF8, NULL },
  { "unicode-1-1-utf-8", KIND_UTF8, NULL },
  { "iso-8859-9", KIND_SINGLE, "CP1254" },
  { "iso-8859-11", KIND_SINGLE, "CP874" },
  { "tis-620", KIND_SINGLE, "CP874" },
  { "gb2312", KIND_MULTI, "GB18030" },
  { "gb_2312-80", KIND_MULTI, "GB18030" },
  { "gbk", KIND_MULTI, "GB18030" },
  { "x-gbk", KIND_MULTI, "GB18030" },
  { "gb18030", KIND_MULTI, "GB18030" },
  { "cp936", KIND_MULTI, "GB18030" },
  { "big5", KIND_MULTI, "BIG5-HKSCS" },
  { "euc-kr", KIND_MULTI, "CP949" },
  { "ks_c_5601-1987", KIND_MULTI, "CP949" },
  { "ks_c_5601", KIND_MULTI, "CP949" },
  { "shift_jis", KIND_MULTI, "CP932" },
  { "shift-jis", KIND_MULTI, "CP932" },
  { "sjis", KIND_MULTI, "CP932" },
  { "x-sjis", KIND_MULTI, "CP932" },
  { "windows-31j", KIND_MULTI, "CP932" },
  { "iso-2022-jp", KIND_MULTI, "ISO-2022-JP-3" },
};

static const gunichar windows_1252[32] = {
  0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152,
  0xfffd, 0x017d, 0xfffd, 0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122,
  0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
};

static const Label *
find_label (const char *charset)
{
  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    if (g_ascii_strcasecmp (charset, labels[i].label) == 0)
      return &labels[i];
  return NULL;
}

static Kind
get_kind (const char *charset)
{
  static const char *const single[] = { "iso-8859-", "iso8859-", "windows-125", "windows-874", "cp125",
                                        "cp437", "cp850", "cp866", "koi8-", "mac", "x-mac", "latin" };
  const Label *label = find_label (charset);

  if (label != NULL)
    return label->kind;
  for (gsize i = 0; i < G_N_ELEMENTS (single); i++)
    if (g_ascii_strncasecmp (charset, single[i], strlen (single[i])) == 0)
      return KIND_SINGLE;
  return KIND_MULTI;
}

/* A charset name is a token of RFC 2978; anything else is not handed to iconv, where "//IGNORE" and paths
 * mean something. */
static gboolean
is_charset_name (const char *charset)
{
  if (*charset == '\0' || strlen (charset) > 40)
    return FALSE;
  for (const char *p = charset; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-_.:+", *p) == NULL)
      return FALSE;
  return TRUE;
}

/* Many texts are cut at a limit: an incomplete last character does not make the rest anything but UTF-8. */
static gsize
size_without_cut_character (BaseSlice bytes)
{
  gsize back = 0;

  while (back < 3 && back < bytes.size && (bytes.data[bytes.size - 1 - back] & 0xc0) == 0x80)
    back++;
  if (back < bytes.size && bytes.data[bytes.size - 1 - back] >= 0xc0)
    {
      guint8 lead = bytes.data[bytes.size - 1 - back];
      gsize need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;

      if (back < need)
        return bytes.size - 1 - back;
    }
  return bytes.size;
}

static gboolean
has_high_byte (BaseSlice bytes)
{
  for (gsize i = 0; i < bytes.size; i++)
    if (bytes.data[i] >= 0x80)
      return TRUE;
  return FALSE;
}

static gboolean
is_utf8 (BaseSlice bytes)
{
  gsize size = size_without_cut_character (bytes);
  const char *at = (const char *) bytes.data;
  const char *end = at + size;

  /* One high byte at the end alone says nothing. */
  if (size < bytes.size && !has_high_byte (base_slice_sub (bytes, 0, size)))
    return FALSE;
  while (!g_utf8_validate_len (at, (gsize) (end - at), &at))
    if (*at++ != '\0')
      return FALSE;
  return TRUE;
}

/* NUL becomes U+FFFD as well. */
static char *
dup_valid (const void *data,
           gsize       size)
{
  return g_utf8_make_valid (data, (gssize) size);
}

static char *
dup_windows_1252 (BaseSlice bytes)
{
  GString *out = g_string_sized_new (bytes.size + bytes.size / 4 + 1);

  for (gsize i = 0; i < bytes.size; i++)
    {
      guint8 byte = bytes.data[i];

      if (byte == 0)
        g_string_append (out, "\xef\xbf\xbd");
      else if (byte < 0x80)
        g_string_append_c (out, (char) byte);
      else
        g_string_append_unichar (out, byte < 0xa0 ? windows_1252[byte - 0x80] : byte);
    }
  return g_string_free (out, FALSE);
}

typedef enum { STOP_AT_ERRORS, REPLACE_ERRORS } OnError;

/* NULL when the charset is not known, or at an error where they are to stop it. */
static char *
dup_by_iconv (BaseSlice   bytes,
              const char *name,
              OnError     on_error)
{
  g_autoptr(GString) out = g_string_sized_new (bytes.size + bytes.size / 2 + 16);
  GIConv converter = g_iconv_open ("UTF-8", name);
  char *in = (char *) bytes.data;
  gsize left = bytes.size;
  gboolean failed = FALSE;

  if (converter == (GIConv) -1)
    return NULL;
  while (left > 0 && !failed)
    {
      char buffer[4096];
      char *to = buffer;
      gsize room = sizeof buffer;
      gsize result = g_iconv (converter, &in, &left, &to, &room);

      g_string_append_len (out, buffer, to - buffer);
      if (result != (gsize) -1 || errno == E2BIG)
        continue;
      if (errno == EINVAL)                         /* cut within a character */
        break;
      failed = on_error == STOP_AT_ERRORS;
      g_string_append (out, "\xef\xbf\xbd");
      in++;
      left--;
    }
  g_iconv_close (converter);
  return failed ? NULL : dup_valid (out->str, out->len);
}

/* Japanese mail of old does not declare what its escapes say. */
static gboolean
has_iso_2022_escape (BaseSlice bytes)
{
  return memmem (bytes.data, bytes.size, "\x1b$B", 3) != NULL
         || memmem (bytes.data, bytes.size, "\x1b$@", 3) != NULL;
}

static const char *
name_for_iconv (const char *charset)
{
  const Label *label = find_label (charset);

  if (label != NULL && label->name != NULL)
    return label->name;
  mime_gmime_ensure ();
  return g_mime_charset_iconv_name (charset);
}

char *
mime_charset_dup_utf8 (BaseSlice   bytes,
                       const char *charset)
{
  Kind kind = KIND_UNKNOWN;
  char *text;

  if (bytes.size == 0)
    return g_strdup ("");
  if (charset != NULL && is_charset_name (charset))
    kind = get_kind (charset);
  if (kind == KIND_UNKNOWN && has_iso_2022_escape (bytes))
    {
      charset = "iso-2022-jp";
      kind = KIND_MULTI;
    }
  if (kind == KIND_MULTI && (text = dup_by_iconv (bytes, name_for_iconv (charset), STOP_AT_ERRORS)) != NULL)
    return text;
  if (kind == KIND_UTF8 || is_utf8 (bytes))
    return dup_valid (bytes.data, bytes.size);
  if ((kind == KIND_SINGLE || kind == KIND_MULTI)
      && (text = dup_by_iconv (bytes, name_for_iconv (charset), REPLACE_ERRORS)) != NULL)
    return text;
  return dup_windows_1252 (bytes);
}
