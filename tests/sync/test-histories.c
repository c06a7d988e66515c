/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two clients of one mailbox, by chance: another program, and a person here, whose connection breaks and whose program
 * ends now and then.  In the end both see the same, no mail is lost or doubled, and what the person wanted last holds.
 *
 * PENFOLD_TEST_SEED=N runs that history alone, and says what it does. */
#include "sync/scene.h"

#include "base/clock.h"
#include "store/changes.h"
#include "store/sql.h"

#include <stdlib.h>
#include <string.h>

#define N_START 12
#define N_MAX   64
#define N_STEPS 14

static const char * const folders[] = { "INBOX", "Archive", "Trash" };

/* What must be true of a message in the end. */
typedef struct {
  gboolean may_be_gone;                 /* somebody removed it */
  guint    wanted, unwanted;            /* flags that the person set and took away last */
  gint64   change_id;                   /* ... by this change */
} Fate;

typedef struct {
  Scene    *scene;
  GRand    *random;
  gboolean  is_told;
  guint     n_messages;
  Fate      fates[N_MAX];               /* by number */
  gint64    now;
} History;

static guint
choose (History *history,
        guint    n)
{
  return (guint) g_rand_int_range (history->random, 0, (gint32) n);
}

static void tell (History *history, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
tell (History    *history,
      const char *format,
      ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  if (!history->is_told)
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_test_message ("%s", text);
}

/* --- another program -------------------------------------------------------------------------------------------- */

static void
deliver (History *history)
{
  static const ImapFlags flags[] = { 0, 0, IMAP_FLAG_SEEN, IMAP_FLAG_FLAGGED };
  guint number = ++history->n_messages;
  const char *folder = folders[choose (history, 4) == 0];

  tell (history, "deliver %u to %s", number, folder);
  scene_deliver (history->scene, folder, number, flags[choose (history, 4)]);
}

static guint
get_number (const FakeMessage *message)
{
  BaseSlice bytes = base_slice_from_bytes (message->bytes);

  return (guint) strtoul ((const char *) memmem (bytes.data, bytes.size, "Message-ID: <m", 14) + 14, NULL, 10);
}

/* How many copies of it the server has, in one folder or (NULL) in all of them. */
static guint
count_there (History    *history,
             guint       number,
             const char *only)
{
  guint n = 0;

  for (gsize f = 0; f < G_N_ELEMENTS (folders); f++)
    {
      FakeFolder *folder = fake_remote_find (history->scene->fake, folders[f]);

      for (guint i = 0; i < folder->messages->len; i++)
        n += (only == NULL || strcmp (only, folders[f]) == 0) && get_number (folder->messages->pdata[i]) == number;
    }
  return n;
}

/* Not a message that is halfway through a move of the person's, with two copies for a moment: who of both is right then,
 * nobody can say, and both copies stay. */
static FakeMessage *
choose_there (History     *history,
              FakeFolder **folder)
{
  FakeMessage *message;

  *folder = fake_remote_find (history->scene->fake, folders[choose (history, G_N_ELEMENTS (folders))]);
  if ((*folder)->messages->len == 0)
    return NULL;
  message = (*folder)->messages->pdata[choose (history, (*folder)->messages->len)];
  return count_there (history, get_number (message), NULL) == 1 ? message : NULL;
}

static StoreChangeState
get_state (History *history,
           gint64   change_id)
{
  g_autoptr(StoreChange) change = store_changes_get (history->scene->world->store, change_id, NULL);

  g_assert_nonnull (change);
  return change->state;
}

/* The other program overrides what was done already; not what still waits to be done. */
static void
override_flags (History *history,
                guint    number)
{
  Fate *fate = &history->fates[number];

  if (fate->change_id != 0 && get_state (history, fate->change_id) == STORE_CHANGE_STATE_DONE)
    fate->change_id = 0;
}

static void
act_elsewhere (History *history)
{
  static const ImapFlags flags[] = { 0, IMAP_FLAG_SEEN, IMAP_FLAG_FLAGGED, IMAP_FLAG_SEEN | IMAP_FLAG_ANSWERED };
  FakeRemote *fake = history->scene->fake;
  FakeFolder *folder;
  FakeMessage *message = choose_there (history, &folder);
  guint what = choose (history, 16), number = message != NULL ? get_number (message) : 0;
  const char *target = folders[choose (history, G_N_ELEMENTS (folders))];
  Fate *fate = &history->fates[number];

  if (what == 0)
    {
      tell (history, "renumber %s", folder->raw_name);
      fake_remote_renumber (fake, folder->raw_name);
    }
  else if (message == NULL || what < 4)
    {
      deliver (history);
    }
  else if (what < 8)
    {
      override_flags (history, number);
      message->flags = flags[choose (history, G_N_ELEMENTS (flags))];
      tell (history, "%u in %s gets flags %x", number, folder->raw_name, message->flags);
      fake_remote_set_flags (fake, folder->raw_name, message->uid, message->flags);
    }
  else if (what < 10)
    {
      tell (history, "remove %u from %s", number, folder->raw_name);
      fate->may_be_gone = TRUE;
      fake_remote_remove (fake, folder->raw_name, message->uid);
    }
  else if (fake_remote_find (fake, target) != folder)
    {
      tell (history, "move %u from %s to %s elsewhere", number, folder->raw_name, target);
      /* As in wish_flags(): what still waits may be lost on the way. */
      if (fate->change_id != 0 && get_state (history, fate->change_id) != STORE_CHANGE_STATE_DONE)
        fate->change_id = 0;
      fake_remote_move (fake, folder->raw_name, message->uid, target);
    }
}

/* --- the person ------------------------------------------------------------------------------------------------- */

static gint64
record (History         *history,
        const StoreWish *wish,
        gint64           location_id)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) made = store_changes_record (history->scene->world->store, wish, &location_id, 1, &error);

  g_assert_no_error (error);
  return made->len > 0 ? g_array_index (made, gint64, made->len - 1) : 0;
}

static void
wish_flags (History    *history,
            guint       number,
            const char *folder,
            gint64      location_id)
{
  StoreWish wish = { .kind = STORE_CHANGE_FLAG };
  Fate *fate = &history->fates[number];

  if (choose (history, 2) == 0)
    wish.flags_add = choose (history, 2) == 0 ? STORE_FLAG_SEEN : STORE_FLAG_FLAGGED;
  else
    wish.flags_remove = choose (history, 2) == 0 ? STORE_FLAG_SEEN : STORE_FLAG_FLAGGED;
  tell (history, "want %u +%x -%x", number, wish.flags_add, wish.flags_remove);
  fate->change_id = record (history, &wish, location_id);
  fate->wanted = wish.flags_add;
  fate->unwanted = wish.flags_remove;
  /* Where another program has moved it on, the server may say OK to a STORE for a uid that is gone. */
  if (count_there (history, number, folder) == 0)
    fate->change_id = 0;
}

static gboolean
is_deletion (History *history,
             gint64   change_id)
{
  g_autoptr(StoreChange) change = store_changes_get (history->scene->world->store, change_id, NULL);

  return change != NULL && change->kind == STORE_CHANGE_DELETE;
}

static void
act_here (History *history)
{
  guint number = 1 + choose (history, history->n_messages), what = choose (history, 10);
  const char *folder = folders[choose (history, G_N_ELEMENTS (folders))];
  const char *target = folders[choose (history, G_N_ELEMENTS (folders))];
  gint64 location_id = scene_find (history->scene, number, folder);
  StoreWish move = { .kind = STORE_CHANGE_MOVE };
  StoreWish end = { .kind = STORE_CHANGE_DELETE };

  if (location_id == 0)
    return;
  if (what < 4)
    {
      wish_flags (history, number, folder, location_id);
    }
  else if (what < 8 && target != folder)
    {
      move.folder_id = scene_find_folder (history->scene, target);
      tell (history, "want %u moved from %s to %s", number, folder, target);
      record (history, &move, location_id);
    }
  else if (what == 8 && strcmp (folder, "Trash") != 0)
    {
      end.how = STORE_DELETE_TO_TRASH;
      tell (history, "want %u in the trash", number);
      /* By what is wanted already it may lie there: then it is wanted away for good. */
      if (is_deletion (history, record (history, &end, location_id)))
        history->fates[number].may_be_gone = TRUE;
    }
  else if (what == 9)
    {
      end.how = STORE_DELETE_FOR_GOOD;
      tell (history, "want %u of %s away for good", number, folder);
      history->fates[number].may_be_gone = TRUE;
      record (history, &end, location_id);
    }
}

/* --- the program ------------------------------------------------------------------------------------------------ */

static void
act_program (History *history)
{
  Scene *scene = history->scene;
  guint what = choose (history, 6);
  g_autoptr(GError) error = NULL;

  fake_remote_reconnect (scene->fake);
  base_clock_set_fake (history->now += 1000, 0);
  if (what < 2)
    {
      scene->fake->fault_at = 1 + choose (history, 20);
      scene->fake->fault = choose (history, 2) == 0 ? FAKE_BREAKS_BEFORE : FAKE_BREAKS_AFTER;
      tell (history, "sync, broken at command %u (%u)", scene->fake->fault_at, scene->fake->fault);
    }
  else
    {
      tell (history, "sync");
    }
  error = scene_run_round (scene);
  if (history->is_told)
    g_test_message ("%s%s", scene->fake->said->str, error != NULL ? error->message : "");
  if (what == 0 || what == 5)
    {
      tell (history, "restart");
      world_restart (scene->world);
    }
}

/* --- the end ---------------------------------------------------------------------------------------------------- */

static guint
count_open (History *history)
{
  g_autoptr(GError) error = NULL;
  gint64 n;

  store_sql_get_int (store_peek_desk (history->scene->world->store), "SELECT count (*) FROM change WHERE ended_at IS NULL", NULL,
                     -1, &n, &error);
  g_assert_no_error (error);
  return (guint) n;
}

/* The one message with that number on the server; NULL: there is none. */
static const FakeMessage *
find_there (History *history,
            guint    number)
{
  const FakeMessage *found = NULL;

  for (gsize f = 0; f < G_N_ELEMENTS (folders); f++)
    {
      FakeFolder *folder = fake_remote_find (history->scene->fake, folders[f]);

      for (guint i = 0; i < folder->messages->len; i++)
        if (get_number (folder->messages->pdata[i]) == number)
          {
            g_assert_null (found);
            found = folder->messages->pdata[i];
          }
    }
  return found;
}

static void
assert_fate (History *history,
             guint    number)
{
  const Fate *fate = &history->fates[number];
  const FakeMessage *message = find_there (history, number);
  g_autofree char *sql = g_strdup_printf ("SELECT count (*) FROM location l JOIN message m ON m.id = l.message_id"
                                          " WHERE m.message_id = 'm%u@example.org' AND m.content_id IS NOT NULL", number);

  g_assert_true (message != NULL || fate->may_be_gone);
  g_assert_cmpint (world_count (history->scene->world, sql), ==, message != NULL);
  if (message == NULL || fate->change_id == 0 || get_state (history, fate->change_id) == STORE_CHANGE_STATE_FAILED)
    return;
  g_assert_cmpuint (message->flags & fate->wanted, ==, fate->wanted);
  g_assert_cmpuint (message->flags & fate->unwanted, ==, 0);
}

static void
assert_end (History *history)
{
  Scene *scene = history->scene;

  for (guint i = 0; i < 4 || (count_open (history) > 0 && i < 10); i++)
    {
      fake_remote_reconnect (scene->fake);
      base_clock_set_fake (history->now += 100000, 0);
      scene_sync (scene);
      if (history->is_told)
        g_test_message ("%s", scene->fake->said->str);
    }
  g_assert_cmpuint (count_open (history), ==, 0);
  for (gsize f = 0; f < G_N_ELEMENTS (folders); f++)
    {
      g_autofree char *there = fake_remote_describe (scene->fake, folders[f]);

      scene_assert_here (scene, folders[f], there);
    }
  for (guint number = 1; number <= history->n_messages; number++)
    assert_fate (history, number);
}

static void
run (guint32  seed,
     gboolean is_told)
{
  static const guint habits[] = { 0, FAKE_HAS_CONDSTORE, FAKE_HAS_QRESYNC, FAKE_HAS_QRESYNC | FAKE_HAS_IDS, FAKE_HAS_IDS,
                                  FAKE_NO_UIDNEXT };
  static const guint lacks[] = { 0, FAKE_NO_MOVE, FAKE_NO_COPYUID, FAKE_NO_MOVE | FAKE_NO_COPYUID };
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);
  History history = { .random = random, .is_told = is_told, .now = NOW };
  g_autoptr(Scene) scene = scene_new_empty (habits[choose (&history, G_N_ELEMENTS (habits))]
                                            | lacks[choose (&history, G_N_ELEMENTS (lacks))]);

  history.scene = scene;
  tell (&history, "habits %x", scene->fake->habits);
  while (history.n_messages < N_START)
    deliver (&history);
  scene_sync (scene);
  for (guint i = 0; i < N_STEPS; i++)
    switch (choose (&history, 5))
      {
      case 0:  act_program (&history);   break;
      case 1:
      case 2:  act_elsewhere (&history); break;
      default: act_here (&history);      break;
      }
  assert_end (&history);
}

#define N_GROUPS 10

static void
test_seeds (gconstpointer data)
{
  gboolean is_long = g_strcmp0 (g_getenv ("PENFOLD_TEST_LONG"), "1") == 0;
  guint n = is_long ? 1000 : 30;
  guint32 first = 1 + GPOINTER_TO_UINT (data) * n;

  for (guint32 seed = first; seed < first + n; seed++)
    {
      g_test_message ("PENFOLD_TEST_SEED=%u", seed);
      run (seed, FALSE);
    }
}

static void
test_one_seed (void)
{
  run ((guint32) strtoul (g_getenv ("PENFOLD_TEST_SEED"), NULL, 10), TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  scene_prefer_memory ();
  if (g_getenv ("PENFOLD_TEST_SEED") != NULL)
    g_test_add_func ("/sync/histories/one-seed", test_one_seed);
  for (guint i = 0; i < N_GROUPS && g_getenv ("PENFOLD_TEST_SEED") == NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("/sync/histories/converge-%u", i);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_seeds);
    }
  return g_test_run ();
}
