/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/schedule.h"

#define S G_USEC_PER_SEC

static void
test_first_round_is_due_at_once (void)
{
  WorkerSchedule schedule;

  worker_schedule_init (&schedule, 600, 1000 * S);
  g_assert_cmpint (schedule.next_at, ==, 1000 * S);
}

static void
test_interval_is_spread (void)
{
  WorkerSchedule schedule;

  worker_schedule_init (&schedule, 600, 0);
  worker_schedule_done (&schedule, 1000 * S, 0);
  g_assert_cmpint (schedule.next_at, ==, 1600 * S);
  worker_schedule_done (&schedule, 1000 * S, 0.5);
  g_assert_cmpint (schedule.next_at, ==, 1630 * S);
}

/* Twenty-four hours without a server: how often it is asked. */
static void
test_a_dead_server_is_asked_rarely (void)
{
  WorkerSchedule schedule;
  gint64 now = 0, last = 0;
  guint tries = 0;

  worker_schedule_init (&schedule, 60, 0);
  while (now < 24 * 60 * 60 * (gint64) S)
    {
      guint wait_s = worker_schedule_retry (&schedule, now, 0.5);

      g_assert_cmpint (schedule.next_at, >, now);
      g_assert_cmpint ((gint64) wait_s * S, >=, schedule.next_at - now);
      last = schedule.next_at - now;
      now = schedule.next_at;
      tries++;
    }
  g_assert_cmpint (last, ==, WORKER_RETRY_CEILING_S * (gint64) S);
  g_assert_cmpuint (tries, <, 110);
  g_assert_cmpuint (tries, >, 90);
}

static void
test_jitter_stays_within_a_fifth (void)
{
  WorkerSchedule early, late;

  worker_schedule_init (&early, 600, 0);
  worker_schedule_init (&late, 600, 0);
  worker_schedule_retry (&early, 0, 0);
  worker_schedule_retry (&late, 0, 0.999999);
  g_assert_cmpint (early.next_at, ==, WORKER_RETRY_FIRST_S * S * 8 / 10);
  g_assert_cmpint (late.next_at, >, WORKER_RETRY_FIRST_S * S * 11 / 10);
  g_assert_cmpint (late.next_at, <=, WORKER_RETRY_FIRST_S * S * 12 / 10);
}

static void
test_success_and_hurry_begin_anew (void)
{
  WorkerSchedule schedule;

  worker_schedule_init (&schedule, 600, 0);
  for (guint i = 0; i < 20; i++)
    worker_schedule_retry (&schedule, 0, 0.5);
  worker_schedule_hurry (&schedule, 7 * S);
  g_assert_cmpint (schedule.next_at, ==, 7 * S);
  g_assert_cmpuint (schedule.backoff.failures, ==, 0);
  for (guint i = 0; i < 20; i++)
    worker_schedule_retry (&schedule, 0, 0.5);
  worker_schedule_done (&schedule, 0, 0);
  worker_schedule_retry (&schedule, 0, 0.5);
  g_assert_cmpint (schedule.next_at, ==, WORKER_RETRY_FIRST_S * S);
}

static void
test_stopped_is_never_due (void)
{
  WorkerSchedule schedule;

  worker_schedule_init (&schedule, 600, 0);
  worker_schedule_stop (&schedule);
  g_assert_cmpint (schedule.next_at, ==, G_MAXINT64);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/schedule/first-round-is-due-at-once", test_first_round_is_due_at_once);
  g_test_add_func ("/worker/schedule/interval-is-spread", test_interval_is_spread);
  g_test_add_func ("/worker/schedule/a-dead-server-is-asked-rarely", test_a_dead_server_is_asked_rarely);
  g_test_add_func ("/worker/schedule/jitter-stays-within-a-fifth", test_jitter_stays_within_a_fifth);
  g_test_add_func ("/worker/schedule/success-and-hurry-begin-anew", test_success_and_hurry_begin_anew);
  g_test_add_func ("/worker/schedule/stopped-is-never-due", test_stopped_is_never_due);
  return g_test_run ();
}
