/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/watch.h - the watch lane of an IMAP account: it waits for new mail in the inbox by IDLE, or looks
 * once a minute, and passes over the inbox as soon as something happens there.  Short things that a person
 * waits for use the same connection in between.
 *
 * It watches after the first good round only, and takes up a lost connection by itself.  What only a person
 * can mend is told, and then it rests: a refused password is never sent from here again.
 *
 * Threads: the main one; what is told is told there.
 */
#pragma once

#include "store/accounts.h"
#include "worker/lane.h"
#include "worker/means.h"
#include "worker/tokens.h"

typedef struct _WorkerWatch WorkerWatch;

typedef struct {
  /* The connection was lost, or could not be made: a round would show how things stand. */
  void (* lost)    (gpointer      data);
  /* It rests until worker_watch_begin(). */
  void (* refused) (const GError *error,
                    gpointer      data);
  /* What worker_watch_look() saw: some folder has news, or it could not be seen. */
  void (* looked)  (gboolean      has_news,
                    gpointer      data);
} WorkerWatchTold;

/* All outlive it. */
WorkerWatch *worker_watch_new   (const WorkerMeans     *means,
                                 WorkerTokens          *tokens,
                                 const StoreAccount    *settings,
                                 const WorkerWatchTold *told,
                                 gpointer               data) G_GNUC_WARN_UNUSED_RESULT;
void         worker_watch_free  (WorkerWatch           *watch);
void         worker_watch_stop  (WorkerWatch           *watch);

/* Watches from here on; where it waits to try again, it tries now. */
void         worker_watch_begin (WorkerWatch           *watch);
void         worker_watch_rest  (WorkerWatch           *watch);

/* Looks over all folders on the connection that is there anyway: a quiet account costs no new one. */
void         worker_watch_look  (WorkerWatch           *watch);

typedef void (* WorkerFetchEnded)    (GPtrArray    *failed,      /* of char: a sentence each */
                                      const GError *error,       /* or NULL */
                                      gpointer      data);
typedef void (* WorkerFetchProgress) (guint64       done,
                                      guint64       total,
                                      gpointer      data);

typedef struct {
  GArray              *message_ids;      /* of gint64; taken */
  GCancellable        *cancellable;      /* referenced */
  WorkerFetchProgress  progress;
  WorkerFetchEnded     ended;            /* once, unless the watch ends first */
  gpointer             data;
} WorkerFetch;

/* Bodies that somebody waits for.  Also while it does not watch. */
void         worker_watch_fetch (WorkerWatch           *watch,
                                 const WorkerFetch     *fetch);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerWatch, worker_watch_free)
