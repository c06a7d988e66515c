/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/harness.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

/* --- running jobs --------------------------------------------------------------------------------------- */

static void
on_progress (const BusJob *job,
             gpointer      data)
{
  guint *n = data;

  (*n)++;
}

static void
test_job_runs_to_its_end (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  g_autoptr(BusJob) job = NULL;
  g_autoptr(GError) error = NULL;
  const char *answer = NULL;
  guint n = 0;

  job = bus_client_run_job (client, "count", g_variant_new_parsed ("{'folder': <'Archive'>}"), on_progress,
                            &n, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (job->state, ==, BUS_JOB_DONE);
  g_assert_cmpuint (job->done, ==, 3);
  g_assert_true (g_variant_lookup (job->details, "folder", "&s", &answer));
  g_assert_cmpstr (answer, ==, "Archive");
  g_assert_cmpuint (n, >=, 1);
}

static gpointer
cancel_soon (gpointer data)
{
  g_usleep (100 * 1000);
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_cancelled_job_ends_cancelled (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(BusJob) job = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  job = bus_client_run_job (client, "wait", NULL, NULL, NULL, cancellable, &error);
  g_thread_join (thread);
  g_assert_no_error (error);
  g_assert_cmpint (job->state, ==, BUS_JOB_CANCELLED);
}

static void
test_worker_that_ends_ends_the_job (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  g_autoptr(BusJob) job = NULL;
  g_autoptr(GError) error = NULL;

  job = bus_client_run_job (client, "die", NULL, NULL, NULL, NULL, &error);
  g_assert_null (job);
  g_assert_error (error, BUS_ERROR, BUS_ERROR_NO_WORKER);
}

/* --- finding the worker --------------------------------------------------------------------------------- */

static char *
make_store (void)
{
  char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);

  g_assert_nonnull (dir);
  return dir;
}

static guint
count_starts (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "starts", NULL);
  g_autofree char *text = NULL;
  gsize size = 0;

  return g_file_get_contents (path, &text, &size, NULL) ? (guint) size : 0;
}

static void
quit_and_remove (BusClient  *client,
                 const char *dir)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (bus_client_quit (client, "user", &error));
  g_assert_no_error (error);
  harness_remove_dir (dir);
}

static void
test_worker_is_started_once (void)
{
  g_autofree char *dir = make_store ();
  g_autoptr(BusClient) one = NULL;
  g_autoptr(BusClient) two = NULL;
  g_autoptr(BusClient) three = NULL;
  g_autoptr(GError) error = NULL;

  one = bus_client_open (dir, BUS_OPEN_START, &harness_hello, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bus_client_peek_worker (one)->version, ==, "1.0.0");
  two = bus_client_open (dir, BUS_OPEN_START, &harness_hello, NULL, &error);
  g_assert_no_error (error);
  three = bus_client_open (dir, BUS_OPEN_OWNED, &harness_hello, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (count_starts (dir), ==, 1);
  quit_and_remove (one, dir);
}

static void
test_dead_worker_is_replaced (void)
{
  g_autofree char *dir = make_store ();
  g_autofree char *lock = g_build_filename (dir, "worker.lock", NULL);
  g_autofree char *path = g_build_filename (dir, "socket", NULL);
  g_autofree char *text = g_strdup_printf ("socket=%s\nend\n", path);
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(BusClient) client = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_socket_bind (socket, address, FALSE, NULL));
  g_socket_close (socket, NULL);
  g_assert_true (g_file_set_contents (lock, text, -1, NULL));
  client = bus_client_open (dir, BUS_OPEN_START, &harness_hello, NULL, &error);
  g_assert_no_error (error);
  quit_and_remove (client, dir);
}

static void
test_without_worker (void)
{
  g_autofree char *dir = make_store ();
  g_autoptr(BusClient) client = NULL;
  g_autoptr(GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  client = bus_client_open (dir, BUS_OPEN_RUNNING, &harness_hello, NULL, &error);
  g_assert_null (client);
  g_assert_error (error, BUS_ERROR, BUS_ERROR_NO_WORKER);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, G_USEC_PER_SEC);
  g_assert_cmpuint (count_starts (dir), ==, 0);
  harness_remove_dir (dir);
}

static void
assert_fails_to_start (const char *expected)
{
  g_autofree char *dir = make_store ();
  g_autoptr(BusClient) client = NULL;
  g_autoptr(GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  client = bus_client_open (dir, BUS_OPEN_START, &harness_hello, NULL, &error);
  g_assert_null (client);
  g_assert_error (error, BUS_ERROR, BUS_ERROR_NO_WORKER);
  g_assert_nonnull (strstr (error->message, expected));
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_USEC_PER_SEC);
  harness_remove_dir (dir);
}

static void
test_worker_that_fails_at_once (void)
{
  g_autofree char *libexec = g_strdup (g_getenv ("PENFOLD_LIBEXEC"));

  g_setenv ("FAKE_WORKER", "fail", TRUE);
  assert_fails_to_start ("status");
  g_unsetenv ("FAKE_WORKER");
  g_setenv ("PENFOLD_LIBEXEC", "/nonexistent", TRUE);
  assert_fails_to_start ("Cannot start");
  g_setenv ("PENFOLD_LIBEXEC", libexec, TRUE);
}

/* A socket that accepts and never says a word, as that of a stopped process. */
static void
test_silent_worker_does_not_answer (void)
{
  g_autofree char *dir = make_store ();
  g_autofree char *lock = g_build_filename (dir, "worker.lock", NULL);
  g_autofree char *path = g_build_filename (dir, "socket", NULL);
  g_autofree char *text = g_strdup_printf ("socket=%s\nend\n", path);
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr(BusClient) client = NULL;
  g_autoptr(GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  g_assert_true (g_socket_bind (socket, address, FALSE, NULL));
  g_assert_true (g_socket_listen (socket, NULL));
  g_assert_true (g_file_set_contents (lock, text, -1, NULL));
  client = bus_client_open (dir, BUS_OPEN_START, &harness_hello, NULL, &error);
  g_assert_null (client);
  g_assert_error (error, BUS_ERROR, BUS_ERROR_NO_ANSWER);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 4 * G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 9 * G_USEC_PER_SEC);
  g_assert_cmpuint (count_starts (dir), ==, 0);
  harness_remove_dir (dir);
}

static void
test_waiting_can_be_cancelled (void)
{
  g_autofree char *dir = make_store ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(BusClient) client = NULL;
  g_autoptr(GError) error = NULL;
  GThread *thread = g_thread_new ("cancel", cancel_soon, cancellable);

  g_setenv ("FAKE_WORKER", "owned", TRUE);
  client = bus_client_open (dir, BUS_OPEN_START, &harness_hello, cancellable, &error);
  g_unsetenv ("FAKE_WORKER");
  g_thread_join (thread);
  g_assert_null (client);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  harness_remove_dir (dir);
}

/* --- versions ------------------------------------------------------------------------------------------- */

static void
test_outdated_worker_is_replaced (void)
{
  g_autofree char *dir = make_store ();
  g_autoptr(BusClient) old = NULL;
  g_autoptr(BusClient) ctl = NULL;
  g_autoptr(BusClient) client = NULL;
  g_autoptr(GError) error = NULL;
  BusHello old_hello = harness_hello;

  old_hello.version = "0.9.0";
  g_setenv ("FAKE_VERSION", "0.9.0", TRUE);
  old = bus_client_open (dir, BUS_OPEN_START, &old_hello, NULL, &error);
  g_assert_no_error (error);
  g_unsetenv ("FAKE_VERSION");

  /* good enough for a command */
  ctl = bus_client_open (dir, BUS_OPEN_RUNNING, &harness_hello, NULL, &error);
  g_assert_no_error (error);
  client = bus_client_open (dir, BUS_OPEN_START, &harness_hello, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (bus_client_peek_worker (client)->version, ==, "1.0.0");
  g_assert_cmpuint (count_starts (dir), ==, 2);
  quit_and_remove (client, dir);
}

static void
test_newer_and_older_worker (void)
{
  static const struct { guint protocol; guint schema; BusError code; } rows[] = {
    { BUS_PROTOCOL + 1, 1, BUS_ERROR_WORKER_NEWER },
    { BUS_PROTOCOL, 2, BUS_ERROR_WORKER_NEWER },
    { BUS_PROTOCOL, 0, BUS_ERROR_WORKER_OLDER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      BusHello hello = { rows[i].protocol, "2.0.0", rows[i].schema };
      g_autoptr(Harness) harness = harness_new (&hello);
      g_autoptr(BusClient) client = NULL;
      g_autoptr(GError) error = NULL;

      client = bus_client_open (harness->dir, BUS_OPEN_RUNNING, &harness_hello, NULL, &error);
      g_assert_null (client);
      g_assert_error (error, BUS_ERROR, (int) rows[i].code);
      g_assert_nonnull (strstr (error->message, "2.0.0"));
      g_assert_nonnull (g_subprocess_get_identifier (harness->process));        /* it was not asked to quit */
    }
}

/* --- windows -------------------------------------------------------------------------------------------- */

typedef struct {
  BusClient *client;
  guint64    rev;
  guint64    job;
  gboolean   is_closed;
} Window;

static void
on_news (guint64  rev,
         gpointer data)
{
  ((Window *) data)->rev = rev;
}

static void
on_closed (gpointer data)
{
  Window *window = data;

  window->is_closed = TRUE;
  g_clear_pointer (&window->client, bus_client_free);
}

static const BusListener listener = { on_news, NULL, NULL, on_closed };

static void
on_opened (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  Window *window = data;
  g_autoptr(GError) error = NULL;

  window->client = bus_client_open_finish (result, &error);
  g_assert_no_error (error);
  bus_client_listen (window->client, &listener, window);
}

static void
on_started (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  ((Window *) data)->job = bus_client_start_job_finish (result, NULL);
}

static void
test_window_never_waits (void)
{
  Harness *harness = harness_new (&harness_hello);
  Window window = { 0 };

  bus_client_open_async (harness->dir, BUS_OPEN_RUNNING, &harness_hello, NULL, on_opened, &window);
  WAIT_FOR (window.client != NULL);
  harness_start (window.client, "news", g_variant_new_parsed ("{'first': <uint64 17>, 'last': <uint64 17>}"));
  WAIT_FOR (window.rev == 17);
  bus_client_nudge_soon (window.client);
  bus_client_start_job_async (window.client, "count", NULL, NULL, on_started, &window);
  WAIT_FOR (window.job == 2);
  g_assert_cmpuint (harness_count (window.client, "nudges"), ==, 1);
  harness_free (harness);
  WAIT_FOR (window.is_closed);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *runtime = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autofree char *below = g_build_filename (runtime, "penfold", NULL);
  int result;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_test_add_func ("/bus/client/job-runs-to-its-end", test_job_runs_to_its_end);
  g_test_add_func ("/bus/client/cancelled-job-ends-cancelled", test_cancelled_job_ends_cancelled);
  g_test_add_func ("/bus/client/worker-that-ends-ends-the-job", test_worker_that_ends_ends_the_job);
  g_test_add_func ("/bus/client/worker-is-started-once", test_worker_is_started_once);
  g_test_add_func ("/bus/client/dead-worker-is-replaced", test_dead_worker_is_replaced);
  g_test_add_func ("/bus/client/without-worker", test_without_worker);
  g_test_add_func ("/bus/client/worker-that-fails-at-once", test_worker_that_fails_at_once);
  g_test_add_func ("/bus/client/silent-worker-does-not-answer", test_silent_worker_does_not_answer);
  g_test_add_func ("/bus/client/waiting-can-be-cancelled", test_waiting_can_be_cancelled);
  g_test_add_func ("/bus/client/outdated-worker-is-replaced", test_outdated_worker_is_replaced);
  g_test_add_func ("/bus/client/newer-and-older-worker", test_newer_and_older_worker);
  g_test_add_func ("/bus/client/window-never-waits", test_window_never_waits);
  result = g_test_run ();
  harness_remove_dir (below);
  harness_remove_dir (runtime);
  return result;
}
