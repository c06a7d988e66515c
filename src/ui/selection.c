/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/selection.h"

struct _UiSelection {
  GObject        parent_instance;

  ModelMessages *messages;
  GtkBitset     *selected;
  gboolean       goes_on;          /* to the neighbour of what goes */
};

static void ui_selection_list_model_init (GListModelInterface *iface);
static void ui_selection_selection_model_init (GtkSelectionModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UiSelection, ui_selection, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, ui_selection_list_model_init)
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SELECTION_MODEL,
                                                      ui_selection_selection_model_init))

/* --- the list passes through --- */

static GType
ui_selection_get_item_type (GListModel *model)
{
  return g_list_model_get_item_type (G_LIST_MODEL (UI_SELECTION (model)->messages));
}

static guint
ui_selection_get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (UI_SELECTION (model)->messages));
}

static gpointer
ui_selection_get_item (GListModel *model,
                       guint       position)
{
  return g_list_model_get_item (G_LIST_MODEL (UI_SELECTION (model)->messages), position);
}

static void
ui_selection_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ui_selection_get_item_type;
  iface->get_n_items = ui_selection_get_n_items;
  iface->get_item = ui_selection_get_item;
}

/* Takes over selected, and tells about the span in which it differs. */
static void
replace (UiSelection *self,
         GtkBitset   *selected)
{
  g_autoptr(GtkBitset) differs = gtk_bitset_copy (self->selected);

  gtk_bitset_difference (differs, selected);
  gtk_bitset_unref (self->selected);
  self->selected = selected;
  if (gtk_bitset_is_empty (differs))
    return;
  gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), gtk_bitset_get_minimum (differs),
                                         gtk_bitset_get_maximum (differs) - gtk_bitset_get_minimum (
                                           differs) + 1);
}

static void
select_neighbour (UiSelection *self,
                  guint        position)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->messages));

  self->goes_on = FALSE;
  if (n > 0)
    replace (self, gtk_bitset_new_range (MIN (position, n - 1), 1));
}

static void
on_items_changed (UiSelection *self,
                  guint        position,
                  guint        n_removed,
                  guint        n_added)
{
  gboolean had_some = !gtk_bitset_is_empty (self->selected);

  gtk_bitset_splice (self->selected, position, n_removed, n_added);
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
  if (!had_some || !gtk_bitset_is_empty (self->selected))
    return;
  if (self->goes_on)
    select_neighbour (self, position);
  else if (g_list_model_get_n_items (G_LIST_MODEL (self->messages)) > 0)
    gtk_selection_model_selection_changed (GTK_SELECTION_MODEL (self), 0,
                                           g_list_model_get_n_items (G_LIST_MODEL (self->messages)));
}

/* --- selecting --- */

static gboolean
ui_selection_is_selected (GtkSelectionModel *model,
                          guint              position)
{
  return gtk_bitset_contains (UI_SELECTION (model)->selected, position);
}

static GtkBitset *
ui_selection_get_in_range (GtkSelectionModel *model,
                           guint              position,
                           guint              n_items)
{
  return gtk_bitset_ref (UI_SELECTION (model)->selected);
}

static gboolean
ui_selection_set_selection (GtkSelectionModel *model,
                            GtkBitset         *selected,
                            GtkBitset         *mask)
{
  UiSelection *self = UI_SELECTION (model);
  GtkBitset *next = gtk_bitset_copy (self->selected);
  g_autoptr(GtkBitset) wanted = gtk_bitset_copy (selected);

  gtk_bitset_intersect (wanted, mask);
  gtk_bitset_subtract (next, mask);
  gtk_bitset_union (next, wanted);
  replace (self, next);
  return TRUE;
}

static void
ui_selection_selection_model_init (GtkSelectionModelInterface *iface)
{
  iface->is_selected = ui_selection_is_selected;
  iface->get_selection_in_range = ui_selection_get_in_range;
  iface->set_selection = ui_selection_set_selection;
}

/* --- public --- */

UiSelection *
ui_selection_new (ModelMessages *messages)
{
  UiSelection *self = g_object_new (UI_TYPE_SELECTION, NULL);

  self->messages = g_object_ref (messages);
  g_signal_connect_object (messages, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  return self;
}

ModelMessages *
ui_selection_get_messages (UiSelection *self)
{
  return self->messages;
}

guint
ui_selection_count (UiSelection *self)
{
  return (guint) gtk_bitset_get_size (self->selected);
}

guint
ui_selection_get_first (UiSelection *self)
{
  return gtk_bitset_is_empty (self->selected)
         ? GTK_INVALID_LIST_POSITION : gtk_bitset_get_minimum (self->selected);
}

void
ui_selection_select_only (UiSelection *self,
                          guint        position)
{
  replace (self, gtk_bitset_new_range (position, 1));
}

void
ui_selection_go_on (UiSelection *self)
{
  self->goes_on = TRUE;
}

GArray *
ui_selection_dup_entries (UiSelection *self)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  GtkBitsetIter iter;
  guint position;

  for (gboolean is_valid = gtk_bitset_iter_init_first (&iter, self->selected, &position); is_valid;
       is_valid = gtk_bitset_iter_next (&iter, &position))
    {
      const StoreEntry *entry = model_messages_peek_entry (self->messages, position);

      if (entry != NULL)
        g_array_append_val (entries, *entry);
    }
  return entries;
}

static void
ui_selection_finalize (GObject *object)
{
  UiSelection *self = UI_SELECTION (object);

  g_clear_object (&self->messages);
  gtk_bitset_unref (self->selected);
  G_OBJECT_CLASS (ui_selection_parent_class)->finalize (object);
}

static void
ui_selection_class_init (UiSelectionClass *class)
{
  G_OBJECT_CLASS (class)->finalize = ui_selection_finalize;
}

static void
ui_selection_init (UiSelection *self)
{
  self->selected = gtk_bitset_new_empty ();
}
