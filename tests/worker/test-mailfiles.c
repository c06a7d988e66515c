/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/mailfiles.h"

#include "store/flags.h"

#include <string.h>

static void
test_names_are_single_levels_of_a_path (void)
{
  static const struct { const char *name; const char *escaped; } cases[] = {
    { "INBOX", "INBOX" }, { "Entwürfe & Co", "Entwürfe & Co" }, { "日本語", "日本語" },
    { "", "%" }, { ".", "%2E" }, { "..", "%2E%2E" }, { "../../etc", "%2E.%2F..%2Fetc" },
    { ".hidden", "%2Ehidden" }, { "-rf", "%2Drf" }, { "a/b", "a%2Fb" },
    { "a\\b:c*?\"<>|", "a%5Cb%3Ac%2A%3F%22%3C%3E%7C" }, { "100%", "100%25" }, { " a ", "%20a%20" },
    { "a.", "a%2E" }, { "a\nb\x7f", "a%0Ab%7F" }, { "cur", "cur%" }, { "new", "new%" }, { "tmp", "tmp%" },
    { "x.mbox", "x.mbox%" }, { "x.eml", "x.eml%" }, { "index.tsv", "index.tsv%" },
    { "dovecot-keywords", "dovecot-keywords%" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = worker_mailfiles_escape (cases[i].name);

      g_assert_cmpstr (escaped, ==, cases[i].escaped);
    }
}

/* Any bytes: one level, short, visible, valid UTF-8, and never what another name gives. */
static void
test_any_name_can_be_written (void)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (1);
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr(GString) name = g_string_new (NULL);
      g_autofree char *valid = NULL;
      char *escaped;

      for (guint n = (guint) g_rand_int_range (random, 0, round % 10 == 0 ? 400 : 12); n > 0; n--)
        g_string_append_c (name, g_rand_boolean (random)
                           ? "./%- \\a"[n % 7] : (char) g_rand_int_range (random, 1, 256));
      valid = g_utf8_make_valid (name->str, -1);
      escaped = worker_mailfiles_escape (valid);
      g_assert_cmpuint (strlen (escaped), >, 0);
      g_assert_cmpuint (strlen (escaped), <=, 240);
      g_assert_null (strchr (escaped, '/'));
      g_assert_true (escaped[0] != '.' && escaped[0] != '-' && g_utf8_validate (escaped, -1, NULL));
      if (g_hash_table_contains (seen, escaped))
        g_assert_cmpstr (g_hash_table_lookup (seen, escaped), ==, valid);
      g_hash_table_replace (seen, escaped, g_strdup (valid));
    }
}

static void
test_flags_and_keywords_come_back (void)
{
  static const char * const keywords[] = { "work", "home", NULL };

  for (guint flags = 0; flags <= STORE_FLAGS_ALL; flags++)
    {
      g_auto(GStrv) words = worker_mailfiles_dup_words (flags, keywords);
      g_autoptr(GPtrArray) table = g_ptr_array_new_with_free_func (g_free);
      g_auto(GStrv) again = NULL, read = NULL;
      g_autofree char *info = NULL, *name = NULL;
      guint n_left_out, read_flags;

      info = worker_mailfiles_dup_info ((const char * const *) words, table, &n_left_out);
      g_assert_cmpuint (n_left_out, ==, 0);
      name = g_strdup_printf ("1.2.penfold:2,%s", info);
      again = worker_mailfiles_read_info (name, table);
      worker_mailfiles_read_words ((const char * const *) again, &read_flags, &read);
      g_assert_cmpuint (read_flags, ==, flags);
      g_assert_cmpuint (g_strv_length (read), ==, 2);
      g_assert_true (g_strv_contains ((const char * const *) read, "work")
                     && g_strv_contains ((const char * const *) read, "home"));
    }
}

static void
test_a_maildir_has_room_for_26_keywords (void)
{
  g_autoptr(GPtrArray) table = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < 28; i++)
    {
      g_autofree char *word = g_strdup_printf ("k%u", i);
      const char * const words[] = { word, "\\Seen", NULL };
      guint n_left_out;
      g_autofree char *info = worker_mailfiles_dup_info (words, table, &n_left_out);

      g_assert_cmpuint (n_left_out, ==, i >= 26);
      g_assert_cmpint (info[0], ==, 'S');
      g_assert_cmpint (info[1], ==, i < 26 ? 'a' + (int) i : '\0');
    }
}

static void
test_strange_file_names_say_nothing (void)
{
  static const char * const names[] = { "x", "x:1,S", "x:2,", "x:2", ":2,?!z", "x:2,S:3" };
  g_autoptr(GPtrArray) table = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_auto(GStrv) words = worker_mailfiles_read_info (names[i], table);

      g_assert_cmpuint (g_strv_length (words), ==, 0);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/mailfiles/names-are-single-levels-of-a-path",
                   test_names_are_single_levels_of_a_path);
  g_test_add_func ("/worker/mailfiles/any-name-can-be-written", test_any_name_can_be_written);
  g_test_add_func ("/worker/mailfiles/flags-and-keywords-come-back", test_flags_and_keywords_come_back);
  g_test_add_func ("/worker/mailfiles/a-maildir-has-room-for-26-keywords",
                   test_a_maildir_has_room_for_26_keywords);
  g_test_add_func ("/worker/mailfiles/strange-file-names-say-nothing", test_strange_file_names_say_nothing);
  return g_test_run ();
}
