/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/settings.h"

#include "store/fixture.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)

#define WAIT_UNTIL(condition) \
  G_STMT_START { \
    gint64 wait_end = g_get_monotonic_time () + PATIENCE_US; \
    while (!(condition)) \
      { \
        g_assert_cmpint (g_get_monotonic_time (), <, wait_end); \
        g_main_context_iteration (NULL, FALSE); \
        g_usleep (500); \
      } \
  } G_STMT_END

typedef struct {
  StoreFixture  *files;
  ModelStore    *model;
  ModelSettings *one;
  ModelSettings *other;
} World;

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->files = store_fixture_new ();
  world->model = model_store_new (world->files->dir);
  world->one = model_settings_new (world->model);
  world->other = model_settings_new (world->model);
  WAIT_UNTIL (model_settings_is_loaded (world->one) && model_settings_is_loaded (world->other));
  return world;
}

static void
world_free (World *world)
{
  g_object_unref (world->one);
  g_object_unref (world->other);
  WAIT_UNTIL (G_OBJECT (world->model)->ref_count == 1);
  g_object_unref (world->model);
  store_fixture_free (world->files);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static void
count (guint *n)
{
  (*n)++;
}

static void
test_defaults_are_there (void)
{
  g_autoptr(World) world = world_new ();

  g_assert_cmpint (model_settings_get (world->one, STORE_SETTING_BACKGROUND), ==, TRUE);
  g_assert_cmpint (model_settings_get (world->one, STORE_SETTING_LIST_LINES), ==, 3);
}

static void
test_set_counts_at_once_and_everywhere (void)
{
  g_autoptr(World) world = world_new ();
  guint n_written = 0;

  g_signal_connect_swapped (world->one, "written", G_CALLBACK (count), &n_written);
  model_settings_set (world->one, STORE_SETTING_BACKGROUND, FALSE);
  g_assert_cmpint (model_settings_get (world->one, STORE_SETTING_BACKGROUND), ==, FALSE);
  WAIT_UNTIL (n_written == 1);
  g_assert_false (store_settings_get_boolean (world->files->store, STORE_SETTING_BACKGROUND));
  WAIT_UNTIL (model_settings_get (world->other, STORE_SETTING_BACKGROUND) == FALSE);
}

/* A value read while another is on its way to the file is older than that one. */
static void
test_quick_changes_end_with_the_last (void)
{
  g_autoptr(World) world = world_new ();
  guint n_written = 0;

  g_signal_connect_swapped (world->one, "written", G_CALLBACK (count), &n_written);
  for (gint64 i = 1; i <= 20; i++)
    {
      model_settings_set (world->one, STORE_SETTING_MARK_READ_S, i);
      model_store_look (world->model);
      g_main_context_iteration (NULL, FALSE);
      g_assert_cmpint (model_settings_get (world->one, STORE_SETTING_MARK_READ_S), ==, i);
    }
  WAIT_UNTIL (n_written > 0 && store_settings_get_int (world->files->store, STORE_SETTING_MARK_READ_S) == 20);
  g_assert_cmpint (model_settings_get (world->one, STORE_SETTING_MARK_READ_S), ==, 20);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/settings/defaults-are-there", test_defaults_are_there);
  g_test_add_func ("/model/settings/set-counts-at-once-and-everywhere",
                   test_set_counts_at_once_and_everywhere);
  g_test_add_func ("/model/settings/quick-changes-end-with-the-last", test_quick_changes_end_with_the_last);
  return g_test_run ();
}
