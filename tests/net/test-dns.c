/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names: SRV and MX records, and which address of a name a wire takes. */
#include "base/clock.h"
#include "net/dns.h"
#include "net/wire.h"
#include "tests/net/fake-resolver.h"
#include "tests/net/tls-server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static gint64
in_ms (gint64 ms)
{
  return base_clock_steady_us () + ms * 1000;
}

static char *
describe (GPtrArray *servers)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < servers->len; i++)
    {
      NetDnsServer *server = g_ptr_array_index (servers, i);

      g_string_append_printf (text, "%s:%u ", server->host, server->port);
    }
  return g_string_free (text, FALSE);
}

static void
test_service (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) servers = net_dns_lookup_service ("imaps", "b\xc3\xbc" "cher.test", &NET_SIGNALS_NONE,
                                                         in_ms (5000), &error);
  g_autoptr(GPtrArray) not_offered = NULL;
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = describe (servers);
  g_assert_cmpstr (text, ==, "first.test:993 heavy.test:994 light.test:995 ");
  not_offered = net_dns_lookup_service ("pop3s", "xn--bcher-kva.test", &NET_SIGNALS_NONE, in_ms (5000),
                                        &error);
  g_assert_no_error (error);
  g_assert_cmpstr (((NetDnsServer *) g_ptr_array_index (not_offered, 0))->host, ==, "");
  g_assert_null (net_dns_lookup_service ("imap", "nothing.test", &NET_SIGNALS_NONE, in_ms (5000), &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_NOT_FOUND);
}

static void
test_mx (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) servers = net_dns_lookup_mx ("mx.test", &NET_SIGNALS_NONE, in_ms (5000), &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = describe (servers);
  g_assert_cmpstr (text, ==, "a.mx.test:0 b.mx.test:0 ");
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_silence (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  NetSignals signals = { -1, -1, cancellable };
  gint64 begin = base_clock_steady_us ();
  GThread *thread;

  g_assert_null (net_dns_lookup_mx ("silent.test", &NET_SIGNALS_NONE, in_ms (50), &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_TIMEOUT);
  g_clear_error (&error);
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_null (net_dns_lookup_mx ("silent.test", &signals, in_ms (10000), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (base_clock_steady_us () - begin, <, 1000 * 1000);
  g_thread_join (thread);
}

static void
test_unknown_name (void)
{
  NetWhere where = { "nowhere.test", 993, NET_SECURITY_NONE, NULL };
  g_autoptr(NetWire) wire = net_wire_new (&where);
  g_autoptr(GError) error = NULL;

  g_assert_false (net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (5000), &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_NOT_FOUND);
}

static void
serve_hello (TestPeer *peer,
             gpointer  data)
{
  test_peer_say (peer, "hello");
}

/* A listener whose queue is full drops every further SYN: to the client it is a black hole. */
static void
make_black_hole (const char *address,
                 guint16     port,
                 int         fds[3])
{
  g_autoptr(GSocketAddress) name = g_inet_socket_address_new_from_string (address, port);
  struct sockaddr_storage native;
  socklen_t size = (socklen_t) g_socket_address_get_native_size (name);
  int on = 1;

  g_socket_address_to_native (name, &native, sizeof native, NULL);
  fds[0] = socket (native.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt (fds[0], SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  g_assert_cmpint (bind (fds[0], (struct sockaddr *) &native, size), ==, 0);
  g_assert_cmpint (listen (fds[0], 0), ==, 0);
  for (int i = 1; i < 3; i++)
    {
      fds[i] = socket (native.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      connect (fds[i], (struct sockaddr *) &native, size);
      g_usleep (20 * 1000);
    }
}

static void
test_black_hole (void)
{
  g_autoptr(TestServer) server = test_server_new (NULL, serve_hello, NULL);
  NetWhere where = { "holed.test", test_server_get_port (server), NET_SECURITY_NONE, NULL };
  g_autoptr(NetWire) wire = net_wire_new (&where);
  g_autoptr(GError) error = NULL;
  gint64 begin;
  int fds[3];

  make_black_hole ("127.0.0.2", where.port, fds);
  begin = base_clock_steady_us ();
  net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (20000), &error);
  g_assert_no_error (error);
  g_assert_cmpint (base_clock_steady_us () - begin, <, 2000 * 1000);
  g_assert_cmpint (net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (5000), NULL), ==, NET_WAIT_INPUT);
  for (int i = 0; i < 3; i++)
    close (fds[i]);
}

static void
test_connecting_times_out (void)
{
  g_autoptr(TestServer) unused = test_server_new (NULL, serve_hello, NULL);
  NetWhere where = { "127.0.0.2", test_server_get_port (unused), NET_SECURITY_NONE, NULL };
  g_autoptr(NetWire) wire = net_wire_new (&where);
  g_autoptr(GError) error = NULL;
  int fds[3];

  make_black_hole ("127.0.0.2", where.port, fds);
  g_assert_false (net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (50), &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_TIMEOUT);
  for (int i = 0; i < 3; i++)
    close (fds[i]);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  fake_resolver_install ();
  fake_resolver_add_record ("_imaps._tcp.xn--bcher-kva.test",
                            g_variant_new ("(qqqs)", 20, 1, 995, "light.test"));
  fake_resolver_add_record ("_imaps._tcp.xn--bcher-kva.test",
                            g_variant_new ("(qqqs)", 20, 9, 994, "heavy.test."));
  fake_resolver_add_record ("_imaps._tcp.xn--bcher-kva.test",
                            g_variant_new ("(qqqs)", 10, 0, 993, "first.test"));
  fake_resolver_add_record ("_pop3s._tcp.xn--bcher-kva.test", g_variant_new ("(qqqs)", 0, 0, 0, "."));
  fake_resolver_add_record ("mx.test", g_variant_new ("(qs)", 20, "b.mx.test"));
  fake_resolver_add_record ("mx.test", g_variant_new ("(qs)", 10, "a.mx.test."));
  fake_resolver_add_silence ("silent.test");
  fake_resolver_add_address ("holed.test", "127.0.0.2");
  fake_resolver_add_address ("holed.test", "127.0.0.1");

  g_test_add_func ("/net/dns/service-in-order", test_service);
  g_test_add_func ("/net/dns/mx-in-order", test_mx);
  g_test_add_func ("/net/dns/silence-ends", test_silence);
  g_test_add_func ("/net/dns/unknown-name-is-told", test_unknown_name);
  g_test_add_func ("/net/dns/black-hole-does-not-delay", test_black_hole);
  g_test_add_func ("/net/dns/connecting-times-out", test_connecting_times_out);
  return g_test_run ();
}
