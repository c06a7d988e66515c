/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/judge.h"

#include "account/secrets.h"
#include "imap/error.h"
#include "net/error.h"
#include "net/sasl.h"
#include "pop3/error.h"
#include "smtp/error.h"

#define RECONNECTS 1           /* so often in a row a lost connection is taken up at once */

static WorkerVerdict
judge_lost_connection (guint failures)
{
  return failures < RECONNECTS ? WORKER_VERDICT_RECONNECT : WORKER_VERDICT_WAIT;
}

static WorkerVerdict
judge_net (NetError code,
           guint    failures)
{
  switch (code)
    {
    case NET_ERROR_NOT_FOUND:           /* also when the resolver is not reached */
    case NET_ERROR_REFUSED:
    case NET_ERROR_UNREACHABLE:
    case NET_ERROR_TIMEOUT:
    case NET_ERROR_PROXY:
      return WORKER_VERDICT_WAIT;
    case NET_ERROR_CLOSED:
      return judge_lost_connection (failures);
    case NET_ERROR_STOPPED:
      return WORKER_VERDICT_NOTHING;
    /* A captive portal shows another certificate, or plain HTTP, for an hour. */
    case NET_ERROR_TLS_PROTOCOL:
    case NET_ERROR_TLS_WRONG_NAME:
    case NET_ERROR_TLS_EXPIRED:
    case NET_ERROR_TLS_SELF_SIGNED:
    case NET_ERROR_TLS_UNKNOWN_ISSUER:
    case NET_ERROR_TLS_BAD_CERTIFICATE:
    case NET_ERROR_INJECTION:
      return WORKER_VERDICT_TELL_USER;
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_sasl (SaslError code)
{
  switch (code)
    {
    case SASL_ERROR_NO_MECHANISM:
      return WORKER_VERDICT_STOP_ACCOUNT;
    case SASL_ERROR_BAD_CHALLENGE:
      return WORKER_VERDICT_TELL_USER;
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_imap_refusal (ImapCode code)
{
  switch (code)
    {
    case IMAP_CODE_UNAVAILABLE:
    case IMAP_CODE_INUSE:
    case IMAP_CODE_LIMIT:
    case IMAP_CODE_SERVERBUG:
      return WORKER_VERDICT_WAIT;
    case IMAP_CODE_CONTACTADMIN:
    case IMAP_CODE_ALERT:
    case IMAP_CODE_OVERQUOTA:
      return WORKER_VERDICT_TELL_USER;
    case IMAP_CODE_PRIVACYREQUIRED:
      return WORKER_VERDICT_STOP_ACCOUNT;
    case IMAP_CODE_NONE:
    case IMAP_CODE_UNKNOWN:
    case IMAP_CODE_ALREADYEXISTS:
    case IMAP_CODE_APPENDUID:
    case IMAP_CODE_AUTHENTICATIONFAILED:
    case IMAP_CODE_AUTHORIZATIONFAILED:
    case IMAP_CODE_BADCHARSET:
    case IMAP_CODE_CANNOT:
    case IMAP_CODE_CAPABILITY:
    case IMAP_CODE_CLIENTBUG:
    case IMAP_CODE_CLOSED:
    case IMAP_CODE_COPYUID:
    case IMAP_CODE_CORRUPTION:
    case IMAP_CODE_EXPIRED:
    case IMAP_CODE_EXPUNGEISSUED:
    case IMAP_CODE_HASCHILDREN:
    case IMAP_CODE_HIGHESTMODSEQ:
    case IMAP_CODE_MAILBOXID:
    case IMAP_CODE_MODIFIED:
    case IMAP_CODE_NOMODSEQ:
    case IMAP_CODE_NONEXISTENT:
    case IMAP_CODE_NOPERM:
    case IMAP_CODE_PARSE:
    case IMAP_CODE_PERMANENTFLAGS:
    case IMAP_CODE_READ_ONLY:
    case IMAP_CODE_READ_WRITE:
    case IMAP_CODE_TOOBIG:
    case IMAP_CODE_TRYCREATE:
    case IMAP_CODE_UIDNEXT:
    case IMAP_CODE_UIDNOTSTICKY:
    case IMAP_CODE_UIDVALIDITY:
    case IMAP_CODE_UNSEEN:
      return WORKER_VERDICT_SKIP_FOLDER;
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_imap (const GError *error,
            guint         failures)
{
  switch ((ImapError) error->code)
    {
    case IMAP_ERROR_NO:
    case IMAP_ERROR_BAD:
      return judge_imap_refusal (imap_error_get_code (error));
    case IMAP_ERROR_BYE:
      /* "Too many connections" and "maintenance" come as BYE, and stay for a while. */
      return imap_error_get_code (error) == IMAP_CODE_NONE
             ? judge_lost_connection (failures) : WORKER_VERDICT_WAIT;
    case IMAP_ERROR_PROTOCOL:
      return judge_lost_connection (failures);
    case IMAP_ERROR_TOO_LONG:
    case IMAP_ERROR_NO_TLS:
      return WORKER_VERDICT_TELL_USER;
    case IMAP_ERROR_AUTH_REJECTED:
      return WORKER_VERDICT_ASK_PASSWORD;
    case IMAP_ERROR_UNSUPPORTED:
      return WORKER_VERDICT_SKIP_FOLDER;
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_pop3 (Pop3Error code,
            guint     failures)
{
  switch (code)
    {
    case POP3_ERROR_AUTH_REJECTED:
      return WORKER_VERDICT_ASK_PASSWORD;
    case POP3_ERROR_AUTH_UNCLEAR:
      return failures == 0 ? WORKER_VERDICT_WAIT : WORKER_VERDICT_ASK_PASSWORD;
    case POP3_ERROR_IN_USE:
    case POP3_ERROR_LOGIN_DELAY:
    case POP3_ERROR_TEMPORARY:
      return WORKER_VERDICT_WAIT;
    case POP3_ERROR_PERMANENT:
      return WORKER_VERDICT_STOP_ACCOUNT;
    case POP3_ERROR_NO_TLS:
    case POP3_ERROR_TOO_LONG:
      return WORKER_VERDICT_TELL_USER;
    case POP3_ERROR_PROTOCOL:
    case POP3_ERROR_QUIT_UNKNOWN:
      return judge_lost_connection (failures);
    case POP3_ERROR_REFUSED:
      return WORKER_VERDICT_SKIP_MESSAGE;
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_smtp (SmtpError code,
            guint     failures)
{
  switch (code)
    {
    case SMTP_ERROR_AUTH_REJECTED:
      return WORKER_VERDICT_ASK_PASSWORD;
    case SMTP_ERROR_NO_TLS:
      return WORKER_VERDICT_TELL_USER;
    case SMTP_ERROR_TEMPORARY:
      return WORKER_VERDICT_WAIT;
    case SMTP_ERROR_PERMANENT:
    case SMTP_ERROR_TOO_BIG:
    case SMTP_ERROR_RECIPIENTS_REFUSED:
    case SMTP_ERROR_BAD_ADDRESS:
    case SMTP_ERROR_NEEDS_SMTPUTF8:
    case SMTP_ERROR_NEEDS_ENCODING:
    case SMTP_ERROR_UNKNOWN:            /* never again by itself */
      return WORKER_VERDICT_SKIP_MESSAGE;
    case SMTP_ERROR_PROTOCOL:
      return judge_lost_connection (failures);
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_store (StoreError code)
{
  switch (code)
    {
    case STORE_ERROR_BUSY:
      return WORKER_VERDICT_WAIT;
    case STORE_ERROR_FULL:
    case STORE_ERROR_READ_ONLY:
    case STORE_ERROR_FAILED:
      return WORKER_VERDICT_TELL_USER;
    case STORE_ERROR_NOT_FOUND:         /* somebody has deleted it meanwhile */
      return WORKER_VERDICT_SKIP_FOLDER;
    case STORE_ERROR_STATE:
      return WORKER_VERDICT_SKIP_MESSAGE;
    case STORE_ERROR_LOCKED:
    case STORE_ERROR_OLDER_SCHEMA:
    case STORE_ERROR_NEWER_SCHEMA:
    case STORE_ERROR_CORRUPT:
    case STORE_ERROR_NETWORK_FILE_SYSTEM:
      return WORKER_VERDICT_STOP_ACCOUNT;
    }
  g_assert_not_reached ();
}

static WorkerVerdict
judge_account (AccountError code)
{
  switch (code)
    {
    case ACCOUNT_ERROR_LOCKED:          /* a person unlocks it after signing in */
    case ACCOUNT_ERROR_NO_SERVICE:      /* it may come up after us */
      return WORKER_VERDICT_WAIT;
    case ACCOUNT_ERROR_FAILED:
      return WORKER_VERDICT_TELL_USER;
    case ACCOUNT_ERROR_INVALID:         /* there is no password */
      return WORKER_VERDICT_ASK_PASSWORD;
    }
  g_assert_not_reached ();
}

WorkerVerdict
worker_judge_error (const GError *error,
                    guint         failures)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return WORKER_VERDICT_NOTHING;
  if (error->domain == NET_ERROR)
    return judge_net ((NetError) error->code, failures);
  if (error->domain == SASL_ERROR)
    return judge_sasl ((SaslError) error->code);
  if (error->domain == IMAP_ERROR)
    return judge_imap (error, failures);
  if (error->domain == POP3_ERROR)
    return judge_pop3 ((Pop3Error) error->code, failures);
  if (error->domain == SMTP_ERROR)
    return judge_smtp ((SmtpError) error->code, failures);
  if (error->domain == STORE_ERROR)
    return judge_store ((StoreError) error->code);
  if (error->domain == ACCOUNT_ERROR)
    return judge_account ((AccountError) error->code);
  return WORKER_VERDICT_TELL_USER;
}

static const char *
name_net_problem (NetError code)
{
  switch (code)
    {
    case NET_ERROR_NOT_FOUND:
    case NET_ERROR_REFUSED:
    case NET_ERROR_UNREACHABLE:
    case NET_ERROR_TIMEOUT:
    case NET_ERROR_CLOSED:
    case NET_ERROR_STOPPED:
    case NET_ERROR_PROXY:
      return "network";
    case NET_ERROR_TLS_WRONG_NAME:
    case NET_ERROR_TLS_EXPIRED:
    case NET_ERROR_TLS_SELF_SIGNED:
    case NET_ERROR_TLS_UNKNOWN_ISSUER:
    case NET_ERROR_TLS_BAD_CERTIFICATE:
      return "certificate";
    case NET_ERROR_TLS_PROTOCOL:
    case NET_ERROR_INJECTION:
      return "encryption";
    }
  g_assert_not_reached ();
}

const char *
worker_judge_name_problem (const GError *error)
{
  if (error->domain == NET_ERROR)
    return name_net_problem ((NetError) error->code);
  if (g_error_matches (error, STORE_ERROR, STORE_ERROR_FULL)
      || g_error_matches (error, STORE_ERROR, STORE_ERROR_READ_ONLY))
    return "disk";
  if (error->domain == STORE_ERROR)
    return "store";
  if (g_error_matches (error, ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED)
      || g_error_matches (error, ACCOUNT_ERROR, ACCOUNT_ERROR_NO_SERVICE)
      || g_error_matches (error, ACCOUNT_ERROR, ACCOUNT_ERROR_FAILED))
    return "keyring";
  if (worker_judge_error (error, 1) == WORKER_VERDICT_ASK_PASSWORD)
    return "password";
  if (g_error_matches (error, IMAP_ERROR, IMAP_ERROR_NO_TLS)
      || g_error_matches (error, POP3_ERROR, POP3_ERROR_NO_TLS)
      || g_error_matches (error, SMTP_ERROR, SMTP_ERROR_NO_TLS) || error->domain == SASL_ERROR)
    return "encryption";
  if (error->domain == IMAP_ERROR || error->domain == POP3_ERROR || error->domain == SMTP_ERROR)
    return "server";
  return "settings";
}

const char *
worker_judge_peek_words (const GError *error)
{
  const char *words = imap_error_peek_text (error);

  if (words == NULL)
    words = pop3_error_peek_text (error);
  return words != NULL ? words : smtp_error_peek_text (error);
}
