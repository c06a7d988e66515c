/* SPDX-License-Identifier: GPL-3.0-or-later */
/* peer/peer.h - a scripted server on one end of a socketpair, in a thread of its own.
 *
 * It plays a script line by line, compares the exact bytes of the client, and reports the first difference.
 * It knows nothing of any protocol.
 *
 *   S: text        the server sends the line with CRLF; S lines in a row leave in one segment
 *   S-raw: text    the same without CRLF
 *   C: text        the client must send exactly this line with CRLF; several in a row before the answer comes
 *   C-raw: text    the same without CRLF
 *   C-any:         one line of the client, whatever it says
 *   flush          waits until the client has read everything sent so far: what follows is another segment
 *   drip           from here on every byte of the server is a segment of its own
 *   cut            closes the connection
 *   stall          says nothing more; the script goes on only for what the client sends
 *   # text         a comment; so is an empty line
 *
 * Text may hold \r \n \t \0 \\ \" and \xHH.  Blanks before a keyword are skipped, and one blank after it.
 * At the end of the script the client must close without sending another byte.
 *
 *   Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
 *   ... use peer_take_client (peer) and drop it ...
 *   peer_assert_done (peer);
 *
 * Threads: the test's; the peer's own thread touches nothing but its end.
 * Limits: a client that says nothing for 30 s where the script expects something is a difference.
 */
#pragma once

#include <gio/gio.h>

typedef struct _Peer Peer;

/* What goes wrong after so many bytes of the server. */
typedef enum {
  PEER_AS_WRITTEN,
  PEER_SPLIT,        /* a segment ends there */
  PEER_CLOSE,        /* the connection is closed there */
  PEER_STALL,        /* nothing more comes, the connection stays open */
} PeerFault;

Peer      *peer_start              (const char *script,
                                    PeerFault   fault,
                                    gsize       at) G_GNUC_WARN_UNUSED_RESULT;
/* The client's end, once. */
GIOStream *peer_take_client        (Peer *peer) G_GNUC_WARN_UNUSED_RESULT;
/* Returns when the peer has fallen silent, or is done; from any thread. */
void       peer_wait_for_stall     (Peer *peer);
/* Waits for the peer's thread and frees the peer.  The first difference in words, or NULL. */
char      *peer_finish             (Peer *peer) G_GNUC_WARN_UNUSED_RESULT;
void       peer_assert_done        (Peer *peer);

gsize      peer_count_server_bytes (const char *script);

/* Takes client. */
typedef void (*PeerFunc) (GIOStream *client,
                          gpointer   user_data);

/* Runs func against the script once for each byte of the server, with the fault there.  With PEER_SPLIT the
 * client must say all of the script; with PEER_CLOSE and PEER_STALL a beginning of it. */
void       peer_at_every_cut       (const char *script,
                                    PeerFault   fault,
                                    PeerFunc    func,
                                    gpointer    user_data);
