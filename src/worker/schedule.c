/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/schedule.h"

#define SPREAD 0.1             /* an interval is up to this share longer */

void
worker_schedule_init (WorkerSchedule *schedule,
                      guint           interval_s,
                      gint64          now_us)
{
  schedule->interval_us = (gint64) interval_s * G_USEC_PER_SEC;
  schedule->backoff = (BaseBackoff) BASE_BACKOFF_INIT (WORKER_RETRY_FIRST_S, WORKER_RETRY_CEILING_S);
  schedule->next_at = now_us;
}

void
worker_schedule_done (WorkerSchedule *schedule,
                      gint64          now_us,
                      double          jitter)
{
  base_backoff_reset (&schedule->backoff);
  schedule->next_at = now_us + (gint64) ((double) schedule->interval_us * (1 + SPREAD * jitter));
}

guint
worker_schedule_retry (WorkerSchedule *schedule,
                       gint64          now_us,
                       double          jitter)
{
  gint64 wait_ms = base_backoff_fail (&schedule->backoff, jitter);

  schedule->next_at = now_us + wait_ms * 1000;
  return (guint) ((wait_ms + 999) / 1000);
}

void
worker_schedule_stop (WorkerSchedule *schedule)
{
  schedule->next_at = G_MAXINT64;
}

void
worker_schedule_hurry (WorkerSchedule *schedule,
                       gint64          now_us)
{
  base_backoff_reset (&schedule->backoff);
  schedule->next_at = now_us;
}
