/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The keyring, with a private gnome-keyring-daemon on a session bus of its own (dbus-run-session runs
 * this). */
#include "account/secrets.h"

#include <glib/gstdio.h>
#include <libsecret/secret.h>
#include <string.h>

#define KEYRING_PASSWORD "testpw"

static GSubprocess *daemon_process;

static gboolean
has_owner (GDBusConnection *bus)
{
  g_autoptr(GVariant) answer = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus",
                                                            "/org/freedesktop/DBus",
                                                            "org.freedesktop.DBus", "NameHasOwner",
                                                            g_variant_new ("(s)", "org.freedesktop.secrets"),
                                                            NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean has = FALSE;

  if (answer != NULL)
    g_variant_get (answer, "(b)", &has);
  return has;
}

/* Before any call of libsecret: else D-Bus would start a locked one, which wants a prompter. */
static void
start_daemon (void)
{
  g_autoptr(GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, NULL);
  g_autoptr(GError) error = NULL;
  GOutputStream *in;

  daemon_process = g_subprocess_new (G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_SILENCE
                                     | G_SUBPROCESS_FLAGS_STDERR_SILENCE, &error,
                                     "gnome-keyring-daemon", "--unlock", "--components=secrets",
                                     "--foreground", NULL);
  g_assert_no_error (error);
  in = g_subprocess_get_stdin_pipe (daemon_process);
  g_assert_true (g_output_stream_write_all (in, KEYRING_PASSWORD, strlen (KEYRING_PASSWORD), NULL, NULL,
                                            NULL));
  g_assert_true (g_output_stream_close (in, NULL, NULL));
  for (guint i = 0; i < 1000 && !has_owner (bus); i++)
    g_usleep (10 * 1000);
  g_assert_true (has_owner (bus));
}

static char *
get (AccountSecrets *secrets,
     const char     *account,
     AccountPurpose  purpose)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BaseSecret) secret = account_secrets_get (secrets, account, purpose, &error);

  g_assert_no_error (error);
  return secret != NULL ? g_strdup (base_secret_peek (secret)) : NULL;
}

static void
set (AccountSecrets *secrets,
     const char     *account,
     AccountPurpose  purpose,
     const char     *text)
{
  g_autoptr(BaseSecret) secret = base_secret_new (text);
  g_autoptr(GError) error = NULL;

  g_assert_true (account_secrets_set (secrets, account, purpose, "Penfold: anna@example.org", secret,
                                      &error));
  g_assert_no_error (error);
}

static void
assert_secret (AccountSecrets *secrets,
               const char     *account,
               AccountPurpose  purpose,
               const char     *expected)
{
  g_autofree char *text = get (secrets, account, purpose);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_kept_apart_by_store_account_and_purpose (void)
{
  g_autoptr(AccountSecrets) secrets = account_secrets_new ("/nonexistent", "store-1",
                                                           ACCOUNT_SECRETS_KEYRING);
  g_autoptr(AccountSecrets) other = account_secrets_new ("/nonexistent", "store-2", ACCOUNT_SECRETS_KEYRING);
  g_autoptr(GError) error = NULL;

  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, NULL);
  set (secrets, "a", ACCOUNT_SECRET_INCOMING, "pässword with blanks");
  set (secrets, "a", ACCOUNT_SECRET_OUTGOING, "other");
  set (secrets, "b", ACCOUNT_SECRET_INCOMING, "of b");
  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, "pässword with blanks");
  assert_secret (secrets, "a", ACCOUNT_SECRET_OUTGOING, "other");
  assert_secret (secrets, "b", ACCOUNT_SECRET_INCOMING, "of b");
  assert_secret (other, "a", ACCOUNT_SECRET_INCOMING, NULL);

  set (secrets, "a", ACCOUNT_SECRET_INCOMING, "new");
  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, "new");
  g_assert_true (account_secrets_forget (secrets, "a", &error));
  g_assert_no_error (error);
  assert_secret (secrets, "a", ACCOUNT_SECRET_INCOMING, NULL);
  assert_secret (secrets, "a", ACCOUNT_SECRET_OUTGOING, NULL);
  assert_secret (secrets, "b", ACCOUNT_SECRET_INCOMING, "of b");
}

/* Neither reading nor writing may ask anybody: nobody would answer the worker. */
static void
test_locked_is_an_error_at_once (void)
{
  g_autoptr(AccountSecrets) secrets = account_secrets_new ("/nonexistent", "store-3",
                                                           ACCOUNT_SECRETS_KEYRING);
  g_autoptr(BaseSecret) secret = base_secret_new ("x");
  g_autoptr(BaseSecret) got = NULL;
  g_autoptr(GError) getting = NULL;
  g_autoptr(GError) setting = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(SecretService) service = NULL;
  g_autoptr(SecretCollection) collection = NULL;
  GList *objects;
  gint64 begin;

  set (secrets, "a", ACCOUNT_SECRET_INCOMING, "x");
  service = secret_service_get_sync (SECRET_SERVICE_NONE, NULL, &error);
  g_assert_no_error (error);
  collection = secret_collection_for_alias_sync (service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE,
                                                 NULL, &error);
  g_assert_no_error (error);
  objects = g_list_append (NULL, collection);
  g_assert_cmpint (secret_service_lock_sync (service, objects, NULL, NULL, &error), ==, 1);
  g_assert_no_error (error);
  g_list_free (objects);

  begin = g_get_monotonic_time ();
  got = account_secrets_get (secrets, "a", ACCOUNT_SECRET_INCOMING, &getting);
  g_assert_null (got);
  g_assert_error (getting, ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED);
  g_assert_false (account_secrets_set (secrets, "a", ACCOUNT_SECRET_INCOMING, "label", secret, &setting));
  g_assert_error (setting, ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *data = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  int result;

  g_setenv ("XDG_DATA_HOME", data, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  start_daemon ();
  g_test_add_func ("/account/keyring/kept-apart-by-store-account-and-purpose",
                   test_kept_apart_by_store_account_and_purpose);
  g_test_add_func ("/account/keyring/locked-is-an-error-at-once", test_locked_is_an_error_at_once);
  result = g_test_run ();
  g_subprocess_force_exit (daemon_process);
  g_subprocess_wait (daemon_process, NULL, NULL);
  g_object_unref (daemon_process);
  return result;
}
