/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/mailfiles.h"

#include "store/flags.h"

#include <string.h>

#define NAME_MAX_BYTES 180          /* with suffix below the 255 that a file system takes */
#define N_LETTERS      26

static const struct { guint flag; const char *word; char letter; } flag_words[] = {
  { STORE_FLAG_DRAFT,     "\\Draft",    'D' },
  { STORE_FLAG_FLAGGED,   "\\Flagged",  'F' },
  { STORE_FLAG_FORWARDED, "$Forwarded", 'P' },
  { STORE_FLAG_ANSWERED,  "\\Answered", 'R' },
  { STORE_FLAG_SEEN,      "\\Seen",     'S' },
  { STORE_FLAG_DELETED,   "\\Deleted",  'T' },
  { STORE_FLAG_MDN_SENT,  "$MDNSent",   0 },
  { STORE_FLAG_JUNK,      "$Junk",      0 },
  { STORE_FLAG_NOT_JUNK,  "$NotJunk",   0 },
  { STORE_FLAG_PHISHING,  "$Phishing",  0 },
};

char **
worker_mailfiles_dup_words (guint               flags,
                            const char * const *keywords)
{
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if ((flags & flag_words[i].flag) != 0)
      g_strv_builder_add (words, flag_words[i].word);
  g_strv_builder_addv (words, (const char **) keywords);
  return g_strv_builder_end (words);
}

static guint
find_flag (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if (g_ascii_strcasecmp (flag_words[i].word, word) == 0)
      return flag_words[i].flag;
  return 0;
}

void
worker_mailfiles_read_words (const char * const *words,
                             guint              *flags,
                             char             ***keywords)
{
  g_autoptr(GStrvBuilder) rest = g_strv_builder_new ();

  *flags = 0;
  for (guint i = 0; words[i] != NULL; i++)
    {
      guint flag = find_flag (words[i]);

      *flags |= flag;
      if (flag == 0 && words[i][0] != '\\' && words[i][0] != '\0')
        g_strv_builder_add (rest, words[i]);
    }
  *keywords = g_strv_builder_end (rest);
}

/* --- names --- */

static gboolean
is_reserved (const char *name)
{
  static const char * const names[] = { "cur", "new", "tmp", "", NULL };

  return g_strv_contains (names, name) || g_str_has_suffix (name, ".mbox") || g_str_has_suffix (name, ".eml")
         || g_str_has_suffix (name, ".tsv") || g_str_has_suffix (name, "-keywords");
}

static gboolean
is_plain (const char *c,
          gboolean    is_first,
          gboolean    is_last)
{
  if ((guchar) *c < ' ' || *c == 0x7f || strchr ("/\\%:*?\"<>|", *c) != NULL)
    return FALSE;
  return !(is_first && (*c == '.' || *c == '-')) && !((is_first || is_last) && *c == ' ')
         && !(is_last && *c == '.');
}

char *
worker_mailfiles_escape (const char *name)
{
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autoptr(GString) out = g_string_new (NULL);

  for (const char *c = valid; *c != '\0'; c++)
    if (is_plain (c, c == valid, c[1] == '\0'))
      g_string_append_c (out, *c);
    else
      g_string_append_printf (out, "%%%02X", (guchar) *c);
  if (is_reserved (out->str))
    g_string_append (out, "%");
  if (out->len > NAME_MAX_BYTES)
    {
      g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
      const char *cut = g_utf8_find_prev_char (out->str, out->str + NAME_MAX_BYTES - 20);

      g_string_truncate (out, (gsize) (cut - out->str));
      g_string_append_printf (out, "%%%.16s", hash);
    }
  return g_string_free (g_steal_pointer (&out), FALSE);
}

/* --- Maildir --- */

static int
find_letter (GPtrArray  *keywords,
             const char *word)
{
  guint index;

  for (gsize i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if (flag_words[i].letter != 0 && g_ascii_strcasecmp (flag_words[i].word, word) == 0)
      return flag_words[i].letter;
  if (!g_ptr_array_find_with_equal_func (keywords, word, g_str_equal, &index))
    {
      index = keywords->len;
      if (index < N_LETTERS)
        g_ptr_array_add (keywords, g_strdup (word));
    }
  return index < N_LETTERS ? 'a' + (int) index : 0;
}

static int
compare_letters (gconstpointer one,
                 gconstpointer other)
{
  return *(const char *) one - *(const char *) other;
}

char *
worker_mailfiles_dup_info (const char * const *words,
                           GPtrArray          *keywords,
                           guint              *n_left_out)
{
  g_autoptr(GArray) letters = g_array_new (TRUE, FALSE, 1);

  *n_left_out = 0;
  for (guint i = 0; words[i] != NULL; i++)
    {
      char letter = (char) find_letter (keywords, words[i]);

      if (letter != 0)
        g_array_append_val (letters, letter);
      else
        ++*n_left_out;
    }
  g_array_sort (letters, compare_letters);
  return g_strdup (letters->len > 0 ? letters->data : "");
}

static const char *
get_word (char       letter,
          GPtrArray *keywords)
{
  for (gsize i = 0; i < G_N_ELEMENTS (flag_words); i++)
    if (flag_words[i].letter != 0 && flag_words[i].letter == letter)
      return flag_words[i].word;
  return letter >= 'a' && letter <= 'z' && (guint) (letter - 'a') < keywords->len
         ? keywords->pdata[letter - 'a'] : NULL;
}

char **
worker_mailfiles_read_info (const char *file_name,
                            GPtrArray  *keywords)
{
  g_autoptr(GStrvBuilder) words = g_strv_builder_new ();
  const char *info = strrchr (file_name, ':');

  for (const char *c = info != NULL && g_str_has_prefix (info, ":2,") ? info + 3 : ""; *c != '\0'; c++)
    if (get_word (*c, keywords) != NULL)
      g_strv_builder_add (words, get_word (*c, keywords));
  return g_strv_builder_end (words);
}
