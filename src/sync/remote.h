/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/remote.h - what the IMAP passes need of a server: session/imap.h, or something in memory that behaves
 * like it.
 *
 * Each function means what the session's verb of the same name means; see there.  Tickets are the remote's
 * own.
 *
 * Threads: the lane's.
 */
#pragma once

#include "session/imap.h"

typedef struct _SyncRemote SyncRemote;
typedef struct _SyncTicket SyncTicket;

typedef struct {
  gboolean          (* can)                  (SyncRemote *remote, ImapCapability capability);
  const char      * (* peek_prefix)          (SyncRemote *remote, char *delimiter);
  GPtrArray       * (* list)                 (SyncRemote *remote, SessionImapListMode mode, GError **error);
  gboolean          (* create)               (SyncRemote *remote, const char *raw_name, ImapRole role,
                                              GError **error);
  gboolean          (* rename)               (SyncRemote *remote, const char *raw_name,
                                              const char *raw_new_name, GError **error);
  gboolean          (* delete)               (SyncRemote *remote, const char *raw_name, GError **error);
  SessionImapBox  * (* select)               (SyncRemote *remote, const char *raw_name,
                                              SessionImapAccess access,
                                              const SessionImapResync *resync, GError **error);
  const char      * (* peek_selected)        (SyncRemote *remote);
  void              (* take_news)            (SyncRemote *remote, SessionImapNews *news);

  SyncTicket      * (* start_fetch)          (SyncRemote *remote, const ImapUidset *uids,
                                              SessionImapItems items);
  SyncTicket      * (* start_fetch_numbers)  (SyncRemote *remote, guint32 first, guint32 last,
                                              SessionImapItems items);
  SyncTicket      * (* start_fetch_changes)  (SyncRemote *remote, const ImapUidset *uids,
                                              SessionImapItems items, guint64 modseq);
  SessionImapRows * (* finish_fetch)         (SyncRemote *remote, SyncTicket *ticket, GError **error);
  SyncTicket      * (* start_bodies)         (SyncRemote *remote, const ImapUidset *uids,
                                              guint64 expected_bytes,
                                              const SessionImapSink *sink, gpointer data);
  gboolean          (* finish_bodies)        (SyncRemote *remote, SyncTicket *ticket, GError **error);
  void              (* ticket_free)          (SyncTicket *ticket);

  gboolean          (* store)                (SyncRemote *remote, const ImapUidset *uids,
                                              SessionImapStore how,
                                              ImapFlags flags, const char * const *keywords,
                                              guint64 unchanged_since, ImapUidset **modified, GError **error);
  gboolean          (* copy)                 (SyncRemote *remote, const ImapUidset *uids,
                                              const char *raw_target, ImapUidMap **map, GError **error);
  gboolean          (* move)                 (SyncRemote *remote, const ImapUidset *uids,
                                              const char *raw_target, ImapUidMap **map, GError **error);
  gboolean          (* expunge)              (SyncRemote *remote, const ImapUidset *uids, GError **error);
  gboolean          (* append)               (SyncRemote *remote, const SessionImapAppend *append,
                                              guint32 *uidvalidity, guint32 *uid, GError **error);
  ImapUidset      * (* search_message_id)    (SyncRemote *remote, const char *message_id, GError **error);
} SyncRemoteVerbs;

struct _SyncRemote {
  const SyncRemoteVerbs *verbs;
};
