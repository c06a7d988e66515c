/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/jobs.h"

#include "bus/jobs.h"

#include <gio/gio.h>

/* What was told, in order: "1 queued 0/0". */
typedef struct {
  WorkerJobs *jobs;
  GPtrArray  *told;
  BusJob     *last;
} World;

static void
tell (BusJob   *job,
      gpointer  data)
{
  World *world = data;

  g_ptr_array_add (world->told,
                   g_strdup_printf ("%" G_GUINT64_FORMAT " %s %" G_GUINT64_FORMAT "/%" G_GUINT64_FORMAT,
                                    job->id,
                                                 bus_job_state_name (job->state), job->done, job->total));
  g_clear_pointer (&world->last, bus_job_free);
  world->last = job;
}

static void
world_init (World *world)
{
  world->told = g_ptr_array_new_with_free_func (g_free);
  world->jobs = worker_jobs_new (tell, world);
  world->last = NULL;
}

static void
world_clear (World *world)
{
  worker_jobs_free (world->jobs);
  g_ptr_array_unref (world->told);
  g_clear_pointer (&world->last, bus_job_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static void
check_told (World      *world,
            const char *wanted)
{
  g_autofree char *told = NULL;

  g_ptr_array_add (world->told, NULL);
  told = g_strjoinv (", ", (char **) world->told->pdata);
  g_assert_cmpstr (told, ==, wanted);
  g_ptr_array_set_size (world->told, 0);
}

static GVariant *
make_round (gint64 account)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "account", "x", account);
  return g_variant_dict_end (&dict);
}

static void
test_ends_with_its_last_part (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(GVariant) rounds = NULL;
  guint64 id;

  world_init (&world);
  id = worker_jobs_begin (world.jobs, BUS_JOB_SYNC, 2);
  worker_jobs_set_running (world.jobs, id);
  worker_jobs_set_running (world.jobs, id);
  worker_jobs_set_progress (world.jobs, id, 3, 10);
  worker_jobs_add_detail (world.jobs, id, BUS_KEY_ROUNDS, make_round (1));
  worker_jobs_end_part (world.jobs, id, NULL);
  g_assert_true (worker_jobs_is_open (world.jobs, id));
  worker_jobs_add_detail (world.jobs, id, BUS_KEY_ROUNDS, make_round (2));
  worker_jobs_end_part (world.jobs, id, NULL);
  g_assert_false (worker_jobs_is_open (world.jobs, id));
  check_told (&world,
              "1 queued 0/0, 1 running 0/0, 1 running 3/10, 1 running 3/10, 1 running 3/10, 1 done 3/10");
  rounds = g_variant_lookup_value (world.last->details, BUS_KEY_ROUNDS, G_VARIANT_TYPE ("aa{sv}"));
  g_assert_cmpuint (g_variant_n_children (rounds), ==, 2);
}

static void
test_without_parts_it_is_done (void)
{
  g_auto(World) world = { NULL };

  world_init (&world);
  g_assert_cmpuint (worker_jobs_begin (world.jobs, BUS_JOB_SYNC, 0), ==, 1);
  check_told (&world, "1 done 0/0");
}

static void
test_one_failed_part_fails_it (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(GError) first = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "The first sentence");
  g_autoptr(GError) second = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "The second sentence");
  const char *text;
  guint64 id;

  world_init (&world);
  id = worker_jobs_begin (world.jobs, BUS_JOB_SYNC, 3);
  worker_jobs_end_part (world.jobs, id, first);
  worker_jobs_end_part (world.jobs, id, second);
  worker_jobs_end_part (world.jobs, id, NULL);
  check_told (&world, "1 queued 0/0, 1 failed 0/0");
  g_assert_true (g_variant_lookup (world.last->details, BUS_KEY_TEXT, "&s", &text));
  g_assert_cmpstr (text, ==, "The first sentence");
}

static void
test_cancelling_ends_it_at_once (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(GCancellable) cancellable = NULL;
  guint64 id;

  world_init (&world);
  id = worker_jobs_begin (world.jobs, BUS_JOB_FETCH, 2);
  cancellable = g_object_ref (worker_jobs_peek_cancellable (world.jobs, id));
  worker_jobs_cancel (world.jobs, id);
  g_assert_true (g_cancellable_is_cancelled (cancellable));
  g_assert_null (worker_jobs_peek_cancellable (world.jobs, id));

  /* What was under way comes back later. */
  worker_jobs_set_running (world.jobs, id);
  worker_jobs_set_progress (world.jobs, id, 1, 2);
  worker_jobs_set_detail (world.jobs, id, BUS_KEY_TEXT, g_variant_new_string ("late"));
  worker_jobs_add_detail (world.jobs, id, BUS_KEY_ROUNDS, make_round (1));
  worker_jobs_end_part (world.jobs, id, NULL);
  worker_jobs_cancel (world.jobs, id);
  worker_jobs_cancel (world.jobs, 99);
  check_told (&world, "1 queued 0/0, 1 cancelled 0/0");
}

static void
test_a_cancelled_part_cancels_it (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  guint64 id;

  world_init (&world);
  id = worker_jobs_begin (world.jobs, BUS_JOB_SYNC, 2);
  worker_jobs_end_part (world.jobs, id, cancelled);
  check_told (&world, "1 queued 0/0, 1 cancelled 0/0");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/jobs/ends-with-its-last-part", test_ends_with_its_last_part);
  g_test_add_func ("/worker/jobs/without-parts-it-is-done", test_without_parts_it_is_done);
  g_test_add_func ("/worker/jobs/one-failed-part-fails-it", test_one_failed_part_fails_it);
  g_test_add_func ("/worker/jobs/cancelling-ends-it-at-once", test_cancelling_ends_it_at_once);
  g_test_add_func ("/worker/jobs/a-cancelled-part-cancels-it", test_a_cancelled_part_cancels_it);
  return g_test_run ();
}
