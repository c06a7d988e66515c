/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/encode.h"

#include "mime/header.h"

#include <string.h>

#define COLUMNS     76
#define WORD_BYTES  42                     /* of text in one encoded word: 75 characters with its frame */
#define PIECE_BYTES 60                     /* of a parameter's value in one RFC 2231 piece */
#define PLAIN_WORD  200                    /* a longer word without a blank cannot be folded */

static char *
without_controls (const char *text)
{
  char *valid = g_utf8_make_valid (text, -1);

  for (char *p = valid; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return valid;
}

static gboolean
needs_words (const char *text)
{
  gsize run = 0;

  for (const char *p = text; *p != '\0'; p++)
    {
      run = *p == ' ' ? 0 : run + 1;
      if ((guint8) *p >= 0x80 || run > PLAIN_WORD)
        return TRUE;
    }
  return strstr (text, "=?") != NULL;
}

static void
append_words (GString    *out,
              const char *text)
{
  const char *separator = "";

  while (*text != '\0')
    {
      gsize size = mime_text_measure (text, WORD_BYTES);
      g_autofree char *base64 = g_base64_encode ((const guchar *) text, size);

      g_string_append_printf (out, "%s=?utf-8?B?%s?=", separator, base64);
      separator = "\r\n ";
      text += size;
    }
}

/* Folds at blanks. */
static void
append_folded (GString    *out,
               const char *text,
               gsize       column)
{
  while (*text != '\0')
    {
      gsize blanks = strspn (text, " ");
      gsize word = strcspn (text + blanks, " ");

      if (blanks > 0 && word > 0 && column + blanks + word > COLUMNS && column > 1)
        {
          g_string_append (out, "\r\n");
          column = 0;
        }
      g_string_append_len (out, text, (gssize) (blanks + word));
      column += blanks + word;
      text += blanks + word;
    }
}

void
mime_encode_text_field (GString    *out,
                        const char *name,
                        const char *text)
{
  g_autofree char *clean = g_strstrip (without_controls (text));

  g_string_append_printf (out, "%s: ", name);
  if (needs_words (clean))
    append_words (out, clean);
  else
    append_folded (out, clean, strlen (name) + 2);
  g_string_append (out, "\r\n");
}

static gboolean
is_atoms (const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr (" !#$%&'*+-/=?^_`{|}~", *p) == NULL)
      return FALSE;
  return TRUE;
}

void
mime_encode_phrase (GString    *out,
                    const char *text)
{
  g_autofree char *clean = g_strstrip (without_controls (text));

  if (needs_words (clean))
    append_words (out, clean);
  else if (is_atoms (clean))
    g_string_append (out, clean);
  else
    {
      g_string_append_c (out, '"');
      for (const char *p = clean; *p != '\0'; p++)
        {
          if (*p == '"' || *p == '\\')
            g_string_append_c (out, '\\');
          g_string_append_c (out, *p);
        }
      g_string_append_c (out, '"');
    }
}

static gboolean
is_plain_parameter (const char *value)
{
  for (const char *p = value; *p != '\0'; p++)
    if ((guint8) *p < 0x20 || (guint8) *p >= 0x7f || *p == '"' || *p == '\\')
      return FALSE;
  return strlen (value) <= PIECE_BYTES && strstr (value, "=?") == NULL;
}

static void
append_percent (GString    *out,
                const char *text,
                gsize       size)
{
  for (gsize i = 0; i < size; i++)
    if (g_ascii_isalnum (text[i]) || (text[i] != '\0' && strchr ("-._~", text[i]) != NULL))
      g_string_append_c (out, text[i]);
    else
      g_string_append_printf (out, "%%%02X", (guint8) text[i]);
}

void
mime_encode_parameter (GString    *out,
                       const char *name,
                       const char *value)
{
  g_autofree char *clean = without_controls (value);
  const char *rest = clean;

  if (is_plain_parameter (clean))
    {
      g_string_append_printf (out, ";\r\n %s=\"%s\"", name, clean);
      return;
    }
  for (guint i = 0; *rest != '\0'; i++)
    {
      gsize size = mime_text_measure (rest, PIECE_BYTES / 3);

      g_string_append_printf (out, ";\r\n %s*%u*=%s", name, i, i == 0 ? "utf-8''" : "");
      append_percent (out, rest, size);
      rest += size;
    }
}
