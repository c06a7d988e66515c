/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/accounts.h"
#include "store/fixture.h"

static StoreAccount *
make_account (Store      *store,
              const char *email)
{
  StoreAccount *account = store_account_new ();
  g_autoptr(GError) error = NULL;

  store_account_set (&account->name, "Home");
  store_account_set (&account->email, email);
  store_account_set (&account->incoming.host, "imap.example.org");
  account->incoming.port = 993;
  store_account_set (&account->incoming.user, email);
  store_accounts_add (store, account, "Anna Lindqvist", &error);
  g_assert_no_error (error);
  return account;
}

static void
assert_equal (const StoreAccount *a,
              const StoreAccount *b)
{
  g_assert_cmpint (a->id, ==, b->id);
  g_assert_cmpstr (a->uuid, ==, b->uuid);
  g_assert_cmpstr (a->name, ==, b->name);
  g_assert_cmpstr (a->email, ==, b->email);
  g_assert_cmpint (a->protocol, ==, b->protocol);
  g_assert_cmpint (a->position, ==, b->position);
  g_assert_cmpstr (a->incoming.host, ==, b->incoming.host);
  g_assert_cmpint (a->incoming.port, ==, b->incoming.port);
  g_assert_cmpint (a->incoming.security, ==, b->incoming.security);
  g_assert_cmpstr (a->incoming.user, ==, b->incoming.user);
  g_assert_cmpint (a->incoming.auth, ==, b->incoming.auth);
  g_assert_cmpstr (a->outgoing.host, ==, b->outgoing.host);
  g_assert_cmpint (a->outgoing.port, ==, b->outgoing.port);
  g_assert_cmpint (a->outgoing.security, ==, b->outgoing.security);
  g_assert_cmpstr (a->outgoing.user, ==, b->outgoing.user);
  g_assert_cmpint (a->outgoing.auth, ==, b->outgoing.auth);
  g_assert_cmpstr (a->ca_file, ==, b->ca_file);
  g_assert_cmpint (a->offline, ==, b->offline);
  g_assert_cmpint (a->offline_days, ==, b->offline_days);
  g_assert_cmpint (a->leave_on_server, ==, b->leave_on_server);
  g_assert_cmpint (a->leave_days, ==, b->leave_days);
  g_assert_cmpint (a->remove_when_deleted, ==, b->remove_when_deleted);
  g_assert_cmpint (a->keep_newest_count, ==, b->keep_newest_count);
  g_assert_cmpint (a->keep_newest_bytes, ==, b->keep_newest_bytes);
  g_assert_cmpint (a->when_full_percent, ==, b->when_full_percent);
  g_assert_cmpint (a->older_mail, ==, b->older_mail);
  g_assert_cmpint (a->removals_confirmed, ==, b->removals_confirmed);
  g_assert_cmpint (a->vanished, ==, b->vanished);
  g_assert_cmpint (a->check_interval_s, ==, b->check_interval_s);
  g_assert_cmpint (a->notify, ==, b->notify);
  g_assert_cmpint (a->save_sent, ==, b->save_sent);
  g_assert_cmpint (a->is_enabled, ==, b->is_enabled);
  g_assert_cmpint (a->removed_at, ==, b->removed_at);
  g_assert_cmpint (a->created_at, ==, b->created_at);
}

static void
test_every_column_returns (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccount) account = make_account (fixture->store, "anna@example.org");
  g_autoptr(StoreAccount) other = make_account (fixture->store, "work@example.org");
  g_autoptr(StoreAccount) stored = NULL;
  g_autoptr(StoreAccount) again = NULL;
  g_autoptr(GError) error = NULL;
  gint64 rev;

  stored = store_accounts_get (fixture->store, account->id, &error);
  g_assert_no_error (error);
  assert_equal (account, stored);
  g_assert_true (g_uuid_string_is_valid (stored->uuid));
  g_assert_cmpint (other->position, ==, 1);
  rev = stored->rev;

  /* Each one another value than its neighbours and than the default, so that a swapped column shows. */
  account->protocol = STORE_PROTOCOL_POP3;
  account->position = 7;
  account->incoming.port = 1110;
  account->incoming.security = STORE_SECURITY_STARTTLS;
  account->incoming.auth = STORE_AUTH_OAUTH2;
  store_account_set (&account->outgoing.host, "smtp.example.org");
  account->outgoing.port = 587;
  account->outgoing.security = STORE_SECURITY_NONE;
  store_account_set (&account->outgoing.user, "anna-out");
  account->outgoing.auth = STORE_AUTH_PASSWORD;
  store_account_set (&account->ca_file, "/etc/ca.pem");
  account->offline = STORE_OFFLINE_DAYS;
  account->offline_days = 90;
  account->leave_on_server = STORE_LEAVE_DAYS;
  account->leave_days = 30;
  account->remove_when_deleted = FALSE;
  account->keep_newest_count = 0;
  account->keep_newest_bytes = G_GINT64_CONSTANT (5000000000);
  account->when_full_percent = 90;
  account->older_mail = STORE_OLDER_MAIL_REMOVE;
  account->removals_confirmed = TRUE;
  account->vanished = STORE_VANISHED_KEEP;
  account->check_interval_s = 60;
  account->notify = STORE_NOTIFY_NONE;
  account->save_sent = STORE_SAVE_SENT_HERE;
  account->is_enabled = FALSE;
  g_assert_true (store_accounts_update (fixture->store, account, &error));
  g_assert_no_error (error);
  again = store_accounts_get (fixture->store, account->id, &error);
  assert_equal (account, again);
  g_assert_cmpint (again->rev, >, rev);
}

static void
test_removed_is_listed_only_when_asked (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccount) account = make_account (fixture->store, "anna@example.org");
  g_autoptr(StoreAccount) other = make_account (fixture->store, "work@example.org");
  g_autoptr(GPtrArray) live = NULL;
  g_autoptr(GPtrArray) all = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (store_accounts_remove (fixture->store, account->id, &error));
  live = store_accounts_list (fixture->store, STORE_ACCOUNTS_LIVE, &error);
  all = store_accounts_list (fixture->store, STORE_ACCOUNTS_ALL, &error);
  g_assert_cmpuint (live->len, ==, 1);
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpint (((StoreAccount *) live->pdata[0])->id, ==, other->id);
  g_assert_cmpint (((StoreAccount *) all->pdata[0])->removed_at, >, 0);
}

static void
test_forgotten_takes_everything_along (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccount) account = make_account (fixture->store, "anna@example.org");
  g_autoptr(GPtrArray) identities = NULL;
  g_autoptr(GPtrArray) pins = NULL;
  g_autoptr(StoreAccount) gone = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (store_pins_set (fixture->store, account->id, "imap.example.org", 993, "aa", &error));
  g_assert_true (store_accounts_forget (fixture->store, account->id, &error));
  identities = store_identities_list (fixture->store, 0, &error);
  pins = store_pins_list (fixture->store, account->id, &error);
  g_assert_cmpuint (identities->len, ==, 0);
  g_assert_cmpuint (pins->len, ==, 0);
  gone = store_accounts_get (fixture->store, account->id, &error);
  g_assert_null (gone);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void
test_unknown_account_is_not_found (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(GError) error = NULL;

  account->id = 99;
  g_assert_false (store_accounts_update (fixture->store, account, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void
test_last_identity_stays (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccount) account = make_account (fixture->store, "anna@example.org");
  g_autoptr(StoreIdentity) added = store_identity_new (account->id, "Anna", "anna@other.example");
  g_autoptr(GPtrArray) identities = NULL;
  g_autoptr(StoreIdentity) stored = NULL;
  g_autoptr(GError) error = NULL;
  StoreIdentity *first;

  g_assert_true (store_identities_save (fixture->store, added, &error));
  g_assert_no_error (error);
  g_free (added->signature);
  added->signature = g_strdup ("Anna\nOslo");
  g_assert_true (store_identities_save (fixture->store, added, &error));
  stored = store_identities_get (fixture->store, added->id, &error);
  g_assert_cmpstr (stored->signature, ==, "Anna\nOslo");
  g_assert_cmpstr (stored->uuid, ==, added->uuid);

  identities = store_identities_list (fixture->store, account->id, &error);
  g_assert_cmpuint (identities->len, ==, 2);
  first = identities->pdata[0];
  g_assert_cmpstr (first->name, ==, "Anna Lindqvist");
  g_assert_cmpstr (first->email, ==, "anna@example.org");

  g_assert_true (store_identities_remove (fixture->store, first->id, &error));
  g_assert_false (store_identities_remove (fixture->store, added->id, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
}

static void
test_new_pin_replaces_old (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccount) account = make_account (fixture->store, "anna@example.org");
  g_autoptr(GPtrArray) pins = NULL;
  g_autoptr(GPtrArray) left = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (store_pins_set (fixture->store, account->id, "mail.example.org", 993, "aa", &error));
  g_assert_true (store_pins_set (fixture->store, account->id, "mail.example.org", 993, "bb", &error));
  g_assert_true (store_pins_set (fixture->store, account->id, "mail.example.org", 587, "cc", &error));
  pins = store_pins_list (fixture->store, account->id, &error);
  g_assert_cmpuint (pins->len, ==, 2);
  g_assert_cmpstr (((StorePin *) pins->pdata[1])->fingerprint, ==, "bb");
  g_assert_true (store_pins_remove (fixture->store, account->id, "mail.example.org", 993, &error));
  left = store_pins_list (fixture->store, account->id, &error);
  g_assert_cmpuint (left->len, ==, 1);
}

static void
test_words_are_those_of_the_schema (void)
{
  StoreLeave leave = STORE_LEAVE_FOREVER;

  g_assert_cmpstr (store_protocol_to_string (STORE_PROTOCOL_POP3), ==, "pop3");
  g_assert_cmpstr (store_security_to_string (STORE_SECURITY_STARTTLS), ==, "starttls");
  g_assert_cmpstr (store_save_sent_to_string (STORE_SAVE_SENT_NONE), ==, "none");
  g_assert_true (store_leave_parse ("days", &leave));
  g_assert_cmpint (leave, ==, STORE_LEAVE_DAYS);
  g_assert_false (store_leave_parse ("30", &leave));
  g_assert_cmpint (leave, ==, STORE_LEAVE_DAYS);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/accounts/every-column-returns", test_every_column_returns);
  g_test_add_func ("/store/accounts/removed-is-listed-only-when-asked",
                   test_removed_is_listed_only_when_asked);
  g_test_add_func ("/store/accounts/forgotten-takes-everything-along", test_forgotten_takes_everything_along);
  g_test_add_func ("/store/accounts/unknown-account-is-not-found", test_unknown_account_is_not_found);
  g_test_add_func ("/store/accounts/last-identity-stays", test_last_identity_stays);
  g_test_add_func ("/store/accounts/new-pin-replaces-old", test_new_pin_replaces_old);
  g_test_add_func ("/store/accounts/words-are-those-of-the-schema", test_words_are_those_of_the_schema);
  return g_test_run ();
}
