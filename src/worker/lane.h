/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/lane.h - one thread with a queue: it does one thing after the other, each in straight lines.
 *
 * What a thing is, and which connection it uses, is known to the work itself.  Between two of them a lane
 * rests: it waits for more, or does what it was made for (watching a folder) until it is woken.
 *
 * Three wishes (DESIGN 3): worker_lane_push() is "there is work" and wakes; the work's own cancellable is "no
 * longer wanted"; worker_lane_stop() is "let go now": it ends every wait and cancels what waits for the disk.
 *
 * Threads: made, pushed to and freed by the main thread; signals, should_stop and has_work are for the
 * lane's.
 */
#pragma once

#include "net/pause.h"

typedef struct _WorkerLane WorkerLane;

typedef void (* WorkerLaneWork) (WorkerLane *lane,
                                 gpointer    data);

/* rest: called on the lane's thread while the queue is empty; it returns when it was woken.  NULL: the lane
 * only waits. end: called there when the lane stops, if its thread ever ran; or NULL.  The thread starts with
 * the first push or wake. */
WorkerLane       *worker_lane_new         (const char      *name,
                                           WorkerLaneWork   rest,
                                           WorkerLaneWork   end,
                                           gpointer         data) G_GNUC_WARN_UNUSED_RESULT;
/* data is freed by destroy (or NULL) after work, or when the lane ends without having done it. */
void              worker_lane_push        (WorkerLane      *lane,
                                           WorkerLaneWork   work,
                                           gpointer         data,
                                           GDestroyNotify   destroy);
/* Ends a rest, so that it looks around. */
void              worker_lane_wake        (WorkerLane      *lane);
void              worker_lane_stop        (WorkerLane      *lane);
/* Stops it and waits for its thread. */
void              worker_lane_free        (WorkerLane      *lane);

/* Wake, stop and a cancellable that stopping cancels too.  Valid as long as the lane. */
const NetSignals *worker_lane_get_signals (WorkerLane      *lane);
gboolean          worker_lane_should_stop (WorkerLane      *lane);
gboolean          worker_lane_has_work    (WorkerLane      *lane);
typedef enum {
  WORKER_LANE_WOKEN,                     /* or stopped */
  WORKER_LANE_EXPIRED,
} WorkerLaneWait;

/* For a rest that has no connection to wait on; deadline: base_clock_steady_us(), 0 = none. */
WorkerLaneWait    worker_lane_wait        (WorkerLane      *lane,
                                           gint64           deadline);
/* Forgets that it was woken; for a rest that waited on a connection. */
void              worker_lane_drain_wake  (WorkerLane      *lane);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerLane, worker_lane_free)
