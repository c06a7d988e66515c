/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/pop3-core.h"

#include <string.h>

#define WINDOW_COMMANDS  20       /* what fetchmail and others have found servers to take */
#define WINDOW_BYTES     4096
#define INLINE_MAX       255      /* RFC 5034 section 4; what is longer waits for the challenge */
#define CHALLENGES_MAX   20

SessionPop3 *
session_pop3_new_on_wire (const SessionPop3Login *login,
                          NetWire                *wire)
{
  SessionPop3 *session = g_new0 (SessionPop3, 1);

  session_link_init (&session->link, "pop3", &login->where, login->timeout_s, wire);
  session->engine = pop3_engine_new ();
  session->capabilities = pop3_capabilities_new ();
  session->user = g_strdup (login->user);
  session->password = login->password != NULL ? base_secret_ref (login->password) : NULL;
  session->oauth_token = login->oauth_token != NULL ? base_secret_ref (login->oauth_token) : NULL;
  session->may_send_clear = login->may_send_clear;
  return session;
}

SessionPop3 *
session_pop3_new (const SessionPop3Login *login)
{
  return session_pop3_new_on_wire (login, NULL);
}

void
session_pop3_free (SessionPop3 *session)
{
  session_link_clear (&session->link);
  pop3_engine_free (session->engine);
  pop3_capabilities_free (session->capabilities);
  g_clear_pointer (&session->password, base_secret_unref);
  g_clear_pointer (&session->oauth_token, base_secret_unref);
  g_free (session->user);
  g_free (session);
}

void
session_pop3_set_signals (SessionPop3      *session,
                          const NetSignals *signals)
{
  session_link_set_signals (&session->link, signals);
}

gboolean
session_pop3_is_good (SessionPop3 *session)
{
  return session->link.is_good;
}

const Pop3Capabilities *
session_pop3_peek_capabilities (SessionPop3 *session)
{
  return session->capabilities;
}

NetTraffic
session_pop3_get_traffic (SessionPop3 *session)
{
  return net_wire_get_traffic (session->link.wire);
}

NetWire *
session_pop3_peek_wire (SessionPop3 *session)
{
  return session->link.wire;
}

char *
session_pop3_dup_log (SessionPop3 *session)
{
  return session_log_dup_recent (session->link.log);
}

/* --- events and refusals --- */

static void
send_lines (SessionPop3 *session)
{
  BaseSecret *line;
  gboolean is_secret;

  while ((line = pop3_engine_take_line (session->engine, &is_secret)) != NULL)
    {
      session_link_send (&session->link, line, is_secret);
      base_secret_unref (line);
    }
}

/* The words that may be shown to people. */
static BaseSlice
quotable (SessionPop3 *session,
          BaseSlice    words)
{
  return session_link_may_quote (&session->link) ? words : base_slice_sub (words, 0, 0);
}

static gboolean
give_up (SessionPop3  *session,
         GError       *failure,
         GError      **error)
{
  const char *text = pop3_error_peek_text (failure);
  BaseSlice words = base_slice_from_string (text != NULL ? text : "");

  session->link.is_good = FALSE;
  pop3_error_set (error, failure->code, quotable (session, words), "Connection to %s: %s",
                  session->link.host, failure->message);
  g_error_free (failure);
  return FALSE;
}

gboolean
session_pop3_break_off (SessionPop3  *session,
                        Pop3Error     code,
                        BaseSlice     words,
                        const char   *message,
                        GError      **error)
{
  GError *failure = NULL;

  pop3_error_set (&failure, code, words, "%s", message);
  return give_up (session, failure, error);
}

static void
log_event (SessionPop3     *session,
           const Pop3Event *event)
{
  g_autofree char *words = NULL;
  g_autofree char *line = NULL;

  if (event->kind == POP3_EVENT_CHALLENGE)
    session_log_secret (session->link.log, SESSION_LOG_SERVER, "+");
  if (event->kind != POP3_EVENT_STATUS)
    return;
  words = base_slice_dup_text (event->status.words);
  line = g_strdup_printf ("%s %s", event->status.is_ok ? "+OK" : "-ERR", words);
  session_log_line (session->link.log, SESSION_LOG_SERVER, base_slice_from_string (line));
}

Pop3EventKind
session_pop3_take_event (SessionPop3  *session,
                         Pop3Event    *event,
                         GError      **error)
{
  g_autoptr(GError) failure = NULL;
  BaseSlice input;
  gsize size;
  Pop3EventKind kind;

  /* What came before anything was asked is no answer to what is asked now. */
  input = session_link_peek (&session->link);
  if (input.size == 0 || pop3_engine_count_sent (session->engine) > 0)
    send_lines (session);
  input = session_link_peek (&session->link);
  size = input.size;
  kind = pop3_engine_take_event (session->engine, &input, event, &failure);
  session_link_take (&session->link, size - input.size);

  if (kind == POP3_EVENT_FAILED)
    give_up (session, g_steal_pointer (&failure), error);
  else if (kind != POP3_EVENT_MORE)
    log_event (session, event);
  return kind;
}

gboolean
session_pop3_next_event (SessionPop3  *session,
                         Pop3Event    *event,
                         GError      **error)
{
  if (!session_link_check (&session->link, error))
    return FALSE;
  for (;;)
    switch (session_pop3_take_event (session, event, error))
      {
      case POP3_EVENT_FAILED:
        return FALSE;
      case POP3_EVENT_MORE:
        if (!session_link_wait (&session->link, error))
          return FALSE;
        break;
      case POP3_EVENT_STATUS:
      case POP3_EVENT_CHALLENGE:
      case POP3_EVENT_ROW:
      case POP3_EVENT_DATA:
      case POP3_EVENT_END:
        return TRUE;
      }
}

gboolean
session_pop3_get_status (SessionPop3  *session,
                         Pop3Ticket    ticket,
                         Pop3Event    *event,
                         GError      **error)
{
  if (!session_pop3_next_event (session, event, error))
    return FALSE;
  g_assert (event->ticket == ticket);
  return TRUE;
}

gboolean
session_pop3_run (SessionPop3    *session,
                  Pop3ReplyForm   form,
                  const char     *line,
                  Pop3Event      *event,
                  GError        **error)
{
  return session_pop3_get_status (session, pop3_engine_add (session->engine, form, line), event, error);
}

gboolean
session_pop3_refuse (SessionPop3      *session,
                     Pop3Error         otherwise,
                     const Pop3Status *status,
                     GError          **error,
                     const char       *format,
                     ...)
{
  g_autofree char *what = NULL;
  va_list args;

  va_start (args, format);
  what = g_strdup_vprintf (format, args);
  va_end (args);
  pop3_error_set (error, pop3_judge_refusal (status, otherwise), quotable (session, status->words),
                  "%s: %s refuses", what, session->link.host);
  return FALSE;
}

/* --- opening --- */

static gboolean
read_greeting (SessionPop3  *session,
               GError      **error)
{
  Pop3Event event;

  if (!session_pop3_get_status (session, POP3_GREETING, &event, error))
    return FALSE;
  if (event.status.is_ok)
    return TRUE;
  session->link.is_good = FALSE;
  return session_pop3_refuse (session, POP3_ERROR_TEMPORARY, &event.status, error, "Cannot open the mailbox");
}

static gboolean
ask_capabilities (SessionPop3  *session,
                  GError      **error)
{
  Pop3Event event;

  pop3_capabilities_free (session->capabilities);
  session->capabilities = pop3_capabilities_new ();
  if (!session_pop3_run (session, POP3_REPLY_ROWS, "CAPA", &event, error))
    return FALSE;

  session->knows_capa = event.status.is_ok;
  while (!event.is_last)
    {
      if (!session_pop3_next_event (session, &event, error))
        return FALSE;
      if (event.kind != POP3_EVENT_ROW)
        continue;
      session_log_line (session->link.log, SESSION_LOG_SERVER, event.piece);
      pop3_capabilities_add_row (session->capabilities, event.piece);
    }
  return TRUE;
}

/* STARTTLS is a must: whatever else the server says, nothing more is said in clear. */
static gboolean
start_tls (SessionPop3  *session,
           GError      **error)
{
  Pop3Event event;

  if (session->knows_capa && !session->capabilities->has_stls)
    return session_pop3_break_off (session, POP3_ERROR_NO_TLS, POP3_NO_WORDS,
                                   "the server does not offer encryption", error);
  if (!session_pop3_run (session, POP3_REPLY_STATUS, "STLS", &event, error))
    return FALSE;
  if (!event.status.is_ok)
    return session_pop3_break_off (session, POP3_ERROR_NO_TLS, POP3_NO_WORDS,
                                   "the server refuses encryption", error);
  return session_link_start_tls (&session->link, error) && ask_capabilities (session, error);
}

gboolean
session_pop3_connect (SessionPop3  *session,
                      GError      **error)
{
  if (!session_link_connect (&session->link, error))
    return FALSE;
  if (!read_greeting (session, error) || !ask_capabilities (session, error))
    return FALSE;
  return session->link.security != NET_SECURITY_STARTTLS || start_tls (session, error);
}

/* --- signing in --- */

static gboolean
refuse_sign_in (SessionPop3      *session,
                const Pop3Status *status,
                GError          **error)
{
  Pop3Error code = pop3_judge_sign_in (status, session->capabilities->has_auth_resp_code);

  session->link.is_good = FALSE;
  return session_pop3_refuse (session, code, status, error, "Cannot sign in as %s", session->user);
}

static gboolean
sign_in_by_sasl (SessionPop3  *session,
                 NetSasl      *sasl,
                 GError      **error)
{
  BaseSecret *later = NULL;
  g_autoptr(BaseSecret) line = session_link_start_auth (sasl, INLINE_MAX, &later, error);
  g_autoptr(BaseSecret) answer = later;
  Pop3Event event = { 0 };

  if (line == NULL)
    return FALSE;
  session_log_note (session->link.log, "signing in by %s", net_sasl_get_mechanism (sasl));
  pop3_engine_add_secret (session->engine, POP3_REPLY_SASL, base_secret_peek (line));

  for (guint i = 0; event.kind != POP3_EVENT_STATUS; i++)
    {
      if (i > CHALLENGES_MAX)
        return session_pop3_break_off (session, POP3_ERROR_PROTOCOL, POP3_NO_WORDS,
                                       "the server asks without end", error);
      if (!session_pop3_next_event (session, &event, error))
        return FALSE;
      if (event.kind != POP3_EVENT_CHALLENGE)
        continue;
      if (answer == NULL && (answer = session_link_answer (sasl, event.piece, error)) == NULL)
        return session->link.is_good = FALSE;
      pop3_engine_answer (session->engine, answer);
      g_clear_pointer (&answer, base_secret_unref);
    }

  if (!event.status.is_ok)
    return refuse_sign_in (session, &event.status, error);
  if (net_sasl_is_complete (sasl))
    return TRUE;
  session->link.is_good = FALSE;
  g_set_error (error, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE,
               "Cannot sign in on %s: the server did not prove who it is", session->link.host);
  return FALSE;
}

static gboolean
sign_in_by_password (SessionPop3  *session,
                     GError      **error)
{
  const char *password = base_secret_peek (session->password);
  g_autofree char *user = g_strconcat ("USER ", session->user, NULL);
  g_autoptr(BaseSecret) pass = base_secret_take (g_strconcat ("PASS ", password, NULL));
  Pop3Ticket ticket;
  Pop3Event event;

  if (!pop3_is_argument (user) || !pop3_is_argument (password))
    {
      pop3_error_set (error, POP3_ERROR_AUTH_REJECTED, POP3_NO_WORDS,
                      "Cannot sign in on %s: name or password hold a control character", session->link.host);
      return FALSE;
    }

  if (!session_pop3_run (session, POP3_REPLY_STATUS, user, &event, error))
    return FALSE;
  if (!event.status.is_ok)
    return refuse_sign_in (session, &event.status, error);

  ticket = pop3_engine_add_secret (session->engine, POP3_REPLY_STATUS, base_secret_peek (pass));
  if (!session_pop3_get_status (session, ticket, &event, error))
    return FALSE;
  return event.status.is_ok || refuse_sign_in (session, &event.status, error);
}

static gboolean
may_show_password (SessionPop3 *session)
{
  return net_wire_is_encrypted (session->link.wire) || session->may_send_clear;
}

static gboolean
sign_in_as_offered (SessionPop3  *session,
                    GError      **error)
{
  const char * const *mechanisms = (const char * const *) session->capabilities->mechanisms->pdata;
  NetSaslLogin login = {
    .service = "pop",
    .host = session->link.host,
    .port = session->link.port,
    .user = session->user,
    .password = session->password,
    .oauth_token = session->oauth_token,
    .is_line_encrypted = net_wire_is_encrypted (session->link.wire),
    .may_send_clear = session->may_send_clear,
  };
  g_autoptr(GError) failure = NULL;
  g_autoptr(NetSasl) sasl = NULL;

  if (mechanisms[0] != NULL || session->oauth_token != NULL)
    sasl = net_sasl_new (&login, mechanisms, &failure);
  if (sasl != NULL)
    return sign_in_by_sasl (session, sasl, error);

  if (session->password != NULL && session->oauth_token == NULL && may_show_password (session))
    return sign_in_by_password (session, error);

  if (failure != NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    pop3_error_set (error, POP3_ERROR_NO_TLS, POP3_NO_WORDS,
                    "Cannot sign in on %s: the password would travel unencrypted", session->link.host);
  return FALSE;
}

/* RFC 6856 section 2: from here on the server may send messages with UTF-8 in their headers as they are.  A
 * refusal changes nothing. */
static gboolean
switch_to_utf8 (SessionPop3  *session,
                GError      **error)
{
  Pop3Event event;

  return !session->capabilities->has_utf8
         || session_pop3_run (session, POP3_REPLY_STATUS, "UTF8", &event, error);
}

gboolean
session_pop3_sign_in (SessionPop3  *session,
                      GError      **error)
{
  if (!switch_to_utf8 (session, error) || !sign_in_as_offered (session, error))
    return FALSE;
  if (!session->knows_capa)
    return TRUE;
  if (!ask_capabilities (session, error))
    return FALSE;
  if (session->capabilities->has_pipelining)
    pop3_engine_set_window (session->engine, WINDOW_COMMANDS, WINDOW_BYTES);
  return TRUE;
}

gboolean
session_pop3_open (SessionPop3  *session,
                   GError      **error)
{
  return session_pop3_connect (session, error) && session_pop3_sign_in (session, error);
}
