/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/header.h"

#include <string.h>

static char *
describe (const char *message,
          gsize       size)
{
  g_autoptr(MimeHeader) header = mime_header_new (base_slice_new (message, size));
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < header->fields->len; i++)
    {
      MimeField *field = &g_array_index (header->fields, MimeField, i);
      g_autofree char *value = mime_header_dup_text (field->value);

      g_string_append_printf (out, "%.*s=%s|", (int) field->name.size, (const char *) field->name.data,
                              value);
    }
  g_string_append_printf (out, "%.*s", (int) (size - header->body_offset), message + header->body_offset);
  return g_string_free (out, FALSE);
}

static void
test_split (void)
{
  static const struct { const char *in, *out; } cases[] = {
    { "A: 1\r\nB: 2\r\n\r\nbody", "A=1|B=2|body" },
    { "A: 1\nB: 2\n\nbody", "A=1|B=2|body" },
    { "A: 1\r\n 2\r\n\t3\r\n\r\nbody", "A=1 2 3|body" },
    { "A : 1\n\nbody", "A=1|body" },
    { "A:1\n\nbody", "A=1|body" },
    { "A:\n\nbody", "A=|body" },
    { "A: 1", "A=1|" },
    { "A: 1\n", "A=1|" },
    { "", "" },
    { "\nbody", "body" },
    { "\r\nbody", "body" },
    { "no header at all\nbut text\n", "no header at all\nbut text\n" },
    { "From me Mon Jan 1\nA: 1\n\nbody", "A=1|body" },
    { ">From me Mon Jan 1\nA: 1\n\nbody", "A=1|body" },
    { "A: 1\njunk\nB: 2\n\nbody", "A=1|B=2|body" },
    { "junk\nB: 2\n\nbody", "B=2|body" },
    { "A: 1\nbody without a blank line\nmore\n", "A=1|body without a blank line\nmore\n" },
    { "A: 1\n \nB: 2\n\nbody", "A=1|B=2|body" },
    { " folded first\nA: 1\n\nbody", "A=1|body" },
    { "A: 1\r\r\n\r\r\nbody", "A=1|body" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *out = describe (cases[i].in, strlen (cases[i].in));

      g_assert_cmpstr (out, ==, cases[i].out);
    }
}

static void
test_get (void)
{
  g_autoptr(MimeHeader) header =
    mime_header_new (BASE_SLICE_LITERAL ("SUBJECT: one\nSubject: two\nEmpty:\n\n"));

  g_assert_true (base_slice_equal (base_slice_trim (mime_header_get (header, "Subject")),
                                   BASE_SLICE_LITERAL ("one")));
  g_assert_true (mime_header_has (header, "empty"));
  g_assert_false (mime_header_has (header, "emp"));
  g_assert_cmpuint (mime_header_get (header, "absent").size, ==, 0);
}

static guint
count_fields (guint n)
{
  g_autoptr(GString) in = g_string_new (NULL);
  g_autoptr(MimeHeader) header = NULL;

  for (guint i = 0; i < n; i++)
    g_string_append (in, "A: b\n");
  g_string_append (in, "\nbody");
  header = mime_header_new (base_slice_new (in->str, in->len));
  g_assert_cmpstr (in->str + header->body_offset, ==, "body");
  return header->fields->len;
}

static void
test_limits (void)
{
  g_assert_cmpuint (count_fields (MIME_HEADER_COUNT_MAX - 1), ==, MIME_HEADER_COUNT_MAX - 1);
  g_assert_cmpuint (count_fields (MIME_HEADER_COUNT_MAX), ==, MIME_HEADER_COUNT_MAX);
  g_assert_cmpuint (count_fields (MIME_HEADER_COUNT_MAX + 1), ==, MIME_HEADER_COUNT_MAX);
  g_assert_cmpuint (count_fields (MIME_HEADER_SIZE_MAX / 2), ==, MIME_HEADER_COUNT_MAX);
}

static void
test_harmless (void)
{
  static const struct { const char *in, *out; } cases[] = {
    { "plain", "plain" },
    { "  a \t\r\n b  ", "a b" },
    { "a\x01""b\x7f""c", "a\xef\xbf\xbd""b\xef\xbf\xbd""c" },
    { "a\xc2\x85""b", "a\xef\xbf\xbd""b" },                            /* C1 control */
    { "invoice\xe2\x80\xae""fdp.exe", "invoicefdp.exe" },                /* right-to-left override */
    { "\xe2\x81\xa6x\xe2\x81\xa9", "x" },                              /* isolates */
    { "pay\xe2\x80\x8bpal", "paypal" },                                /* zero-width space */
    { "a\xef\xbb\xbf""b\xc2\xad""c", "abc" },                          /* byte order mark, soft hyphen */
    { "a\xe2\x80\x8d""b", "ab" },                                      /* joiner between Latin letters */
    /* Persian needs it */
    { "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae", "\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xae" },
    { "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9", "\xf0\x9f\x91\xa8\xe2\x80\x8d\xf0\x9f\x91\xa9" },
    { "a\xe2\x80\xa8""b\xc2\xa0""c\xe3\x85\xa4""d", "a b c d" },       /* line separator, no-break space,
                                                                        * Hangul filler */
    { "\xff", "\xef\xbf\xbd" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *out = mime_text_make_harmless (cases[i].in, 1000);
      g_autofree char *again = mime_text_make_harmless (out, 1000);

      g_assert_cmpstr (out, ==, cases[i].out);
      g_assert_cmpstr (again, ==, out);
    }
}

static void
test_harmless_is_cut (void)
{
  static const struct { gsize max; const char *out; } cases[] = {
    { 0, "" }, { 1, "a" }, { 2, "a" }, { 3, "a \xc3\xb6" }, { 4, "a \xc3\xb6z" }, { 5, "a \xc3\xb6z" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *out = mime_text_make_harmless ("a \xc3\xb6z", cases[i].max);

      g_assert_cmpstr (out, ==, cases[i].out);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/header/split", test_split);
  g_test_add_func ("/mime/header/get", test_get);
  g_test_add_func ("/mime/header/limits", test_limits);
  g_test_add_func ("/mime/header/harmless", test_harmless);
  g_test_add_func ("/mime/header/harmless-is-cut", test_harmless_is_cut);
  return g_test_run ();
}
