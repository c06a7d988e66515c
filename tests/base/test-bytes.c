/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/bytes.h"

static void
test_parse_uint (void)
{
  static const struct { const char *text; guint64 max; gboolean ok; guint64 value; } cases[] = {
    { "0", 10, TRUE, 0 },
    { "10", 10, TRUE, 10 },
    { "11", 10, FALSE, 0 },
    { "", 10, FALSE, 0 },
    { "-1", 10, FALSE, 0 },
    { " 1", 10, FALSE, 0 },
    { "1a", 10, FALSE, 0 },
    { "4294967295", G_MAXUINT32, TRUE, G_MAXUINT32 },
    { "4294967296", G_MAXUINT32, FALSE, 0 },
    { "18446744073709551615", G_MAXUINT64, TRUE, G_MAXUINT64 },
    { "18446744073709551616", G_MAXUINT64, FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint64 value = 0;

      g_assert_cmpint (base_slice_parse_uint (base_slice_from_string (cases[i].text), cases[i].max, &value),
                       ==, cases[i].ok);
      g_assert_cmpuint (value, ==, cases[i].value);
    }
}

static void
test_sub_is_clamped (void)
{
  BaseSlice slice = BASE_SLICE_LITERAL ("hello");

  g_assert_true (base_slice_equal (base_slice_sub (slice, 1, 3), BASE_SLICE_LITERAL ("ell")));
  g_assert_true (base_slice_equal (base_slice_sub (slice, 3, 99), BASE_SLICE_LITERAL ("lo")));
  g_assert_cmpuint (base_slice_sub (slice, 99, 1).size, ==, 0);
}

static void
test_text_is_harmless (void)
{
  g_autofree char *text = base_slice_dup_text (BASE_SLICE_LITERAL ("a\r\nb\xff\x1b[0m"));

  g_assert_cmpstr (text, ==, "a  b\xef\xbf\xbd [0m");
}

static void
test_string_has_no_nul (void)
{
  g_autofree char *whole = base_slice_dup_string (BASE_SLICE_LITERAL ("ab"));

  g_assert_cmpstr (whole, ==, "ab");
  g_assert_null (base_slice_dup_string (BASE_SLICE_LITERAL ("a\0b")));
}

static void
test_compare (void)
{
  g_assert_true (base_slice_equal_nocase (BASE_SLICE_LITERAL ("InBoX"), "INBOX"));
  g_assert_false (base_slice_equal_nocase (BASE_SLICE_LITERAL ("InBo"), "INBOX"));
  g_assert_true (base_slice_starts_with_nocase (BASE_SLICE_LITERAL ("auth=PLAIN"), "AUTH="));
  g_assert_true (base_slice_equal (base_slice_trim (BASE_SLICE_LITERAL (" \t x \r\n")),
                                   BASE_SLICE_LITERAL ("x")));
  g_assert_cmpint (base_slice_hash64 (BASE_SLICE_LITERAL ("a")), !=,
                   base_slice_hash64 (BASE_SLICE_LITERAL ("b")));
}

static void
test_an_empty_slice_may_have_no_data (void)
{
  BaseSlice empty = { NULL, 0 };
  g_autofree char *text = base_slice_dup_text (empty);
  g_autofree char *string = base_slice_dup_string (empty);

  g_assert_cmpstr (text, ==, "");
  g_assert_cmpstr (string, ==, "");
  g_assert_cmpuint (base_slice_sub (empty, 1, 1).size, ==, 0);
  g_assert_cmpuint (base_slice_trim (empty).size, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/bytes/parse-uint", test_parse_uint);
  g_test_add_func ("/base/bytes/sub-is-clamped", test_sub_is_clamped);
  g_test_add_func ("/base/bytes/text-is-harmless", test_text_is_harmless);
  g_test_add_func ("/base/bytes/string-has-no-nul", test_string_has_no_nul);
  g_test_add_func ("/base/bytes/compare", test_compare);
  g_test_add_func ("/base/bytes/an-empty-slice-may-have-no-data", test_an_empty_slice_may_have_no_data);
  return g_test_run ();
}
