/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/scene.h"

#include "base/clock.h"
#include "store/sql.h"
#include "sync/round.h"

#include <glib/gstdio.h>
#include <unistd.h>

void
scene_prefer_memory (void)
{
  if (g_access ("/dev/shm", W_OK | X_OK) == 0)
    g_setenv ("TMPDIR", "/dev/shm", TRUE);
}

GError *
scene_run_round (Scene *scene)
{
  SyncContext context = { .store = scene->world->store, .ingest = scene->world->ingest,
                          .remote = &scene->fake->remote,
                          .account = scene->account, .summary = &scene->summary };
  GError *error = NULL;

  sync_summary_clear (&scene->summary);
  sync_summary_init (&scene->summary);
  sync_round_imap (&context, &error);
  return error;
}

void
scene_sync (Scene *scene)
{
  g_autoptr(GError) error = scene_run_round (scene);

  g_assert_no_error (error);
}

void
scene_deliver (Scene      *scene,
               const char *folder,
               guint       number,
               ImapFlags   flags)
{
  g_autoptr(GBytes) bytes = world_message (number, 300);

  fake_remote_deliver (scene->fake, folder, bytes, flags);
}

Scene *
scene_new_empty (guint habits)
{
  Scene *scene = g_new0 (Scene, 1);

  base_clock_set_fake (NOW, 0);
  scene->world = world_new ();
  scene->fake = fake_remote_new ();
  scene->account = store_account_new ();
  scene->account->protocol = STORE_PROTOCOL_IMAP;
  g_assert_cmpint (store_accounts_add (scene->world->store, scene->account, "Anna", NULL), ==,
                   scene->world->account_id);
  sync_summary_init (&scene->summary);
  scene->fake->habits = habits;
  return scene;
}

Scene *
scene_new (guint habits)
{
  Scene *scene = scene_new_empty (0);

  scene_deliver (scene, "INBOX", 1, 0);
  scene_deliver (scene, "INBOX", 2, IMAP_FLAG_SEEN);
  scene_deliver (scene, "INBOX", 3, IMAP_FLAG_FLAGGED);
  scene_deliver (scene, "INBOX", 4, IMAP_FLAG_DELETED);
  scene_deliver (scene, "Archive", 9, 0);
  scene_sync (scene);
  scene->fake->habits = habits;
  fake_remote_reconnect (scene->fake);
  return scene;
}

void
scene_free (Scene *scene)
{
  world_free (scene->world);
  fake_remote_free (scene->fake);
  store_account_free (scene->account);
  sync_summary_clear (&scene->summary);
  g_free (scene);
}

/* --- looking -------------------------------------------------------------------------------------------- */

/* The location of a message, or 0. */
gint64
scene_find (Scene      *scene,
            guint       number,
            const char *path)
{
  g_autofree char *sql = g_strdup_printf ("SELECT coalesce ((SELECT l.id FROM location l JOIN message m"
                                          " ON m.id = l.message_id"
                                          " JOIN folder f ON f.id = l.folder_id"
                                          " WHERE m.message_id = 'm%u@example.org'"
                                          " AND f.path = '%s'), 0)", number, path);

  return world_count (scene->world, sql);
}

gint64
scene_find_folder (Scene      *scene,
                   const char *path)
{
  g_autoptr(StoreFolder) folder = store_folders_find_path (scene->world->store, scene->world->account_id,
                                                           path, NULL);

  g_assert_nonnull (folder);
  return folder->id;
}

/* In the words of fake_remote_describe(). */
char *
scene_describe_here (Scene      *scene,
                     gint64      account_id,
                     const char *path)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (scene->world->store),
    "SELECT group_concat (text) FROM (SELECT substr (m.message_id, 2, instr (m.message_id, '@') - 2)"
    " || iif (l.flags & 1, ' seen', '') || iif (l.flags & 2, ' answered', '') || iif (l.flags & 4, '"
    " flagged', '')"
    " || iif (l.flags & 16, ' draft', '') || iif (l.flags & 8, ' deleted', '')"
    " || coalesce ((SELECT ' ' || group_concat (k.name, ' ') FROM location_keyword lk JOIN keyword k"
    " ON k.id = lk.keyword_id"
    "  WHERE lk.location_id = l.id AND lk.is_here), '') AS text"
    " FROM location l JOIN message m ON m.id = l.message_id JOIN folder f ON f.id = l.folder_id"
    " WHERE f.account_id = ? AND f.path = ? ORDER BY text)", BIND (INT (account_id), TEXT (path)), NULL);
  char *text;

  g_assert_true (store_sql_next (rows));
  text = g_strdup (store_sql_text (rows, 0) != NULL ? store_sql_text (rows, 0) : "");
  g_assert_false (store_sql_next (rows));
  return text;
}

void
scene_assert_there (Scene      *scene,
                    const char *raw_name,
                    const char *wanted)
{
  g_autofree char *found = fake_remote_describe (scene->fake, raw_name);

  g_assert_cmpstr (found, ==, wanted);
}

void
scene_assert_here (Scene      *scene,
                   const char *path,
                   const char *wanted)
{
  g_autofree char *found = scene_describe_here (scene, scene->world->account_id, path);

  g_assert_cmpstr (found, ==, wanted);
}

void
scene_assert_local (Scene      *scene,
                    const char *path,
                    const char *wanted)
{
  g_autofree char *found = scene_describe_here (scene, STORE_ACCOUNT_LOCAL, path);

  g_assert_cmpstr (found, ==, wanted);
}
