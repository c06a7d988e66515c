/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which certificates a wire accepts, and what it says of the others. */
#include "base/clock.h"
#include "net/wire.h"
#include "tests/net/tls-server.h"

#include <openssl/ssl.h>

#include <string.h>

typedef enum {
  BY_CA,
  BY_OTHER_CA,
  BY_MIDDLE,         /* by an intermediate that the server does not send */
  BY_ITSELF,
} Issuer;

static TestIdentity *ca;
static TestIdentity *other_ca;
static TestIdentity *middle;
static char         *ca_file;
static NetTrust     *trust;

static gint64
in_ms (gint64 ms)
{
  return base_clock_steady_us () + ms * 1000;
}

static void
serve_hello (TestPeer *peer,
             gpointer  data)
{
  if (!test_peer_start_tls (peer))
    return;
  test_peer_say (peer, "hello\r\n");
  g_free (test_peer_read_line (peer));
}

static NetWire *
wire_to (TestServer *server,
         const char *host,
         NetTrust   *believed)
{
  NetWhere where = { host, test_server_get_port (server), NET_SECURITY_TLS, believed };

  return net_wire_new (&where);
}

static void
assert_accepted (TestServer *server,
                 const char *host,
                 NetTrust   *believed)
{
  g_autoptr(NetWire) wire = wire_to (server, host, believed);
  g_autoptr(GError) error = NULL;
  NetWait wait;

  net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (10000), &error);
  g_assert_no_error (error);
  g_assert_true (net_wire_is_encrypted (wire));
  g_assert_null (net_wire_get_certificate (wire));
  wait = net_wire_wait (wire, &NET_SIGNALS_NONE, in_ms (10000), &error);
  g_assert_no_error (error);
  g_assert_cmpint (wait, ==, NET_WAIT_INPUT);
  g_assert_true (base_slice_equal (net_wire_peek_input (wire), BASE_SLICE_LITERAL ("hello\r\n")));
}

/* Refused, without a byte of the application to either side. */
static void
assert_refused (TestServer *server,
                const char *host,
                NetTrust   *believed,
                int         code)
{
  g_autoptr(NetWire) wire = wire_to (server, host, believed);
  g_autoptr(GError) error = NULL;

  net_wire_queue (wire, "secret", 6);
  g_assert_false (net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (10000), &error));
  g_assert_error (error, NET_ERROR, code);
  g_assert_false (net_wire_is_encrypted (wire));
  g_assert_cmpuint (net_wire_peek_input (wire).size, ==, 0);
  g_assert_nonnull (net_wire_get_certificate (wire));
}

typedef struct {
  const char      *fact;
  Issuer           issuer;
  TestCertificate  certificate;
  const char      *host;
  int              expected;     /* NetError, or -1 */
} Case;

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  TestCertificate wanted = c->certificate;
  g_autoptr(TestIdentity) identity = NULL;
  g_autoptr(TestServer) server = NULL;

  wanted.issuer = c->issuer == BY_CA ? ca : c->issuer == BY_OTHER_CA ? other_ca : c->issuer == BY_MIDDLE
                  ? middle : NULL;
  identity = test_identity_new (&wanted);
  server = test_server_new (identity, serve_hello, NULL);
  if (c->expected < 0)
    assert_accepted (server, c->host, trust);
  else
    assert_refused (server, c->host, trust, c->expected);
}

static const Case cases[] = {
  { "good-by-name", BY_CA, { .names = "DNS:localhost" }, "localhost", -1 },
  { "good-in-capitals", BY_CA, { .names = "DNS:localhost" }, "LocalHost", -1 },
  { "good-by-address", BY_CA, { .names = "IP:127.0.0.1" }, "127.0.0.1", -1 },
  { "good-by-wildcard", BY_CA, { .names = "DNS:*.example.localhost" }, "mail.example.localhost", -1 },
  { "address-not-named", BY_CA, { .names = "DNS:localhost" }, "127.0.0.1", NET_ERROR_TLS_WRONG_NAME },
  { "other-address", BY_CA, { .names = "IP:127.0.0.2" }, "127.0.0.1", NET_ERROR_TLS_WRONG_NAME },
  { "address-as-name", BY_CA, { .names = "DNS:127.0.0.1" }, "127.0.0.1", NET_ERROR_TLS_WRONG_NAME },
  { "other-name", BY_CA, { .names = "DNS:mail.example.org" }, "localhost", NET_ERROR_TLS_WRONG_NAME },
  { "common-name-only", BY_CA, { .common_name = "localhost" }, "localhost", NET_ERROR_TLS_WRONG_NAME },
  { "partial-wildcard", BY_CA, { .names = "DNS:m*.example.localhost" }, "mail.example.localhost",
    NET_ERROR_TLS_WRONG_NAME },
  { "wildcard-of-a-top-level", BY_CA, { .names = "DNS:*.localhost" }, "mail.localhost",
    NET_ERROR_TLS_WRONG_NAME },
  { "wildcard-of-two-labels", BY_CA, { .names = "DNS:*.example.localhost" }, "a.b.example.localhost",
    NET_ERROR_TLS_WRONG_NAME },
  { "name-with-dot-at-end", BY_CA, { .names = "DNS:localhost." }, "localhost", NET_ERROR_TLS_WRONG_NAME },
  { "expired", BY_CA, { .names = "DNS:localhost", .from_days = -400, .until_days = -1 }, "localhost",
    NET_ERROR_TLS_EXPIRED },
  { "not-yet-valid", BY_CA, { .names = "DNS:localhost", .from_days = 1, .until_days = 9 }, "localhost",
    NET_ERROR_TLS_EXPIRED },
  { "self-signed", BY_ITSELF, { .names = "DNS:localhost" }, "localhost", NET_ERROR_TLS_SELF_SIGNED },
  { "unknown-issuer", BY_OTHER_CA, { .names = "DNS:localhost" }, "localhost", NET_ERROR_TLS_UNKNOWN_ISSUER },
  { "issuer-not-sent", BY_MIDDLE, { .names = "DNS:localhost" }, "localhost", NET_ERROR_TLS_UNKNOWN_ISSUER },
  { "wrong-purpose", BY_CA, { .names = "DNS:localhost", .purpose = "clientAuth" }, "localhost",
    NET_ERROR_TLS_BAD_CERTIFICATE },
  { "weak-key", BY_CA, { .names = "DNS:localhost", .rsa_bits = 1024 }, "localhost",
    NET_ERROR_TLS_BAD_CERTIFICATE },
};

static void
test_system_store (void)
{
  g_autoptr(TestIdentity) identity =
    test_identity_new (&(TestCertificate) { .names = "DNS:localhost", .issuer = ca });
  g_autoptr(TestServer) server = test_server_new (identity, serve_hello, NULL);
  g_autoptr(NetTrust) system = NULL;
  g_autoptr(NetTrust) empty = NULL;

  /* OpenSSL's own name for the place of the system's store. */
  g_setenv ("SSL_CERT_FILE", ca_file, TRUE);
  system = net_trust_new (NULL, NULL);
  g_unsetenv ("SSL_CERT_FILE");
  empty = net_trust_new (NULL, NULL);
  assert_accepted (server, "localhost", system);
  assert_refused (server, "localhost", empty, NET_ERROR_TLS_UNKNOWN_ISSUER);
}

static void
test_missing_file (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (net_trust_new ("/nonexistent/ca.pem", &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_nonnull (strstr (error->message, "/nonexistent/ca.pem"));
}

/* An exception holds for that certificate on that host and port, and for nothing else. */
static void
test_pin (void)
{
  TestCertificate wanted = { .names = "DNS:mail.example.org", .from_days = -9, .until_days = -1 };
  g_autoptr(TestIdentity) pinned = test_identity_new (&wanted);
  g_autoptr(TestIdentity) changed = test_identity_new (&wanted);
  g_autoptr(TestServer) server = test_server_new (pinned, serve_hello, NULL);
  g_autoptr(TestServer) elsewhere = test_server_new (pinned, serve_hello, NULL);
  g_autofree char *fingerprint = test_identity_dup_fingerprint (pinned);
  g_autoptr(NetTrust) own = net_trust_new (NULL, NULL);
  TestServerSetup setup = { .identity = changed, .func = serve_hello, .port = test_server_get_port (server) };

  assert_refused (server, "localhost", own, NET_ERROR_TLS_SELF_SIGNED);
  net_trust_pin (own, "LOCALHOST", test_server_get_port (server), fingerprint);
  assert_accepted (server, "localhost", own);
  assert_accepted (server, "localhost", own);
  assert_refused (server, "127.0.0.1", own, NET_ERROR_TLS_SELF_SIGNED);
  assert_refused (elsewhere, "localhost", own, NET_ERROR_TLS_SELF_SIGNED);
  assert_refused (server, "localhost", trust, NET_ERROR_TLS_SELF_SIGNED);

  g_clear_pointer (&server, test_server_free);
  server = test_server_new_with (&setup);
  assert_refused (server, "localhost", own, NET_ERROR_TLS_SELF_SIGNED);
}

static void
test_details (void)
{
  g_autoptr(TestIdentity) identity = test_identity_new (&(TestCertificate) {
      .common_name = "evil\r\nname \xe2\x80\xae" "gro.elpmaxe",
                     .names = "DNS:mail.example.org,IP:10.0.0.1,IP:::1" });
  g_autoptr(TestServer) server = test_server_new (identity, serve_hello, NULL);
  g_autoptr(NetWire) wire = wire_to (server, "localhost", trust);
  g_autofree char *fingerprint = test_identity_dup_fingerprint (identity);
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const NetCertificate *certificate;

  g_assert_false (net_wire_connect (wire, &NET_SIGNALS_NONE, in_ms (10000), NULL));
  certificate = net_wire_get_certificate (wire);
  g_assert_cmpstr (certificate->names, ==, "mail.example.org, 10.0.0.1, ::1");
  g_assert_cmpstr (certificate->fingerprint, ==, fingerprint);
  g_assert_cmpstr (certificate->subject, ==, certificate->issuer);
  g_assert_true (g_str_has_prefix (certificate->subject, "CN=evil"));
  g_assert_null (strpbrk (certificate->subject, "\r\n"));
  g_assert_null (strstr (certificate->subject, "\xe2\x80\xae"));
  g_assert_cmpint (ABS (certificate->not_before - (now - 86400)), <, 60);
  g_assert_cmpint (ABS (certificate->not_after - (now + 365 * 86400)), <, 60);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  ca = test_identity_new (&(TestCertificate) { .common_name = "Test CA", .is_authority = TRUE });
  other_ca = test_identity_new (&(TestCertificate) { .common_name = "Other CA", .is_authority = TRUE });
  middle = test_identity_new (&(TestCertificate) { .common_name = "Middle", .is_authority = TRUE,
                                                   .issuer = ca });
  ca_file = test_identity_write (ca);
  trust = net_trust_new (ca_file, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("/net/certificates/", cases[i].fact, NULL);

      g_test_add_data_func (path, &cases[i], test_case);
    }
  g_test_add_func ("/net/certificates/system-store-is-believed", test_system_store);
  g_test_add_func ("/net/certificates/missing-file-is-named", test_missing_file);
  g_test_add_func ("/net/certificates/pin-is-exact", test_pin);
  g_test_add_func ("/net/certificates/details-are-harmless", test_details);
  status = g_test_run ();

  net_trust_unref (trust);
  test_identity_remove (ca_file);
  test_identity_free (middle);
  test_identity_free (other_ca);
  test_identity_free (ca);
  return status;
}
