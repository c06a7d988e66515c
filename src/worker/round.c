/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/round.h"

#include "base/clock.h"
#include "probe/login.h"
#include "sync/outbox.h"
#include "sync/remote-imap.h"
#include "sync/round.h"
#include "sync/round-pop3.h"
#include "sync/sent.h"
#include "worker/folders.h"

static SyncContext
get_context (const WorkerTools  *tools,
             const StoreAccount *account,
             WorkerRound        *round)
{
  return (SyncContext) {
    .store = tools->store, .ingest = tools->ingest, .account = account, .summary = &round->summary,
    .cancellable = tools->signals != NULL ? tools->signals->cancellable : NULL,
    .when = tools->when, .should_yield = tools->should_yield, .hold = tools->hold, .let_go = tools->let_go,
            .progress = tools->progress,
    .data = tools->data,
  };
}

static void
add_traffic (WorkerRound *round,
             NetTraffic   traffic)
{
  round->traffic.bytes_in += traffic.bytes_in;
  round->traffic.bytes_out += traffic.bytes_out;
  round->traffic.round_trips += traffic.round_trips;
}

static void
run_imap (const WorkerTools  *tools,
          const StoreAccount *account,
          WorkerRound        *round)
{
  SyncContext context = get_context (tools, account, round);
  g_autoptr(NetTrust) trust = probe_login_new_trust (tools->store, account, &round->error);
  g_autoptr(BaseSecret) password = NULL;
  g_autoptr(SessionImap) session = NULL;

  if (trust == NULL
      || (password = probe_login_get_secret (tools->secrets, account, ACCOUNT_SECRET_INCOMING,
                                             &round->error)) == NULL)
    return;
  session = probe_login_new_imap (account, trust, password);
  session_imap_set_signals (session, tools->signals);
  round->connections++;
  if (session_imap_open (session, &round->error))
    {
      context.remote = sync_remote_imap_new (session);
      if (sync_sent_run (&context, &round->error))
        sync_round_imap (&context, &round->error);
      sync_remote_imap_free (context.remote);
      if (session_imap_is_good (session))
        session_imap_logout (session);
    }
  add_traffic (round, session_imap_get_traffic (session));
}

/* --- POP3 --- */

typedef struct {
  const StoreAccount *account;
  const NetSignals   *signals;
  NetTrust           *trust;
  BaseSecret         *password;
} Login;

static SessionPop3 *
make_pop3 (gpointer data)
{
  Login *login = data;
  SessionPop3 *session = probe_login_new_pop3 (login->account, login->trust, login->password);

  session_pop3_set_signals (session, login->signals);
  return session;
}

static void
run_pop3 (const WorkerTools  *tools,
          const StoreAccount *account,
          WorkerRound        *round)
{
  SyncContext context = get_context (tools, account, round);
  g_autoptr(NetTrust) trust = probe_login_new_trust (tools->store, account, &round->error);
  g_autoptr(BaseSecret) password = NULL;
  Login login = { account, tools->signals, trust, NULL };

  if (trust == NULL
      || (password = probe_login_get_secret (tools->secrets, account, ACCOUNT_SECRET_INCOMING,
                                             &round->error)) == NULL
      || !worker_folders_ensure_local (tools->ingest, tools->store, account->id, &round->error))
    return;
  login.password = password;
  context.pop3 = sync_remote_pop3_new (make_pop3, &login);
  sync_round_pop3 (&context, &round->error);
  round->connections += sync_remote_pop3_get_connections (context.pop3);
  add_traffic (round, sync_remote_pop3_get_traffic (context.pop3));
  sync_remote_pop3_free (context.pop3);
}

/* --- outgoing mail --- */

typedef struct {
  const WorkerTools  *tools;
  const StoreAccount *account;
  WorkerRound        *round;
  NetTrust           *trust;            /* outlives the sessions */
} Outgoing;

static SessionSmtp *
make_smtp (gpointer   data,
           GError   **error)
{
  Outgoing *outgoing = data;
  g_autoptr(BaseSecret) password = NULL;
  SessionSmtp *session;

  if (outgoing->trust == NULL
      && (outgoing->trust = probe_login_new_trust (outgoing->tools->store, outgoing->account, error)) == NULL)
    return NULL;
  if (*outgoing->account->outgoing.user != '\0'
      && (password = probe_login_get_secret (outgoing->tools->secrets, outgoing->account,
                                             ACCOUNT_SECRET_OUTGOING, error)) == NULL)
    return NULL;
  session = probe_login_new_smtp (outgoing->account, outgoing->trust, password);
  session_smtp_set_signals (session, outgoing->tools->signals);
  outgoing->round->connections++;
  return session;
}

/* Another server than that of incoming mail: what fails here holds up nothing else. */
static void
run_outbox (const WorkerTools  *tools,
            const StoreAccount *account,
            WorkerRound        *round)
{
  SyncContext context = get_context (tools, account, round);
  Outgoing outgoing = { tools, account, round, NULL };
  SyncPost *post = sync_post_smtp_new (make_smtp, &outgoing);
  NetTraffic traffic;

  switch (tools->sending)
    {
    case WORKER_SENDING_ALLOWED:
      sync_outbox_run (&context, post, &round->sending_error);
      break;
    case WORKER_SENDING_STOPPED:
      break;
    }
  sync_post_smtp_free (post, &traffic);
  add_traffic (round, traffic);
  g_clear_pointer (&outgoing.trust, net_trust_unref);
  sync_sent_run (&context, round->sending_error == NULL ? &round->sending_error : NULL);
}

WorkerRound *
worker_round_run (const WorkerTools  *tools,
                  const StoreAccount *account)
{
  WorkerRound *round = g_new0 (WorkerRound, 1);
  gint64 started = base_clock_steady_us ();

  round->account = account->id;
  sync_summary_init (&round->summary);
  run_outbox (tools, account, round);
  switch (account->protocol)
    {
    case STORE_PROTOCOL_IMAP:
      run_imap (tools, account, round);
      break;
    case STORE_PROTOCOL_POP3:
      run_pop3 (tools, account, round);
      break;
    }
  round->seconds = (double) (base_clock_steady_us () - started) / G_USEC_PER_SEC;
  return round;
}

void
worker_round_free (WorkerRound *round)
{
  sync_summary_clear (&round->summary);
  g_clear_error (&round->error);
  g_clear_error (&round->sending_error);
  g_free (round);
}
