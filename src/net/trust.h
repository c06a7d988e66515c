/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/trust.h - which certificates are believed: the system store, extra CA files, and exceptions pinned by
 * the user.
 *
 * One per process or per account; also keeps TLS sessions for resumption, per account so that nothing links
 * two of them.  An exception is one certificate (SHA-256 of its DER) for one host and port; a changed
 * certificate asks again.
 *
 * Threads: any; it locks itself (it is the only object that lanes share).
 */
#pragma once

#include <gio/gio.h>

typedef struct _NetTrust NetTrust;

/* ca_file: PEM file believed besides the system store, or NULL. */
NetTrust *net_trust_new            (const char  *ca_file,
                                    GError     **error) G_GNUC_WARN_UNUSED_RESULT;
NetTrust *net_trust_ref            (NetTrust *trust);
void      net_trust_unref          (NetTrust *trust);
/* fingerprint: lower-case hex SHA-256 of the certificate's DER form. */
void      net_trust_pin            (NetTrust   *trust,
                                    const char *host,
                                    guint16     port,
                                    const char *fingerprint);

/* Within net/: the file given to net_trust_new(), or NULL. */
const char *net_trust_get_ca_file  (NetTrust *trust);

/* What a failed TLS handshake saw, for the details view: net_wire_get_certificate().  Strings are escaped and
 * cut. */
typedef struct {
  char *subject;
  char *issuer;
  char *names;             /* comma-separated SAN entries */
  char *fingerprint;
  gint64 not_before;
  gint64 not_after;
} NetCertificate;

NetCertificate *
          net_certificate_copy     (const NetCertificate *certificate) G_GNUC_WARN_UNUSED_RESULT;
void      net_certificate_free     (NetCertificate *certificate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetTrust, net_trust_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetCertificate, net_certificate_free)
