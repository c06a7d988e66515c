/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/trust-tls.h - what the TLS stream needs of NetTrust and NetCertificate, in OpenSSL's words.  Within
 * net/ only. */
#pragma once

#include "net/trust.h"

#include <openssl/ssl.h>

/* The name as certificates, SNI and pins have it: ASCII, lower case, no dot at the end; an IP literal without
 * its zone.  NULL when host can be neither: nothing could be verified against it. */
char           *net_trust_dup_host      (const char *host) G_GNUC_WARN_UNUSED_RESULT;

/* A connection to host (in the form above), not yet begun, with a session to resume if there is one; yours.
 * The sessions that the server gives on it are kept. */
SSL            *net_trust_new_ssl       (NetTrust   *trust,
                                         const char *host,
                                         guint16     port) G_GNUC_WARN_UNUSED_RESULT;
gboolean        net_trust_has_pin       (NetTrust   *trust,
                                         const char *host,
                                         guint16     port,
                                         const X509 *certificate);

NetCertificate *net_certificate_new     (const X509 *x509) G_GNUC_WARN_UNUSED_RESULT;
char           *net_certificate_dup_fingerprint (const X509 *x509) G_GNUC_WARN_UNUSED_RESULT;
