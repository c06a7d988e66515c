/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/sidebar.h"

#include "ui/place-row.h"

struct _UiSidebar {
  AdwBin       parent_instance;

  ModelPlaces *places;
  char        *selected_key;       /* survives a list that is built anew */

  AdwHeaderBar *header;
  GtkListBox  *list;
  GtkButton   *status_button;
  GtkStack    *status_stack;
  GtkSpinner  *status_spinner;
  GtkLabel    *status_label;
};

G_DEFINE_FINAL_TYPE (UiSidebar, ui_sidebar, ADW_TYPE_BIN)

enum { PLACE_SELECTED, N_SIGNALS };
static guint signals[N_SIGNALS];

static GtkWidget *
row_new_cb (gpointer item,
            gpointer data)
{
  return ui_place_row_new (item);
}

static void
on_row_selected (UiSidebar     *self,
                 GtkListBoxRow *row)
{
  ModelPlace *place = row != NULL ? ui_place_row_get_place (GTK_WIDGET (row)) : NULL;

  if (place == NULL || g_strcmp0 (model_place_peek (place)->key, self->selected_key) == 0)
    return;
  g_free (self->selected_key);
  self->selected_key = g_strdup (model_place_peek (place)->key);
  g_signal_emit (self, signals[PLACE_SELECTED], 0, place);
}

/* Also of the row that is selected: on a narrow window that is the way to the list. */
static void
on_row_activated (UiSidebar     *self,
                  GtkListBoxRow *row)
{
  g_signal_emit (self, signals[PLACE_SELECTED], 0, ui_place_row_get_place (GTK_WIDGET (row)));
}

static GtkListBoxRow *
find_row (UiSidebar  *self,
          const char *key)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (g_strcmp0 (model_place_peek (ui_place_row_get_place (GTK_WIDGET (row)))->key, key) == 0)
      return row;
  return NULL;
}

/* After the list box has rebuilt its rows. */
static void
on_places_changed (UiSidebar *self)
{
  if (self->selected_key != NULL)
    gtk_list_box_select_row (self->list, find_row (self, self->selected_key));
}

void
ui_sidebar_set_places (UiSidebar   *self,
                       ModelPlaces *places)
{
  g_set_object (&self->places, places);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (places), row_new_cb, NULL, NULL);
  g_signal_connect_object (places, "items-changed", G_CALLBACK (on_places_changed), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
}

ModelPlace *
ui_sidebar_get_place (UiSidebar *self)
{
  return self->selected_key != NULL ? model_places_find (self->places, self->selected_key) : NULL;
}

void
ui_sidebar_select (UiSidebar  *self,
                   ModelPlace *place)
{
  gtk_list_box_select_row (self->list, find_row (self, model_place_peek (place)->key));
}

void
ui_sidebar_set_alone (UiSidebar *self,
                      gboolean   is_alone)
{
  adw_header_bar_set_show_end_title_buttons (self->header, is_alone);
}

/* The target before the name: GTK warns of an action whose parameter is missing in between. */
static void
set_action (GtkActionable *button,
            const char    *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr(GVariant) target = NULL;

  if (g_strcmp0 (detailed, g_object_get_data (G_OBJECT (button), "action")) == 0)
    return;
  g_object_set_data_full (G_OBJECT (button), "action", g_strdup (detailed), g_free);
  gtk_actionable_set_action_name (button, NULL);
  if (detailed == NULL || !g_action_parse_detailed_name (detailed, &name, &target, NULL))
    return;
  gtk_actionable_set_action_target_value (button, target);
  gtk_actionable_set_action_name (button, name);
}

void
ui_sidebar_set_status (UiSidebar  *self,
                       UiStatus    status,
                       const char *words,
                       const char *action)
{
  static const char * const pages[] = { "quiet", "busy", "trouble" };

  gtk_stack_set_visible_child_name (self->status_stack, pages[status]);
  gtk_spinner_set_spinning (self->status_spinner, status == UI_STATUS_BUSY);
  gtk_label_set_text (self->status_label, words);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->status_button), words);
  set_action (GTK_ACTIONABLE (self->status_button), action);
  gtk_widget_set_can_target (GTK_WIDGET (self->status_button), action != NULL);
  gtk_widget_set_focusable (GTK_WIDGET (self->status_button), action != NULL);
}

static void
ui_sidebar_finalize (GObject *object)
{
  UiSidebar *self = UI_SIDEBAR (object);

  g_clear_object (&self->places);
  g_free (self->selected_key);
  G_OBJECT_CLASS (ui_sidebar_parent_class)->finalize (object);
}

static void
ui_sidebar_class_init (UiSidebarClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ui_sidebar_finalize;
  signals[PLACE_SELECTED] = g_signal_new ("place-selected", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 1, MODEL_TYPE_PLACE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, UiSidebar, header);
  gtk_widget_class_bind_template_child (widget_class, UiSidebar, list);
  gtk_widget_class_bind_template_child (widget_class, UiSidebar, status_button);
  gtk_widget_class_bind_template_child (widget_class, UiSidebar, status_stack);
  gtk_widget_class_bind_template_child (widget_class, UiSidebar, status_spinner);
  gtk_widget_class_bind_template_child (widget_class, UiSidebar, status_label);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
ui_sidebar_init (UiSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
