/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/bus.h"

#include <glib/gi18n-lib.h>

#define LOOK_S          20        /* signals may be lost: how often to look for news by itself */
#define LOOK_ALONE_S    2         /* without a worker to tell */
#define RETRY_FIRST_S   1
#define RETRY_LAST_S    60

struct _ModelBus {
  GObject        parent_instance;

  ModelStore    *store;
  char          *version;
  BusOpen        how;
  GCancellable  *cancellable;

  ModelBusState  state;
  char          *problem;
  BusClient     *client;         /* NULL unless CONNECTED */
  GPtrArray     *runs;           /* of GTask, whose task data is a Run */
  GHashTable    *early;          /* job -> BusJob: news that came before the answer that names the job */
  guint          n_starting;
  guint          look_source;
  guint          retry_source;
  guint          retry_s;
};

G_DEFINE_FINAL_TYPE (ModelBus, model_bus, G_TYPE_OBJECT)

enum { STATE_CHANGED, JOB, NEEDS_USER, N_SIGNALS };
static guint signals[N_SIGNALS];

/* A job that somebody here waits for. */
typedef struct {
  char             *kind;
  GVariant         *arguments;
  ModelBusProgress  progress;
  gpointer          user_data;
  guint64           job;          /* 0: not started yet */
  gulong            cancel_handler;
} Run;

static void
run_free (Run *run)
{
  g_free (run->kind);
  g_clear_pointer (&run->arguments, g_variant_unref);
  g_free (run);
}

/* --- jobs that are waited for --- */

static BusJob *
job_copy (const BusJob *job)
{
  return bus_job_new (job->id, job->kind, job->state, job->done, job->total, job->details);
}

/* Takes the run out; the caller gets the reference. */
static GTask *
steal_run (ModelBus *self,
           GTask    *task)
{
  Run *run = g_task_get_task_data (task);

  g_object_ref (task);
  g_ptr_array_remove (self->runs, task);
  if (run->cancel_handler != 0)
    g_signal_handler_disconnect (g_task_get_cancellable (task), run->cancel_handler);
  run->cancel_handler = 0;
  return task;
}

static void
tell_run (ModelBus     *self,
          GTask        *task,
          const BusJob *job)
{
  Run *run = g_task_get_task_data (task);
  g_autoptr(GTask) ended = NULL;

  if (run->progress != NULL)
    run->progress (job, run->user_data);
  if (!bus_job_state_is_end (job->state))
    return;
  ended = steal_run (self, task);
  g_task_return_pointer (ended, job_copy (job), (GDestroyNotify) bus_job_free);
}

static void
fail_runs (ModelBus *self,
           GError   *error)
{
  while (self->runs->len > 0)
    {
      g_autoptr(GTask) task = steal_run (self, self->runs->pdata[0]);

      g_task_return_error (task, g_error_copy (error));
    }
}

static void
on_cancelled (GCancellable *cancellable,
              GTask        *task)
{
  Run *run = g_task_get_task_data (task);

  if (run->job != 0)
    model_bus_cancel (g_task_get_source_object (task), run->job);
}

static void
started_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GTask) task = data;
  ModelBus *self = g_task_get_source_object (task);
  Run *run = g_task_get_task_data (task);
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) early = NULL;
  guint64 job = bus_client_start_job_finish (result, &error);

  self->n_starting--;
  if (g_task_get_completed (task) || !g_ptr_array_find (self->runs, task, NULL))
    return;
  if (job == 0)
    {
      g_autoptr(GTask) failed = steal_run (self, task);

      g_task_return_error (failed, g_steal_pointer (&error));
      return;
    }
  run->job = job;
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    model_bus_cancel (self, job);
  g_hash_table_steal_extended (self->early, &job, NULL, (gpointer *) &early);
  if (self->n_starting == 0)
    g_hash_table_remove_all (self->early);
  if (early != NULL)
    tell_run (self, task, early);
}

static void
start_run (ModelBus *self,
           GTask    *task)
{
  Run *run = g_task_get_task_data (task);

  self->n_starting++;
  bus_client_start_job_async (self->client, run->kind, run->arguments, NULL, started_cb, g_object_ref (task));
}

void
model_bus_run_async (ModelBus            *self,
                     const char          *kind,
                     GVariant            *arguments,
                     ModelBusProgress     progress,
                     GCancellable        *cancellable,
                     GAsyncReadyCallback  callback,
                     gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  run->kind = g_strdup (kind);
  run->arguments = arguments != NULL ? g_variant_ref_sink (arguments) : NULL;
  run->progress = progress;
  run->user_data = user_data;
  g_task_set_source_tag (task, model_bus_run_async);
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  g_task_set_check_cancellable (task, FALSE);
  if (self->state == MODEL_BUS_AWAY || self->state == MODEL_BUS_NEWER_WORKER)
    {
      g_task_return_new_error (task, BUS_ERROR, BUS_ERROR_NO_WORKER, "%s", self->problem);
      return;
    }
  if (cancellable != NULL)
    run->cancel_handler = g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), task);
  g_ptr_array_add (self->runs, g_object_ref (task));
  if (self->state == MODEL_BUS_CONNECTED)
    start_run (self, task);
}

BusJob *
model_bus_run_finish (ModelBus      *self,
                      GAsyncResult  *result,
                      GError       **error)
{
  g_assert (g_task_is_valid (result, self));
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
told_start_cb (GObject      *object,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = model_bus_run_finish (MODEL_BUS (object), result, &error);

  if (job == NULL)
    g_message ("%s", error->message);
}

void
model_bus_start (ModelBus   *self,
                 const char *kind,
                 GVariant   *arguments)
{
  model_bus_run_async (self, kind, arguments, NULL, NULL, told_start_cb, NULL);
}

void
model_bus_cancel (ModelBus *self,
                  guint64   job)
{
  if (self->client != NULL)
    bus_client_cancel_job_soon (self->client, job);
}

/* --- what the worker tells --- */

static void
hear_news (guint64  rev,
           gpointer data)
{
  model_store_look (MODEL_BUS (data)->store);
}

static GTask *
find_run (ModelBus *self,
          guint64   job)
{
  for (guint i = 0; i < self->runs->len; i++)
    {
      const Run *run = g_task_get_task_data (self->runs->pdata[i]);

      if (run->job == job)
        return self->runs->pdata[i];
    }
  return NULL;
}

static void
hear_job (const BusJob *job,
          gpointer      data)
{
  ModelBus *self = data;
  GTask *task = find_run (self, job->id);

  g_signal_emit (self, signals[JOB], 0, job);
  if (task != NULL)
    tell_run (self, task, job);
  else if (self->n_starting > 0)
    g_hash_table_insert (self->early, g_memdup2 (&job->id, sizeof job->id), job_copy (job));
}

static void
hear_needs_user (gint64      question,
                 gint64      account,
                 const char *kind,
                 gpointer    data)
{
  g_signal_emit (data, signals[NEEDS_USER], 0, question, account, kind);
}

static void go_away (ModelBus     *self,
                     const GError *error);

static void
hear_closed (gpointer data)
{
  ModelBus *self = data;
  g_autoptr(GError) error = g_error_new_literal (BUS_ERROR, BUS_ERROR_NO_WORKER,
                                                 _("The background service has ended"));

  self->retry_s = RETRY_FIRST_S;
  go_away (self, error);
}

static const BusListener listener = {
  .news = hear_news, .job = hear_job, .needs_user = hear_needs_user, .closed = hear_closed,
};

/* --- coming and going --- */

static gboolean
look_cb (gpointer data)
{
  model_store_look (MODEL_BUS (data)->store);
  return G_SOURCE_CONTINUE;
}

static void
look_every (ModelBus *self,
            guint     seconds)
{
  g_clear_handle_id (&self->look_source, g_source_remove);
  self->look_source = g_timeout_add_seconds (seconds, look_cb, self);
}

static void
set_state (ModelBus      *self,
           ModelBusState  state,
           const char    *problem)
{
  char *words = g_strdup (problem);

  g_debug ("worker: state %d%s%s", state, words != NULL ? ", " : "", words != NULL ? words : "");
  g_free (self->problem);
  self->problem = words;
  self->state = state;
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

static void
start_waiting_runs (ModelBus *self)
{
  for (guint i = 0; i < self->runs->len; i++)
    start_run (self, self->runs->pdata[i]);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(ModelBus) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BusClient) client = bus_client_open_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (client == NULL)
    {
      go_away (self, error);
      return;
    }
  self->client = g_steal_pointer (&client);
  self->retry_s = RETRY_FIRST_S;
  bus_client_listen (self->client, &listener, self);
  look_every (self, LOOK_S);
  set_state (self, MODEL_BUS_CONNECTED, NULL);
  start_waiting_runs (self);
  /* What was written while nobody could be told. */
  model_bus_nudge (self);
  model_store_look (self->store);
}

static void
connect_now (ModelBus *self)
{
  BusHello hello = { BUS_PROTOCOL, self->version, STORE_SCHEMA };

  g_clear_handle_id (&self->retry_source, g_source_remove);
  set_state (self, MODEL_BUS_CONNECTING, NULL);
  bus_client_open_async (model_store_get_dir (self->store), self->how, &hello, self->cancellable, opened_cb,
                         g_object_ref (self));
}

static gboolean
retry_cb (gpointer data)
{
  ModelBus *self = data;

  self->retry_source = 0;
  /* The client whose end was heard may go only when its signal has returned. */
  g_clear_pointer (&self->client, bus_client_free);
  connect_now (self);
  return G_SOURCE_REMOVE;
}

static void
go_away (ModelBus     *self,
         const GError *error)
{
  g_autoptr(GError) lost = g_error_copy (error);
  gboolean is_newer = g_error_matches (error, BUS_ERROR, BUS_ERROR_WORKER_NEWER);

  look_every (self, LOOK_ALONE_S);
  if (!is_newer)
    self->retry_source = g_timeout_add_seconds (self->retry_s, retry_cb, self);
  self->retry_s = MIN (self->retry_s * 4, RETRY_LAST_S);
  set_state (self, is_newer ? MODEL_BUS_NEWER_WORKER : MODEL_BUS_AWAY, lost->message);
  fail_runs (self, lost);
}

void
model_bus_retry (ModelBus *self)
{
  if (self->state != MODEL_BUS_AWAY)
    return;
  g_clear_handle_id (&self->retry_source, g_source_remove);
  self->retry_source = g_idle_add (retry_cb, self);
}

void
model_bus_nudge (ModelBus *self)
{
  if (self->state == MODEL_BUS_CONNECTED)
    bus_client_nudge_soon (self->client);
}

void
model_bus_quit (ModelBus *self)
{
  g_autoptr(GError) error = NULL;

  if (self->state == MODEL_BUS_CONNECTED && !bus_client_quit (self->client, "user", &error))
    g_message ("%s", error->message);
}

ModelBusState
model_bus_get_state (ModelBus *self)
{
  return self->state;
}

const char *
model_bus_peek_problem (ModelBus *self)
{
  return self->problem;
}

/* --- secrets --- */

static void
secret_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GTask) task = data;
  GError *error = NULL;

  if (bus_client_set_secret_finish (result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
model_bus_set_secret_async (ModelBus            *self,
                            const char          *account_uuid,
                            const char          *purpose,
                            BaseSecret          *secret,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, model_bus_set_secret_async);
  if (self->state != MODEL_BUS_CONNECTED)
    {
      g_task_return_new_error (task, BUS_ERROR, BUS_ERROR_NO_WORKER, "%s",
                               self->problem != NULL
                               ? self->problem : _("The background service is not running"));
      return;
    }
  bus_client_set_secret_async (self->client, account_uuid, purpose, secret, cancellable, secret_cb,
                               g_steal_pointer (&task));
}

gboolean
model_bus_set_secret_finish (ModelBus      *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  g_assert (g_task_is_valid (result, self));
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- life --- */

ModelBus *
model_bus_new (ModelStore *store,
               const char *version,
               BusOpen     how)
{
  ModelBus *self = g_object_new (MODEL_TYPE_BUS, NULL);

  self->store = g_object_ref (store);
  self->version = g_strdup (version);
  self->how = how;
  look_every (self, LOOK_ALONE_S);
  connect_now (self);
  return self;
}

static void
model_bus_dispose (GObject *object)
{
  ModelBus *self = MODEL_BUS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->look_source, g_source_remove);
  g_clear_handle_id (&self->retry_source, g_source_remove);
  g_clear_pointer (&self->client, bus_client_free);
  G_OBJECT_CLASS (model_bus_parent_class)->dispose (object);
}

static void
model_bus_finalize (GObject *object)
{
  ModelBus *self = MODEL_BUS (object);

  g_clear_object (&self->store);
  g_clear_object (&self->cancellable);
  g_ptr_array_unref (self->runs);
  g_hash_table_unref (self->early);
  g_free (self->version);
  g_free (self->problem);
  G_OBJECT_CLASS (model_bus_parent_class)->finalize (object);
}

static void
model_bus_class_init (ModelBusClass *class)
{
  GType type = G_TYPE_FROM_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = model_bus_dispose;
  G_OBJECT_CLASS (class)->finalize = model_bus_finalize;
  signals[STATE_CHANGED] = g_signal_new ("state-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 0);
  signals[JOB] = g_signal_new ("job", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                               G_TYPE_POINTER);
  signals[NEEDS_USER] = g_signal_new ("needs-user", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                      3, G_TYPE_INT64, G_TYPE_INT64, G_TYPE_STRING);
}

static void
model_bus_init (ModelBus *self)
{
  self->cancellable = g_cancellable_new ();
  self->runs = g_ptr_array_new_with_free_func (g_object_unref);
  self->early = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) bus_job_free);
  self->retry_s = RETRY_FIRST_S;
}
