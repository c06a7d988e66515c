/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How fast a wire takes in bulk, beside OpenSSL alone on a blocking socket: bench-wire [MB].
 *
 * One thread serves over loopback; CPU is that of the client's thread, so the server does not count. */
#include "base/clock.h"
#include "net/wire.h"
#include "tests/net/tls-server.h"

#include <glib-unix.h>
#include <openssl/ssl.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static gsize total = 500 * 1000 * 1000;
static char *ca_file;

static void
serve_bulk (TestPeer *peer,
            gpointer  is_tls)
{
  g_autofree guint8 *block = g_malloc0 (256 * 1024);

  if (is_tls != NULL && !test_peer_start_tls (peer))
    return;
  for (gsize sent = 0; sent < total; sent += 256 * 1024)
    if (!test_peer_write (peer, block, MIN (256 * 1024, total - sent)))
      return;
}

static double
cpu_seconds (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static void
report (const char *what,
        gint64      begin,
        double      cpu,
        guint       portions)
{
  double wall = (double) (base_clock_steady_us () - begin) / 1e6;

  cpu = cpu_seconds () - cpu;
  g_print ("%-22s %7.0f MB/s  %5.2f CPU s/GB  %8u portions\n", what, (double) total / wall / 1e6,
           cpu * 1e9 / (double) total, portions);
}

/* Touches every byte once, as a framer does. */
static guint64
look_at (const guint8 *data,
         gsize         size)
{
  return memchr (data, '\n', size) != NULL;
}

static void
bench_wire (NetSecurity         security,
            const TestIdentity *identity)
{
  gboolean is_tls = security == NET_SECURITY_TLS;
  g_autoptr(TestServer) server = test_server_new (identity, serve_bulk, GINT_TO_POINTER (is_tls));
  g_autoptr(NetTrust) trust = net_trust_new (ca_file, NULL);
  NetWhere where = { "127.0.0.1", test_server_get_port (server), security, trust };
  g_autoptr(NetWire) wire = net_wire_new (&where);
  g_autoptr(GError) error = NULL;
  gsize received = 0;
  guint portions = 0;
  gint64 begin;
  double cpu;

  net_wire_connect (wire, &NET_SIGNALS_NONE, 0, &error);
  g_assert_no_error (error);
  begin = base_clock_steady_us ();
  cpu = cpu_seconds ();
  for (; received < total; portions++)
    {
      BaseSlice input;

      net_wire_wait (wire, &NET_SIGNALS_NONE, base_clock_steady_us () + 60 * G_USEC_PER_SEC, &error);
      g_assert_no_error (error);
      input = net_wire_peek_input (wire);
      look_at (input.data, input.size);
      received += input.size;
      net_wire_consume (wire, input.size);
    }
  report (is_tls ? "wire, TLS" : "wire, plain", begin, cpu, portions);
}

static void
bench_openssl (const TestIdentity *identity)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_bulk, GINT_TO_POINTER (TRUE));
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnection) connection =
    g_socket_client_connect_to_host (client, "127.0.0.1", test_server_get_port (server), NULL, NULL);
  g_autofree guint8 *block = g_malloc (256 * 1024);
  SSL_CTX *context = SSL_CTX_new (TLS_client_method ());
  SSL *ssl = SSL_new (context);
  int fd = dup (g_socket_get_fd (g_socket_connection_get_socket (connection)));
  gsize received = 0;
  guint portions = 0;
  gint64 begin;
  double cpu;

  g_unix_set_fd_nonblocking (fd, FALSE, NULL);
  SSL_set_fd (ssl, fd);
  g_assert_cmpint (SSL_connect (ssl), ==, 1);
  begin = base_clock_steady_us ();
  cpu = cpu_seconds ();
  for (; received < total; portions++)
    {
      int got = SSL_read (ssl, block, 256 * 1024);

      g_assert_cmpint (got, >, 0);
      look_at (block, (gsize) got);
      received += (gsize) got;
    }
  report ("OpenSSL alone", begin, cpu, portions);
  SSL_free (ssl);
  SSL_CTX_free (context);
  close (fd);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(TestIdentity) ca = test_identity_new (&(TestCertificate) { .common_name = "Bench CA",
                                                                       .is_authority = TRUE });
  g_autoptr(TestIdentity) identity =
    test_identity_new (&(TestCertificate) { .names = "IP:127.0.0.1", .issuer = ca });

  if (argc > 1)
    total = strtoul (argv[1], NULL, 10) * 1000 * 1000;
  ca_file = test_identity_write (ca);
  bench_openssl (identity);
  bench_wire (NET_SECURITY_TLS, identity);
  bench_wire (NET_SECURITY_NONE, identity);
  test_identity_remove (ca_file);
  return 0;
}
