/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/watcher.h"

#include <glib-unix.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOIN_MS 100

struct _WorkerWatcher {
  char                    *lock_path;
  struct stat              lock;           /* the one that was locked */
  int                      fd;
  guint                    source;
  guint                    later;          /* written() is due; or 0 */
  gboolean                 has_vanished;
  const WorkerWatcherTold *told;
  gpointer                 data;
};

static gboolean
tell_written (gpointer user_data)
{
  WorkerWatcher *watcher = user_data;

  watcher->later = 0;
  watcher->told->written (watcher->data);
  return G_SOURCE_REMOVE;
}

/* A store that was moved may have a new one in its place. */
static gboolean
is_lock_there (WorkerWatcher *watcher)
{
  struct stat now;

  return stat (watcher->lock_path, &now) == 0 && now.st_dev == watcher->lock.st_dev
         && now.st_ino == watcher->lock.st_ino;
}

static gboolean
on_event (int           fd,
          GIOCondition  condition,
          gpointer      user_data)
{
  WorkerWatcher *watcher = user_data;
  char buffer[4096] __attribute__ ((aligned (__alignof__ (struct inotify_event))));
  gboolean is_written = FALSE;
  ssize_t size;

  while ((size = read (fd, buffer, sizeof buffer)) > 0)
    for (char *p = buffer; p < buffer + size;
         p += sizeof (struct inotify_event) + ((struct inotify_event *) p)->len)
      is_written |= (((struct inotify_event *) p)->mask & IN_MODIFY) != 0;
  if (is_written && watcher->later == 0)
    watcher->later = g_timeout_add (JOIN_MS, tell_written, watcher);
  if (!watcher->has_vanished && !is_lock_there (watcher))
    {
      watcher->has_vanished = TRUE;
      watcher->told->vanished (watcher->data);
    }
  return G_SOURCE_CONTINUE;
}

/* The inodes themselves are watched: a watch on the directory would wake for every write into mail.db. */
static void
watch (WorkerWatcher *watcher,
       const char    *path,
       guint32        events)
{
  if (inotify_add_watch (watcher->fd, path, events) < 0)
    g_info ("Cannot watch %s: %s", path, g_strerror (errno));
}

WorkerWatcher *
worker_watcher_new (const char              *data_dir,
                    const WorkerWatcherTold *told,
                    gpointer                 data)
{
  WorkerWatcher *watcher = g_new0 (WorkerWatcher, 1);
  g_autofree char *wal_path = g_build_filename (data_dir, "desk.db-wal", NULL);

  watcher->lock_path = g_build_filename (data_dir, "worker.lock", NULL);
  watcher->told = told;
  watcher->data = data;
  watcher->fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  if (watcher->fd < 0 || stat (watcher->lock_path, &watcher->lock) != 0)
    return watcher;
  watch (watcher, data_dir, IN_MOVE_SELF | IN_DELETE_SELF | IN_ONLYDIR);
  watch (watcher, watcher->lock_path, IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF);
  watch (watcher, wal_path, IN_MODIFY);
  watcher->source = g_unix_fd_add (watcher->fd, G_IO_IN, on_event, watcher);
  return watcher;
}

void
worker_watcher_free (WorkerWatcher *watcher)
{
  if (watcher->source != 0)
    g_source_remove (watcher->source);
  if (watcher->later != 0)
    g_source_remove (watcher->later);
  if (watcher->fd >= 0)
    close (watcher->fd);
  g_free (watcher->lock_path);
  g_free (watcher);
}
