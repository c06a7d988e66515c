/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe/verdict.h - what an attempt to sign in says to the person who typed the settings: a cause, the field
 * it is about, and a sentence.
 *
 * It opens no connection: probe/check.h does.
 *
 * Threads: any.
 */
#pragma once

#include "base/secret.h"
#include "discover/candidate.h"
#include "net/trust.h"

typedef enum {
  PROBE_WORKS,
  PROBE_NEEDS_CONSENT,         /* without encryption, and nobody chose that in so many words: nothing was
                                * tried */
  PROBE_WRONG_PASSWORD,        /* or user name: no server says which */
  PROBE_APP_PASSWORD,          /* the provider wants a separate password for mail programs */
  PROBE_NO_PASSWORDS,          /* the provider takes a sign-in in the browser only */
  PROBE_NO_HOST,
  PROBE_REFUSED,
  PROBE_UNREACHABLE,
  PROBE_TIMEOUT,
  PROBE_CLOSED,
  PROBE_NO_TLS,                /* encryption could not begin: another port, or another kind of it */
  PROBE_TAMPERED,              /* somebody on the way put words before the encryption */
  PROBE_CERTIFICATE_NAME,      /* these five: the verdict has the certificate */
  PROBE_CERTIFICATE_EXPIRED,
  PROBE_CERTIFICATE_SELF_SIGNED,
  PROBE_CERTIFICATE_ISSUER,
  PROBE_CERTIFICATE_BAD,
  PROBE_WRONG_PROTOCOL,
  PROBE_SWITCHED_OFF,          /* the provider's settings page can change that */
  PROBE_IN_USE,
  PROBE_LATER,
  PROBE_NO_MECHANISM,
  PROBE_FAILED,
  PROBE_CANCELLED,
} ProbeCause;
#define PROBE_N_CAUSES (PROBE_CANCELLED + 1)

typedef enum {
  PROBE_FIELD_NONE,
  PROBE_FIELD_HOST,
  PROBE_FIELD_PORT,
  PROBE_FIELD_SECURITY,
  PROBE_FIELD_USER,
  PROBE_FIELD_PASSWORD,
  PROBE_FIELD_CERTIFICATE,
} ProbeField;
#define PROBE_N_FIELDS (PROBE_FIELD_CERTIFICATE + 1)

typedef struct {
  DiscoverProtocol  protocol;
  const char       *host;
  guint16           port;
  DiscoverSecurity  security;
  const char       *user;           /* NULL or "": SMTP without sign-in */
  BaseSecret       *password;       /* or NULL */
  gboolean          may_send_clear; /* the person chose an unencrypted password in so many words */
} ProbeServer;

typedef struct {
  ProbeCause      cause;
  ProbeField      field;
  char           *text;             /* whole sentences for people */
  char           *words;            /* the server's own, made harmless; or NULL */
  char           *log;              /* the conversation without secrets, for a report; or NULL */
  NetCertificate *certificate;      /* what a failed handshake refused; or NULL */
} ProbeVerdict;

/* error NULL: it works. */
ProbeVerdict *probe_verdict_new      (const ProbeServer *login,
                                      const GError     *error) G_GNUC_WARN_UNUSED_RESULT;
/* For a cause that no server was asked about. */
ProbeVerdict *probe_verdict_new_for  (const ProbeServer *login,
                                      ProbeCause        cause) G_GNUC_WARN_UNUSED_RESULT;
void          probe_verdict_free     (ProbeVerdict     *verdict);

/* As the socket spells them: "wrong-password", "host". */
const char   *probe_cause_to_string  (ProbeCause        cause);
const char   *probe_field_to_string  (ProbeField        field);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ProbeVerdict, probe_verdict_free)
