/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/serve.h"

#include "bus/jobs.h"
#include "bus/server.h"
#include "store/store.h"
#include "worker/presence.h"

struct _WorkerServe {
  Worker         *worker;
  BusServer      *server;
  WorkerPresence *presence;
  WorkerServeEnd  end;
  gpointer        data;
};

/* --- what the worker tells ------------------------------------------------------------------------------ */

static void
on_news (guint64  rev,
         gpointer data)
{
  WorkerServe *serve = data;

  bus_server_tell_news (serve->server, rev);
  if (serve->presence != NULL)
    worker_presence_look (serve->presence);
}

static void
on_job (BusJob   *job,
        gpointer  data)
{
  bus_server_tell_job (((WorkerServe *) data)->server, job);
}

static void
on_needs_user (gint64      question,
               gint64      account,
               const char *kind,
               gpointer    data)
{
  bus_server_tell_needs_user (((WorkerServe *) data)->server, question, account, kind);
}

static void
on_vanished (gpointer data)
{
  WorkerServe *serve = data;

  serve->end ("vanished", serve->data);
}

/* --- what clients ask ----------------------------------------------------------------------------------- */

static void
nudge (gpointer data)
{
  WorkerServe *serve = data;

  worker_nudge (serve->worker);
  worker_presence_look (serve->presence);
}

static guint64
start (const char *kind,
       GVariant   *arguments,
       gpointer    data,
       GError    **error)
{
  return worker_start_job (((WorkerServe *) data)->worker, kind, arguments, error);
}

static void
cancel (guint64  job,
        gpointer data)
{
  worker_cancel_job (((WorkerServe *) data)->worker, job);
}

static void
on_kept (const GError *error,
         gpointer      data)
{
  if (error == NULL)
    bus_reply_done (data);
  else
    bus_reply_fail (data, g_error_copy (error));
}

static void
set_secret (const char *account_uuid,
            const char *purpose,
            BaseSecret *secret,
            BusReply   *reply,
            gpointer    data)
{
  worker_set_secret (((WorkerServe *) data)->worker, account_uuid, purpose, secret, on_kept, reply);
}

static void
quit (const char *reason,
      gpointer    data)
{
  WorkerServe *serve = data;

  serve->end (reason, serve->data);
}

/* --- what people click on the desktop ------------------------------------------------------------------- */

static void
on_check (gpointer data)
{
  WorkerServe *serve = data;
  g_autoptr(GVariant) none = g_variant_ref_sink (g_variant_new ("a{sv}", NULL));
  g_autoptr(GError) error = NULL;

  if (worker_start_job (serve->worker, BUS_JOB_SYNC, none, &error) == 0)
    g_warning ("Cannot check for mail: %s", error->message);
}

static void
on_wished (gpointer data)
{
  worker_nudge (((WorkerServe *) data)->worker);
}

static void
on_quit (gpointer data)
{
  quit ("user", data);
}

static WorkerPresence *
make_presence (WorkerServe *serve,
               const char  *data_dir)
{
  return worker_presence_new (&(WorkerPresenceSetup) {
    .data_dir = data_dir, .store = worker_peek_store (serve->worker),
                .ingest = worker_peek_ingest (serve->worker),
    .check = on_check, .wished = on_wished, .quit = on_quit, .data = serve,
  });
}

/* --- life ----------------------------------------------------------------------------------------------- */

WorkerServe *
worker_serve_new (const WorkerServeSetup  *setup,
                  WorkerServeEnd           end,
                  gpointer                 data,
                  GError                 **error)
{
  static const WorkerListener listener = { on_news, on_job, on_needs_user, on_vanished };
  static const BusHandler handler = { nudge, start, cancel, set_secret, quit };
  const BusHello hello = { BUS_PROTOCOL, setup->version, STORE_SCHEMA };
  g_autoptr(WorkerServe) serve = g_new0 (WorkerServe, 1);

  serve->end = end;
  serve->data = data;
  if ((serve->worker = worker_new (setup->data_dir, setup->secrets, &listener, serve, error)) == NULL
      || (serve->server = bus_server_new (setup->socket_path, &hello, &handler, serve, error)) == NULL)
    return NULL;
  serve->presence = make_presence (serve, setup->data_dir);
  return g_steal_pointer (&serve);
}

void
worker_serve_free (WorkerServe *serve)
{
  g_clear_pointer (&serve->presence, worker_presence_free);
  g_clear_pointer (&serve->worker, worker_free);
  g_clear_pointer (&serve->server, bus_server_free);
  g_free (serve);
}
