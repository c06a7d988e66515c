/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/mail.h"
#include "store/sql.h"

static void
test_names_go_both_ways (void)
{
  for (StoreCause cause = STORE_BY_USER; cause <= STORE_BY_PENFOLD; cause++)
    g_assert_cmpint (store_cause_from_string (store_cause_to_string (cause)), ==, cause);
  for (StoreEventKind kind = STORE_EVENT_STORED; kind <= STORE_EVENT_PURGED; kind++)
    g_assert_cmpint (store_event_from_string (store_event_to_string (kind)), ==, kind);
}

static void
test_entry_outlives_its_message (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 location = test_mail_file (fixture->store, &(TestMail) { .id = "a", .subject = "Bill",
                                                                  .arrived_at = 99 }, folder, 1, 0);
  gint64 message = (gint64) 99 << 20;
  g_autoptr(GPtrArray) events = NULL;
  const StoreEvent *event;

  g_assert_true (store_locations_end (fixture->store, location, STORE_BY_ELSEWHERE, STORE_SERVER_COPY_GONE,
                                      "OK bye", NULL));
  g_assert_true (store_sql_run (store_peek_mail (fixture->store), "DELETE FROM message", NULL, NULL));
  test_commit (transaction);

  events = store_history_list_message (fixture->store, message, NULL);
  g_assert_cmpuint (events->len, ==, 1);
  event = events->pdata[0];
  g_assert_cmpint (event->kind, ==, STORE_EVENT_REMOVED);
  g_assert_cmpint (event->by, ==, STORE_BY_ELSEWHERE);
  g_assert_cmpstr (event->folder_from, ==, "INBOX");
  g_assert_cmpstr (event->server_words, ==, "OK bye");
  g_assert_cmpstr (event->subject, ==, "Bill");
  g_assert_cmpstr (event->sender, ==, "ann@example.org");
  g_assert_cmpint (event->location_id, ==, location);
}

static void
test_listed_newest_first_in_pages (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 message = test_mail_insert (fixture->store, &(TestMail) { .id = "a" });
  StoreEvent event = { .message_id = message, .kind = STORE_EVENT_VERIFIED, .by = STORE_BY_PENFOLD };
  g_autoptr(GPtrArray) first = NULL;
  g_autoptr(GPtrArray) second = NULL;
  g_autoptr(GPtrArray) other = NULL;

  for (guint i = 1; i <= 5; i++)
    {
      event.at = i;
      g_assert_true (store_history_add (fixture->store, &event, NULL));
    }
  test_commit (transaction);
  first = store_history_list (fixture->store, STORE_ACCOUNT_ANY, 0, 3, NULL);
  g_assert_cmpuint (first->len, ==, 3);
  g_assert_cmpint (((StoreEvent *) first->pdata[0])->at, ==, 5);
  second = store_history_list (fixture->store, 1, ((StoreEvent *) first->pdata[2])->id, 3, NULL);
  g_assert_cmpuint (second->len, ==, 2);
  g_assert_cmpint (((StoreEvent *) second->pdata[1])->at, ==, 1);
  other = store_history_list (fixture->store, 2, 0, 3, NULL);
  g_assert_cmpuint (other->len, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/history/names-go-both-ways", test_names_go_both_ways);
  g_test_add_func ("/store/history/entry-outlives-its-message", test_entry_outlives_its_message);
  g_test_add_func ("/store/history/listed-newest-first-in-pages", test_listed_newest_first_in_pages);
  return g_test_run ();
}
