/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/outbox.h"

#include "account/secrets.h"
#include "base/clock.h"
#include "store/changes.h"
#include "store/desk.h"
#include "store/fixture.h"
#include "store/messages.h"
#include "store/objects.h"
#include "sync/office.h"

#define NOW 2000000

static const char * const people[] = { "jonas@example.org", "mia@example.org", NULL };

/* --- a store with an account, and a provider ------------------------------------------------------------ */

typedef struct {
  StoreFixture *fixture;
  StoreAccount *account;
  Office       *office;
  SyncSummary   summary;
  SyncContext   context;
  GError       *error;          /* of the last run */
} Desk;

static void
desk_begin (Desk *desk)
{
  g_autofree char *path = NULL;

  base_clock_set_fake (NOW, 0);
  *desk = (Desk) { .fixture = store_fixture_new (), .account = store_account_new () };
  store_account_set (&desk->account->email, "anna@example.org");
  store_account_set (&desk->account->outgoing.host, "mail.example.org");
  g_assert_cmpint (store_accounts_add (desk->fixture->store, desk->account, "Anna", NULL), ==, 1);
  path = g_build_filename (desk->fixture->dir, "office", NULL);
  desk->office = office_new (path);
  sync_summary_init (&desk->summary);
  desk->context = (SyncContext) { .store = desk->fixture->store, .account = desk->account,
                                  .summary = &desk->summary };
}

static void
desk_clear (Desk *desk)
{
  g_clear_error (&desk->error);
  sync_summary_clear (&desk->summary);
  office_free (desk->office);
  store_account_free (desk->account);
  store_fixture_free (desk->fixture);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Desk, desk_clear)

static gint64
queue_text (Desk       *desk,
            const char *text,
            const char *message_id,
            gint64      not_before,
            gint64      source_location)
{
  Store *store = desk->fixture->store;
  StoreSending sending = {
    .account_id = 1, .message_id = message_id, .sender = "anna@example.org", .recipients = people,
                  .subject = "Lunch",
    .not_before = not_before, .source_location = source_location, .source_flag = STORE_FLAG_ANSWERED,
    .object_id = store_objects_add (store, base_slice_from_string (text), NULL),
  };
  gint64 id = store_outbox_queue (store, &sending, NULL);

  g_assert_cmpint (id, >, 0);
  return id;
}

static gint64
queue (Desk       *desk,
       const char *message_id,
       gint64      not_before,
       gint64      source_location)
{
  g_autofree char *text = g_strdup_printf ("Message-ID: <%s>\r\nFrom: anna@example.org\r\n\r\nNoon?\r\n",
                                           message_id);

  return queue_text (desk, text, message_id, not_before, source_location);
}

static gboolean
run (Desk       *desk,
     OfficeMood  mood)
{
  g_clear_error (&desk->error);
  g_ptr_array_set_size (desk->summary.failed, 0);
  desk->office->mood = mood;
  return sync_outbox_run (&desk->context, &desk->office->post, &desk->error);
}

static StoreOutbox *
get (Desk   *desk,
     gint64  id)
{
  StoreOutbox *entry = store_outbox_get (desk->fixture->store, id, NULL);

  g_assert_nonnull (entry);
  return entry;
}

static StoreOutboxState
get_state (Desk   *desk,
           gint64  id)
{
  g_autoptr(StoreOutbox) entry = get (desk, id);

  return entry->state;
}

/* --- deciding ------------------------------------------------------------------------------------------- */

static void
test_errors_are_judged (void)
{
  static const struct {
    SyncOutboxVerdict opening;
    SyncOutboxVerdict sending;
    int               code;
  } smtp[] = {
    { SYNC_OUTBOX_STOPPED, SYNC_OUTBOX_STOPPED, SMTP_ERROR_AUTH_REJECTED },
    { SYNC_OUTBOX_STOPPED, SYNC_OUTBOX_STOPPED, SMTP_ERROR_NO_TLS },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_LATER,   SMTP_ERROR_TEMPORARY },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_FAILED,  SMTP_ERROR_PERMANENT },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_FAILED,  SMTP_ERROR_TOO_BIG },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_FAILED,  SMTP_ERROR_RECIPIENTS_REFUSED },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_FAILED,  SMTP_ERROR_BAD_ADDRESS },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_FAILED,  SMTP_ERROR_NEEDS_SMTPUTF8 },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_FAILED,  SMTP_ERROR_NEEDS_ENCODING },
    { SYNC_OUTBOX_AWAY,    SYNC_OUTBOX_AWAY,    SMTP_ERROR_PROTOCOL },
    { SYNC_OUTBOX_UNKNOWN, SYNC_OUTBOX_UNKNOWN, SMTP_ERROR_UNKNOWN },
  };
  const struct {
    SyncOutboxVerdict verdict;
    GQuark            domain;
    int               code;
  } others[] = {
    { SYNC_OUTBOX_AWAY,        NET_ERROR,     NET_ERROR_REFUSED },
    { SYNC_OUTBOX_AWAY,        NET_ERROR,     NET_ERROR_CLOSED },
    { SYNC_OUTBOX_AWAY,        NET_ERROR,     NET_ERROR_TLS_EXPIRED },
    { SYNC_OUTBOX_STOPPED,     NET_ERROR,     NET_ERROR_STOPPED },
    { SYNC_OUTBOX_STOPPED,     G_IO_ERROR,    G_IO_ERROR_CANCELLED },
    { SYNC_OUTBOX_STOPPED,     SASL_ERROR,    SASL_ERROR_NO_MECHANISM },
    { SYNC_OUTBOX_STOPPED,     ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED },
    { SYNC_OUTBOX_STOPPED,     STORE_ERROR,   STORE_ERROR_FULL },
    { SYNC_OUTBOX_FAILED,      STORE_ERROR,   STORE_ERROR_CORRUPT },
    { SYNC_OUTBOX_FAILED,      STORE_ERROR,   STORE_ERROR_NOT_FOUND },
    { SYNC_OUTBOX_PASSED_OVER, STORE_ERROR,   STORE_ERROR_STATE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (smtp); i++)
    {
      GError error = { SMTP_ERROR, smtp[i].code, NULL };

      g_assert_cmpint (sync_outbox_judge (&error, SYNC_OUTBOX_OPENING), ==, smtp[i].opening);
      g_assert_cmpint (sync_outbox_judge (&error, SYNC_OUTBOX_SENDING), ==, smtp[i].sending);
    }
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      GError error = { others[i].domain, others[i].code, NULL };

      g_assert_cmpint (sync_outbox_judge (&error, SYNC_OUTBOX_SENDING), ==, others[i].verdict);
    }
}

/* --- what becomes of a mail ----------------------------------------------------------------------------- */

static void
test_each_answer_leaves_its_trace (void)
{
  static const struct {
    OfficeMood        mood;
    StoreOutboxState  state;
    guint             tries;
    guint             taken;
    gboolean          ends_run;
    gboolean          is_told;       /* in the summary */
    const char       *refused;
    const char       *words;
  } cases[] = {
    { OFFICE_TAKES,             STORE_OUTBOX_SENT,    0, 1, FALSE, FALSE, NULL, NULL },
    { OFFICE_REFUSES_RECIPIENT, STORE_OUTBOX_FAILED,  0, 0, FALSE, TRUE, "mia@example.org\t550 5.1.1 Nobody",
      "550 5.1.1 Nobody" },
    { OFFICE_DEFERS_RECIPIENT,  STORE_OUTBOX_QUEUED,  1, 0, FALSE, TRUE, "mia@example.org\t451 4.2.0 Later",
      "451 4.2.0 Later" },
    { OFFICE_REFUSES_MAIL,      STORE_OUTBOX_FAILED,  0, 0, FALSE, TRUE, NULL, "554 5.7.1 Spam" },
    { OFFICE_DEFERS_MAIL,       STORE_OUTBOX_QUEUED,  1, 0, FALSE, TRUE, NULL, "452 4.3.1 Full" },
    { OFFICE_LOSES_ANSWER,      STORE_OUTBOX_UNKNOWN, 0, 1, FALSE, TRUE, NULL, NULL },
    { OFFICE_LOSES_MAIL,        STORE_OUTBOX_UNKNOWN, 0, 0, FALSE, TRUE, NULL, NULL },
    { OFFICE_BREAKS,            STORE_OUTBOX_QUEUED,  1, 0, TRUE,  FALSE, NULL, NULL },
    { OFFICE_BREAKS_ODDLY,      STORE_OUTBOX_UNKNOWN, 0, 1, FALSE, TRUE, NULL, NULL },
    { OFFICE_IS_AWAY,           STORE_OUTBOX_QUEUED,  1, 0, TRUE,  FALSE, NULL, NULL },
    { OFFICE_WANTS_PASSWORD,    STORE_OUTBOX_QUEUED,  0, 0, TRUE,  FALSE, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto(Desk) desk = { 0 };
      g_autoptr(StoreOutbox) entry = NULL;
      gint64 id;

      g_test_message ("mood %d", cases[i].mood);
      desk_begin (&desk);
      id = queue (&desk, "1@example.org", 0, 0);
      g_assert_cmpint (run (&desk, cases[i].mood), ==, !cases[i].ends_run);
      g_assert_cmpint (desk.error != NULL, ==, cases[i].ends_run);
      entry = get (&desk, id);
      g_assert_cmpint (entry->state, ==, cases[i].state);
      g_assert_cmpuint (entry->tries, ==, cases[i].tries);
      g_assert_cmpint (entry->next_try_at > NOW, ==, cases[i].tries > 0);
      g_assert_cmpint (entry->next_try_at, <, NOW + 100);
      g_assert_cmpstr (entry->refused, ==, cases[i].refused);
      g_assert_cmpstr (entry->server_words, ==, cases[i].words);
      g_assert_cmpint (entry->problem_text != NULL, ==, cases[i].state != STORE_OUTBOX_SENT
                       && cases[i].mood != OFFICE_WANTS_PASSWORD);
      g_assert_cmpint (entry->sent_at, ==, cases[i].state == STORE_OUTBOX_SENT ? NOW : 0);
      g_assert_cmpuint (desk.summary.failed->len, ==, cases[i].is_told);
      g_assert_cmpuint (office_count_mail (desk.office, NULL), ==, cases[i].taken);
    }
}

static void
test_refused_recipients_are_named (void)
{
  g_auto(Desk) desk = { 0 };
  g_autoptr(StoreOutbox) entry = NULL;
  gint64 id;

  desk_begin (&desk);
  id = queue (&desk, "1@example.org", 0, 0);
  run (&desk, OFFICE_REFUSES_RECIPIENT);
  entry = get (&desk, id);
  g_assert_cmpstr (entry->problem_text, ==, "It refuses 1 of 2 recipients: mia@example.org");
}

static void
test_sent_mail_forgets_earlier_refusals (void)
{
  g_auto(Desk) desk = { 0 };
  g_autoptr(StoreOutbox) entry = NULL;
  gint64 id;

  desk_begin (&desk);
  id = queue (&desk, "1@example.org", 0, 0);
  run (&desk, OFFICE_DEFERS_RECIPIENT);
  desk.context.when = SYNC_WHEN_ASKED;
  run (&desk, OFFICE_TAKES);
  entry = get (&desk, id);
  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_SENT);
  g_assert_null (entry->refused);
  g_assert_null (entry->problem_text);
}

static void
expect_running (gpointer data)
{
  Desk *desk = data;
  g_autoptr(Store) other = store_open (desk->fixture->dir, STORE_READER, NULL);
  g_autoptr(StoreOutbox) entry = store_outbox_get (other, 1, NULL);

  g_assert_cmpint (entry->state, ==, STORE_OUTBOX_RUNNING);
}

static void
expect_queued (gpointer data)
{
  g_assert_cmpint (get_state (data, 1), ==, STORE_OUTBOX_QUEUED);
}

static void
test_running_is_committed_just_before_the_dot (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk);
  g_assert_cmpint (queue (&desk, "1@example.org", 0, 0), ==, 1);
  desk.office->before_commit = expect_queued;
  desk.office->after_commit = expect_running;
  desk.office->data = &desk;
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, 1), ==, STORE_OUTBOX_SENT);
}

static void
take_back (gpointer data)
{
  Desk *desk = data;

  g_assert_true (store_outbox_set_state (desk->fixture->store, 1, STORE_OUTBOX_CANCELLED, NULL, NULL));
}

static void
test_taken_back_at_the_last_moment_is_not_sent (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk);
  queue (&desk, "1@example.org", 0, 0);
  desk.office->before_commit = take_back;
  desk.office->data = &desk;
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpuint (office_count_mail (desk.office, NULL), ==, 0);
  g_assert_cmpint (get_state (&desk, 1), ==, STORE_OUTBOX_CANCELLED);
  g_assert_cmpuint (desk.summary.failed->len, ==, 0);
}

static void
test_unknown_is_never_sent_again (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 id;

  desk_begin (&desk);
  desk.context.when = SYNC_WHEN_ASKED;
  id = queue (&desk, "1@example.org", 0, 0);
  run (&desk, OFFICE_LOSES_ANSWER);
  for (guint i = 0; i < 3; i++)
    {
      g_assert_true (run (&desk, OFFICE_TAKES));
      g_assert_cmpint (store_outbox_recover (desk.fixture->store, NULL), ==, 0);
    }
  g_assert_cmpint (get_state (&desk, id), ==, STORE_OUTBOX_UNKNOWN);
  g_assert_cmpuint (office_count_mail (desk.office, NULL), ==, 1);

  g_assert_true (store_outbox_set_state (desk.fixture->store, id, STORE_OUTBOX_QUEUED, NULL, NULL));
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpuint (office_count_mail (desk.office, "1@example.org"), ==, 2);
}

static void
test_letters_are_encoded_for_old_servers (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 plain, sealed;

  desk_begin (&desk);
  plain = queue_text (&desk, "Message-ID: <1@example.org>\r\n\r\nGr\xc3\xbc\xc3\x9f" "e\r\n", "1@example.org",
                      0, 0);
  sealed = queue_text (&desk, "Message-ID: <2@example.org>\r\nSubject: Gr\xc3\xbc\xc3\x9f" "e\r\n\r\n\r\n",
                       "2@example.org", 0, 0);
  g_assert_true (run (&desk, OFFICE_TAKES_7BIT));
  g_assert_cmpint (get_state (&desk, plain), ==, STORE_OUTBOX_SENT);
  g_assert_cmpint (get_state (&desk, sealed), ==, STORE_OUTBOX_FAILED);
  g_assert_cmpuint (office_count_mail (desk.office, NULL), ==, 1);
}

/* --- order and time ------------------------------------------------------------------------------------- */

static void
test_one_refusal_does_not_hold_up_the_next (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 ids[3];

  desk_begin (&desk);
  for (guint i = 0; i < 3; i++)
    ids[i] = queue (&desk, "1@example.org", 0, 0);
  g_assert_true (store_desk_run (desk.fixture->store,
                                 "UPDATE piece SET data = CAST ('x' AS BLOB) WHERE object_id = "
                                 "(SELECT object_id FROM outbox WHERE id = 2)", NULL, NULL, NULL));
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, ids[0]), ==, STORE_OUTBOX_SENT);
  g_assert_cmpint (get_state (&desk, ids[1]), ==, STORE_OUTBOX_FAILED);
  g_assert_cmpint (get_state (&desk, ids[2]), ==, STORE_OUTBOX_SENT);
}

static void
test_server_that_is_away_is_asked_once (void)
{
  g_auto(Desk) desk = { 0 };

  desk_begin (&desk);
  for (guint i = 0; i < 3; i++)
    queue (&desk, "1@example.org", 0, 0);
  g_assert_false (run (&desk, OFFICE_IS_AWAY));
  g_assert_cmpint (store_outbox_get_next_time (desk.fixture->store, 1, NULL), >, NOW);
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpuint (office_count_mail (desk.office, NULL), ==, 0);

  base_clock_set_fake (NOW + 100, 0);
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpuint (office_count_mail (desk.office, NULL), ==, 3);
}

static void
test_waits_grow (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 now = NOW, id, last = 0;

  desk_begin (&desk);
  id = queue (&desk, "1@example.org", 0, 0);
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr(StoreOutbox) entry = NULL;

      run (&desk, OFFICE_DEFERS_MAIL);
      entry = get (&desk, id);
      g_assert_cmpint (entry->next_try_at - now, >=, 48);
      g_assert_cmpint (entry->next_try_at - now, <=, 4320);
      if (i > 0 && i < 6)
        g_assert_cmpint (entry->next_try_at - now, >, last);
      last = entry->next_try_at - now;
      base_clock_set_fake (now = entry->next_try_at, 0);
    }
}

static void
test_person_may_ask_at_once_but_not_before_it_may_leave (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 deferred, resting;

  desk_begin (&desk);
  deferred = queue (&desk, "1@example.org", 0, 0);
  resting = queue (&desk, "2@example.org", NOW + 5, 0);
  run (&desk, OFFICE_DEFERS_MAIL);
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, deferred), ==, STORE_OUTBOX_QUEUED);
  desk.context.when = SYNC_WHEN_ASKED;
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, deferred), ==, STORE_OUTBOX_SENT);
  g_assert_cmpint (get_state (&desk, resting), ==, STORE_OUTBOX_QUEUED);
  base_clock_set_fake (NOW + 5, 0);
  desk.context.when = SYNC_WHEN_DUE;
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, resting), ==, STORE_OUTBOX_SENT);
}

static void
test_account_without_server_says_so (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 id;

  desk_begin (&desk);
  id = queue (&desk, "1@example.org", 0, 0);
  store_account_set (&desk.account->outgoing.host, "");
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, id), ==, STORE_OUTBOX_FAILED);
  g_assert_cmpuint (desk.summary.failed->len, ==, 1);
}

/* --- what was answered ---------------------------------------------------------------------------------- */

static gint64
add_source (Desk *desk)
{
  Store *store = desk->fixture->store;
  StoreFolderInfo infos[] = { { BASE_SLICE_LITERAL ("INBOX"), "INBOX", "/", STORE_ROLE_INBOX, 0, NULL } };
  g_autoptr(StoreTransaction) transaction = store_begin (store, NULL);
  g_autoptr(MimeSummary) summary = mime_summary_new (BASE_SLICE_LITERAL ("Subject: Q\r\n\r\n"));
  StoreMessageNew message = { .account_id = 1, .arrived_at = NOW, .summary = summary };
  StoreLocationNew location = { .uid = 7, .uidvalidity = 1 };
  g_autoptr(StoreFolder) folder = NULL;
  gint64 id;

  g_assert_true (store_folders_apply_list (store, 1, infos, 1, NULL, NULL));
  folder = store_folders_find_role (store, 1, STORE_ROLE_INBOX, NULL);
  location.message_id = store_messages_insert (store, &message, NULL);
  location.folder_id = folder->id;
  g_assert_cmpint (id = store_locations_insert (store, &location, NULL), >, 0);
  g_assert_true (store_commit (g_steal_pointer (&transaction), NULL));
  return id;
}

static void
test_answered_message_is_marked_only_when_sent (void)
{
  static const OfficeMood moods[] = { OFFICE_REFUSES_MAIL, OFFICE_LOSES_ANSWER, OFFICE_TAKES };

  for (guint i = 0; i < G_N_ELEMENTS (moods); i++)
    {
      g_auto(Desk) desk = { 0 };
      g_autoptr(GPtrArray) changes = NULL;

      desk_begin (&desk);
      queue (&desk, "1@example.org", 0, add_source (&desk));
      g_assert_true (run (&desk, moods[i]));
      changes = store_changes_list (desk.fixture->store, STORE_CHANGES_WAITING, 1, 0, NULL);
      g_assert_cmpuint (changes->len, ==, moods[i] == OFFICE_TAKES);
      if (changes->len > 0)
        g_assert_cmpuint (((StoreChange *) changes->pdata[0])->flags_add, ==, STORE_FLAG_ANSWERED);
    }
}

static void
test_source_that_is_gone_does_not_matter (void)
{
  g_auto(Desk) desk = { 0 };
  gint64 id;

  desk_begin (&desk);
  id = queue (&desk, "1@example.org", 0, 4711);
  g_assert_true (run (&desk, OFFICE_TAKES));
  g_assert_cmpint (get_state (&desk, id), ==, STORE_OUTBOX_SENT);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/outbox/errors-are-judged", test_errors_are_judged);
  g_test_add_func ("/sync/outbox/each-answer-leaves-its-trace", test_each_answer_leaves_its_trace);
  g_test_add_func ("/sync/outbox/refused-recipients-are-named", test_refused_recipients_are_named);
  g_test_add_func ("/sync/outbox/sent-mail-forgets-earlier-refusals",
                   test_sent_mail_forgets_earlier_refusals);
  g_test_add_func ("/sync/outbox/running-is-committed-just-before-the-dot",
                   test_running_is_committed_just_before_the_dot);
  g_test_add_func ("/sync/outbox/taken-back-at-the-last-moment-is-not-sent",
                   test_taken_back_at_the_last_moment_is_not_sent);
  g_test_add_func ("/sync/outbox/unknown-is-never-sent-again", test_unknown_is_never_sent_again);
  g_test_add_func ("/sync/outbox/letters-are-encoded-for-old-servers",
                   test_letters_are_encoded_for_old_servers);
  g_test_add_func ("/sync/outbox/one-refusal-does-not-hold-up-the-next",
                   test_one_refusal_does_not_hold_up_the_next);
  g_test_add_func ("/sync/outbox/server-that-is-away-is-asked-once", test_server_that_is_away_is_asked_once);
  g_test_add_func ("/sync/outbox/waits-grow", test_waits_grow);
  g_test_add_func ("/sync/outbox/person-may-ask-at-once-but-not-before-it-may-leave",
                   test_person_may_ask_at_once_but_not_before_it_may_leave);
  g_test_add_func ("/sync/outbox/account-without-server-says-so", test_account_without_server_says_so);
  g_test_add_func ("/sync/outbox/answered-message-is-marked-only-when-sent",
                   test_answered_message_is_marked_only_when_sent);
  g_test_add_func ("/sync/outbox/source-that-is-gone-does-not-matter",
                   test_source_that_is_gone_does_not_matter);
  return g_test_run ();
}
