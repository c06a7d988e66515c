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
  g_assert_cmpuint (scene->summary.messages_new + scene->summary.messages_gone + scene->summary.flags_changed, ==, 0);
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

/* --- the ordinary course ---------------------------------------------------------------------------------------- */

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

/* --- counters that a server loses ------------------------------------------------------------------------------- */

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
  return g_test_run ();
}
