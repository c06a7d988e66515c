/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/jobs.h"
#include "ui/wizard-draft.h"

static GVariant *
candidate (const char *protocol,
           const char *host,
           guint32     port,
           const char *security,
           const char *source)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_PROTOCOL, "s", protocol);
  g_variant_dict_insert (&dict, BUS_KEY_HOST, "s", host);
  g_variant_dict_insert (&dict, BUS_KEY_PORT, "u", port);
  g_variant_dict_insert (&dict, BUS_KEY_SECURITY, "s", security);
  g_variant_dict_insert (&dict, BUS_KEY_USER, "s", "anna");
  g_variant_dict_insert (&dict, BUS_KEY_SOURCE, "s", source);
  return g_variant_dict_end (&dict);
}

static UiWizardDraft *
new_draft (const char *source,
           const char *host)
{
  UiWizardDraft *draft = ui_wizard_draft_new ();
  GVariant *all[] = {
    candidate ("imap", host, 993, "tls", source),
      candidate ("imap", "second.example", 143, "starttls", source),
    candidate ("pop3", host, 995, "tls", source), candidate ("smtp", host, 465, "tls", source),
    candidate ("gopher", host, 70, "tls", source), candidate ("imap", host, 0, "tls", source),
  };
  g_autoptr(GVariant) candidates = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE_VARDICT, all,
                                                                            G_N_ELEMENTS (all)));

  g_assert_true (ui_wizard_draft_set_person (draft, " Anna ", "Anna@Harbour.example"));
  g_assert_true (ui_wizard_draft_take_found (draft, candidates));
  return draft;
}

static void
test_takes_the_best_of_each_kind (void)
{
  g_autoptr(UiWizardDraft) draft = new_draft ("provider", "mail.harbour.example");

  g_assert_cmpstr (draft->name, ==, "Anna");
  g_assert_cmpstr (draft->servers[DISCOVER_IMAP].server->host, ==, "mail.harbour.example");
  g_assert_cmpuint (draft->servers[DISCOVER_IMAP].server->port, ==, 993);
  g_assert_true (ui_wizard_draft_has (draft, DISCOVER_POP3));
  g_assert_cmpint (draft->protocol, ==, STORE_PROTOCOL_IMAP);
  g_assert_false (ui_wizard_draft_take_found (draft, NULL));
  g_assert_false (ui_wizard_draft_has (draft, DISCOVER_SMTP));
}

static void
test_another_address_forgets_the_servers (void)
{
  g_autoptr(UiWizardDraft) draft = new_draft ("provider", "mail.harbour.example");

  g_assert_true (ui_wizard_draft_set_person (draft, "A", "Anna@harbour.example"));
  g_assert_true (ui_wizard_draft_has (draft, DISCOVER_IMAP));
  g_assert_false (ui_wizard_draft_set_person (draft, "A", "anna@harbour,example"));
  g_assert_true (ui_wizard_draft_set_person (draft, "A", "ben@harbour.example"));
  g_assert_false (ui_wizard_draft_has (draft, DISCOVER_IMAP));
}

static void
test_consent_is_asked_where_it_must (void)
{
  static const struct { const char *source, *host; UiConsent consent; } cases[] = {
    { "provider", "mail.hoster.example", UI_CONSENT_NONE },
    { "database", "mail.hoster.example", UI_CONSENT_NONE },
    { "dns", "mail.hoster.example", UI_CONSENT_UNTRUSTED },
    { "dns", "mail.harbour.example", UI_CONSENT_NONE },
    { "dns", "harbour.example", UI_CONSENT_NONE },
    { "dns", "evilharbour.example", UI_CONSENT_UNTRUSTED },
    { "names", "mail.hoster.example", UI_CONSENT_UNTRUSTED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(UiWizardDraft) draft = new_draft (cases[i].source, cases[i].host);

      g_test_message ("%s %s", cases[i].source, cases[i].host);
      g_assert_cmpint (ui_wizard_draft_get_consent (draft), ==, cases[i].consent);
      draft->servers[DISCOVER_SMTP].server->security = DISCOVER_PLAIN;
      g_assert_cmpint (ui_wizard_draft_get_consent (draft), ==, UI_CONSENT_CLEAR);
      draft->is_manual = TRUE;
      g_assert_cmpint (ui_wizard_draft_get_consent (draft), ==, UI_CONSENT_CLEAR);
    }
}

static void
test_check_says_what_was_chosen (void)
{
  g_autoptr(UiWizardDraft) draft = new_draft ("provider", "mail.harbour.example");
  g_autoptr(GVariant) check = NULL;
  g_autoptr(GVariant) incoming = NULL;
  g_autofree const char **pins = NULL;
  const char *text = NULL;
  gboolean may_send_clear = TRUE;

  draft->protocol = STORE_PROTOCOL_POP3;
  draft->servers[DISCOVER_SMTP].tried = UI_TRIED_WORKS;
  draft->servers[DISCOVER_POP3].pin = g_strdup ("abcd");
  check = g_variant_ref_sink (ui_wizard_draft_make_check (draft, "secret"));
  incoming = g_variant_lookup_value (check, BUS_KEY_INCOMING, G_VARIANT_TYPE_VARDICT);
  g_assert_true (g_variant_lookup (incoming, BUS_KEY_PROTOCOL, "&s", &text));
  g_assert_cmpstr (text, ==, "pop3");
  g_assert_true (g_variant_lookup (incoming, BUS_KEY_MAY_SEND_CLEAR, "b", &may_send_clear));
  g_assert_false (may_send_clear);
  g_assert_null (g_variant_lookup_value (check, BUS_KEY_OUTGOING, NULL));
  g_assert_true (g_variant_lookup (check, BUS_KEY_PINS, "^a&s", &pins));
  g_assert_cmpstr (pins[0], ==, "abcd");
}

static void
test_account_keeps_what_was_chosen (void)
{
  g_autoptr(UiWizardDraft) draft = new_draft ("provider", "mail.harbour.example");
  g_autoptr(StoreAccount) sync = ui_wizard_draft_make_account (draft);
  g_autoptr(StoreAccount) collect = NULL;

  g_assert_cmpint (sync->protocol, ==, STORE_PROTOCOL_IMAP);
  g_assert_cmpint (sync->leave_on_server, ==, STORE_LEAVE_FOREVER);
  g_assert_cmpstr (sync->incoming.host, ==, "mail.harbour.example");
  g_assert_cmpstr (sync->outgoing.user, ==, "anna");

  draft->protocol = STORE_PROTOCOL_POP3;
  draft->retention = (UiRetention) { STORE_LEAVE_DAYS, 14 };
  draft->remove_when_deleted = TRUE;
  collect = ui_wizard_draft_make_account (draft);
  g_assert_cmpuint (collect->incoming.port, ==, 995);
  g_assert_cmpint (collect->leave_on_server, ==, STORE_LEAVE_DAYS);
  g_assert_cmpint (collect->leave_days, ==, 14);
  g_assert_true (collect->remove_when_deleted);
}

static void
test_owned_part_of_a_host_is_bold (void)
{
  static const struct { const char *host, *domain, *markup; } cases[] = {
    { "imap.harbour.example", "harbour.example", "imap.<b>harbour.example</b>" },
    { "harbour.example", "harbour.example", "<b>harbour.example</b>" },
    { "harbour.example.evil.test", "harbour.example", "harbour.example.<b>evil.test</b>" },
    { "localhost", "example.org", "<b>localhost</b>" },
    { "127.0.0.1", "example.org", "<b>127.0.0.1</b>" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *markup = ui_wizard_dup_host_markup (cases[i].host, cases[i].domain);

      g_assert_cmpstr (markup, ==, cases[i].markup);
    }
}

static void
test_retention_list_and_value_agree (void)
{
  for (guint i = 0; i < ui_retention_get_n (); i++)
    {
      UiRetention retention = ui_retention_get (i, 90);

      g_assert_cmpuint (ui_retention_find (&retention), ==, i);
    }
  g_assert_cmpint (ui_retention_get (ui_retention_get_custom (), 0).days, ==, 1);
  g_assert_cmpint (ui_retention_get (ui_retention_get_custom (), 99999).days, ==, UI_RETENTION_DAYS_MAX);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/wizard-draft/takes-the-best-of-each-kind", test_takes_the_best_of_each_kind);
  g_test_add_func ("/ui/wizard-draft/another-address-forgets-the-servers",
                   test_another_address_forgets_the_servers);
  g_test_add_func ("/ui/wizard-draft/consent-is-asked-where-it-must", test_consent_is_asked_where_it_must);
  g_test_add_func ("/ui/wizard-draft/check-says-what-was-chosen", test_check_says_what_was_chosen);
  g_test_add_func ("/ui/wizard-draft/account-keeps-what-was-chosen", test_account_keeps_what_was_chosen);
  g_test_add_func ("/ui/wizard-draft/owned-part-of-a-host-is-bold", test_owned_part_of_a_host_is_bold);
  g_test_add_func ("/ui/wizard-draft/retention-list-and-value-agree", test_retention_list_and_value_agree);
  return g_test_run ();
}
