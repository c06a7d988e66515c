/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/link.h"

#include "base/clock.h"

#include <string.h>

#define DEFAULT_TIMEOUT_S 60

void
session_link_init (SessionLink    *link,
                   const char     *protocol,
                   const NetWhere *where,
                   guint           timeout_s,
                   NetWire        *wire)
{
  *link = (SessionLink) {
    .owner = g_thread_self (),
    .wire = wire != NULL ? wire : net_wire_new (where),
    .host = g_strdup (where->host),
    .port = where->port,
    .security = where->security,
    .timeout_s = timeout_s > 0 ? timeout_s : DEFAULT_TIMEOUT_S,
    .signals = NET_SIGNALS_NONE,
    .log = session_log_new (protocol, where->host),
    .is_good = TRUE,
  };
}

void
session_link_clear (SessionLink *link)
{
  g_assert (link->owner == g_thread_self ());
  g_clear_object (&link->signals.cancellable);
  net_wire_free (link->wire);
  session_log_free (link->log);
  g_free (link->host);
}

void
session_link_set_signals (SessionLink      *link,
                          const NetSignals *signals)
{
  GCancellable *old = link->signals.cancellable;

  g_assert (link->owner == g_thread_self ());
  link->signals = signals != NULL ? *signals : NET_SIGNALS_NONE;
  link->signals.wake_fd = -1;
  if (link->signals.cancellable != NULL)
    g_object_ref (link->signals.cancellable);
  g_clear_object (&old);
}

gint64
session_link_deadline (SessionLink *link)
{
  return base_clock_steady_us () + (gint64) link->timeout_s * G_USEC_PER_SEC;
}

gboolean
session_link_connect (SessionLink  *link,
                      GError      **error)
{
  g_assert (link->owner == g_thread_self ());
  link->is_good = net_wire_connect (link->wire, &link->signals, session_link_deadline (link), error);
  if (link->is_good)
    session_log_note (link->log, "connected%s", net_wire_is_encrypted (link->wire) ? " with TLS" : "");
  return link->is_good;
}

gboolean
session_link_start_tls (SessionLink  *link,
                        GError      **error)
{
  session_link_peek (link);
  link->is_good = net_wire_start_tls (link->wire, &link->signals, session_link_deadline (link), error);
  if (link->is_good)
    session_log_note (link->log, "switched to TLS");
  return link->is_good;
}

gboolean
session_link_check (SessionLink  *link,
                    GError      **error)
{
  g_assert (link->owner == g_thread_self ());
  if (!link->is_good)
    g_set_error (error, NET_ERROR, NET_ERROR_CLOSED, "Connection to %s: it has ended already", link->host);
  return link->is_good;
}

gboolean
session_link_may_quote (SessionLink *link)
{
  return link->security == NET_SECURITY_NONE || net_wire_is_encrypted (link->wire);
}

static void
log_secret (SessionLink *link,
            const char  *text)
{
  const char *blank = strchr (text, ' ');
  g_autofree char *word = blank != NULL ? g_strndup (text, (gsize) (blank - text)) : g_strdup ("");

  session_log_secret (link->log, SESSION_LOG_CLIENT, word);
}

void
session_link_send (SessionLink      *link,
                   const BaseSecret *line,
                   gboolean          is_secret)
{
  const char *text = base_secret_peek (line);

  if (is_secret)
    log_secret (link, text);
  else
    session_log_line (link->log, SESSION_LOG_CLIENT, base_slice_from_string (text));
  net_wire_queue (link->wire, text, strlen (text));
}

BaseSlice
session_link_peek (SessionLink *link)
{
  g_assert (link->owner == g_thread_self ());
  net_wire_consume (link->wire, link->taken);
  link->taken = 0;
  return net_wire_peek_input (link->wire);
}

void
session_link_take (SessionLink *link,
                   gsize        size)
{
  link->taken += size;
}

gboolean
session_link_wait (SessionLink  *link,
                   GError      **error)
{
  session_link_peek (link);
  switch (net_wire_wait (link->wire, &link->signals, session_link_deadline (link), error))
    {
    case NET_WAIT_INPUT:
      return TRUE;
    case NET_WAIT_EXPIRED:
    case NET_WAIT_WOKEN:
      g_set_error (error, NET_ERROR, NET_ERROR_TIMEOUT, "Connection to %s: no answer for %u seconds",
                   link->host, link->timeout_s);
      break;
    case NET_WAIT_FAILED:
      break;
    }
  link->is_good = FALSE;
  return FALSE;
}

BaseSecret *
session_link_start_auth (NetSasl     *sasl,
                         gsize        line_max,
                         BaseSecret **later,
                         GError     **error)
{
  const char *mechanism = net_sasl_get_mechanism (sasl);
  g_autoptr(BaseSecret) whole = NULL;
  const char *text;

  *later = NULL;
  if (!net_sasl_sends_first (sasl))
    return base_secret_take (g_strconcat ("AUTH ", mechanism, NULL));
  if (!net_sasl_step (sasl, NULL, later, error))
    return NULL;

  /* RFC 4954 section 4, RFC 5034 section 4: an empty response is written as "=". */
  text = base_secret_peek (*later);
  whole = base_secret_take (g_strconcat ("AUTH ", mechanism, " ", *text != '\0' ? text : "=", NULL));
  if (strlen (base_secret_peek (whole)) > line_max)
    return base_secret_take (g_strconcat ("AUTH ", mechanism, NULL));
  g_clear_pointer (later, base_secret_unref);
  return g_steal_pointer (&whole);
}

BaseSecret *
session_link_answer (NetSasl    *sasl,
                     BaseSlice   base64,
                     GError    **error)
{
  g_autofree char *text = base_slice_dup_string (base64);
  g_autoptr(GBytes) challenge = NULL;
  BaseSecret *answer = NULL;
  guchar *bytes;
  gsize size;

  if (text == NULL)
    {
      g_set_error (error, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE, "The server's challenge is no text");
      return NULL;
    }
  bytes = g_base64_decode (text, &size);
  challenge = g_bytes_new_take (bytes, size);
  return net_sasl_step (sasl, challenge, &answer, error) ? answer : NULL;
}
