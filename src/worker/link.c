/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/link.h"

#include "probe/login.h"
#include "sync/bodies.h"
#include "sync/remote-imap.h"

struct _WorkerLink {
  NetTrust    *trust;
  SessionImap *session;
  SyncRemote  *remote;
};

WorkerLink *
worker_link_open (const WorkerTools   *tools,
                  const StoreAccount  *account,
                  GError             **error)
{
  g_autoptr(WorkerLink) link = g_new0 (WorkerLink, 1);
  g_autoptr(BaseSecret) password = NULL;

  if ((link->trust = probe_login_new_trust (tools->store, account, error)) == NULL
      || (password = probe_login_get_secret (tools->secrets, account, ACCOUNT_SECRET_INCOMING,
                                             error)) == NULL)
    return NULL;
  link->session = probe_login_new_imap (account, link->trust, password);
  session_imap_set_signals (link->session, tools->signals);
  if (!session_imap_open (link->session, error))
    return NULL;
  link->remote = sync_remote_imap_new (link->session);
  return g_steal_pointer (&link);
}

void
worker_link_close (WorkerLink *link)
{
  if (link == NULL)
    return;
  if (link->remote != NULL && session_imap_is_good (link->session))
    session_imap_logout (link->session);
  g_clear_pointer (&link->remote, sync_remote_imap_free);
  g_clear_pointer (&link->session, session_imap_free);
  g_clear_pointer (&link->trust, net_trust_unref);
  g_free (link);
}

gboolean
worker_link_fetch (const WorkerTools   *tools,
                   const StoreAccount  *account,
                   const gint64        *message_ids,
                   gsize                n_messages,
                   SyncSummary         *summary,
                   GError             **error)
{
  g_autoptr(WorkerLink) link = worker_link_open (tools, account, error);
  SyncContext context = {
    .store = tools->store, .ingest = tools->ingest, .account = account, .summary = summary,
    .cancellable = tools->signals != NULL ? tools->signals->cancellable : NULL, .progress = tools->progress,
    .data = tools->data,
  };

  if (link == NULL)
    return FALSE;
  context.remote = link->remote;
  return sync_bodies_messages (&context, message_ids, n_messages, error);
}

SessionImap *
worker_link_peek_session (WorkerLink *link)
{
  return link->session;
}

SyncRemote *
worker_link_peek_remote (WorkerLink *link)
{
  return link->remote;
}
