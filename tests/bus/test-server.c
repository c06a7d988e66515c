/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/harness.h"
#include "bus/server.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define INTERFACE "org.penfold.Worker1"

/* --- what clients hear ---------------------------------------------------------------------------------- */

typedef struct {
  guint64 rev;
  guint   n_news;
  guint   n_jobs;
  BusJobState state;
  guint64 done;
  gint64  question;
} Heard;

static void
on_news (guint64  rev,
         gpointer data)
{
  Heard *heard = data;

  heard->rev = rev;
  heard->n_news++;
}

static void
on_job (const BusJob *job,
        gpointer      data)
{
  Heard *heard = data;

  heard->n_jobs++;
  heard->state = job->state;
  heard->done = job->done;
}

static void
on_needs_user (gint64      question,
               gint64      account,
               const char *kind,
               gpointer    data)
{
  g_assert_cmpint (account, ==, 3);
  g_assert_cmpstr (kind, ==, "password");
  ((Heard *) data)->question = question;
}

static const BusListener listener = { on_news, on_job, on_needs_user, NULL };

static void
test_two_clients_hear_the_same (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) one = harness_connect (harness);
  g_autoptr(BusClient) two = harness_connect (harness);
  g_autoptr(GError) error = NULL;
  Heard first = { 0 }, second = { 0 };

  bus_client_listen (one, &listener, &first);
  bus_client_listen (two, &listener, &second);
  harness_start (one, "news", g_variant_new_parsed ("{'first': <uint64 41>, 'last': <uint64 42>}"));
  WAIT_FOR (first.rev == 42 && second.rev == 42);
  harness_start (two, "count", NULL);
  WAIT_FOR (first.state == BUS_JOB_DONE && second.state == BUS_JOB_DONE);
  g_assert_cmpuint (first.done, ==, 3);

  /* One that comes later hears nothing of the past, but can ask for the jobs. */
  {
    g_autoptr(BusClient) three = harness_connect (harness);
    g_autoptr(GPtrArray) jobs = bus_client_list_jobs (three, &error);

    g_assert_no_error (error);
    g_assert_cmpuint (jobs->len, ==, 1);
    g_assert_cmpint (((BusJob *) jobs->pdata[0])->state, ==, BUS_JOB_DONE);
  }
}

static void
test_news_is_joined (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  Heard heard = { 0 };
  gint64 begin = g_get_monotonic_time ();
  guint allowed;

  bus_client_listen (client, &listener, &heard);
  harness_start (client, "flood", NULL);
  harness_start (client, "news", g_variant_new_parsed ("{'first': <uint64 1001>, 'last': <uint64 1100>, "
                                                       "'ms': <uint64 10>}"));
  WAIT_FOR (heard.rev == 1100 && heard.done == 1000 && heard.state == BUS_JOB_DONE);
  allowed = 1 + (guint) ((g_get_monotonic_time () - begin) * BUS_NEWS_PER_SECOND / G_USEC_PER_SEC);
  g_assert_cmpuint (heard.n_news, <=, allowed);
  g_assert_cmpuint (heard.n_news, >=, 3);
  g_assert_cmpuint (heard.n_jobs, ==, 1);
}

static void
test_question_comes_at_once (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  Heard heard = { 0 };

  bus_client_listen (client, &listener, &heard);
  harness_start (client, "question", NULL);
  WAIT_FOR (heard.question == 9);
}

static void
test_ended_jobs_are_forgotten (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  g_autoptr(GPtrArray) jobs = NULL;

  harness_start (client, "ended", NULL);
  jobs = bus_client_list_jobs (client, NULL);
  g_assert_cmpuint (jobs->len, ==, BUS_JOBS_KEPT);
  for (guint i = 0; i < jobs->len; i++)
    g_assert_cmpuint (((BusJob *) jobs->pdata[i])->id, >, 1010);
}

/* --- answers -------------------------------------------------------------------------------------------- */

static void
test_error_keeps_domain_and_text (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  g_autoptr(BaseSecret) secret = base_secret_new ("hunter2");
  g_autoptr(GError) refused = NULL;
  g_autoptr(GError) locked = NULL;

  g_assert_cmpuint (bus_client_start_job (client, "refuse", NULL, &refused), ==, 0);
  g_assert_error (refused, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
  g_assert_cmpstr (refused->message, ==, "Cannot do that to folder Archive");
  g_assert_false (bus_client_set_secret (client, "u", "locked", secret, &locked));
  g_assert_error (locked, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED);
}

static void
on_secret_set (GObject      *source,
               GAsyncResult *result,
               gpointer      data)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (bus_client_set_secret_finish (result, &error));
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
assert_secret (BusClient  *client,
               const char *expected)
{
  g_autoptr(GVariant) report = harness_report (client);
  const char *secret;

  g_assert_true (g_variant_lookup (report, "secret", "&s", &secret));
  g_assert_cmpstr (secret, ==, expected);
}

static void
test_answer_may_come_later (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) client = harness_connect (harness);
  g_autoptr(BaseSecret) secret = base_secret_new ("pässword with blanks");
  gboolean is_set = FALSE;

  bus_client_set_secret_async (client, "uuid", "later", secret, NULL, on_secret_set, &is_set);
  WAIT_FOR (harness_count (client, "owed") == 1);
  g_assert_false (is_set);
  assert_secret (client, "uuid later pässword with blanks");
  harness_start (client, "answer", NULL);
  WAIT_FOR (is_set);
  g_assert_true (bus_client_set_secret (client, "uuid", "incoming", NULL, NULL));
  assert_secret (client, "uuid incoming (none)");
}

static void
test_answer_after_client_left (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) other = harness_connect (harness);
  g_autoptr(BaseSecret) secret = base_secret_new ("x");
  BusClient *client = harness_connect (harness);

  bus_client_set_secret_async (client, "uuid", "later", secret, NULL, NULL, NULL);
  WAIT_FOR (harness_count (other, "owed") == 1);
  bus_client_free (client);
  WAIT_FOR (harness_count (other, "clients") == 1);
  harness_start (other, "answer", NULL);
  g_assert_true (bus_client_nudge (other, NULL));
}

/* --- who is let in -------------------------------------------------------------------------------------- */

static GDBusConnection *
connect_plainly (Harness *harness)
{
  g_autofree char *address = g_strconcat ("unix:path=", harness->path, NULL);
  g_autoptr(GError) error = NULL;
  GDBusConnection *connection;

  connection = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                                       NULL, NULL, &error);
  g_assert_no_error (error);
  return connection;
}

static gboolean
call (GDBusConnection  *connection,
      const char       *method,
      GVariant         *arguments,
      GError          **error)
{
  g_autoptr(GVariant) answer = g_dbus_connection_call_sync (connection, NULL, BUS_OBJECT_PATH, INTERFACE,
                                                            method,
                                                            arguments, NULL, G_DBUS_CALL_FLAGS_NONE, 5000,
                                                            NULL, error);

  return answer != NULL;
}

static void
test_hello_comes_first (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(GDBusConnection) connection = connect_plainly (harness);
  g_autoptr(GError) error = NULL;

  g_assert_false (call (connection, "Nudge", NULL, &error));
  g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
  g_assert_true (call (connection, "Hello", g_variant_new ("(usu)", BUS_PROTOCOL, "1", 1), NULL));
  g_assert_true (call (connection, "Nudge", NULL, NULL));
}

static void
test_other_protocol_may_only_quit (void)
{
  static const char * const methods[] = { "Nudge", "ListJobs" };
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(GDBusConnection) connection = connect_plainly (harness);

  g_assert_true (call (connection, "Hello", g_variant_new ("(usu)", BUS_PROTOCOL + 1, "2", 2), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (call (connection, methods[i], NULL, &error));
      g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
    }
  g_assert_false (call (connection, "SetSecret", g_variant_new ("(sss)", "u", "p", "s"), NULL));
  call (connection, "Quit", g_variant_new ("(s)", "upgrade"), NULL);
  WAIT_FOR (g_dbus_connection_is_closed (connection));
  g_assert_true (g_subprocess_wait_check (harness->process, NULL, NULL));
}

/* Run again as another user: ends well when it was not let in. */
static int
try_as_nobody (const char *path)
{
  g_autofree char *address = g_strconcat ("unix:path=", path, NULL);
  g_autoptr(GDBusConnection) connection = NULL;
  g_autoptr(GError) error = NULL;

  if (setgid (65534) != 0 || setuid (65534) != 0)
    return 2;
  if (access (path, W_OK) != 0)
    return 3;
  connection = g_dbus_connection_new_for_address_sync (address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                                       NULL, NULL, &error);
  return connection == NULL
         || !call (connection, "Hello", g_variant_new ("(usu)", BUS_PROTOCOL, "1", 1), NULL) ? 0 : 1;
}

static void
test_other_user_is_refused (void)
{
  g_autoptr(Harness) harness = NULL;
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  const char *argv[] = { self, "--as-nobody", NULL, NULL };
  g_autoptr(GError) error = NULL;
  int status;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can become another user");
      return;
    }
  harness = harness_new (&harness_hello);
  argv[2] = harness->path;

  /* Directory and socket would keep him out already: open both, so that only the credentials do. */
  g_assert_cmpint (g_chmod (harness->dir, 0755), ==, 0);
  g_assert_cmpint (g_chmod (harness->path, 0666), ==, 0);
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status,
                               &error));
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (status, &error));
  g_assert_no_error (error);
}

static void
test_socket_is_private (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  struct stat info;

  g_assert_cmpint (stat (harness->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
}

static void
test_stale_socket_is_replaced (void)
{
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "socket", NULL);
  g_autoptr(GSocket) socket = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (path);
  BusHandler none = { 0 };
  g_autoptr(BusServer) server = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (g_socket_bind (socket, address, FALSE, NULL));
  g_socket_close (socket, NULL);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  server = bus_server_new (path, &harness_hello, &none, NULL, &error);
  g_assert_no_error (error);
  g_clear_pointer (&server, bus_server_free);
  g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));

  /* Anything else at that place is not ours to delete. */
  g_assert_true (g_file_set_contents (path, "letter", -1, NULL));
  server = bus_server_new (path, &harness_hello, &none, NULL, &error);
  g_assert_null (server);
  g_assert_nonnull (error);
  g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
  harness_remove_dir (dir);
}

/* --- bad clients ---------------------------------------------------------------------------------------- */

static GSocketConnection *
connect_raw (Harness *harness)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketAddress) address = g_unix_socket_address_new (harness->path);
  GSocketConnection *connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL,
                                                           NULL);

  g_assert_nonnull (connection);
  return connection;
}

static void
send_raw (GSocketConnection *connection,
          const void        *data,
          gsize              size)
{
  GOutputStream *out = g_io_stream_get_output_stream (G_IO_STREAM (connection));

  g_output_stream_write_all (out, data, size, NULL, NULL, NULL);
}

/* then: what follows at once. */
static void
sign_in_and_send_raw (GSocketConnection *connection,
                      const char        *then)
{
  g_autofree char *last = g_strconcat ("BEGIN\r\n", then, NULL);
  g_autofree char *uid = g_strdup_printf ("%u", geteuid ());
  g_autoptr(GString) text = g_string_new (NULL);
  GInputStream *in = g_io_stream_get_input_stream (G_IO_STREAM (connection));
  char buffer[512];

  send_raw (connection, "", 1);
  g_string_append (text, "AUTH EXTERNAL ");
  for (const char *c = uid; *c != '\0'; c++)
    g_string_append_printf (text, "%02x", *c);
  g_string_append (text, "\r\n");
  send_raw (connection, text->str, text->len);
  g_assert_cmpint (g_input_stream_read (in, buffer, sizeof buffer, NULL, NULL), >, 0);
  g_assert_true (g_str_has_prefix (buffer, "OK "));
  send_raw (connection, last, strlen (last));
}

static void
sign_in_raw (GSocketConnection *connection)
{
  sign_in_and_send_raw (connection, "");
}

static void
test_bad_clients_do_no_harm (void)
{
  static const char * const garbage[] = {
    "", "GET / HTTP/1.1\r\n\r\n", "\0", "AUTH EXTERNAL zz\r\n", "AUTH ANONYMOUS\r\n",
  };
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(GSocketConnection) silent = connect_raw (harness);
  g_autofree char *noise = g_malloc (1 << 20);
  g_autoptr(BusClient) good = NULL;

  g_assert_nonnull (silent);               /* stays, and never says a word */
  memset (noise, 'x', 1 << 20);
  for (guint i = 0; i < G_N_ELEMENTS (garbage); i++)
    {
      g_autoptr(GSocketConnection) bad = connect_raw (harness);

      send_raw (bad, "", 1);
      send_raw (bad, garbage[i], strlen (garbage[i]));
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(GSocketConnection) bad = connect_raw (harness);

      if (i == 1)
        sign_in_raw (bad);
      send_raw (bad, noise, 1 << 20);
    }
  good = harness_connect (harness);
  g_assert_true (bus_client_nudge (good, NULL));
}

static void
test_wrong_types_are_refused (void)
{
  static const struct { const char *method; const char *arguments; } rows[] = {
    { "Start", "('count',)" },
    { "Start", "(1, 2)" },
    { "Cancel", "('x',)" },
    { "SetSecret", "('x',)" },
    { "NoSuchMethod", "()" },
  };
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(GDBusConnection) connection = connect_plainly (harness);

  g_assert_true (call (connection, "Hello", g_variant_new ("(usu)", BUS_PROTOCOL, "1", 1), NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_false (call (connection, rows[i].method, g_variant_new_parsed (rows[i].arguments), &error));
      g_assert_true (error->domain == G_DBUS_ERROR);
    }
  g_assert_true (call (connection, "Nudge", NULL, NULL));
}

static void
say_hello_raw (GSocketConnection *connection)
{
  g_autoptr(GDBusMessage) hello = g_dbus_message_new_method_call (NULL, BUS_OBJECT_PATH, INTERFACE, "Hello");
  g_autofree guchar *blob = NULL;
  gsize size;

  g_dbus_message_set_body (hello, g_variant_new ("(usu)", BUS_PROTOCOL, "1", 1));
  g_dbus_message_set_serial (hello, 1);
  blob = g_dbus_message_to_blob (hello, &size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  send_raw (connection, blob, size);
}

static guint
count_unread (GSocketConnection *connection,
              const char        *needle)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  g_autoptr(GByteArray) all = g_byte_array_new ();
  char buffer[65536];
  gssize got;
  guint count = 0;

  g_socket_set_timeout (socket, 1);
  while ((got = g_socket_receive (socket, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_byte_array_append (all, (guint8 *) buffer, (guint) got);
  for (guint8 *at = all->data;
       (at = memmem (at, (gsize) (all->data + all->len - at), needle, strlen (needle))); at++)
    count++;
  return count;
}

static void
on_large_job (const BusJob *job,
              gpointer      data)
{
  if (g_str_equal (job->kind, "large"))
    on_job (job, data);
}

static const BusListener large_listener = { NULL, on_large_job, NULL, NULL };

/* Nothing queues up for a client that does not read; when it reads again it gets the newest. */
static void
test_slow_client_holds_up_nobody (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(GSocketConnection) slow = connect_raw (harness);
  g_autoptr(BusClient) good = harness_connect (harness);
  Heard heard = { 0 };

  sign_in_raw (slow);
  say_hello_raw (slow);
  WAIT_FOR (harness_count (good, "clients") == 2);
  bus_client_listen (good, &large_listener, &heard);
  for (guint64 done = 1; done <= 6; done++)
    {
      harness_start (good, "large", g_variant_new_parsed ("{'done': <%t>}", done));
      WAIT_FOR (heard.done == done);
    }
  g_assert_cmpuint (heard.n_jobs, ==, 6);
  g_assert_cmpuint (count_unread (slow, "large"), <=, 2);
}

static void
test_too_many_clients_are_refused (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(GPtrArray) clients = g_ptr_array_new_with_free_func ((GDestroyNotify) bus_client_free);
  g_autoptr(GError) error = NULL;
  BusClient *refused;

  for (guint i = 0; i < BUS_CLIENTS_MAX; i++)
    g_ptr_array_add (clients, harness_connect (harness));
  refused = bus_client_open (harness->dir, BUS_OPEN_RUNNING, &harness_hello, NULL, &error);
  g_assert_null (refused);
  g_ptr_array_set_size (clients, BUS_CLIENTS_MAX - 1);
  WAIT_FOR (harness_count (clients->pdata[0], "clients") == BUS_CLIENTS_MAX - 1);
  g_ptr_array_add (clients, harness_connect (harness));
}

/* Some are gone before the server has noticed that they came; they must not keep a place. */
static void
test_clients_that_are_gone_at_once_keep_no_place (void)
{
  g_autoptr(Harness) harness = harness_new (&harness_hello);
  g_autoptr(BusClient) good = NULL;

  for (guint i = 0; i < 20 * BUS_CLIENTS_MAX; i++)
    {
      g_autoptr(GSocketConnection) brief = connect_raw (harness);

      sign_in_and_send_raw (brief, "xxxxxxxxxxxxxxxx");
    }
  /* The last of them may still be on their way out. */
  WAIT_FOR ((good = bus_client_open (harness->dir, BUS_OPEN_RUNNING, &harness_hello, NULL, NULL)) != NULL);
  g_assert_true (bus_client_nudge (good, NULL));
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--as-nobody"))
    return try_as_nobody (argv[2]);

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bus/server/two-clients-hear-the-same", test_two_clients_hear_the_same);
  g_test_add_func ("/bus/server/news-is-joined", test_news_is_joined);
  g_test_add_func ("/bus/server/question-comes-at-once", test_question_comes_at_once);
  g_test_add_func ("/bus/server/ended-jobs-are-forgotten", test_ended_jobs_are_forgotten);
  g_test_add_func ("/bus/server/error-keeps-domain-and-text", test_error_keeps_domain_and_text);
  g_test_add_func ("/bus/server/answer-may-come-later", test_answer_may_come_later);
  g_test_add_func ("/bus/server/answer-after-client-left", test_answer_after_client_left);
  g_test_add_func ("/bus/server/hello-comes-first", test_hello_comes_first);
  g_test_add_func ("/bus/server/other-protocol-may-only-quit", test_other_protocol_may_only_quit);
  g_test_add_func ("/bus/server/other-user-is-refused", test_other_user_is_refused);
  g_test_add_func ("/bus/server/socket-is-private", test_socket_is_private);
  g_test_add_func ("/bus/server/stale-socket-is-replaced", test_stale_socket_is_replaced);
  g_test_add_func ("/bus/server/bad-clients-do-no-harm", test_bad_clients_do_no_harm);
  g_test_add_func ("/bus/server/wrong-types-are-refused", test_wrong_types_are_refused);
  g_test_add_func ("/bus/server/slow-client-holds-up-nobody", test_slow_client_holds_up_nobody);
  g_test_add_func ("/bus/server/too-many-clients-are-refused", test_too_many_clients_are_refused);
  g_test_add_func ("/bus/server/clients-that-are-gone-at-once-keep-no-place",
                   test_clients_that_are_gone_at_once_keep_no_place);
  return g_test_run ();
}
