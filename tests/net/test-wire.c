/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "net/wire.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MEGABYTE (1024 * 1024)

static gint64
in_ms (gint64 ms)
{
  return base_clock_steady_us () + ms * 1000;
}

/* A wire over one end of a socketpair; the other end is the test's. */
static NetWire *
pair_new (int *peer)
{
  g_autoptr(GSocket) socket = NULL;
  g_autoptr(GSocketConnection) connection = NULL;
  g_autoptr(GError) error = NULL;
  int fds[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  socket = g_socket_new_from_fd (fds[0], &error);
  g_assert_no_error (error);
  connection = g_socket_connection_factory_create_connection (socket);
  *peer = fds[1];
  return net_wire_new_for_stream (G_IO_STREAM (connection), FALSE);
}

static void
say (int         peer,
     const char *text)
{
  g_assert_cmpint (write (peer, text, strlen (text)), ==, (gssize) strlen (text));
}

static void
expect_input (NetWire    *wire,
              const char *text)
{
  g_autoptr(GError) error = NULL;
  NetWait wait = net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5000), &error);

  g_assert_no_error (error);
  g_assert_cmpint (wait, ==, NET_WAIT_INPUT);
  g_assert_true (base_slice_equal (net_wire_peek_input (wire), base_slice_from_string (text)));
}

static void
expect_failure (NetWire    *wire,
                GQuark      domain,
                int         code)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) again = NULL;

  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5000), &error), ==, NET_WAIT_FAILED);
  g_assert_error (error, domain, code);
  g_assert_false (net_wire_flush (wire, &NET_SIGNALS_NONE, in_ms (5000), &again));
  g_assert_error (again, domain, code);
}

static void
test_both_ways (void)
{
  g_autoptr(NetWire) wire = NULL;
  int peer;
  char text[16] = "";

  wire = pair_new (&peer);
  say (peer, "* OK hello\r\n");
  expect_input (wire, "* OK hello\r\n");
  net_wire_consume (wire, 2);
  say (peer, "x");
  expect_input (wire, "OK hello\r\nx");
  net_wire_consume (wire, 11);

  net_wire_queue (wire, "a1 ", 3);
  net_wire_queue (wire, "NOOP", 4);
  g_assert_cmpuint (net_wire_get_queued (wire), ==, 7);
  g_assert_true (net_wire_flush (wire, &NET_SIGNALS_NONE, in_ms (5000), NULL));
  g_assert_cmpuint (net_wire_get_queued (wire), ==, 0);
  g_assert_cmpint (read (peer, text, sizeof text), ==, 7);
  g_assert_cmpstr (text, ==, "a1 NOOP");
  say (peer, "ok");
  expect_input (wire, "ok");

  g_assert_cmpuint (net_wire_get_traffic (wire).bytes_in, ==, 15);
  g_assert_cmpuint (net_wire_get_traffic (wire).bytes_out, ==, 7);
  g_assert_cmpuint (net_wire_get_traffic (wire).round_trips, ==, 1);
  close (peer);
}

static void
test_deadline_leaves_it_good (void)
{
  g_autoptr(NetWire) wire = NULL;
  gint64 begin = base_clock_steady_us ();
  int peer;

  wire = pair_new (&peer);
  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (30), NULL), ==, NET_WAIT_EXPIRED);
  g_assert_cmpint (base_clock_steady_us () - begin, >=, 30 * 1000);
  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (-1), NULL), ==, NET_WAIT_EXPIRED);
  say (peer, "late");
  expect_input (wire, "late");
  close (peer);
}

static void
test_wake_leaves_it_good (void)
{
  g_autoptr(NetWire) wire = NULL;
  NetSignals signals = NET_SIGNALS_NONE;
  guint64 count = 1;
  int peer;

  wire = pair_new (&peer);
  signals.wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  say (peer, "news");
  g_assert_cmpint (write (signals.wake_fd, &count, sizeof count), ==, sizeof count);
  g_assert_cmpint (net_wire_wait (wire, &signals, in_ms (5000), NULL), ==, NET_WAIT_WOKEN);
  g_assert_cmpint (read (signals.wake_fd, &count, sizeof count), ==, sizeof count);
  expect_input (wire, "news");
  close (signals.wake_fd);
  close (peer);
}

typedef struct {
  int           fd;
  GCancellable *cancellable;
} Raise;

static gpointer
raise_later (gpointer data)
{
  Raise *raise = data;
  guint64 count = 1;

  g_usleep (50 * 1000);
  if (raise->fd >= 0)
    g_assert_cmpint (write (raise->fd, &count, sizeof count), ==, sizeof count);
  g_cancellable_cancel (raise->cancellable);
  return NULL;
}

/* Ends a sleeping wait from another thread; returns how long it took, in milliseconds, after the signal was
 * raised. */
static gint64
wait_for_raise (NetWire      *wire,
                NetSignals    signals,
                Raise         raise,
                NetWait       expected,
                GError      **error)
{
  GThread *thread = g_thread_new ("raise", raise_later, &raise);
  gint64 begin = base_clock_steady_us ();

  g_assert_cmpint (net_wire_wait (wire, &signals, in_ms (10000), error), ==, expected);
  g_thread_join (thread);
  return (base_clock_steady_us () - begin) / 1000 - 50;
}

static void
test_sleep_is_woken (void)
{
  g_autoptr(NetWire) wire = NULL;
  NetSignals signals = NET_SIGNALS_NONE;
  int peer;

  wire = pair_new (&peer);
  signals.wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_assert_cmpint (wait_for_raise (wire, signals, (Raise) { signals.wake_fd, NULL }, NET_WAIT_WOKEN, NULL), <,
                   200);
  close (signals.wake_fd);
  close (peer);
}

static void
test_sleep_is_stopped (void)
{
  g_autoptr(NetWire) wire = NULL;
  g_autoptr(GError) error = NULL;
  NetSignals signals = NET_SIGNALS_NONE;
  char byte;
  int peer;

  wire = pair_new (&peer);
  signals.stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  g_assert_cmpint (wait_for_raise (wire, signals, (Raise) { signals.stop_fd, NULL }, NET_WAIT_FAILED, &error),
                   <, 200);
  g_assert_error (error, NET_ERROR, NET_ERROR_STOPPED);
  g_assert_cmpint (read (peer, &byte, 1), ==, 0);          /* the connection is closed at once */
  expect_failure (wire, NET_ERROR, NET_ERROR_STOPPED);
  close (signals.stop_fd);
  close (peer);
}

static void
test_sleep_is_cancelled (void)
{
  g_autoptr(NetWire) wire = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  NetSignals signals = { -1, -1, cancellable };
  int peer;

  wire = pair_new (&peer);
  g_assert_cmpint (wait_for_raise (wire, signals, (Raise) { -1, cancellable }, NET_WAIT_FAILED, &error), <,
                   200);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  expect_failure (wire, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close (peer);
}

/* The same signals end many waits; a signal raised before is seen without sleeping. */
static void
test_signals_are_reusable (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  NetSignals signals = { -1, -1, cancellable };

  signals.stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  for (int round = 0; round < 3; round++)
    {
      g_autoptr(NetWire) wire = NULL;
      g_autoptr(GError) error = NULL;
      int peer;

      wire = pair_new (&peer);
      g_assert_cmpint (net_wire_wait (wire, &signals, in_ms (5), NULL), ==, NET_WAIT_EXPIRED);
      say (peer, "never read");
      g_cancellable_cancel (cancellable);
      g_assert_cmpint (net_wire_wait (wire, &signals, in_ms (5000), &error), ==, NET_WAIT_FAILED);
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_cancellable_reset (cancellable);
      close (peer);
    }
  close (signals.stop_fd);
}

static void
test_last_words_are_heard (void)
{
  g_autoptr(NetWire) wire = NULL;
  int peer;

  wire = pair_new (&peer);
  say (peer, "* BYE too many connections\r\n");
  close (peer);
  net_wire_queue (wire, "a1 CAPABILITY\r\n", 15);
  expect_input (wire, "* BYE too many connections\r\n");
  expect_failure (wire, NET_ERROR, NET_ERROR_CLOSED);
}

static void
test_input_is_bounded (void)
{
  g_autoptr(NetWire) wire = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *block = g_strnfill (4096, 'x');
  gsize fed = 0;
  int peer;

  wire = pair_new (&peer);
  g_assert_true (g_unix_set_fd_nonblocking (peer, TRUE, NULL));
  while (net_wire_peek_input (wire).size < 256 * 1024)
    {
      gssize got = write (peer, block, 4096);

      fed += got > 0 ? (gsize) got : 0;
      g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5000), NULL), ==, NET_WAIT_INPUT);
    }
  g_assert_cmpuint (net_wire_peek_input (wire).size, ==, 256 * 1024);
  g_assert_cmpuint (fed, >=, 256 * 1024);
  net_wire_consume (wire, 1);
  say (peer, "y");
  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5000), NULL), ==, NET_WAIT_INPUT);
  g_assert_cmpuint (net_wire_peek_input (wire).size, ==, 256 * 1024);
  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5000), &error), ==, NET_WAIT_FAILED);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  close (peer);
}

static void
test_flush_times_out (void)
{
  g_autoptr(NetWire) wire = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *much = g_strnfill (4 * MEGABYTE, 'x');
  int peer;

  wire = pair_new (&peer);
  net_wire_queue (wire, much, 4 * MEGABYTE);
  g_assert_false (net_wire_flush (wire, &NET_SIGNALS_NONE, in_ms (30), &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_TIMEOUT);
  close (peer);
}

static gpointer
swallow (gpointer data)
{
  g_autofree char *block = g_malloc (65536);
  int peer = GPOINTER_TO_INT (data);
  gsize sum = 0;
  gssize got;

  while (sum < 4 * MEGABYTE && (got = read (peer, block, 65536)) > 0)
    sum += (gsize) got;
  return GSIZE_TO_POINTER (sum);
}

/* What a flush read is new input to the wait after it, also when nothing more comes. */
static void
test_flush_keeps_input (void)
{
  g_autoptr(NetWire) wire = NULL;
  g_autofree char *much = g_strnfill (4 * MEGABYTE, 'x');
  GThread *thread;
  int peer;

  wire = pair_new (&peer);
  say (peer, "+ go on\r\n");
  net_wire_queue (wire, much, 4 * MEGABYTE);
  thread = g_thread_new ("swallow", swallow, GINT_TO_POINTER (peer));
  g_assert_true (net_wire_flush (wire, &NET_SIGNALS_NONE, in_ms (10000), NULL));
  g_assert_cmpuint (GPOINTER_TO_SIZE (g_thread_join (thread)), ==, 4 * MEGABYTE);
  expect_input (wire, "+ go on\r\n");
  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5), NULL), ==, NET_WAIT_EXPIRED);
  close (peer);
}

static void
test_script_starts_tls (void)
{
  for (int injected = 0; injected < 2; injected++)
    {
      g_autoptr(NetWire) wire = NULL;
      g_autoptr(GError) error = NULL;
      int peer;

      wire = pair_new (&peer);
      g_assert_false (net_wire_is_encrypted (wire));
      say (peer, injected ? "x" : "");
      g_assert_cmpint (net_wire_start_tls (wire, &NET_SIGNALS_NONE, 0, &error), ==, !injected);
      g_assert_cmpint (net_wire_is_encrypted (wire), ==, !injected);
      if (injected)
        g_assert_error (error, NET_ERROR, NET_ERROR_INJECTION);
      close (peer);
    }
}

static void
test_connects_and_is_refused (void)
{
  g_autoptr(GSocketListener) listener = g_socket_listener_new ();
  g_autoptr(GSocketConnection) accepted = NULL;
  g_autoptr(NetWire) wire = NULL;
  g_autoptr(NetWire) refused = NULL;
  g_autoptr(GError) error = NULL;
  NetWhere where = { "127.0.0.1", 0, NET_SECURITY_NONE, NULL };

  where.port = g_socket_listener_add_any_inet_port (listener, NULL, &error);
  g_assert_no_error (error);
  wire = net_wire_new (&where);
  net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (5000), &error);
  g_assert_no_error (error);
  accepted = g_socket_listener_accept (listener, NULL, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (accepted)), "hi", 2, NULL, NULL,
                             NULL);
  expect_input (wire, "hi");

  g_socket_listener_close (listener);
  refused = net_wire_new (&where);
  g_assert_false (net_wire_connect (refused, &NET_SIGNALS_NONE, in_ms (5000), &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_REFUSED);
  g_assert_nonnull (strstr (error->message, "127.0.0.1"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/wire/both-ways", test_both_ways);
  g_test_add_func ("/net/wire/deadline-leaves-it-good", test_deadline_leaves_it_good);
  g_test_add_func ("/net/wire/wake-leaves-it-good", test_wake_leaves_it_good);
  g_test_add_func ("/net/wire/sleep-is-woken", test_sleep_is_woken);
  g_test_add_func ("/net/wire/sleep-is-stopped", test_sleep_is_stopped);
  g_test_add_func ("/net/wire/sleep-is-cancelled", test_sleep_is_cancelled);
  g_test_add_func ("/net/wire/signals-are-reusable", test_signals_are_reusable);
  g_test_add_func ("/net/wire/last-words-are-heard", test_last_words_are_heard);
  g_test_add_func ("/net/wire/input-is-bounded", test_input_is_bounded);
  g_test_add_func ("/net/wire/flush-times-out", test_flush_times_out);
  g_test_add_func ("/net/wire/flush-keeps-input", test_flush_keeps_input);
  g_test_add_func ("/net/wire/script-starts-tls", test_script_starts_tls);
  g_test_add_func ("/net/wire/connects-and-is-refused", test_connects_and_is_refused);
  return g_test_run ();
}
