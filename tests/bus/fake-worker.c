/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests start, and the client under test starts, as penfold-worker: see harness.h.  FAKE_WORKER: "fail"
 * ends with status 3; "owned" finds the store owned and ends well.  FAKE_PROTOCOL, FAKE_VERSION, FAKE_SCHEMA:
 * what it says it is.  FAKE_SOCKET: where it serves.  It counts its starts in the file "starts". */
#include "bus/server.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct {
  BusServer *server;
  GMainLoop *loop;
  guint64    last_job;
  guint      nudges;
  char      *secret;           /* "uuid purpose text" */
  BusReply  *reply;            /* owed */
  guint64    next_rev;
  guint64    last_rev;
} Worker;

static void
tell (Worker      *worker,
      guint64      id,
      const char  *kind,
      BusJobState  state,
      guint64      done,
      GVariant    *details)
{
  bus_server_tell_job (worker->server, bus_job_new (id, kind, state, done, 3, details));
}

static void
on_nudge (gpointer data)
{
  ((Worker *) data)->nudges++;
}

static guint64
argument (GVariant   *arguments,
          const char *name)
{
  guint64 value = 0;

  g_variant_lookup (arguments, name, "t", &value);
  return value;
}

static GVariant *
text_details (char *text)
{
  GVariantDict details;
  g_autofree char *owned = text;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "text", "s", owned);
  return g_variant_dict_end (&details);
}

static GVariant *
report (Worker *worker)
{
  GVariantDict details;

  g_variant_dict_init (&details, NULL);
  g_variant_dict_insert (&details, "nudges", "u", worker->nudges);
  g_variant_dict_insert (&details, "clients", "u", bus_server_count (worker->server));
  g_variant_dict_insert (&details, "owed", "u", worker->reply != NULL ? 1 : 0);
  g_variant_dict_insert (&details, "secret", "s", worker->secret != NULL ? worker->secret : "");
  return g_variant_dict_end (&details);
}

static gboolean
on_next_news (gpointer data)
{
  Worker *worker = data;

  bus_server_tell_news (worker->server, worker->next_rev++);
  return worker->next_rev <= worker->last_rev;
}

static void
flood (Worker *worker)
{
  for (guint i = 1; i <= 1000; i++)
    {
      bus_server_tell_news (worker->server, i);
      tell (worker, 900, "flood", i < 1000 ? BUS_JOB_RUNNING : BUS_JOB_DONE, i, NULL);
    }
}

static gboolean
on_die (gpointer data)
{
  exit (0);
}

static void
do_job (Worker     *worker,
        guint64     id,
        const char *kind,
        GVariant   *arguments)
{
  if (g_str_equal (kind, "count"))
    for (guint64 done = 1; done <= 3; done++)
      tell (worker, id, kind, done < 3 ? BUS_JOB_RUNNING : BUS_JOB_DONE, done, arguments);
  else if (g_str_equal (kind, "wait"))
    tell (worker, id, kind, BUS_JOB_RUNNING, 0, NULL);
  else if (g_str_equal (kind, "flood"))
    flood (worker);
  else if (g_str_equal (kind, "ended"))
    for (guint64 i = 1001; i <= 1060; i++)
      tell (worker, i, kind, BUS_JOB_DONE, 0, NULL);
  else if (g_str_equal (kind, "large"))
    tell (worker, 901, kind, BUS_JOB_RUNNING, argument (arguments, "done"),
          text_details (g_strnfill (1 << 20, 'x')));
  else if (g_str_equal (kind, "question"))
    bus_server_tell_needs_user (worker->server, 9, 3, "password");
  else if (g_str_equal (kind, "answer"))
    bus_reply_done (g_steal_pointer (&worker->reply));
  else if (g_str_equal (kind, "report"))
    tell (worker, id, kind, BUS_JOB_DONE, 0, report (worker));
  else if (g_str_equal (kind, "die"))
    g_timeout_add (100, on_die, NULL);
  else if (g_str_equal (kind, "news"))
    {
      worker->next_rev = argument (arguments, "first");
      worker->last_rev = argument (arguments, "last");
      g_timeout_add ((guint) argument (arguments, "ms"), on_next_news, worker);
    }
}

static guint64
on_start (const char  *kind,
          GVariant    *arguments,
          gpointer     data,
          GError     **error)
{
  Worker *worker = data;

  if (g_str_equal (kind, "refuse"))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED, "Cannot do that to folder %s", "Archive");
      return 0;
    }
  worker->last_job++;
  do_job (worker, worker->last_job, kind, arguments);
  return worker->last_job;
}

static void
on_cancel (guint64  job,
           gpointer data)
{
  tell (data, job, "wait", BUS_JOB_CANCELLED, 1, NULL);
}

static void
on_set_secret (const char *account_uuid,
               const char *purpose,
               BaseSecret *secret,
               BusReply   *reply,
               gpointer    data)
{
  Worker *worker = data;

  g_free (worker->secret);
  worker->secret = g_strdup_printf ("%s %s %s", account_uuid, purpose,
                                    secret != NULL ? base_secret_peek (secret) : "(none)");
  if (g_str_equal (purpose, "later"))
    worker->reply = reply;
  else if (g_str_equal (purpose, "locked"))
    bus_reply_fail (reply, g_error_new (G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "The keyring is locked"));
  else
    bus_reply_done (reply);
}

static void
on_quit (const char *reason,
         gpointer    data)
{
  g_main_loop_quit (((Worker *) data)->loop);
}

static const BusHandler handler = { on_nudge, on_start, on_cancel, on_set_secret, on_quit };

static void
count_start (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "starts", NULL);
  FILE *file = fopen (path, "a");

  g_assert_nonnull (file);
  fputs (".", file);
  fclose (file);
}

static gboolean
on_too_long (gpointer data)
{
  exit (4);                               /* no test leaves it behind */
}

static guint
number_from_environment (const char *name,
                         guint       fallback)
{
  const char *text = g_getenv (name);

  return text != NULL ? (guint) g_ascii_strtoull (text, NULL, 10) : fallback;
}

static char *
choose_socket (const char *dir)
{
  g_autoptr(GError) error = NULL;
  char *path = g_strdup (g_getenv ("FAKE_SOCKET"));

  if (path == NULL)
    path = bus_socket_path_new (dir, &error);
  g_assert_no_error (error);
  return path;
}

static void
serve (const char *dir)
{
  const char *version = g_getenv ("FAKE_VERSION");
  BusHello hello = { number_from_environment ("FAKE_PROTOCOL", BUS_PROTOCOL), version != NULL
                     ? version : "1.0.0",
                     number_from_environment ("FAKE_SCHEMA", 1) };
  g_autofree char *path = choose_socket (dir);
  g_autofree char *lock = g_build_filename (dir, "worker.lock", NULL);
  g_autofree char *text = g_strdup_printf ("socket=%s\nend\n", path);
  g_autoptr(GError) error = NULL;
  Worker worker = { .loop = g_main_loop_new (NULL, FALSE) };

  worker.server = bus_server_new (path, &hello, &handler, &worker, &error);
  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (lock, text, -1, NULL));
  g_timeout_add_seconds (60, on_too_long, NULL);
  g_main_loop_run (worker.loop);
  bus_server_free (worker.server);
  g_main_loop_unref (worker.loop);
  g_free (worker.secret);
}

int
main (int    argc,
      char **argv)
{
  const char *mode = g_getenv ("FAKE_WORKER");

  g_assert_cmpint (argc, ==, 3);
  g_assert_cmpstr (argv[1], ==, "--data-dir");
  count_start (argv[2]);
  if (g_strcmp0 (mode, "fail") == 0)
    return 3;
  if (g_strcmp0 (mode, "owned") != 0)
    serve (argv[2]);
  return 0;
}
