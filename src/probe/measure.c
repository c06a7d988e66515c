/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/measure.h"

#include "probe/check.h"
#include "session/imap.h"
#include "session/pop3.h"

/* --- IMAP --- */

/* Sizes where the server knows them without reading all mail; one folder that does not tell makes the sum
 * unknown. */
static void
add_folder (ProbeMeasure            *measure,
            const SessionImapFolder *folder,
            gboolean                 tells_size)
{
  measure->folders++;
  measure->messages += folder->messages;
  if (folder->role == IMAP_ROLE_INBOX || g_ascii_strcasecmp (folder->raw_name, "INBOX") == 0)
    measure->inbox_messages = folder->messages;
  if (!tells_size)
    measure->bytes = PROBE_UNKNOWN;
  else if (measure->bytes != PROBE_UNKNOWN)
    measure->bytes += folder->size;
}

static gboolean
measure_imap_session (SessionImap   *session,
                      ProbeMeasure  *measure,
                      GError       **error)
{
  gboolean tells_size = session_imap_can (session, IMAP_CAN_STATUS_SIZE);
  g_autoptr(GPtrArray) folders = NULL;
  SessionImapQuota quota = { FALSE };

  folders = session_imap_list (session, tells_size
                               ? SESSION_IMAP_NAMES_STATUS_AND_SIZE : SESSION_IMAP_NAMES_AND_STATUS,
                               error);
  if (folders == NULL || !session_imap_get_quota (session, &quota, error))
    return FALSE;
  for (guint i = 0; i < folders->len; i++)
    if (((SessionImapFolder *) folders->pdata[i])->has_status)
      add_folder (measure, folders->pdata[i], tells_size);
  measure->has_uidl = TRUE;
  measure->has_idle = session_imap_can (session, IMAP_CAN_IDLE);
  measure->quota_used = quota.is_known ? quota.used_bytes : PROBE_UNKNOWN;
  measure->quota_limit = quota.is_known ? quota.limit_bytes : PROBE_UNKNOWN;
  return TRUE;
}

static gboolean
measure_imap (const ProbeServer  *login,
              NetTrust           *trust,
              const NetSignals   *signals,
              ProbeMeasure       *measure,
              GError            **error)
{
  SessionImapLogin account = {
    .where = probe_server_get_where (login, trust), .user = login->user, .password = login->password,
    .may_send_clear = login->may_send_clear, .timeout_s = PROBE_CHECK_TIMEOUT_S,
  };
  g_autoptr(SessionImap) session = session_imap_new (&account);

  session_imap_set_signals (session, signals);
  if (!session_imap_open (session, error) || !measure_imap_session (session, measure, error))
    return FALSE;
  session_imap_logout (session);
  return TRUE;
}

/* --- POP3 --- */

static gboolean
measure_pop3 (const ProbeServer  *login,
              NetTrust           *trust,
              const NetSignals   *signals,
              ProbeMeasure       *measure,
              GError            **error)
{
  SessionPop3Login account = {
    .where = probe_server_get_where (login, trust), .user = login->user, .password = login->password,
    .may_send_clear = login->may_send_clear, .timeout_s = PROBE_CHECK_TIMEOUT_S,
  };
  g_autoptr(SessionPop3) session = session_pop3_new (&account);
  const Pop3Capabilities *capabilities;
  g_autoptr(GError) unheard = NULL;
  guint32 messages = 0;

  session_pop3_set_signals (session, signals);
  if (!session_pop3_open (session, error) || !session_pop3_stat (session, &messages, &measure->bytes, error))
    return FALSE;
  capabilities = session_pop3_peek_capabilities (session);
  measure->messages = measure->inbox_messages = messages;
  measure->folders = 1;
  measure->has_uidl = capabilities->has_uidl;
  measure->expire_days = capabilities->expire == POP3_EXPIRE_DAYS ? (gint) capabilities->expire_days : -1;
  measure->login_delay = capabilities->login_delay;
  /* Nothing was marked for deletion: how QUIT ends says nothing. */
  session_pop3_quit (session, &unheard);
  return TRUE;
}

gboolean
probe_measure (const ProbeServer  *login,
               NetTrust           *trust,
               const NetSignals   *signals,
               ProbeMeasure       *measure,
               ProbeVerdict      **verdict)
{
  g_autoptr(GError) error = NULL;
  gboolean is_measured;

  g_return_val_if_fail (login->protocol != DISCOVER_SMTP, FALSE);
  *measure = (ProbeMeasure) { .quota_used = PROBE_UNKNOWN, .quota_limit = PROBE_UNKNOWN, .expire_days = -1 };
  if (login->security == DISCOVER_PLAIN && !login->may_send_clear)
    {
      if (verdict != NULL)
        *verdict = probe_verdict_new_for (login, PROBE_NEEDS_CONSENT);
      return FALSE;
    }
  is_measured = login->protocol == DISCOVER_IMAP ? measure_imap (login, trust, signals, measure, &error)
                                                 : measure_pop3 (login, trust, signals, measure, &error);
  if (!is_measured && verdict != NULL)
    *verdict = probe_verdict_new (login, error);
  return is_measured;
}
