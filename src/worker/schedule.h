/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/schedule.h - when an account's next round is due: after its interval, or later after trouble that
 * passes.
 *
 * Times are base_clock_steady_us(): a laptop's sleep or a set clock never makes many rounds due at once.  It
 * looks at no clock itself.
 *
 * Threads: one at a time.
 */
#pragma once

#include "base/backoff.h"

#define WORKER_RETRY_FIRST_S   5u
#define WORKER_RETRY_CEILING_S (15u * 60u)

typedef struct {
  gint64      interval_us;
  BaseBackoff backoff;
  gint64      next_at;         /* G_MAXINT64: not by itself */
} WorkerSchedule;

/* The first round is due at once. */
void   worker_schedule_init  (WorkerSchedule *schedule,
                              guint           interval_s,
                              gint64          now_us);
/* jitter is a number in [0, 1): accounts of one interval do not meet for ever. */
void   worker_schedule_done  (WorkerSchedule *schedule,
                              gint64          now_us,
                              double          jitter);
/* Trouble that may pass.  Returns in how many seconds the next try is. */
guint  worker_schedule_retry (WorkerSchedule *schedule,
                              gint64          now_us,
                              double          jitter);
/* Only a person can help. */
void   worker_schedule_stop  (WorkerSchedule *schedule);
/* The world has changed (network, settings, a person asks): due at once, with a fresh back-off. */
void   worker_schedule_hurry (WorkerSchedule *schedule,
                              gint64          now_us);
