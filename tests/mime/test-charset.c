/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/charset.h"

#include <string.h>

typedef struct {
  const char *bytes;
  gsize       size;            /* 0: up to the NUL */
  const char *charset;
  const char *text;
} Case;

static void
check (const Case *cases,
       gsize       n)
{
  for (gsize i = 0; i < n; i++)
    {
      gsize size = cases[i].size != 0 ? cases[i].size : strlen (cases[i].bytes);
      g_autofree char *text = mime_charset_dup_utf8 (base_slice_new (cases[i].bytes, size), cases[i].charset);

      g_assert_true (g_utf8_validate (text, -1, NULL));
      g_assert_cmpstr (text, ==, cases[i].text);
    }
}

static void
test_declared (void)
{
  static const Case cases[] = {
    { "J\xf6rg", 0, "iso-8859-1", "J\xc3\xb6rg" },
    { "J\xf6rg", 0, "ISO-8859-15", "J\xc3\xb6rg" },
    { "\xa4", 0, "iso-8859-15", "\xe2\x82\xac" },
    { "\x80", 0, "iso-8859-1", "\xe2\x82\xac" },
    { "\xcf\xf0\xe8", 0, "windows-1251", "\xd0\x9f\xd1\x80\xd0\xb8" },
    { "\xf0\xd2\xc9", 0, "koi8-r", "\xd0\x9f\xd1\x80\xd0\xb8" },
    { "\xc4\xe3\xba\xc3", 0, "gb2312", "\xe4\xbd\xa0\xe5\xa5\xbd" },
    { "\xa7\x41\xa6\x6e", 0, "big5", "\xe4\xbd\xa0\xe5\xa5\xbd" },
    { "\x93\xfa\x96\x7b", 0, "Shift_JIS", "\xe6\x97\xa5\xe6\x9c\xac" },
    { "\x1b$BF|K\\\x1b(B", 0, "iso-2022-jp", "\xe6\x97\xa5\xe6\x9c\xac" },
    { "\xbe\xc8\xb3\xe7", 0, "ks_c_5601-1987", "\xec\x95\x88\xeb\x85\x95" },
    { "\xd0", 0, "iso-8859-9", "\xc4\x9e" },
    { "h\0i\0", 4, "utf-16le", "hi" },
  };

  check (cases, G_N_ELEMENTS (cases));
}

static void
test_wrong_or_unknown (void)
{
  static const Case cases[] = {
    { "J\xc3\xb6rg", 0, NULL, "J\xc3\xb6rg" },
    { "J\xf6rg", 0, NULL, "J\xc3\xb6rg" },
    { "J\xc3\xb6rg", 0, "us-ascii", "J\xc3\xb6rg" },
    { "J\xc3\xb6rg", 0, "iso-8859-1", "J\xc3\xb6rg" },
    { "J\xc3\xb6rg", 0, "koi8-r", "J\xc3\xb6rg" },
    { "J\xf6rg", 0, "utf-8", "J\xef\xbf\xbdrg" },
    { "J\xf6rg", 0, "x-no-such", "J\xc3\xb6rg" },
    { "J\xf6rg", 0, "../../etc/passwd", "J\xc3\xb6rg" },
    { "J\xf6rg", 0, "utf-16//IGNORE", "J\xc3\xb6rg" },
    { "J\xf6rg", 0, "", "J\xc3\xb6rg" },
    { "\x1b$BF|K\\\x1b(B", 0, NULL, "\xe6\x97\xa5\xe6\x9c\xac" },
    { "\xc4\xe3\xff\xba\xc3", 0, "gb2312", "\xe4\xbd\xa0\xef\xbf\xbd\xe5\xa5\xbd" },
    { "", 0, "utf-8", "" },
  };

  check (cases, G_N_ELEMENTS (cases));
}

static void
test_no_charset_makes_markup (void)
{
  static const Case cases[] = {
    { "+ADw-script+AD4-", 0, "utf-7", "+ADw-script+AD4-" },
    { "+ADw-script+AD4-", 0, "UNICODE-1-1-UTF-7", "+ADw-script+AD4-" },
  };

  check (cases, G_N_ELEMENTS (cases));
}

static void
test_nul_is_shown (void)
{
  static const Case cases[] = {
    { "a\0b", 3, NULL, "a\xef\xbf\xbd""b" },
    { "\xc3\xb6\0b", 4, "utf-8", "\xc3\xb6\xef\xbf\xbd""b" },
    { "\xc3\xb6\0b", 4, NULL, "\xc3\xb6\xef\xbf\xbd""b" },
    { "\xf6\0b", 3, "iso-8859-1", "\xc3\xb6\xef\xbf\xbd""b" },
    { "\xf6\0b", 3, "iso-8859-2", "\xc3\xb6\xef\xbf\xbd""b" },
  };

  check (cases, G_N_ELEMENTS (cases));
}

/* A text cut at a limit stays UTF-8 up to the cut, once it has shown itself to be UTF-8. */
static void
test_every_cut_of_utf8 (void)
{
  const char *text = "a\xc3\xb6\xe2\x82\xac\xf0\x9f\x98\x80z";

  for (gsize size = 3; size <= strlen (text); size++)
    {
      g_autofree char *cut = mime_charset_dup_utf8 (base_slice_new (text, size), NULL);
      g_autofree char *valid = g_utf8_make_valid (text, (gssize) size);

      g_assert_cmpstr (cut, ==, valid);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/charset/declared", test_declared);
  g_test_add_func ("/mime/charset/wrong-or-unknown", test_wrong_or_unknown);
  g_test_add_func ("/mime/charset/no-charset-makes-markup", test_no_charset_makes_markup);
  g_test_add_func ("/mime/charset/nul-is-shown", test_nul_is_shown);
  g_test_add_func ("/mime/charset/every-cut-of-utf8", test_every_cut_of_utf8);
  return g_test_run ();
}
