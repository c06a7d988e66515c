/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/check.h"

#include "session/imap.h"
#include "session/pop3.h"
#include "session/smtp.h"

NetWhere
probe_server_get_where (const ProbeServer *login,
                        NetTrust          *trust)
{
  NetSecurity security = NET_SECURITY_TLS;

  switch (login->security)
    {
    case DISCOVER_TLS:      security = NET_SECURITY_TLS; break;
    case DISCOVER_STARTTLS: security = NET_SECURITY_STARTTLS; break;
    case DISCOVER_PLAIN:    security = NET_SECURITY_NONE; break;
    }
  return (NetWhere) { login->host, login->port, security, trust };
}

/* Takes error and log. */
static ProbeVerdict *
finish (const ProbeServer *login,
        GError           *error,
        NetWire          *wire,
        char             *log)
{
  g_autoptr(GError) owned = error;
  ProbeVerdict *verdict = probe_verdict_new (login, owned);
  const NetCertificate *certificate = wire != NULL ? net_wire_get_certificate (wire) : NULL;

  verdict->log = log;
  if (certificate != NULL)
    verdict->certificate = net_certificate_copy (certificate);
  return verdict;
}

static ProbeVerdict *
check_imap (const ProbeServer *login,
            NetTrust         *trust,
            const NetSignals *signals)
{
  SessionImapLogin account = {
    .where = probe_server_get_where (login, trust), .user = login->user, .password = login->password,
    .may_send_clear = login->may_send_clear, .timeout_s = PROBE_CHECK_TIMEOUT_S,
  };
  g_autoptr(SessionImap) session = session_imap_new (&account);
  GError *error = NULL;

  session_imap_set_signals (session, signals);
  if (session_imap_open (session, &error))
    session_imap_logout (session);
  return finish (login, error, session_imap_peek_wire (session), session_imap_dup_log (session));
}

static ProbeVerdict *
check_pop3 (const ProbeServer *login,
            NetTrust         *trust,
            const NetSignals *signals)
{
  SessionPop3Login account = {
    .where = probe_server_get_where (login, trust), .user = login->user, .password = login->password,
    .may_send_clear = login->may_send_clear, .timeout_s = PROBE_CHECK_TIMEOUT_S,
  };
  g_autoptr(SessionPop3) session = session_pop3_new (&account);
  g_autoptr(GError) unheard = NULL;
  GError *error = NULL;

  session_pop3_set_signals (session, signals);
  /* Nothing was marked for deletion: how QUIT ends says nothing about the settings. */
  if (session_pop3_open (session, &error))
    session_pop3_quit (session, &unheard);
  return finish (login, error, session_pop3_peek_wire (session), session_pop3_dup_log (session));
}

static ProbeVerdict *
check_smtp (const ProbeServer *login,
            NetTrust         *trust,
            const NetSignals *signals)
{
  gboolean has_user = login->user != NULL && *login->user != '\0';
  SessionSmtpLogin account = {
    .where = probe_server_get_where (login, trust), .user = has_user ? login->user : NULL,
             .password = login->password,
    .may_send_clear = login->may_send_clear, .timeout_s = PROBE_CHECK_TIMEOUT_S,
  };
  g_autoptr(SessionSmtp) session = session_smtp_new (&account);
  GError *error = NULL;

  session_smtp_set_signals (session, signals);
  if (session_smtp_open (session, &error))
    session_smtp_quit (session);
  return finish (login, error, session_smtp_peek_wire (session), session_smtp_dup_log (session));
}

ProbeVerdict *
probe_check (const ProbeServer *login,
             NetTrust         *trust,
             const NetSignals *signals)
{
  if (login->security == DISCOVER_PLAIN && !login->may_send_clear)
    return probe_verdict_new_for (login, PROBE_NEEDS_CONSENT);
  switch (login->protocol)
    {
    case DISCOVER_IMAP: return check_imap (login, trust, signals);
    case DISCOVER_POP3: return check_pop3 (login, trust, signals);
    case DISCOVER_SMTP: return check_smtp (login, trust, signals);
    }
  g_assert_not_reached ();
}
