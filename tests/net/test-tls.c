/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wire over TLS against servers that behave and servers that do not. */
#include "base/clock.h"
#include "net/wire.h"
#include "tests/net/tls-server.h"

#include <openssl/ssl.h>

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MEGABYTE (1024 * 1024)

static TestIdentity *ca;
static TestIdentity *identity;
static char         *ca_file;
static NetTrust     *trust;

static gint64
in_ms (gint64 ms)
{
  return base_clock_steady_us () + ms * 1000;
}

static NetWire *
wire_new (TestServer  *server,
          NetSecurity  security)
{
  NetWhere where = { "localhost", test_server_get_port (server), security, trust };

  return net_wire_new (&where);
}

static void
connect_wire (NetWire *wire)
{
  g_autoptr(GError) error = NULL;

  net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (10000), &error);
  g_assert_no_error (error);
}

static NetWire *
wire_connected (TestServer  *server,
                NetSecurity  security)
{
  NetWire *wire = wire_new (server, security);

  connect_wire (wire);
  return wire;
}

static void
expect_input (NetWire    *wire,
              const char *text)
{
  g_autoptr(GError) error = NULL;

  while (net_wire_peek_input (wire).size < strlen (text))
    {
      net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (10000), &error);
      g_assert_no_error (error);
    }
  g_assert_true (base_slice_equal (net_wire_peek_input (wire), base_slice_from_string (text)));
  net_wire_consume (wire, strlen (text));
}

static void
expect_failure (NetWire *wire,
                int      code)
{
  g_autoptr(GError) error = NULL;

  while (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (10000), &error) == NET_WAIT_INPUT)
    continue;
  g_assert_error (error, NET_ERROR, code);
}

/* Servers that behave. */

static void
serve_echo (TestPeer *peer,
            gpointer  data)
{
  char *line;

  if (!test_peer_start_tls (peer))
    return;
  test_peer_say (peer, "hello\r\n");
  while ((line = test_peer_read_line (peer)) != NULL)
    {
      test_peer_say (peer, line);
      test_peer_say (peer, "\r\n");
      g_free (line);
    }
}

static void
test_echo (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_echo, NULL);
  g_autoptr(NetWire) wire = wire_connected (server, NET_SECURITY_TLS);
  NetTraffic traffic;

  g_assert_true (net_wire_is_encrypted (wire));
  expect_input (wire, "hello\r\n");
  net_wire_queue (wire, "one\r\n", 5);
  expect_input (wire, "one\r\n");
  traffic = net_wire_get_traffic (wire);
  g_assert_cmpuint (traffic.bytes_in, >, 500);              /* the certificate came too */
  g_assert_cmpuint (traffic.bytes_out, >, 200);
  g_assert_cmpuint (traffic.round_trips, >=, 2);
  g_assert_cmpuint (traffic.round_trips, <=, 3);
}

typedef struct {
  GMutex    lock;
  char     *sni;
  char     *exporter;
  gboolean  was_resumed;
} Seen;

static void
serve_and_note (TestPeer *peer,
                gpointer  data)
{
  Seen *seen = data;

  if (!test_peer_start_tls (peer))
    return;
  g_mutex_lock (&seen->lock);
  g_free (seen->sni);
  g_free (seen->exporter);
  seen->sni = g_strdup (test_peer_get_sni (peer));
  seen->exporter = test_peer_dup_exporter (peer);
  seen->was_resumed = test_peer_was_resumed (peer);
  g_mutex_unlock (&seen->lock);
  test_peer_say (peer, "hello\r\n");
  g_free (test_peer_read_line (peer));
}

static void
test_name_and_exporter (void)
{
  static const int versions[] = { 0, TLS1_2_VERSION };

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      Seen seen = { 0 };
      TestServerSetup setup = { .identity = identity, .func = serve_and_note, .data = &seen,
                                .max_version = versions[i] };
      g_autoptr(TestServer) server = test_server_new_with (&setup);
      g_autoptr(NetWire) by_name = wire_new (server, NET_SECURITY_TLS);
      NetWhere where = { "127.0.0.1", test_server_get_port (server), NET_SECURITY_TLS, trust };
      g_autoptr(NetWire) by_address = net_wire_new (&where);
      g_autofree char *exporter = NULL;

      g_assert_null (net_wire_dup_exporter (by_name));
      connect_wire (by_name);
      expect_input (by_name, "hello\r\n");
      exporter = net_wire_dup_exporter (by_name);
      g_mutex_lock (&seen.lock);
      g_assert_cmpstr (seen.sni, ==, "localhost");
      g_assert_cmpstr (seen.exporter, ==, exporter);
      g_mutex_unlock (&seen.lock);

      connect_wire (by_address);
      expect_input (by_address, "hello\r\n");
      g_mutex_lock (&seen.lock);
      g_assert_null (seen.sni);
      g_mutex_unlock (&seen.lock);
      g_clear_pointer (&by_name, net_wire_free);
      g_clear_pointer (&by_address, net_wire_free);
      g_clear_pointer (&server, test_server_free);
      g_free (seen.sni);
      g_free (seen.exporter);
    }
}

/* Within one trust, for one host and port; never across. */
static void
test_resumption (void)
{
  static const int versions[] = { 0, TLS1_2_VERSION };

  for (gsize i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      Seen seen = { 0 };
      TestServerSetup setup = { .identity = identity, .func = serve_and_note, .data = &seen,
                                .max_version = versions[i] };
      g_autoptr(TestServer) server = test_server_new_with (&setup);
      g_autoptr(NetTrust) own = net_trust_new (ca_file, NULL);
      g_autoptr(NetTrust) foreign = net_trust_new (ca_file, NULL);
      const struct { const char *host; NetTrust *trust; gboolean is_resumed; } tries[] = {
        { "localhost", own, FALSE }, { "localhost", own, TRUE }, { "localhost", own, TRUE },
        { "127.0.0.1", own, FALSE }, { "localhost", foreign, FALSE }, { "localhost", own, TRUE },
      };

      for (gsize j = 0; j < G_N_ELEMENTS (tries); j++)
        {
          NetWhere where = { tries[j].host, test_server_get_port (server), NET_SECURITY_TLS, tries[j].trust };
          g_autoptr(NetWire) wire = net_wire_new (&where);

          connect_wire (wire);
          expect_input (wire, "hello\r\n");
          g_mutex_lock (&seen.lock);
          g_assert_cmpint (seen.was_resumed, ==, tries[j].is_resumed);
          g_mutex_unlock (&seen.lock);
        }
      g_clear_pointer (&server, test_server_free);
      g_free (seen.sni);
      g_free (seen.exporter);
    }
}

/* Much in both directions at once, with changes of keys in the middle: reading has to write, and nothing
 * stands still. */

#define BOTH_WAYS (20 * MEGABYTE)

typedef struct {
  TestPeer *peer;
  gsize     received;
} Drain;

static gpointer
drain_thread (gpointer data)
{
  Drain *drain = data;
  g_autofree guint8 *block = g_malloc (65536);
  gssize got;

  /* Bytes of the pattern 0, 1, ..., 250, 0, ... */
  while (drain->received < BOTH_WAYS && (got = test_peer_read (drain->peer, block, 65536)) > 0)
    for (gssize i = 0; i < got; i++)
      g_assert_cmpuint (block[i], ==, drain->received++ % 251);
  return NULL;
}

static void
fill_pattern (guint8 *block,
              gsize   size,
              gsize   offset)
{
  for (gsize i = 0; i < size; i++)
    block[i] = (guint8) ((offset + i) % 251);
}

/* A plain peer may be read and written by two threads; OpenSSL's may not, so TLS is done in portions. */
static void
serve_both_ways (TestPeer *peer,
                 gpointer  data)
{
  g_autofree guint8 *block = g_malloc (65536);
  gboolean is_tls = GPOINTER_TO_INT (data);
  Drain drain = { peer, 0 };
  GThread *thread = NULL;

  if (is_tls && !test_peer_start_tls (peer))
    return;
  if (!is_tls)
    thread = g_thread_new ("drain", drain_thread, &drain);
  for (gsize sent = 0; sent < BOTH_WAYS; sent += 65536)
    {
      fill_pattern (block, 65536, sent);
      if (is_tls && sent % (4 * MEGABYTE) == 0)
        g_assert_true (test_peer_update_keys (peer));
      g_assert_true (test_peer_write (peer, block, 65536));
      for (gsize taken = 0; is_tls && taken < 65536;)
        {
          gssize got = test_peer_read (peer, block, 65536 - taken);

          g_assert_cmpint (got, >, 0);
          for (gssize i = 0; i < got; i++)
            g_assert_cmpuint (block[i], ==, drain.received++ % 251);
          taken += (gsize) got;
        }
    }
  if (thread != NULL)
    g_thread_join (thread);
  g_assert_cmpuint (drain.received, ==, BOTH_WAYS);
  test_peer_say (peer, "done");
}

static void
run_both_ways (NetWire *wire)
{
  g_autofree guint8 *block = g_malloc (MEGABYTE);
  g_autoptr(GError) error = NULL;
  gsize queued = 0;
  gsize received = 0;

  while (received < BOTH_WAYS + strlen ("done"))
    {
      BaseSlice input;
      NetWait wait;

      for (; queued < BOTH_WAYS && net_wire_get_queued (wire) < MEGABYTE; queued += MEGABYTE)
        {
          fill_pattern (block, MEGABYTE, queued);
          net_wire_queue (wire, block, MEGABYTE);
        }
      wait = net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (20000), &error);
      g_assert_no_error (error);
      g_assert_cmpint (wait, ==, NET_WAIT_INPUT);
      input = net_wire_peek_input (wire);
      for (gsize i = 0; i < input.size; i++, received++)
        g_assert_cmpuint (input.data[i], ==, received < BOTH_WAYS
                          ? received % 251 : (guint8) "done"[received - BOTH_WAYS]);
      net_wire_consume (wire, input.size);
    }
  g_assert_cmpuint (net_wire_get_queued (wire), ==, 0);
}

static void
test_both_ways (gconstpointer is_tls)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_both_ways, (gpointer) is_tls);
  g_autoptr(NetWire) wire = wire_connected (server, is_tls != NULL ? NET_SECURITY_TLS : NET_SECURITY_NONE);

  run_both_ways (wire);
}

static gpointer
both_ways_thread (gpointer server)
{
  g_autoptr(NetWire) wire = wire_connected (server, NET_SECURITY_TLS);

  run_both_ways (wire);
  return NULL;
}

static void
test_two_threads (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_both_ways, GINT_TO_POINTER (TRUE));
  GThread *threads[2];

  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("lane", both_ways_thread, server);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (test_server_get_count (server), ==, 2);
}

/* Servers that end. */

static void
serve_end (TestPeer *peer,
           gpointer  end)
{
  if (!test_peer_start_tls (peer))
    return;
  g_free (test_peer_read_line (peer));
  test_peer_say (peer, "* BYE too many connections\r\n");
  if (end != NULL)
    ((void (*) (TestPeer *)) end) (peer);
}

/* With close_notify or without, at a line's end or not: the wire is closed, never just quiet, and the last
 * words are heard. */
static void
test_end (gconstpointer end)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_end, (gpointer) end);
  g_autoptr(NetWire) wire = wire_connected (server, NET_SECURITY_TLS);

  net_wire_queue (wire, "a1 CAPABILITY\r\n", 15);
  expect_input (wire, "* BYE too many connections\r\n");
  expect_failure (wire, NET_ERROR_CLOSED);
}

static void
serve_reset (TestPeer *peer,
             gpointer  data)
{
  g_autofree char *line = NULL;
  g_autofree char *much = g_strnfill (MEGABYTE, 'x');

  if (!test_peer_start_tls (peer))
    return;
  test_peer_write (peer, much, MEGABYTE / 2);
  line = test_peer_read_line (peer);
  test_peer_write (peer, much, 1000);
  test_peer_reset (peer);
}

static void
test_reset (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_reset, NULL);
  g_autoptr(NetWire) wire = wire_connected (server, NET_SECURITY_TLS);
  g_autoptr(GError) error = NULL;

  net_wire_queue (wire, "go\r\n", 4);
  while (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (10000), &error) == NET_WAIT_INPUT)
    net_wire_consume (wire, net_wire_peek_input (wire).size);
  g_assert_error (error, NET_ERROR, NET_ERROR_CLOSED);
}

/* Servers that speak no TLS, or bad. */

static void
serve_garbage (TestPeer *peer,
               gpointer  text)
{
  test_peer_say_plain (peer, text);
  g_free (test_peer_read_line (peer));
}

static void
serve_tls (TestPeer *peer,
           gpointer  data)
{
  test_peer_start_tls (peer);
}

static void
serve_nothing (TestPeer *peer,
               gpointer  data)
{
  char byte;

  while (test_peer_read (peer, &byte, 1) == 1)
    continue;
}

static void
serve_hang_up (TestPeer *peer,
               gpointer  data)
{
  char byte;

  test_peer_read (peer, &byte, 1);
}

static void
test_bad_handshake (void)
{
  static const struct {
    const char     *fact;
    TestServerFunc  func;
    const char     *text;
    int             max_version;
    int             code;
  } cases[] = {
    { "plain greeting", serve_garbage, "* OK IMAP4rev1 ready\r\n", 0, NET_ERROR_TLS_PROTOCOL },
    { "http", serve_garbage, "HTTP/1.1 400 Bad Request\r\n\r\n", 0, NET_ERROR_TLS_PROTOCOL },
    { "ssh", serve_garbage, "SSH-2.0-OpenSSH_9.2p1\r\n", 0, NET_ERROR_TLS_PROTOCOL },
    { "TLS 1.1", serve_tls, NULL, TLS1_1_VERSION, NET_ERROR_TLS_PROTOCOL },
    { "TLS 1.0", serve_tls, NULL, TLS1_VERSION, NET_ERROR_TLS_PROTOCOL },
    { "hangs up", serve_hang_up, NULL, 0, NET_ERROR_CLOSED },
    { "never answers", serve_nothing, NULL, 0, NET_ERROR_TIMEOUT },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      TestServerSetup setup = {
        .identity = identity, .func = cases[i].func, .data = (gpointer) cases[i].text,
                    .max_version = cases[i].max_version,
      };
      g_autoptr(TestServer) server = test_server_new_with (&setup);
      g_autoptr(NetWire) wire = wire_new (server, NET_SECURITY_TLS);
      g_autoptr(GError) error = NULL;
      gint64 patience = cases[i].code == NET_ERROR_TIMEOUT ? 100 : 10000;

      g_test_message ("%s", cases[i].fact);
      net_wire_queue (wire, "secret", 6);
      g_assert_false (net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (patience), &error));
      g_assert_error (error, NET_ERROR, cases[i].code);
      g_assert_false (net_wire_is_encrypted (wire));
      g_assert_null (net_wire_get_certificate (wire));
      g_clear_pointer (&wire, net_wire_free);
    }
}

/* STARTTLS. */

typedef struct {
  const char *answer;        /* to STARTTLS */
  const char *later;         /* plain, once the client has begun the handshake */
} Upgrade;

static void
serve_upgrade (TestPeer *peer,
               gpointer  data)
{
  const Upgrade *upgrade = data;
  g_autofree char *line = NULL;

  test_peer_say (peer, "* OK ready\r\n");
  line = test_peer_read_line (peer);
  test_peer_say (peer, upgrade->answer);
  if (upgrade->later != NULL)
    test_peer_say_plain (peer, upgrade->later);
  if (test_peer_start_tls (peer))
    test_peer_say (peer, "* OK in private\r\n");
}

/* The session reads one whole line and asks for TLS. */
static gboolean
upgrade (NetWire  *wire,
         GError  **error)
{
  gsize line = strlen ("a1 OK begin\r\n");

  expect_input (wire, "* OK ready\r\n");
  net_wire_queue (wire, "a1 STARTTLS\r\n", 13);
  while (net_wire_peek_input (wire).size < line)
    g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (10000), NULL), ==, NET_WAIT_INPUT);
  net_wire_consume (wire, line);
  return net_wire_start_tls (wire, &NET_SIGNALS_NONE, in_ms (10000), error);
}

static void
test_starttls (void)
{
  Upgrade plan = { "a1 OK begin\r\n", NULL };
  g_autoptr(TestServer) server = test_server_new (identity, serve_upgrade, &plan);
  g_autoptr(NetWire) wire = wire_connected (server, NET_SECURITY_STARTTLS);
  g_autoptr(GError) error = NULL;

  g_assert_false (net_wire_is_encrypted (wire));
  upgrade (wire, &error);
  g_assert_no_error (error);
  g_assert_true (net_wire_is_encrypted (wire));
  expect_input (wire, "* OK in private\r\n");
}

static void
test_injection (void)
{
  static const struct { Upgrade plan; int code; } cases[] = {
    { { "a1 OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n", NULL }, NET_ERROR_INJECTION },
    { { "a1 OK begin\r\n* CAPABI", NULL }, NET_ERROR_INJECTION },
    { { "a1 OK begin\r\n\r\n", NULL }, NET_ERROR_INJECTION },
    { { "a1 OK begin\r\n\n", NULL }, NET_ERROR_INJECTION },
    { { "a1 OK begin\r\n", "* CAPABILITY IMAP4rev1\r\n" }, -1 },
    { { "a1 OK begin\r\n", "* CAPABI" }, -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(TestServer) server = test_server_new (identity, serve_upgrade, (gpointer) &cases[i].plan);
      g_autoptr(NetWire) wire = wire_connected (server, NET_SECURITY_STARTTLS);
      g_autoptr(GError) error = NULL;

      g_assert_false (upgrade (wire, &error));
      g_assert_false (net_wire_is_encrypted (wire));
      g_assert_cmpuint (error->domain, ==, NET_ERROR);
      /* What comes in a segment of its own is either seen before the handshake or breaks it. */
      if (cases[i].code < 0)
        g_assert_true (error->code == NET_ERROR_INJECTION || error->code == NET_ERROR_TLS_PROTOCOL);
      else
        g_assert_cmpint (error->code, ==, cases[i].code);
      g_clear_pointer (&wire, net_wire_free);
    }
}

/* Signals during the handshake. */

typedef struct {
  int           fd;
  GCancellable *cancellable;
  gint64        raised_at;
} Raise;

static gpointer
raise_thread (gpointer data)
{
  Raise *raise = data;
  guint64 count = 1;

  g_usleep (50 * 1000);
  raise->raised_at = base_clock_steady_us ();
  if (raise->fd >= 0)
    g_assert_cmpint (write (raise->fd, &count, sizeof count), ==, sizeof count);
  g_cancellable_cancel (raise->cancellable);
  return NULL;
}

static void
test_handshake_ends_by_signal (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_nothing, NULL);

  for (int by_fd = 0; by_fd < 2; by_fd++)
    {
      g_autoptr(NetWire) wire = wire_new (server, NET_SECURITY_TLS);
      g_autoptr(GCancellable) cancellable = by_fd ? NULL : g_cancellable_new ();
      g_autoptr(GError) error = NULL;
      NetSignals signals = { -1, by_fd ? eventfd (0, EFD_CLOEXEC) : -1, cancellable };
      Raise raise = { signals.stop_fd, cancellable, 0 };
      GThread *thread = g_thread_new ("raise", raise_thread, &raise);

      g_assert_false (net_wire_connect (wire, &signals, in_ms (10000), &error));
      g_thread_join (thread);
      g_assert_cmpint (base_clock_steady_us () - raise.raised_at, <, 200 * 1000);
      if (by_fd)
        g_assert_error (error, NET_ERROR, NET_ERROR_STOPPED);
      else
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      if (by_fd)
        close (signals.stop_fd);
    }
}

static void
test_impossible_names (void)
{
  static const char * const names[] = { ".localhost", "127.0.0.1 ", "local\thost" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      NetWhere where = { names[i], 1, NET_SECURITY_TLS, trust };
      g_autoptr(NetWire) wire = net_wire_new (&where);
      g_autoptr(GError) error = NULL;

      g_assert_false (net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (10000), &error));
      g_assert_nonnull (error);
    }
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  ca = test_identity_new (&(TestCertificate) { .common_name = "Test CA", .is_authority = TRUE });
  identity = test_identity_new (&(TestCertificate) { .names = "DNS:localhost,IP:127.0.0.1", .issuer = ca });
  ca_file = test_identity_write (ca);
  trust = net_trust_new (ca_file, NULL);

  g_test_add_func ("/net/tls/echo", test_echo);
  g_test_add_func ("/net/tls/name-and-exporter-are-told", test_name_and_exporter);
  g_test_add_func ("/net/tls/session-is-resumed", test_resumption);
  g_test_add_data_func ("/net/tls/both-ways-at-once", GINT_TO_POINTER (TRUE), test_both_ways);
  g_test_add_data_func ("/net/tls/both-ways-at-once-plain", NULL, test_both_ways);
  g_test_add_func ("/net/tls/two-threads", test_two_threads);
  g_test_add_data_func ("/net/tls/end-with-close-notify", NULL, test_end);
  g_test_add_data_func ("/net/tls/truncation-is-no-end", test_peer_cut, test_end);
  g_test_add_func ("/net/tls/reset-in-mid-stream", test_reset);
  g_test_add_func ("/net/tls/bad-handshake", test_bad_handshake);
  g_test_add_func ("/net/tls/starttls", test_starttls);
  g_test_add_func ("/net/tls/injection-is-refused", test_injection);
  g_test_add_func ("/net/tls/handshake-ends-by-signal", test_handshake_ends_by_signal);
  g_test_add_func ("/net/tls/impossible-names-are-refused", test_impossible_names);
  status = g_test_run ();

  net_trust_unref (trust);
  test_identity_remove (ca_file);
  test_identity_free (identity);
  test_identity_free (ca);
  return status;
}
