/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/tidying.h"

#include "base/clock.h"
#include "store/changes.h"
#include "store/locks.h"
#include "store/objects.h"

#include <ftw.h>
#include <glib/gstdio.h>

#define DAY (24 * 60 * 60)
#define NOW (20000 * DAY)

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
  world->dir = g_dir_make_tmp ("penfold-tidying-XXXXXX", NULL);
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

static guint
count_changes (World *world)
{
  g_autoptr(GPtrArray) changes = store_changes_list_since (world->store, 0, NULL);

  return changes->len;
}

static gboolean
catch_up_work (Store   *store,
               gpointer data,
               GError **error)
{
  return store_changes_catch_up (store, NULL, error);
}

static void
test_old_wishes_are_forgotten (void)
{
  g_auto(World) world = { NULL };
  const StoreWish wish = { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = STORE_ACCOUNT_LOCAL,
                           .path = "Old" };
  g_autoptr(GArray) ids = NULL;
  g_autoptr(GError) error = NULL;

  base_clock_set_fake (NOW, 1);
  world_init (&world);
  ids = store_changes_record (world.store, &wish, NULL, 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (ids->len, ==, 1);
  g_assert_true (store_changes_cancel (world.store, g_array_index (ids, gint64, 0), &error));
  g_assert_true (ingest_write_alone (world.ingest, catch_up_work, NULL, &error));
  g_assert_true (worker_tidying_run (world.ingest, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_changes (&world), ==, 1);

  base_clock_set_fake (NOW + (STORE_CHANGE_DAYS + 1) * DAY, 1);
  g_assert_true (worker_tidying_run (world.ingest, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (count_changes (&world), ==, 0);
}

static void
test_it_is_due_once_a_day (void)
{
  const gint64 minute = 60 * G_USEC_PER_SEC;
  const WorkerMeans means = { NULL };
  g_autoptr(WorkerTidying) tidying = worker_tidying_new (&means, 0);

  g_assert_cmpint (worker_tidying_get_next (tidying), ==, 10 * minute);
  worker_tidying_check (tidying, 10 * minute - 1);
  g_assert_cmpint (worker_tidying_get_next (tidying), ==, 10 * minute);
}

/* The attachment of a letter that was thrown away: nothing names it any more. */
static void
test_bytes_that_nothing_names_go (void)
{
  g_auto(World) world = { NULL };
  g_autoptr(GError) error = NULL;
  gint64 id;

  base_clock_set_fake (NOW, 1);
  world_init (&world);
  id = store_objects_add (world.store, base_slice_from_string ("bytes"), &error);
  g_assert_no_error (error);
  g_assert_true (worker_tidying_run (world.ingest, NULL, &error));
  g_assert_cmpint (store_objects_get_size (world.store, id, NULL), ==, 5);

  base_clock_set_fake (NOW + STORE_OBJECT_SPARE_S + 1, 1);
  g_assert_true (worker_tidying_run (world.ingest, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (store_objects_get_size (world.store, id, NULL), ==, -1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  base_clock_set_fake (NOW, 1);
  g_test_add_func ("/worker/tidying/old-wishes-are-forgotten", test_old_wishes_are_forgotten);
  g_test_add_func ("/worker/tidying/it-is-due-once-a-day", test_it_is_due_once_a_day);
  g_test_add_func ("/worker/tidying/bytes-that-nothing-names-go", test_bytes_that_nothing_names_go);
  return g_test_run ();
}
