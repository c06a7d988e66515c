/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the worker notes for others and for itself: states.h, questions.h, removals.h, applied.h. */
#include "store/applied.h"
#include "store/mail.h"
#include "store/questions.h"
#include "store/removals.h"
#include "store/states.h"

static void
test_unknown_account_is_idle (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreAccountState) state = store_states_get (fixture->store, 7, NULL);

  g_assert_cmpint (state->activity, ==, STORE_ACTIVITY_IDLE);
  g_assert_cmpint (state->quota_used, ==, STORE_NONE);
  g_assert_null (state->problem);
}

static void
set_state (Store                   *store,
           const StoreAccountState *state)
{
  StoreTransaction *transaction = test_begin (store);

  g_assert_true (store_states_set (store, state, NULL));
  test_commit (transaction);
}

static void
test_state_is_read_back_and_written_once (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreAccountState state = {
    .account_id = 7, .activity = STORE_ACTIVITY_STOPPED, .last_ok_at = 5, .problem = (char *) "password",
    .problem_text = (char *) "Wrong", .quota_used = 0, .quota_limit = 100, .expire_days = G_MAXINT64,
    .login_delay_s = STORE_NONE,
  };
  g_autoptr(StoreAccountState) read = NULL;
  g_autoptr(GPtrArray) news = NULL;
  gint64 rev;

  set_state (fixture->store, &state);
  rev = store_get_mail_rev (fixture->store, NULL);
  set_state (fixture->store, &state);
  g_assert_cmpint (store_get_mail_rev (fixture->store, NULL), ==, rev);

  read = store_states_get (fixture->store, 7, NULL);
  g_assert_cmpint (read->activity, ==, STORE_ACTIVITY_STOPPED);
  g_assert_cmpstr (read->problem, ==, "password");
  g_assert_cmpint (read->quota_used, ==, 0);
  g_assert_cmpint (read->expire_days, ==, G_MAXINT64);
  g_assert_cmpint (read->login_delay_s, ==, STORE_NONE);
  news = store_states_list_since (fixture->store, rev - 1, NULL);
  g_assert_cmpuint (news->len, ==, 1);
}

static void
test_question_is_asked_once (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 id = store_questions_ask (fixture->store, 1, "password", 0, "{\"n\":1}", NULL);
  g_autoptr(StoreQuestion) question = NULL;
  g_autoptr(GPtrArray) open = NULL;

  g_assert_cmpint (id, >, 0);
  g_assert_cmpint (store_questions_ask (fixture->store, 1, "password", 0, "{\"n\":2}", NULL), ==, id);
  g_assert_cmpint (store_questions_ask (fixture->store, 1, "password", 5, "{}", NULL), !=, id);
  g_assert_cmpint (store_questions_ask (fixture->store, 2, "password", 0, "{}", NULL), !=, id);
  question = store_questions_get (fixture->store, id, NULL);
  g_assert_cmpstr (question->details, ==, "{\"n\":2}");

  g_assert_true (store_questions_close (fixture->store, id, NULL));
  g_assert_true (store_questions_close (fixture->store, id, NULL));
  open = store_questions_list_open (fixture->store, NULL);
  g_assert_cmpuint (open->len, ==, 2);
  g_assert_cmpint (store_questions_ask (fixture->store, 1, "password", 0, "{}", NULL), !=, id);
  test_commit (transaction);
}

static void
test_removal_is_open_until_done (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  gint64 folder = test_folder_add (fixture->store, "INBOX", STORE_ROLE_INBOX);
  gint64 location = test_mail_file (fixture->store, &(TestMail) { .id = "a" }, folder, 1, 0);
  const guint8 sha256[32] = { 1, 2, 3 };
  gint64 id = store_removals_intend (fixture->store, location, "30 days", sha256, NULL);
  g_autoptr(GPtrArray) open = NULL;
  g_autoptr(GPtrArray) after = NULL;
  const StoreRemoval *removal;

  g_assert_cmpint (id, >, 0);
  g_assert_cmpint (store_removals_intend (fixture->store, location, "30 days", sha256, NULL), ==, id);
  g_assert_true (store_removals_set_state (fixture->store, id, STORE_REMOVAL_SENT, "+OK", NULL));
  g_assert_true (store_removals_count_round (fixture->store, id, NULL));
  open = store_removals_list_open (fixture->store, 1, NULL);
  g_assert_cmpuint (open->len, ==, 1);
  removal = open->pdata[0];
  g_assert_cmpint (removal->state, ==, STORE_REMOVAL_INTENDED);
  g_assert_cmpuint (removal->rounds, ==, 1);
  g_assert_cmpmem (removal->sha256, 32, sha256, 32);
  g_assert_cmpstr (removal->server_words, ==, "+OK");

  g_assert_true (store_removals_set_state (fixture->store, id, STORE_REMOVAL_DONE, NULL, NULL));
  after = store_removals_list_open (fixture->store, 1, NULL);
  g_assert_cmpuint (after->len, ==, 0);
  g_assert_cmpint (store_removals_intend (fixture->store, location, "30 days", sha256, NULL), !=, id);
  test_commit (transaction);
}

static void
test_removal_needs_a_location (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);
  const guint8 sha256[32] = { 0 };
  g_autoptr(GError) error = NULL;

  g_assert_cmpint (store_removals_intend (fixture->store, 99, "30 days", sha256, &error), ==, 0);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  test_commit (transaction);
}

static void
test_change_is_applied_with_its_effect (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = test_begin (fixture->store);

  g_assert_cmpint (store_applied_get (fixture->store, 3, NULL), ==, STORE_CHANGE_IS_NEW);
  g_assert_true (store_applied_add (fixture->store, 3, NULL));
  g_assert_cmpint (store_applied_get (fixture->store, 3, NULL), ==, STORE_CHANGE_WAS_APPLIED);
  store_rollback (transaction);
  g_assert_cmpint (store_applied_get (fixture->store, 3, NULL), ==, STORE_CHANGE_IS_NEW);

  transaction = test_begin (fixture->store);
  g_assert_true (store_applied_add (fixture->store, 3, NULL));
  g_assert_true (store_applied_add (fixture->store, 4, NULL));
  g_assert_true (store_applied_forget (fixture->store, 4, NULL));
  test_commit (transaction);
  g_assert_cmpint (store_applied_get (fixture->store, 3, NULL), ==, STORE_CHANGE_IS_NEW);
  g_assert_cmpint (store_applied_get (fixture->store, 4, NULL), ==, STORE_CHANGE_WAS_APPLIED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/states/unknown-account-is-idle", test_unknown_account_is_idle);
  g_test_add_func ("/store/states/state-is-read-back-and-written-once",
                   test_state_is_read_back_and_written_once);
  g_test_add_func ("/store/questions/question-is-asked-once", test_question_is_asked_once);
  g_test_add_func ("/store/removals/removal-is-open-until-done", test_removal_is_open_until_done);
  g_test_add_func ("/store/removals/removal-needs-a-location", test_removal_needs_a_location);
  g_test_add_func ("/store/applied/change-is-applied-with-its-effect",
                   test_change_is_applied_with_its_effect);
  return g_test_run ();
}
