/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discover/candidate.h"
#include "discover/guess.h"

static void
test_addresses (void)
{
  static const struct { const char *text; const char *address; const char *domain; } cases[] = {
    { "anna@harbour.example", "anna@harbour.example", "harbour.example" },
    { "  Anna@HARBOUR.Example ", "Anna@harbour.example", "harbour.example" },
    { "anna@bücher.example", "anna@xn--bcher-kva.example", "xn--bcher-kva.example" },
    { "anna", NULL, NULL },
    { "@harbour.example", NULL, NULL },
    { "anna@", NULL, NULL },
    { "anna@harbour", NULL, NULL },
    { "anna@harbour,example", NULL, NULL },
    { "anna b@harbour.example", NULL, NULL },
    { "anna@b@harbour.example", NULL, NULL },
    { "anna@-x.example", NULL, NULL },
    { "anna@x..example", NULL, NULL },
    { "anna\r\n@x.example", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(DiscoverResult) result = discover_result_new (cases[i].text);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (result != NULL, ==, cases[i].address != NULL);
      if (result == NULL)
        continue;
      g_assert_cmpstr (result->address, ==, cases[i].address);
      g_assert_cmpstr (result->domain, ==, cases[i].domain);
    }
}

static DiscoverServer *
server (const char       *host,
        guint16           port,
        DiscoverSecurity  security,
        DiscoverSource    source)
{
  DiscoverServer *made = discover_server_new (DISCOVER_IMAP);

  made->host = g_strdup (host);
  made->port = port;
  made->security = security;
  made->source = source;
  return made;
}

static void
test_trust_ranks_before_encryption (void)
{
  g_autoptr(DiscoverResult) result = discover_result_new ("a@b.example");

  discover_result_add (result, server ("guess.example", 993, DISCOVER_TLS, DISCOVER_BY_GUESS));
  discover_result_add (result, server ("dns.example", 993, DISCOVER_TLS, DISCOVER_BY_DNS));
  discover_result_add (result, server ("own.example", 143, DISCOVER_STARTTLS, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server ("own.example", 993, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  g_assert_cmpuint (result->servers->len, ==, 4);
  g_assert_cmpuint (discover_result_find (result, DISCOVER_IMAP)->port, ==, 993);
  g_assert_cmpstr (discover_result_find (result, DISCOVER_IMAP)->host, ==, "own.example");
  g_assert_null (discover_result_find (result, DISCOVER_POP3));
}

static void
test_same_server_once_by_best_source (void)
{
  g_autoptr(DiscoverResult) result = discover_result_new ("a@b.example");

  discover_result_add (result, server ("imap.b.example", 993, DISCOVER_TLS, DISCOVER_BY_GUESS));
  discover_result_add (result, server ("IMAP.B.example", 993, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server ("imap.b.example.", 993, DISCOVER_TLS, DISCOVER_BY_DNS));
  g_assert_cmpuint (result->servers->len, ==, 1);
  g_assert_cmpint (discover_result_find (result, DISCOVER_IMAP)->source, ==, DISCOVER_BY_PROVIDER);
}

static void
test_nonsense_is_dropped (void)
{
  g_autoptr(DiscoverResult) result = discover_result_new ("a@b.example");

  discover_result_add (result, server ("imap.b.example", 0, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server ("imap.b.example", 143, DISCOVER_PLAIN, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server ("", 143, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server ("a/b", 143, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server ("a b", 143, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  discover_result_add (result, server (NULL, 143, DISCOVER_TLS, DISCOVER_BY_PROVIDER));
  g_assert_cmpuint (result->servers->len, ==, 0);
}

static void
test_guesses (void)
{
  g_autoptr(DiscoverResult) result = discover_result_new ("a@b.example");

  discover_guess_add (result);
  g_assert_cmpstr (discover_result_find (result, DISCOVER_IMAP)->host, ==, "imap.b.example");
  g_assert_cmpuint (discover_result_find (result, DISCOVER_IMAP)->port, ==, 993);
  g_assert_cmpstr (discover_result_find (result, DISCOVER_POP3)->host, ==, "pop.b.example");
  g_assert_cmpuint (discover_result_find (result, DISCOVER_POP3)->port, ==, 995);
  g_assert_cmpstr (discover_result_find (result, DISCOVER_SMTP)->host, ==, "smtp.b.example");
  g_assert_cmpuint (discover_result_find (result, DISCOVER_SMTP)->port, ==, 465);
  g_assert_cmpuint (result->servers->len, ==, 6 + 8 + 6);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discover/candidate/addresses", test_addresses);
  g_test_add_func ("/discover/candidate/trust-ranks-before-encryption", test_trust_ranks_before_encryption);
  g_test_add_func ("/discover/candidate/same-server-once-by-best-source",
                   test_same_server_once_by_best_source);
  g_test_add_func ("/discover/candidate/nonsense-is-dropped", test_nonsense_is_dropped);
  g_test_add_func ("/discover/guess/usual-names", test_guesses);
  return g_test_run ();
}
