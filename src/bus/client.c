/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/client.h"

#include "bus/open.h"

#define INTERFACE     "org.penfold.Worker1"
#define SECRET_MS     30000
#define LOOK_MS       500                    /* how often run_job() looks whether the worker is still there */

struct _BusClient {
  GDBusConnection   *connection;
  BusHello           worker;
  const BusListener *listener;               /* NULL: nobody listens */
  gpointer           data;
  guint              subscription;
};

/* Opening. */

static BusClient *
open_with (const char      *data_dir,
           BusOpen          how,
           const BusHello  *hello,
           GCancellable    *cancellable,
           GError         **error)
{
  BusHello worker;
  GDBusConnection *connection = bus_open (data_dir, how, hello, &worker, cancellable, error);
  BusClient *client;

  if (connection == NULL)
    return NULL;
  client = g_new0 (BusClient, 1);
  client->connection = connection;
  client->worker = worker;
  return client;
}

BusClient *
bus_client_open (const char      *data_dir,
                 BusOpen          how,
                 const BusHello  *hello,
                 GCancellable    *cancellable,
                 GError         **error)
{
  return open_with (data_dir, how, hello, cancellable, error);
}

typedef struct {
  char     *data_dir;
  BusOpen   how;
  BusHello  hello;
} Request;

static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->data_dir);
  g_free ((char *) request->hello.version);
  g_free (request);
}

static void
open_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  const Request *request = data;
  GError *error = NULL;
  BusClient *client = open_with (request->data_dir, request->how, &request->hello, cancellable, &error);

  if (client == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, client, (GDestroyNotify) bus_client_free);
}

void
bus_client_open_async (const char          *data_dir,
                       BusOpen              how,
                       const BusHello      *hello,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             data)
{
  g_autoptr(GTask) task = g_task_new (NULL, cancellable, callback, data);
  Request *request = g_new0 (Request, 1);

  request->data_dir = g_strdup (data_dir);
  request->how = how;
  request->hello = *hello;
  request->hello.version = g_strdup (hello->version);
  g_task_set_source_tag (task, bus_client_open_async);
  g_task_set_task_data (task, request, request_free);
  g_task_run_in_thread (task, open_in_thread);
}

BusClient *
bus_client_open_finish (GAsyncResult  *result,
                        GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
bus_client_free (BusClient *client)
{
  if (client->subscription != 0)
    g_dbus_connection_signal_unsubscribe (client->connection, client->subscription);
  g_signal_handlers_disconnect_by_data (client->connection, client);
  g_dbus_connection_close (client->connection, NULL, NULL, NULL);
  g_object_unref (client->connection);
  g_free ((char *) client->worker.version);
  g_free (client);
}

const BusHello *
bus_client_peek_worker (BusClient *client)
{
  return &client->worker;
}

gboolean
bus_client_is_closed (BusClient *client)
{
  return g_dbus_connection_is_closed (client->connection);
}

/* Hearing. */

/* A state that this version does not know is a newer worker's: nothing to show. */
static BusJob *
job_from_fields (GVariant *fields)
{
  g_autoptr(GVariant) details = NULL;
  const char *kind, *name;
  guint64 id, done, total;
  BusJobState state;

  g_variant_get (fields, "(t&s&stt@a{sv})", &id, &kind, &name, &done, &total, &details);
  return bus_job_state_parse (name, &state) ? bus_job_new (id, kind, state, done, total, details) : NULL;
}

static void
hear_job (BusClient *client,
          GVariant  *fields)
{
  g_autoptr(BusJob) job = job_from_fields (fields);

  if (job != NULL)
    client->listener->job (job, client->data);
}

static void
on_signal (GDBusConnection *connection,
           const char      *sender,
           const char      *path,
           const char      *interface,
           const char      *name,
           GVariant        *fields,
           gpointer         data)
{
  BusClient *client = data;
  const BusListener *listener = client->listener;

  if (g_str_equal (name, "News") && g_variant_is_of_type (fields, G_VARIANT_TYPE ("(t)"))
      && listener->news != NULL)
    {
      guint64 rev;

      g_variant_get (fields, "(t)", &rev);
      listener->news (rev, client->data);
    }
  else if (g_str_equal (name, "JobNews") && g_variant_is_of_type (fields, G_VARIANT_TYPE ("(tsstta{sv})"))
           && listener->job != NULL)
    hear_job (client, fields);
  else if (g_str_equal (name, "NeedsUser") && g_variant_is_of_type (fields, G_VARIANT_TYPE ("(xxs)"))
           && listener->needs_user != NULL)
    {
      gint64 question, account;
      const char *kind;

      g_variant_get (fields, "(xx&s)", &question, &account, &kind);
      listener->needs_user (question, account, kind, client->data);
    }
}

static void
on_closed (GDBusConnection *connection,
           gboolean         vanished,
           GError          *error,
           BusClient       *client)
{
  if (client->listener->closed != NULL)
    client->listener->closed (client->data);
}

void
bus_client_listen (BusClient         *client,
                   const BusListener *listener,
                   gpointer           data)
{
  g_assert (client->listener == NULL);
  client->listener = listener;
  client->data = data;
  client->subscription = g_dbus_connection_signal_subscribe (client->connection, NULL, INTERFACE, NULL,
                                                             BUS_OBJECT_PATH,
                                                             NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal,
                                                             client, NULL);
  g_signal_connect (client->connection, "closed", G_CALLBACK (on_closed), client);
}

/* Asking and waiting. */

static GVariant *
call (BusClient   *client,
      const char  *method,
      GVariant    *arguments,
      const char  *answer_type,
      guint        timeout_ms,
      GError     **error)
{
  GError *problem = NULL;
  GVariant *answer = g_dbus_connection_call_sync (client->connection, NULL, BUS_OBJECT_PATH, INTERFACE,
                                                  method,
                                                  arguments, G_VARIANT_TYPE (answer_type),
                                                  G_DBUS_CALL_FLAGS_NONE, (int) timeout_ms, NULL, &problem);

  if (answer == NULL)
    bus_open_propagate (error, problem);
  return answer;
}

static gboolean
call_plainly (BusClient   *client,
              const char  *method,
              GVariant    *arguments,
              guint        timeout_ms,
              GError     **error)
{
  g_autoptr(GVariant) answer = call (client, method, arguments, "()", timeout_ms, error);

  return answer != NULL;
}

static GVariant *
start_arguments (const char *kind,
                 GVariant   *arguments)
{
  if (arguments == NULL)
    arguments = g_variant_new ("a{sv}", NULL);
  return g_variant_new ("(s@a{sv})", kind, arguments);
}

gboolean
bus_client_nudge (BusClient  *client,
                  GError    **error)
{
  return call_plainly (client, "Nudge", NULL, BUS_ANSWER_MS, error);
}

guint64
bus_client_start_job (BusClient   *client,
                      const char  *kind,
                      GVariant    *arguments,
                      GError     **error)
{
  g_autoptr(GVariant) answer = call (client, "Start", start_arguments (kind, arguments), "(t)", BUS_ANSWER_MS,
                                     error);
  guint64 job = 0;

  if (answer != NULL)
    g_variant_get (answer, "(t)", &job);
  return job;
}

gboolean
bus_client_cancel_job (BusClient  *client,
                       guint64     job,
                       GError    **error)
{
  return call_plainly (client, "Cancel", g_variant_new ("(t)", job), BUS_ANSWER_MS, error);
}

GPtrArray *
bus_client_list_jobs (BusClient  *client,
                      GError    **error)
{
  g_autoptr(GVariant) answer = call (client, "ListJobs", NULL, "(a(tsstta{sv}))", BUS_ANSWER_MS, error);
  g_autoptr(GVariant) list = NULL;
  GPtrArray *jobs;
  gsize n;

  if (answer == NULL)
    return NULL;
  list = g_variant_get_child_value (answer, 0);
  n = g_variant_n_children (list);
  jobs = g_ptr_array_new_with_free_func ((GDestroyNotify) bus_job_free);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr(GVariant) fields = g_variant_get_child_value (list, i);
      BusJob *job = job_from_fields (fields);

      if (job != NULL)
        g_ptr_array_add (jobs, job);
    }
  return jobs;
}

static GVariant *
secret_arguments (const char *account_uuid,
                  const char *purpose,
                  BaseSecret *secret)
{
  return g_variant_new ("(sss)", account_uuid, purpose, secret != NULL ? base_secret_peek (secret) : "");
}

gboolean
bus_client_set_secret (BusClient   *client,
                       const char  *account_uuid,
                       const char  *purpose,
                       BaseSecret  *secret,
                       GError     **error)
{
  return call_plainly (client, "SetSecret", secret_arguments (account_uuid, purpose, secret), SECRET_MS,
                       error);
}

gboolean
bus_client_quit (BusClient   *client,
                 const char  *reason,
                 GError     **error)
{
  g_autoptr(GError) problem = NULL;
  gint64 deadline_us = g_get_monotonic_time () + 2 * BUS_ANSWER_MS * 1000;

  if (!call_plainly (client, "Quit", g_variant_new ("(s)", reason), BUS_ANSWER_MS, &problem)
      && !g_error_matches (problem, BUS_ERROR, BUS_ERROR_NO_WORKER))        /* gone before it could answer */
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  while (!bus_client_is_closed (client) && g_get_monotonic_time () < deadline_us)
    g_usleep (20 * 1000);
  if (bus_client_is_closed (client))
    return TRUE;
  g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_ANSWER, "The background service does not end");
  return FALSE;
}

/* Running a job to its end. */

typedef struct {
  BusClient    *client;
  guint64       id;
  BusJob       *job;                         /* its newest state, or NULL */
  BusProgress   progress;
  gpointer      data;
  gint64        heard_us;
} Run;

static void
run_take_job (Run    *run,
              BusJob *job)
{
  run->heard_us = g_get_monotonic_time ();
  g_clear_pointer (&run->job, bus_job_free);
  run->job = job;
  if (run->progress != NULL)
    run->progress (job, run->data);
}

static void
on_run_signal (GDBusConnection *connection,
               const char      *sender,
               const char      *path,
               const char      *interface,
               const char      *name,
               GVariant        *fields,
               gpointer         data)
{
  Run *run = data;
  g_autoptr(BusJob) job = NULL;

  if (!g_variant_is_of_type (fields, G_VARIANT_TYPE ("(tsstta{sv})")))
    return;
  if ((job = job_from_fields (fields)) != NULL && job->id == run->id)
    run_take_job (run, g_steal_pointer (&job));
}

/* Signals may be lost, and a worker may hang: after a silence its list says how the job stands. */
static gboolean
run_ask (Run     *run,
         GError **error)
{
  g_autoptr(GPtrArray) jobs = bus_client_list_jobs (run->client, error);

  if (jobs == NULL)
    return FALSE;
  for (guint i = 0; i < jobs->len; i++)
    {
      const BusJob *job = jobs->pdata[i];

      if (job->id != run->id)
        continue;
      run_take_job (run, bus_job_new (job->id, job->kind, job->state, job->done, job->total, job->details));
      return TRUE;
    }
  g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_WORKER,
                       "The background service does not know this task any more");
  return FALSE;
}

static gboolean
run_has_ended (const Run *run)
{
  return run->job != NULL && bus_job_state_is_end (run->job->state);
}

static gboolean
on_look (gpointer data)
{
  return G_SOURCE_CONTINUE;                  /* it is enough that the loop in run_until_end() turns */
}

static gboolean
run_until_end (Run           *run,
               GMainContext  *context,
               GCancellable  *cancellable,
               GError       **error)
{
  gboolean asked_to_cancel = FALSE;

  while (!run_has_ended (run))
    {
      g_main_context_iteration (context, TRUE);

      if (bus_client_is_closed (run->client))
        {
          g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_WORKER, "The background service has ended");
          return FALSE;
        }
      if (!asked_to_cancel && g_cancellable_is_cancelled (cancellable))
        {
          asked_to_cancel = TRUE;
          if (!bus_client_cancel_job (run->client, run->id, error))
            return FALSE;
        }
      if (g_get_monotonic_time () - run->heard_us > BUS_ANSWER_MS * 1000 && !run_ask (run, error))
        return FALSE;
    }
  return TRUE;
}

BusJob *
bus_client_run_job (BusClient     *client,
                    const char    *kind,
                    GVariant      *arguments,
                    BusProgress    progress,
                    gpointer       data,
                    GCancellable  *cancellable,
                    GError       **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GSource) look = g_timeout_source_new (LOOK_MS);
  Run run = { .client = client, .progress = progress, .data = data, .heard_us = g_get_monotonic_time () };
  gboolean ended;
  guint subscription;

  g_source_set_callback (look, on_look, NULL, NULL);
  g_source_attach (look, context);

  /* News that comes before the answer waits in the context, which is not iterated until the id is known. */
  g_main_context_push_thread_default (context);
  subscription = g_dbus_connection_signal_subscribe (client->connection, NULL, INTERFACE, "JobNews",
                                                     BUS_OBJECT_PATH,
                                                     NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_run_signal, &run,
                                                     NULL);
  run.id = bus_client_start_job (client, kind, arguments, error);
  ended = run.id != 0 && run_until_end (&run, context, cancellable, error);
  g_dbus_connection_signal_unsubscribe (client->connection, subscription);
  g_main_context_pop_thread_default (context);
  g_source_destroy (look);

  if (!ended)
    g_clear_pointer (&run.job, bus_job_free);
  return run.job;
}

/* Asking without waiting. */

static void
call_soon (BusClient           *client,
           const char          *method,
           GVariant            *arguments,
           const char          *answer_type,
           guint                timeout_ms,
           GCancellable        *cancellable,
           GAsyncReadyCallback  callback,
           gpointer             data)
{
  g_dbus_connection_call (client->connection, NULL, BUS_OBJECT_PATH, INTERFACE, method, arguments,
                          G_VARIANT_TYPE (answer_type), G_DBUS_CALL_FLAGS_NONE, (int) timeout_ms, cancellable,
                          callback, data);
}

static GVariant *
call_finish (GAsyncResult  *result,
             GError       **error)
{
  g_autoptr(GObject) connection = g_async_result_get_source_object (result);
  GError *problem = NULL;
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (connection), result, &problem);

  if (answer == NULL)
    bus_open_propagate (error, problem);
  return answer;
}

void
bus_client_nudge_soon (BusClient *client)
{
  call_soon (client, "Nudge", NULL, "()", BUS_ANSWER_MS, NULL, NULL, NULL);
}

void
bus_client_start_job_async (BusClient           *client,
                            const char          *kind,
                            GVariant            *arguments,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             data)
{
  call_soon (client, "Start", start_arguments (kind, arguments), "(t)", BUS_ANSWER_MS, cancellable, callback,
             data);
}

guint64
bus_client_start_job_finish (GAsyncResult  *result,
                             GError       **error)
{
  g_autoptr(GVariant) answer = call_finish (result, error);
  guint64 job = 0;

  if (answer != NULL)
    g_variant_get (answer, "(t)", &job);
  return job;
}

void
bus_client_cancel_job_soon (BusClient *client,
                            guint64    job)
{
  call_soon (client, "Cancel", g_variant_new ("(t)", job), "()", BUS_ANSWER_MS, NULL, NULL, NULL);
}

void
bus_client_set_secret_async (BusClient           *client,
                             const char          *account_uuid,
                             const char          *purpose,
                             BaseSecret          *secret,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             data)
{
  call_soon (client, "SetSecret", secret_arguments (account_uuid, purpose, secret), "()", SECRET_MS,
             cancellable, callback, data);
}

gboolean
bus_client_set_secret_finish (GAsyncResult  *result,
                              GError       **error)
{
  g_autoptr(GVariant) answer = call_finish (result, error);

  return answer != NULL;
}
