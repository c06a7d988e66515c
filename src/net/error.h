/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/error.h - why a connection failed, one code per cause that a caller treats differently.
 *
 * Cancelling is always G_IO_ERROR_CANCELLED and never translated.
 */
#pragma once

#include <gio/gio.h>

#define NET_ERROR (net_error_quark ())
GQuark net_error_quark (void);

typedef enum {
  NET_ERROR_NOT_FOUND,            /* the name has no address */
  NET_ERROR_REFUSED,              /* nothing listens on that port */
  NET_ERROR_UNREACHABLE,          /* no route, network down */
  NET_ERROR_TIMEOUT,              /* no answer within the deadline */
  NET_ERROR_CLOSED,               /* the peer closed or reset the connection; also truncation without
                                   * close_notify */
  NET_ERROR_STOPPED,              /* "let go now": the lane was told to stop; the connection is closed */
  NET_ERROR_TLS_PROTOCOL,         /* not TLS, no common version or cipher, broken record */
  NET_ERROR_TLS_WRONG_NAME,       /* a valid certificate for another host */
  NET_ERROR_TLS_EXPIRED,          /* or not yet valid */
  NET_ERROR_TLS_SELF_SIGNED,
  NET_ERROR_TLS_UNKNOWN_ISSUER,   /* the chain ends at a certificate that is not in the trust store */
  NET_ERROR_TLS_BAD_CERTIFICATE,  /* anything else wrong with it: weak key, revoked, wrong purpose */
  NET_ERROR_INJECTION,            /* plaintext after the answer to STARTTLS: RFC 3207 section 6, "NO STARTTLS"
                                   * B_1 to B_3 */
  NET_ERROR_PROXY,
} NetError;

/* Within net/: an error whose text is the code's sentence fragment, with detail (or NULL) in parentheses. */
GError *net_error_new       (NetError    code,
                             const char *detail) G_GNUC_WARN_UNUSED_RESULT;
/* Within net/: takes an error of GIO and returns it as NET_ERROR where that has a code for it. */
GError *net_error_translate (GError *error) G_GNUC_WARN_UNUSED_RESULT;
