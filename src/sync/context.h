/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/context.h - what every pass works with, and what it reports.
 *
 * Threads: the lane's.
 */
#pragma once

#include "ingest/ingest.h"
#include "store/accounts.h"
#include "sync/remote.h"
#include "sync/remote-pop3.h"

/* Counts of one round, as `penfoldctl sync` prints them. */
typedef struct {
  guint64    folders;          /* looked at */
  guint64    messages_new;
  guint64    messages_gone;
  guint64    flags_changed;
  GPtrArray *failed;           /* of char: what was skipped and why, a sentence each */
} SyncSummary;

void sync_summary_init  (SyncSummary *summary);
void sync_summary_clear (SyncSummary *summary);
/* Notes what failed and goes on; takes error. */
void sync_summary_fail  (SyncSummary *summary,
                         const char  *what,
                         GError      *error);

typedef enum {
  SYNC_WHEN_DUE,
  SYNC_WHEN_ASKED,                     /* a person asked: what waits for its next try is tried now */
} SyncWhen;

typedef struct {
  Store              *store;           /* a reader of this thread */
  Ingest             *ingest;
  SyncRemote         *remote;          /* IMAP */
  SyncPop3Remote     *pop3;            /* POP3 */
  const StoreAccount *account;
  GCancellable       *cancellable;     /* or NULL */
  SyncSummary        *summary;
  SyncWhen            when;

  /* Somebody waits in the queue, or the lane must stop: a pass ends at the next batch, to be taken up again.
   * Or NULL. */
  gboolean         (* should_yield) (gpointer data);
  /* The folder's token: waits while another lane passes over that folder.  FALSE: cancelled.  Or both
   * NULL. */
  gboolean         (* hold)         (gint64   folder_id,
                                     gpointer data);
  void             (* let_go)       (gint64   folder_id,
                                     gpointer data);
  /* done of total messages of the folder.  Or NULL. */
  void             (* progress)     (guint64  done,
                                     guint64  total,
                                     gpointer data);
  gpointer            data;
} SyncContext;

gboolean sync_context_should_yield (SyncContext *context);
void     sync_context_progress     (SyncContext *context,
                                    guint64      done,
                                    guint64      total);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SyncSummary, sync_summary_clear)
