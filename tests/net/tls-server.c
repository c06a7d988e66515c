/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/net/tls-server.h"

#include <arpa/inet.h>
#include <gio/gio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define PATIENCE_S 20

struct _TestServer {
  TestServerSetup  setup;
  SSL_CTX         *context;
  int              fd;
  int              stop_fd;
  guint16          port;
  gint             count;
  GThread         *thread;
  GPtrArray       *peers;       /* GThread, used by the server's thread until it ended */
};

struct _TestPeer {
  TestServer *server;
  int         fd;
  SSL        *ssl;
};

static void
end_tls (TestPeer *peer)
{
  if (peer->ssl == NULL)
    return;
  SSL_shutdown (peer->ssl);
  SSL_free (peer->ssl);
  ERR_clear_error ();
  peer->ssl = NULL;
}

/* Reads the client's last bytes first: closing with bytes unread sends RST, and that takes away what the
 * client has not read yet. */
static void
close_peer (TestPeer *peer)
{
  char rest[4096];

  end_tls (peer);
  if (peer->fd < 0)
    return;
  shutdown (peer->fd, SHUT_WR);
  while (read (peer->fd, rest, sizeof rest) > 0)
    continue;
  close (peer->fd);
  peer->fd = -1;
}

static gpointer
peer_thread (gpointer data)
{
  TestPeer *peer = data;

  peer->server->setup.func (peer, peer->server->setup.data);
  close_peer (peer);
  g_free (peer);
  return NULL;
}

static gpointer
server_thread (gpointer data)
{
  TestServer *server = data;
  struct timeval patience = { PATIENCE_S, 0 };

  for (;;)
    {
      GPollFD fds[] = { { server->fd, G_IO_IN, 0 }, { server->stop_fd, G_IO_IN, 0 } };
      TestPeer *peer;
      int fd;

      g_poll (fds, 2, -1);
      if (fds[1].revents != 0)
        return NULL;
      if ((fd = accept4 (server->fd, NULL, NULL, SOCK_CLOEXEC)) < 0)
        continue;
      setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
      peer = g_new0 (TestPeer, 1);
      peer->server = server;
      peer->fd = fd;
      g_atomic_int_inc (&server->count);
      g_ptr_array_add (server->peers, g_thread_new ("peer", peer_thread, peer));
    }
}

static SSL_CTX *
context_new (const TestServerSetup *setup)
{
  SSL_CTX *context = SSL_CTX_new (TLS_server_method ());

  SSL_CTX_set_security_level (context, 0);                 /* also for certificates that no client may
                                                            * accept */
  SSL_CTX_set_min_proto_version (context, TLS1_VERSION);
  SSL_CTX_set_max_proto_version (context, setup->max_version);
  g_assert_cmpint (SSL_CTX_use_certificate (context, setup->identity->x509), ==, 1);
  g_assert_cmpint (SSL_CTX_use_PrivateKey (context, setup->identity->key), ==, 1);
  return context;
}

static void
bind_anywhere (TestServer *server)
{
  g_autoptr(GSocketAddress) wanted = g_inet_socket_address_new_from_string (server->setup.address,
                                                                            server->setup.port);
  struct sockaddr_storage address;
  socklen_t size = (socklen_t) g_socket_address_get_native_size (wanted);
  int on = 1;

  g_assert_true (g_socket_address_to_native (wanted, &address, sizeof address, NULL));
  server->fd = socket (address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  setsockopt (server->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  g_assert_cmpint (bind (server->fd, (struct sockaddr *) &address, size), ==, 0);
  g_assert_cmpint (listen (server->fd, 64), ==, 0);
  g_assert_cmpint (getsockname (server->fd, (struct sockaddr *) &address, &size), ==, 0);
  server->port = ntohs (address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &address)->sin6_port
                                                      : ((struct sockaddr_in *) &address)->sin_port);
}

TestServer *
test_server_new_with (const TestServerSetup *setup)
{
  TestServer *server = g_new0 (TestServer, 1);

  signal (SIGPIPE, SIG_IGN);                               /* OpenSSL writes to its sockets without
                                                            * MSG_NOSIGNAL */
  server->setup = *setup;
  if (server->setup.address == NULL)
    server->setup.address = "127.0.0.1";
  if (setup->identity != NULL)
    server->context = context_new (setup);
  server->stop_fd = eventfd (0, EFD_CLOEXEC);
  server->peers = g_ptr_array_new ();
  bind_anywhere (server);
  server->thread = g_thread_new ("server", server_thread, server);
  return server;
}

TestServer *
test_server_new (const TestIdentity *identity,
                 TestServerFunc      func,
                 gpointer            data)
{
  TestServerSetup setup = { .identity = identity, .func = func, .data = data };

  return test_server_new_with (&setup);
}

void
test_server_free (TestServer *server)
{
  guint64 one = 1;

  g_assert_cmpint (write (server->stop_fd, &one, sizeof one), ==, sizeof one);
  g_thread_join (server->thread);
  for (guint i = 0; i < server->peers->len; i++)
    g_thread_join (g_ptr_array_index (server->peers, i));
  g_ptr_array_unref (server->peers);
  close (server->fd);
  close (server->stop_fd);
  SSL_CTX_free (server->context);
  g_free (server);
}

guint16
test_server_get_port (TestServer *server)
{
  return server->port;
}

guint
test_server_get_count (TestServer *server)
{
  return (guint) g_atomic_int_get (&server->count);
}

gboolean
test_peer_start_tls (TestPeer *peer)
{
  peer->ssl = SSL_new (peer->server->context);
  SSL_set_fd (peer->ssl, peer->fd);
  if (SSL_accept (peer->ssl) == 1)
    return TRUE;
  ERR_clear_error ();
  SSL_free (peer->ssl);
  peer->ssl = NULL;
  return FALSE;
}

gssize
test_peer_read (TestPeer *peer,
                void     *data,
                gsize     size)
{
  gssize got = peer->ssl != NULL
               ? SSL_read (peer->ssl, data, (int) MIN (size, G_MAXINT)) : read (peer->fd, data, size);

  ERR_clear_error ();
  return got;
}

char *
test_peer_read_line (TestPeer *peer)
{
  GString *line = g_string_new (NULL);
  char byte;

  while (test_peer_read (peer, &byte, 1) == 1)
    {
      if (byte == '\n')
        {
          if (g_str_has_suffix (line->str, "\r"))
            g_string_truncate (line, line->len - 1);
          return g_string_free (line, FALSE);
        }
      g_string_append_c (line, byte);
    }
  return g_string_free (line, TRUE);
}

gboolean
test_peer_write (TestPeer   *peer,
                 const void *data,
                 gsize       size)
{
  const guint8 *rest = data;

  while (size > 0)
    {
      gssize sent = peer->ssl != NULL ? SSL_write (peer->ssl, rest, (int) MIN (size, G_MAXINT))
                                      : send (peer->fd, rest, size, MSG_NOSIGNAL);

      ERR_clear_error ();
      if (sent <= 0)
        return FALSE;
      rest += sent;
      size -= (gsize) sent;
    }
  return TRUE;
}

gboolean
test_peer_say (TestPeer   *peer,
               const char *text)
{
  return test_peer_write (peer, text, strlen (text));
}

gboolean
test_peer_say_plain (TestPeer   *peer,
                     const char *text)
{
  return send (peer->fd, text, strlen (text), MSG_NOSIGNAL) == (gssize) strlen (text);
}

gboolean
test_peer_was_resumed (TestPeer *peer)
{
  return SSL_session_reused (peer->ssl) == 1;
}

const char *
test_peer_get_sni (TestPeer *peer)
{
  return SSL_get_servername (peer->ssl, TLSEXT_NAMETYPE_host_name);
}

char *
test_peer_dup_exporter (TestPeer *peer)
{
  unsigned char material[32];

  g_assert_cmpint (SSL_export_keying_material (peer->ssl, material, sizeof material,
                                               "EXPORTER-Channel-Binding", 24, NULL, 0, 0), ==, 1);
  return g_base64_encode (material, sizeof material);
}

gboolean
test_peer_update_keys (TestPeer *peer)
{
  return SSL_key_update (peer->ssl, SSL_KEY_UPDATE_REQUESTED) == 1;
}

void
test_peer_cut (TestPeer *peer)
{
  if (peer->ssl != NULL)
    SSL_set_quiet_shutdown (peer->ssl, 1);
  close_peer (peer);
}

void
test_peer_reset (TestPeer *peer)
{
  struct linger linger = { 1, 0 };

  if (peer->ssl != NULL)
    SSL_set_quiet_shutdown (peer->ssl, 1);
  end_tls (peer);
  setsockopt (peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  close (peer->fd);
  peer->fd = -1;
}
