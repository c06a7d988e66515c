/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/scene.h"

#include "sync/pass.h"

#include <string.h>

#define N_MANY (2 * SYNC_FIRST_ROWS + 50)

/* How a server tells what changed. */
static const struct { const char *name; guint habits; } servers[] = {
  { "listing", 0 },
  { "condstore", FAKE_HAS_CONDSTORE },
  { "qresync", FAKE_HAS_QRESYNC },
  { "qresync-ids", FAKE_HAS_QRESYNC | FAKE_HAS_IDS },
  { "no-uidnext", FAKE_NO_UIDNEXT },
  { "no-modseq", FAKE_HAS_QRESYNC | FAKE_NO_MODSEQ },
};

static void
assert_mirror (Scene *scene)
{
  for (guint i = 0; i < scene->fake->folders->len; i++)
    {
      const FakeFolder *folder = scene->fake->folders->pdata[i];
      g_autofree char *there = fake_remote_describe (scene->fake, folder->raw_name);

      scene_assert_here (scene, folder->raw_name, there);
    }
}

static gint64
count_unfetched (Scene *scene)
{
  return world_count (scene->world, "SELECT count (*) FROM location l JOIN message m ON m.id = l.message_id"
                      " WHERE m.content_id IS NULL");
}

static gint64
get_last_rev (Scene *scene)
{
  return world_count (scene->world, "SELECT max (coalesce ((SELECT max (rev) FROM location), 0),"
                      " coalesce ((SELECT max (rev) FROM message), 0))");
}

/* Nothing is sent and nothing written when there are no news. */
static void
assert_quiet (Scene *scene)
{
  guint n_bodies = scene->fake->n_bodies, n_headers = scene->fake->n_headers;
  gint64 rev = get_last_rev (scene);

  fake_remote_reconnect (scene->fake);
  scene_sync (scene);
  g_assert_cmpuint (scene->fake->n_bodies, ==, n_bodies);
  g_assert_cmpuint (scene->fake->n_headers, ==, n_headers);
  g_assert_cmpint (get_last_rev (scene), ==, rev);
  g_assert_cmpuint (scene->summary.messages_new + scene->summary.messages_gone + scene->summary.flags_changed,
                    ==, 0);
  g_assert_cmpuint (scene->summary.failed->len, ==, 0);
  g_assert_null (strstr (scene->fake->said->str, "BODIES"));
}

static void
deliver_many (Scene      *scene,
              const char *folder,
              guint       first,
              guint       n)
{
  for (guint i = first; i < first + n; i++)
    scene_deliver (scene, folder, i, i % 3 == 0 ? IMAP_FLAG_SEEN : 0);
}

static void
sync_all (Scene *scene)
{
  fake_remote_reconnect (scene->fake);
  scene_sync (scene);
  g_assert_cmpuint (scene->summary.failed->len, ==, 0);
  assert_mirror (scene);
  g_assert_cmpint (count_unfetched (scene), ==, 0);
}

/* --- the ordinary course -------------------------------------------------------------------------------- */

static void
test_first_and_second (gconstpointer data)
{
  g_autoptr(Scene) scene = scene_new_empty (servers[GPOINTER_TO_SIZE (data)].habits);

  deliver_many (scene, "INBOX", 1, N_MANY);
  deliver_many (scene, "Archive", 1001, 3);
  sync_all (scene);
  g_assert_cmpuint (scene->fake->n_bodies, ==, N_MANY + 3);
  g_assert_cmpuint (scene->summary.messages_new, ==, N_MANY + 3);
  assert_quiet (scene);
  assert_quiet (scene);
}

static void
test_changes_elsewhere (gconstpointer data)
{
  g_autoptr(Scene) scene = scene_new_empty (servers[GPOINTER_TO_SIZE (data)].habits);
  FakeRemote *fake = scene->fake;

  deliver_many (scene, "INBOX", 1, 30);
  sync_all (scene);

  fake_remote_set_flags (fake, "INBOX", 3, IMAP_FLAG_FLAGGED);
  fake_remote_set_flags (fake, "INBOX", 30, IMAP_FLAG_SEEN | IMAP_FLAG_ANSWERED);
  sync_all (scene);
  g_assert_cmpuint (scene->summary.flags_changed, ==, 2);
  assert_quiet (scene);

  g_ptr_array_add (fake_remote_find_uid (fake_remote_find (fake, "INBOX"), 5)->keywords, g_strdup ("Work"));
  fake_remote_set_flags (fake, "INBOX", 5, 0);
  sync_all (scene);
  assert_quiet (scene);

  fake_remote_remove (fake, "INBOX", 1);
  fake_remote_remove (fake, "INBOX", 17);
  sync_all (scene);
  g_assert_cmpuint (scene->summary.messages_gone, ==, 2);
  assert_quiet (scene);

  deliver_many (scene, "INBOX", 31, 2);
  sync_all (scene);
  g_assert_cmpuint (scene->summary.messages_new, ==, 2);
  assert_quiet (scene);

  /* All at once, and one that came and went without being seen. */
  deliver_many (scene, "INBOX", 33, 3);
  fake_remote_remove (fake, "INBOX", 34);
  fake_remote_remove (fake, "INBOX", 2);
  fake_remote_set_flags (fake, "INBOX", 32, IMAP_FLAG_DRAFT);
  sync_all (scene);
  assert_quiet (scene);

  /* The last one, so that nothing above it is left. */
  fake_remote_remove (fake, "INBOX", 35);
  sync_all (scene);
  assert_quiet (scene);
}

/* --- counters that a server loses ----------------------------------------------------------------------- */

/* A folder may stop keeping modseqs (RFC 7162 3.1.2.2), or come back from a backup with lower ones. */
static void
test_modseq_is_lost (void)
{
  for (guint way = 0; way < 4; way++)
    {
      g_autoptr(Scene) scene = scene_new_empty (way % 2 == 0 ? FAKE_HAS_QRESYNC : FAKE_HAS_CONDSTORE);
      FakeFolder *inbox = fake_remote_find (scene->fake, "INBOX");

      deliver_many (scene, "INBOX", 1, 10);
      sync_all (scene);
      if (way < 2)
        scene->fake->habits |= FAKE_NO_MODSEQ;
      else
        inbox->modseq = 2;
      fake_remote_set_flags (scene->fake, "INBOX", 3, IMAP_FLAG_FLAGGED);
      fake_remote_remove (scene->fake, "INBOX", 4);
      sync_all (scene);
      fake_remote_set_flags (scene->fake, "INBOX", 5, IMAP_FLAG_FLAGGED);
      scene->fake->habits &= ~(guint) FAKE_NO_MODSEQ;
      sync_all (scene);
      sync_all (scene);
    }
}

/* --- messages that cannot be had ------------------------------------------------------------------------ */

static const struct { const char *name; FakeTrouble trouble; gboolean is_known; } troubles[] = {
  { "body-refused", FAKE_BODY_REFUSED, TRUE },
  { "body-cut", FAKE_BODY_CUT, TRUE },
  { "body-missing", FAKE_BODY_MISSING, TRUE },
  { "header-refused", FAKE_HEADER_REFUSED, FALSE },
  { "header-missing", FAKE_HEADER_MISSING, FALSE },
  { "row-missing", FAKE_ROW_MISSING, FALSE },
};

static guint
count_notes (Scene *scene)
{
  return scene->summary.failed->len;
}

/* Trouble with one message of a folder: the others are here, it is noted, and it comes when the server has
 * mended it. */
static void
check_trouble (gsize         number,
               guint         habits,
               StoreOffline  offline,
               guint         n)
{
  g_autoptr(Scene) scene = scene_new_empty (habits);
  FakeFolder *inbox = fake_remote_find (scene->fake, "INBOX");
  gboolean is_known = troubles[number].is_known;

  scene->account->offline = offline;
  deliver_many (scene, "INBOX", 1, n);
  fake_remote_find_uid (inbox, 5)->trouble = troubles[number].trouble;
  fake_remote_find_uid (inbox, n - 3)->trouble = troubles[number].trouble;
  scene_sync (scene);
  if (!is_known)
    g_assert_cmpuint (count_notes (scene), ==, 2);
  else if (offline == STORE_OFFLINE_ALL)
    g_assert_cmpuint (count_notes (scene), >=, 2);
  g_assert_cmpint (scene_find (scene, 5, "INBOX") != 0, ==, is_known);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), ==, is_known ? n : n - 2);

  /* What comes later is not kept waiting. */
  deliver_many (scene, "INBOX", 1001, 2);
  fake_remote_reconnect (scene->fake);
  scene_sync (scene);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), ==, is_known ? n + 2 : n);
  if (offline == STORE_OFFLINE_ALL)
    g_assert_cmpint (count_unfetched (scene), ==, is_known ? 2 : 0);

  fake_remote_find_uid (inbox, 5)->trouble = FAKE_IS_GOOD;
  fake_remote_find_uid (inbox, n - 3)->trouble = FAKE_IS_GOOD;
  fake_remote_set_flags (scene->fake, "INBOX", 2, IMAP_FLAG_FLAGGED);
  fake_remote_reconnect (scene->fake);
  scene_sync (scene);
  g_assert_cmpuint (count_notes (scene), ==, 0);
  assert_mirror (scene);
  if (offline == STORE_OFFLINE_ALL)
    g_assert_cmpint (count_unfetched (scene), ==, 0);
  assert_quiet (scene);
}

static void
test_trouble (gconstpointer data)
{
  static const StoreOffline offlines[] = { STORE_OFFLINE_ALL, STORE_OFFLINE_HEADERS };

  for (gsize s = 0; s < 3; s++)
    for (gsize o = 0; o < G_N_ELEMENTS (offlines); o++)
      {
        check_trouble (GPOINTER_TO_SIZE (data), servers[s].habits, offlines[o], 20);
        check_trouble (GPOINTER_TO_SIZE (data), servers[s].habits, offlines[o], SYNC_FIRST_ROWS + 60);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scene_prefer_memory ();
  for (gsize i = 0; i < G_N_ELEMENTS (servers); i++)
    {
      g_autofree char *first = g_strdup_printf ("/sync/pass/second-changes-nothing/%s", servers[i].name);
      g_autofree char *changes = g_strdup_printf ("/sync/pass/changes-elsewhere/%s", servers[i].name);

      g_test_add_data_func (first, GSIZE_TO_POINTER (i), test_first_and_second);
      g_test_add_data_func (changes, GSIZE_TO_POINTER (i), test_changes_elsewhere);
    }
  g_test_add_func ("/sync/pass/modseq-is-lost", test_modseq_is_lost);
  for (gsize i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      g_autofree char *trouble = g_strdup_printf ("/sync/pass/message-skipped/%s", troubles[i].name);

      g_test_add_data_func (trouble, GSIZE_TO_POINTER (i), test_trouble);
    }
  return g_test_run ();
}
