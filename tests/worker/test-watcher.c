/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/watcher.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_MS 10000

typedef struct {
  char          *top;
  char          *dir;
  char          *moved;
  WorkerWatcher *watcher;
  guint          n_written;
  guint          n_vanished;
  gboolean       is_late;
} World;

static void
on_written (gpointer data)
{
  ((World *) data)->n_written++;
}

static void
on_vanished (gpointer data)
{
  ((World *) data)->n_vanished++;
}

static void
write_file (World      *world,
            const char *name)
{
  g_autofree char *path = g_build_filename (world->dir, name, NULL);
  int fd = open (path, O_WRONLY | O_CREAT | O_APPEND, 0600);

  g_assert_cmpint (write (fd, "x", 1), ==, 1);
  close (fd);
}

static void
world_init (World *world)
{
  static const WorkerWatcherTold told = { on_written, on_vanished };

  world->top = g_dir_make_tmp ("penfold-watcher-XXXXXX", NULL);
  world->dir = g_build_filename (world->top, "data", NULL);
  world->moved = g_build_filename (world->top, "moved", NULL);
  g_mkdir (world->dir, 0700);
  write_file (world, "worker.lock");
  write_file (world, "desk.db-wal");
  write_file (world, "mail.db-wal");
  world->watcher = worker_watcher_new (world->dir, &told, world);
}

static void
remove_in (const char *dir)
{
  static const char * const names[] = { "worker.lock", "desk.db-wal", "mail.db-wal" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (dir, names[i], NULL);

      g_unlink (path);
    }
  g_rmdir (dir);
}

static void
world_clear (World *world)
{
  worker_watcher_free (world->watcher);
  remove_in (world->dir);
  remove_in (world->moved);
  g_rmdir (world->top);
  g_free (world->top);
  g_free (world->dir);
  g_free (world->moved);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static gboolean
on_late (gpointer data)
{
  ((World *) data)->is_late = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
wait_for (World       *world,
          const guint *count)
{
  guint late = g_timeout_add (PATIENCE_MS, on_late, world);

  while (*count == 0 && !world->is_late)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (late);
  g_assert_false (world->is_late);
}

static void
test_writes_to_the_desk_are_heard_and_joined (void)
{
  g_auto(World) world = { NULL };

  world_init (&world);
  write_file (&world, "mail.db-wal");
  for (guint i = 0; i < 20; i++)
    write_file (&world, "desk.db-wal");
  wait_for (&world, &world.n_written);
  g_assert_cmpuint (world.n_written, ==, 1);
  write_file (&world, "desk.db-wal");
  world.n_written = 0;
  wait_for (&world, &world.n_written);
  g_assert_cmpuint (world.n_vanished, ==, 0);
}

static void
test_a_removed_store_is_heard_once (void)
{
  g_auto(World) world = { NULL };

  world_init (&world);
  remove_in (world.dir);
  wait_for (&world, &world.n_vanished);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (world.n_vanished, ==, 1);
}

static void
test_a_store_moved_away_is_heard (void)
{
  g_auto(World) world = { NULL };

  world_init (&world);
  g_assert_cmpint (rename (world.dir, world.moved), ==, 0);
  wait_for (&world, &world.n_vanished);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/watcher/writes-to-the-desk-are-heard-and-joined", test_writes_to_the_desk_are_heard_and_joined);
  g_test_add_func ("/worker/watcher/a-removed-store-is-heard-once", test_a_removed_store_is_heard_once);
  g_test_add_func ("/worker/watcher/a-store-moved-away-is-heard", test_a_store_moved_away_is_heard);
  return g_test_run ();
}
