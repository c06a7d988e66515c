/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/error.h"
#include "imap/flags.h"

#include <gio/gio.h>

static void
test_codes_are_known (void)
{
  for (guint code = IMAP_CODE_ALERT; code <= IMAP_CODE_UNSEEN; code++)
    {
      const char *name = imap_code_get_name ((ImapCode) code);
      g_autofree char *lower = g_ascii_strdown (name, -1);

      g_assert_cmpuint (imap_code_parse (base_slice_from_string (name)), ==, code);
      g_assert_cmpuint (imap_code_parse (base_slice_from_string (lower)), ==, code);
    }
  g_assert_cmpuint (imap_code_parse (BASE_SLICE_LITERAL ("X-NEW")), ==, IMAP_CODE_UNKNOWN);
  g_assert_cmpuint (imap_code_parse (BASE_SLICE_LITERAL ("")), ==, IMAP_CODE_UNKNOWN);
}

static void
test_error_carries_the_servers_words (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) copy = NULL;

  imap_error_set (&error, IMAP_ERROR_NO, IMAP_CODE_NONEXISTENT,
                  BASE_SLICE_LITERAL ("No such\r\nmailbox \xff"), "Cannot open folder %s", "Archive");
  copy = g_error_copy (error);
  g_assert_error (copy, IMAP_ERROR, IMAP_ERROR_NO);
  g_assert_cmpstr (copy->message, ==, "Cannot open folder Archive");
  g_assert_cmpint (imap_error_get_code (copy), ==, IMAP_CODE_NONEXISTENT);
  g_assert_cmpstr (imap_error_peek_text (copy), ==, "No such  mailbox \ufffd");
}

static void
test_other_errors_carry_none (void)
{
  g_autoptr(GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");

  g_assert_cmpint (imap_error_get_code (error), ==, IMAP_CODE_NONE);
  g_assert_null (imap_error_peek_text (error));
  imap_error_set (NULL, IMAP_ERROR_NO, IMAP_CODE_NONE, BASE_SLICE_LITERAL (""), "Nobody asks");
}

static void
test_flags_are_bits_and_keywords_are_atoms (void)
{
  static const struct { const char *atom; ImapFlags flag; } flags[] = {
    { "\\Seen", IMAP_FLAG_SEEN }, { "\\SEEN", IMAP_FLAG_SEEN }, { "\\answered", IMAP_FLAG_ANSWERED },
    { "\\*", IMAP_FLAG_ANY }, { "\\Recent", IMAP_FLAG_RECENT }, { "Seen", 0 }, { "\\Unknown", 0 }, { "", 0 },
  };
  static const struct { const char *keyword; gboolean is_one; } keywords[] = {
    { "$Forwarded", TRUE }, { "NonJunk", TRUE }, { "", FALSE }, { "a b", FALSE }, { "\\Seen", FALSE },
    { "a)", FALSE }, { "a\r\nA1 LOGOUT", FALSE }, { "a{5}", FALSE }, { "\xc3\xbc", FALSE }, { "a\"b", FALSE },
    { "x]", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (flags); i++)
    g_assert_cmpint (imap_flags_parse (base_slice_from_string (flags[i].atom)), ==, flags[i].flag);
  for (gsize i = 0; i < G_N_ELEMENTS (keywords); i++)
    g_assert_cmpint (imap_flags_is_keyword (keywords[i].keyword), ==, keywords[i].is_one);
  g_assert_cmpstr (imap_flags_get_name (IMAP_FLAG_DELETED), ==, "\\Deleted");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/error/codes-are-known", test_codes_are_known);
  g_test_add_func ("/imap/error/error-carries-the-servers-words", test_error_carries_the_servers_words);
  g_test_add_func ("/imap/error/other-errors-carry-none", test_other_errors_carry_none);
  g_test_add_func ("/imap/flags/flags-are-bits-and-keywords-are-atoms",
                   test_flags_are_bits_and_keywords_are_atoms);
  return g_test_run ();
}
