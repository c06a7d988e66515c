/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/wire.h - one connection to one server, as a lane sees it: bytes in, bytes out, and the one place that
 * waits.
 *
 * A wire connects through GIO (address racing, proxies), may switch to TLS at once or later (STARTTLS), and
 * reads and writes on its own private GMainContext.  It knows nothing of the protocol spoken on it.
 *
 *   g_autoptr(NetWire) wire = net_wire_new (&where);
 *   if (!net_wire_connect (wire, &signals, deadline, error)) ...
 *   net_wire_queue (wire, bytes, size);
 *   switch (net_wire_wait (wire, &signals, deadline, error)) ...
 *   slice = net_wire_peek_input (wire); ...; net_wire_consume (wire, n);
 *
 * Threads: the thread that made it; asserted.  Deadlines are base_clock_steady_us() values, 0 = none.
 * Limits: 256 KiB of input that nobody consumed; while it is full nothing is read.
 * Errors: NET_ERROR; G_IO_ERROR_CANCELLED; G_IO_ERROR_NO_SPACE when the caller waits for more than the input
 * buffer holds.  After any error the wire is poisoned and the connection closed: every further call gives the
 * same error; input that came before it can still be taken.
 * The time-out of connecting, shaking hands and flushing is NET_ERROR_TIMEOUT; that of waiting is no error.
 */
#pragma once

#include "base/bytes.h"
#include "net/error.h"
#include "net/meter.h"
#include "net/pause.h"
#include "net/trust.h"

typedef struct _NetWire NetWire;

typedef enum {
  NET_SECURITY_TLS,        /* TLS from the first byte */
  NET_SECURITY_STARTTLS,   /* plain until net_wire_start_tls(); the session must not sign in before */
  NET_SECURITY_NONE,       /* the user chose an unencrypted connection in so many words */
} NetSecurity;

typedef struct {
  const char  *host;       /* a name, or an IP literal without brackets */
  guint16      port;
  NetSecurity  security;
  NetTrust    *trust;      /* which certificates are believed; shared, the wire takes a reference; NULL with
                            * NONE */
} NetWhere;

typedef enum {
  NET_WAIT_FAILED,     /* error is set */
  NET_WAIT_INPUT,      /* new bytes can be peeked */
  NET_WAIT_WOKEN,      /* wake_fd is readable */
  NET_WAIT_EXPIRED,    /* the deadline passed; the wire is still good */
} NetWait;

NetWire    *net_wire_new           (const NetWhere *where) G_GNUC_WARN_UNUSED_RESULT;
void        net_wire_free          (NetWire *wire);

/* Connects, and with NET_SECURITY_TLS shakes hands and verifies the certificate before it returns. */
gboolean    net_wire_connect       (NetWire           *wire,
                                    const NetSignals  *signals,
                                    gint64             deadline,
                                    GError           **error);
/* Switches to TLS.  Bytes that already came are an error (NET_ERROR_INJECTION), whole line or half. */
gboolean    net_wire_start_tls     (NetWire           *wire,
                                    const NetSignals  *signals,
                                    gint64             deadline,
                                    GError           **error);
gboolean    net_wire_is_encrypted  (NetWire *wire);

/* Only queues; the bytes leave during net_wire_wait() or net_wire_flush(). */
void        net_wire_queue         (NetWire    *wire,
                                    const void *data,
                                    gsize       size);
gsize       net_wire_get_queued    (NetWire *wire);
/* Waits until everything queued was handed to the kernel; input that comes meanwhile is new to the next
 * wait. */
gboolean    net_wire_flush         (NetWire           *wire,
                                    const NetSignals  *signals,
                                    gint64             deadline,
                                    GError           **error);
/* Sends what is queued and waits for new input.  A raised wake_fd is told before input, so that a chatty
 * server does not hold up work: who passes it drains it. */
NetWait     net_wire_wait          (NetWire           *wire,
                                    const NetSignals  *signals,
                                    gint64             deadline,
                                    GError           **error);

/* All input not yet consumed; valid until the next call on the wire.  The buffer holds at most 256 KiB. */
BaseSlice   net_wire_peek_input    (NetWire *wire);
void        net_wire_consume       (NetWire *wire,
                                    gsize    size);

NetTraffic  net_wire_get_traffic   (NetWire *wire);
/* The certificate that a failed handshake refused, for the details view and for pinning; NULL when it failed
 * otherwise.  Valid until the wire is freed. */
const NetCertificate *net_wire_get_certificate (NetWire *wire);
/* 32 bytes of keying material for SASL channel binding "tls-exporter" (RFC 9266), base64; NULL on a plain
 * wire. */
char       *net_wire_dup_exporter  (NetWire *wire) G_GNUC_WARN_UNUSED_RESULT;

/* Tests: a wire over one end of a socketpair or any GIOStream with pollable halves (takes a reference),
 * counted as encrypted or not.  net_wire_connect() on it does nothing; net_wire_start_tls() refuses injected
 * bytes and then only counts as encrypted. */
NetWire    *net_wire_new_for_stream (GIOStream *stream,
                                     gboolean   counts_as_encrypted) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetWire, net_wire_free)
