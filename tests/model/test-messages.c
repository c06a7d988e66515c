/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/changes.h"
#include "model/messages.h"
#include "store/mail.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)

typedef struct {
  StoreFixture  *files;
  ModelStore    *model;
  ModelMessages *messages;
  GArray        *mirror;        /* of gint64: entry ids, kept by nothing but items-changed */
  GArray        *undo;          /* of gint64: changes of the last deed, or NULL */
  guint          n_asked;       /* deeds under way */
  gint64         inbox;
  gint64         archive;
} World;

static void
on_items_changed (World *world,
                  guint  position,
                  guint  n_removed,
                  guint  n_added)
{
  g_assert_cmpuint (position + n_removed, <=, world->mirror->len);
  if (n_removed > 0)
    g_array_remove_range (world->mirror, position, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_array_insert_val (world->mirror, position + i,
                        model_messages_peek_entry (world->messages, position + i)->id);
  g_assert_cmpuint (world->mirror->len, ==, g_list_model_get_n_items (G_LIST_MODEL (world->messages)));
}

static void
file_one (World   *world,
          gint64   folder_id,
          gint64   arrived_at,
          guint32  uid)
{
  TestMail mail = { .arrived_at = arrived_at };
  StoreTransaction *transaction = test_begin (world->files->store);

  g_assert_cmpint (test_mail_file (world->files->store, &mail, folder_id, uid, 0), !=, 0);
  test_commit (transaction);
}

static World *
world_new (guint n_messages)
{
  World *world = g_new0 (World, 1);
  g_autoptr(StoreAccount) account = store_account_new ();
  StoreTransaction *transaction;
  StoreView view = { .kind = STORE_VIEW_FOLDER, .account_id = STORE_ACCOUNT_ANY };

  world->files = store_fixture_new ();
  store_account_set (&account->name, "Home");
  store_account_set (&account->email, "ann@example.org");
  g_assert_cmpint (store_accounts_add (world->files->store, account, "Ann", NULL), ==, 1);
  transaction = test_begin (world->files->store);
  world->inbox = test_folder_add (world->files->store, "INBOX", STORE_ROLE_INBOX);
  world->archive = test_folder_add (world->files->store, "Archive", STORE_ROLE_ARCHIVE);
  test_commit (transaction);
  for (guint i = 0; i < n_messages; i++)
    file_one (world, world->inbox, 1700000000 + 60 * i, i + 1);

  world->model = model_store_new (world->files->dir);
  view.folder_id = world->inbox;
  world->messages = model_messages_new (world->model, &view, MODEL_PEOPLE_SENDERS);
  world->mirror = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_signal_connect_swapped (world->messages, "items-changed", G_CALLBACK (on_items_changed), world);
  return world;
}

static void
world_free (World *world)
{
  g_signal_handlers_disconnect_by_data (world->messages, world);
  g_clear_object (&world->messages);
  while (G_OBJECT (world->model)->ref_count > 1)
    g_main_context_iteration (NULL, TRUE);
  g_object_unref (world->model);
  store_fixture_free (world->files);
  g_array_unref (world->mirror);
  g_clear_pointer (&world->undo, g_array_unref);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* --- what the list must be --- */

static gboolean
is_wished_away (World              *world,
                const StoreOverlay *overlay,
                gint64              location_id)
{
  const StoreOverlayItem *wish = store_overlay_peek (overlay, location_id);

  return wish != NULL && (wish->is_gone || (wish->folder_id != 0 && wish->folder_id != world->inbox));
}

static GArray *
list_expected (World *world)
{
  StoreView view = *model_messages_peek_view (world->messages);
  g_autoptr(GArray) entries = store_listing_list (world->files->store, &view, NULL, 0, NULL);
  g_autoptr(StoreOverlay) overlay = store_changes_get_overlay (world->files->store, NULL);
  GArray *expected = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < entries->len; i++)
    {
      gint64 id = g_array_index (entries, StoreEntry, i).id;

      if (!is_wished_away (world, overlay, id))
        g_array_append_val (expected, id);
    }
  return expected;
}

static gboolean
is_as_expected (World *world)
{
  g_autoptr(GArray) expected = list_expected (world);

  return world->n_asked == 0 && expected->len == world->mirror->len
         && memcmp (expected->data, world->mirror->data, expected->len * sizeof (gint64)) == 0;
}

/* The worker's hint, and the time to follow it. */
static void
settle (World *world)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  model_store_look (world->model);
  while (!is_as_expected (world))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
}

/* --- deeds --- */

static void
done_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  World *world = data;
  g_autoptr(GError) error = NULL;
  GArray *changes = model_changes_record_finish (result, &error);

  g_assert_no_error (error);
  world->n_asked--;
  g_clear_pointer (&world->undo, g_array_unref);
  world->undo = changes;
}

static void
undone_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  World *world = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) changes = model_changes_undo_finish (result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (changes);
  world->n_asked--;
}

static void
wish_for (World             *world,
          const StoreWish   *wish,
          ModelChangeTarget  target,
          guint              position)
{
  g_autoptr(GArray) locations = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (position >= world->mirror->len)
    return;
  g_array_append_val (locations, g_array_index (world->mirror, gint64, position));
  world->n_asked++;
  model_changes_record_async (world->model, NULL, wish, target, locations, done_cb, world);
}

static void
undo (World *world)
{
  g_autoptr(GArray) changes = g_steal_pointer (&world->undo);

  if (changes == NULL)
    return;
  world->n_asked++;
  model_changes_undo_async (world->model, NULL, changes, undone_cb, world);
}

static void
do_something (World   *world,
              guint32  uid)
{
  StoreWish star = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_FLAGGED };
  StoreWish for_good = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_FOR_GOOD };
  StoreWish move = { .kind = STORE_CHANGE_MOVE };
  guint position = world->mirror->len > 0
                   ? (guint) g_test_rand_int_range (0, (gint32) world->mirror->len) : 0;

  switch (g_test_rand_int_range (0, 8))
    {
    case 0: case 1: file_one (world, world->inbox, 1700000000 + g_test_rand_int_range (0, 100000),
                              uid); break;
    case 2: file_one (world, world->archive, 1700000000 + g_test_rand_int_range (0, 100000), uid); break;
    case 3: wish_for (world, &star, MODEL_CHANGE_AS_WISHED, position); break;
    case 4: wish_for (world, &move, MODEL_CHANGE_ARCHIVE, position); break;
    case 5: wish_for (world, &for_good, MODEL_CHANGE_AS_WISHED, position); break;
    case 6: undo (world); break;
    case 7: g_assert_true (store_changes_catch_up (world->files->store, NULL, NULL)); break;
    }
}

/* --- tests --- */

static void
test_every_change_set_arrives (void)
{
  g_autoptr(World) world = world_new (20);

  settle (world);
  g_assert_cmpuint (world->mirror->len, ==, 20);
  for (guint i = 0; i < 400; i++)
    {
      do_something (world, 1000 + i);
      if (g_test_rand_bit ())
        model_store_look (world->model);
      g_main_context_iteration (NULL, FALSE);
      if (g_test_rand_int_range (0, 5) == 0)
        settle (world);
    }
  settle (world);
}

static void
test_moved_message_leaves_at_once_and_comes_back (void)
{
  g_autoptr(World) world = world_new (3);
  StoreWish move = { .kind = STORE_CHANGE_MOVE };
  gint64 middle;

  settle (world);
  middle = g_array_index (world->mirror, gint64, 1);
  wish_for (world, &move, MODEL_CHANGE_ARCHIVE, 1);
  settle (world);
  g_assert_cmpuint (world->mirror->len, ==, 2);
  undo (world);
  settle (world);
  g_assert_cmpuint (world->mirror->len, ==, 3);
  g_assert_cmpint (g_array_index (world->mirror, gint64, 1), ==, middle);
}

static void
test_item_shows_the_wished_flag (void)
{
  g_autoptr(World) world = world_new (3);
  StoreWish star = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_FLAGGED };
  g_autoptr(ModelMessage) item = NULL;
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  settle (world);
  item = g_list_model_get_item (G_LIST_MODEL (world->messages), 2);
  wish_for (world, &star, MODEL_CHANGE_AS_WISHED, 2);
  while ((model_message_get_flags (item) & STORE_FLAG_FLAGGED) == 0)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (500);
    }
  settle (world);
}

static void
refused_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(GError) error = NULL;

  g_assert_null (model_changes_record_finish (result, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  ((World *) data)->n_asked--;
}

/* Filing it on this computer instead would take it off the server. */
static void
test_archive_without_a_folder_is_refused (void)
{
  g_autoptr(World) world = world_new (2);
  g_autoptr(GArray) locations = g_array_new (FALSE, FALSE, sizeof (gint64));
  StoreWish move = { .kind = STORE_CHANGE_MOVE };
  StoreTransaction *transaction;

  settle (world);
  transaction = test_begin (world->files->store);
  g_assert_true (store_folders_set_role (world->files->store, world->archive, STORE_ROLE_NONE, NULL));
  g_assert_cmpint (store_folders_add_local (world->files->store, STORE_ACCOUNT_LOCAL, "Archive",
                                            STORE_ROLE_ARCHIVE, NULL),
                   !=, 0);
  test_commit (transaction);
  g_array_append_val (locations, g_array_index (world->mirror, gint64, 0));
  world->n_asked++;
  model_changes_record_async (world->model, NULL, &move, MODEL_CHANGE_ARCHIVE, locations, refused_cb, world);
  settle (world);
  g_assert_cmpuint (world->mirror->len, ==, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/messages/every-change-set-arrives", test_every_change_set_arrives);
  g_test_add_func ("/model/messages/moved-message-leaves-at-once-and-comes-back",
                   test_moved_message_leaves_at_once_and_comes_back);
  g_test_add_func ("/model/messages/item-shows-the-wished-flag", test_item_shows_the_wished_flag);
  g_test_add_func ("/model/messages/archive-without-a-folder-is-refused",
                   test_archive_without_a_folder_is_refused);
  return g_test_run ();
}
