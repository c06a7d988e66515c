/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "net/https.h"
#include "tests/net/tls-server.h"

#include <string.h>

static TestIdentity *ca;
static TestIdentity *identity;
static char         *ca_file;
static NetTrust     *trust;

static gint64
in_ms (gint64 ms)
{
  return base_clock_steady_us () + ms * 1000;
}

static char *
dup_answer (const char *path)
{
  if (strcmp (path, "/document") == 0)
    return g_strdup ("HTTP/1.1 200 OK\r\nContent-Length: 8\r\nSet-Cookie: a=b\r\n\r\ndocument");
  if (strcmp (path, "/chunked") == 0)
    return g_strdup ("HTTP/1.1 200 OK\r\nTransfer-Encoding: "
                     "chunked\r\n\r\n4\r\ndocu\r\n4\r\nment\r\n0\r\n\r\n");
  if (strcmp (path, "/moved") == 0)
    return g_strdup ("HTTP/1.1 302 Found\r\nLocation: /document\r\nSet-Cookie: a=b\r\nContent-Length: "
                     "0\r\n\r\n");
  if (strcmp (path, "/to-http") == 0)
    return g_strdup (
      "HTTP/1.1 301 Moved\r\nLocation: http://localhost/document\r\nContent-Length: 0\r\n\r\n");
  if (strcmp (path, "/with-password") == 0)
    return g_strdup ("HTTP/1.1 301 Moved\r\nLocation: https://a:b@localhost/document\r\nContent-Length: "
                     "0\r\n\r\n");
  if (strcmp (path, "/loop") == 0)
    return g_strdup ("HTTP/1.1 302 Found\r\nLocation: /loop\r\nContent-Length: 0\r\n\r\n");
  if (strcmp (path, "/secret") == 0)
    return g_strdup ("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n");
  if (strcmp (path, "/garbage") == 0)
    return g_strdup ("220 smtp.example.org ESMTP\r\n");
  if (strcmp (path, "/cut") == 0)
    return g_strdup ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
  if (strcmp (path, "/silent") == 0)
    return NULL;
  return g_strdup ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

/* One request for each connection; what identifies the user or the program is a failure. */
static void
serve_http (TestPeer *peer,
            gpointer  data)
{
  g_autofree char *request = NULL;
  g_auto(GStrv) words = NULL;
  g_autofree char *answer = NULL;
  char *line;

  if (!test_peer_start_tls (peer) || (request = test_peer_read_line (peer)) == NULL)
    return;
  while ((line = test_peer_read_line (peer)) != NULL && *line != '\0')
    {
      g_autofree char *lower = g_ascii_strdown (line, -1);

      g_assert_false (g_str_has_prefix (lower, "cookie"));
      g_assert_false (g_str_has_prefix (lower, "authorization"));
      g_assert_false (g_str_has_prefix (lower, "referer"));
      g_assert_false (g_str_has_prefix (lower, "user-agent"));
      g_free (line);
    }
  g_free (line);
  words = g_strsplit (request, " ", 3);
  g_assert_cmpstr (words[0], ==, "GET");
  if ((answer = dup_answer (words[1])) != NULL)
    test_peer_say (peer, answer);
  else
    g_free (test_peer_read_line (peer));
}

static GBytes *
get (TestServer  *server,
     const char  *path,
     NetTrust    *believed,
     gint64       patience_ms,
     GError     **error)
{
  g_autofree char *url = g_strdup_printf ("https://localhost:%u%s", test_server_get_port (server), path);

  return net_https_get (url, believed, 8, &NET_SIGNALS_NONE, in_ms (patience_ms), error);
}

static void
test_answers (void)
{
  const struct { const char *path; NetTrust *trust; gint64 patience_ms; GQuark domain; int code; } cases[] = {
    { "/document", trust, 10000, 0, 0 },
    { "/chunked", trust, 10000, 0, 0 },
    { "/moved", trust, 10000, 0, 0 },
    { "/to-http", trust, 10000, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT },
    { "/with-password", trust, 10000, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT },
    { "/loop", trust, 10000, G_IO_ERROR, G_IO_ERROR_NOT_FOUND },
    { "/secret", trust, 10000, G_IO_ERROR, G_IO_ERROR_NOT_FOUND },
    { "/missing", trust, 10000, G_IO_ERROR, G_IO_ERROR_NOT_FOUND },
    { "/silent", trust, 200, NET_ERROR, NET_ERROR_TIMEOUT },
    { "/document", NULL, 10000, NET_ERROR, NET_ERROR_TLS_BAD_CERTIFICATE },
  };
  g_autoptr(TestServer) server = test_server_new (identity, serve_http, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(GBytes) document = get (server, cases[i].path, cases[i].trust, cases[i].patience_ms, &error);

      g_test_message ("%s: %s", cases[i].path, error != NULL ? error->message : "fetched");
      if (cases[i].domain != 0)
        g_assert_error (error, cases[i].domain, cases[i].code);
      else
        g_assert_no_error (error);
      if (document != NULL)
        g_assert_cmpmem (g_bytes_get_data (document, NULL), g_bytes_get_size (document), "document", 8);
    }
}

static void
test_broken_answers (void)
{
  static const char * const paths[] = { "/garbage", "/cut" };
  g_autoptr(TestServer) server = test_server_new (identity, serve_http, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (get (server, paths[i], trust, 10000, &error));
      g_assert_nonnull (error);
    }
}

static void
test_limit (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_http, NULL);
  g_autofree char *url = g_strdup_printf ("https://localhost:%u/chunked", test_server_get_port (server));

  for (gsize limit = 7; limit <= 9; limit++)
    {
      g_autoptr(GError) error = NULL;
      G_GNUC_UNUSED g_autoptr(GBytes) document = net_https_get (url, trust, limit, &NET_SIGNALS_NONE,
                                                                in_ms (10000), &error);

      if (limit < 8)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
      else
        g_assert_no_error (error);
    }
}

static void
test_addresses (void)
{
  static const char * const urls[] = {
    "http://localhost/", "HTTP://localhost/", "ftp://localhost/", "file:///etc/passwd", "https://",
    "https:///x", "localhost", "", "https://a@localhost/", "https://a:b@localhost/",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (urls); i++)
    {
      g_autoptr(GError) error = NULL;

      g_assert_null (net_https_get (urls[i], trust, 100, &NET_SIGNALS_NONE, in_ms (10000), &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    }
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

static void
test_cancel (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_http, NULL);
  g_autofree char *url = g_strdup_printf ("https://localhost:%u/silent", test_server_get_port (server));
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  NetSignals signals = { -1, -1, cancellable };
  g_autoptr(GError) error = NULL;
  gint64 begin = base_clock_steady_us ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);

  g_assert_null (net_https_get (url, trust, 100, &signals, in_ms (10000), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (base_clock_steady_us () - begin, <, 5000 * 1000);
  g_thread_join (thread);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  ca = test_identity_new (&(TestCertificate) { .common_name = "Test CA", .is_authority = TRUE });
  identity = test_identity_new (&(TestCertificate) { .names = "DNS:localhost", .issuer = ca });
  ca_file = test_identity_write (ca);
  trust = net_trust_new (ca_file, NULL);

  g_test_add_func ("/net/https/answers", test_answers);
  g_test_add_func ("/net/https/broken-answers-are-refused", test_broken_answers);
  g_test_add_func ("/net/https/size-is-limited", test_limit);
  g_test_add_func ("/net/https/unsafe-addresses-are-refused", test_addresses);
  g_test_add_func ("/net/https/cancel", test_cancel);
  status = g_test_run ();

  net_trust_unref (trust);
  test_identity_remove (ca_file);
  test_identity_free (identity);
  test_identity_free (ca);
  return status;
}
