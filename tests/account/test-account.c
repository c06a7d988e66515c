/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account/account.h"

static StoreAccount *
good_account (void)
{
  StoreAccount *account = store_account_new ();

  store_account_set (&account->email, "anna@example.org");
  store_account_set (&account->incoming.host, "imap.example.org");
  account->incoming.port = 993;
  store_account_set (&account->incoming.user, "anna");
  return account;
}

#define GOOD (-1)

static void
assert_field (const StoreAccount *account,
              gint                expected)
{
  g_autoptr(GError) error = NULL;
  AccountField field = 0;

  if (expected == GOOD)
    {
      g_assert_true (account_check (account, NULL, &error));
      g_assert_no_error (error);
      return;
    }
  g_assert_false (account_check (account, &field, &error));
  g_assert_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID);
  g_assert_cmpint (field, ==, expected);
}

static void
test_texts (void)
{
  g_autofree char *host_253 = g_strnfill (253, 'h');
  g_autofree char *host_254 = g_strnfill (254, 'h');
  g_autofree char *user_998 = g_strnfill (998, 'u');
  g_autofree char *user_999 = g_strnfill (999, 'u');
  const struct { AccountField field; const char *text; gboolean good; } rows[] = {
    { ACCOUNT_FIELD_EMAIL, "ännä@bücher.example", TRUE },
    { ACCOUNT_FIELD_EMAIL, "", FALSE },
    { ACCOUNT_FIELD_EMAIL, "anna", FALSE },
    { ACCOUNT_FIELD_EMAIL, "@example.org", FALSE },
    { ACCOUNT_FIELD_EMAIL, "anna@", FALSE },
    { ACCOUNT_FIELD_EMAIL, "a b@example.org", FALSE },
    { ACCOUNT_FIELD_EMAIL, "anna@example.org\r\nRCPT TO:<x@y>", FALSE },
    { ACCOUNT_FIELD_EMAIL, "a@example.org, b@example.org", FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "mail.bücher.example", TRUE },
    { ACCOUNT_FIELD_INCOMING_HOST, "localhost", TRUE },
    { ACCOUNT_FIELD_INCOMING_HOST, "127.0.0.1", TRUE },
    { ACCOUNT_FIELD_INCOMING_HOST, "::1", TRUE },
    { ACCOUNT_FIELD_INCOMING_HOST, host_253, TRUE },
    { ACCOUNT_FIELD_INCOMING_HOST, host_254, FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "", FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "imap.example.org:993", FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "https://imap.example.org", FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "-imap.example.org", FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "imap example org", FALSE },
    { ACCOUNT_FIELD_INCOMING_HOST, "imap\nexample", FALSE },
    { ACCOUNT_FIELD_INCOMING_USER, "DOMAIN\\anna with blanks", TRUE },
    { ACCOUNT_FIELD_INCOMING_USER, user_998, TRUE },
    { ACCOUNT_FIELD_INCOMING_USER, user_999, FALSE },
    { ACCOUNT_FIELD_INCOMING_USER, "", FALSE },
    { ACCOUNT_FIELD_INCOMING_USER, "anna\r\nDELE 1", FALSE },
    { ACCOUNT_FIELD_CA_FILE, "/etc/ssl/own.pem", TRUE },
    { ACCOUNT_FIELD_CA_FILE, "own.pem", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(StoreAccount) account = good_account ();
      char **fields[] = {
        [ACCOUNT_FIELD_EMAIL] = &account->email,
        [ACCOUNT_FIELD_INCOMING_HOST] = &account->incoming.host,
        [ACCOUNT_FIELD_INCOMING_USER] = &account->incoming.user,
        [ACCOUNT_FIELD_CA_FILE] = &account->ca_file,
      };

      g_test_message ("row %u", i);
      store_account_set (fields[rows[i].field], rows[i].text);
      assert_field (account, rows[i].good ? GOOD : (gint) rows[i].field);
    }
}

static void
test_sending_is_a_choice (void)
{
  static const struct { const char *host; guint16 port; const char *user; gint field; } rows[] = {
    { "",                 0,   "",        GOOD },
    { "smtp.example.org", 465, "",        GOOD },
    { "smtp.example.org", 465, "anna",    GOOD },
    { "smtp.example.org", 0,   "anna",    ACCOUNT_FIELD_OUTGOING_PORT },
    { "smtp/example",     465, "anna",    ACCOUNT_FIELD_OUTGOING_HOST },
    { "smtp.example.org", 465, "an\nna",  ACCOUNT_FIELD_OUTGOING_USER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(StoreAccount) account = good_account ();

      store_account_set (&account->outgoing.host, rows[i].host);
      account->outgoing.port = rows[i].port;
      store_account_set (&account->outgoing.user, rows[i].user);
      assert_field (account, rows[i].field);
    }
}

static void
test_numbers (void)
{
  static const struct { AccountField field; gint64 value; gboolean good; } rows[] = {
    { ACCOUNT_FIELD_INCOMING_PORT, 0, FALSE },   { ACCOUNT_FIELD_INCOMING_PORT, 1, TRUE },
    { ACCOUNT_FIELD_INCOMING_PORT, 65535, TRUE },
    { ACCOUNT_FIELD_OFFLINE, 0, FALSE },         { ACCOUNT_FIELD_OFFLINE, 1, TRUE },
    { ACCOUNT_FIELD_OFFLINE, 3650, TRUE },       { ACCOUNT_FIELD_OFFLINE, 3651, FALSE },
    { ACCOUNT_FIELD_LEAVE, 0, FALSE },           { ACCOUNT_FIELD_LEAVE, 1, TRUE },
    { ACCOUNT_FIELD_LEAVE, 3650, TRUE },         { ACCOUNT_FIELD_LEAVE, 3651, FALSE },
    { ACCOUNT_FIELD_KEEP_NEWEST, -1, TRUE },     { ACCOUNT_FIELD_KEEP_NEWEST, 0, FALSE },
    { ACCOUNT_FIELD_KEEP_NEWEST, 1, TRUE },
    { ACCOUNT_FIELD_WHEN_FULL, 0, FALSE },       { ACCOUNT_FIELD_WHEN_FULL, 1, TRUE },
    { ACCOUNT_FIELD_WHEN_FULL, 100, TRUE },      { ACCOUNT_FIELD_WHEN_FULL, 101, FALSE },
    { ACCOUNT_FIELD_CHECK_INTERVAL, 59, FALSE }, { ACCOUNT_FIELD_CHECK_INTERVAL, 60, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(StoreAccount) account = good_account ();

      g_test_message ("row %u", i);
      account->offline_days = account->leave_days = 30;
      if (rows[i].field == ACCOUNT_FIELD_INCOMING_PORT)
        account->incoming.port = (guint16) rows[i].value;
      else if (rows[i].field == ACCOUNT_FIELD_OFFLINE)
        account->offline = STORE_OFFLINE_DAYS, account->offline_days = (gint) rows[i].value;
      else if (rows[i].field == ACCOUNT_FIELD_LEAVE)
        account->leave_on_server = STORE_LEAVE_DAYS, account->leave_days = (gint) rows[i].value;
      else if (rows[i].field == ACCOUNT_FIELD_KEEP_NEWEST)
        account->keep_newest_count = rows[i].value;
      else if (rows[i].field == ACCOUNT_FIELD_WHEN_FULL)
        account->when_full_percent = rows[i].value;
      else
        account->check_interval_s = (gint) rows[i].value;
      assert_field (account, rows[i].good ? GOOD : (gint) rows[i].field);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/account/texts", test_texts);
  g_test_add_func ("/account/account/sending-is-a-choice", test_sending_is_a_choice);
  g_test_add_func ("/account/account/numbers", test_numbers);
  return g_test_run ();
}
