/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/drafts-list.h"

#include "model/places.h"
#include "store/fixture.h"

#define PATIENCE_US (20 * G_USEC_PER_SEC)

typedef struct {
  StoreFixture *files;
  ModelStore   *model;
  UiDraftsList *list;
  gint64        first;
  gint64        second;
  gint64        opened;
} Fixture;

static gint64
add_draft (Fixture    *fixture,
           gint64      account_id,
           const char *to)
{
  g_autoptr(StoreDraft) draft = store_draft_new (account_id, 1);

  draft->to_text = (g_free (draft->to_text), g_strdup (to));
  g_assert_true (store_drafts_save (fixture->files->store, draft, NULL));
  return draft->id;
}

static void
open_draft (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  *(gint64 *) g_object_get_data (G_OBJECT (widget), "opened") = g_variant_get_int64 (parameter);
}

/* A window that has the actions. */
typedef GtkWindow      Opener;
typedef GtkWindowClass OpenerClass;

static GType opener_get_type (void);
G_DEFINE_TYPE (Opener, opener, GTK_TYPE_WINDOW)

static void
opener_class_init (OpenerClass *class)
{
  gtk_widget_class_install_action (GTK_WIDGET_CLASS (class), "win.open-draft", "x", open_draft);
}

static void
opener_init (Opener *self)
{
}

static void
fixture_set_up (Fixture       *fixture,
                gconstpointer  data)
{
  GtkWidget *window = g_object_new (opener_get_type (), NULL);

  fixture->files = store_fixture_new ();
  fixture->first = add_draft (fixture, 1, "jonas@pier.example");
  fixture->second = add_draft (fixture, 2, "");
  fixture->model = model_store_new (fixture->files->dir);
  fixture->list = g_object_new (UI_TYPE_DRAFTS_LIST, NULL);
  g_object_set_data (G_OBJECT (window), "opened", &fixture->opened);
  gtk_window_set_child (GTK_WINDOW (window), GTK_WIDGET (fixture->list));
}

static void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  data)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  gtk_window_destroy (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (fixture->list))));
  while (G_OBJECT (fixture->model)->ref_count > 1 && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, FALSE);
  g_assert_finalize_object (fixture->model);
  store_fixture_free (fixture->files);
}

static GtkListBox *
find_box (GtkWidget *widget)
{
  GtkListBox *found = NULL;

  if (GTK_IS_LIST_BOX (widget))
    return GTK_LIST_BOX (widget);
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_box (child);
  return found;
}

static guint
count_rows (Fixture *fixture)
{
  guint n = 0;

  while (gtk_list_box_get_row_at_index (find_box (GTK_WIDGET (fixture->list)), (int) n) != NULL)
    n++;
  return n;
}

static void
wait_for_rows (Fixture *fixture,
               guint    n)
{
  gint64 end = g_get_monotonic_time () + PATIENCE_US;

  while (count_rows (fixture) != n)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
}

static void
test_lists_those_of_an_account (Fixture       *fixture,
                                gconstpointer  data)
{
  GtkListBox *box = find_box (GTK_WIDGET (fixture->list));

  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (fixture->list)));
  ui_drafts_list_show (fixture->list, fixture->model, UI_DRAFTS_OF_ALL);
  wait_for_rows (fixture, 2);
  g_assert_true (gtk_widget_get_visible (GTK_WIDGET (fixture->list)));
  ui_drafts_list_show (fixture->list, fixture->model, 1);
  wait_for_rows (fixture, 1);
  g_signal_emit_by_name (box, "row-activated", gtk_list_box_get_row_at_index (box, 0));
  g_assert_cmpint (fixture->opened, ==, fixture->first);
  ui_drafts_list_show (fixture->list, fixture->model, UI_DRAFTS_OF_NONE);
  g_assert_false (gtk_widget_get_visible (GTK_WIDGET (fixture->list)));
}

static void
test_follows_the_store (Fixture       *fixture,
                        gconstpointer  data)
{
  ui_drafts_list_show (fixture->list, fixture->model, UI_DRAFTS_OF_ALL);
  wait_for_rows (fixture, 2);
  add_draft (fixture, 1, "mia@pier.example");
  model_store_look (fixture->model);
  wait_for_rows (fixture, 3);
  g_assert_true (store_drafts_discard (fixture->files->store, fixture->second, NULL));
  model_store_look (fixture->model);
  wait_for_rows (fixture, 2);
}

/* Also where no account has a folder for drafts. */
static void
test_sidebar_names_them (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr(ModelPlaces) places = model_places_new (fixture->model);
  gint64 end = g_get_monotonic_time () + PATIENCE_US;
  ModelPlace *place;

  while (!model_places_is_loaded (places))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_main_context_iteration (NULL, TRUE);
    }
  place = model_places_find (places, "view:drafts");
  g_assert_nonnull (place);
  g_assert_cmpint (model_place_peek (place)->unread, ==, 2);
}

#define ADD(name, func) \
  g_test_add ("/ui/drafts-list/" name, Fixture, NULL, fixture_set_up, func, fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  g_setenv ("GTK_A11Y", "test", TRUE);
  g_setenv ("ADW_DISABLE_PORTAL", "1", TRUE);             /* its services write to our standard output */
  gtk_test_init (&argc, &argv, NULL);
  adw_init ();
  ADD ("lists-those-of-an-account", test_lists_those_of_an_account);
  ADD ("follows-the-store", test_follows_the_store);
  ADD ("sidebar-names-them", test_sidebar_names_them);
  return g_test_run ();
}
