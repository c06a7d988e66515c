/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/worker.h"

#include "base/clock.h"
#include "bus/jobs.h"
#include "store/answers.h"
#include "store/changes.h"
#include "store/messages.h"
#include "store/outbox.h"
#include "store/questions.h"
#include "worker/account.h"
#include "worker/importing.h"
#include "worker/leaving.h"
#include "worker/probing.h"
#include "worker/tidying.h"
#include "worker/watcher.h"

struct _Worker {
  char                 *data_dir;
  const WorkerListener *listener;
  gpointer              data;

  WorkerMeans           means;          /* and what it holds is the worker's */
  Store                *store;          /* a reader, for short looks */
  WorkerWatcher        *watcher;
  WorkerJobs           *jobs;
  WorkerProbing        *probing;
  WorkerImporting      *importing;
  WorkerLeaving        *leaving;
  WorkerTidying        *tidying;
  GPtrArray            *accounts;       /* of WorkerAccount */
  GSource              *timer;          /* the next round, change or mail that is due */
  GNetworkMonitor      *network;
  gint64                next_wish_at;   /* wall time of the next change or mail that is due; 0: none */

  gint                  has_told;       /* atomic: news are on their way to the main thread */
  gint64                rev;            /* told */
  gint64                question_rev;   /* looked at */
  gint64                answer_rev;     /* looked at */
  gboolean              is_catching_up;
  gboolean              is_nudged;      /* once more, when that is done */
  guint                 n_keeping;      /* secrets on their way to a keyring */
};

static void look_at_desk (Worker *worker);

/* --- what waits for a server ---------------------------------------------------------------------------- */

/* A number for what is due now; 0: nothing. */
static guint64
hash_wishes (Worker        *worker,
             WorkerAccount *account)
{
  gint64 account_id = worker_account_peek_settings (account)->id, now = base_clock_now ();
  g_autoptr(GArray) changes = store_changes_list_due (worker->store, account_id, now, NULL);
  g_autoptr(GPtrArray) letters = worker_account_may_send (account)
                                 ? store_outbox_list_due (worker->store, account_id, now, NULL) : NULL;
  g_autoptr(GPtrArray) copies = store_outbox_list_copies (worker->store, account_id, NULL);
  guint64 hash = 0;

  for (guint i = 0; copies != NULL && i < copies->len; i++)
    hash = hash * 1000003 + 3 * (guint64) ((StoreOutbox *) copies->pdata[i])->id + 3;
  for (guint i = 0; changes != NULL && i < changes->len; i++)
    hash = hash * 1000003 + 2 * (guint64) g_array_index (changes, gint64, i) + 1;
  for (guint i = 0; letters != NULL && i < letters->len; i++)
    hash = hash * 1000003 + 2 * (guint64) ((StoreOutbox *) letters->pdata[i])->id + 2;
  return hash;
}

/* --- time ----------------------------------------------------------------------------------------------- */

static gint64
wall_to_steady (gint64 at)
{
  return base_clock_steady_us () + MAX (at - base_clock_now (), 0) * G_USEC_PER_SEC;
}

static void
set_timer (gpointer data)
{
  Worker *worker = data;
  gint64 next = worker->next_wish_at > 0 ? wall_to_steady (worker->next_wish_at) : G_MAXINT64;

  next = MIN (next, worker_tidying_get_next (worker->tidying));
  for (guint i = 0; i < worker->accounts->len; i++)
    next = MIN (next, worker_account_get_next (worker->accounts->pdata[i]));
  g_source_set_ready_time (worker->timer, next != G_MAXINT64 ? next : -1);
}

static void
check_account (Worker        *worker,
               WorkerAccount *account,
               gint64         now)
{
  worker_account_check (account, now, hash_wishes (worker, account) != 0
                        ? WORKER_WISHES_SOME : WORKER_WISHES_NONE);
}

static gboolean
on_timer (gpointer data)
{
  Worker *worker = data;
  gint64 now = base_clock_steady_us ();

  for (guint i = 0; i < worker->accounts->len; i++)
    check_account (worker, worker->accounts->pdata[i], now);
  worker_tidying_check (worker->tidying, now);
  if (worker->next_wish_at > 0 && worker->next_wish_at <= base_clock_now ())
    look_at_desk (worker);
  set_timer (worker);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_timer (GSource     *source,
                GSourceFunc  callback,
                gpointer     data)
{
  g_source_set_ready_time (source, -1);
  return callback (data);
}

static GSource *
make_timer (Worker *worker)
{
  static GSourceFuncs functions = { .dispatch = dispatch_timer };
  GSource *timer = g_source_new (&functions, sizeof (GSource));

  g_source_set_callback (timer, on_timer, worker, NULL);
  g_source_attach (timer, NULL);
  return timer;
}

static void
on_network_changed (GNetworkMonitor *network,
                    gboolean         is_available,
                    Worker          *worker)
{
  for (guint i = 0; is_available && i < worker->accounts->len; i++)
    worker_account_hurry (worker->accounts->pdata[i]);
}

/* --- news ----------------------------------------------------------------------------------------------- */

static void
tell_questions (Worker *worker)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) questions = store_questions_list_since (worker->store, worker->question_rev, &error);

  if (questions == NULL)
    g_warning ("Cannot read the questions: %s", error->message);
  for (guint i = 0; questions != NULL && i < questions->len; i++)
    {
      const StoreQuestion *question = questions->pdata[i];

      worker->question_rev = MAX (worker->question_rev, question->rev);
      if (question->closed_at == 0)
        worker->listener->needs_user (question->id, question->account_id, question->kind, worker->data);
    }
}

static void
on_written (gpointer owner,
            gpointer data)
{
  Worker *worker = owner;
  gint64 rev;

  g_atomic_int_set (&worker->has_told, 0);
  rev = store_get_mail_rev (worker->store, NULL);
  if (rev <= worker->rev)
    return;
  worker->rev = rev;
  worker->listener->news ((guint64) rev, worker->data);
  tell_questions (worker);
}

/* On the writer thread. */
static void
tell_written (gpointer data)
{
  Worker *worker = data;

  if (g_atomic_int_compare_and_exchange (&worker->has_told, 0, 1))
    worker_means_tell (&worker->means, on_written, worker, NULL, NULL);
}

/* --- accounts ------------------------------------------------------------------------------------------- */

static WorkerAccount *
find_account (Worker *worker,
              gint64  id)
{
  for (guint i = 0; i < worker->accounts->len; i++)
    if (worker_account_peek_settings (worker->accounts->pdata[i])->id == id)
      return worker->accounts->pdata[i];
  return NULL;
}

static const StoreAccount *
find_settings (GPtrArray *settings,
               gint64     id)
{
  for (guint i = 0; i < settings->len; i++)
    {
      const StoreAccount *account = settings->pdata[i];

      if (account->id == id && account->is_enabled)
        return account;
    }
  return NULL;
}

/* Those that are no longer as they were; changed ones come again with their new settings. */
static void
drop_accounts (Worker    *worker,
               GPtrArray *settings)
{
  for (guint i = worker->accounts->len; i > 0; i--)
    {
      const StoreAccount *known = worker_account_peek_settings (worker->accounts->pdata[i - 1]);
      const StoreAccount *now = find_settings (settings, known->id);

      if (now == NULL || now->rev != known->rev)
        g_ptr_array_remove_index (worker->accounts, i - 1);
    }
}

static void
load_accounts (Worker *worker)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) settings = store_accounts_list (worker->store, STORE_ACCOUNTS_LIVE, &error);

  if (settings == NULL)
    {
      g_warning ("Cannot read the accounts: %s", error->message);
      return;
    }
  drop_accounts (worker, settings);
  for (guint i = 0; i < settings->len; i++)
    {
      const StoreAccount *account = settings->pdata[i];

      if (account->is_enabled && find_account (worker, account->id) == NULL)
        g_ptr_array_add (worker->accounts,
                         worker_account_new (&worker->means, worker->jobs, account, set_timer, worker));
    }
}

/* --- what people want ----------------------------------------------------------------------------------- */

static void
find_next_wish (Worker *worker)
{
  gint64 change = store_changes_get_next_time (worker->store, STORE_ACCOUNT_ANY, NULL);
  gint64 letter = store_outbox_get_next_time (worker->store, STORE_ACCOUNT_ANY, NULL);
  gint64 now = base_clock_now ();

  worker->next_wish_at = 0;
  if (change > now)
    worker->next_wish_at = change;
  if (letter > now && (worker->next_wish_at == 0 || letter < worker->next_wish_at))
    worker->next_wish_at = letter;
}

/* What was answered is acted on by the account's next round. */
static void
look_at_answers (Worker *worker)
{
  g_autoptr(GPtrArray) answers = store_answers_list_since (worker->store, worker->answer_rev, NULL);

  for (guint i = 0; answers != NULL && i < answers->len; i++)
    {
      const StoreAnswer *answer = answers->pdata[i];
      g_autoptr(StoreQuestion) question = store_questions_get (worker->store, answer->question_id, NULL);
      WorkerAccount *account = question != NULL ? find_account (worker, question->account_id) : NULL;

      worker->answer_rev = MAX (worker->answer_rev, answer->rev);
      if (account != NULL)
        worker_account_run_for (account, 0);
    }
}

static void
look_at_desk (Worker *worker)
{
  load_accounts (worker);
  look_at_answers (worker);
  worker_leaving_look (worker->leaving, worker->store);
  for (guint i = 0; i < worker->accounts->len; i++)
    {
      WorkerAccount *account = worker->accounts->pdata[i];
      guint64 wishes = hash_wishes (worker, account);

      if (wishes != 0)
        worker_account_push (account, wishes);
    }
  find_next_wish (worker);
  set_timer (worker);
}

static void
on_caught_up (gpointer owner,
              gpointer data)
{
  Worker *worker = owner;

  worker->is_catching_up = FALSE;
  look_at_desk (worker);
  if (worker->is_nudged)
    worker_nudge (worker);
}

/* On the writer thread.  What fails here is tried again with the next nudge. */
static gboolean
catch_up_work (Store     *store,
               gpointer   data,
               GError   **error)
{
  Worker *worker = data;
  gboolean is_done = store_changes_catch_up (store, NULL, error);

  worker_means_tell (&worker->means, on_caught_up, worker, NULL, NULL);
  return is_done;
}

void
worker_nudge (Worker *worker)
{
  worker->is_nudged = worker->is_catching_up;
  if (worker->is_catching_up)
    return;
  worker->is_catching_up = TRUE;
  ingest_write_alone_later (worker->means.ingest, catch_up_work, worker, NULL);
}

static void
on_desk_written (gpointer data)
{
  worker_nudge (data);
}

static void
on_store_vanished (gpointer data)
{
  Worker *worker = data;

  worker->listener->vanished (worker->data);
}

/* --- jobs ----------------------------------------------------------------------------------------------- */

static void
tell_job (BusJob   *job,
          gpointer  data)
{
  Worker *worker = data;

  worker->listener->job (job, worker->data);
}

static guint64
start_sync (Worker    *worker,
            GVariant  *arguments,
            GError   **error)
{
  WorkerAccount *only = NULL;
  gint64 account_id = 0;
  guint64 job;

  if (g_variant_lookup (arguments, BUS_KEY_ACCOUNT, "x", &account_id)
      && (only = find_account (worker, account_id)) == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "There is no such account");
      return 0;
    }
  job = worker_jobs_begin (worker->jobs, BUS_JOB_SYNC, only != NULL ? 1 : worker->accounts->len);
  for (guint i = 0; i < worker->accounts->len; i++)
    if (only == NULL || only == worker->accounts->pdata[i])
      worker_account_run_for (worker->accounts->pdata[i], job);
  return job;
}

/* --- fetching bodies --- */

typedef struct {
  Worker  *worker;
  guint64  job;
} FetchPart;

static void
on_fetch_progress (guint64  done,
                   guint64  total,
                   gpointer data)
{
  FetchPart *part = data;

  worker_jobs_set_running (part->worker->jobs, part->job);
  worker_jobs_set_progress (part->worker->jobs, part->job, done, total);
}

static void
on_fetch_ended (GPtrArray    *failed,
                const GError *error,
                gpointer      data)
{
  g_autofree FetchPart *part = data;

  if (failed->len > 0)
    worker_jobs_set_detail (part->worker->jobs, part->job, BUS_KEY_FAILED,
                            g_variant_new_strv ((const char * const *) failed->pdata, failed->len));
  worker_jobs_end_part (part->worker->jobs, part->job, error);
}

/* Those of one account; what the store no longer knows belongs to none. */
static GArray *
choose_messages (Worker       *worker,
                 gint64        account_id,
                 const gint64 *ids,
                 gsize         n_ids)
{
  GArray *chosen = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (gsize i = 0; i < n_ids; i++)
    {
      g_autoptr(StoreMessage) message = store_messages_get (worker->store, ids[i], NULL);

      if (message != NULL && message->account_id == account_id && message->content_id == 0)
        g_array_append_val (chosen, ids[i]);
    }
  return chosen;
}

static void
fetch_for (Worker        *worker,
           WorkerAccount *account,
           GArray        *ids,
           guint64        job)
{
  FetchPart *part = g_new0 (FetchPart, 1);
  const WorkerFetch fetch = {
    ids, worker_jobs_peek_cancellable (worker->jobs, job), on_fetch_progress, on_fetch_ended, part,
  };

  *part = (FetchPart) { worker, job };
  if (worker_account_fetch (account, &fetch))
    return;
  worker_account_run_for (account, job);
  g_array_unref (ids);
  g_free (part);
}

static guint64
start_fetch (Worker    *worker,
             GVariant  *arguments,
             GError   **error)
{
  g_autoptr(GVariant) list = g_variant_lookup_value (arguments, BUS_KEY_MESSAGES, G_VARIANT_TYPE ("ax"));
  g_autoptr(GPtrArray) orders = g_ptr_array_new ();
  g_autoptr(GPtrArray) accounts = g_ptr_array_new ();
  const gint64 *ids;
  gsize n_ids;
  guint64 job;

  if (list == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "No messages were named");
      return 0;
    }
  ids = g_variant_get_fixed_array (list, &n_ids, sizeof (gint64));
  for (guint i = 0; i < worker->accounts->len; i++)
    {
      WorkerAccount *account = worker->accounts->pdata[i];
      GArray *chosen = choose_messages (worker, worker_account_peek_settings (account)->id, ids, n_ids);

      if (chosen->len == 0)
        {
          g_array_unref (chosen);
          continue;
        }
      g_ptr_array_add (accounts, account);
      g_ptr_array_add (orders, chosen);
    }
  job = worker_jobs_begin (worker->jobs, BUS_JOB_FETCH, orders->len);
  for (guint i = 0; i < orders->len; i++)
    fetch_for (worker, accounts->pdata[i], orders->pdata[i], job);
  return job;
}

/* --- setting up an account --- */

static guint64
start_find (Worker    *worker,
            GVariant  *arguments,
            GError   **error)
{
  return worker_probing_start_find (worker->probing, arguments, error);
}

static guint64
start_check (Worker    *worker,
             GVariant  *arguments,
             GError   **error)
{
  return worker_probing_start_check (worker->probing, arguments, error);
}

static guint64
start_import (Worker    *worker,
              GVariant  *arguments,
              GError   **error)
{
  return worker_importing_start (worker->importing, arguments, error);
}

static guint64
start_removal (Worker    *worker,
               GVariant  *arguments,
               GError   **error)
{
  guint64 job = worker_leaving_start (worker->leaving, worker->store, arguments, error);

  if (job != 0)
    look_at_desk (worker);
  return job;
}

guint64
worker_start_job (Worker      *worker,
                  const char  *kind,
                  GVariant    *arguments,
                  GError     **error)
{
  static const struct {
    const char *kind;
    guint64  (* start) (Worker *worker, GVariant *arguments, GError **error);
  } kinds[] = {
    { BUS_JOB_SYNC, start_sync },
    { BUS_JOB_FETCH, start_fetch },
    { BUS_JOB_REMOVE_ACCOUNT, start_removal },
    { BUS_JOB_FIND, start_find },
    { BUS_JOB_CHECK, start_check },
    { BUS_JOB_IMPORT, start_import },
  };

  load_accounts (worker);               /* of one that was just added nobody may have told yet */
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (g_str_equal (kinds[i].kind, kind))
      return kinds[i].start (worker, arguments, error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "The background service knows no job called %s",
               kind);
  return 0;
}

void
worker_cancel_job (Worker  *worker,
                   guint64  job)
{
  worker_jobs_cancel (worker->jobs, job);
  for (guint i = 0; i < worker->accounts->len; i++)
    worker_account_cancel_unwanted (worker->accounts->pdata[i]);
}

/* --- secrets -------------------------------------------------------------------------------------------- */

/* A keyring may be slow: it is written on a thread of its own. */
typedef struct {
  AccountSecrets   *secrets;
  char             *uuid;
  AccountPurpose    purpose;
  char             *label;
  BaseSecret       *secret;
} Keeping;

static void
keeping_free (gpointer data)
{
  Keeping *keeping = data;

  g_free (keeping->uuid);
  g_free (keeping->label);
  g_clear_pointer (&keeping->secret, base_secret_unref);
  g_free (keeping);
}

typedef struct {
  Worker           *worker;
  gint64            account_id;          /* 0: not known yet */
  gboolean          is_forgotten;
  WorkerSecretKept  kept;
  gpointer          data;
} Waiting;

static void
keep_on_thread (GTask        *task,
                gpointer      source,
                gpointer      task_data,
                GCancellable *cancellable)
{
  Keeping *keeping = task_data;
  GError *error = NULL;

  if (account_secrets_set (keeping->secrets, keeping->uuid, keeping->purpose, keeping->label, keeping->secret,
                           &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
on_kept (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autofree Waiting *waiting = data;
  g_autoptr(GError) error = NULL;
  gboolean is_kept = g_task_propagate_boolean (G_TASK (result), &error);
  WorkerAccount *account;

  waiting->worker->n_keeping--;
  account = is_kept ? find_account (waiting->worker, waiting->account_id) : NULL;

  waiting->kept (error, waiting->data);
  if (account != NULL && !waiting->is_forgotten)
    worker_account_unlock (account);
}

static const StoreAccount *
find_by_uuid (GPtrArray  *settings,
              const char *uuid)
{
  for (guint i = 0; i < settings->len; i++)
    if (g_str_equal (((StoreAccount *) settings->pdata[i])->uuid, uuid))
      return settings->pdata[i];
  return NULL;
}

void
worker_set_secret (Worker           *worker,
                   const char       *account_uuid,
                   const char       *purpose,
                   BaseSecret       *secret,
                   WorkerSecretKept  kept,
                   gpointer          data)
{
  g_autoptr(GPtrArray) settings = store_accounts_list (worker->store, STORE_ACCOUNTS_ALL, NULL);
  const StoreAccount *account = settings != NULL ? find_by_uuid (settings, account_uuid) : NULL;
  g_autoptr(GTask) task = NULL;
  Keeping *keeping;
  Waiting *waiting;
  AccountPurpose parsed;

  if (!account_purpose_parse (purpose, &parsed))
    {
      g_autoptr(GError) error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                                             "%s is no purpose of a password", purpose);

      kept (error, data);
      return;
    }
  account_secrets_follow (worker->means.secrets, worker->store);
  keeping = g_new0 (Keeping, 1);
  *keeping = (Keeping) {
    worker->means.secrets, g_strdup (account_uuid), parsed,
      g_strdup (account != NULL ? account->email : account_uuid),
    secret != NULL ? base_secret_ref (secret) : NULL,
  };
  waiting = g_new0 (Waiting, 1);
  *waiting = (Waiting) { worker, account != NULL ? account->id : 0, secret == NULL, kept, data };
  task = g_task_new (NULL, NULL, on_kept, waiting);
  g_task_set_task_data (task, keeping, keeping_free);
  worker->n_keeping++;
  g_task_run_in_thread (task, keep_on_thread);
}

/* --- life ----------------------------------------------------------------------------------------------- */

static gboolean
recover_work (Store     *store,
              gpointer   data,
              GError   **error)
{
  return store_changes_recover (store, error) >= 0 && store_outbox_recover (store, error) >= 0
         && store_changes_catch_up (store, NULL, error);
}

static gboolean
open_store (Worker      *worker,
            const char  *secrets,
            GError     **error)
{
  if ((worker->means.ingest = ingest_new (worker->data_dir, error)) == NULL
      || (worker->store = store_open (worker->data_dir, STORE_READER, error)) == NULL
      || (worker->means.secrets = account_secrets_open (worker->store, secrets, error)) == NULL)
    return FALSE;
  return ingest_write_alone (worker->means.ingest, recover_work, NULL, error);
}

static void
begin (Worker *worker)
{
  static const WorkerWatcherTold told = { on_desk_written, on_store_vanished };

  worker->rev = worker->question_rev = store_get_mail_rev (worker->store, NULL);
  worker->answer_rev = store_get_desk_rev (worker->store, NULL);
  worker->watcher = worker_watcher_new (worker->data_dir, &told, worker);
  worker->network = g_object_ref (g_network_monitor_get_default ());
  g_signal_connect (worker->network, "network-changed", G_CALLBACK (on_network_changed), worker);
  ingest_set_told (worker->means.ingest, tell_written, worker);
  look_at_desk (worker);
}

Worker *
worker_new (const char            *data_dir,
            const char            *secrets,
            const WorkerListener  *listener,
            gpointer               data,
            GError               **error)
{
  g_autoptr(Worker) worker = g_new0 (Worker, 1);

  worker->data_dir = g_strdup (data_dir);
  worker->listener = listener;
  worker->data = data;
  worker->means.data_dir = worker->data_dir;
  worker->means.inbox = worker_inbox_new (worker_letter_open, worker, worker_letter_free);
  worker->jobs = worker_jobs_new (tell_job, worker);
  worker->probing = worker_probing_new (&worker->means, worker->jobs);
  worker->importing = worker_importing_new (&worker->means, worker->jobs);
  worker->leaving = worker_leaving_new (&worker->means, worker->jobs);
  worker->tidying = worker_tidying_new (&worker->means, base_clock_steady_us ());
  worker->accounts = g_ptr_array_new_with_free_func ((GDestroyNotify) worker_account_free);
  worker->timer = make_timer (worker);
  if (!open_store (worker, secrets, error))
    return NULL;
  begin (worker);
  return g_steal_pointer (&worker);
}

Store *
worker_peek_store (Worker *worker)
{
  return worker->store;
}

Ingest *
worker_peek_ingest (Worker *worker)
{
  return worker->means.ingest;
}

/* All are told before one is waited for. */
static void
end_lanes (Worker *worker)
{
  for (guint i = 0; i < worker->accounts->len; i++)
    worker_account_stop (worker->accounts->pdata[i]);
  worker_leaving_stop (worker->leaving);
  worker_tidying_stop (worker->tidying);
  g_ptr_array_unref (worker->accounts);
  worker_leaving_free (worker->leaving);
  worker_tidying_free (worker->tidying);
  worker_importing_free (worker->importing);
  worker_probing_free (worker->probing);
}

void
worker_free (Worker *worker)
{
  if (worker->network != NULL)
    g_signal_handlers_disconnect_by_data (worker->network, worker);
  g_clear_object (&worker->network);
  g_clear_pointer (&worker->watcher, worker_watcher_free);
  end_lanes (worker);
  if (worker->means.ingest != NULL)
    ingest_set_told (worker->means.ingest, NULL, NULL);
  g_clear_pointer (&worker->means.ingest, ingest_free);
  g_clear_pointer (&worker->means.inbox, worker_inbox_free);
  worker_jobs_free (worker->jobs);
  g_source_destroy (worker->timer);
  g_source_unref (worker->timer);
  g_clear_pointer (&worker->store, store_close);
  /* A keyring that does not answer is not waited for: then the process ends with the secret still in its
   * hands. */
  if (worker->n_keeping == 0)
    g_clear_pointer (&worker->means.secrets, account_secrets_free);
  g_free (worker->data_dir);
  g_free (worker);
}
