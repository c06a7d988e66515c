/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/imap-core.h"

#include "base/clock.h"
#include "imap/quirks.h"

#include <string.h>

#define LOGOUT_S 5

const char *
session_imap_peek_server (SessionImap *session)
{
  return session->server;
}

const char *
session_imap_peek_prefix (SessionImap *session,
                          char        *delimiter)
{
  *delimiter = session->delimiter;
  return session->prefix;
}

NetTraffic
session_imap_get_traffic (SessionImap *session)
{
  return net_wire_get_traffic (session->wire);
}

NetWire *
session_imap_peek_wire (SessionImap *session)
{
  return session->wire;
}

char *
session_imap_dup_log (SessionImap *session)
{
  return session_log_dup_recent (session->log);
}

const char * const *
session_imap_peek_mechanisms (SessionImap *session)
{
  return imap_capabilities_peek_mechanisms (imap_engine_peek_capabilities (session->engine));
}

gboolean
session_imap_can (SessionImap    *session,
                  ImapCapability  capability)
{
  if (capability == IMAP_CAN_QRESYNC)
    return session->has_qresync;
  if (capability == IMAP_CAN_UTF8_ACCEPT)
    return session->has_utf8;
  return imap_capabilities_has (imap_engine_peek_capabilities (session->engine), capability);
}

/* What the server announces, before it is enabled. */
static gboolean
is_offered (SessionImap    *session,
            ImapCapability  capability)
{
  return imap_capabilities_has (imap_engine_peek_capabilities (session->engine), capability);
}

/* --- connecting --- */

static gboolean
wait_for_greeting (SessionImap  *session,
                   GError      **error)
{
  session_imap_move_deadline (session);
  while (!session->is_greeted)
    if (!session_imap_pump (session, error))
      return FALSE;
  return TRUE;
}

/* STARTTLS is said whether or not it is offered: what is offered here nobody can trust, and "no" is no
 * harm. */
static gboolean
start_tls (SessionImap  *session,
           GError      **error)
{
  ImapWriter *writer = session_imap_new_writer (session);
  GError *failure = NULL;

  imap_writer_text (writer, "STARTTLS");
  if (!session_imap_run (session, writer, IMAP_COMMAND_STARTTLS, NULL, NULL, &failure, "Cannot encrypt"))
    {
      if (!session->is_good)
        {
          g_propagate_error (error, failure);
          return FALSE;
        }
      g_clear_error (&failure);
      imap_error_set (&failure, IMAP_ERROR_NO_TLS, IMAP_CODE_NONE, base_slice_new (NULL, 0),
                      "The server %s does not encrypt the connection (no STARTTLS)", session->host);
      return session_imap_break (session, failure, error);
    }
  session_imap_move_deadline (session);
  if (!net_wire_start_tls (session->wire, &session->signals, session->deadline, &failure))
    return session_imap_break (session, failure, error);
  session_log_note (session->log, "switched to TLS");
  imap_engine_begin_tls (session->engine);
  return TRUE;
}

static gboolean
ask_capabilities (SessionImap  *session,
                  GError      **error)
{
  ImapWriter *writer;

  if (!imap_capabilities_is_empty (imap_engine_peek_capabilities (session->engine)))
    return TRUE;
  writer = session_imap_new_writer (session);
  imap_writer_text (writer, "CAPABILITY");
  return session_imap_run (session, writer, IMAP_COMMAND_HARMLESS, NULL, NULL, error,
                           "Cannot ask for capabilities");
}

gboolean
session_imap_connect (SessionImap  *session,
                      GError      **error)
{
  NetSignals signals = { -1, session->signals.stop_fd, session->signals.cancellable };
  GError *failure = NULL;

  if (!session_imap_is_ready (session, error))
    return FALSE;
  session_imap_move_deadline (session);
  if (!net_wire_connect (session->wire, &signals, session->deadline, &failure))
    return session_imap_break (session, failure, error);
  session_log_note (session->log, "connected to port %u%s", session->port,
                    net_wire_is_encrypted (session->wire) ? " with TLS" : "");

  if (!wait_for_greeting (session, error))
    return FALSE;
  if (session->security == NET_SECURITY_STARTTLS && !start_tls (session, error))
    return FALSE;
  return ask_capabilities (session, error);
}

/* --- signing in --- */

static gboolean
is_line_encrypted (SessionImap *session)
{
  return net_wire_is_encrypted (session->wire);
}

/* Whether a refusal is about name and password; else it may pass. */
static gboolean
is_about_password (const GError *error)
{
  ImapCode code = imap_error_get_code (error);

  if (code == IMAP_CODE_AUTHENTICATIONFAILED || code == IMAP_CODE_AUTHORIZATIONFAILED
      || code == IMAP_CODE_EXPIRED)
    return TRUE;
  if (code != IMAP_CODE_NONE && code != IMAP_CODE_UNKNOWN && code != IMAP_CODE_ALERT)
    return FALSE;
  return g_error_matches (error, IMAP_ERROR, IMAP_ERROR_NO)
         && !imap_quirks_is_busy (base_slice_from_string (imap_error_peek_text (error)));
}

/* Takes failure. */
static gboolean
judge_sign_in (SessionImap  *session,
               GError       *failure,
               GError      **error)
{
  g_autoptr(GError) refused = failure;
  const char *text = imap_error_peek_text (refused);

  if (!session->is_good || text == NULL || !is_about_password (refused))
    {
      g_propagate_error (error, g_steal_pointer (&refused));
      return FALSE;
    }
  imap_error_set (error, IMAP_ERROR_AUTH_REJECTED, imap_error_get_code (refused),
                  base_slice_from_string (text), "The server %s does not accept the %s of %s", session->host,
                  session->oauth_token != NULL ? "sign-in" : "password", session->user);
  return FALSE;
}

static gboolean
log_in (SessionImap  *session,
        GError      **error)
{
  ImapWriter *writer = session_imap_new_writer (session);
  GError *failure = NULL;

  imap_writer_text (writer, "LOGIN ");
  imap_writer_string (writer, session->user);
  imap_writer_text (writer, " ");
  imap_writer_secret (writer, base_secret_peek (session->password));
  imap_engine_forget_capabilities (session->engine);
  if (!session_imap_run (session, writer, IMAP_COMMAND_PLAIN, NULL, NULL, &failure,
                         "Cannot sign in as %s", session->user))
    return judge_sign_in (session, failure, error);
  return TRUE;
}

/* Answers one challenge.  When the mechanism cannot, gives up and leaves its error in failure. */
static void
answer_challenge (SessionImap  *session,
                  NetSasl      *sasl,
                  gboolean     *is_first,
                  GError      **failure)
{
  g_autoptr(BaseSecret) answer = NULL;
  GBytes *challenge = *is_first ? NULL : session->challenge;

  *is_first = FALSE;
  session->may_continue = FALSE;
  if (*failure == NULL && net_sasl_step (sasl, challenge, &answer, failure))
    imap_engine_answer (session->engine, base_secret_peek (answer));
  else
    imap_engine_answer (session->engine, NULL);
}

/* Until the tagged answer; is_first: the initial response did not go with the command (RFC 3501 6.2.2). */
static gboolean
converse (SessionImap        *session,
          SessionImapTicket  *ticket,
          NetSasl            *sasl,
          gboolean            is_first,
          GError            **error)
{
  g_autoptr(GError) failure = NULL;

  while (ticket->n_open > 0)
    {
      if (!session_imap_pump (session, error))
        return FALSE;
      if (session->may_continue && ticket->n_open > 0)
        answer_challenge (session, sasl, &is_first, &failure);
    }
  if (failure != NULL)
    return session_imap_break (session, g_steal_pointer (&failure), error);
  if (ticket->error != NULL)
    return judge_sign_in (session, g_steal_pointer (&ticket->error), error);
  if (net_sasl_is_complete (sasl))
    return TRUE;
  return session_imap_break (session, g_error_new (SASL_ERROR, SASL_ERROR_BAD_CHALLENGE,
                                                   "The server %s did not prove that it knows the password",
                                                   session->host), error);
}

static gboolean
authenticate (SessionImap  *session,
              NetSasl      *sasl,
              GError      **error)
{
  g_autoptr(SessionImapTicket) ticket = NULL;
  g_autoptr(BaseSecret) initial = NULL;
  gboolean goes_along = net_sasl_sends_first (sasl) && is_offered (session, IMAP_CAN_SASL_IR);
  gboolean is_done;
  ImapWriter *writer;

  if (goes_along && !net_sasl_step (sasl, NULL, &initial, error))
    return FALSE;
  writer = session_imap_new_writer (session);
  imap_writer_printf (writer, "AUTHENTICATE %s", net_sasl_get_mechanism (sasl));
  if (goes_along)
    {
      /* RFC 4959 section 3: an empty one is written as "=". */
      imap_writer_text (writer, " ");
      imap_writer_secret_text (writer,
                               *base_secret_peek (initial) == '\0' ? "=" : base_secret_peek (initial));
    }
  imap_engine_forget_capabilities (session->engine);
  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot sign in as %s", session->user);
  session->waiting_tag = session_imap_ticket_add (ticket, writer, IMAP_COMMAND_AUTHENTICATE);
  session->may_continue = FALSE;
  is_done = converse (session, ticket, sasl, net_sasl_sends_first (sasl) && !goes_along, error);
  session->waiting_tag = 0;
  return is_done;
}

/* LOGIN is for servers that offer no mechanism; what the mechanisms refuse for the line's sake it must not
 * do. */
static gboolean
may_log_in (SessionImap  *session,
            const GError *error)
{
  return g_error_matches (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM)
         && session->password != NULL && session->oauth_token == NULL
         && !is_offered (session, IMAP_CAN_LOGINDISABLED)
         && (is_line_encrypted (session) || session->may_send_clear);
}

static gboolean
prove_identity (SessionImap  *session,
                GError      **error)
{
  NetSaslLogin login = {
    .service = "imap", .host = session->host, .port = session->port, .user = session->user,
    .password = session->password, .oauth_token = session->oauth_token,
    .is_line_encrypted = is_line_encrypted (session), .may_send_clear = session->may_send_clear,
  };
  g_autoptr(GError) failure = NULL;
  g_autoptr(NetSasl) sasl = NULL;

  g_assert (session->security != NET_SECURITY_STARTTLS || is_line_encrypted (session));
  sasl = net_sasl_new (&login, session_imap_peek_mechanisms (session), &failure);
  if (sasl != NULL)
    return authenticate (session, sasl, error);
  if (may_log_in (session, failure))
    return log_in (session, error);
  g_propagate_prefixed_error (error, g_steal_pointer (&failure), "Cannot sign in on %s: ", session->host);
  return FALSE;
}

/* --- after signing in --- */

static void
take_greeting_facts (SessionImap        *session,
                     const ImapResponse *response,
                     gpointer            user_data)
{
  g_autofree char *name = NULL, *version = NULL;

  if (response->kind == IMAP_RESPONSE_ID && response->id.name.size > 0)
    {
      name = base_slice_dup_text (response->id.name);
      version = base_slice_dup_text (response->id.version);
      g_free (session->server);
      session->server = g_strdup_printf ("%s%s%s", name, *version != '\0' ? " " : "", version);
    }
  if (response->kind == IMAP_RESPONSE_NAMESPACE)
    {
      g_free (session->prefix);
      session->prefix = base_slice_dup_string (response->name_space.prefix);
      session->delimiter = response->name_space.delimiter;
    }
}

static void
add_command (SessionImapTicket *ticket,
             const char        *text)
{
  ImapWriter *writer = session_imap_new_writer (ticket->session);

  imap_writer_text (writer, text);
  session_imap_ticket_add (ticket, writer, IMAP_COMMAND_PLAIN);
}

static void
add_enable (SessionImapTicket *ticket)
{
  SessionImap *session = ticket->session;
  const ImapCapabilities *capabilities = imap_engine_peek_capabilities (session->engine);
  g_autoptr(GString) text = g_string_new ("ENABLE");

  if (is_offered (session, IMAP_CAN_QRESYNC) && !imap_quirks_is_qresync_broken (capabilities))
    g_string_append (text, " QRESYNC");
  else if (is_offered (session, IMAP_CAN_CONDSTORE))
    g_string_append (text, " CONDSTORE");
  if (is_offered (session, IMAP_CAN_UTF8_ACCEPT))
    g_string_append (text, " UTF8=ACCEPT");
  if (is_offered (session, IMAP_CAN_ENABLE) && strchr (text->str, ' ') != NULL)
    add_command (ticket, text->str);
}

/* In one round trip; a refusal of one of them is no harm.  163.com and its sisters refuse SELECT to who gave
 * no ID. */
static gboolean
introduce (SessionImap  *session,
           GError      **error)
{
  g_autoptr(SessionImapTicket) ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot begin");

  if (is_offered (session, IMAP_CAN_ID))
    add_command (ticket, "ID (\"name\" \"Penfold\" \"version\" \"" PENFOLD_VERSION "\")");
  add_enable (ticket);
  if (is_offered (session, IMAP_CAN_NAMESPACE))
    add_command (ticket, "NAMESPACE");

  session->collector = take_greeting_facts;
  while (ticket->n_open > 0)
    if (!session_imap_pump (session, error))
      break;
  session->collector = NULL;
  return ticket->n_open == 0;
}

gboolean
session_imap_sign_in (SessionImap  *session,
                      GError      **error)
{
  if (!session_imap_is_ready (session, error))
    return FALSE;
  if (!session->is_preauth && !prove_identity (session, error))
    return FALSE;
  session->is_signed_in = TRUE;
  return ask_capabilities (session, error) && introduce (session, error);
}

gboolean
session_imap_open (SessionImap  *session,
                   GError      **error)
{
  return session_imap_connect (session, error) && session_imap_sign_in (session, error);
}

void
session_imap_logout (SessionImap *session)
{
  g_autoptr(GError) error = NULL;
  NetSignals signals = { -1, session->signals.stop_fd, NULL };
  ImapWriter *writer;

  session_imap_set_signals (session, &signals);
  if (!session->is_good)
    return;
  writer = session_imap_new_writer (session);
  imap_writer_text (writer, "LOGOUT");
  session->is_leaving = TRUE;
  session->timeout_s = MIN (session->timeout_s, LOGOUT_S);
  session_imap_run (session, writer, IMAP_COMMAND_HARMLESS, NULL, NULL, &error, "Cannot sign out");
  if (session->is_good)
    session_imap_break (session, g_error_new (NET_ERROR, NET_ERROR_CLOSED,
                                              "Connection to %s: signed out", session->host), NULL);
}
