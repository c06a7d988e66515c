/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A round is stopped after each write of mail.db and at each command, then run again: the end is always the
 * same. */
#include "sync/scene.h"

#include "base/clock.h"
#include "store/changes.h"
#include "sync/pass.h"

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>

#define PER_COMMAND 50                  /* bodies asked for at once */
#define AHEAD       (4 * PER_COMMAND)   /* and on the way, or waiting to be written */

/* --- what happens --------------------------------------------------------------------------------------- */

static void
deliver (Scene      *scene,
         const char *folder,
         guint       first,
         guint       n)
{
  for (guint i = first; i < first + n; i++)
    scene_deliver (scene, folder, i, i % 3 == 0 ? IMAP_FLAG_SEEN : 0);
}

static void
record (Scene           *scene,
        const StoreWish *wish,
        guint            number)
{
  gint64 id = scene_find (scene, number, "INBOX");
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) made G_GNUC_UNUSED = store_changes_record (scene->world->store, wish, &id, 1, &error);

  g_assert_no_error (error);
}

static void
prepare_first (Scene *scene)
{
  deliver (scene, "INBOX", 1, SYNC_FIRST_ROWS + 60);
  deliver (scene, "Archive", 1001, 5);
}

static void
prepare_news (Scene *scene)
{
  FakeRemote *fake = scene->fake;
  FakeMessage *fifth;

  deliver (scene, "INBOX", 1, 30);
  deliver (scene, "Archive", 1001, 5);
  scene_sync (scene);
  deliver (scene, "INBOX", 31, 60);
  deliver (scene, "Trash", 2001, 2);
  fake_remote_remove (fake, "INBOX", 3);
  fake_remote_set_flags (fake, "INBOX", 4, IMAP_FLAG_FLAGGED);
  fifth = fake_remote_find_uid (fake_remote_find (fake, "INBOX"), 5);
  g_ptr_array_add (fifth->keywords, g_strdup ("Work"));
  fake_remote_set_flags (fake, "INBOX", 5, IMAP_FLAG_ANSWERED);
  fake_remote_move (fake, "INBOX", 6, "Archive");
  fake_remote_move (fake, "Archive", 2, "INBOX");
}

static void
prepare_wishes (Scene *scene)
{
  StoreWish flag = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN,
                     .flags_remove = STORE_FLAG_FLAGGED };
  StoreWish move = { .kind = STORE_CHANGE_MOVE, .folder_id = scene->world->archive };
  StoreWish trash = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_TO_TRASH };

  prepare_news (scene);
  record (scene, &flag, 1);
  record (scene, &flag, 4);
  record (scene, &move, 7);
  record (scene, &trash, 8);
}

static void
prepare_renumbered (Scene *scene)
{
  prepare_news (scene);
  fake_remote_renumber (scene->fake, "INBOX");
  fake_remote_renumber (scene->fake, "Archive");
}

static void
prepare_renumbered_wishes (Scene *scene)
{
  prepare_wishes (scene);
  fake_remote_renumber (scene->fake, "INBOX");
}

static const struct {
  const char *name;
  void     (* prepare) (Scene *scene);
} cases[] = {
  { "first", prepare_first },
  { "news", prepare_news },
  { "wishes", prepare_wishes },
  { "renumbered", prepare_renumbered },
  { "renumbered-wishes", prepare_renumbered_wishes },
};

static const struct { const char *name; guint habits; } servers[] = {
  { "listing", 0 },
  { "condstore", FAKE_HAS_CONDSTORE },
  { "qresync", FAKE_HAS_QRESYNC | FAKE_HAS_IDS },
};

/* --- stopping ------------------------------------------------------------------------------------------- */

typedef enum {
  STOP_NEVER,
  STOP_AFTER_WRITE,
  STOP_BEFORE_COMMAND,
  STOP_AFTER_COMMAND,
} StopHow;

typedef struct {
  Scene *scene;
  char  *copy;                          /* the directory as it was after the write */
  guint  n_writes;
  guint  at;                            /* 0: never */
} Stop;

/* On the writer thread, which is the only one that writes mail.db.  The server does nothing more for this
 * program. */
static void
on_written (gpointer data)
{
  Stop *stop = data;
  const char *arguments[] = { "cp", "-a", stop->scene->world->dir, stop->copy, NULL };
  int status;

  if (++stop->n_writes != stop->at)
    return;
  g_atomic_int_set (&stop->scene->fake->must_break, TRUE);
  g_assert_true (g_spawn_sync (NULL, (char **) arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
                               &status, NULL));
  g_assert_cmpint (status, ==, 0);
}

/* Goes on with what the disk held then. */
static void
go_back (Stop *stop)
{
  g_autofree char *dir = g_strdup (stop->scene->world->dir);

  world_free (stop->scene->world);
  g_assert_cmpint (g_rename (stop->copy, dir), ==, 0);
  stop->scene->world = world_open (dir);
}

/* FALSE: the round ends before it. */
static gboolean
run_until (Scene   *scene,
           StopHow  how,
           guint    at)
{
  g_autofree char *copy = g_strconcat (scene->world->dir, ".stopped", NULL);
  Stop stop = { scene, copy, 0, how == STOP_AFTER_WRITE ? at : 0 };
  g_autoptr(GError) error = NULL;

  fake_remote_reconnect (scene->fake);
  if (how == STOP_BEFORE_COMMAND || how == STOP_AFTER_COMMAND)
    {
      scene->fake->fault_at = at;
      scene->fake->fault = how == STOP_BEFORE_COMMAND ? FAKE_BREAKS_BEFORE : FAKE_BREAKS_AFTER;
    }
  ingest_set_told (scene->world->ingest, on_written, &stop);
  error = scene_run_round (scene);
  ingest_set_told (scene->world->ingest, NULL, NULL);
  if (how == STOP_AFTER_WRITE && stop.n_writes >= at)
    {
      go_back (&stop);
      return TRUE;
    }
  if (error == NULL)
    return FALSE;
  world_restart (scene->world);
  return TRUE;
}

/* --- the end -------------------------------------------------------------------------------------------- */

static char *
describe_end (Scene *scene)
{
  static const char * const names[] = { "INBOX", "Archive", "Trash" };
  GString *text = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *here = scene_describe_here (scene, scene->world->account_id, names[i]);
      g_autofree char *there = fake_remote_describe (scene->fake, names[i]);

      g_assert_cmpstr (here, ==, there);
      g_string_append_printf (text, "%s: %s\n", names[i], here);
    }
  return g_string_free (text, FALSE);
}

static void
assert_once (Scene *scene)
{
  g_assert_cmpint (world_count (scene->world,
                                "SELECT count (*) FROM location l JOIN message m ON m.id = l.message_id"
                                " WHERE m.content_id IS NULL OR l.uid IS NULL"), ==, 0);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM (SELECT 1 FROM location l"
                                " JOIN message m ON m.id = l.message_id"
                                " GROUP BY m.message_id HAVING count (*) > 1)"), ==, 0);
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location WHERE verified_at IS NOT NULL"),
                   ==, 0);
}

/* NULL: the round ends before it.  n_bodies: what was fetched. */
static char *
try_stop (gsize    number,
          guint    habits,
          StopHow  how,
          guint    at,
          guint   *n_bodies)
{
  g_autoptr(Scene) scene = scene_new_empty (habits);
  g_autofree char *end G_GNUC_UNUSED = NULL;

  cases[number].prepare (scene);
  if (!run_until (scene, how, at) && how != STOP_NEVER)
    return NULL;
  for (guint i = 0; i < 3; i++)
    {
      fake_remote_reconnect (scene->fake);
      scene_sync (scene);
    }
  assert_once (scene);
  *n_bodies = scene->fake->n_bodies;
  return describe_end (scene);
}

/* Without PENFOLD_TEST_LONG a third of them, spread over the cases. */
static void
test_stop (gconstpointer data)
{
  gsize number = GPOINTER_TO_SIZE (data) / G_N_ELEMENTS (servers),
                 server = GPOINTER_TO_SIZE (data) % G_N_ELEMENTS (servers);
  gboolean is_long = g_strcmp0 (g_getenv ("PENFOLD_TEST_LONG"), "1") == 0;
  guint n_stops = 0, n_wanted;
  g_autofree char *wanted = try_stop (number, servers[server].habits, STOP_NEVER, 0, &n_wanted);

  for (StopHow how = STOP_AFTER_WRITE; how <= STOP_AFTER_COMMAND; how++)
    for (guint at = is_long ? 1 : 1 + (number + server) % 3; ; at += is_long ? 1 : 3)
      {
        guint n_bodies;
        g_autofree char *end = try_stop (number, servers[server].habits, how, at, &n_bodies);

        if (end == NULL)
          break;
        n_stops++;
        g_assert_cmpstr (end, ==, wanted);
        g_assert_cmpuint (n_bodies, <=, n_wanted + (how == STOP_AFTER_WRITE ? AHEAD : PER_COMMAND));
      }
  g_test_message ("%u stops", n_stops);
  g_assert_cmpuint (n_stops, >, is_long ? 25 : 6);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scene_prefer_memory ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
      {
        g_autofree char *path = g_strdup_printf ("/sync/stops/%s/%s", cases[i].name, servers[s].name);

        g_test_add_data_func (path, GSIZE_TO_POINTER (i * G_N_ELEMENTS (servers) + s), test_stop);
      }
  return g_test_run ();
}
