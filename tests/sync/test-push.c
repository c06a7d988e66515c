/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/scene.h"

#include "base/clock.h"
#include "store/changes.h"
#include "store/sql.h"
#include "sync/push.h"

#include <string.h>

static StoreChange *
get_change (Scene  *scene,
            gint64  id)
{
  g_autoptr(GError) error = NULL;
  StoreChange *change = store_changes_get (scene->world->store, id, &error);

  g_assert_no_error (error);
  return change;
}

static void
assert_state (Scene            *scene,
              gint64            id,
              StoreChangeState  state)
{
  g_autoptr(StoreChange) change = get_change (scene, id);

  g_assert_cmpstr (store_change_state_to_string (change->state), ==, store_change_state_to_string (state));
}

/* --- wishing -------------------------------------------------------------------------------------------- */

static gint64
record (Scene           *scene,
        const StoreWish *wish,
        const gint64    *ids,
        gsize            n_ids)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) made = store_changes_record (scene->world->store, wish, ids, n_ids, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (made->len, >, 0);
  return g_array_index (made, gint64, made->len - 1);
}

static gint64
wish_flags (Scene *scene)
{
  static const char * const keywords[] = { "Work", NULL };
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN,
                     .flags_remove = STORE_FLAG_FLAGGED,
                     .keywords_add = keywords };
  gint64 ids[] = { scene_find (scene, 1, "INBOX"), scene_find (scene, 3, "INBOX") };

  return record (scene, &wish, ids, 2);
}

static gint64
wish_move (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = scene->world->archive };
  gint64 ids[] = { scene_find (scene, 1, "INBOX"), scene_find (scene, 3, "INBOX") };

  return record (scene, &wish, ids, 2);
}

static gint64
wish_copy (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_COPY, .folder_id = scene->world->archive };
  gint64 ids[] = { scene_find (scene, 1, "INBOX"), scene_find (scene, 3, "INBOX") };

  return record (scene, &wish, ids, 2);
}

static gint64
wish_trash (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_TO_TRASH };
  gint64 id = scene_find (scene, 1, "INBOX");

  return record (scene, &wish, &id, 1);
}

static gint64
wish_delete (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_FOR_GOOD };
  gint64 ids[] = { scene_find (scene, 1, "INBOX"), scene_find (scene, 3, "INBOX") };

  return record (scene, &wish, ids, 2);
}

static gint64
wish_trash_then_delete (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_FOR_GOOD };
  gint64 id = scene_find (scene, 1, "INBOX");

  wish_trash (scene);
  return record (scene, &wish, &id, 1);
}

static gint64
wish_upload (Scene *scene)
{
  g_autoptr(IngestStream) stream = ingest_stream_new (scene->world->ingest);
  g_autoptr(GBytes) bytes = world_message (20, 300);
  IngestRow row = { .account_id = scene->world->account_id, .folder_id = scene->world->archive,
                    .flags = STORE_FLAG_SEEN,
                    .arrived_at = 1700000500 };
  StoreWish wish = { .kind = STORE_CHANGE_APPEND };
  gint64 id;

  world_wait (stream, world_put_body (stream, row, bytes));
  id = scene_find (scene, 20, "Archive");
  return record (scene, &wish, &id, 1);
}

/* To the folder Archive of this computer. */
static gint64
wish_here (Scene *scene)
{
  g_autoptr(StoreFolder) folder = store_folders_find_role (scene->world->store, STORE_ACCOUNT_LOCAL,
                                                           STORE_ROLE_ARCHIVE, NULL);
  StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = folder->id };
  gint64 id = scene_find (scene, 1, "INBOX");

  return record (scene, &wish, &id, 1);
}

static void
accept_wishes (Scene *scene)
{
  SyncContext context = { .store = scene->world->store, .ingest = scene->world->ingest };
  g_autoptr(GError) error = NULL;

  sync_push_accept (&context, &error);
  g_assert_no_error (error);
}

static gint64
wish_folder (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_CREATE, .account_id = scene->world->account_id,
                     .path = "Archive" STORE_PATH_SEPARATOR "Boat" };
  StoreWish move = { .kind = STORE_CHANGE_MOVE };
  gint64 id = scene_find (scene, 1, "INBOX");

  record (scene, &wish, NULL, 0);
  accept_wishes (scene);
  move.folder_id = scene_find_folder (scene, "Archive" STORE_PATH_SEPARATOR "Boat");
  return record (scene, &move, &id, 1);
}

static gint64
wish_rename (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_RENAME, .folder_id = scene->world->archive, .path = "Old" };

  return record (scene, &wish, NULL, 0);
}

static gint64
wish_folder_delete (Scene *scene)
{
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_DELETE, .folder_id = scene->world->archive };

  return record (scene, &wish, NULL, 0);
}

/* --- every kind, on every server, with a break at every command ----------------------------------------- */

#define OLD (FAKE_NO_MOVE | FAKE_NO_UIDPLUS)

static const struct {
  const char *name;
  gint64   (* wish) (Scene *scene);
  const char *inbox, *archive, *trash;           /* on the server, on one that can remove single messages */
  const char *old_inbox, *old_archive;           /* on one that cannot; NULL: the same */
} cases[] = {
  { "flags", wish_flags, "1 seen Work,2 seen,3 seen Work,4 deleted", "9", "", NULL, NULL },
  { "move", wish_move, "2 seen,4 deleted", "1,3 flagged,9", "",
    "1 deleted,2 seen,3 flagged deleted,4 deleted", NULL },
  { "copy", wish_copy, "1,2 seen,3 flagged,4 deleted", "1,3 flagged,9", "", NULL, NULL },
  { "trash", wish_trash, "2 seen,3 flagged,4 deleted", "9", "1", "1 deleted,2 seen,3 flagged,4 deleted",
    NULL },
  { "delete", wish_delete, "2 seen,4 deleted", "9", "", "1 deleted,2 seen,3 flagged deleted,4 deleted",
    NULL },
  { "upload", wish_upload, "1,2 seen,3 flagged,4 deleted", "20 seen,9", "", NULL, NULL },
  { "here", wish_here, "2 seen,3 flagged,4 deleted", "9", "", "1 deleted,2 seen,3 flagged,4 deleted", NULL },
  { "folder", wish_folder, "2 seen,3 flagged,4 deleted", "9", "", "1 deleted,2 seen,3 flagged,4 deleted",
    NULL },
  { "rename", wish_rename, "1,2 seen,3 flagged,4 deleted", "none", "", NULL, NULL },
  { "folder-delete", wish_folder_delete, "1,2 seen,3 flagged,4 deleted", "none", "9", NULL, NULL },
};

static const guint servers[] = {
  0, FAKE_NO_MOVE, FAKE_NO_COPYUID, FAKE_NO_MOVE | FAKE_NO_COPYUID, OLD, OLD | FAKE_NO_UIDNEXT,
  FAKE_NO_MOVE | FAKE_NO_COPYUID | FAKE_FINDS_NONE,
};

/* What the user sees is what the server has, without what waits there to be removed. */
static void
assert_same (Scene      *scene,
             const char *path,
             const char *raw_name)
{
  g_autofree char *there = fake_remote_describe (scene->fake, raw_name);
  g_auto(GStrv) texts = g_strsplit (there, ",", -1);
  g_autoptr(GPtrArray) shown = g_ptr_array_new ();
  g_autofree char *wanted = NULL;

  for (guint i = 0; texts[i] != NULL; i++)
    if (!g_str_has_suffix (texts[i], " deleted") || texts[i][0] == '4')
      g_ptr_array_add (shown, texts[i]);
  g_ptr_array_add (shown, NULL);
  wanted = g_strjoinv (",", (char **) shown->pdata);
  scene_assert_here (scene, path, wanted);
}

static void
assert_outcome (Scene *scene,
                gsize  number)
{
  gboolean is_old = (scene->fake->habits & FAKE_NO_UIDPLUS) != 0;

  scene_assert_there (scene, "INBOX", is_old && cases[number].old_inbox != NULL
                      ? cases[number].old_inbox : cases[number].inbox);
  scene_assert_there (scene, "Archive", cases[number].archive);
  scene_assert_there (scene, "Trash", cases[number].trash);
  assert_same (scene, "INBOX", "INBOX");
  if (strcmp (cases[number].archive, "none") != 0)
    assert_same (scene, "Archive", "Archive");
  assert_same (scene, "Trash", "Trash");
  scene_assert_local (scene, "Archive", strcmp (cases[number].name, "here") == 0 ? "1" : "");
  if (strcmp (cases[number].name, "folder") == 0)
    {
      scene_assert_there (scene, "Archive/Boat", "1");
      scene_assert_here (scene, "Archive" STORE_PATH_SEPARATOR "Boat", "1");
    }
  if (strcmp (cases[number].name, "rename") == 0)
    {
      scene_assert_there (scene, "Old", "9");
      scene_assert_here (scene, "Old", "9");
    }
  g_assert_cmpint (world_count (scene->world,
                                "SELECT count (*) FROM message WHERE message_id = 'm1@example.org'"), ==, 1);
}

static void
test_every_kind (gconstpointer data)
{
  gsize number = GPOINTER_TO_SIZE (data);

  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 id = cases[number].wish (scene);

      scene_sync (scene);
      g_assert_cmpuint (scene->summary.failed->len, ==, 0);
      assert_state (scene, id, STORE_CHANGE_STATE_DONE);
      assert_outcome (scene, number);
      fake_remote_reconnect (scene->fake);
      scene_sync (scene);
      assert_outcome (scene, number);
      g_assert_null (strstr (scene->fake->said->str, "COPY"));
      g_assert_null (strstr (scene->fake->said->str, "STORE"));
      g_assert_cmpuint (scene->summary.messages_new, ==, 0);
    }
}

/* Returns whether there was so long a round. */
static gboolean
try_break (gsize     number,
           guint     habits,
           FakeFault fault,
           guint     at)
{
  g_autoptr(Scene) scene = scene_new (habits);
  gint64 id = cases[number].wish (scene);
  g_autoptr(GError) error = NULL;

  scene->fake->fault_at = at;
  scene->fake->fault = fault;
  error = scene_run_round (scene);
  if (error == NULL)
    return FALSE;
  /* Half of them as after the end of the program, for which all that is not in the store is forgotten. */
  if (at % 2 == 0)
    world_restart (scene->world);
  fake_remote_reconnect (scene->fake);
  scene_sync (scene);
  scene_sync (scene);
  assert_state (scene, id, STORE_CHANGE_STATE_DONE);
  assert_outcome (scene, number);
  return TRUE;
}

/* Without PENFOLD_TEST_LONG a fourth of them, spread over servers and commands. */
static void
test_every_break (gconstpointer data)
{
  gsize number = GPOINTER_TO_SIZE (data);
  gboolean is_long = g_strcmp0 (g_getenv ("PENFOLD_TEST_LONG"), "1") == 0;
  guint n_broken = 0;

  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    for (guint at = is_long ? 1 : 1 + (s + number) % 2; ; at += is_long ? 1 : 2)
      {
        gboolean is_broken = FALSE;

        if (is_long || (at / 2 + s) % 2 == 0)
          is_broken = try_break (number, servers[s], FAKE_BREAKS_BEFORE, at);
        if (is_long || (at / 2 + s) % 2 == 1)
          is_broken = try_break (number, servers[s], FAKE_BREAKS_AFTER, at);
        if (!is_broken)
          break;
        n_broken++;
      }
  g_test_message ("%u breaks", n_broken);
  g_assert_cmpuint (n_broken, >, 2 * G_N_ELEMENTS (servers));
}

/* The program dies between the two files: mail.db has the outcome, desk.db does not. */
static void
forget_outcome (Scene *scene)
{
  g_autoptr(GError) error = NULL;

  store_sql_run_script (store_peek_desk (scene->world->store),
                        "UPDATE change SET state = 'running', ended_at = NULL;"
                        "UPDATE change_item SET state = iif (target_uidnext IS NULL, 'open', 'sent'), "
                        "result_uid = NULL;", &error);
  g_assert_no_error (error);
}

static void
test_outcome_not_noted (gconstpointer data)
{
  gsize number = GPOINTER_TO_SIZE (data);

  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 id = cases[number].wish (scene);

      scene_sync (scene);
      forget_outcome (scene);
      world_restart (scene->world);
      fake_remote_reconnect (scene->fake);
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_DONE);
      assert_outcome (scene, number);
    }
}

/* --- refusals and lies ---------------------------------------------------------------------------------- */

static const char inbox_before[] = "1,2 seen,3 flagged,4 deleted";

/* The number of the first command that begins so, in a round that goes well. */
static guint
find_command (gint64     (* wish) (Scene *scene),
              const char *command)
{
  g_autoptr(Scene) scene = scene_new (0);
  g_auto(GStrv) lines = NULL;

  wish (scene);
  scene_sync (scene);
  lines = g_strsplit (scene->fake->said->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], command))
      return i + 1;
  g_assert_not_reached ();
}

static const struct {
  gint64   (* wish) (Scene *scene);
  const char *command;
} refusable[] = {
  { wish_flags, "STORE" }, { wish_move, "MOVE" }, { wish_move, "SELECT" }, { wish_copy, "COPY" },
  { wish_trash, "MOVE" }, { wish_delete, "STORE" }, { wish_delete, "EXPUNGE" }, { wish_here, "STORE" },
};

static void
test_refused_is_reverted (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusable); i++)
    {
      g_autoptr(Scene) scene = scene_new (0);
      gint64 id = refusable[i].wish (scene);
      g_autoptr(StoreChange) change = NULL;

      scene->fake->fault_at = find_command (refusable[i].wish, refusable[i].command);
      scene->fake->fault = FAKE_REFUSES;
      scene_sync (scene);
      g_assert_cmpuint (scene->summary.failed->len, ==, 1);
      change = get_change (scene, id);
      g_assert_cmpint (change->state, ==, STORE_CHANGE_STATE_FAILED);
      g_assert_cmpint (change->ended_at, !=, 0);
      g_assert_cmpstr (change->server_words, ==, "not today");
      fake_remote_reconnect (scene->fake);
      scene_sync (scene);
      assert_same (scene, "Archive", "Archive");
      scene_assert_here (scene, "Archive", "9");
      scene_assert_local (scene, "Archive", "");
      /* A deletion that stopped halfway has marked them. */
      if (strcmp (refusable[i].command, "EXPUNGE") != 0)
        scene_assert_here (scene, "INBOX", inbox_before);
      g_assert_cmpint (scene_find (scene, 1, "INBOX"), !=, 0);
      g_assert_cmpint (scene_find (scene, 3, "INBOX"), !=, 0);
    }
}

static void
test_busy_is_tried_again_later (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (refusable); i++)
    {
      g_autoptr(Scene) scene = scene_new (0);
      gint64 id = refusable[i].wish (scene);

      scene->fake->fault_at = find_command (refusable[i].wish, refusable[i].command);
      scene->fake->fault = FAKE_IS_BUSY;
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_ACCEPTED);
      g_assert_cmpuint (scene->summary.failed->len, ==, 0);
      fake_remote_reconnect (scene->fake);

      /* Not yet; and no pass takes for news what is on its way. */
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_ACCEPTED);
      if (refusable[i].wish == wish_delete || refusable[i].wish == wish_move
          || refusable[i].wish == wish_here)
        g_assert_cmpint (scene_find (scene, 1, "INBOX"), ==, 0);
      base_clock_set_fake (NOW + 100, 0);
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_DONE);
    }
}

static void
test_busy_for_ever_fails (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  gint64 id = wish_move (scene);
  guint at = find_command (wish_move, "MOVE"), rounds = 0;
  g_autoptr(StoreChange) change = NULL;

  for (; rounds < 20 && (change == NULL || change->state == STORE_CHANGE_STATE_ACCEPTED); rounds++)
    {
      base_clock_set_fake (NOW + rounds * 86400, 0);
      fake_remote_reconnect (scene->fake);
      scene->fake->fault_at = at;
      scene->fake->fault = FAKE_IS_BUSY;
      scene_sync (scene);
      g_clear_pointer (&change, store_change_free);
      change = get_change (scene, id);
    }
  g_assert_cmpint (change->state, ==, STORE_CHANGE_STATE_FAILED);
  g_assert_cmpuint (rounds, ==, 9);
  scene_assert_here (scene, "INBOX", inbox_before);
}

/* It says OK, and did nothing: nothing is lost here or there. */
static void
test_liar_is_found_out (void)
{
  static gint64 (* const wishes[]) (Scene *scene) = { wish_move, wish_copy, wish_trash, wish_delete };
  static const guint habits[] = { 0, FAKE_NO_MOVE };

  for (gsize w = 0; w < G_N_ELEMENTS (wishes); w++)
    for (gsize h = 0; h < G_N_ELEMENTS (habits); h++)
      {
        g_autoptr(Scene) scene = scene_new (habits[h] | FAKE_KEEPS_ALL);
        gint64 id = wishes[w] (scene);

        scene_sync (scene);
        assert_state (scene, id, STORE_CHANGE_STATE_FAILED);
        scene_sync (scene);
        scene_assert_there (scene, "Archive", "9");
        scene_assert_here (scene, "Archive", "9");
        scene_assert_here (scene, "Trash", "");
        g_assert_cmpint (scene_find (scene, 1, "INBOX"), !=, 0);
        g_assert_cmpuint (fake_remote_find (scene->fake, "INBOX")->messages->len, ==, 4);
      }
}

/* --- what others do meanwhile --------------------------------------------------------------------------- */

static void
test_renumbered_folder_is_recognised_first (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (gsize s = 0; s < 2; s++)
      {
        g_autoptr(Scene) scene = scene_new (servers[s]);
        gint64 id = cases[i].wish (scene);

        accept_wishes (scene);
        fake_remote_renumber (scene->fake, "INBOX");
        for (guint n = 0; n < 3; n++)
          scene_sync (scene);
        assert_state (scene, id, STORE_CHANGE_STATE_DONE);
        assert_outcome (scene, i);
      }
}

static void
test_doubtful_deletion_fails (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  gint64 id = wish_delete (scene);

  accept_wishes (scene);
  scene_deliver (scene, "INBOX", 1, 0);
  fake_remote_renumber (scene->fake, "INBOX");
  scene_sync (scene);
  assert_state (scene, id, STORE_CHANGE_STATE_FAILED);
  scene_assert_there (scene, "INBOX", "1,1,2 seen,4 deleted");
}

static void
test_removed_elsewhere (void)
{
  for (gsize s = 0; s < 2; s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 id = wish_move (scene);

      fake_remote_remove (scene->fake, "INBOX", 1);
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_FAILED);
      scene_sync (scene);
      scene_assert_there (scene, "Archive", "3 flagged,9");
      scene_assert_here (scene, "Archive", "3 flagged,9");
      scene_assert_here (scene, "INBOX", "2 seen,4 deleted");
    }
}

/* Another program has done what was wanted. */
static void
test_moved_elsewhere (void)
{
  for (gsize s = 0; s < 2; s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 id = wish_move (scene);

      fake_remote_remove (scene->fake, "INBOX", 1);
      scene_deliver (scene, "Archive", 1, 0);
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_DONE);
      scene_sync (scene);
      scene_assert_there (scene, "Archive", "1,3 flagged,9");
      scene_assert_here (scene, "Archive", "1,3 flagged,9");
      scene_assert_here (scene, "INBOX", "2 seen,4 deleted");
    }
}

/* The move was done, and the look at the target put off: the passes see messages vanish here and appear
 * there. */
static void
test_move_that_is_not_proven_yet (void)
{
  g_autoptr(Scene) scene = scene_new (FAKE_NO_COPYUID);
  gint64 id = wish_move (scene), location = scene_find (scene, 1, "INBOX");

  scene->fake->fault_at = 4;                     /* SELECT, MOVE, FETCH, EXAMINE */
  scene->fake->fault = FAKE_IS_BUSY;
  scene_sync (scene);
  g_assert_true (g_str_has_prefix (scene->fake->said->str,
                                   "SELECT INBOX\nMOVE 1,3 Archive\nFETCH 1,3\nEXAMINE Archive\n"));
  assert_state (scene, id, STORE_CHANGE_STATE_ACCEPTED);
  scene_assert_there (scene, "Archive", "1,3 flagged,9");
  g_assert_cmpint (world_count (scene->world, "SELECT count (*) FROM location"), >=, 5);
  base_clock_set_fake (NOW + 100, 0);
  fake_remote_reconnect (scene->fake);
  scene_sync (scene);
  assert_state (scene, id, STORE_CHANGE_STATE_DONE);
  scene_assert_here (scene, "Archive", "1,3 flagged,9");
  scene_assert_here (scene, "INBOX", "2 seen,4 deleted");
  g_assert_cmpint (scene_find (scene, 1, "Archive"), ==, location);
}

static void
test_missing_folder_is_made (void)
{
  for (gsize s = 0; s < 2; s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 id = wish_move (scene);

      g_ptr_array_remove (scene->fake->folders, fake_remote_find (scene->fake, "Archive"));
      scene_sync (scene);
      assert_state (scene, id, STORE_CHANGE_STATE_DONE);
      scene_assert_there (scene, "Archive", "1,3 flagged");
    }
}

static void
test_keywords_that_a_server_does_not_keep (void)
{
  g_autoptr(Scene) scene = scene_new (FAKE_NO_KEYWORDS);
  gint64 id = wish_flags (scene);

  for (guint i = 0; i < 3; i++)
    scene_sync (scene);
  assert_state (scene, id, STORE_CHANGE_STATE_DONE);
  scene_assert_there (scene, "INBOX", "1 seen,2 seen,3 seen,4 deleted");
  scene_assert_here (scene, "INBOX", "1 seen Work,2 seen,3 seen Work,4 deleted");
}

static void
test_read_only_folder (void)
{
  g_autoptr(Scene) scene = scene_new (FAKE_READ_ONLY);
  gint64 id = wish_delete (scene);

  scene_sync (scene);
  assert_state (scene, id, STORE_CHANGE_STATE_FAILED);
  scene_assert_there (scene, "INBOX", inbox_before);
  scene_assert_here (scene, "INBOX", inbox_before);
}

/* What is wanted next waits for what was wanted first, and comes in the same round. */
static void
test_one_after_the_other (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  gint64 id = wish_trash_then_delete (scene);

  scene_sync (scene);
  assert_state (scene, id, STORE_CHANGE_STATE_DONE);
  scene_assert_there (scene, "INBOX", "2 seen,3 flagged,4 deleted");
  scene_assert_there (scene, "Trash", "");
}

static void
test_many_changes_select_once (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  const char *select;

  for (guint number = 1; number <= 4; number++)
    {
      StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_ANSWERED };
      gint64 id = scene_find (scene, number, "INBOX");

      record (scene, &wish, &id, 1);
    }
  scene_sync (scene);
  select = strstr (scene->fake->said->str, "SELECT INBOX\n");
  g_assert_true (g_str_has_prefix (select,
                                   "SELECT INBOX\nSTORE 1 +2\nSTORE 2 +2\nSTORE 3 +2\nSTORE 4 +2\nLIST\n"));
}

static void
test_cancelled_comes_back (void)
{
  g_autoptr(Scene) scene = scene_new (0);
  gint64 id = wish_delete (scene);
  g_autoptr(GError) error = NULL;

  accept_wishes (scene);
  store_changes_cancel (scene->world->store, id, &error);
  g_assert_no_error (error);
  scene_sync (scene);
  scene_assert_there (scene, "INBOX", inbox_before);
  scene_assert_here (scene, "INBOX", inbox_before);
}

static void
undo (Scene  *scene,
      gint64  id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) ids G_GNUC_UNUSED = store_changes_undo (scene->world->store, &id, 1, &error);

  g_assert_no_error (error);
}

/* Deleted mail is uploaded again; what a server could not remove stays out of sight. */
static void
test_undone_after_it_was_done (void)
{
  for (gsize s = 0; s < G_N_ELEMENTS (servers); s++)
    {
      g_autoptr(Scene) scene = scene_new (servers[s]);
      gint64 id = wish_delete (scene);

      scene_sync (scene);
      undo (scene, id);
      for (guint i = 0; i < 3; i++)
        scene_sync (scene);
      scene_assert_here (scene, "INBOX", inbox_before);
      if ((servers[s] & FAKE_NO_UIDPLUS) == 0)
        scene_assert_there (scene, "INBOX", inbox_before);

      id = wish_move (scene);
      scene_sync (scene);
      scene_assert_here (scene, "Archive", "1,3 flagged,9");
      undo (scene, id);
      for (guint i = 0; i < 3; i++)
        scene_sync (scene);
      scene_assert_here (scene, "INBOX", inbox_before);
      scene_assert_here (scene, "Archive", "9");
      if ((servers[s] & FAKE_NO_UIDPLUS) == 0)
        scene_assert_there (scene, "INBOX", inbox_before);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scene_prefer_memory ();
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *kind = g_strdup_printf ("/sync/push/%s", cases[i].name);
      g_autofree char *broken = g_strdup_printf ("/sync/push/%s-broken-anywhere", cases[i].name);
      g_autofree char *not_noted = g_strdup_printf ("/sync/push/%s-outcome-not-noted", cases[i].name);

      g_test_add_data_func (kind, GSIZE_TO_POINTER (i), test_every_kind);
      g_test_add_data_func (broken, GSIZE_TO_POINTER (i), test_every_break);
      g_test_add_data_func (not_noted, GSIZE_TO_POINTER (i), test_outcome_not_noted);
    }
  g_test_add_func ("/sync/push/refused-is-reverted", test_refused_is_reverted);
  g_test_add_func ("/sync/push/busy-is-tried-again-later", test_busy_is_tried_again_later);
  g_test_add_func ("/sync/push/busy-for-ever-fails", test_busy_for_ever_fails);
  g_test_add_func ("/sync/push/liar-is-found-out", test_liar_is_found_out);
  g_test_add_func ("/sync/push/renumbered-folder-is-recognised-first",
                   test_renumbered_folder_is_recognised_first);
  g_test_add_func ("/sync/push/doubtful-deletion-fails", test_doubtful_deletion_fails);
  g_test_add_func ("/sync/push/removed-elsewhere", test_removed_elsewhere);
  g_test_add_func ("/sync/push/moved-elsewhere", test_moved_elsewhere);
  g_test_add_func ("/sync/push/move-that-is-not-proven-yet", test_move_that_is_not_proven_yet);
  g_test_add_func ("/sync/push/missing-folder-is-made", test_missing_folder_is_made);
  g_test_add_func ("/sync/push/keywords-that-a-server-does-not-keep",
                   test_keywords_that_a_server_does_not_keep);
  g_test_add_func ("/sync/push/read-only-folder", test_read_only_folder);
  g_test_add_func ("/sync/push/one-after-the-other", test_one_after_the_other);
  g_test_add_func ("/sync/push/many-changes-select-once", test_many_changes_select_once);
  g_test_add_func ("/sync/push/cancelled-comes-back", test_cancelled_comes_back);
  g_test_add_func ("/sync/push/undone-after-it-was-done", test_undone_after_it_was_done);
  return g_test_run ();
}
