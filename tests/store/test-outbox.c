/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "store/desk.h"
#include "store/fixture.h"
#include "store/flags.h"
#include "store/folders.h"
#include "store/objects.h"
#include "store/outbox.h"

#define NOW 2000000

static const char * const people[] = { "jonas@example.org", "mia@example.org", NULL };

static gint64
queue (Store  *store,
       gint64  account_id,
       gint64  draft_id,
       gint64  not_before)
{
  StoreSending sending = {
    .account_id = account_id, .identity_id = 5, .draft_id = draft_id, .message_id = "x@example.org",
    .sender = "anna@example.org", .recipients = people, .subject = "Lunch", .source_location = 6,
    .source_flag = STORE_FLAG_ANSWERED, .not_before = not_before,
  };
  g_autoptr(GError) error = NULL;
  gint64 id;

  sending.object_id = store_objects_add (store, BASE_SLICE_LITERAL ("Subject: Lunch\r\n\r\nNoon?\r\n"), NULL);
  id = store_outbox_queue (store, &sending, &error);
  g_assert_no_error (error);
  return id;
}

static void
force (Store            *store,
       gint64            id,
       StoreOutboxState  state)
{
  g_assert_true (store_desk_run (store, "UPDATE outbox SET state = ? WHERE id = ?",
                                 BIND (TEXT (store_outbox_state_to_string (state)), INT (id)), NULL, NULL));
}

static StoreOutbox *
get (Store  *store,
     gint64  id)
{
  StoreOutbox *entry = store_outbox_get (store, id, NULL);

  g_assert_nonnull (entry);
  return entry;
}

static StoreDraftState
state_of_draft (Store  *store,
                gint64  id)
{
  g_autoptr(StoreDraft) draft = store_drafts_get (store, id, NULL);

  return draft->state;
}

static gint64
make_draft (Store *store)
{
  g_autoptr(StoreDraft) draft = store_draft_new (1, 1);

  g_assert_true (store_drafts_save (store, draft, NULL));
  return draft->id;
}

/* --- the table ------------------------------------------------------------------------------------------ */

/* Rows: from; columns: to, in the order of the enum: queued running sent failed unknown cancelled. */
static const char * const table[STORE_N_OUTBOX_STATES] = {
  [STORE_OUTBOX_QUEUED]    = ".x.x.x",
  [STORE_OUTBOX_RUNNING]   = "x.xxx.",
  [STORE_OUTBOX_SENT]      = "......",
  [STORE_OUTBOX_FAILED]    = "x....x",
  [STORE_OUTBOX_UNKNOWN]   = "x.x..x",
  [STORE_OUTBOX_CANCELLED] = "......",
};

static void
test_only_these_transitions (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 id = queue (fixture->store, 1, 0, 0);

  for (guint from = 0; from < STORE_N_OUTBOX_STATES; from++)
    for (guint to = 0; to < STORE_N_OUTBOX_STATES; to++)
      {
        g_autoptr(GError) error = NULL;
        g_autoptr(StoreOutbox) entry = NULL;
        gboolean expected = table[from][to] == 'x';

        g_assert_cmpint (store_outbox_may_become (from, to), ==, expected);
        force (fixture->store, id, from);
        g_assert_cmpint (store_outbox_set_state (fixture->store, id, to, NULL, &error), ==, expected);
        if (!expected)
          g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
        entry = get (fixture->store, id);
        g_assert_cmpint (entry->state, ==, expected ? to : from);
      }
}

static void
test_unknown_id (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;

  g_assert_false (store_outbox_set_state (fixture->store, 9, STORE_OUTBOX_RUNNING, NULL, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

/* --- a sending's life ----------------------------------------------------------------------------------- */

static void
test_every_field_returns (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreOutbox) entry = NULL;
  gint64 id;

  base_clock_set_fake (NOW, 0);
  id = queue (fixture->store, 3, 0, NOW + 5);
  store_fixture_reopen (fixture);
  entry = get (fixture->store, id);
  g_assert_cmpint (entry->account_id, ==, 3);
  g_assert_cmpint (entry->identity_id, ==, 5);
  g_assert_cmpstr (entry->message_id, ==, "x@example.org");
  g_assert_cmpstr (entry->sender, ==, "anna@example.org");
  g_assert_cmpuint (g_strv_length (entry->recipients), ==, 2);
  g_assert_cmpstr (entry->recipients[1], ==, "mia@example.org");
  g_assert_cmpstr (entry->subject, ==, "Lunch");
  g_assert_cmpint (entry->size, ==, 25);
  g_assert_cmpint (entry->source_location, ==, 6);
  g_assert_cmpuint (entry->source_flag, ==, STORE_FLAG_ANSWERED);
  g_assert_cmpint (entry->created_at, ==, NOW);
  g_assert_cmpint (entry->not_before, ==, NOW + 5);
  g_assert_cmpint (entry->sent_copy, ==, STORE_SENT_COPY_WANTED);
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_QUEUED);
}

static void
test_sent_ends_the_draft (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 draft = make_draft (fixture->store);
  gint64 id = queue (fixture->store, 1, draft, 0);
  StoreOutboxNews news = { .refused = "mia@example.org\tno such user" };
  g_autoptr(StoreOutbox) entry = NULL;
  g_autoptr(GPtrArray) open = NULL;
  g_autoptr(GPtrArray) copies = NULL;
  g_autoptr(GPtrArray) sent = NULL;

  base_clock_set_fake (NOW, 0);
  g_assert_cmpint (state_of_draft (fixture->store, draft), ==, STORE_DRAFT_QUEUED);
  g_assert_true (store_outbox_set_state (fixture->store, id, STORE_OUTBOX_RUNNING, NULL, NULL));
  g_assert_true (store_outbox_set_state (fixture->store, id, STORE_OUTBOX_SENT, &news, NULL));
  g_assert_cmpint (state_of_draft (fixture->store, draft), ==, STORE_DRAFT_DISCARDED);
  entry = get (fixture->store, id);
  g_assert_cmpint (entry->sent_at, ==, NOW);
  g_assert_cmpstr (entry->refused, ==, "mia@example.org\tno such user");

  /* Not over before its copy is in Sent. */
  open = store_outbox_list_open (fixture->store, STORE_ACCOUNT_ANY, NULL);
  g_assert_cmpuint (open->len, ==, 1);
  copies = store_outbox_list_copies (fixture->store, 1, NULL);
  g_assert_cmpuint (copies->len, ==, 1);
  g_assert_true (store_outbox_set_copy (fixture->store, id, STORE_SENT_COPY_DONE, NULL));
  g_clear_pointer (&open, g_ptr_array_unref);
  open = store_outbox_list_open (fixture->store, 1, NULL);
  g_assert_cmpuint (open->len, ==, 0);
  sent = store_outbox_list_sent (fixture->store, NOW, NULL);
  g_assert_cmpuint (sent->len, ==, 1);
}

static void
test_cancelled_opens_the_draft (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 draft = make_draft (fixture->store);
  gint64 id = queue (fixture->store, 1, draft, 0);
  g_autoptr(GPtrArray) open = NULL;
  StoreSending again = { .account_id = 1, .draft_id = draft, .message_id = "y", .sender = "s",
                         .recipients = people,
                         .subject = "" };
  g_autoptr(GError) error = NULL;

  /* One draft is not sent twice. */
  again.object_id = store_objects_add (fixture->store, BASE_SLICE_LITERAL ("x"), NULL);
  g_assert_cmpint (store_outbox_queue (fixture->store, &again, &error), ==, 0);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);

  g_assert_true (store_outbox_set_state (fixture->store, id, STORE_OUTBOX_CANCELLED, NULL, NULL));
  g_assert_cmpint (state_of_draft (fixture->store, draft), ==, STORE_DRAFT_OPEN);
  open = store_outbox_list_open (fixture->store, STORE_ACCOUNT_ANY, NULL);
  g_assert_cmpuint (open->len, ==, 0);
}

static void
test_crash_while_running_is_unknown (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 running = queue (fixture->store, 1, 0, 0);
  gint64 queued = queue (fixture->store, 1, 0, 0);
  g_autoptr(StoreOutbox) entry = NULL;
  g_autoptr(GPtrArray) due = NULL;

  g_assert_true (store_outbox_set_state (fixture->store, running, STORE_OUTBOX_RUNNING, NULL, NULL));
  store_fixture_reopen (fixture);
  g_assert_cmpint (store_outbox_recover (fixture->store, NULL), ==, 1);
  g_assert_cmpint (store_outbox_recover (fixture->store, NULL), ==, 0);
  entry = get (fixture->store, running);
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_UNKNOWN);
  due = store_outbox_list_due (fixture->store, 1, G_MAXINT64, NULL);
  g_assert_cmpuint (due->len, ==, 1);
  g_assert_cmpint (((StoreOutbox *) due->pdata[0])->id, ==, queued);
}

static void
test_word_of_a_newer_version_is_never_sent (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 id = queue (fixture->store, 1, 0, 0);
  g_autoptr(GPtrArray) due = NULL;
  g_autoptr(StoreOutbox) entry = NULL;

  g_assert_true (store_desk_run (fixture->store, "UPDATE outbox SET state = 'scheduled'", NULL, NULL, NULL));
  entry = get (fixture->store, id);
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_UNKNOWN);
  due = store_outbox_list_due (fixture->store, 1, G_MAXINT64, NULL);
  g_assert_cmpuint (due->len, ==, 0);
}

static guint
count_due (Store  *store,
           gint64  account_id,
           gint64  now)
{
  g_autoptr(GPtrArray) due = store_outbox_list_due (store, account_id, now, NULL);

  return due->len;
}

static void
test_due_and_next_time (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreOutboxNews later = { .next_try_at = NOW + 60, .problem_text = "Cannot reach mail.example.org",
                            .server_words = "421 busy" };
  g_autoptr(StoreOutbox) entry = NULL;
  g_autoptr(GError) error = NULL;
  gint64 id, other;

  base_clock_set_fake (NOW, 0);
  g_assert_cmpint (store_outbox_get_next_time (fixture->store, STORE_ACCOUNT_ANY, NULL), ==, 0);
  id = queue (fixture->store, 1, 0, NOW + 5);
  other = queue (fixture->store, 2, 0, 0);
  g_assert_cmpuint (count_due (fixture->store, 1, NOW + 4), ==, 0);
  g_assert_cmpuint (count_due (fixture->store, 1, NOW + 5), ==, 1);
  g_assert_cmpuint (count_due (fixture->store, 2, NOW), ==, 1);
  g_assert_cmpint (store_outbox_get_next_time (fixture->store, 1, NULL), ==, NOW + 5);
  g_assert_cmpint (store_outbox_get_next_time (fixture->store, STORE_ACCOUNT_ANY, NULL), ==, NOW);

  g_assert_true (store_outbox_postpone (fixture->store, id, &later, NULL));
  g_assert_cmpuint (count_due (fixture->store, 1, NOW + 59), ==, 0);
  g_assert_cmpint (store_outbox_get_next_time (fixture->store, 1, NULL), ==, NOW + 60);
  entry = get (fixture->store, id);
  g_assert_cmpuint (entry->tries, ==, 1);
  g_assert_cmpstr (entry->problem_text, ==, "Cannot reach mail.example.org");
  g_assert_cmpstr (entry->server_words, ==, "421 busy");

  g_assert_true (store_outbox_set_state (fixture->store, id, STORE_OUTBOX_RUNNING, NULL, NULL));
  g_assert_false (store_outbox_postpone (fixture->store, id, &later, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_STATE);
  g_assert_true (store_outbox_set_state (fixture->store, id, STORE_OUTBOX_QUEUED, &later, NULL));
  g_clear_pointer (&entry, store_outbox_free);
  entry = get (fixture->store, id);
  g_assert_cmpuint (entry->tries, ==, 2);
  g_assert_true (store_outbox_set_state (fixture->store, other, STORE_OUTBOX_FAILED, &later, NULL));
  g_assert_cmpuint (count_due (fixture->store, 2, G_MAXINT64), ==, 0);
}

static void
test_sweep (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const gint64 month = 30 * 24 * 60 * 60;
  gint64 sent, failed, gone;

  base_clock_set_fake (NOW, 0);
  sent = queue (fixture->store, 1, 0, 0);
  failed = queue (fixture->store, 1, 0, 0);
  gone = queue (fixture->store, 1, 0, 0);
  g_assert_true (store_outbox_set_state (fixture->store, failed, STORE_OUTBOX_FAILED, NULL, NULL));
  g_assert_true (store_outbox_set_state (fixture->store, gone, STORE_OUTBOX_CANCELLED, NULL, NULL));
  g_assert_true (store_outbox_set_state (fixture->store, sent, STORE_OUTBOX_RUNNING, NULL, NULL));
  g_assert_true (store_outbox_set_state (fixture->store, sent, STORE_OUTBOX_SENT, NULL, NULL));
  base_clock_set_fake (NOW + month + 1, 0);
  g_assert_true (store_outbox_sweep (fixture->store, NULL));
  g_assert_null (store_outbox_get (fixture->store, gone, NULL));
  store_outbox_free (get (fixture->store, sent));          /* its copy is still wanted */
  g_assert_true (store_outbox_set_copy (fixture->store, sent, STORE_SENT_COPY_DONE, NULL));
  g_assert_true (store_outbox_sweep (fixture->store, NULL));
  g_assert_null (store_outbox_get (fixture->store, sent, NULL));
  store_outbox_free (get (fixture->store, failed));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/outbox/only-these-transitions", test_only_these_transitions);
  g_test_add_func ("/store/outbox/unknown-id", test_unknown_id);
  g_test_add_func ("/store/outbox/every-field-returns", test_every_field_returns);
  g_test_add_func ("/store/outbox/sent-ends-the-draft", test_sent_ends_the_draft);
  g_test_add_func ("/store/outbox/cancelled-opens-the-draft", test_cancelled_opens_the_draft);
  g_test_add_func ("/store/outbox/crash-while-running-is-unknown", test_crash_while_running_is_unknown);
  g_test_add_func ("/store/outbox/word-of-a-newer-version-is-never-sent",
                   test_word_of_a_newer_version_is_never_sent);
  g_test_add_func ("/store/outbox/due-and-next-time", test_due_and_next_time);
  g_test_add_func ("/store/outbox/sweep", test_sweep);
  return g_test_run ();
}
