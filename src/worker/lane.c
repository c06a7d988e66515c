/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/lane.h"

#include "base/clock.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct {
  WorkerLaneWork  work;
  gpointer        data;
  GDestroyNotify  destroy;
} Entry;

struct _WorkerLane {
  GThread        *thread;
  GMutex          lock;          /* of the queue */
  GQueue          queue;         /* of Entry */
  NetSignals      signals;
  const char     *name;
  WorkerLaneWork  rest;
  WorkerLaneWork  end;
  gpointer        data;
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  if (entry->destroy != NULL)
    entry->destroy (entry->data);
  g_free (entry);
}

static Entry *
take (WorkerLane *lane)
{
  Entry *entry;

  g_mutex_lock (&lane->lock);
  entry = g_queue_pop_head (&lane->queue);
  g_mutex_unlock (&lane->lock);
  return entry;
}

WorkerLaneWait
worker_lane_wait (WorkerLane *lane,
                  gint64      deadline)
{
  struct pollfd fds[] = { { lane->signals.wake_fd, POLLIN, 0 }, { lane->signals.stop_fd, POLLIN, 0 } };
  gint64 left_us = deadline > 0 ? MAX (deadline - base_clock_steady_us (), 0) : 0;
  int timeout_ms = deadline > 0 ? (int) MIN ((left_us + 999) / 1000, G_MAXINT) : -1;

  if (poll (fds, G_N_ELEMENTS (fds), timeout_ms) == 0)
    return WORKER_LANE_EXPIRED;
  worker_lane_drain_wake (lane);
  return WORKER_LANE_WOKEN;
}

static gpointer
run (gpointer data)
{
  WorkerLane *lane = data;

  while (!worker_lane_should_stop (lane))
    {
      Entry *entry = take (lane);

      if (entry != NULL)
        {
          entry->work (lane, entry->data);
          entry_free (entry);
        }
      else if (lane->rest != NULL)
        lane->rest (lane, lane->data);
      else
        worker_lane_wait (lane, 0);
    }
  if (lane->end != NULL)
    lane->end (lane, lane->data);
  return NULL;
}

WorkerLane *
worker_lane_new (const char     *name,
                 WorkerLaneWork  rest,
                 WorkerLaneWork  end,
                 gpointer        data)
{
  WorkerLane *lane = g_new0 (WorkerLane, 1);

  g_mutex_init (&lane->lock);
  g_queue_init (&lane->queue);
  lane->signals.wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  lane->signals.stop_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  lane->signals.cancellable = g_cancellable_new ();
  lane->name = name;
  lane->rest = rest;
  lane->end = end;
  lane->data = data;
  return lane;
}

void
worker_lane_push (WorkerLane     *lane,
                  WorkerLaneWork  work,
                  gpointer        data,
                  GDestroyNotify  destroy)
{
  Entry *entry = g_new0 (Entry, 1);

  *entry = (Entry) { work, data, destroy };
  g_mutex_lock (&lane->lock);
  g_queue_push_tail (&lane->queue, entry);
  g_mutex_unlock (&lane->lock);
  worker_lane_wake (lane);
}

void
worker_lane_wake (WorkerLane *lane)
{
  if (lane->thread == NULL)
    lane->thread = g_thread_new (lane->name, run, lane);
  eventfd_write (lane->signals.wake_fd, 1);
}

void
worker_lane_stop (WorkerLane *lane)
{
  eventfd_write (lane->signals.stop_fd, 1);
  g_cancellable_cancel (lane->signals.cancellable);
}

void
worker_lane_free (WorkerLane *lane)
{
  worker_lane_stop (lane);
  if (lane->thread != NULL)
    g_thread_join (lane->thread);
  g_queue_clear_full (&lane->queue, entry_free);
  g_mutex_clear (&lane->lock);
  g_object_unref (lane->signals.cancellable);
  close (lane->signals.wake_fd);
  close (lane->signals.stop_fd);
  g_free (lane);
}

const NetSignals *
worker_lane_get_signals (WorkerLane *lane)
{
  return &lane->signals;
}

gboolean
worker_lane_should_stop (WorkerLane *lane)
{
  return g_cancellable_is_cancelled (lane->signals.cancellable);
}

gboolean
worker_lane_has_work (WorkerLane *lane)
{
  gboolean has_work;

  g_mutex_lock (&lane->lock);
  has_work = lane->queue.length > 0;
  g_mutex_unlock (&lane->lock);
  return has_work;
}

void
worker_lane_drain_wake (WorkerLane *lane)
{
  eventfd_t count;

  eventfd_read (lane->signals.wake_fd, &count);
}
