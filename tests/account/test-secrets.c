/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "account/secrets.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

static void
assert_secret (AccountSecrets *secrets,
               const char     *account,
               AccountPurpose  purpose,
               const char     *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BaseSecret) secret = account_secrets_get (secrets, account, purpose, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (secret != NULL ? base_secret_peek (secret) : NULL, ==, expected);
}

/* The same in every place: what was put comes back, per account and purpose, until it is forgotten. */
static void
check_place (AccountSecrets *secrets)
{
  g_autoptr(BaseSecret) one = base_secret_new ("p=äss; \n[word]");
  g_autoptr(BaseSecret) two = base_secret_new ("other");
  g_autoptr(GError) error = NULL;

  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, NULL);
  g_assert_true (account_secrets_set (secrets, "a", ACCOUNT_SECRET_INCOMING, "Home", one, &error));
  g_assert_true (account_secrets_set (secrets, "b", ACCOUNT_SECRET_INCOMING, "Work", two, &error));
  g_assert_true (account_secrets_set (secrets, "a", ACCOUNT_SECRET_OUTGOING, "Home", two, &error));
  g_assert_no_error (error);
  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, "p=äss; \n[word]");
  assert_secret (secrets, "b", ACCOUNT_SECRET_INCOMING, "other");
  g_assert_true (account_secrets_forget (secrets, "a", &error));
  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, NULL);
  assert_secret (secrets, "a", ACCOUNT_SECRET_OUTGOING, NULL);
  assert_secret (secrets, "b", ACCOUNT_SECRET_INCOMING, "other");
}

static void
test_session (void)
{
  g_autoptr(AccountSecrets) secrets = account_secrets_new ("/nonexistent", "s", ACCOUNT_SECRETS_SESSION);

  check_place (secrets);
}

static void
test_file_is_private_and_lasts (void)
{
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "secrets", NULL);
  g_autoptr(AccountSecrets) secrets = account_secrets_new (dir, "s", ACCOUNT_SECRETS_FILE);
  g_autoptr(AccountSecrets) later = account_secrets_new (dir, "s", ACCOUNT_SECRETS_FILE);
  GStatBuf st;

  check_place (secrets);
  assert_secret (later, "b", ACCOUNT_SECRET_INCOMING, "other");
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_damaged_file_is_an_error (void)
{
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "secrets", NULL);
  g_autoptr(AccountSecrets) secrets = account_secrets_new (dir, "s", ACCOUNT_SECRETS_FILE);
  g_autoptr(BaseSecret) one = base_secret_new ("x");
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (path, "nonsense", -1, NULL));
  g_assert_null (account_secrets_get (secrets, "a", ACCOUNT_SECRET_INCOMING, &error));
  g_assert_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_FAILED);
  g_clear_error (&error);
  /* What cannot be read is not overwritten either. */
  g_assert_false (account_secrets_set (secrets, "a", ACCOUNT_SECRET_INCOMING, "Home", one, &error));
  g_unlink (path);
  g_rmdir (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/account/secrets/session", test_session);
  g_test_add_func ("/account/secrets/file-is-private-and-lasts", test_file_is_private_and_lasts);
  g_test_add_func ("/account/secrets/damaged-file-is-an-error", test_damaged_file_is_an_error);
  return g_test_run ();
}
