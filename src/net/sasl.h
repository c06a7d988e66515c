/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/sasl.h - signing in by SASL (RFC 4422): picks a mechanism and answers challenges.
 *
 * PLAIN, LOGIN, CRAM-MD5, SCRAM-SHA-1 and SCRAM-SHA-256 by libgsasl; XOAUTH2 and OAUTHBEARER (RFC 7628),
 * which it lacks, here.  It knows nothing of the protocol that carries the base64 lines.
 *
 * Threads: one at a time.  Limits: challenges of 16 KiB; SCRAM counts from 4096 to 10 million.  Errors:
 * SASL_ERROR.
 */
#pragma once

#include "base/secret.h"

#include <gio/gio.h>

#define SASL_ERROR (sasl_error_quark ())
GQuark sasl_error_quark (void);

typedef enum {
  SASL_ERROR_NO_MECHANISM,     /* nothing in common, or only what would show the secret in clear or cannot
                                * carry it */
  SASL_ERROR_BAD_CHALLENGE,    /* the server's challenge breaks the mechanism's rules, e.g. a wrong server
                                * signature */
} SaslError;

typedef struct {
  const char *service;           /* "imap", "pop", "smtp" */
  const char *host;
  guint16     port;              /* 0 = not told to the server */
  const char *user;
  BaseSecret *password;          /* or NULL */
  BaseSecret *oauth_token;       /* or NULL; when set only XOAUTH2 and OAUTHBEARER are tried */
  gboolean    is_line_encrypted;
  gboolean    may_send_clear;    /* the user chose an unencrypted password in so many words */
} NetSaslLogin;

typedef struct _NetSasl NetSasl;

/* offered: mechanism names as the server lists them, NULL-terminated.  The strongest one that works is
 * chosen; on a line that is not encrypted never PLAIN, LOGIN or a token unless may_send_clear. */
NetSasl    *net_sasl_new           (const NetSaslLogin  *login,
                                    const char * const  *offered,
                                    GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void        net_sasl_free          (NetSasl *sasl);
const char *net_sasl_get_mechanism (NetSasl *sasl);
gboolean    net_sasl_sends_first   (NetSasl *sasl);      /* an initial response exists */

/* challenge: decoded base64, NULL for the initial response.  The answer is base64 text without line end; it
 * may be empty. */
gboolean    net_sasl_step          (NetSasl      *sasl,
                                    GBytes       *challenge,
                                    BaseSecret  **answer,
                                    GError      **error);
/* After the server said yes: FALSE when the mechanism still owed a proof from the server, and the yes is
 * worth nothing. */
gboolean    net_sasl_is_complete   (NetSasl *sasl);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (NetSasl, net_sasl_free)
