/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/round.h"

#include "base/clock.h"
#include "probe/login.h"
#include "sync/remote-imap.h"
#include "sync/round.h"

static SyncContext
get_context (const WorkerTools  *tools,
             const StoreAccount *account,
             WorkerRound        *round)
{
  return (SyncContext) {
    .store = tools->store, .ingest = tools->ingest, .account = account, .summary = &round->summary,
    .cancellable = tools->signals != NULL ? tools->signals->cancellable : NULL,
    .should_yield = tools->should_yield, .progress = tools->progress, .data = tools->data,
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
      || (password = probe_login_get_secret (tools->secrets, account, ACCOUNT_SECRET_INCOMING, &round->error)) == NULL)
    return;
  session = probe_login_new_imap (account, trust, password);
  session_imap_set_signals (session, tools->signals);
  round->connections++;
  if (session_imap_open (session, &round->error))
    {
      context.remote = sync_remote_imap_new (session);
      sync_round_imap (&context, &round->error);
      sync_remote_imap_free (context.remote);
      if (session_imap_is_good (session))
        session_imap_logout (session);
    }
  add_traffic (round, session_imap_get_traffic (session));
}

WorkerRound *
worker_round_run (const WorkerTools  *tools,
                  const StoreAccount *account)
{
  WorkerRound *round = g_new0 (WorkerRound, 1);
  gint64 started = base_clock_steady_us ();

  round->account = account->id;
  sync_summary_init (&round->summary);
  switch (account->protocol)
    {
    case STORE_PROTOCOL_IMAP:
      run_imap (tools, account, round);
      break;
    case STORE_PROTOCOL_POP3:
      g_set_error_literal (&round->error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "This version collects no mail by POP3");
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
  g_free (round);
}
