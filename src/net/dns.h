/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/dns.h - what a domain says of its mail servers: SRV (RFC 6186, RFC 8314) and MX records, by GResolver.
 *
 * Blocking, for a lane or a job's thread.  The answers are not authenticated: who uses them asks the user or
 * checks them against a certificate.
 *
 * Threads: any.  Errors: NET_ERROR (NOT_FOUND: no such record), G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "net/pause.h"

typedef struct {
  char    *host;         /* without a dot at the end; empty: "this service is not offered" (SRV) or "no mail"
                          * (MX) */
  guint16  port;         /* 0 for MX */
  guint16  priority;     /* the smallest first */
  guint16  weight;
} NetDnsServer;

/* service: "imaps", "submission", ...; always over TCP.  NetDnsServers in the order to try them, equal ones
 * by weight. */
GPtrArray *net_dns_lookup_service (const char        *service,
                                   const char        *domain,
                                   const NetSignals  *signals,
                                   gint64             deadline,
                                   GError           **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *net_dns_lookup_mx      (const char        *domain,
                                   const NetSignals  *signals,
                                   gint64             deadline,
                                   GError           **error) G_GNUC_WARN_UNUSED_RESULT;
