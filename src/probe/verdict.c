/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/verdict.h"

#include "base/hostname.h"
#include "imap/error.h"
#include "net/error.h"
#include "net/sasl.h"
#include "pop3/error.h"
#include "smtp/error.h"

#include <string.h>

/* --- which cause --- */

static ProbeCause
judge_net (int code)
{
  switch ((NetError) code)
    {
    case NET_ERROR_NOT_FOUND:           return PROBE_NO_HOST;
    case NET_ERROR_REFUSED:             return PROBE_REFUSED;
    case NET_ERROR_UNREACHABLE:         return PROBE_UNREACHABLE;
    case NET_ERROR_TIMEOUT:             return PROBE_TIMEOUT;
    case NET_ERROR_CLOSED:              return PROBE_CLOSED;
    case NET_ERROR_STOPPED:             return PROBE_CANCELLED;
    case NET_ERROR_TLS_PROTOCOL:        return PROBE_NO_TLS;
    case NET_ERROR_TLS_WRONG_NAME:      return PROBE_CERTIFICATE_NAME;
    case NET_ERROR_TLS_EXPIRED:         return PROBE_CERTIFICATE_EXPIRED;
    case NET_ERROR_TLS_SELF_SIGNED:     return PROBE_CERTIFICATE_SELF_SIGNED;
    case NET_ERROR_TLS_UNKNOWN_ISSUER:  return PROBE_CERTIFICATE_ISSUER;
    case NET_ERROR_TLS_BAD_CERTIFICATE: return PROBE_CERTIFICATE_BAD;
    case NET_ERROR_INJECTION:           return PROBE_TAMPERED;
    case NET_ERROR_PROXY:               return PROBE_UNREACHABLE;
    }
  return PROBE_FAILED;
}

static ProbeCause
judge_imap (const GError *error)
{
  switch ((ImapError) error->code)
    {
    case IMAP_ERROR_AUTH_REJECTED: return PROBE_WRONG_PASSWORD;
    case IMAP_ERROR_NO_TLS:        return PROBE_NO_TLS;
    case IMAP_ERROR_BYE:           return PROBE_CLOSED;
    case IMAP_ERROR_PROTOCOL:
    case IMAP_ERROR_TOO_LONG:      return PROBE_WRONG_PROTOCOL;
    case IMAP_ERROR_UNSUPPORTED:   return PROBE_FAILED;
    case IMAP_ERROR_BAD:           return PROBE_LATER;      /* Exchange throttles so */
    case IMAP_ERROR_NO:            return imap_error_get_code (error) == IMAP_CODE_INUSE
      ? PROBE_IN_USE : PROBE_LATER;
    }
  return PROBE_FAILED;
}

static ProbeCause
judge_pop3 (int code)
{
  switch ((Pop3Error) code)
    {
    case POP3_ERROR_AUTH_REJECTED:
    case POP3_ERROR_AUTH_UNCLEAR:  return PROBE_WRONG_PASSWORD;
    case POP3_ERROR_IN_USE:        return PROBE_IN_USE;
    case POP3_ERROR_LOGIN_DELAY:
    case POP3_ERROR_TEMPORARY:     return PROBE_LATER;
    case POP3_ERROR_PERMANENT:     return PROBE_SWITCHED_OFF;
    case POP3_ERROR_NO_TLS:        return PROBE_NO_TLS;
    case POP3_ERROR_PROTOCOL:
    case POP3_ERROR_TOO_LONG:      return PROBE_WRONG_PROTOCOL;
    case POP3_ERROR_REFUSED:
    case POP3_ERROR_QUIT_UNKNOWN:  return PROBE_FAILED;
    }
  return PROBE_FAILED;
}

static ProbeCause
judge_smtp (int code)
{
  switch ((SmtpError) code)
    {
    case SMTP_ERROR_AUTH_REJECTED: return PROBE_WRONG_PASSWORD;
    case SMTP_ERROR_NO_TLS:        return PROBE_NO_TLS;
    case SMTP_ERROR_TEMPORARY:     return PROBE_LATER;
    case SMTP_ERROR_PROTOCOL:      return PROBE_WRONG_PROTOCOL;
    case SMTP_ERROR_PERMANENT:
    case SMTP_ERROR_TOO_BIG:
    case SMTP_ERROR_RECIPIENTS_REFUSED:
    case SMTP_ERROR_BAD_ADDRESS:
    case SMTP_ERROR_NEEDS_SMTPUTF8:
    case SMTP_ERROR_NEEDS_ENCODING:
    case SMTP_ERROR_UNKNOWN:       return PROBE_FAILED;
    }
  return PROBE_FAILED;
}

/* What large providers say instead of "wrong password", without a code for it. */
static ProbeCause
refine_by_words (ProbeCause  cause,
                 const char *words)
{
  static const struct { const char *said; ProbeCause meant; } known[] = {
    { "application-specific password", PROBE_APP_PASSWORD },       /* Gmail */
    { "app password", PROBE_APP_PASSWORD },                        /* Yahoo, Fastmail */
    { "app-specific password", PROBE_APP_PASSWORD },               /* iCloud */
    { "authorization code", PROBE_APP_PASSWORD },                  /* QQ, 163 */
    { "basic authentication is disabled", PROBE_NO_PASSWORDS },    /* Outlook.com */
    { "not enabled for imap", PROBE_SWITCHED_OFF },                /* Gmail Workspace */
    { "imap access is disabled", PROBE_SWITCHED_OFF },
    { "not enabled for pop", PROBE_SWITCHED_OFF },
  };
  g_autofree char *lower = words != NULL ? g_ascii_strdown (words, -1) : NULL;

  if (lower == NULL || (cause != PROBE_WRONG_PASSWORD && cause != PROBE_LATER))
    return cause;
  for (gsize i = 0; i < G_N_ELEMENTS (known); i++)
    if (strstr (lower, known[i].said) != NULL)
      return known[i].meant;
  return cause;
}

static ProbeCause
judge (const GError *error)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return PROBE_CANCELLED;
  if (error->domain == NET_ERROR)
    return judge_net (error->code);
  if (error->domain == SASL_ERROR)
    return error->code == SASL_ERROR_NO_MECHANISM ? PROBE_NO_MECHANISM : PROBE_TAMPERED;
  if (error->domain == IMAP_ERROR)
    return judge_imap (error);
  if (error->domain == POP3_ERROR)
    return judge_pop3 (error->code);
  if (error->domain == SMTP_ERROR)
    return judge_smtp (error->code);
  return PROBE_FAILED;
}

static const char *
peek_words (const GError *error)
{
  if (error->domain == IMAP_ERROR)
    return imap_error_peek_text (error);
  if (error->domain == POP3_ERROR)
    return pop3_error_peek_text (error);
  if (error->domain == SMTP_ERROR)
    return smtp_error_peek_text (error);
  return NULL;
}

/* --- where it stands and how it reads --- */

/* sentence: %1$s the host, %2$s the protocol, %3$u the port; NULL: the error's own. */
static const struct {
  const char *name;
  ProbeField  field;
  const char *sentence;
} causes[PROBE_N_CAUSES] = {
  [PROBE_WORKS] = { "works", PROBE_FIELD_NONE, "%1$s accepted the sign-in." },
  [PROBE_NEEDS_CONSENT] = { "needs-consent", PROBE_FIELD_SECURITY,
    "Without encryption anybody on the way to %1$s can read the password. It was not sent." },
  [PROBE_WRONG_PASSWORD] = { "wrong-password", PROBE_FIELD_PASSWORD,
    "The password was not accepted by %1$s. The user name may be wrong, too." },
  [PROBE_APP_PASSWORD] = { "app-password", PROBE_FIELD_PASSWORD,
    "%1$s needs a separate app password for mail programs. It is made on the provider’s website." },
  [PROBE_NO_PASSWORDS] = { "no-passwords", PROBE_FIELD_PASSWORD,
    "%1$s takes no passwords from mail programs, only a sign-in in the browser, which this version cannot do." },
  [PROBE_NO_HOST] = { "no-host", PROBE_FIELD_HOST, "There is no server named %1$s." },
  [PROBE_REFUSED] = { "refused", PROBE_FIELD_PORT, "Nothing answers at %1$s on port %3$u." },
  [PROBE_UNREACHABLE] = { "unreachable", PROBE_FIELD_HOST, "%1$s cannot be reached from this network." },
  [PROBE_TIMEOUT] = { "timeout", PROBE_FIELD_PORT, "%1$s did not answer in time on port %3$u." },
  [PROBE_CLOSED] = { "closed", PROBE_FIELD_HOST, "%1$s closed the connection." },
  [PROBE_NO_TLS] = { "no-tls", PROBE_FIELD_SECURITY,
    "%1$s does not encrypt port %3$u in this way, so the password was not sent." },
  [PROBE_TAMPERED] = { "tampered", PROBE_FIELD_SECURITY,
    "Somebody may be tampering with the connection to %1$s. It was closed." },
  [PROBE_CERTIFICATE_NAME] = { "certificate-name", PROBE_FIELD_CERTIFICATE,
    "The certificate of %1$s was made for another name, so the password was not sent." },
  [PROBE_CERTIFICATE_EXPIRED] = { "certificate-expired", PROBE_FIELD_CERTIFICATE,
    "The certificate of %1$s has expired or is not valid yet, so the password was not sent." },
  [PROBE_CERTIFICATE_SELF_SIGNED] = { "certificate-self-signed", PROBE_FIELD_CERTIFICATE,
    "The certificate of %1$s is self-signed: nobody else vouches for it, so the password was not sent." },
  [PROBE_CERTIFICATE_ISSUER] = { "certificate-issuer", PROBE_FIELD_CERTIFICATE,
    "The certificate of %1$s comes from an unknown issuer, so the password was not sent." },
  [PROBE_CERTIFICATE_BAD] = { "certificate-bad", PROBE_FIELD_CERTIFICATE,
    "The certificate of %1$s is not acceptable, so the password was not sent." },
  [PROBE_WRONG_PROTOCOL] = { "wrong-protocol", PROBE_FIELD_PORT,
                             "What answers at %1$s on port %3$u is not %2$s." },
  [PROBE_SWITCHED_OFF] = { "switched-off", PROBE_FIELD_NONE,
                           "%2$s is switched off for this mailbox at %1$s." },
  [PROBE_IN_USE] = { "in-use", PROBE_FIELD_NONE, "The mailbox is in use by another program." },
  [PROBE_LATER] = { "later", PROBE_FIELD_NONE,
    "%1$s cannot sign in anybody at the moment. It may work in a few minutes." },
  [PROBE_NO_MECHANISM] = { "no-mechanism", PROBE_FIELD_SECURITY,
    "%1$s offers no safe way to sign in with a password on port %3$u, so it was not sent." },
  [PROBE_FAILED] = { "failed", PROBE_FIELD_NONE, NULL },
  [PROBE_CANCELLED] = { "cancelled", PROBE_FIELD_NONE, "Stopped." },
};

static const char *
get_protocol_name (DiscoverProtocol protocol)
{
  switch (protocol)
    {
    case DISCOVER_IMAP: return "IMAP";
    case DISCOVER_POP3: return "POP";
    case DISCOVER_SMTP: return "a server for sending";
    }
  g_assert_not_reached ();
}

/* The three places of a sentence, in any order and number; NULL for none. */
static char *
fill_in (const char       *sentence,
         const ProbeServer *login)
{
  g_autoptr(GString) text = g_string_new (sentence);
  g_autofree char *host = base_hostname_dup_shown (login->host);
  g_autofree char *port = g_strdup_printf ("%u", login->port);

  if (sentence == NULL)
    return NULL;
  g_string_replace (text, "%1$s", host, 0);
  g_string_replace (text, "%2$s", get_protocol_name (login->protocol), 0);
  g_string_replace (text, "%3$u", port, 0);
  return g_strdup (text->str);
}

ProbeVerdict *
probe_verdict_new_for (const ProbeServer *login,
                       ProbeCause        cause)
{
  ProbeVerdict *verdict = g_new0 (ProbeVerdict, 1);

  verdict->cause = cause;
  verdict->field = causes[cause].field;
  verdict->text = fill_in (causes[cause].sentence, login);
  return verdict;
}

ProbeVerdict *
probe_verdict_new (const ProbeServer *login,
                   const GError     *error)
{
  const char *words = error != NULL ? peek_words (error) : NULL;
  ProbeVerdict *verdict = probe_verdict_new_for (login,
                                                 error != NULL
                                                 ? refine_by_words (judge (error), words) : PROBE_WORKS);

  verdict->words = g_strdup (words);
  if (verdict->text == NULL)
    verdict->text = g_strdup (error->message);
  return verdict;
}

void
probe_verdict_free (ProbeVerdict *verdict)
{
  g_clear_pointer (&verdict->certificate, net_certificate_free);
  g_free (verdict->text);
  g_free (verdict->words);
  g_free (verdict->log);
  g_free (verdict);
}

const char *
probe_cause_to_string (ProbeCause cause)
{
  return causes[cause].name;
}

const char *
probe_field_to_string (ProbeField field)
{
  static const char * const names[PROBE_N_FIELDS] = {
    "", "host", "port", "security", "user", "password", "certificate",
  };

  return names[field];
}
