/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discover/autoconfig.h"

#include <string.h>

static const char good[] =
  "<?xml version='1.0'?><clientConfig version='1.1'><emailProvider id='harbour.example'>"
  "<domain>harbour.example</domain><displayName>Harbour Mail</displayName>"
  "<incomingServer type='exchange'><hostname>ews.harbour.example</hostname></incomingServer>"
  "<incomingServer "
  "type='pop3'><hostname>POP.Harbour.Example</hostname><port>995</port><socketType>SSL</socketType>"
  "<username>%EMAILLOCALPART%</username><authentication>password-cleartext</authentication>"
  "<pop3><leaveMessagesOnServer>true</leaveMessagesOnServer><daysToLeaveMessagesOnServer>14</daysToLeaveMessagesOnServer>"
  "<checkInterval minutes='15'/></pop3></incomingServer>"
  "<incomingServer "
  "type='imap'><hostname>imap.%EMAILDOMAIN%</hostname><port>143</port><socketType>STARTTLS</socketType>"
  "<username>%EMAILADDRESS%</username><authentication>OAuth2</authentication>"
  "<authentication>password-encrypted</authentication></incomingServer>"
  "<incomingServer "
  "type='imap'><hostname>plain.harbour.example</hostname><port>143</port><socketType>plain</socketType></incomingServer>"
  "<incomingServer type='imap'><hostname>nothing.harbour.example</hostname><port>143</port></incomingServer>"
  "<outgoingServer "
  "type='smtp'><hostname>smtp.harbour.example</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>"
  "<enable visiturl='https://harbour.example/settings'><instruction>Switch it on</instruction></enable>"
  "</emailProvider></clientConfig>";

static DiscoverResult *
parse (const char *xml)
{
  DiscoverResult *result = discover_result_new ("Anna@Harbour.example");
  g_autoptr(GError) error = NULL;

  g_assert_nonnull (result);
  discover_autoconfig_parse (result, base_slice_from_string (xml), DISCOVER_BY_PROVIDER, &error);
  g_assert_no_error (error);
  return result;
}

static void
test_reads_all_servers (void)
{
  g_autoptr(DiscoverResult) result = parse (good);
  const DiscoverServer *imap = discover_result_find (result, DISCOVER_IMAP);
  const DiscoverServer *pop3 = discover_result_find (result, DISCOVER_POP3);
  const DiscoverServer *smtp = discover_result_find (result, DISCOVER_SMTP);

  /* Plain and unspecified security are left out: a person may still type them. */
  g_assert_cmpuint (result->servers->len, ==, 3);
  g_assert_cmpstr (result->provider, ==, "Harbour Mail");
  g_assert_cmpstr (result->enable_url, ==, "https://harbour.example/settings");

  g_assert_cmpstr (imap->host, ==, "imap.harbour.example");
  g_assert_cmpuint (imap->port, ==, 143);
  g_assert_cmpint (imap->security, ==, DISCOVER_STARTTLS);
  g_assert_cmpstr (imap->user, ==, "Anna@harbour.example");
  g_assert_cmpuint (imap->auth, ==, DISCOVER_AUTH_OAUTH2 | DISCOVER_AUTH_PASSWORD);

  g_assert_cmpstr (pop3->host, ==, "pop.harbour.example");
  g_assert_cmpstr (pop3->user, ==, "Anna");
  g_assert_true (pop3->leaves_on_server);
  g_assert_cmpuint (pop3->leave_days, ==, 14);
  g_assert_cmpuint (pop3->check_minutes, ==, 15);

  g_assert_cmpstr (smtp->host, ==, "smtp.harbour.example");
  g_assert_null (smtp->user);
}

static void
test_bad_documents_are_refused (void)
{
  static const char * const cases[] = {
    "", "x", "<html/>", "<clientConfig>", "<clientConfig></clientConfig",
    "<clientConfig>&boom;</clientConfig>", "<!DOCTYPE a [<!ENTITY b 'c'>]><clientConfig>&b;</clientConfig>",
    "<clientConfig><!DOCTYPE x></clientConfig>",
  };
  g_autoptr(DiscoverResult) result = discover_result_new ("a@b.example");
  g_autoptr(GString) deep = g_string_new ("<clientConfig>");
  g_autoptr(GError) error = NULL;
  g_autofree char *large = g_strnfill (DISCOVER_AUTOCONFIG_MAX + 1, ' ');

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i]);
      g_assert_false (discover_autoconfig_parse (result, base_slice_from_string (cases[i]),
                                                 DISCOVER_BY_PROVIDER, &error));
      g_assert_error (error, DISCOVER_ERROR, DISCOVER_ERROR_NOT_AUTOCONFIG);
      g_clear_error (&error);
    }
  for (guint i = 0; i < 100; i++)
    g_string_append (deep, "<a>");
  g_assert_false (discover_autoconfig_parse (result, base_slice_from_string (deep->str), DISCOVER_BY_PROVIDER,
                                             NULL));
  g_assert_false (discover_autoconfig_parse (result, base_slice_from_string (large), DISCOVER_BY_PROVIDER,
                                             NULL));
  g_assert_cmpuint (result->servers->len, ==, 0);
}

static void
test_every_cut_is_harmless (void)
{
  for (gsize size = 0; size < strlen (good); size++)
    {
      g_autoptr(DiscoverResult) result = discover_result_new ("a@b.example");

      g_test_message ("%" G_GSIZE_FORMAT " bytes", size);
      g_assert_false (discover_autoconfig_parse (result, base_slice_new (good, size), DISCOVER_BY_PROVIDER,
                                                 NULL));
    }
}

static void
test_servers_are_limited (void)
{
  g_autoptr(GString) xml = g_string_new ("<clientConfig><emailProvider>");
  g_autoptr(DiscoverResult) result = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append_printf (xml,
                            "<incomingServer type='imap'><hostname>i%u.example</hostname><port>993</port>"
                            "<socketType>SSL</socketType></incomingServer>", i);
  g_string_append (xml, "</emailProvider></clientConfig>");
  result = parse (xml->str);
  g_assert_cmpuint (result->servers->len, ==, DISCOVER_SERVERS_MAX);
}

/* Real providers: each file parses; 13 of the 62 offer no encryption at all and so nothing. */
static void
test_real_providers (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("PENFOLD_TEST_DATA"), "autoconfig", NULL);
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  guint files = 0, found = 0;
  const char *name;

  g_assert_nonnull (dir);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);
      g_autofree char *xml = NULL;
      g_autoptr(DiscoverResult) result = discover_result_new ("anna@provider.example");
      g_autoptr(GError) error = NULL;
      gsize size;

      if (!g_str_has_suffix (name, ".xml"))
        continue;
      g_assert_true (g_file_get_contents (file, &xml, &size, NULL));
      discover_autoconfig_parse (result, base_slice_new (xml, size), DISCOVER_BY_DATABASE, &error);
      g_assert_no_error (error);
      files++;
      if (discover_result_find (result, DISCOVER_IMAP) != NULL
          || discover_result_find (result, DISCOVER_POP3) != NULL)
        found++;
    }
  g_assert_cmpuint (files, ==, 62);
  g_assert_cmpuint (found, ==, 49);
}

static void
test_address_goes_to_its_own_domain_only (void)
{
  g_autoptr(DiscoverResult) result = discover_result_new ("jo+x@example.org");
  g_autofree char *own = discover_autoconfig_dup_url (result, DISCOVER_URL_AUTOCONFIG);
  g_autofree char *well_known = discover_autoconfig_dup_url (result, DISCOVER_URL_WELL_KNOWN);
  g_autofree char *database = discover_database_dup_url (result, "https://database.example/v1.1");

  g_assert_cmpstr (own, ==,
                   "https://autoconfig.example.org/mail/config-v1.1.xml?emailaddress=jo%2Bx%40example.org");
  g_assert_cmpstr (well_known, ==, "https://example.org/.well-known/autoconfig/mail/config-v1.1.xml");
  g_assert_cmpstr (database, ==, "https://database.example/v1.1/example.org");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/discover/autoconfig/reads-all-servers", test_reads_all_servers);
  g_test_add_func ("/discover/autoconfig/bad-documents-are-refused", test_bad_documents_are_refused);
  g_test_add_func ("/discover/autoconfig/every-cut-is-harmless", test_every_cut_is_harmless);
  g_test_add_func ("/discover/autoconfig/servers-are-limited", test_servers_are_limited);
  g_test_add_func ("/discover/autoconfig/real-providers", test_real_providers);
  g_test_add_func ("/discover/autoconfig/address-goes-to-its-own-domain-only",
                   test_address_goes_to_its_own_domain_only);
  return g_test_run ();
}
