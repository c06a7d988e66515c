/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/tls-stream.h - TLS as a GIOStream over another GIOStream.
 *
 * Both halves are pollable, so that everything of GIO works on it and on any main loop: read_async(),
 * write_all_async(), converters, and blocking calls.  The handshake happens with the first read or write, or
 * in steps of net_tls_stream_shake_hands().  It knows nothing of lanes.
 *
 * Threads: any; one reads while another writes.  Errors: as net/tls-core.h.
 */
#pragma once

#include "net/error.h"
#include "net/meter.h"
#include "net/trust.h"

#define NET_TYPE_TLS_STREAM (net_tls_stream_get_type ())
G_DECLARE_FINAL_TYPE (NetTlsStream, net_tls_stream, NET, TLS_STREAM, GIOStream)

/* The halves of base must be pollable; it is closed with the stream. */
GIOStream      *net_tls_stream_new           (GIOStream   *base,
                                              NetTrust    *trust,
                                              const char  *host,
                                              guint16      port,
                                              GError     **error) G_GNUC_WARN_UNUSED_RESULT;
/* G_IO_ERROR_WOULD_BLOCK: again when a source of the input half was dispatched. */
gboolean        net_tls_stream_shake_hands   (NetTlsStream  *stream,
                                              GError       **error);

gboolean        net_tls_stream_was_resumed   (NetTlsStream *stream);
NetTraffic      net_tls_stream_get_traffic   (NetTlsStream *stream);
/* The certificate that a failed handshake refused, or NULL if it failed otherwise; yours. */
NetCertificate *net_tls_stream_steal_certificate (NetTlsStream *stream) G_GNUC_WARN_UNUSED_RESULT;
/* As net_wire_dup_exporter(). */
char           *net_tls_stream_dup_exporter  (NetTlsStream *stream) G_GNUC_WARN_UNUSED_RESULT;
