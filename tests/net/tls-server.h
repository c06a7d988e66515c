/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/net/tls-server.h - a server on loopback that runs a test's function for each connection, in a thread
 * of its own.
 *
 * The function speaks in blocking calls, plain until test_peer_start_tls().  When it returns, the connection
 * is closed, with close_notify where TLS is on.  A peer that hears nothing for 20 s gives up.
 */
#pragma once

#include "tests/net/certs.h"

typedef struct _TestServer TestServer;
typedef struct _TestPeer TestPeer;

typedef void (*TestServerFunc) (TestPeer *peer,
                                gpointer  data);

/* identity may be NULL where no TLS is spoken; it and data outlive the server. */
TestServer *test_server_new         (const TestIdentity *identity,
                                     TestServerFunc      func,
                                     gpointer            data);
/* As above, with what differs from the usual. */
typedef struct {
  const TestIdentity *identity;
  TestServerFunc      func;
  gpointer            data;
  const char         *address;         /* NULL = "127.0.0.1" */
  guint16             port;            /* 0 = any free one */
  int                 max_version;     /* e.g. TLS1_1_VERSION; 0 = any */
} TestServerSetup;

TestServer *test_server_new_with    (const TestServerSetup *setup);
/* Waits for the connections to end. */
void        test_server_free        (TestServer *server);
guint16     test_server_get_port    (TestServer *server);
guint       test_server_get_count   (TestServer *server);      /* connections so far */

gboolean    test_peer_start_tls     (TestPeer *peer);           /* FALSE when the client gave up */
/* The line without its end, or NULL at the end of the stream. */
char       *test_peer_read_line     (TestPeer *peer);
gssize      test_peer_read          (TestPeer *peer,
                                     void     *data,
                                     gsize     size);
gboolean    test_peer_write         (TestPeer   *peer,
                                     const void *data,
                                     gsize       size);
gboolean    test_peer_say           (TestPeer   *peer,
                                     const char *text);
/* Writes below TLS, as a man in the middle would. */
gboolean    test_peer_say_plain     (TestPeer   *peer,
                                     const char *text);
gboolean    test_peer_was_resumed   (TestPeer *peer);
const char *test_peer_get_sni       (TestPeer *peer);
char       *test_peer_dup_exporter  (TestPeer *peer);
gboolean    test_peer_update_keys   (TestPeer *peer);           /* TLS 1.3: the client must answer with its
                                                                 * own update */
void        test_peer_cut           (TestPeer *peer);           /* closes without close_notify */
void        test_peer_reset         (TestPeer *peer);           /* sends RST */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestServer, test_server_free)
