/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/presence.h - the worker on the desktop: the icon in the tray, notices of new mail, and what a click
 * on either does.
 *
 * New mail is announced ANNOUNCE_DELAY_S after it came, with what is known of it by then, so that a burst is
 * one notice and what another program has read meanwhile is none.  Windows are opened by starting penfold,
 * which hands over to one that runs.  Without a session bus nothing happens, and nothing breaks.
 *
 * Threads: the main one, with the default main context.
 */
#pragma once

#include "ingest/ingest.h"

typedef struct _WorkerPresence WorkerPresence;

typedef struct {
  const char *data_dir;
  Store      *store;             /* a reader of this thread, which may write wishes */
  Ingest     *ingest;
  void     (* check) (gpointer data);     /* a person wants to know whether there is new mail */
  void     (* wished) (gpointer data);    /* desk.db has a new change */
  void     (* quit)  (gpointer data);     /* called from a main loop; free() later, not from within */
  gpointer    data;
} WorkerPresenceSetup;

/* Copies setup. */
WorkerPresence *worker_presence_new  (const WorkerPresenceSetup *setup) G_GNUC_WARN_UNUSED_RESULT;
void            worker_presence_free (WorkerPresence *presence);

/* Either file has news: mail that came, mail that was read, a setting. */
void            worker_presence_look (WorkerPresence *presence);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerPresence, worker_presence_free)
