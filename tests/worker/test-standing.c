/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/standing.h"

#include "base/clock.h"
#include "base/files.h"
#include "store/locks.h"
#include "store/questions.h"

#include <ftw.h>
#include <glib/gstdio.h>

#define NOON (20000 * 24 * 60 * 60 + 12 * 60 * 60)

typedef struct {
  char            *dir;
  StoreWorkerLock *lock;
  Ingest          *ingest;
  Store           *store;
} World;

static int
remove_entry (const char        *path,
              const struct stat *info,
              int                kind,
              struct FTW        *place)
{
  return remove (path);
}

static void
world_init (World *world)
{
  world->dir = g_dir_make_tmp ("penfold-standing-XXXXXX", NULL);
  world->lock = store_worker_lock_take (world->dir, NULL, "0", NULL);
  world->ingest = ingest_new (world->dir, NULL);
  world->store = store_open (world->dir, STORE_READER, NULL);
  g_assert_nonnull (world->store);
}

static void
world_clear (World *world)
{
  store_close (world->store);
  ingest_free (world->ingest);
  store_worker_lock_free (world->lock);
  nftw (world->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
  g_free (world->dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static gboolean
do_nothing (Store   *store,
            gpointer data,
            GError **error)
{
  return TRUE;
}

/* After what was noted before. */
static StoreAccountState *
get_state (World *world)
{
  g_assert_true (ingest_write (world->ingest, do_nothing, NULL, NULL));
  return store_states_get (world->store, 3, NULL);
}

static guint
count_questions (World *world)
{
  g_autoptr(GPtrArray) open = store_questions_list_open (world->store, NULL);

  return open->len;
}

static const WorkerStanding refused = {
  .account_id = 3, .kind = WORKER_STANDING_BAD, .activity = STORE_ACTIVITY_STOPPED, .problem = "password",
  .text = "The password was refused", .words = "Invalid credentials", .question = WORKER_QUESTION_PASSWORD,
  .was_refused = TRUE,
};
static const WorkerStanding good = { .account_id = 3, .kind = WORKER_STANDING_GOOD,
                                     .activity = STORE_ACTIVITY_IDLE };

static void
test_trouble_is_kept_and_asked_once (void)
{
  g_auto(World) world = { NULL };

  world_init (&world);
  base_clock_set_fake (NOON, 1);
  for (guint i = 1; i <= 3; i++)
    {
      g_autoptr(StoreAccountState) state = NULL;

      base_clock_set_fake (NOON + i, 1);
      worker_standing_note (world.ingest, &refused);
      state = get_state (&world);
      g_assert_cmpint (state->activity, ==, STORE_ACTIVITY_STOPPED);
      g_assert_cmpstr (state->problem, ==, "password");
      g_assert_cmpstr (state->problem_text, ==, "The password was refused");
      g_assert_cmpstr (state->server_words, ==, "Invalid credentials");
      g_assert_cmpint (state->problem_at, ==, NOON + 1);
      g_assert_cmpint (state->refused_count, ==, i);
      g_assert_cmpuint (count_questions (&world), ==, 1);
      g_assert_cmpint (worker_standing_is_exhausted (state, NOON), ==, i >= WORKER_REFUSALS_A_DAY);
    }
}

static void
test_success_ends_the_trouble (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(StoreAccountState) state = NULL;

  world_init (&world);
  base_clock_set_fake (NOON, 1);
  worker_standing_note (world.ingest, &refused);
  worker_standing_note (world.ingest, &good);
  state = get_state (&world);
  g_assert_cmpint (state->activity, ==, STORE_ACTIVITY_IDLE);
  g_assert_cmpint (state->last_ok_at, ==, NOON);
  g_assert_null (state->problem);
  g_assert_null (state->server_words);
  g_assert_cmpuint (count_questions (&world), ==, 0);
}

static void
test_sends_are_counted_by_day (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(StoreAccountState) tired = NULL, rested = NULL, renewed = NULL;

  world_init (&world);
  base_clock_set_fake (NOON, 1);
  for (guint i = 0; i < WORKER_REFUSALS_A_DAY; i++)
    worker_standing_note (world.ingest, &refused);
  tired = get_state (&world);
  g_assert_true (worker_standing_is_exhausted (tired, NOON));
  g_assert_false (worker_standing_is_exhausted (tired, NOON + 24 * 60 * 60));

  base_clock_set_fake (NOON + 24 * 60 * 60, 1);
  worker_standing_note (world.ingest, &refused);
  rested = get_state (&world);
  g_assert_cmpint (rested->refused_count, ==, 1);

  worker_standing_reset (world.ingest, 3);
  renewed = get_state (&world);
  g_assert_cmpint (renewed->refused_count, ==, 0);
  g_assert_cmpuint (count_questions (&world), ==, 0);
}

static void
test_activity_leaves_the_trouble (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(StoreAccountState) state = NULL;
  const WorkerStanding busy = { .account_id = 3, .kind = WORKER_STANDING_BUSY,
                                .activity = STORE_ACTIVITY_CHECKING };

  world_init (&world);
  base_clock_set_fake (NOON, 1);
  worker_standing_note (world.ingest, &refused);
  worker_standing_note (world.ingest, &busy);
  state = get_state (&world);
  g_assert_cmpint (state->activity, ==, STORE_ACTIVITY_CHECKING);
  g_assert_cmpstr (state->problem, ==, "password");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  base_clock_set_fake (NOON, 1);
  g_test_add_func ("/worker/standing/trouble-is-kept-and-asked-once", test_trouble_is_kept_and_asked_once);
  g_test_add_func ("/worker/standing/success-ends-the-trouble", test_success_ends_the_trouble);
  g_test_add_func ("/worker/standing/sends-are-counted-by-day", test_sends_are_counted_by_day);
  g_test_add_func ("/worker/standing/activity-leaves-the-trouble", test_activity_leaves_the_trouble);
  return g_test_run ();
}
