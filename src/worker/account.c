/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/account.h"

#include "base/clock.h"
#include "bus/jobs.h"
#include "worker/judge.h"
#include "worker/lane.h"
#include "worker/report.h"
#include "worker/schedule.h"
#include "worker/standing.h"
#include "worker/tokens.h"
#include "worker/watch.h"

#include <malloc.h>

#define PROGRESS_US (200 * 1000)
#define NEW_S       30
#define LOOKS       5              /* that may stand for a round, before one looks at everything again */
#define TOGETHER_SHARE 10          /* of the interval: so much earlier a round may begin beside another */

struct _WorkerAccount {
  const WorkerMeans  *means;
  WorkerJobs         *jobs;
  StoreAccount       *settings;
  WorkerAccountMoved  moved;
  gpointer            data;

  WorkerTokens       *tokens;
  WorkerLane         *bulk;
  WorkerWatch        *watch;            /* NULL: the protocol has nothing to watch */
  WorkerSchedule      schedule;
  GCancellable       *cancellable;      /* of the round that runs; NULL: none does */
  gint                should_yield;     /* atomic: somebody waits for the next round */
  GArray             *waiting;          /* of job ids, for the next round */
  GArray             *served;           /* for the one that runs */
  gboolean            is_wanted;        /* a round, as soon as the lane is free */
  gboolean            is_stopped;       /* until a person does something */
  gboolean            has_worked;
  gboolean            is_looking;       /* on the watch lane, whether a round is needed */
  guint               n_looks;          /* since the last round */

  gboolean            is_sending_stopped;
  guint               sends_refused;    /* passwords, by the outgoing server, since there is a new one */
  guint64             pushed;           /* what waited for the server when it was last pushed */
  BaseBackoff         push_backoff;     /* for what waits still after that */
  gint64              push_again_at;
};

/* A round on its way through the lane. */
typedef struct {
  WorkerAccount      *account;
  const WorkerMeans  *means;
  StoreAccount       *settings;
  GCancellable       *cancellable;
  WorkerLane         *lane;
  SyncWhen            when;
  WorkerSending       sending;
  gboolean            has_yielded;
  gint64              told_us;
  WorkerRound        *round;
} Run;

typedef struct {
  guint64 done;
  guint64 total;
} Progress;

static void start_round (WorkerAccount *account);

static void
run_free (gpointer data)
{
  Run *run = data;

  store_account_free (run->settings);
  g_object_unref (run->cancellable);
  g_clear_pointer (&run->round, worker_round_free);
  g_free (run);
}

/* --- on the lane ---------------------------------------------------------------------------------------- */

static gboolean
should_yield (gpointer data)
{
  Run *run = data;

  run->has_yielded |= g_atomic_int_get (&run->account->should_yield) != 0
    || worker_tokens_is_wanted (run->account->tokens);
  return run->has_yielded;
}

static gboolean
hold (gint64   folder_id,
      gpointer data)
{
  Run *run = data;

  return worker_tokens_hold (run->account->tokens, folder_id, run->cancellable);
}

static void
let_go (gint64   folder_id,
        gpointer data)
{
  worker_tokens_let_go (((Run *) data)->account->tokens, folder_id);
}

static void on_progress (gpointer owner,
                         gpointer data);

static void
tell_progress (guint64  done,
               guint64  total,
               gpointer data)
{
  Run *run = data;
  Progress progress = { done, total };
  gint64 now = base_clock_steady_us ();

  if (now < run->told_us + PROGRESS_US)
    return;
  run->told_us = now;
  worker_means_tell (run->means, on_progress, run->account, g_memdup2 (&progress, sizeof progress), g_free);
}

static WorkerRound *
make_failed_round (const Run *run,
                   GError    *error)
{
  WorkerRound *round = g_new0 (WorkerRound, 1);

  round->account = run->settings->id;
  sync_summary_init (&round->summary);
  round->error = error;
  return round;
}

/* A locked mailbox is worse than one that is not read: three sends a day, over all restarts. */
static gboolean
may_send_password (const Run  *run,
                   Store      *store,
                   GError    **error)
{
  g_autoptr(StoreAccountState) state = store_states_get (store, run->settings->id, error);

  if (state == NULL)
    return FALSE;
  if (!worker_standing_is_exhausted (state, base_clock_now ()))
    return TRUE;
  g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID,
               "The server of %s has refused the password several times today; a new one is needed",
               run->settings->name);
  return FALSE;
}

/* The handle lives as long as the round: an account that waits for its next one holds no cache. */
static WorkerRound *
do_round (Run *run)
{
  NetSignals signals = *worker_lane_get_signals (run->lane);
  GError *error = NULL;
  g_autoptr(Store) store = store_open (run->means->data_dir, STORE_READER, &error);
  WorkerTools tools = {
    .store = store, .ingest = run->means->ingest, .secrets = run->means->secrets, .signals = &signals,
    .when = run->when, .sending = run->sending, .should_yield = should_yield, .hold = hold, .let_go = let_go,
    .progress = tell_progress, .data = run,
  };

  signals.wake_fd = -1;
  signals.cancellable = run->cancellable;
  if (store == NULL || !may_send_password (run, store, &error))
    return make_failed_round (run, error);
  return worker_round_run (&tools, run->settings);
}

static void on_round_ended (gpointer owner,
                            gpointer data);

static void
run_on_lane (WorkerLane *lane,
             gpointer    data)
{
  Run *run = *(Run **) data;

  *(Run **) data = NULL;
  run->lane = lane;
  run->round = do_round (run);
  worker_means_tell (run->means, on_round_ended, run->account, run, run_free);
}

static void
drop_run (gpointer data)
{
  Run **run = data;

  g_clear_pointer (run, run_free);
  g_free (run);
}

/* --- judging -------------------------------------------------------------------------------------------- */

static void
note_good (WorkerAccount *account)
{
  WorkerStanding standing = {
    .account_id = account->settings->id, .kind = WORKER_STANDING_GOOD, .activity = STORE_ACTIVITY_IDLE,
  };

  worker_standing_note (account->means->ingest, &standing);
}

typedef enum {
  INCOMING,
  OUTGOING,
} Side;

static void
note_bad (WorkerAccount *account,
          Side           side,
          const GError  *error,
          StoreActivity  activity,
          gint64         wait_s,
          const char    *question)
{
  const char *problem = worker_judge_name_problem (error);
  WorkerStanding standing = {
    .account_id = account->settings->id, .kind = WORKER_STANDING_BAD, .activity = activity,
    .next_try_at = activity == STORE_ACTIVITY_WAITING ? base_clock_now () + wait_s : 0,
    .problem = problem, .text = error->message, .words = worker_judge_peek_words (error),
               .question = question,
    /* A missing password was not sent; what the outgoing server refuses does not keep mail from coming. */
    .was_refused = side == INCOMING && g_str_equal (problem, "password") && error->domain != ACCOUNT_ERROR,
  };

  worker_standing_note (account->means->ingest, &standing);
}

static void
stop_until_person (WorkerAccount *account,
                   const GError  *error,
                   const char    *question)
{
  account->is_stopped = TRUE;
  if (account->watch != NULL)
    worker_watch_rest (account->watch);
  worker_schedule_stop (&account->schedule);
  note_bad (account, INCOMING, error, STORE_ACTIVITY_STOPPED, 0, question);
}

static void
try_later (WorkerAccount *account,
           const GError  *error)
{
  guint wait_s = worker_schedule_retry (&account->schedule, base_clock_steady_us (), g_random_double ());

  note_bad (account, INCOMING, error, STORE_ACTIVITY_WAITING, wait_s, NULL);
}

static void
tell_user (WorkerAccount *account,
           const GError  *error)
{
  gboolean is_certificate = g_str_equal (worker_judge_name_problem (error), "certificate");

  worker_schedule_done (&account->schedule, base_clock_steady_us (), g_random_double ());
  note_bad (account, INCOMING, error, STORE_ACTIVITY_WAITING, account->schedule.interval_us / G_USEC_PER_SEC,
            is_certificate ? WORKER_QUESTION_CERTIFICATE : NULL);
}

static void
note_idle (WorkerAccount *account)
{
  WorkerStanding standing = {
    .account_id = account->settings->id, .kind = WORKER_STANDING_BUSY, .activity = STORE_ACTIVITY_IDLE,
  };

  worker_standing_note (account->means->ingest, &standing);
}

/* The settings of a new account are seen a moment before its password comes: worker_account_unlock() goes on
 * then. */
static gboolean
expects_password (WorkerAccount *account,
                  const GError  *error)
{
  return g_error_matches (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID)
         && base_clock_now () - account->settings->created_at < NEW_S
         && account->schedule.backoff.failures == 0;
}

/* FALSE: it is tried again at once. */
static gboolean
judge_failure (WorkerAccount *account,
               const GError  *error)
{
  guint failures = account->schedule.backoff.failures;

  g_info ("%s: %s", account->settings->name, error->message);
  switch (worker_judge_error (error, failures))
    {
    case WORKER_VERDICT_NOTHING:
      worker_schedule_done (&account->schedule, base_clock_steady_us (), g_random_double ());
      note_idle (account);
      return TRUE;
    case WORKER_VERDICT_RECONNECT:
      try_later (account, error);
      return FALSE;
    /* Of a whole round nothing smaller can be skipped. */
    case WORKER_VERDICT_SKIP_MESSAGE:
    case WORKER_VERDICT_SKIP_FOLDER:
    case WORKER_VERDICT_WAIT:
      try_later (account, error);
      return TRUE;
    case WORKER_VERDICT_ASK_PASSWORD:
      if (expects_password (account, error))
        {
          worker_schedule_retry (&account->schedule, base_clock_steady_us (), 0);
          return TRUE;
        }
      stop_until_person (account, error, WORKER_QUESTION_PASSWORD);
      return TRUE;
    case WORKER_VERDICT_TELL_USER:
      tell_user (account, error);
      return TRUE;
    case WORKER_VERDICT_STOP_ACCOUNT:
      stop_until_person (account, error, NULL);
      return TRUE;
    }
  g_assert_not_reached ();
}

/* Trouble that passes is kept with each letter (sync/outbox.h); here only what would send a password again
 * and again. */
static void
judge_sending (WorkerAccount *account,
               const GError  *error)
{
  WorkerVerdict verdict = worker_judge_error (error, 0);

  if (verdict != WORKER_VERDICT_ASK_PASSWORD && verdict != WORKER_VERDICT_STOP_ACCOUNT)
    return;
  account->is_sending_stopped = TRUE;
  account->sends_refused++;
  note_bad (account, OUTGOING, error, STORE_ACTIVITY_IDLE, 0,
            verdict == WORKER_VERDICT_ASK_PASSWORD ? WORKER_QUESTION_PASSWORD : NULL);
}

/* round: NULL where a look was enough. */
static void
note_success (WorkerAccount     *account,
              const WorkerRound *round)
{
  if (!account->is_sending_stopped)
    note_good (account);
  else
    note_idle (account);
  if (round != NULL && round->sending_error != NULL)
    judge_sending (account, round->sending_error);
}

/* FALSE: it was not all, and goes on at once. */
static gboolean
judge_round (WorkerAccount *account,
             const Run     *run)
{
  if (run->round->error != NULL)
    return judge_failure (account, run->round->error);
  worker_schedule_done (&account->schedule, base_clock_steady_us (), g_random_double ());
  note_success (account, run->round);
  if (!account->has_worked)
    malloc_trim (0);
  account->has_worked = TRUE;
  account->is_stopped = FALSE;
  if (account->watch != NULL)
    worker_watch_begin (account->watch);
  return !run->has_yielded;
}

/* --- jobs ----------------------------------------------------------------------------------------------- */

static gboolean
has_open (WorkerAccount *account,
          GArray        *ids)
{
  for (guint i = 0; i < ids->len; i++)
    if (worker_jobs_is_open (account->jobs, g_array_index (ids, guint64, i)))
      return TRUE;
  return FALSE;
}

static void
end_jobs (WorkerAccount     *account,
          const WorkerRound *round)
{
  for (guint i = 0; i < account->served->len; i++)
    {
      guint64 id = g_array_index (account->served, guint64, i);

      worker_jobs_add_detail (account->jobs, id, BUS_KEY_ROUNDS, worker_report_to_variant (round));
      worker_jobs_end_part (account->jobs, id, round->error);
    }
  g_array_set_size (account->served, 0);
}

/* Who waited for a round that did not do all waits for the next. */
static void
pass_jobs_on (WorkerAccount *account)
{
  g_array_prepend_vals (account->waiting, account->served->data, account->served->len);
  g_array_set_size (account->served, 0);
  account->is_wanted = TRUE;
}

static void
on_progress (gpointer owner,
             gpointer data)
{
  WorkerAccount *account = owner;
  const Progress *progress = data;

  for (guint i = 0; i < account->served->len; i++)
    worker_jobs_set_progress (account->jobs, g_array_index (account->served, guint64, i), progress->done,
                              progress->total);
}

static void
on_round_ended (gpointer owner,
                gpointer data)
{
  WorkerAccount *account = owner;
  const Run *run = data;

  g_clear_object (&account->cancellable);
  g_atomic_int_set (&account->should_yield, 0);
  if (judge_round (account, run))
    end_jobs (account, run->round);
  else
    pass_jobs_on (account);
  if (account->is_wanted || account->waiting->len > 0)
    start_round (account);
  account->moved (account->data);
}

/* --- rounds --------------------------------------------------------------------------------------------- */

/* Windows show what is going on; an ordinary look around is not worth a row each time. */
static void
note_busy (WorkerAccount *account)
{
  WorkerStanding standing = {
    .account_id = account->settings->id, .kind = WORKER_STANDING_BUSY, .activity = STORE_ACTIVITY_CHECKING,
  };

  if (account->served->len > 0 || !account->has_worked)
    worker_standing_note (account->means->ingest, &standing);
}

static void
start_round (WorkerAccount *account)
{
  Run *run = g_new0 (Run, 1);
  GArray *served = account->waiting;

  g_assert (account->cancellable == NULL);
  account->waiting = account->served;
  account->served = served;
  account->is_wanted = FALSE;
  account->n_looks = 0;
  account->cancellable = g_cancellable_new ();
  for (guint i = 0; i < served->len; i++)
    worker_jobs_set_running (account->jobs, g_array_index (served, guint64, i));
  note_busy (account);

  run->account = account;
  run->means = account->means;
  run->settings = store_account_copy (account->settings);
  run->cancellable = g_object_ref (account->cancellable);
  run->when = served->len > 0 ? SYNC_WHEN_ASKED : SYNC_WHEN_DUE;
  run->sending = account->is_sending_stopped ? WORKER_SENDING_STOPPED : WORKER_SENDING_ALLOWED;
  worker_lane_push (account->bulk, run_on_lane, g_memdup2 (&run, sizeof run), drop_run);
}

static void
want_round (WorkerAccount *account)
{
  account->is_wanted = TRUE;
  if (account->cancellable == NULL)
    start_round (account);
  else
    g_atomic_int_set (&account->should_yield, 1);
}

void
worker_account_run_for (WorkerAccount *account,
                        guint64        job)
{
  if (job != 0)
    g_array_append_val (account->waiting, job);
  account->is_stopped = FALSE;
  account->is_sending_stopped = account->sends_refused >= WORKER_REFUSALS_A_DAY;
  want_round (account);
}

/* A wish that a round could not do, and left as it was, must not make one round follow the other. */
static gboolean
is_pushed_in_vain (WorkerAccount *account,
                   guint64        wishes)
{
  gint64 now = base_clock_steady_us ();

  if (wishes != account->pushed)
    base_backoff_reset (&account->push_backoff);
  else if (now < account->push_again_at)
    return TRUE;
  account->pushed = wishes;
  account->push_again_at = now + (gint64) base_backoff_fail (&account->push_backoff,
                                                             g_random_double ()) * 1000;
  return FALSE;
}

void
worker_account_push (WorkerAccount *account,
                     guint64        wishes)
{
  if (!account->is_stopped && account->schedule.backoff.failures == 0 && !is_pushed_in_vain (account, wishes))
    want_round (account);
}

gboolean
worker_account_may_send (WorkerAccount *account)
{
  return !account->is_sending_stopped;
}

void
worker_account_hurry (WorkerAccount *account)
{
  if (account->is_stopped || account->schedule.backoff.failures == 0)
    return;
  worker_schedule_hurry (&account->schedule, base_clock_steady_us ());
  if (account->watch != NULL && account->has_worked)
    worker_watch_begin (account->watch);
  account->moved (account->data);
}

void
worker_account_unlock (WorkerAccount *account)
{
  worker_standing_reset (account->means->ingest, account->settings->id);
  account->is_stopped = account->is_sending_stopped = FALSE;
  account->sends_refused = 0;
  want_round (account);
}

gint64
worker_account_get_next (WorkerAccount *account)
{
  return account->cancellable != NULL || account->is_looking ? G_MAXINT64 : account->schedule.next_at;
}

static gboolean
is_due (WorkerAccount *account,
        gint64         now_us)
{
  gboolean is_regular = account->has_worked && account->schedule.backoff.failures == 0;
  gint64 early_us = is_regular ? account->schedule.interval_us / TOGETHER_SHARE : 0;

  return worker_account_get_next (account) != G_MAXINT64 && account->schedule.next_at - early_us <= now_us;
}

static void
on_looked (gboolean has_news,
           gpointer data)
{
  WorkerAccount *account = data;

  account->is_looking = FALSE;
  if (account->is_stopped || account->cancellable != NULL)
    return;
  if (has_news)
    want_round (account);
  else
    {
      worker_schedule_done (&account->schedule, base_clock_steady_us (), g_random_double ());
      note_success (account, NULL);
      account->moved (account->data);
    }
}

void
worker_account_check (WorkerAccount *account,
                      gint64         now_us,
                      WorkerWishes   wishes)
{
  if (!is_due (account, now_us))
    return;
  if (account->watch == NULL || !account->has_worked || account->schedule.backoff.failures > 0
      || wishes == WORKER_WISHES_SOME || account->n_looks >= LOOKS)
    {
      start_round (account);
      return;
    }
  account->n_looks++;
  account->is_looking = TRUE;
  worker_watch_look (account->watch);
}

void
worker_account_cancel_unwanted (WorkerAccount *account)
{
  /* What was done is kept, and the rest comes with the next round. */
  if (account->cancellable != NULL && account->served->len > 0 && !has_open (account, account->served))
    g_cancellable_cancel (account->cancellable);
}

/* --- watching ------------------------------------------------------------------------------------------- */

static void
on_watch_lost (gpointer data)
{
  WorkerAccount *account = data;

  if (!account->is_stopped && account->schedule.backoff.failures == 0)
    want_round (account);
}

static void
on_watch_refused (const GError *error,
                  gpointer      data)
{
  judge_failure (data, error);
}

static void
refuse_fetch (WorkerAccount     *account,
              const WorkerFetch *fetch)
{
  g_autoptr(GPtrArray) failed = g_ptr_array_new ();
  g_autoptr(GError) error = g_error_new (ACCOUNT_ERROR, ACCOUNT_ERROR_FAILED,
                                         "%s is stopped until its trouble is over", account->settings->name);

  fetch->ended (failed, error, fetch->data);
  g_array_unref (fetch->message_ids);
}

gboolean
worker_account_fetch (WorkerAccount     *account,
                      const WorkerFetch *fetch)
{
  if (account->watch == NULL)
    return FALSE;
  if (account->is_stopped)
    refuse_fetch (account, fetch);
  else
    worker_watch_fetch (account->watch, fetch);
  return TRUE;
}

/* --- life ----------------------------------------------------------------------------------------------- */

WorkerAccount *
worker_account_new (const WorkerMeans  *means,
                    WorkerJobs         *jobs,
                    const StoreAccount *settings,
                    WorkerAccountMoved  moved,
                    gpointer            data)
{
  static const WorkerWatchTold watch_told = { on_watch_lost, on_watch_refused, on_looked };
  WorkerAccount *account = g_new0 (WorkerAccount, 1);

  account->means = means;
  account->jobs = jobs;
  account->settings = store_account_copy (settings);
  account->moved = moved;
  account->data = data;
  account->waiting = g_array_new (FALSE, FALSE, sizeof (guint64));
  account->served = g_array_new (FALSE, FALSE, sizeof (guint64));
  account->tokens = worker_tokens_new ();
  if (settings->protocol == STORE_PROTOCOL_IMAP)
    account->watch = worker_watch_new (means, account->tokens, settings, &watch_told, account);
  account->bulk = worker_lane_new ("bulk", NULL, NULL, NULL);
  account->push_backoff = (BaseBackoff) BASE_BACKOFF_INIT (WORKER_RETRY_FIRST_S, WORKER_RETRY_CEILING_S);
  worker_schedule_init (&account->schedule, (guint) settings->check_interval_s, base_clock_steady_us ());
  return account;
}

void
worker_account_stop (WorkerAccount *account)
{
  g_cancellable_cancel (account->cancellable);
  worker_lane_stop (account->bulk);
  if (account->watch != NULL)
    worker_watch_stop (account->watch);
}

static void
end_parts (WorkerAccount *account,
           GArray        *ids)
{
  g_autoptr(GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "The account has changed");

  for (guint i = 0; i < ids->len; i++)
    worker_jobs_end_part (account->jobs, g_array_index (ids, guint64, i), error);
}

void
worker_account_free (WorkerAccount *account)
{
  worker_account_stop (account);
  worker_lane_free (account->bulk);
  g_clear_pointer (&account->watch, worker_watch_free);
  worker_tokens_free (account->tokens);
  worker_means_forget (account->means, account);
  end_parts (account, account->waiting);
  end_parts (account, account->served);
  g_clear_object (&account->cancellable);
  store_account_free (account->settings);
  g_array_unref (account->waiting);
  g_array_unref (account->served);
  g_free (account);
}

const StoreAccount *
worker_account_peek_settings (WorkerAccount *account)
{
  return account->settings;
}
