/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "describe.h"

#include <string.h>

static const ImapLimits limits = { 200, 10, 1000 };

static void
assert_at_every_cut (const char *input,
                     const char *expected)
{
  BaseSlice bytes = base_slice_from_string (input);

  for (gsize cut = 1; cut <= bytes.size; cut++)
    {
      g_autofree char *pieces = describe_pieces (bytes, cut, G_MAXUINT, &limits);

      g_assert_cmpstr (pieces, ==, expected);
    }
  for (gsize portion = 1; portion <= 7; portion++)
    {
      g_autofree char *pieces = describe_pieces (bytes, portion, portion, &limits);

      g_assert_cmpstr (pieces, ==, expected);
    }
}

static void
test_lines_split_anywhere (void)
{
  assert_at_every_cut ("* OK ready\r\n* 3 EXISTS\r\nA1 OK\r\n+ \r\n",
                       "RESPONSE * OK ready\nRESPONSE * 3 EXISTS\nRESPONSE A1 OK\nRESPONSE + \n");
}

static void
test_short_literals_split_anywhere (void)
{
  assert_at_every_cut ("* LIST () \"/\" {5}\r\na\r\nbc\r\n* 1 EXISTS\r\n",
                       "RESPONSE * LIST () \"/\" {5}\\r\\na\\r\\nbc\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("* 1 FETCH (A {0}\r\n B ~{3}\r\n)\r\n C {1+}\r\nx)\r\n",
                       "RESPONSE * 1 FETCH (A {0}\\r\\n B ~{3}\\r\\n)\\r\\n C {1+}\\r\\nx)\n");
}

static void
test_long_literals_are_handed_through (void)
{
  assert_at_every_cut ("* 1 FETCH (UID 5 BODY[] {12}\r\n0123\r\n789012 FLAGS ())\r\nA1 OK\r\n",
                       "BEGIN * 1 FETCH (UID 5 BODY[] {12}\\r\\n 12\n"
                       "DATA 0123\\r\\n789012\n"
                       "RESPONSE * 1 FETCH (UID 5 BODY[] {12}\\r\\n FLAGS ()) gap 30+12\n"
                       "RESPONSE A1 OK\n");
  assert_at_every_cut ("* 1 FETCH (A {11}\r\n01234567890 B {2}\r\nxy C {11}\r\nabcdefghijk)\r\n",
                       "BEGIN * 1 FETCH (A {11}\\r\\n 11\n"
                       "DATA 01234567890\n"
                       "BEGIN * 1 FETCH (A {11}\\r\\n B {2}\\r\\nxy C {11}\\r\\n 11\n"
                       "DATA abcdefghijk\n"
                       "RESPONSE * 1 FETCH (A {11}\\r\\n B {2}\\r\\nxy C {11}\\r\\n) gap 19+11 gap 38+11\n");
}

static void
test_text_that_looks_like_a_literal_is_text (void)
{
  assert_at_every_cut ("* OK see {5}\r\n* 1 EXISTS\r\n", "RESPONSE * OK see {5}\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("* ok[ALERT] see {5}\r\n* 1 EXISTS\r\n",
                       "RESPONSE * ok[ALERT] see {5}\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("A1 NO see {5}\r\n* 1 EXISTS\r\n", "RESPONSE A1 NO see {5}\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("+ see {5}\r\n* 1 EXISTS\r\n", "RESPONSE + see {5}\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("* LIST () \"/\" a{5}\r\n* 1 EXISTS\r\n",
                       "RESPONSE * LIST () \"/\" a{5}\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("* LIST () \"/\" {}\r\n* 1 EXISTS\r\n",
                       "RESPONSE * LIST () \"/\" {}\nRESPONSE * 1 EXISTS\n");
  assert_at_every_cut ("* LIST () \"/\" {-1}\r\n* 1 EXISTS\r\n",
                       "RESPONSE * LIST () \"/\" {-1}\nRESPONSE * 1 EXISTS\n");
  /* The literal ends in what looks like the head of another one. */
  assert_at_every_cut ("* X {4}\r\n {5}\r\n* 1 EXISTS\r\n",
                       "RESPONSE * X {4}\\r\\n {5}\nRESPONSE * 1 EXISTS\n");
}

static void
test_careless_line_ends (void)
{
  assert_at_every_cut ("* 1 EXISTS\n\r\n\n* 2 EXISTS\r\n", "RESPONSE * 1 EXISTS\nRESPONSE * 2 EXISTS\n");
  assert_at_every_cut ("* X {3}\nabc\n* 2 EXISTS\n", "RESPONSE * X {3}\\nabc\nRESPONSE * 2 EXISTS\n");
  assert_at_every_cut ("* X BODY[]{3}\r\nabc\r\n", "RESPONSE * X BODY[]{3}\\r\\nabc\n");
  assert_at_every_cut ("* a\rb\r\n", "RESPONSE * a\\rb\n");
}

/* limit - 1, limit and limit + 1 of each limit; the announced size alone is never believed. */
static void
test_limits_hold (void)
{
  for (gsize size = 198; size <= 202; size++)
    {
      g_autofree char *line = g_strnfill (size, 'x');
      g_autofree char *literal = g_strnfill (8, 'y');
      g_autofree char *one_line = g_strconcat ("* ", line + 4, "\r\n", NULL);
      g_autofree char *without_end = g_strconcat ("* ", line + 2, NULL);
      g_autofree char *with_literal = g_strconcat ("* ", line + 2 + 6 + 8 + 3, " {8}\r\n", literal, "\r\n",
                                                   NULL);

      for (gsize cut = 1; cut < 220; cut += 13)
        {
          g_autofree char *a = describe_pieces (base_slice_from_string (one_line), cut, cut, &limits);
          g_autofree char *b = describe_pieces (base_slice_from_string (without_end), cut, cut, &limits);
          g_autofree char *c = describe_pieces (base_slice_from_string (with_literal), cut, cut, &limits);

          g_assert_cmpint (g_str_has_prefix (a, "RESPONSE"), ==, size <= 200);
          g_assert_cmpint (g_str_has_suffix (b, "TOO LONG\n"), ==, size > 200);
          g_assert_cmpint (g_str_has_prefix (c, "RESPONSE"), ==, strlen (with_literal) <= 200);
        }
    }
}

static void
test_literal_sizes_are_limited (void)
{
  static const struct { const char *size; const char *begins; } cases[] = {
    { "9", "" },
    { "10", "" },
    { "11", "BEGIN * 1 FETCH ({11}" },
    { "999", "BEGIN" },
    { "1000", "BEGIN" },
    { "1001", "TOO LONG" },
    { "4294967295", "TOO LONG" },
    { "4294967296", "TOO LONG" },
    { "2147483648+", "TOO LONG" },
    { "18446744073709551615", "TOO LONG" },
    { "18446744073709551616", "TOO LONG" },
    { "99999999999999999999999999999999", "TOO LONG" },
    { "0000000000000000000000000000000012",
      "BEGIN * 1 FETCH ({0000000000000000000000000000000012}\\r\\n 12" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *input = g_strdup_printf ("* 1 FETCH ({%s}\r\n", cases[i].size);
      g_autofree char *pieces = describe_pieces (base_slice_from_string (input), G_MAXUINT, 1, &limits);

      g_assert_true (g_str_has_prefix (pieces, cases[i].begins));
      g_assert_cmpint (pieces[0] == '\0', ==, cases[i].begins[0] == '\0');
    }
}

/* Short literals add up to the limit of a response as its text does. */
static void
test_many_short_literals_are_limited (void)
{
  g_autoptr(GString) input = g_string_new ("* X");
  g_autofree char *pieces = NULL;

  for (guint i = 0; i < 50; i++)
    g_string_append (input, " {10}\r\n0123456789");
  pieces = describe_pieces (base_slice_new (input->str, input->len), G_MAXUINT, 1, &limits);
  g_assert_cmpstr (pieces, ==, "TOO LONG\n");
}

static void
test_reset_forgets_half_a_response (void)
{
  g_autoptr(ImapFramer) framer = imap_framer_new (&limits);
  static const char * const halves[] = { "* 1 FET", "* X {5}\r\nab", "* 1 FETCH ({50}\r\n",
                                         "* 1 FETCH ({50}\r\nabc" };

  for (gsize i = 0; i < G_N_ELEMENTS (halves); i++)
    {
      BaseSlice half = base_slice_from_string (halves[i]), whole = BASE_SLICE_LITERAL ("A1 OK\r\n");
      ImapPiece piece;

      while (half.size > 0)
        g_assert_true (imap_framer_take (framer, &half, &piece, NULL));
      imap_framer_reset (framer);
      g_assert_true (imap_framer_take (framer, &whole, &piece, NULL));
      g_assert_cmpint (piece.kind, ==, IMAP_PIECE_RESPONSE);
      g_assert_true (base_slice_equal (piece.frame.text, BASE_SLICE_LITERAL ("A1 OK")));
      g_assert_cmpuint (piece.frame.n_gaps, ==, 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/framer/lines-split-anywhere", test_lines_split_anywhere);
  g_test_add_func ("/imap/framer/short-literals-split-anywhere", test_short_literals_split_anywhere);
  g_test_add_func ("/imap/framer/long-literals-are-handed-through", test_long_literals_are_handed_through);
  g_test_add_func ("/imap/framer/text-that-looks-like-a-literal-is-text",
                   test_text_that_looks_like_a_literal_is_text);
  g_test_add_func ("/imap/framer/careless-line-ends", test_careless_line_ends);
  g_test_add_func ("/imap/framer/limits-hold", test_limits_hold);
  g_test_add_func ("/imap/framer/literal-sizes-are-limited", test_literal_sizes_are_limited);
  g_test_add_func ("/imap/framer/many-short-literals-are-limited", test_many_short_literals_are_limited);
  g_test_add_func ("/imap/framer/reset-forgets-half-a-response", test_reset_forgets_half_a_response);
  return g_test_run ();
}
