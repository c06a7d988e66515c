/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/watcher.h - hears from the kernel what happens to the store's files: desk.db was written, the store
 * is gone.
 *
 * A nudge that got lost is found so without waking up for it.  It reads none of the files.
 *
 * Threads: the main one.  Where the kernel has no inotify left, nothing is heard: nudges still come.
 */
#pragma once

#include <glib.h>

typedef struct _WorkerWatcher WorkerWatcher;

typedef struct {
  void (* written)  (gpointer data);     /* somebody, perhaps this process, wrote into desk.db; joined */
  void (* vanished) (gpointer data);     /* the directory or its worker.lock was removed or moved away;
                                          * once */
} WorkerWatcherTold;

/* told is kept, not copied.  Both files exist. */
WorkerWatcher *worker_watcher_new  (const char              *data_dir,
                                    const WorkerWatcherTold *told,
                                    gpointer                 data) G_GNUC_WARN_UNUSED_RESULT;
void           worker_watcher_free (WorkerWatcher *watcher);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerWatcher, worker_watcher_free)
