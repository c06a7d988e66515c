/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/harness.h"
#include "model/bus.h"

typedef struct {
  Harness    *harness;
  ModelStore *store;
  ModelBus   *bus;
  guint       n_progress;
  BusJob     *job;               /* that ended, or NULL */
  GError     *error;
  gboolean    has_ended;
} World;

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->harness = harness_new (&harness_hello);
  world->store = model_store_new (world->harness->dir);
  world->bus = model_bus_new (world->store, harness_hello.version, BUS_OPEN_RUNNING);
  return world;
}

static void
world_free (World *world)
{
  g_object_run_dispose (G_OBJECT (world->bus));
  g_clear_object (&world->bus);
  WAIT_FOR (G_OBJECT (world->store)->ref_count == 1);
  g_clear_object (&world->store);
  g_clear_pointer (&world->job, bus_job_free);
  g_clear_error (&world->error);
  harness_free (world->harness);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static void
on_progress (const BusJob *job,
             gpointer      data)
{
  ((World *) data)->n_progress++;
}

static void
ended_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  World *world = data;

  world->job = model_bus_run_finish (MODEL_BUS (object), result, &world->error);
  world->has_ended = TRUE;
}

static void
test_job_asked_while_connecting_runs_to_its_end (void)
{
  g_autoptr(World) world = world_new ();

  g_assert_cmpint (model_bus_get_state (world->bus), ==, MODEL_BUS_CONNECTING);
  model_bus_run_async (world->bus, "count", NULL, on_progress, NULL, ended_cb, world);
  WAIT_FOR (world->has_ended);
  g_assert_no_error (world->error);
  g_assert_cmpint (world->job->state, ==, BUS_JOB_DONE);
  g_assert_cmpuint (world->job->done, ==, 3);
  g_assert_cmpuint (world->n_progress, >=, 1);
}

static void
test_cancelled_job_is_an_answer (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();

  model_bus_run_async (world->bus, "wait", NULL, on_progress, cancellable, ended_cb, world);
  WAIT_FOR (world->n_progress > 0);
  g_cancellable_cancel (cancellable);
  WAIT_FOR (world->has_ended);
  g_assert_no_error (world->error);
  g_assert_cmpint (world->job->state, ==, BUS_JOB_CANCELLED);
}

static void
test_refused_job_is_an_error (void)
{
  g_autoptr(World) world = world_new ();

  model_bus_run_async (world->bus, "refuse", NULL, NULL, NULL, ended_cb, world);
  WAIT_FOR (world->has_ended);
  g_assert_null (world->job);
  g_assert_nonnull (world->error);
}

static void
test_worker_that_ends_fails_jobs_and_is_away (void)
{
  g_autoptr(World) world = world_new ();

  model_bus_run_async (world->bus, "die", NULL, NULL, NULL, ended_cb, world);
  WAIT_FOR (world->has_ended);
  g_assert_error (world->error, BUS_ERROR, BUS_ERROR_NO_WORKER);
  WAIT_FOR (model_bus_get_state (world->bus) == MODEL_BUS_AWAY);
  g_assert_nonnull (model_bus_peek_problem (world->bus));
}

static void
test_without_worker_a_job_fails_with_its_reason (void)
{
  g_autoptr(World) world = g_new0 (World, 1);

  world->harness = harness_new (&harness_hello);
  g_subprocess_force_exit (world->harness->process);
  g_assert_true (g_subprocess_wait (world->harness->process, NULL, NULL));
  world->store = model_store_new (world->harness->dir);
  world->bus = model_bus_new (world->store, harness_hello.version, BUS_OPEN_RUNNING);
  WAIT_FOR (model_bus_get_state (world->bus) == MODEL_BUS_AWAY);
  model_bus_nudge (world->bus);
  model_bus_run_async (world->bus, "count", NULL, NULL, NULL, ended_cb, world);
  WAIT_FOR (world->has_ended);
  g_assert_error (world->error, BUS_ERROR, BUS_ERROR_NO_WORKER);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/bus/job-asked-while-connecting-runs-to-its-end",
                   test_job_asked_while_connecting_runs_to_its_end);
  g_test_add_func ("/model/bus/cancelled-job-is-an-answer", test_cancelled_job_is_an_answer);
  g_test_add_func ("/model/bus/refused-job-is-an-error", test_refused_job_is_an_error);
  g_test_add_func ("/model/bus/worker-that-ends-fails-jobs-and-is-away",
                   test_worker_that_ends_fails_jobs_and_is_away);
  g_test_add_func ("/model/bus/without-worker-a-job-fails-with-its-reason",
                   test_without_worker_a_job_fails_with_its_reason);
  return g_test_run ();
}
