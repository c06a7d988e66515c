/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/tls-core.h - one TLS client connection by OpenSSL over a base GIOStream, in steps that never wait.
 *
 * Verifies the certificate against the host before any byte of the application passes.  A step that cannot go
 * on says G_IO_ERROR_WOULD_BLOCK; net_tls_core_get_watch() says for what: reading may have to write, and the
 * other way round.  It knows nothing of main loops beyond the sources it kicks.
 *
 * Threads: any; one lock around OpenSSL, never held while waiting.  One reader and one writer at once.
 * Errors: NET_ERROR, by cause; they last.  The end of the stream without close_notify is NET_ERROR_CLOSED,
 * never 0 bytes.  A write that would block must be repeated with the same bytes, or the connection is lost:
 * what was begun is already encrypted.
 */
#pragma once

#include "net/error.h"
#include "net/meter.h"
#include "net/trust.h"

typedef struct _NetTlsCore NetTlsCore;

typedef enum {
  NET_TLS_READING,
  NET_TLS_WRITING,
} NetTlsHalf;

typedef enum {
  NET_TLS_WATCH_NOTHING,     /* it can go on now */
  NET_TLS_WATCH_INPUT,       /* of the base stream */
  NET_TLS_WATCH_OUTPUT,
} NetTlsWatch;

/* The halves of base must be pollable.  Shakes hands with the first step of any kind. */
NetTlsCore     *net_tls_core_new             (GIOStream   *base,
                                              NetTrust    *trust,
                                              const char  *host,
                                              guint16      port,
                                              GError     **error) G_GNUC_WARN_UNUSED_RESULT;
NetTlsCore     *net_tls_core_ref             (NetTlsCore *core);
void            net_tls_core_unref           (NetTlsCore *core);

gboolean        net_tls_core_shake_hands     (NetTlsCore  *core,
                                              GError     **error);
gssize          net_tls_core_read            (NetTlsCore  *core,
                                              void        *data,
                                              gsize        size,
                                              GError     **error);
gssize          net_tls_core_write           (NetTlsCore  *core,
                                              const void  *data,
                                              gsize        size,
                                              GError     **error);
/* Sends close_notify if that can be done at once. */
void            net_tls_core_say_goodbye     (NetTlsCore *core);

NetTlsWatch     net_tls_core_get_watch       (NetTlsCore *core,
                                              NetTlsHalf  half);
/* A source that is dispatched when the other half has used up what this half was waiting for; yours, until
 * the end. */
GSource        *net_tls_core_new_kick        (NetTlsCore *core,
                                              NetTlsHalf  half) G_GNUC_WARN_UNUSED_RESULT;
void            net_tls_core_end_kick        (NetTlsCore *core,
                                              NetTlsHalf  half,
                                              GSource    *source);

gboolean        net_tls_core_was_resumed     (NetTlsCore *core);
NetTraffic      net_tls_core_get_traffic     (NetTlsCore *core);
/* What a handshake refused, or NULL; yours. */
NetCertificate *net_tls_core_steal_certificate (NetTlsCore *core) G_GNUC_WARN_UNUSED_RESULT;
char           *net_tls_core_dup_exporter    (NetTlsCore *core) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetTlsCore, net_tls_core_unref)
