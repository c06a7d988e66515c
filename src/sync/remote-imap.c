/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/remote-imap.h"

typedef struct {
  SyncRemote   base;
  SessionImap *session;
} RemoteImap;

/* The remote's tickets are the session's. */
#define TICKET(ticket) ((SessionImapTicket *) (ticket))

static SessionImap *
get_session (SyncRemote *remote)
{
  return ((RemoteImap *) remote)->session;
}

static gboolean
remote_can (SyncRemote     *remote,
            ImapCapability  capability)
{
  return session_imap_can (get_session (remote), capability);
}

static const char *
remote_peek_prefix (SyncRemote *remote,
                    char       *delimiter)
{
  return session_imap_peek_prefix (get_session (remote), delimiter);
}

static GPtrArray *
remote_list (SyncRemote           *remote,
             SessionImapListMode   mode,
             GError              **error)
{
  return session_imap_list (get_session (remote), mode, error);
}

static gboolean
remote_create (SyncRemote  *remote,
               const char  *raw_name,
               ImapRole     role,
               GError     **error)
{
  return session_imap_create (get_session (remote), raw_name, role, error);
}

static gboolean
remote_rename (SyncRemote  *remote,
               const char  *raw_name,
               const char  *raw_new_name,
               GError     **error)
{
  return session_imap_rename (get_session (remote), raw_name, raw_new_name, error);
}

static gboolean
remote_delete (SyncRemote  *remote,
               const char  *raw_name,
               GError     **error)
{
  return session_imap_delete (get_session (remote), raw_name, error);
}

static SessionImapBox *
remote_select (SyncRemote               *remote,
               const char               *raw_name,
               SessionImapAccess         access,
               const SessionImapResync  *resync,
               GError                  **error)
{
  return session_imap_select (get_session (remote), raw_name, access, resync, error);
}

static const char *
remote_peek_selected (SyncRemote *remote)
{
  return session_imap_peek_selected (get_session (remote));
}

static void
remote_take_news (SyncRemote      *remote,
                  SessionImapNews *news)
{
  session_imap_take_news (get_session (remote), news);
}

static SyncTicket *
remote_start_fetch (SyncRemote       *remote,
                    const ImapUidset *uids,
                    SessionImapItems  items)
{
  return (SyncTicket *) session_imap_start_fetch (get_session (remote), uids, items);
}

static SyncTicket *
remote_start_fetch_numbers (SyncRemote       *remote,
                            guint32           first,
                            guint32           last,
                            SessionImapItems  items)
{
  return (SyncTicket *) session_imap_start_fetch_numbers (get_session (remote), first, last, items);
}

static SyncTicket *
remote_start_fetch_changes (SyncRemote       *remote,
                            const ImapUidset *uids,
                            SessionImapItems  items,
                            guint64           modseq)
{
  return (SyncTicket *) session_imap_start_fetch_changes (get_session (remote), uids, items, modseq);
}

static SessionImapRows *
remote_finish_fetch (SyncRemote  *remote,
                     SyncTicket  *ticket,
                     GError     **error)
{
  return session_imap_finish_fetch (get_session (remote), TICKET (ticket), error);
}

static SyncTicket *
remote_start_bodies (SyncRemote            *remote,
                     const ImapUidset      *uids,
                     guint64                expected_bytes,
                     const SessionImapSink *sink,
                     gpointer               data)
{
  return (SyncTicket *) session_imap_start_bodies (get_session (remote), uids, expected_bytes, sink, data);
}

static gboolean
remote_finish_bodies (SyncRemote  *remote,
                      SyncTicket  *ticket,
                      GError     **error)
{
  return session_imap_finish_bodies (get_session (remote), TICKET (ticket), error);
}

static void
remote_ticket_free (SyncTicket *ticket)
{
  session_imap_ticket_free (TICKET (ticket));
}

static gboolean
remote_store (SyncRemote          *remote,
              const ImapUidset    *uids,
              SessionImapStore     how,
              ImapFlags            flags,
              const char * const  *keywords,
              guint64              unchanged_since,
              ImapUidset         **modified,
              GError             **error)
{
  SessionImap *session = get_session (remote);
  g_autoptr(SessionImapTicket) ticket = session_imap_start_store (session, uids, how, flags, keywords,
                                                                  unchanged_since);

  return session_imap_finish_store (session, ticket, modified, error);
}

static gboolean
remote_copy (SyncRemote        *remote,
             const ImapUidset  *uids,
             const char        *raw_target,
             ImapUidMap       **map,
             GError           **error)
{
  SessionImap *session = get_session (remote);
  g_autoptr(SessionImapTicket) ticket = session_imap_start_copy (session, uids, raw_target);

  return session_imap_finish_copy (session, ticket, map, error);
}

static gboolean
remote_move (SyncRemote        *remote,
             const ImapUidset  *uids,
             const char        *raw_target,
             ImapUidMap       **map,
             GError           **error)
{
  SessionImap *session = get_session (remote);
  g_autoptr(SessionImapTicket) ticket = session_imap_start_move (session, uids, raw_target);

  return session_imap_finish_copy (session, ticket, map, error);
}

static gboolean
remote_expunge (SyncRemote        *remote,
                const ImapUidset  *uids,
                GError           **error)
{
  SessionImap *session = get_session (remote);
  g_autoptr(SessionImapTicket) ticket = session_imap_start_expunge (session, uids);

  return session_imap_finish_expunge (session, ticket, error);
}

static gboolean
remote_append (SyncRemote              *remote,
               const SessionImapAppend *append,
               guint32                 *uidvalidity,
               guint32                 *uid,
               GError                 **error)
{
  return session_imap_append (get_session (remote), append, uidvalidity, uid, error);
}

static ImapUidset *
remote_search_message_id (SyncRemote  *remote,
                          const char  *message_id,
                          GError     **error)
{
  return session_imap_search_message_id (get_session (remote), message_id, error);
}

static const SyncRemoteVerbs imap_verbs = {
  .can = remote_can,
  .peek_prefix = remote_peek_prefix,
  .list = remote_list,
  .create = remote_create,
  .rename = remote_rename,
  .delete = remote_delete,
  .select = remote_select,
  .peek_selected = remote_peek_selected,
  .take_news = remote_take_news,
  .start_fetch = remote_start_fetch,
  .start_fetch_numbers = remote_start_fetch_numbers,
  .start_fetch_changes = remote_start_fetch_changes,
  .finish_fetch = remote_finish_fetch,
  .start_bodies = remote_start_bodies,
  .finish_bodies = remote_finish_bodies,
  .ticket_free = remote_ticket_free,
  .store = remote_store,
  .copy = remote_copy,
  .move = remote_move,
  .expunge = remote_expunge,
  .append = remote_append,
  .search_message_id = remote_search_message_id,
};

SyncRemote *
sync_remote_imap_new (SessionImap *session)
{
  RemoteImap *remote = g_new0 (RemoteImap, 1);

  remote->base.verbs = &imap_verbs;
  remote->session = session;
  return &remote->base;
}

void
sync_remote_imap_free (SyncRemote *remote)
{
  g_free (remote);
}
