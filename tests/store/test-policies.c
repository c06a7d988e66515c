/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/fixture.h"
#include "store/policies.h"

static void
test_policy_that_chooses_nothing_has_no_row (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GBytes) raw_name = g_bytes_new_static ("Entw&APw-rfe", 12);
  g_autoptr(StorePolicy) policy = store_policy_new (1, raw_name);
  g_autoptr(StorePolicy) stored = NULL;
  g_autoptr(StorePolicy) other = NULL;
  g_autoptr(GPtrArray) none = NULL;
  g_autoptr(GError) error = NULL;

  policy->role = STORE_ROLE_DRAFTS;
  policy->offline = STORE_OFFLINE_DAYS;
  policy->offline_days = 14;
  policy->vanished = STORE_VANISHED_KEEP;
  policy->notify = STORE_NOTIFY_ALL;
  policy->leave_days = 3;
  policy->is_hidden = TRUE;
  g_assert_true (store_policies_set (fixture->store, policy, &error));
  g_assert_no_error (error);
  stored = store_policies_get (fixture->store, 1, raw_name, &error);
  g_assert_cmpint (stored->role, ==, STORE_ROLE_DRAFTS);
  g_assert_cmpint (stored->offline, ==, STORE_OFFLINE_DAYS);
  g_assert_cmpint (stored->offline_days, ==, 14);
  g_assert_cmpint (stored->vanished, ==, STORE_VANISHED_KEEP);
  g_assert_cmpint (stored->leave_days, ==, 3);
  g_assert_cmpint (stored->notify, ==, STORE_NOTIFY_ALL);
  g_assert_true (stored->is_hidden);

  other = store_policies_get (fixture->store, 2, raw_name, &error);
  g_assert_cmpint (other->role, ==, STORE_AS_ACCOUNT);
  g_assert_true (store_policies_set (fixture->store, other, &error));
  other->account_id = 1;
  g_assert_true (store_policies_set (fixture->store, other, &error));
  none = store_policies_list (fixture->store, 1, &error);
  g_assert_cmpuint (none->len, ==, 0);
}

static void
test_effective_policy (void)
{
  static const struct {
    StoreNotify   account_notify;
    gint          folder_notify;
    StoreVanished account_vanished;
    gint          folder_vanished;
    gint          leave_days;
    StoreRole     role;
    gboolean      notifies;
    StoreVanished vanished;
    StoreLeave    leave;
  } rows[] = {
    { STORE_NOTIFY_INBOX, -1, STORE_VANISHED_FOLLOW, -1, -1, STORE_ROLE_INBOX, TRUE, STORE_VANISHED_FOLLOW,
      STORE_LEAVE_FOREVER },
    { STORE_NOTIFY_INBOX, -1, STORE_VANISHED_KEEP, -1, 0, STORE_ROLE_NONE, FALSE, STORE_VANISHED_KEEP,
      STORE_LEAVE_REMOVE },
    { STORE_NOTIFY_INBOX, STORE_NOTIFY_ALL, STORE_VANISHED_KEEP, STORE_VANISHED_FOLLOW, 7, STORE_ROLE_NONE,
      TRUE, STORE_VANISHED_FOLLOW, STORE_LEAVE_DAYS },
    { STORE_NOTIFY_ALL, -1, STORE_VANISHED_KEEP, STORE_VANISHED_KEEP, -1, STORE_ROLE_TRASH, FALSE,
      STORE_VANISHED_FOLLOW, STORE_LEAVE_FOREVER },
    { STORE_NOTIFY_ALL, STORE_NOTIFY_ALL, STORE_VANISHED_FOLLOW, -1, -1, STORE_ROLE_SENT, FALSE,
      STORE_VANISHED_FOLLOW, STORE_LEAVE_FOREVER },
    { STORE_NOTIFY_ALL, STORE_NOTIFY_NONE, STORE_VANISHED_FOLLOW, -1, -1, STORE_ROLE_INBOX, FALSE,
      STORE_VANISHED_FOLLOW, STORE_LEAVE_FOREVER },
  };
  g_autoptr(GBytes) raw_name = g_bytes_new_static ("x", 1);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(StoreAccount) account = store_account_new ();
      g_autoptr(StorePolicy) policy = store_policy_new (1, raw_name);
      StoreEffectivePolicy effective;

      account->notify = rows[i].account_notify;
      account->vanished = rows[i].account_vanished;
      policy->notify = rows[i].folder_notify;
      policy->vanished = rows[i].folder_vanished;
      policy->leave_days = rows[i].leave_days;
      effective = store_policy_effective (account, policy, rows[i].role);
      g_test_message ("row %u", i);
      g_assert_cmpint (effective.notifies, ==, rows[i].notifies);
      g_assert_cmpint (effective.vanished, ==, rows[i].vanished);
      g_assert_cmpint (effective.leave_on_server, ==, rows[i].leave);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/policies/one-that-chooses-nothing-has-no-row",
                   test_policy_that_chooses_nothing_has_no_row);
  g_test_add_func ("/store/policies/effective", test_effective_policy);
  return g_test_run ();
}
