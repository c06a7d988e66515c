/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names that servers change: UIDVALIDITY, object ids, folders that are renamed, go and come back. */
#include "sync/scene.h"

#include "store/changes.h"
#include "store/locations.h"
#include "sync/round.h"

#include <string.h>

static const guint servers[] = { 0, FAKE_HAS_CONDSTORE, FAKE_HAS_QRESYNC, FAKE_HAS_QRESYNC | FAKE_HAS_IDS, FAKE_HAS_IDS };

static void
assert_mirror (Scene      *scene,
               const char *folder)
{
  g_autofree char *there = fake_remote_describe (scene->fake, folder);

  scene_assert_here (scene, folder, there);
}

static gint64
message_at (Scene      *scene,
            guint       number,
            const char *path)
{
  g_autoptr(StoreLocation) location = store_locations_get (scene->world->store, scene_find (scene, number, path), NULL);

  g_assert_nonnull (location);
  return location->message_id;
}

/* --- UIDVALIDITY ------------------------------------------------------------------------------------------------ */

static void
wish_answered (Scene *scene,
               guint  number)
{
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_ANSWERED };
  gint64 id = scene_find (scene, number, "INBOX");
  g_autoptr(GArray) made = store_changes_record (scene->world->store, &wish, &id, 1, NULL);

  g_assert_cmpuint (made->len, ==, 1);
}

static void
verify (Scene *scene,
        guint  number)
{
  gint64 id = scene_find (scene, number, "INBOX");
  IngestVerdict verdict;

  g_assert_true (ingest_verify (scene->world->ingest, &id, 1, &verdict, NULL));
  g_assert_cmpint (verdict, ==, INGEST_VERIFIED);
}

/* Nothing is lost, and nothing that is recognised is fetched again; what was verified is so no more. */
static void
test_renumbered_again_and_again (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = scene_new_empty (servers[s]);
      gint64 places[31];

      for (guint number = 1; number <= 30; number++)
        scene_deliver (scene, "INBOX", number, 0);
      /* The same mail twice: as many places as there are copies. */
      scene_deliver (scene, "INBOX", 30, IMAP_FLAG_FLAGGED);
      scene_sync (scene);
      for (guint number = 1; number <= 29; number++)
        places[number] = scene_find (scene, number, "INBOX");
      for (guint i = 1; i <= 20; i++)
        {
          fake_remote_reconnect (scene->fake);
          wish_answered (scene, i);
          if (i == 1)
            verify (scene, 25);
          fake_remote_renumber (scene->fake, "INBOX");
          scene_sync (scene);
          scene_sync (scene);
          g_assert_cmpuint (scene->fake->n_bodies, ==, 31);
          g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location WHERE verified_at IS NOT NULL"), ==, 0);
        }
      fake_remote_reconnect (scene->fake);
      scene_sync (scene);
      assert_mirror (scene, "INBOX");
      for (guint number = 1; number <= 29; number++)
        {
          const FakeMessage *there = fake_remote_find (scene->fake, "INBOX")->messages->pdata[number - 1];

          g_assert_cmpint (scene_find (scene, number, "INBOX"), ==, places[number]);
          g_assert_cmpint (there->flags, ==, number <= 20 ? IMAP_FLAG_ANSWERED : 0);
        }
      g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM message"), ==, 31);
    }
}

/* --- moves by another program ----------------------------------------------------------------------------------- */

/* Whether it vanishes first or appears first: it is the same message in one place, and its bytes are fetched once more at
 * most, before anything can tell. */
static void
test_moves_are_followed (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = scene_new_empty (servers[s]);
      static const char * const stations[] = { "INBOX", "Archive", "Trash", "INBOX", "Trash", "Archive", "INBOX" };
      gint64 message;
      guint32 uid = 1;

      scene_deliver (scene, "INBOX", 1, IMAP_FLAG_FLAGGED);
      scene_deliver (scene, "INBOX", 2, 0);
      scene_sync (scene);
      message = message_at (scene, 1, "INBOX");
      for (gsize i = 1; i < G_N_ELEMENTS (stations); i++)
        {
          fake_remote_reconnect (scene->fake);
          uid = fake_remote_move (scene->fake, stations[i - 1], uid, stations[i]);
          scene_sync (scene);
          scene_sync (scene);
          g_assert_cmpint (message_at (scene, 1, stations[i]), ==, message);
          assert_mirror (scene, stations[i - 1]);
          assert_mirror (scene, stations[i]);
        }
      g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM message WHERE orphaned_at IS NULL"), ==, 2);
      g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), ==, 2);
      g_assert_cmpuint (scene->fake->n_bodies, <=, 1 + G_N_ELEMENTS (stations));
    }
}

/* --- folders ---------------------------------------------------------------------------------------------------- */

static void
rename_there (Scene      *scene,
              const char *raw_name,
              const char *raw_new_name)
{
  FakeFolder *folder = fake_remote_find (scene->fake, raw_name);

  g_free (folder->raw_name);
  folder->raw_name = g_strdup (raw_new_name);
}

static void
test_renamed_folder_is_known_by_its_id (void)
{
  g_autoptr(Scene) scene = scene_new_empty (FAKE_HAS_QRESYNC | FAKE_HAS_IDS);
  gint64 archive, trash;

  scene_deliver (scene, "Archive", 1, 0);
  scene_deliver (scene, "Trash", 2, 0);
  scene_sync (scene);
  archive = scene_find_folder (scene, "Archive");
  trash = scene_find_folder (scene, "Trash");

  rename_there (scene, "Archive", "Old");
  scene_sync (scene);
  g_assert_cmpint (scene_find_folder (scene, "Old"), ==, archive);
  g_assert_cmpuint (scene->fake->n_bodies, ==, 2);
  scene_assert_here (scene, "Old", "1");

  /* Both at once, each to the other's name. */
  rename_there (scene, "Old", "between");
  rename_there (scene, "Trash", "Old");
  rename_there (scene, "between", "Trash");
  scene_sync (scene);
  g_assert_cmpint (scene_find_folder (scene, "Trash"), ==, archive);
  g_assert_cmpint (scene_find_folder (scene, "Old"), ==, trash);
  scene_assert_here (scene, "Trash", "1");
  scene_assert_here (scene, "Old", "2");
  g_assert_cmpuint (scene->fake->n_bodies, ==, 2);
}

static void
test_folder_goes_and_comes_back (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    for (guint is_renumbered = 0; is_renumbered < 2; is_renumbered++)
      {
        g_autoptr(Scene) scene = scene_new_empty (servers[s]);
        FakeFolder *folder = fake_remote_find (scene->fake, "Archive");
        gint64 place;

        scene_deliver (scene, "Archive", 1, IMAP_FLAG_FLAGGED);
        scene_deliver (scene, "Archive", 2, 0);
        scene_sync (scene);
        place = scene_find (scene, 1, "Archive");

        g_ptr_array_steal_index (scene->fake->folders, 1);
        fake_remote_reconnect (scene->fake);
        scene_sync (scene);
        g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM folder WHERE gone_at IS NOT NULL"), ==, 1);
        g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), ==, 2);

        g_ptr_array_add (scene->fake->folders, folder);
        if (is_renumbered)
          fake_remote_renumber (scene->fake, "Archive");
        scene_sync (scene);
        scene_assert_here (scene, "Archive", "1 flagged,2");
        g_assert_cmpint (scene_find (scene, 1, "Archive"), ==, place);
        g_assert_cmpuint (scene->fake->n_bodies, ==, 2);
        scene_sync (scene);
        g_assert_cmpuint (scene->summary.messages_new + scene->summary.messages_gone, ==, 0);
      }
}

/* Names that mean something elsewhere, or the same as another one once they are decoded. */
static void
test_hostile_names (void)
{
  static const char * const names[] = {
    "..", "../..", "/", "//", "a//b", "a/", "/a", ".", "", "\x01\x1f\x7f", "a\x1f" "b", "%s%n", "'; DROP TABLE folder; --", "*",
    "&", "&-", "&AAA-", "&AAAA", "&2AA-", "&AB8-", "Entw&APw-rfe", "Entw\xc3\xbcrfe", "\xff\xfe", "inbox", "Inbox", "INBOX/", "&AEk-NBOX",
    "&ACoAJQ-", "con", "A", "a", "\xe2\x80\xae" "txt.exe",
  };
  g_autoptr(Scene) scene = scene_new_empty (0);

  scene_deliver (scene, "Archive", 1, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    fake_remote_add_folder (scene->fake, names[i]);
  scene_deliver (scene, "..", 2, 0);
  scene_deliver (scene, "\xff\xfe", 3, 0);
  scene_sync (scene);
  scene_sync (scene);
  g_assert_cmpuint (scene->summary.failed->len, ==, 0);
  scene_assert_here (scene, "Archive", "1");
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), ==, 3);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM folder WHERE account_id = 1 AND role = 'inbox'"), <=, 1);
  g_assert_cmpuint (scene->summary.messages_new + scene->summary.messages_gone, ==, 0);
}

static void
test_deep_folder (void)
{
  g_autoptr(Scene) scene = scene_new_empty (0);
  g_autoptr(GString) name = g_string_new ("d");

  for (guint i = 1; i < 1000; i++)
    g_string_append (name, "/d");
  fake_remote_add_folder (scene->fake, name->str);
  scene_deliver (scene, name->str, 1, 0);
  scene_sync (scene);
  scene_sync (scene);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), ==, 1);
}

static void
test_very_many_folders (void)
{
  g_autoptr(Scene) scene = scene_new_empty (FAKE_HAS_QRESYNC | FAKE_HAS_IDS);
  SyncContext context = { .store = scene->world->store, .ingest = scene->world->ingest, .remote = &scene->fake->remote,
                          .account = scene->account, .summary = &scene->summary };
  g_autoptr(GError) error = NULL;

  for (guint i = 3; i < 10001; i++)
    {
      g_autofree char *name = g_strdup_printf ("Projects/%u/%u", i / 100, i);

      fake_remote_add_folder (scene->fake, name);
    }
  for (guint i = 0; i < 2; i++)
    {
      gint64 start = g_get_monotonic_time ();

      sync_round_list_folders (&context, NULL, &error);
      g_assert_no_error (error);
      g_test_message ("%d ms", (int) ((g_get_monotonic_time () - start) / 1000));
    }
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM folder WHERE account_id = 1 AND raw_name IS NOT NULL"
                                " AND gone_at IS NULL"), ==, 10001);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scene_prefer_memory ();
  g_test_add_func ("/sync/renumbered/again-and-again", test_renumbered_again_and_again);
  g_test_add_func ("/sync/renumbered/moves-are-followed", test_moves_are_followed);
  g_test_add_func ("/sync/renumbered/renamed-folder-is-known-by-its-id", test_renamed_folder_is_known_by_its_id);
  g_test_add_func ("/sync/renumbered/folder-goes-and-comes-back", test_folder_goes_and_comes_back);
  g_test_add_func ("/sync/renumbered/hostile-names", test_hostile_names);
  g_test_add_func ("/sync/renumbered/deep-folder", test_deep_folder);
  g_test_add_func ("/sync/renumbered/very-many-folders", test_very_many_folders);
  return g_test_run ();
}
