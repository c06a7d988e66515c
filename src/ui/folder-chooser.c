/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/folder-chooser.h"

#include <glib/gi18n-lib.h>

#define INDENT 18

struct _UiFolderChooser {
  AdwWindow       parent_instance;

  GtkSearchEntry *search;
  GtkListBox     *list;
  GtkStack       *stack;
  char           *needle;           /* casefolded; "" finds all */
};

G_DEFINE_FINAL_TYPE (UiFolderChooser, ui_folder_chooser, ADW_TYPE_WINDOW)

enum { CHOSEN, N_SIGNALS };
static guint signals[N_SIGNALS];

static const char folder_key[] = "folder";
static const char words_key[] = "words";

static gboolean
filter_cb (GtkListBoxRow *row,
           gpointer       data)
{
  const char *words = g_object_get_data (G_OBJECT (row), words_key);

  return strstr (words, UI_FOLDER_CHOOSER (data)->needle) != NULL;
}

static GtkListBoxRow *
get_first_match (UiFolderChooser *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    if (gtk_list_box_row_get_activatable (row) && gtk_widget_get_child_visible (GTK_WIDGET (row)))
      return row;
  return NULL;
}

static void
on_search_changed (UiFolderChooser *self)
{
  GtkListBoxRow *first;

  g_free (self->needle);
  self->needle = g_utf8_casefold (gtk_editable_get_text (GTK_EDITABLE (self->search)), -1);
  gtk_list_box_invalidate_filter (self->list);
  first = get_first_match (self);
  gtk_list_box_select_row (self->list, first);
  gtk_stack_set_visible_child_name (self->stack, first != NULL ? "folders" : "nothing");
}

static void
on_row_activated (UiFolderChooser *self,
                  GtkListBoxRow   *row)
{
  gint64 *folder_id = g_object_get_data (G_OBJECT (row), folder_key);

  g_signal_emit (self, signals[CHOSEN], 0, *folder_id);
  gtk_window_close (GTK_WINDOW (self));
}

static void
on_search_activated (UiFolderChooser *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row != NULL)
    on_row_activated (self, row);
}

static void
on_next_match (UiFolderChooser *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}

static GtkWidget *
heading_new (const char *title)
{
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *label = gtk_label_new (title);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_css_classes (label, (const char *[]) { "side-h", "dim-label", NULL });
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), label);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_add_css_class (row, "account-heading");
  g_object_set_data (G_OBJECT (row), words_key, (gpointer) "");
  return row;
}

static GtkWidget *
row_new (ModelPlace *place)
{
  const ModelPlaceFacts *facts = model_place_peek (place);
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 9);
  GtkWidget *label = gtk_label_new (facts->title);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_margin_start (box, (int) facts->depth * INDENT);
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name (model_place_get_icon (place)));
  gtk_box_append (GTK_BOX (box), label);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), box);
  gtk_widget_add_css_class (row, "place");
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, facts->title, -1);
  g_object_set_data_full (G_OBJECT (row), words_key, g_utf8_casefold (facts->title, -1), g_free);
  g_object_set_data_full (G_OBJECT (row), folder_key, g_memdup2 (&facts->folder_id, sizeof facts->folder_id),
                          g_free);
  return row;
}

/* Where mail cannot go: it stands there for its children, which would seem to belong to another folder. */
static GtkWidget *
parent_new (ModelPlace *place)
{
  GtkWidget *row = row_new (place);

  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_row_set_selectable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_widget_set_sensitive (row, FALSE);
  return row;
}

static void
add_places (UiFolderChooser *self,
            ModelPlaces     *places,
            gint64           except)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (places)); i++)
    {
      g_autoptr(ModelPlace) place = g_list_model_get_item (G_LIST_MODEL (places), i);
      const ModelPlaceFacts *facts = model_place_peek (place);

      if (facts->kind == MODEL_PLACE_ACCOUNT)
        gtk_list_box_append (self->list, heading_new (facts->title));
      else if (facts->kind == MODEL_PLACE_FOLDER)
        gtk_list_box_append (self->list, facts->is_selectable && facts->folder_id != except ? row_new (place)
                                                                                           : parent_new (
                                                                                             place));
    }
}

GtkWidget *
ui_folder_chooser_new (GtkWindow   *parent,
                       ModelPlaces *places,
                       gint64       except)
{
  UiFolderChooser *self = g_object_new (UI_TYPE_FOLDER_CHOOSER, "transient-for", parent, "modal", TRUE, NULL);

  add_places (self, places, except);
  gtk_list_box_set_filter_func (self->list, filter_cb, self, NULL);
  on_search_changed (self);
  return GTK_WIDGET (self);
}

static void
ui_folder_chooser_finalize (GObject *object)
{
  g_free (UI_FOLDER_CHOOSER (object)->needle);
  G_OBJECT_CLASS (ui_folder_chooser_parent_class)->finalize (object);
}

static void
ui_folder_chooser_class_init (UiFolderChooserClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ui_folder_chooser_finalize;
  signals[CHOSEN] = g_signal_new ("chosen", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_INT64);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/folder-chooser.ui");
  gtk_widget_class_bind_template_child (widget_class, UiFolderChooser, search);
  gtk_widget_class_bind_template_child (widget_class, UiFolderChooser, list);
  gtk_widget_class_bind_template_child (widget_class, UiFolderChooser, stack);
  gtk_widget_class_bind_template_callback (widget_class, on_search_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_search_activated);
  gtk_widget_class_bind_template_callback (widget_class, gtk_window_close);
  gtk_widget_class_bind_template_callback (widget_class, on_next_match);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ui_folder_chooser_init (UiFolderChooser *self)
{
  self->needle = g_strdup ("");
  gtk_widget_init_template (GTK_WIDGET (self));
}
