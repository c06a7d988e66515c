/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/drafts-list.h"

#include "base/clock.h"
#include "model/when.h"

#include <glib/gi18n-lib.h>

struct _UiDraftsList {
  AdwBin        parent_instance;

  ModelStore   *store;
  GCancellable *cancellable;
  gint64        account_id;

  GtkListBox   *list;
};

G_DEFINE_FINAL_TYPE (UiDraftsList, ui_drafts_list, ADW_TYPE_BIN)

/* --- rows ----------------------------------------------------------------------------------------------- */

static GtkWidget *
label_new (const char *text,
           const char *class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (class != NULL)
    gtk_widget_add_css_class (label, class);
  return label;
}

static GtkWidget *
row_new (const StoreDraft *draft)
{
  g_autofree char *people = model_compose_dup_recipients (draft);
  g_autofree char *when = model_when_dup_short (draft->saved_at, base_clock_now ());
  GtkWidget *row = gtk_list_box_row_new ();
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 3);
  GtkWidget *first = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *name = label_new (*people != '\0' ? people : _("No recipient"), NULL);
  GtkWidget *time = gtk_label_new (when);

  gtk_widget_set_hexpand (name, TRUE);
  gtk_widget_add_css_class (time, "small");
  gtk_widget_add_css_class (time, "dim-label");
  gtk_widget_add_css_class (time, "numeric");
  gtk_box_append (GTK_BOX (first), gtk_image_new_from_icon_name ("document-edit-symbolic"));
  gtk_box_append (GTK_BOX (first), name);
  gtk_box_append (GTK_BOX (first), time);
  gtk_box_append (GTK_BOX (lines), first);
  gtk_box_append (GTK_BOX (lines),
                  label_new (*draft->subject != '\0' ? draft->subject : _("No subject"), "dim-label"));
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (row), lines);
  g_object_set_data_full (G_OBJECT (row), "draft", g_memdup2 (&draft->id, sizeof draft->id), g_free);
  return row;
}

static gint64
get_id (GtkListBoxRow *row)
{
  return *(gint64 *) g_object_get_data (G_OBJECT (row), "draft");
}

static void
on_row_activated (UiDraftsList  *self,
                  GtkListBoxRow *row)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.open-draft", "x", get_id (row));
}

static gboolean
on_key (UiDraftsList    *self,
        guint            key,
        guint            code,
        GdkModifierType  modifiers)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);

  if (row == NULL || (key != GDK_KEY_Delete && key != GDK_KEY_KP_Delete))
    return GDK_EVENT_PROPAGATE;
  gtk_widget_activate_action (GTK_WIDGET (self), "win.discard-draft", "x", get_id (row));
  return GDK_EVENT_STOP;
}

/* --- reading -------------------------------------------------------------------------------------------- */

static void
fill (UiDraftsList *self,
      GPtrArray    *drafts)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (self->list);
  gint64 selected = row != NULL ? get_id (row) : 0;
  guint n = 0;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
  for (guint i = 0; i < drafts->len; i++)
    {
      const StoreDraft *draft = drafts->pdata[i];
      GtkWidget *new_row;

      if (self->account_id != UI_DRAFTS_OF_ALL && draft->account_id != self->account_id)
        continue;
      new_row = row_new (draft);
      gtk_list_box_append (self->list, new_row);
      if (draft->id == selected)
        gtk_list_box_select_row (self->list, GTK_LIST_BOX_ROW (new_row));
      n++;
    }
  gtk_widget_set_visible (GTK_WIDGET (self), n > 0);
}

static void
listed_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiDraftsList) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) drafts = model_drafts_list_finish (MODEL_STORE (object), result, &error);

  if (drafts != NULL && self->store != NULL && self->account_id != UI_DRAFTS_OF_NONE)
    fill (self, drafts);
  else if (drafts == NULL && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("Cannot list the drafts: %s", error->message);
}

static void
read_drafts (UiDraftsList *self)
{
  if (self->account_id == UI_DRAFTS_OF_NONE)
    return;
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  model_drafts_list_async (self->store, self->cancellable, listed_cb, g_object_ref (self));
}

void
ui_drafts_list_show (UiDraftsList *self,
                     ModelStore   *store,
                     gint64        account_id)
{
  if (g_set_object (&self->store, store))
    g_signal_connect_object (store, "news", G_CALLBACK (read_drafts), self, G_CONNECT_SWAPPED);
  self->account_id = account_id;
  if (account_id == UI_DRAFTS_OF_NONE)
    gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  read_drafts (self);
}

/* --- life ----------------------------------------------------------------------------------------------- */

static void
ui_drafts_list_dispose (GObject *object)
{
  UiDraftsList *self = UI_DRAFTS_LIST (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ui_drafts_list_parent_class)->dispose (object);
}

static void
ui_drafts_list_class_init (UiDraftsListClass *class)
{
  G_OBJECT_CLASS (class)->dispose = ui_drafts_list_dispose;
}

static void
ui_drafts_list_init (UiDraftsList *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkWidget *scroller = gtk_scrolled_window_new ();

  self->account_id = UI_DRAFTS_OF_NONE;
  self->list = GTK_LIST_BOX (gtk_list_box_new ());
  gtk_widget_add_css_class (GTK_WIDGET (self->list), "drafts-list");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->list), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Messages being written"), -1);
  g_signal_connect_swapped (self->list, "row-activated", G_CALLBACK (on_row_activated), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self->list), keys);
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_propagate_natural_height (GTK_SCROLLED_WINDOW (scroller), TRUE);
  gtk_scrolled_window_set_max_content_height (GTK_SCROLLED_WINDOW (scroller), 420);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scroller), GTK_WIDGET (self->list));
  adw_bin_set_child (ADW_BIN (self), scroller);
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}
