/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/smtp-core.h"

#include <string.h>

#define HELLO           "EHLO [127.0.0.1]"     /* tells nothing of this computer's name or net */
#define WINDOW_COMMANDS 100
#define INLINE_MAX      510                    /* RFC 5321 section 4.5.3.1.4, without the end */
#define CHALLENGES_MAX  20
#define QUIT_TIMEOUT_S  3

SessionSmtp *
session_smtp_new_on_wire (const SessionSmtpLogin *login,
                          NetWire                *wire)
{
  SessionSmtp *session = g_new0 (SessionSmtp, 1);

  session_link_init (&session->link, "smtp", &login->where, login->timeout_s, wire);
  session->engine = smtp_engine_new ();
  session->user = g_strdup (login->user);
  session->password = login->password != NULL ? base_secret_ref (login->password) : NULL;
  session->oauth_token = login->oauth_token != NULL ? base_secret_ref (login->oauth_token) : NULL;
  session->may_send_clear = login->may_send_clear;
  return session;
}

SessionSmtp *
session_smtp_new (const SessionSmtpLogin *login)
{
  return session_smtp_new_on_wire (login, NULL);
}

void
session_smtp_free (SessionSmtp *session)
{
  session_link_clear (&session->link);
  smtp_engine_free (session->engine);
  g_clear_pointer (&session->capabilities, smtp_capabilities_free);
  g_clear_pointer (&session->password, base_secret_unref);
  g_clear_pointer (&session->oauth_token, base_secret_unref);
  g_free (session->user);
  g_free (session);
}

void
session_smtp_set_signals (SessionSmtp      *session,
                          const NetSignals *signals)
{
  session_link_set_signals (&session->link, signals);
}

gboolean
session_smtp_is_good (SessionSmtp *session)
{
  return session->link.is_good;
}

const SmtpCapabilities *
session_smtp_peek_capabilities (SessionSmtp *session)
{
  return session->capabilities;
}

NetTraffic
session_smtp_get_traffic (SessionSmtp *session)
{
  return net_wire_get_traffic (session->link.wire);
}

NetWire *
session_smtp_peek_wire (SessionSmtp *session)
{
  return session->link.wire;
}

char *
session_smtp_dup_log (SessionSmtp *session)
{
  return session_log_dup_recent (session->link.log);
}

/* --- replies and refusals --- */

static void
send_lines (SessionSmtp *session)
{
  BaseSecret *line;
  gboolean is_secret;

  while ((line = smtp_engine_take_line (session->engine, &is_secret)) != NULL)
    {
      session_link_send (&session->link, line, is_secret);
      base_secret_unref (line);
    }
}

static void
log_reply (SessionSmtp     *session,
           const SmtpReply *reply)
{
  for (guint i = 0; i < reply->lines->len; i++)
    {
      g_autofree char *line = g_strdup_printf ("%u %s", reply->code, (const char *) reply->lines->pdata[i]);

      if (reply->code == 334)
        session_log_secret (session->link.log, SESSION_LOG_SERVER, "334");
      else
        session_log_line (session->link.log, SESSION_LOG_SERVER, base_slice_from_string (line));
    }
}

/* While anybody on the way can speak in the server's place, people see none of its words. */
static const SmtpReply *
quotable (SessionSmtp     *session,
          const SmtpReply *reply)
{
  return session_link_may_quote (&session->link) ? reply : NULL;
}

static gboolean
give_up (SessionSmtp  *session,
         GError       *failure,
         GError      **error)
{
  g_autoptr(GError) cause = failure;
  const char *words = session_link_may_quote (&session->link) ? smtp_error_peek_text (cause) : NULL;

  session->link.is_good = FALSE;
  smtp_error_set_words (error, cause->code, words, "Connection to %s: %s",
                        session->link.host, cause->message);
  return FALSE;
}

gboolean
session_smtp_break_off (SessionSmtp  *session,
                        SmtpError     code,
                        const char   *message,
                        GError      **error)
{
  GError *failure = NULL;

  smtp_error_set (&failure, code, NULL, "%s", message);
  return give_up (session, failure, error);
}

gboolean
session_smtp_take_reply (SessionSmtp  *session,
                         SmtpTicket   *ticket,
                         SmtpReply   **reply,
                         GError      **error)
{
  GError *failure = NULL;
  BaseSlice input = session_link_peek (&session->link);
  gsize size = input.size;
  gboolean is_whole = smtp_engine_take_reply (session->engine, &input, ticket, reply, &failure);

  session_link_take (&session->link, size - input.size);
  if (!is_whole)
    return give_up (session, failure, error);
  if (*reply != NULL)
    log_reply (session, *reply);
  return TRUE;
}

/* What came before anything was asked is no answer to what is asked now; 421 says that the server goes. */
static gboolean
hear_unasked (SessionSmtp  *session,
              GError      **error)
{
  g_autoptr(SmtpReply) reply = NULL;
  SmtpTicket ticket;

  if (smtp_engine_count_sent (session->engine) > 0 || session_link_peek (&session->link).size == 0)
    return TRUE;
  if (!session_smtp_take_reply (session, &ticket, &reply, error))
    return FALSE;
  session->link.is_good = FALSE;
  if (reply != NULL && reply->code == 421)
    return session_smtp_refuse (session, SMTP_ERROR_TEMPORARY, reply, error, "Cannot go on");
  return session_smtp_break_off (session, SMTP_ERROR_PROTOCOL, "the server spoke without being asked", error);
}

SmtpReply *
session_smtp_wait_reply (SessionSmtp  *session,
                         SmtpTicket    expected,
                         GError      **error)
{
  g_autoptr(SmtpReply) reply = NULL;
  SmtpTicket ticket = expected;

  for (;;)
    {
      send_lines (session);
      if (!session_smtp_take_reply (session, &ticket, &reply, error))
        return NULL;
      if (reply != NULL)
        break;
      if (!session_link_wait (&session->link, error))
        return NULL;
    }

  g_assert (ticket == expected);
  if (reply->code != 421)
    return g_steal_pointer (&reply);
  session->link.is_good = FALSE;
  session_smtp_refuse (session, SMTP_ERROR_TEMPORARY, reply, error, "Cannot go on");
  return NULL;
}

SmtpReply *
session_smtp_get_reply (SessionSmtp  *session,
                        SmtpTicket    expected,
                        GError      **error)
{
  if (!session_link_check (&session->link, error) || !hear_unasked (session, error))
    return NULL;
  return session_smtp_wait_reply (session, expected, error);
}

SmtpReply *
session_smtp_run (SessionSmtp      *session,
                  SmtpCommandKind   kind,
                  const char       *line,
                  GError          **error)
{
  return session_smtp_get_reply (session, smtp_engine_add (session->engine, kind, line), error);
}

gboolean
session_smtp_refuse (SessionSmtp      *session,
                     SmtpError         code,
                     const SmtpReply  *reply,
                     GError          **error,
                     const char       *format,
                     ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  smtp_error_set (error, code, quotable (session, reply), "%s: %s refuses", what, session->link.host);
  return FALSE;
}

SmtpError
session_smtp_judge (const SmtpReply *reply)
{
  return reply->code >= 400 ? smtp_judge_refusal (reply) : SMTP_ERROR_PROTOCOL;
}

/* --- opening --- */

/* Before anybody has signed in no password is at fault. */
static gboolean
refuse_opening (SessionSmtp      *session,
                const SmtpReply  *reply,
                GError          **error)
{
  SmtpError code = session_smtp_judge (reply);

  session->link.is_good = FALSE;
  if (code == SMTP_ERROR_AUTH_REJECTED)
    code = SMTP_ERROR_PERMANENT;
  return session_smtp_refuse (session, code, reply, error, "Cannot begin to send");
}

static gboolean
read_greeting (SessionSmtp  *session,
               GError      **error)
{
  g_autoptr(SmtpReply) reply = session_smtp_get_reply (session, SMTP_GREETING, error);

  if (reply == NULL)
    return FALSE;
  return reply->code == 220 || refuse_opening (session, reply, error);
}

/* Without a fall-back to HELO: a server that only knows that can neither encrypt nor let anybody sign in. */
static gboolean
say_hello (SessionSmtp  *session,
           GError      **error)
{
  g_autoptr(SmtpReply) reply = NULL;

  g_clear_pointer (&session->capabilities, smtp_capabilities_free);
  if ((reply = session_smtp_run (session, SMTP_ENDS_GROUP, HELLO, error)) == NULL)
    return FALSE;
  if (reply->code == 250)
    {
      session->capabilities = smtp_capabilities_parse (reply);
      return TRUE;
    }
  return refuse_opening (session, reply, error);
}

/* STARTTLS is a must: whatever else the server says, nothing more is said in clear. */
static gboolean
start_tls (SessionSmtp  *session,
           GError      **error)
{
  g_autoptr(SmtpReply) reply = NULL;

  if (!session->capabilities->has_starttls)
    return session_smtp_break_off (session, SMTP_ERROR_NO_TLS, "the server does not offer encryption", error);
  if ((reply = session_smtp_run (session, SMTP_ENDS_GROUP, "STARTTLS", error)) == NULL)
    return FALSE;
  if (reply->code != 220)
    return session_smtp_break_off (session, SMTP_ERROR_NO_TLS, "the server refuses encryption", error);
  return session_link_start_tls (&session->link, error) && say_hello (session, error);
}

gboolean
session_smtp_connect (SessionSmtp  *session,
                      GError      **error)
{
  if (!session_link_connect (&session->link, error))
    return FALSE;
  if (!read_greeting (session, error) || !say_hello (session, error))
    return FALSE;
  if (session->link.security == NET_SECURITY_STARTTLS && !start_tls (session, error))
    return FALSE;
  if (session->capabilities->has_pipelining)
    smtp_engine_set_window (session->engine, WINDOW_COMMANDS);
  return TRUE;
}

/* --- signing in --- */

static gboolean
refuse_sign_in (SessionSmtp      *session,
                const SmtpReply  *reply,
                GError          **error)
{
  SmtpError code = session_smtp_judge (reply);

  session->link.is_good = FALSE;
  if (code == SMTP_ERROR_PERMANENT)
    code = SMTP_ERROR_AUTH_REJECTED;
  return session_smtp_refuse (session, code, reply, error, "Cannot sign in as %s", session->user);
}

/* Says line and answers challenges until there is another reply; later answers the first one, or is NULL. */
static SmtpReply *
answer_challenges (SessionSmtp       *session,
                   NetSasl           *sasl,
                   const BaseSecret  *line,
                   const BaseSecret  *later,
                   GError           **error)
{
  SmtpReply *reply = session_smtp_run (session, SMTP_SECRET, base_secret_peek (line), error);

  for (guint i = 0; reply != NULL && reply->code == 334; i++)
    {
      g_autoptr(SmtpReply) challenge = reply;
      g_autoptr(BaseSecret) answer = NULL;
      const char *text;

      if (i == CHALLENGES_MAX)
        {
          session_smtp_break_off (session, SMTP_ERROR_PROTOCOL, "the server asks without end", error);
          return NULL;
        }
      if (later == NULL)
        {
          BaseSlice base64 = base_slice_from_string (challenge->lines->pdata[0]);

          if ((answer = session_link_answer (sasl, base_slice_trim (base64), error)) == NULL)
            return NULL;
        }
      text = base_secret_peek (later != NULL ? later : answer);
      reply = session_smtp_run (session, SMTP_SECRET, text, error);
      later = NULL;
    }
  return reply;
}

static gboolean
sign_in_by_sasl (SessionSmtp  *session,
                 NetSasl      *sasl,
                 GError      **error)
{
  BaseSecret *rest = NULL;
  g_autoptr(BaseSecret) line = session_link_start_auth (sasl, INLINE_MAX, &rest, error);
  g_autoptr(BaseSecret) later = rest;
  g_autoptr(SmtpReply) reply = NULL;

  if (line == NULL)
    return FALSE;
  session_log_note (session->link.log, "signing in by %s", net_sasl_get_mechanism (sasl));
  if ((reply = answer_challenges (session, sasl, line, later, error)) == NULL)
    return session->link.is_good = FALSE;
  if (reply->code != 235)
    return refuse_sign_in (session, reply, error);
  if (net_sasl_is_complete (sasl))
    return TRUE;

  session->link.is_good = FALSE;
  g_set_error (error, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE,
               "Cannot sign in on %s: the server did not prove who it is", session->link.host);
  return FALSE;
}

gboolean
session_smtp_sign_in (SessionSmtp  *session,
                      GError      **error)
{
  NetSaslLogin login = {
    .service = "smtp",
    .host = session->link.host,
    .port = session->link.port,
    .user = session->user,
    .password = session->password,
    .oauth_token = session->oauth_token,
    .is_line_encrypted = net_wire_is_encrypted (session->link.wire),
    .may_send_clear = session->may_send_clear,
  };
  g_autoptr(NetSasl) sasl = NULL;

  if (session->user == NULL)
    return TRUE;
  sasl = net_sasl_new (&login, (const char * const *) session->capabilities->mechanisms->pdata, error);
  return sasl != NULL && sign_in_by_sasl (session, sasl, error);
}

gboolean
session_smtp_open (SessionSmtp  *session,
                   GError      **error)
{
  return session_smtp_connect (session, error) && session_smtp_sign_in (session, error);
}

void
session_smtp_quit (SessionSmtp *session)
{
  g_autoptr(SmtpReply) reply = NULL;

  if (!session->link.is_good)
    return;
  session->link.timeout_s = QUIT_TIMEOUT_S;
  reply = session_smtp_run (session, SMTP_ENDS_GROUP, "QUIT", NULL);
  session->link.is_good = FALSE;
}
