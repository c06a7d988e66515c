/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/window.h"

#include "model/changes.h"
#include "store/mail.h"
#include "store/text.h"
#include "ui/list-pane.h"
#include "ui/sidebar.h"

#define PATIENCE_US (30 * G_USEC_PER_SEC)
#define N_MESSAGES 40

typedef struct {
  StoreFixture *files;
  ModelStore   *model;
  ModelBus     *bus;
  ModelPlaces  *places;
  GtkWidget    *window;
  UiListPane   *list;
  gint64        inbox;
} World;

#define WAIT_UNTIL(condition) \
  G_STMT_START { \
    gint64 wait_end = g_get_monotonic_time () + PATIENCE_US; \
    while (!(condition)) \
      { \
        g_assert_cmpint (g_get_monotonic_time (), <, wait_end); \
        g_main_context_iteration (NULL, FALSE); \
        g_usleep (500); \
      } \
  } G_STMT_END

static void
file_one (Store      *store,
          gint64      folder_id,
          const char *subject,
          guint32     uid)
{
  TestMail mail = { .subject = subject, .arrived_at = 1700000000 + 60 * (gint64) uid };
  gint64 id = test_mail_file (store, &mail, folder_id, uid, 0);
  g_autoptr(StoreLocation) location = store_locations_get (store, id, NULL);
  StoreTextHead head = { .subject = subject, .sender = "", .recipients = "", .list = "" };
  StoreTextNew text = { .message_id = location->message_id, .head = &head };

  g_assert_true (store_text_apply (store, &text, 1, NULL));
}

static void
fill (World *world)
{
  Store *store = world->files->store;
  g_autoptr(StoreAccount) account = store_account_new ();
  StoreTransaction *transaction;

  store_account_set (&account->name,
                     "A name of an account that is a good deal longer than the pane it stands in");
  store_account_set (&account->email, "ann@example.org");
  g_assert_cmpint (store_accounts_add (store, account, "Ann", NULL), ==, 1);
  transaction = test_begin (store);
  world->inbox = test_folder_add (store, "INBOX", STORE_ROLE_INBOX);
  test_folder_add (store, "Archive", STORE_ROLE_ARCHIVE);
  test_folder_add (store, "Trash", STORE_ROLE_TRASH);
  for (guint i = 0; i < N_MESSAGES; i++)
    {
      g_autofree char *subject = g_strdup_printf ("%s number %u", i % 10 == 0 ? "Lighthouse" : "Letter", i);

      file_one (store, world->inbox, subject, i + 1);
    }
  test_commit (transaction);
}

static gpointer
get_child (World      *world,
           const char *name)
{
  GObject *child = gtk_widget_get_template_child (world->window, UI_TYPE_WINDOW, name);

  g_assert_nonnull (child);
  return child;
}

static guint
count_rows (World *world)
{
  UiSelection *selection = ui_list_pane_get_selection (world->list);

  return selection != NULL ? g_list_model_get_n_items (G_LIST_MODEL (selection)) : 0;
}

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->files = store_fixture_new ();
  fill (world);
  world->model = model_store_new (world->files->dir);
  world->places = model_places_new (world->model);
  world->bus = model_bus_new (world->model, "0.1.0", BUS_OPEN_RUNNING);
  world->window = ui_window_new (NULL, world->model, world->bus, world->places);
  world->list = get_child (world, "list");
  gtk_window_present (GTK_WINDOW (world->window));
  WAIT_UNTIL (count_rows (world) == N_MESSAGES);
  return world;
}

static void
world_free (World *world)
{
  gtk_window_destroy (GTK_WINDOW (world->window));
  g_clear_object (&world->places);
  g_object_run_dispose (G_OBJECT (world->bus));
  g_clear_object (&world->bus);
  WAIT_UNTIL (G_OBJECT (world->model)->ref_count == 1);
  g_object_unref (world->model);
  store_fixture_free (world->files);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static void
act (World      *world,
     const char *action)
{
  g_assert_true (gtk_widget_activate_action (world->window, action, NULL));
}

static guint
count_waiting (World *world)
{
  g_autoptr(GPtrArray) waiting = store_changes_list (world->files->store, STORE_CHANGES_WAITING,
                                                     STORE_ACCOUNT_ANY, 0, NULL);

  return waiting->len;
}

static guint
get_flags (World *world,
           guint  position)
{
  g_autoptr(ModelMessage) message =
    g_list_model_get_item (G_LIST_MODEL (ui_list_pane_get_selection (world->list)), position);

  return model_message_get_flags (message);
}

static gboolean
is_page_shown (World      *world,
               const char *name)
{
  GtkStack *stack = GTK_STACK (gtk_widget_get_template_child (GTK_WIDGET (world->list), UI_TYPE_LIST_PANE,
                                                              "stack"));

  return g_strcmp0 (gtk_stack_get_visible_child_name (stack), name) == 0;
}

/* --- tests --- */

static void
test_opens_the_inbox (void)
{
  g_autoptr(World) world = world_new ();

  g_assert_cmpint (model_place_peek (ui_sidebar_get_place (get_child (world, "sidebar")))->role, ==,
                   STORE_ROLE_INBOX);
  WAIT_UNTIL (is_page_shown (world, "list"));
}

static void
test_long_names_keep_the_panes_narrow (void)
{
  g_autoptr(World) world = world_new ();
  GtkWidget *sidebar = get_child (world, "sidebar");

  WAIT_UNTIL (gtk_widget_get_width (sidebar) > 0);
  g_assert_cmpint (gtk_widget_get_width (sidebar), <=, 248);
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (world->list)), <=, 360);
}

/* Half a screen, and text twice as large. */
static void
test_large_text_fits_a_narrow_window (void)
{
  g_autoptr(World) world = world_new ();
  GtkSettings *settings = gtk_settings_get_default ();
  int dpi, minimum;

  g_object_get (settings, "gtk-xft-dpi", &dpi, NULL);
  g_object_set (settings, "gtk-xft-dpi", 2 * 96 * 1024, NULL);
  gtk_window_set_default_size (GTK_WINDOW (world->window), 480, 820);
  ui_selection_select_only (ui_list_pane_get_selection (world->list), 0);
  WAIT_UNTIL (gtk_widget_get_width (world->window) < 600);
  gtk_widget_measure (world->window, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  g_object_set (settings, "gtk-xft-dpi", dpi, NULL);
  g_assert_cmpint (minimum, <=, 480);
}

static void
test_star_is_written_and_shown (void)
{
  g_autoptr(World) world = world_new ();

  ui_selection_select_only (ui_list_pane_get_selection (world->list), 3);
  act (world, "win.star");
  WAIT_UNTIL (count_waiting (world) == 1);
  WAIT_UNTIL ((get_flags (world, 3) & STORE_FLAG_FLAGGED) != 0);
  act (world, "win.undo");
  WAIT_UNTIL ((get_flags (world, 3) & STORE_FLAG_FLAGGED) == 0);
  g_assert_cmpuint (count_waiting (world), ==, 0);
}

static void
test_archived_message_gives_way_to_its_neighbour (void)
{
  g_autoptr(World) world = world_new ();
  UiSelection *selection = ui_list_pane_get_selection (world->list);

  ui_selection_select_only (selection, 5);
  act (world, "win.archive");
  WAIT_UNTIL (count_rows (world) == N_MESSAGES - 1);
  g_assert_cmpuint (ui_selection_count (selection), ==, 1);
  g_assert_cmpuint (ui_selection_get_first (selection), ==, 5);
  act (world, "win.undo");
  WAIT_UNTIL (count_rows (world) == N_MESSAGES);
}

static void
test_whole_folder_is_deleted_and_comes_back (void)
{
  g_autoptr(World) world = world_new ();

  gtk_selection_model_select_all (GTK_SELECTION_MODEL (ui_list_pane_get_selection (world->list)));
  act (world, "win.delete");
  WAIT_UNTIL (count_rows (world) == 0);
  WAIT_UNTIL (is_page_shown (world, "empty"));
  act (world, "win.undo");
  WAIT_UNTIL (count_rows (world) == N_MESSAGES);
  WAIT_UNTIL (is_page_shown (world, "list"));
}

static void
test_message_before_the_eyes_becomes_read (void)
{
  g_autoptr(World) world = world_new ();

  ui_selection_select_only (ui_list_pane_get_selection (world->list), 0);
  WAIT_UNTIL ((get_flags (world, 0) & STORE_FLAG_SEEN) != 0);
  g_assert_cmpuint (get_flags (world, 1) & STORE_FLAG_SEEN, ==, 0);
  /* Nobody asked for it, so undo has nothing to take back. */
  g_assert_false (gtk_widget_activate_action (world->window, "win.undo", NULL)
                  && (get_flags (world, 0) & STORE_FLAG_SEEN) == 0);
}

static void
test_search_finds_and_gives_the_folder_back (void)
{
  g_autoptr(World) world = world_new ();
  GtkEditable *entry = GTK_EDITABLE (gtk_widget_get_template_child (GTK_WIDGET (world->list),
                                                                    UI_TYPE_LIST_PANE, "entry"));

  ui_selection_select_only (ui_list_pane_get_selection (world->list), 7);
  act (world, "win.search");
  g_assert_true (ui_list_pane_is_searching (world->list));
  gtk_editable_set_text (entry, "lightho");
  WAIT_UNTIL (count_rows (world) == N_MESSAGES / 10);
  gtk_editable_set_text (entry, "lighthousekeeper");
  WAIT_UNTIL (is_page_shown (world, "empty"));
  act (world, "win.back");
  g_assert_false (ui_list_pane_is_searching (world->list));
  WAIT_UNTIL (count_rows (world) == N_MESSAGES);
  WAIT_UNTIL (ui_selection_get_first (ui_list_pane_get_selection (world->list)) == 7);
}

static void
test_new_mail_keeps_the_selection (void)
{
  g_autoptr(World) world = world_new ();
  UiSelection *selection = ui_list_pane_get_selection (world->list);
  StoreTransaction *transaction;

  ui_selection_select_only (selection, 2);
  transaction = test_begin (world->files->store);
  file_one (world->files->store, world->inbox, "Just in", 900);
  test_commit (transaction);
  model_store_look (world->model);
  WAIT_UNTIL (count_rows (world) == N_MESSAGES + 1);
  g_assert_cmpuint (ui_selection_get_first (selection), ==, 3);
}

static guint
catch_up_and_count (World *world)
{
  g_assert_true (store_changes_catch_up (world->files->store, NULL, NULL));
  model_store_look (world->model);
  return count_waiting (world);
}

/* In the view of unread mail the message being read stays until another one is selected. */
static void
test_unread_message_stays_while_it_is_read (void)
{
  g_autoptr(World) world = world_new ();
  ModelPlace *unread = model_places_find (world->places, "view:unread");
  const StoreEntry *entry;
  gint64 first;

  ui_sidebar_select (get_child (world, "sidebar"), unread);
  WAIT_UNTIL (count_rows (world) == N_MESSAGES);
  first = model_messages_peek_entry (ui_selection_get_messages (ui_list_pane_get_selection (world->list)),
                                     0)->id;
  ui_selection_select_only (ui_list_pane_get_selection (world->list), 0);
  WAIT_UNTIL ((get_flags (world, 0) & STORE_FLAG_SEEN) != 0);
  catch_up_and_count (world);
  WAIT_UNTIL (model_place_peek (unread)->unread == N_MESSAGES - 1);
  for (guint i = 0; i < 100; i++)
    g_main_context_iteration (NULL, FALSE);
  entry = model_messages_peek_entry (ui_selection_get_messages (ui_list_pane_get_selection (world->list)), 0);
  g_assert_cmpint (entry->id, ==, first);
  ui_selection_select_only (ui_list_pane_get_selection (world->list), 5);
  WAIT_UNTIL (count_rows (world) == N_MESSAGES - 1);
  g_assert_cmpuint (ui_selection_get_first (ui_list_pane_get_selection (world->list)), ==, 4);
}

static void
test_asked_for_message_is_shown_when_the_folders_are_there (void)
{
  g_autoptr(World) world = world_new ();
  ModelPlaces *places = model_places_new (world->model);
  GtkWidget *window = ui_window_new (NULL, world->model, world->bus, places);
  UiListPane *list = UI_LIST_PANE (gtk_widget_get_template_child (window, UI_TYPE_WINDOW, "list"));
  const StoreEntry *entry;

  entry = model_messages_peek_entry (ui_selection_get_messages (ui_list_pane_get_selection (world->list)),
                                     11);
  ui_window_show_message (UI_WINDOW (window), world->inbox, entry->message_id);
  WAIT_UNTIL (ui_list_pane_get_selection (list) != NULL
              && ui_selection_get_first (ui_list_pane_get_selection (list)) == 11);
  gtk_window_destroy (GTK_WINDOW (window));
  g_object_unref (places);
}

static void
test_without_worker_the_line_says_so (void)
{
  g_autoptr(World) world = world_new ();
  GtkLabel *line = GTK_LABEL (gtk_widget_get_template_child (get_child (world, "sidebar"), UI_TYPE_SIDEBAR,
                                                             "status_label"));

  WAIT_UNTIL (g_strcmp0 (gtk_label_get_text (line), "Mail is not checked") == 0);
}

int
main (int    argc,
      char **argv)
{
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  g_test_add_func ("/ui/window/opens-the-inbox", test_opens_the_inbox);
  g_test_add_func ("/ui/window/long-names-keep-the-panes-narrow", test_long_names_keep_the_panes_narrow);
  g_test_add_func ("/ui/window/large-text-fits-a-narrow-window", test_large_text_fits_a_narrow_window);
  g_test_add_func ("/ui/window/star-is-written-and-shown", test_star_is_written_and_shown);
  g_test_add_func ("/ui/window/archived-message-gives-way-to-its-neighbour",
                   test_archived_message_gives_way_to_its_neighbour);
  g_test_add_func ("/ui/window/whole-folder-is-deleted-and-comes-back",
                   test_whole_folder_is_deleted_and_comes_back);
  g_test_add_func ("/ui/window/message-before-the-eyes-becomes-read",
                   test_message_before_the_eyes_becomes_read);
  g_test_add_func ("/ui/window/search-finds-and-gives-the-folder-back",
                   test_search_finds_and_gives_the_folder_back);
  g_test_add_func ("/ui/window/new-mail-keeps-the-selection", test_new_mail_keeps_the_selection);
  g_test_add_func ("/ui/window/unread-message-stays-while-it-is-read",
                   test_unread_message_stays_while_it_is_read);
  g_test_add_func ("/ui/window/asked-for-message-is-shown-when-the-folders-are-there",
                   test_asked_for_message_is_shown_when_the_folders_are_there);
  g_test_add_func ("/ui/window/without-worker-the-line-says-so", test_without_worker_the_line_says_so);
  return g_test_run ();
}
