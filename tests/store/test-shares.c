/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/shares.h"

#include "store/sql.h"
#include "store/mail.h"

static void
set_content (Store  *store,
             gint64  location_id)
{
  GError *error = NULL;

  store_sql_run (store_peek_mail (store),
                 "INSERT OR IGNORE INTO content (id, sha256, size, stored_size, segment, offset, stored_at)"
                 " VALUES (?, randomblob (32), 1, 1, 1, ?, 1)", BIND (INT (location_id), INT (location_id)),
                 &error);
  g_assert_no_error (error);
  store_sql_run (store_peek_mail (store), "UPDATE message SET size = 100, content_id = ? WHERE id ="
                 " (SELECT message_id FROM location WHERE id = ?)",
                 BIND (INT (location_id), INT (location_id)), &error);
  g_assert_no_error (error);
}

static void
test_each_message_counts_once_where_it_is (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  StoreShares shares;
  GError *error = NULL;

  set_content (fixture->store, test_mail_file (fixture->store, &(TestMail) { .id = "both" }, folder, 1, 0));
  set_content (fixture->store, test_mail_file (fixture->store, &(TestMail) { .id = "here" }, folder, 0, 0));
  set_content (fixture->store, test_mail_file (fixture->store, &(TestMail) { .id = "here-too" }, folder, 0,
                                               0));
  test_mail_file (fixture->store, &(TestMail) { .id = "there" }, folder, 2, 0);
  set_content (fixture->store, test_mail_file (fixture->store, &(TestMail) { .id = "other", .account_id = 2 },
                                               folder, 3, 0));
  test_commit (transaction);

  g_assert_true (store_shares_count (fixture->store, 1, &shares, &error));
  g_assert_no_error (error);
  g_assert_cmpint (shares.both.messages, ==, 1);
  g_assert_cmpint (shares.both.bytes, ==, 100);
  g_assert_cmpint (shares.only_here.messages, ==, 2);
  g_assert_cmpint (shares.only_here.bytes, ==, 200);
  g_assert_cmpint (shares.only_server.messages, ==, 1);
  g_assert_true (store_shares_count (fixture->store, 7, &shares, &error));
  g_assert_cmpint (shares.both.messages + shares.only_here.messages + shares.only_server.messages, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/shares/each-message-counts-once-where-it-is",
                   test_each_message_counts_once_where_it_is);
  return g_test_run ();
}
