/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/list-pane.h"

#include "ui/message-row.h"

#include <glib/gi18n-lib.h>

#define LOADING_SHAPES 5
#define LOADING_PATIENCE_MS 150      /* a list that is there sooner shows no grey shapes */

struct _UiListPane {
  AdwBin          parent_instance;

  ModelPlace     *place;
  ModelMessages  *messages;
  UiSelection    *selection;
  guint           loading_timeout;

  AdwWindowTitle *title;
  GtkWidget      *back;
  GtkWidget      *search;
  GtkStack       *stack;
  GtkListView    *view;
  GtkBox         *shapes;
  AdwStatusPage  *empty;
  AdwStatusPage  *failed;
};

G_DEFINE_FINAL_TYPE (UiListPane, ui_list_pane, ADW_TYPE_BIN)

enum { SELECTION_CHANGED, ACTIVATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- rows --- */

static void
on_setup_row (GtkListItemFactory *factory,
              GtkListItem        *item)
{
  gtk_list_item_set_child (item, ui_message_row_new ());
}

static void
on_bind_row (GtkListItemFactory *factory,
             GtkListItem        *item)
{
  ui_message_row_set_message (UI_MESSAGE_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
on_unbind_row (GtkListItemFactory *factory,
               GtkListItem        *item)
{
  ui_message_row_set_message (UI_MESSAGE_ROW (gtk_list_item_get_child (item)), NULL);
}

static void
on_activate (UiListPane *self,
             guint       position)
{
  g_signal_emit (self, signals[ACTIVATED], 0, position);
}

/* --- header --- */

static char *
dup_counts (UiListPane *self)
{
  const ModelPlaceFacts *facts = model_place_peek (self->place);
  guint n = self->messages != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->messages)) : 0;
  g_autofree char *total = g_strdup_printf (ngettext ("%'u message", "%'u messages", n), n);

  if (facts->unread == 0 || facts->role == STORE_ROLE_DRAFTS)
    return g_steal_pointer (&total);
  /* Translators: under the name of a folder, as in "9 unread · 8,412 messages"; %s is "8,412 messages". */
  return g_strdup_printf (ngettext ("%u unread · %s", "%u unread · %s", (gulong) facts->unread),
                          (guint) facts->unread, total);
}

static void
show_title (UiListPane *self)
{
  g_autofree char *counts = NULL;

  if (self->place == NULL)
    {
      adw_window_title_set_title (self->title, "");
      adw_window_title_set_subtitle (self->title, "");
      return;
    }
  counts = dup_counts (self);
  adw_window_title_set_title (self->title, model_place_peek (self->place)->title);
  adw_window_title_set_subtitle (self->title, counts);
}

/* --- what the pane shows --- */

static void
show_empty (UiListPane *self)
{
  const ModelPlaceFacts *facts = model_place_peek (self->place);
  /* Translators: %s is the name of a folder. */
  g_autofree char *title = g_strdup_printf (_("%s Is Empty"), facts->title);

  adw_status_page_set_icon_name (self->empty, model_place_get_icon (self->place));
  adw_status_page_set_title (self->empty, title);
  adw_status_page_set_description (self->empty, facts->role == STORE_ROLE_INBOX || facts->kind == MODEL_PLACE_VIEW
                                                ? _("New mail appears here by itself.") : NULL);
  gtk_stack_set_visible_child_name (self->stack, "empty");
}

static void
show_content (UiListPane *self)
{
  if (self->messages == NULL)
    {
      gtk_stack_set_visible_child_name (self->stack, "nothing");
      return;
    }
  switch (model_messages_get_state (self->messages))
    {
    case MODEL_MESSAGES_LOADING:
      return;
    case MODEL_MESSAGES_FAILED:
      adw_status_page_set_description (self->failed, model_messages_peek_problem (self->messages));
      gtk_stack_set_visible_child_name (self->stack, "failed");
      break;
    case MODEL_MESSAGES_READY:
      if (g_list_model_get_n_items (G_LIST_MODEL (self->messages)) == 0)
        {
          show_empty (self);
          g_signal_emit (self, signals[SELECTION_CHANGED], 0);
        }
      else
        gtk_stack_set_visible_child_name (self->stack, "list");
      break;
    }
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
  show_title (self);
}

static gboolean
loading_cb (gpointer data)
{
  UiListPane *self = data;

  self->loading_timeout = 0;
  gtk_stack_set_visible_child_name (self->stack, "loading");
  return G_SOURCE_REMOVE;
}

static void
on_selection_changed (UiListPane *self)
{
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

static void
drop_messages (UiListPane *self)
{
  if (self->messages != NULL)
    g_signal_handlers_disconnect_by_data (self->messages, self);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  g_clear_object (&self->messages);
  g_clear_object (&self->selection);
  g_clear_handle_id (&self->loading_timeout, g_source_remove);
}

static ModelPeople
get_people (const ModelPlaceFacts *facts)
{
  if (facts->role == STORE_ROLE_SENT || facts->role == STORE_ROLE_DRAFTS || facts->role == STORE_ROLE_OUTBOX)
    return MODEL_PEOPLE_RECIPIENTS;
  return MODEL_PEOPLE_SENDERS;
}

static void
list_messages (UiListPane *self,
               ModelStore *store)
{
  const ModelPlaceFacts *facts = model_place_peek (self->place);

  self->messages = model_messages_new (store, &facts->view, get_people (facts));
  self->selection = ui_selection_new (self->messages);
  g_signal_connect_swapped (self->messages, "state-changed", G_CALLBACK (show_content), self);
  g_signal_connect_swapped (self->messages, "items-changed", G_CALLBACK (show_content), self);
  g_signal_connect_swapped (self->selection, "selection-changed", G_CALLBACK (on_selection_changed), self);
  self->loading_timeout = g_timeout_add (LOADING_PATIENCE_MS, loading_cb, self);
}

void
ui_list_pane_set_place (UiListPane *self,
                        ModelStore *store,
                        ModelPlace *place)
{
  if (self->place == place)
    return;
  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  drop_messages (self);
  g_set_object (&self->place, place);
  if (place != NULL)
    {
      g_signal_connect_swapped (place, "changed", G_CALLBACK (show_title), self);
      list_messages (self, store);
    }
  gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
  show_title (self);
  show_content (self);
  g_signal_emit (self, signals[SELECTION_CHANGED], 0);
}

UiSelection *
ui_list_pane_get_selection (UiListPane *self)
{
  return self->selection;
}

gboolean
ui_list_pane_show_message (UiListPane *self,
                           gint64      message_id)
{
  guint position = self->messages != NULL ? model_messages_find_message (self->messages, message_id) : G_MAXUINT;

  if (position == G_MAXUINT)
    return FALSE;
  ui_selection_select_only (self->selection, position);
  gtk_widget_activate_action (GTK_WIDGET (self->view), "list.scroll-to-item", "u", position);
  return TRUE;
}

void
ui_list_pane_grab_focus (UiListPane *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
ui_list_pane_set_folded (UiListPane *self,
                         gboolean    is_folded)
{
  gtk_widget_set_visible (self->back, is_folded);
}

void
ui_list_pane_set_single_click (UiListPane *self,
                               gboolean    is_single)
{
  gtk_list_view_set_single_click_activate (self->view, is_single);
}

/* --- life --- */

static GtkWidget *
shape_new (void)
{
  GtkWidget *shape = gtk_box_new (GTK_ORIENTATION_VERTICAL, 9);
  static const int widths[] = { 160, 240, 290 };

  for (gsize i = 0; i < G_N_ELEMENTS (widths); i++)
    {
      GtkWidget *bar = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);

      gtk_widget_set_size_request (bar, widths[i], 9);
      gtk_widget_set_halign (bar, GTK_ALIGN_START);
      gtk_widget_add_css_class (bar, "grey-bar");
      gtk_box_append (GTK_BOX (shape), bar);
    }
  gtk_widget_add_css_class (shape, "grey-shape");
  return shape;
}

static void
ui_list_pane_dispose (GObject *object)
{
  UiListPane *self = UI_LIST_PANE (object);

  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  drop_messages (self);
  g_clear_object (&self->place);
  G_OBJECT_CLASS (ui_list_pane_parent_class)->dispose (object);
}

static void
ui_list_pane_class_init (UiListPaneClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_list_pane_dispose;
  signals[SELECTION_CHANGED] = g_signal_new ("selection-changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL,
                                             NULL, NULL, G_TYPE_NONE, 0);
  signals[ACTIVATED] = g_signal_new ("activated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                     G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/list-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, UiListPane, title);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, back);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, search);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, stack);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, view);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, shapes);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, empty);
  gtk_widget_class_bind_template_child (widget_class, UiListPane, failed);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_row);
  gtk_widget_class_bind_template_callback (widget_class, on_bind_row);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind_row);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
ui_list_pane_init (UiListPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < LOADING_SHAPES; i++)
    gtk_box_append (self->shapes, shape_new ());
}
