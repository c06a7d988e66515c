/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/remote-pop3.h - what the POP3 passes need of a server: session/pop3.h, or something in memory that
 * behaves like it.
 *
 * A POP3 session is short: it is opened for one purpose and ended, because many servers lock the mailbox
 * meanwhile and because deletions happen at its end.  So a remote opens one session after the other.  Each
 * function means what the session's verb of the same name means; see there.
 *
 * Threads: the lane's.
 */
#pragma once

#include "session/pop3.h"

typedef struct _SyncPop3Remote SyncPop3Remote;
typedef struct _SyncPop3Ticket SyncPop3Ticket;

typedef struct {
  /* A new session, signed in.  One that was still there is closed. */
  gboolean         (* open)         (SyncPop3Remote *remote, GError **error);
  /* NULL: it tells nothing of itself.  Valid until the session ends. */
  const Pop3Capabilities *
                   (* peek_capabilities) (SyncPop3Remote *remote);
  GArray         * (* list)         (SyncPop3Remote *remote, GError **error);

  SyncPop3Ticket * (* start_retr)   (SyncPop3Remote *remote, guint32 number, const SessionPop3Sink *sink,
                                     gpointer data);
  gboolean         (* finish_retr)  (SyncPop3Remote *remote, SyncPop3Ticket *ticket, GError **error);
  SyncPop3Ticket * (* start_top)    (SyncPop3Remote *remote, guint32 number, guint lines);
  GBytes         * (* finish_top)   (SyncPop3Remote *remote, SyncPop3Ticket *ticket, GError **error);
  SyncPop3Ticket * (* start_dele)   (SyncPop3Remote *remote, guint32 number);
  gboolean         (* finish_dele)  (SyncPop3Remote *remote, SyncPop3Ticket *ticket, GError **error);
  void             (* ticket_free)  (SyncPop3Ticket *ticket);

  /* Ends the session; what was marked is deleted.  Results as session_pop3_quit(). */
  gboolean         (* quit)         (SyncPop3Remote *remote, GError **error);
  /* Ends it without a word: nothing is deleted.  All tickets are gone.  Does nothing where there is none. */
  void             (* close)        (SyncPop3Remote *remote);
} SyncPop3Verbs;

struct _SyncPop3Remote {
  const SyncPop3Verbs *verbs;
};

/* Makes a session that is not yet open. */
typedef SessionPop3 *(* SyncPop3Make)      (gpointer data);

SyncPop3Remote *sync_remote_pop3_new             (SyncPop3Make     make,
                                                  gpointer         data) G_GNUC_WARN_UNUSED_RESULT;
void            sync_remote_pop3_free            (SyncPop3Remote  *remote);
/* Of all its sessions. */
NetTraffic      sync_remote_pop3_get_traffic     (SyncPop3Remote  *remote);
guint           sync_remote_pop3_get_connections (SyncPop3Remote  *remote);
