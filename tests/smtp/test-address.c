/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/address.h"

static void
test_check (void)
{
  static const struct { const char *address; SmtpAddress result; } cases[] = {
    { "ann@example.org", SMTP_ADDRESS_ASCII },
    { "a.b+c=d/e@example.org", SMTP_ADDRESS_ASCII },
    { "postmaster", SMTP_ADDRESS_ASCII },
    { "ann@[192.0.2.1]", SMTP_ADDRESS_ASCII },
    { "\"ann b\"@example.org", SMTP_ADDRESS_ASCII },
    { "\"a\\\"b\\\\\"@example.org", SMTP_ADDRESS_ASCII },
    { "bj\xc3\xb6rn@example.org", SMTP_ADDRESS_UTF8 },
    { "ann@b\xc3\xbc" "cher.example", SMTP_ADDRESS_UTF8 },

    { "", SMTP_ADDRESS_BAD },
    { "ann@example.org\r\nRCPT TO:<eve@example.org>", SMTP_ADDRESS_BAD },
    { "ann@example.org\n", SMTP_ADDRESS_BAD },
    { "ann\r@example.org", SMTP_ADDRESS_BAD },
    { "ann@example.org> SIZE=1", SMTP_ADDRESS_BAD },
    { "<ann@example.org>", SMTP_ADDRESS_BAD },
    { "ann@example.org>", SMTP_ADDRESS_BAD },
    { "ann b@example.org", SMTP_ADDRESS_BAD },
    { "ann@example.org NOTIFY=NEVER", SMTP_ADDRESS_BAD },
    { "\"ann b@example.org", SMTP_ADDRESS_BAD },
    { "\"ann\\\"@example.org", SMTP_ADDRESS_BAD },
    { "\"ann\\\nb\"@example.org", SMTP_ADDRESS_BAD },
    { "\"ann\\>b\"@example.org", SMTP_ADDRESS_BAD },
    { "\"ann>b\"@example.org", SMTP_ADDRESS_BAD },
    { "ann\t@example.org", SMTP_ADDRESS_BAD },
    { "ann\x7f@example.org", SMTP_ADDRESS_BAD },
    { "ann\xff@example.org", SMTP_ADDRESS_BAD },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (smtp_check_address (cases[i].address), ==, cases[i].result);
}

static void
test_length (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autofree char *address = g_strnfill ((gsize) (SMTP_ADDRESS_MAX + over), 'a');

      g_assert_cmpint (smtp_check_address (address), ==, over > 0 ? SMTP_ADDRESS_BAD : SMTP_ADDRESS_ASCII);
    }
}

static void
test_ascii_form (void)
{
  static const struct { const char *address; const char *ascii; } cases[] = {
    { "ann@example.org", "ann@example.org" },
    { "ann@b\xc3\xbc" "cher.example", "ann@xn--bcher-kva.example" },
    { "bj\xc3\xb6rn@example.org", NULL },
    { "bj\xc3\xb6rn", NULL },
    /* Full-width characters must not turn into what the check keeps out. */
    { "ann@a\xef\xbc\x9e.example", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *ascii = smtp_dup_ascii_address (cases[i].address);

      g_assert_cmpstr (ascii, ==, cases[i].ascii);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/smtp/address/check", test_check);
  g_test_add_func ("/smtp/address/length", test_length);
  g_test_add_func ("/smtp/address/ascii-form", test_ascii_form);
  return g_test_run ();
}
