/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/lane.h"

#include "base/clock.h"

/* What happened on the lane, as letters; the main thread waits for it. */
typedef struct {
  GMutex      lock;
  GCond       changed;
  GString    *seen;
  GThread    *lane_thread;
  gint        n_freed;         /* atomic */
} World;

static void
see (World *world,
     char   letter)
{
  g_mutex_lock (&world->lock);
  g_assert_true (world->lane_thread == NULL || world->lane_thread == g_thread_self ());
  world->lane_thread = g_thread_self ();
  g_string_append_c (world->seen, letter);
  g_cond_broadcast (&world->changed);
  g_mutex_unlock (&world->lock);
}

static void
wait_for (World      *world,
          const char *wanted)
{
  g_mutex_lock (&world->lock);
  while (world->seen->len < strlen (wanted))
    g_cond_wait (&world->changed, &world->lock);
  g_assert_cmpstr (world->seen->str, ==, wanted);
  g_mutex_unlock (&world->lock);
}

static void
world_clear (World *world)
{
  g_string_free (world->seen, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

typedef struct {
  World *world;
  char   letter;
} Thing;

static void
thing_free (gpointer data)
{
  Thing *thing = data;

  g_atomic_int_inc (&thing->world->n_freed);
  g_free (thing);
}

static void
do_thing (WorkerLane *lane,
          gpointer    data)
{
  Thing *thing = data;

  see (thing->world, thing->letter);
}

static void
push (WorkerLane     *lane,
      World          *world,
      char            letter,
      WorkerLaneWork  work)
{
  Thing *thing = g_new0 (Thing, 1);

  *thing = (Thing) { world, letter };
  worker_lane_push (lane, work, thing, thing_free);
}

static void
rest (WorkerLane *lane,
      gpointer    data)
{
  see (data, '.');
  worker_lane_wait (lane, 0);
}

static void
end (WorkerLane *lane,
     gpointer    data)
{
  see (data, '!');
}

static void
test_one_after_the_other (void)
{
  g_auto(World) world = { .seen = g_string_new ("") };
  g_autoptr(WorkerLane) lane = worker_lane_new ("test", NULL, NULL, NULL);

  for (const char *p = "abcdefgh"; *p != '\0'; p++)
    push (lane, &world, *p, do_thing);
  wait_for (&world, "abcdefgh");
  g_clear_pointer (&lane, worker_lane_free);
  g_assert_cmpint (world.n_freed, ==, 8);
}

static void
test_rests_between_and_ends_on_its_thread (void)
{
  g_auto(World) world = { .seen = g_string_new ("") };
  g_autoptr(WorkerLane) lane = worker_lane_new ("test", rest, end, &world);

  push (lane, &world, 'a', do_thing);
  g_mutex_lock (&world.lock);
  while (world.seen->len < 2 || world.seen->str[world.seen->len - 1] != '.')
    g_cond_wait (&world.changed, &world.lock);
  g_mutex_unlock (&world.lock);
  g_clear_pointer (&lane, worker_lane_free);
  g_assert_true (g_str_has_prefix (world.seen->str, "a."));
  g_assert_true (g_str_has_suffix (world.seen->str, "!"));
  g_assert_null (strchr (world.seen->str + 1, 'a'));
}

static void
do_until_stopped (WorkerLane *lane,
                  gpointer    data)
{
  const NetSignals *signals = worker_lane_get_signals (lane);
  Thing *thing = data;

  see (thing->world, thing->letter);
  while (!worker_lane_should_stop (lane))
    worker_lane_wait (lane, 0);
  g_assert_true (g_cancellable_is_cancelled (signals->cancellable));
}

static void
test_stopping_ends_every_wait_and_drops_the_queue (void)
{
  g_auto(World) world = { .seen = g_string_new ("") };
  g_autoptr(WorkerLane) lane = worker_lane_new ("test", NULL, NULL, NULL);

  push (lane, &world, 'a', do_until_stopped);
  wait_for (&world, "a");
  push (lane, &world, 'b', do_thing);
  g_assert_true (worker_lane_has_work (lane));
  worker_lane_stop (lane);
  g_clear_pointer (&lane, worker_lane_free);
  g_assert_cmpstr (world.seen->str, ==, "a");
  g_assert_cmpint (world.n_freed, ==, 2);
}

static void
do_expire (WorkerLane *lane,
           gpointer    data)
{
  Thing *thing = data;

  worker_lane_wait (lane, 0);            /* for the wake of the push, which may come after the work itself */
  g_assert_cmpint (worker_lane_wait (lane, base_clock_steady_us () + 1000), ==, WORKER_LANE_EXPIRED);
  g_assert_cmpint (worker_lane_wait (lane, base_clock_steady_us () - 1000), ==, WORKER_LANE_EXPIRED);
  worker_lane_wake (lane);
  g_assert_cmpint (worker_lane_wait (lane, 0), ==, WORKER_LANE_WOKEN);
  see (thing->world, thing->letter);
}

static void
test_waits_until_a_deadline (void)
{
  g_auto(World) world = { .seen = g_string_new ("") };
  g_autoptr(WorkerLane) lane = worker_lane_new ("test", NULL, NULL, NULL);

  push (lane, &world, 'a', do_expire);
  wait_for (&world, "a");
}

static void
test_one_that_never_had_work_has_no_thread_to_end (void)
{
  g_auto(World) world = { .seen = g_string_new ("") };
  g_autoptr(WorkerLane) lane = worker_lane_new ("test", rest, end, &world);

  g_clear_pointer (&lane, worker_lane_free);
  g_assert_cmpstr (world.seen->str, ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/lane/one-after-the-other", test_one_after_the_other);
  g_test_add_func ("/worker/lane/rests-between-and-ends-on-its-thread",
                   test_rests_between_and_ends_on_its_thread);
  g_test_add_func ("/worker/lane/stopping-ends-every-wait-and-drops-the-queue",
                   test_stopping_ends_every_wait_and_drops_the_queue);
  g_test_add_func ("/worker/lane/waits-until-a-deadline", test_waits_until_a_deadline);
  g_test_add_func ("/worker/lane/one-that-never-had-work-has-no-thread-to-end",
                   test_one_that_never_had_work_has_no_thread_to_end);
  return g_test_run ();
}
