/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/scene.h"

#include "base/clock.h"
#include "store/answers.h"
#include "store/locations.h"
#include "store/questions.h"

#include <string.h>

static gint64
message_at (Scene      *scene,
            guint       number,
            const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreLocation) location = store_locations_get (scene->world->store,
                                                           scene_find (scene, number, path), &error);

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
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM message WHERE orphaned_at IS NOT NULL"),
                   ==, 1);
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
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location WHERE announced_at IS NULL"),
                   ==, 0);

  place = scene_find (scene, 1, "Archive");
  move (scene, 1, 2, IMAP_FLAG_SEEN, "Archive", "INBOX");
  scene_sync (scene);
  scene_assert_here (scene, "Archive", "9");
  scene_assert_here (scene, "INBOX", "1 seen,2 seen,3 flagged,4 deleted");
  g_assert_cmpint (message_at (scene, 1, "INBOX"), ==, message);
  g_assert_cmpint (scene_find (scene, 1, "INBOX"), ==, place);

  scene_sync (scene);
  g_assert_cmpuint (scene->summary.messages_new + scene->summary.messages_gone + scene->summary.flags_changed,
                    ==, 0);
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

/* --- when very much vanishes ---------------------------------------------------------------------------- */

static const guint servers[] = { 0, FAKE_HAS_CONDSTORE, FAKE_HAS_QRESYNC, FAKE_HAS_QRESYNC | FAKE_HAS_IDS };

/* n messages in Archive, synced. */
static Scene *
new_scene_of (guint habits,
              guint n)
{
  Scene *scene = scene_new_empty (habits);

  for (guint i = 0; i < n; i++)
    scene_deliver (scene, "Archive", 100 + i, 0);
  scene_sync (scene);
  fake_remote_reconnect (scene->fake);
  return scene;
}

static void
remove_first (Scene *scene,
              guint  n)
{
  for (guint32 uid = 1; uid <= n; uid++)
    fake_remote_remove (scene->fake, "Archive", uid);
}

static guint
count_places (Scene *scene)
{
  return (guint) world_count (scene->world, "SELECT count (*) FROM location");
}

static guint
count_on_server (Scene *scene)
{
  return (guint) world_count (scene->world, "SELECT count (*) FROM location WHERE uid IS NOT NULL");
}

/* The id of the one open question, or 0. */
static gint64
find_question (Scene *scene)
{
  g_autoptr(GPtrArray) questions = store_questions_list_open (scene->world->store, NULL);

  g_assert_cmpuint (questions->len, <=, 1);
  return questions->len > 0 ? ((StoreQuestion *) questions->pdata[0])->id : 0;
}

static void
answer (Scene      *scene,
        const char *word)
{
  g_autoptr(GError) error = NULL;

  store_answers_give (scene->world->store, find_question (scene), word, &error);
  g_assert_no_error (error);
}

static void
assert_asking (Scene *scene,
               guint  n_places)
{
  g_assert_cmpint (find_question (scene), !=, 0);
  g_assert_cmpuint (count_on_server (scene), ==, n_places);
  g_assert_cmpuint (scene->summary.messages_gone, ==, 0);
}

static void
assert_answered (Scene *scene)
{
  g_autoptr(GPtrArray) answers = store_answers_list_since (scene->world->store, 0, NULL);

  g_assert_cmpint (find_question (scene), ==, 0);
  g_assert_cmpuint (answers->len, ==, 0);
}

static void
test_mass_disappearance_is_asked_about (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    for (guint removes = 0; removes < 2; removes++)
      {
        g_autoptr(Scene) scene = new_scene_of (servers[s], 100);

        remove_first (scene, 60);
        for (guint round = 0; round < 3; round++)
          {
            scene_sync (scene);
            assert_asking (scene, 100);
          }
        /* What comes meanwhile is not kept waiting. */
        scene_deliver (scene, "Archive", 300, 0);
        scene_sync (scene);
        assert_asking (scene, 101);

        answer (scene, removes ? "remove" : "keep");
        scene_sync (scene);
        assert_answered (scene);
        g_assert_cmpuint (count_on_server (scene), ==, 41);
        g_assert_cmpuint (count_places (scene), ==, removes ? 41 : 101);
        scene_sync (scene);
        g_assert_cmpuint (count_places (scene), ==, removes ? 41 : 101);
        assert_answered (scene);
      }
}

/* Nobody answered, and it was a trouble of the server. */
static void
test_question_answers_itself (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = new_scene_of (servers[s], 100);
      FakeFolder *archive = fake_remote_find (scene->fake, "Archive");
      g_autoptr(GPtrArray) kept = archive->messages;

      archive->messages = g_ptr_array_new ();
      archive->modseq++;
      for (guint32 uid = 1; uid <= 100; uid++)
        g_array_append_val (archive->vanished, ((FakeVanished) { uid, archive->modseq }));
      scene_sync (scene);
      assert_asking (scene, 100);

      g_ptr_array_unref (archive->messages);
      archive->messages = g_ptr_array_ref (kept);
      archive->modseq++;
      if (s % 2 == 1)
        answer (scene, "remove");
      scene_sync (scene);
      assert_answered (scene);
      g_assert_cmpuint (count_on_server (scene), ==, 100);
      g_assert_cmpuint (scene->fake->n_bodies, ==, 100);
      g_assert_cmpuint (scene->summary.messages_new, ==, 0);
    }
}

/* A server says EXISTS 0, and perhaps lists nothing: a moment later all is there. */
static void
test_folder_seems_empty_for_a_moment (void)
{
  static const guint sizes[] = { 1, 10, 100 };

  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    for (gsize n = 0; n < G_N_ELEMENTS (sizes); n++)
      for (guint commands = 1; commands <= 2; commands++)
        {
          g_autoptr(Scene) scene = new_scene_of (servers[s], sizes[n]);

          g_ptr_array_remove (scene->fake->folders, fake_remote_find (scene->fake, "INBOX"));
          g_ptr_array_remove (scene->fake->folders, fake_remote_find (scene->fake, "Trash"));
          fake_remote_find (scene->fake, "Archive")->modseq++;
          scene->fake->seems_empty_for = commands;
          scene_sync (scene);
          g_assert_cmpuint (count_on_server (scene), ==, sizes[n]);
          scene_sync (scene);
          g_assert_cmpuint (count_on_server (scene), ==, sizes[n]);
          g_assert_cmpuint (scene->fake->n_bodies, ==, sizes[n]);
          assert_answered (scene);
        }
}

/* A small folder that stays empty for a whole round is believed; when its mail is back, it is here again. */
static void
test_small_folder_comes_back (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = new_scene_of (servers[s], 10);
      FakeFolder *archive = fake_remote_find (scene->fake, "Archive");

      archive->modseq++;
      scene->fake->seems_empty_for = 1000;
      scene_sync (scene);
      scene->fake->seems_empty_for = 0;
      archive->modseq++;
      scene_sync (scene);
      scene_sync (scene);
      g_assert_cmpuint (count_on_server (scene), ==, 10);
      g_assert_cmpuint (count_places (scene), ==, 10);
    }
}

static void
test_empty_list_of_folders (void)
{
  g_autoptr(Scene) scene = new_scene_of (0, 5);

  scene->fake->lists_nothing = TRUE;
  scene_sync (scene);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM folder WHERE gone_at IS NOT NULL"), ==,
                   0);
  g_assert_cmpuint (count_on_server (scene), ==, 5);
}

/* --- mail that is kept here ----------------------------------------------------------------------------- */

static void
test_kept_here (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 place = scene_find (scene, 1, "INBOX");
      g_autoptr(StoreLocation) location = NULL;

      scene->account->vanished = STORE_VANISHED_KEEP;
      fake_remote_remove (scene->fake, "INBOX", 1);
      scene_sync (scene);
      scene_sync (scene);
      scene_assert_here (scene, "INBOX", "1,2 seen,3 flagged,4 deleted");
      location = store_locations_get (scene->world->store, place, NULL);
      g_assert_false (store_location_has_server (location));
      g_assert_cmpint (location->removed_at, !=, 0);
      g_assert_cmpint (location->removed_by, ==, STORE_BY_ELSEWHERE);
      g_assert_cmpint (world_count (scene->world,
                                    "SELECT count (*) FROM message WHERE orphaned_at IS NOT NULL"), ==, 0);

      /* Nothing that a server says ends it. */
      fake_remote_renumber (scene->fake, "INBOX");
      scene->account->vanished = STORE_VANISHED_FOLLOW;
      scene_sync (scene);
      scene_sync (scene);
      scene_assert_here (scene, "INBOX", "1,2 seen,3 flagged,4 deleted");
      base_clock_set_fake (NOW + 400 * 86400, 0);
      g_assert_true (ingest_tidy (scene->world->ingest, NULL, NULL));
      scene_assert_here (scene, "INBOX", "1,2 seen,3 flagged,4 deleted");
      base_clock_set_fake (NOW, 0);
    }
}

typedef struct {
  gint64 message_id;
  gint64 folder_id;
} Restoring;

static gboolean
restore_work (Store     *store,
              gpointer   data,
              GError   **error)
{
  Restoring *restoring = data;

  return store_locations_restore (store, restoring->message_id, restoring->folder_id, error) != 0;
}

/* Within 30 days, and not after. */
static void
test_restored (void)
{
  static const struct { gint64 days; gboolean is_there; } cases[] = { { 1, TRUE }, { 29, TRUE },
                                                                      { 31, FALSE } };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(Scene) scene = scene_new (0);
      g_autoptr(StoreFolder) folder = store_folders_find_role (scene->world->store, STORE_ACCOUNT_LOCAL,
                                                               STORE_ROLE_ARCHIVE, NULL);
      Restoring restoring = { message_at (scene, 1, "INBOX"), folder->id };
      g_autoptr(GError) error = NULL;

      fake_remote_remove (scene->fake, "INBOX", 1);
      scene_sync (scene);
      base_clock_set_fake (NOW + cases[i].days * 86400, 0);
      g_assert_true (ingest_tidy (scene->world->ingest, NULL, NULL));
      g_assert_cmpint (ingest_write (scene->world->ingest, restore_work, &restoring, &error), ==,
                       cases[i].is_there);
      scene_assert_local (scene, "Archive", cases[i].is_there ? "1 seen" : "");
      base_clock_set_fake (NOW, 0);
    }
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
  g_test_add_func ("/sync/gone/question-answers-itself", test_question_answers_itself);
  g_test_add_func ("/sync/gone/folder-seems-empty-for-a-moment", test_folder_seems_empty_for_a_moment);
  g_test_add_func ("/sync/gone/small-folder-comes-back", test_small_folder_comes_back);
  g_test_add_func ("/sync/gone/empty-list-of-folders", test_empty_list_of_folders);
  g_test_add_func ("/sync/gone/kept-here", test_kept_here);
  g_test_add_func ("/sync/gone/restored", test_restored);
  return g_test_run ();
}
