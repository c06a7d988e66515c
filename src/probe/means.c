/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/means.h"

#include "base/clock.h"
#include "discover/autoconfig.h"
#include "net/dns.h"
#include "net/https.h"
#include "session/imap.h"
#include "session/pop3.h"
#include "session/smtp.h"

static GBytes *
fetch (gpointer           data,
       const char        *url,
       const NetSignals  *signals,
       gint64             deadline,
       GError           **error)
{
  return net_https_get (url, data, DISCOVER_AUTOCONFIG_MAX, signals, deadline, error);
}

static GPtrArray *
lookup (gpointer           data G_GNUC_UNUSED,
        const char        *service,
        const char        *domain,
        const NetSignals  *signals,
        gint64             deadline,
        GError           **error)
{
  return net_dns_lookup_service (service, domain, signals, deadline, error);
}

static gboolean
knock_imap (const NetWhere    *where,
            guint              timeout_s,
            const NetSignals  *signals,
            GError           **error)
{
  SessionImapLogin login = { .where = *where, .user = "", .timeout_s = timeout_s };
  g_autoptr(SessionImap) session = session_imap_new (&login);

  session_imap_set_signals (session, signals);
  return session_imap_connect (session, error);
}

static gboolean
knock_pop3 (const NetWhere    *where,
            guint              timeout_s,
            const NetSignals  *signals,
            GError           **error)
{
  SessionPop3Login login = { .where = *where, .user = "", .timeout_s = timeout_s };
  g_autoptr(SessionPop3) session = session_pop3_new (&login);

  session_pop3_set_signals (session, signals);
  return session_pop3_connect (session, error);
}

static gboolean
knock_smtp (const NetWhere    *where,
            guint              timeout_s,
            const NetSignals  *signals,
            GError           **error)
{
  SessionSmtpLogin login = { .where = *where, .timeout_s = timeout_s };
  g_autoptr(SessionSmtp) session = session_smtp_new (&login);

  session_smtp_set_signals (session, signals);
  return session_smtp_connect (session, error);
}

static gboolean
knock (gpointer                data,
       const DiscoverServer   *server,
       const NetSignals       *signals,
       gint64                  deadline,
       GError                **error)
{
  NetSecurity security = server->security == DISCOVER_TLS ? NET_SECURITY_TLS : NET_SECURITY_STARTTLS;
  NetWhere where = { server->host, server->port, security, data };
  gint64 left_s = (deadline - base_clock_steady_us ()) / G_USEC_PER_SEC;
  guint timeout_s = (guint) CLAMP (left_s, 1, 60);

  switch (server->protocol)
    {
    case DISCOVER_IMAP: return knock_imap (&where, timeout_s, signals, error);
    case DISCOVER_POP3: return knock_pop3 (&where, timeout_s, signals, error);
    case DISCOVER_SMTP: return knock_smtp (&where, timeout_s, signals, error);
    }
  g_assert_not_reached ();
}

ProbeMeans
probe_means_get (NetTrust *trust)
{
  return (ProbeMeans) { fetch, lookup, knock, trust };
}
