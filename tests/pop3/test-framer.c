/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pop3/error.h"
#include "pop3/framer.h"

#include <string.h>

/* What comes out, as text: "(line)" for lines, the bodies as they are, "." for the end, "!" for a
 * failure.  After a status line follows what expect says. */
static void
feed (Pop3Framer *framer,
      Pop3Expect  expect,
      BaseSlice   input,
      GString    *out)
{
  g_autoptr(GError) error = NULL;
  BaseSlice piece;

  while (TRUE)
    switch (pop3_framer_take (framer, &input, &piece, &error))
      {
      case POP3_FRAME_FAILED:
        g_assert_error (error, POP3_ERROR, POP3_ERROR_TOO_LONG);
        g_string_append_c (out, '!');
        return;
      case POP3_FRAME_MORE:
        g_assert_cmpuint (input.size, ==, 0);
        return;
      case POP3_FRAME_LINE:
        g_string_append_c (out, '(');
        g_string_append_len (out, (const char *) piece.data, (gssize) piece.size);
        g_string_append_c (out, ')');
        if (base_slice_starts_with_nocase (piece, "+OK"))
          pop3_framer_expect (framer, expect);
        break;
      case POP3_FRAME_DATA:
        g_assert_cmpuint (piece.size, >, 0);
        g_string_append_len (out, (const char *) piece.data, (gssize) piece.size);
        break;
      case POP3_FRAME_END:
        g_string_append_c (out, '.');
        pop3_framer_expect (framer, POP3_EXPECT_STATUS);
        break;
      }
}

/* Whole, cut into two anywhere, and byte for byte. */
static void
assert_frames (Pop3Expect  expect,
               BaseSlice   input,
               const char *expected)
{
  for (gsize step = 1; step <= input.size; step++)
    {
      g_autoptr(Pop3Framer) framer = pop3_framer_new ();
      g_autoptr(GString) out = g_string_new (NULL);

      for (gsize at = 0; at < input.size; at += step)
        feed (framer, expect, base_slice_sub (input, at, step), out);
      g_assert_cmpstr (out->str, ==, expected);
    }
  for (gsize cut = 1; cut < input.size; cut++)
    {
      g_autoptr(Pop3Framer) framer = pop3_framer_new ();
      g_autoptr(GString) out = g_string_new (NULL);

      feed (framer, expect, base_slice_sub (input, 0, cut), out);
      feed (framer, expect, base_slice_sub (input, cut, input.size), out);
      g_assert_cmpstr (out->str, ==, expected);
    }
}

typedef struct {
  const char *input;
  const char *expected;
} Case;

static void
assert_cases (Pop3Expect  expect,
              const Case *cases,
              gsize       n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    assert_frames (expect, base_slice_from_string (cases[i].input), cases[i].expected);
}

static void
test_status_lines (void)
{
  static const Case cases[] = {
    { "+OK\r\n", "(+OK)" },
    { "+OK a\r\n-ERR b\r\n", "(+OK a)(-ERR b)" },
    { "+OK a\n-ERR b\n", "(+OK a)(-ERR b)" },
    { "\r\n\n", "()()" },
    { "a\rb\r\r\n", "(a\rb\r)" },
    { "not ended", "" },
  };

  assert_cases (POP3_EXPECT_STATUS, cases, G_N_ELEMENTS (cases));
}

static void
test_rows (void)
{
  static const Case cases[] = {
    { "+OK\r\n.\r\n", "(+OK)." },
    { "+OK\r\n1 a\r\n2 b\r\n.\r\n-ERR\r\n", "(+OK)(1 a)(2 b).(-ERR)" },
    { "+OK\r\n..\r\n..x\r\n.\r\n", "(+OK)(.)(.x)." },
    { "+OK\n1 a\n.\n", "(+OK)(1 a)." },
    { "+OK\r\n1 a\n.\n", "(+OK)(1 a)." },
    { "-ERR\r\n1 a\r\n", "(-ERR)(1 a)" },
  };

  assert_cases (POP3_EXPECT_ROWS, cases, G_N_ELEMENTS (cases));
}

static void
test_bodies (void)
{
  static const Case cases[] = {
    { "+OK\r\n.\r\n+OK\r\n.\r\n", "(+OK).(+OK)." },
    { "+OK\r\nA: b\r\n\r\ntext\r\n.\r\n", "(+OK)A: b\r\n\r\ntext\r\n." },
    { "+OK\r\n..\r\n..a\r\n...b\r\n.\r\n", "(+OK).\r\n.a\r\n..b\r\n." },
    { "+OK\r\na.\r\nb..c\r\n.\r\n", "(+OK)a.\r\nb..c\r\n." },
    /* A dot that nobody doubled. */
    { "+OK\r\n.a\r\n.\r\n", "(+OK)a\r\n." },
    { "+OK\r\n.\rx\r\n.\r\n", "(+OK)\rx\r\n." },
    { "+OK\r\n.\r\r\n.\r\n", "(+OK)\r\r\n." },
    /* Bytes stay as they are. */
    { "+OK\r\na\rb\r\r\nc\nd\r\n.\r\n", "(+OK)a\rb\r\r\nc\nd\r\n." },
    { "+OK\r\nnot ended", "(+OK)not ended" },
  };

  assert_cases (POP3_EXPECT_BODY, cases, G_N_ELEMENTS (cases));
}

static void
test_nul_passes (void)
{
  g_autoptr(Pop3Framer) framer = pop3_framer_new ();
  g_autoptr(GString) out = g_string_new (NULL);

  feed (framer, POP3_EXPECT_BODY, BASE_SLICE_LITERAL ("+OK\r\na\0b\r\n.\r\n"), out);
  g_assert_cmpmem (out->str, out->len, "(+OK)a\0b\r\n.", 11);
}

static void
test_lf_server_is_understood (void)
{
  static const Case cases[] = {
    { "+OK\na\n\n..b\n.\n-ERR\n", "(+OK)a\n\n.b\n.(-ERR)" },
    { "+OK\na\n.\r\n-ERR\n", "(+OK)a\n.(-ERR)" },
    { "+OK\n.\n", "(+OK)." },
  };

  assert_cases (POP3_EXPECT_BODY, cases, G_N_ELEMENTS (cases));
}

/* A sender who writes LF . LF must not be able to end his message early and to speak for the server. */
static void
test_lf_in_a_body_ends_nothing (void)
{
  static const Case cases[] = {
    { "+OK\r\na\n.\n+OK forged\r\n.\r\n", "(+OK)a\n.\n+OK forged\r\n." },
    { "+OK\r\na\n.\r\n+OK forged\r\n.\r\n", "(+OK)a\n.\r\n+OK forged\r\n." },
    { "+OK\r\na\r\n.\n.\r\n", "(+OK)a\r\n\n.\r\n" },
    { "+OK\r\n.\nb\r\n.\r\n", "(+OK)\nb\r\n." },
    { "+OK\r\na\n..b\r\n.\r\n", "(+OK)a\n..b\r\n." },
  };

  assert_cases (POP3_EXPECT_BODY, cases, G_N_ELEMENTS (cases));
}

static void
test_line_limit (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autofree char *text = g_strnfill (POP3_LINE_MAX - 2 + over, 'x');
      g_autofree char *line = g_strconcat (text, "\r\n", NULL);
      g_autofree char *expected = over > 0 ? g_strdup ("!") : g_strdup_printf ("(%s)", text);
      const gsize steps[] = { 1, 100, POP3_LINE_MAX - 1, POP3_LINE_MAX, POP3_LINE_MAX + 1 };

      for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
        {
          g_autoptr(Pop3Framer) framer = pop3_framer_new ();
          g_autoptr(GString) out = g_string_new (NULL);
          BaseSlice input = base_slice_from_string (line);

          for (gsize at = 0; at < input.size && !g_str_has_suffix (out->str, "!"); at += steps[i])
            feed (framer, POP3_EXPECT_STATUS, base_slice_sub (input, at, steps[i]), out);
          g_assert_cmpstr (out->str, ==, expected);
        }
    }
}

static void
test_line_without_end_is_refused (void)
{
  g_autoptr(Pop3Framer) framer = pop3_framer_new ();
  g_autoptr(GString) out = g_string_new (NULL);
  g_autofree char *text = g_strnfill (200000, 'x');

  feed (framer, POP3_EXPECT_STATUS, base_slice_from_string (text), out);
  g_assert_cmpstr (out->str, ==, "!");
}

static void
test_body_lines_have_no_limit (void)
{
  g_autofree char *text = g_strnfill (POP3_LINE_MAX * 3, 'x');
  g_autofree char *input = g_strconcat ("+OK\r\n", text, "\r\n.\r\n", NULL);
  g_autofree char *expected = g_strconcat ("(+OK)", text, "\r\n.", NULL);
  g_autoptr(Pop3Framer) framer = pop3_framer_new ();
  g_autoptr(GString) out = g_string_new (NULL);

  for (gsize at = 0; at < strlen (input); at += 1000)
    feed (framer, POP3_EXPECT_BODY, base_slice_sub (base_slice_from_string (input), at, 1000), out);
  g_assert_cmpstr (out->str, ==, expected);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pop3/framer/status-lines", test_status_lines);
  g_test_add_func ("/pop3/framer/rows", test_rows);
  g_test_add_func ("/pop3/framer/bodies", test_bodies);
  g_test_add_func ("/pop3/framer/nul-passes", test_nul_passes);
  g_test_add_func ("/pop3/framer/lf-server-is-understood", test_lf_server_is_understood);
  g_test_add_func ("/pop3/framer/lf-in-a-body-ends-nothing", test_lf_in_a_body_ends_nothing);
  g_test_add_func ("/pop3/framer/line-limit", test_line_limit);
  g_test_add_func ("/pop3/framer/line-without-end-is-refused", test_line_without_end_is_refused);
  g_test_add_func ("/pop3/framer/body-lines-have-no-limit", test_body_lines_have_no_limit);
  return g_test_run ();
}
