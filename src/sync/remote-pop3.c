/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/remote-pop3.h"

typedef struct {
  SyncPop3Remote  base;
  SyncPop3Make    make;
  gpointer        data;
  SessionPop3    *session;      /* or NULL */
  NetTraffic      traffic;      /* of those before */
  guint           connections;
} RemotePop3;

/* The remote's tickets are the session's. */
#define TICKET(ticket) ((SessionPop3Ticket *) (ticket))

static SessionPop3 *
get_session (SyncPop3Remote *remote)
{
  return ((RemotePop3 *) remote)->session;
}

static void
remote_close (SyncPop3Remote *remote)
{
  RemotePop3 *self = (RemotePop3 *) remote;

  self->traffic = sync_remote_pop3_get_traffic (remote);
  g_clear_pointer (&self->session, session_pop3_free);
}

static gboolean
remote_open (SyncPop3Remote  *remote,
             GError         **error)
{
  RemotePop3 *self = (RemotePop3 *) remote;

  remote_close (remote);
  self->session = self->make (self->data);
  self->connections++;
  if (session_pop3_open (self->session, error))
    return TRUE;
  remote_close (remote);
  return FALSE;
}

static const Pop3Capabilities *
remote_peek_capabilities (SyncPop3Remote *remote)
{
  return session_pop3_peek_capabilities (get_session (remote));
}

static GArray *
remote_list (SyncPop3Remote  *remote,
             GError         **error)
{
  return session_pop3_list (get_session (remote), error);
}

static SyncPop3Ticket *
remote_start_retr (SyncPop3Remote        *remote,
                   guint32                number,
                   const SessionPop3Sink *sink,
                   gpointer               data)
{
  return (SyncPop3Ticket *) session_pop3_start_retr (get_session (remote), number, sink, data);
}

static gboolean
remote_finish_retr (SyncPop3Remote  *remote,
                    SyncPop3Ticket  *ticket,
                    GError         **error)
{
  return session_pop3_finish_retr (get_session (remote), TICKET (ticket), error);
}

static SyncPop3Ticket *
remote_start_top (SyncPop3Remote *remote,
                  guint32         number,
                  guint           lines)
{
  return (SyncPop3Ticket *) session_pop3_start_top (get_session (remote), number, lines);
}

static GBytes *
remote_finish_top (SyncPop3Remote  *remote,
                   SyncPop3Ticket  *ticket,
                   GError         **error)
{
  return session_pop3_finish_top (get_session (remote), TICKET (ticket), error);
}

static SyncPop3Ticket *
remote_start_dele (SyncPop3Remote *remote,
                   guint32         number)
{
  return (SyncPop3Ticket *) session_pop3_start_dele (get_session (remote), number);
}

static gboolean
remote_finish_dele (SyncPop3Remote  *remote,
                    SyncPop3Ticket  *ticket,
                    GError         **error)
{
  return session_pop3_finish_dele (get_session (remote), TICKET (ticket), error);
}

static void
remote_ticket_free (SyncPop3Ticket *ticket)
{
  session_pop3_ticket_free (TICKET (ticket));
}

static gboolean
remote_quit (SyncPop3Remote  *remote,
             GError         **error)
{
  gboolean is_done = session_pop3_quit (get_session (remote), error);

  remote_close (remote);
  return is_done;
}

static const SyncPop3Verbs verbs = {
  remote_open, remote_peek_capabilities, remote_list, remote_start_retr, remote_finish_retr, remote_start_top,
  remote_finish_top, remote_start_dele, remote_finish_dele, remote_ticket_free, remote_quit, remote_close,
};

SyncPop3Remote *
sync_remote_pop3_new (SyncPop3Make make,
                      gpointer     data)
{
  RemotePop3 *self = g_new0 (RemotePop3, 1);

  self->base.verbs = &verbs;
  self->make = make;
  self->data = data;
  return &self->base;
}

void
sync_remote_pop3_free (SyncPop3Remote *remote)
{
  remote_close (remote);
  g_free (remote);
}

NetTraffic
sync_remote_pop3_get_traffic (SyncPop3Remote *remote)
{
  RemotePop3 *self = (RemotePop3 *) remote;
  NetTraffic all = self->traffic;
  NetTraffic now = { 0 };

  if (self->session != NULL)
    now = session_pop3_get_traffic (self->session);
  all.bytes_in += now.bytes_in;
  all.bytes_out += now.bytes_out;
  all.round_trips += now.round_trips;
  return all;
}

guint
sync_remote_pop3_get_connections (SyncPop3Remote *remote)
{
  return ((RemotePop3 *) remote)->connections;
}
