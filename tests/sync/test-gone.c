/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/scene.h"

#include "base/clock.h"
#include "store/locations.h"
#include "store/questions.h"

#include <string.h>

static gint64
message_at (Scene      *scene,
            guint       number,
            const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreLocation) location = store_locations_get (scene->world->store, scene_find (scene, number, path), &error);

  g_assert_no_error (error);
  return location->message_id;
}

/* As another program does it. */
static void
move (Scene      *scene,
      guint       number,
      guint32     uid,
      ImapFlags   flags,
      const char *from,
      const char *to)
{
  fake_remote_remove (scene->fake, from, uid);
  scene_deliver (scene, to, number, flags);
}

static void
test_vanished_ends (void)
{
  g_autoptr(Scene) scene = scene_new (0);

  fake_remote_remove (scene->fake, "INBOX", 1);
  scene_sync (scene);
  scene_assert_here (scene, "INBOX", "2 seen,3 flagged,4 deleted");
  g_assert_cmpuint (scene->summary.messages_gone, ==, 1);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM message WHERE orphaned_at IS NOT NULL"), ==, 1);
}

/* The inbox is looked at first: once it vanishes before it comes, once it comes before it vanishes. */
static void
test_move_elsewhere_is_followed (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  gint64 message = message_at (scene, 1, "INBOX"), place;

  move (scene, 1, 1, IMAP_FLAG_FLAGGED, "INBOX", "Archive");
  scene_sync (scene);
  scene_assert_here (scene, "INBOX", "2 seen,3 flagged,4 deleted");
  scene_assert_here (scene, "Archive", "1 flagged,9");
  g_assert_cmpint (message_at (scene, 1, "Archive"), ==, message);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location WHERE announced_at IS NULL"), ==, 0);

  place = scene_find (scene, 1, "Archive");
  move (scene, 1, 2, IMAP_FLAG_SEEN, "Archive", "INBOX");
  scene_sync (scene);
  scene_assert_here (scene, "Archive", "9");
  scene_assert_here (scene, "INBOX", "1 seen,2 seen,3 flagged,4 deleted");
  g_assert_cmpint (message_at (scene, 1, "INBOX"), ==, message);
  g_assert_cmpint (scene_find (scene, 1, "INBOX"), ==, place);

  scene_sync (scene);
  g_assert_cmpuint (scene->summary.messages_new + scene->summary.messages_gone + scene->summary.flags_changed, ==, 0);
}

/* What was there before is a copy of its own, and what has another size is another mail. */
static void
test_copies_are_not_taken_for_moves (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  g_autoptr(GBytes) longer = world_message (2, 900);
  gint64 first, second, message;

  scene_deliver (scene, "Archive", 1, 0);
  scene_sync (scene);
  first = message_at (scene, 1, "INBOX");
  second = message_at (scene, 1, "Archive");
  fake_remote_remove (scene->fake, "Archive", 2);
  scene_sync (scene);
  g_assert_cmpint (first, !=, second);
  g_assert_cmpint (message_at (scene, 1, "INBOX"), ==, first);
  g_assert_cmpint (scene_find (scene, 1, "Archive"), ==, 0);

  message = message_at (scene, 2, "INBOX");
  fake_remote_remove (scene->fake, "INBOX", 2);
  fake_remote_deliver (scene->fake, "Archive", longer, 0);
  scene_sync (scene);
  g_assert_cmpint (message_at (scene, 2, "Archive"), !=, message);
}

static void
test_mass_disappearance_is_asked_about (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  g_autoptr(GPtrArray) questions = NULL;

  for (guint i = 100; i < 200; i++)
    scene_deliver (scene, "Archive", i, 0);
  scene_sync (scene);
  for (guint32 uid = 2; uid < 62; uid++)
    fake_remote_remove (scene->fake, "Archive", uid);
  scene_sync (scene);
  questions = store_questions_list_open (scene->world->store, NULL);
  g_assert_cmpuint (questions->len, ==, 1);
  g_assert_cmpint (scene_find (scene, 100, "Archive"), !=, 0);
  g_assert_cmpuint (scene->summary.messages_gone, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scene_prefer_memory ();
  g_test_add_func ("/sync/gone/vanished-ends", test_vanished_ends);
  g_test_add_func ("/sync/gone/move-elsewhere-is-followed", test_move_elsewhere_is_followed);
  g_test_add_func ("/sync/gone/copies-are-not-taken-for-moves", test_copies_are_not_taken_for_moves);
  g_test_add_func ("/sync/gone/mass-disappearance-is-asked-about", test_mass_disappearance_is_asked_about);
  return g_test_run ();
}
