/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/words.h"

#include "mime/charset.h"

#include <string.h>

#define WORD_MAX 8192                      /* RFC 2047 says 75; without a limit, words that never end take
                                            * quadratic time */

typedef struct {
  BaseSlice charset;           /* without RFC 2231 language */
  char      encoding;          /* 'b' or 'q' */
  BaseSlice text;
  gsize     size;              /* of the whole word */
} Word;

static gssize
find_byte (BaseSlice slice,
           gsize     from,
           guint8    byte)
{
  const guint8 *at;

  if (from >= slice.size)
    return -1;
  at = memchr (slice.data + from, byte, slice.size - from);
  return at != NULL ? at - slice.data : -1;
}

/* Where "?=" is at or after from, or -1. */
static gssize
find_end (BaseSlice in,
          gsize     from)
{
  const guint8 *at;

  if (from >= in.size)
    return -1;
  at = memmem (in.data + from, in.size - from, "?=", 2);
  return at != NULL ? at - in.data : -1;
}

static gboolean
is_charset_token (BaseSlice token)
{
  for (gsize i = 0; i < token.size; i++)
    if (!g_ascii_isgraph (token.data[i]) || strchr ("<>()@,;:\"", token.data[i]) != NULL)
      return FALSE;
  return token.size > 0;
}

/* =?charset*language?encoding?text?= */
static gboolean
parse_word (BaseSlice  in,
            Word      *word)
{
  gssize mark, star, end;

  in = base_slice_sub (in, 0, WORD_MAX);
  if (in.size < 8 || in.data[0] != '=' || in.data[1] != '?')
    return FALSE;
  mark = find_byte (base_slice_sub (in, 0, 100), 2, '?');
  if (mark < 0 || (gsize) mark + 2 >= in.size || in.data[mark + 2] != '?')
    return FALSE;
  word->charset = base_slice_sub (in, 2, (gsize) mark - 2);
  word->encoding = g_ascii_tolower (in.data[mark + 1]);
  if (!is_charset_token (word->charset) || (word->encoding != 'b' && word->encoding != 'q'))
    return FALSE;
  if ((end = find_end (in, (gsize) mark + 3)) < 0)
    return FALSE;

  if ((star = find_byte (word->charset, 1, '*')) > 0)
    word->charset.size = (gsize) star;
  word->text = base_slice_sub (in, (gsize) mark + 3, (gsize) (end - mark) - 3);
  word->size = (gsize) end + 2;
  return TRUE;
}

static void
append_q (GString   *out,
          BaseSlice  text)
{
  for (gsize i = 0; i < text.size; i++)
    {
      guint8 byte = text.data[i];

      if (byte == '_')
        g_string_append_c (out, ' ');
      else if (byte == '=' && i + 2 < text.size && g_ascii_isxdigit (text.data[i + 1])
               && g_ascii_isxdigit (text.data[i + 2]))
        {
          g_string_append_c (out, (char) (g_ascii_xdigit_value (text.data[i + 1]) * 16
                                          + g_ascii_xdigit_value (text.data[i + 2])));
          i += 2;
        }
      else
        g_string_append_c (out, (char) byte);
    }
}

static void
append_b (GString   *out,
          BaseSlice  text)
{
  gint state = 0;
  guint save = 0;
  gsize old = out->len;

  g_string_set_size (out, old + text.size / 4 * 3 + 3);
  g_string_set_size (out, old + g_base64_decode_step ((const char *) text.data, text.size,
                                                      (guchar *) out->str + old, &state, &save));
}

/* Bytes waiting to be decoded: adjacent words of one charset go together, since some split characters between
 * them. */
typedef struct {
  GString *out;
  GString *bytes;
  char    *charset;            /* NULL: bytes that stood outside of words */
} Run;

static void
flush (Run *run)
{
  g_autofree char *text = mime_charset_dup_utf8 (base_slice_new (run->bytes->str, run->bytes->len),
                                                 run->charset);

  g_string_append (run->out, text);
  g_string_truncate (run->bytes, 0);
  g_clear_pointer (&run->charset, g_free);
}

static void
append_word (Run        *run,
             const Word *word)
{
  if (run->charset == NULL || !base_slice_equal_nocase (word->charset, run->charset))
    {
      flush (run);
      run->charset = g_strndup ((const char *) word->charset.data, word->charset.size);
    }
  if (word->encoding == 'q')
    append_q (run->bytes, word->text);
  else
    append_b (run->bytes, word->text);
}

static void
append_plain (Run       *run,
              BaseSlice  text)
{
  if (text.size == 0)
    return;
  if (run->charset != NULL)
    flush (run);
  g_string_append_len (run->bytes, (const char *) text.data, (gssize) text.size);
}

static gsize
count_blanks (BaseSlice text)
{
  gsize n = 0;

  while (n < text.size && g_ascii_isspace (text.data[n]))
    n++;
  return n;
}

gsize
mime_words_measure (BaseSlice text)
{
  Word word;

  return parse_word (text, &word) ? word.size : 0;
}

char *
mime_words_decode (BaseSlice text)
{
  Run run = { .out = g_string_sized_new (text.size + 16), .bytes = g_string_sized_new (text.size + 16) };
  gboolean after_word = FALSE;
  gssize start;

  while ((start = find_byte (text, 0, '=')) >= 0)
    {
      BaseSlice before = base_slice_sub (text, 0, (gsize) start);
      BaseSlice rest = base_slice_sub (text, (gsize) start, text.size);
      Word word;

      if (!parse_word (rest, &word))
        {
          append_plain (&run, base_slice_sub (text, 0, (gsize) start + 1));
          text = base_slice_sub (rest, 1, rest.size);
          after_word = FALSE;
          continue;
        }
      /* Blanks between two words are not part of the text. */
      if (!after_word || count_blanks (before) < before.size)
        append_plain (&run, before);
      append_word (&run, &word);
      after_word = TRUE;
      text = base_slice_sub (rest, word.size, rest.size);
    }
  append_plain (&run, text);
  flush (&run);
  g_string_free (run.bytes, TRUE);
  return g_string_free (run.out, FALSE);
}
