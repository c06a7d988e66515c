/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime/words.h"

#include <time.h>

static void
test_decode (void)
{
  static const struct { const char *in, *out; } cases[] = {
    { "plain", "plain" },
    { "=?iso-8859-1?q?J=F6rg?=", "J\xc3\xb6rg" },
    { "=?ISO-8859-1?Q?a?= b", "a b" },
    { "=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=", "ab" },
    { "=?ISO-8859-1?Q?a_b?=", "a b" },
    { "=?ISO-8859-1?Q?a?=  \t =?ISO-8859-2?Q?_b?=", "a b" },
    { "=?utf-8?b?w7bD?= =?utf-8?b?tg==?=", "\xc3\xb6\xc3\xb6" },
    { "=?utf-8?Q?=C3?= =?UTF-8?Q?=B6?=", "\xc3\xb6" },
    { "=?utf-8*en?q?x?=", "x" },
    { "a=?utf-8?q?b?=c", "abc" },
    { "=?utf-8?Q?a b?=", "a b" },
    { "=?utf-8?Q?=41?=", "A" },
    { "=?utf-8?Q?=4?=", "=4" },
    { "=?utf-8?Q?a?b?=", "a?b" },
    { "=?utf-8?q?J=C3=B6rg", "=?utf-8?q?J=C3=B6rg" },
    { "=?utf-8?x?abc?=", "=?utf-8?x?abc?=" },
    { "=??q?abc?=", "=??q?abc?=" },
    { "=?x y?q?abc?=", "=?x y?q?abc?=" },
    { "=?x-unknown?q?=E4?=", "\xc3\xa4" },
    { "raw \xe4 and =?utf-8?q?=C3=A4?=", "raw \xc3\xa4 and \xc3\xa4" },
    { "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?=", "=?utf-8?q?x?=" },
    { "=", "=" },
    { "=?", "=?" },
    { "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *text = mime_words_decode (base_slice_from_string (cases[i].in));

      g_assert_cmpstr (text, ==, cases[i].out);
    }
}

/* 64 KiB of words that never end: quadratic search would take seconds. */
static void
test_endless_words_are_quick (void)
{
  g_autoptr(GString) in = g_string_new (NULL);
  gint64 start = clock ();

  while (in->len < 64 * 1024)
    g_string_append (in, "=?a?q?");
  g_free (mime_words_decode (base_slice_new (in->str, in->len)));
  g_assert_cmpint (clock () - start, <, G_USEC_PER_SEC);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mime/words/decode", test_decode);
  g_test_add_func ("/mime/words/endless-words-are-quick", test_endless_words_are_quick);
  return g_test_run ();
}
