/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/body.h"

#include <string.h>

static SmtpBody
write_in_steps (BaseSlice   input,
                gsize       step,
                GByteArray *out)
{
  SmtpBody body = SMTP_BODY_INIT;

  for (gsize at = 0; at < input.size; at += step)
    smtp_body_write (&body, base_slice_sub (input, at, step), out);
  smtp_body_finish (&body, out);
  return body;
}

static void
assert_written (BaseSlice input,
                BaseSlice expected)
{
  for (gsize step = 1; step <= input.size + 1; step++)
    {
      g_autoptr(GByteArray) out = g_byte_array_new ();
      SmtpBody written = write_in_steps (input, step, out);
      SmtpBody counted = write_in_steps (input, step, NULL);

      g_assert_cmpmem (out->data, out->len, expected.data, expected.size);
      g_assert_cmpuint (counted.size, ==, written.size);
      g_assert_cmpuint (counted.longest_line, ==, written.longest_line);
    }
}

static void
test_line_ends_and_dots (void)
{
  static const struct { const char *input; const char *expected; } cases[] = {
    { "", "" },
    { "a", "a\r\n" },
    { "a\r\n", "a\r\n" },
    { "a\n", "a\r\n" },
    { "a\r", "a\r\n" },
    { "a\r\nb\nc\rd", "a\r\nb\r\nc\r\nd\r\n" },
    { "\n\n", "\r\n\r\n" },
    { "\r\r\n", "\r\n\r\n" },
    { "\r\n\r\n", "\r\n\r\n" },
    { "\n\r\n", "\r\n\r\n" },
    { ".", "..\r\n" },
    { ".\r\n", "..\r\n" },
    { "a\r\n.\r\nb", "a\r\n..\r\nb\r\n" },
    { "..a\r\n.b\r\nc.d\r\n", "...a\r\n..b\r\nc.d\r\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_written (base_slice_from_string (cases[i].input), base_slice_from_string (cases[i].expected));
}

/* Whatever one server takes for a line end, no line of the output is a lone dot. */
static void
test_nothing_smuggles_an_end (void)
{
  static const char * const ends[] = { "\n", "\r", "\r\n", "\r\r\n", "\n\r", "\r\n\r" };

  for (gsize before = 0; before < G_N_ELEMENTS (ends); before++)
    for (gsize after = 0; after < G_N_ELEMENTS (ends); after++)
      {
        g_autofree char *input = g_strconcat ("a", ends[before], ".", ends[after], "MAIL FROM:<eve>", NULL);
        g_autoptr(GByteArray) out = g_byte_array_new ();
        g_autofree char *text = NULL;
        g_auto(GStrv) lines = NULL;

        write_in_steps (base_slice_from_string (input), 1, out);
        text = g_strndup ((const char *) out->data, out->len);
        lines = g_strsplit (text, "\r\n", -1);
        for (gsize i = 0; lines[i] != NULL; i++)
          {
            g_assert_cmpstr (lines[i], !=, ".");
            g_assert_null (strpbrk (lines[i], "\r\n"));
          }
      }
}

static void
test_facts (void)
{
  static const struct {
    const char *input;
    guint64     size;
    guint64     longest;
    gboolean    bit8;
    gboolean    header;
  } cases[] = {
    { "", 0, 0, FALSE, FALSE },
    { "A: b\n\n.c", 12, 4, FALSE, FALSE },
    { "A: b\r\n\r\nd\xc3\xa9j\xc3\xa0\r\n", 16, 6, TRUE, FALSE },
    { "A: d\xc3\xa9\r\n\r\nb\r\n", 13, 6, TRUE, TRUE },
    { "no header \xc3\xa9", 14, 12, TRUE, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SmtpBody body = write_in_steps (base_slice_from_string (cases[i].input), 1, NULL);

      g_assert_cmpuint (body.size, ==, cases[i].size);
      g_assert_cmpuint (body.longest_line, ==, cases[i].longest);
      g_assert_cmpint (body.has_8bit, ==, cases[i].bit8);
      g_assert_cmpint (body.has_8bit_header, ==, cases[i].header);
      g_assert_false (body.has_nul);
    }
}

static void
test_nul_is_noticed (void)
{
  SmtpBody body = write_in_steps (BASE_SLICE_LITERAL ("A: b\r\n\r\nc\0d\r\n"), 3, NULL);

  g_assert_true (body.has_nul);
  g_assert_false (body.has_8bit);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smtp/body/line-ends-and-dots", test_line_ends_and_dots);
  g_test_add_func ("/smtp/body/nothing-smuggles-an-end", test_nothing_smuggles_an_end);
  g_test_add_func ("/smtp/body/facts", test_facts);
  g_test_add_func ("/smtp/body/nul-is-noticed", test_nul_is_noticed);
  return g_test_run ();
}
