/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/hostname.h"

static void
test_shown (void)
{
  static const struct { const char *host, *shown; } cases[] = {
    { "Example.ORG", "example.org" },
    { "xn--mnchen-3ya.de", "m\xc3\xbcnchen.de" },
    { "m\xc3\xbcnchen.de", "m\xc3\xbcnchen.de" },
    { "\xe4\xbe\x8b\xe3\x81\x88.jp", "\xe4\xbe\x8b\xe3\x81\x88.jp" },
    { "\xe4\xbe\x8b""abc.cn", "\xe4\xbe\x8b""abc.cn" },
    { "\xec\x98\x88\xec\x8b\x9c.kr", "\xec\x98\x88\xec\x8b\x9c.kr" },
    { "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84",
      "\xd0\xbf\xd0\xbe\xd1\x87\xd1\x82\xd0\xb0.\xd1\x80\xd1\x84" },
    { "xn--80ak6aa92e.com", "xn--80ak6aa92e.com" },            /* "apple" all in Cyrillic */
    { "xn--pple-43d.com", "xn--pple-43d.com" },                /* Cyrillic a, Latin pple */
    { "g\xce\xbf\xce\xbfgle.com", "xn--ggle-0nda.com" },       /* Greek o */
    { "xn--invalid-\x80", "xn--invalid-\xef\xbf\xbd" },
    { "bank.com\xe2\x80\x8b", "bank.com" },
    { "", "" },
    { "192.0.2.1", "192.0.2.1" },
    { "a..b", "a..b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *shown = base_hostname_dup_shown (cases[i].host);

      g_test_message ("case %zu", i);
      g_assert_cmpstr (shown, ==, cases[i].shown);
    }
}

static void
test_address (void)
{
  g_autofree char *plain = base_hostname_dup_shown_address ("Ada@Example.ORG");
  g_autofree char *odd = base_hostname_dup_shown_address ("a@xn--pple-43d.com");
  g_autofree char *literal = base_hostname_dup_shown_address ("a@[127.0.0.1]");
  g_autofree char *none = base_hostname_dup_shown_address ("root");

  g_assert_cmpstr (plain, ==, "Ada@example.org");
  g_assert_cmpstr (odd, ==, "a@xn--pple-43d.com");
  g_assert_cmpstr (literal, ==, "a@[127.0.0.1]");
  g_assert_cmpstr (none, ==, "root");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/hostname/shown", test_shown);
  g_test_add_func ("/base/hostname/address", test_address);
  return g_test_run ();
}
