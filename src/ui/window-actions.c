/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person does to the messages selected, and taking it back. */
#include "ui/window-private.h"

#include "bus/jobs.h"
#include "model/changes.h"
#include "ui/ask.h"
#include "ui/folder-chooser.h"
#include "ui/preferences.h"

#include <glib/gi18n-lib.h>

#define UNDO_MAX 50
#define READING_MS 700u

/* --- recording --- */

/* One deed on its way to the store thread. */
typedef struct {
  UiWindow          *window;
  ModelChangeTarget  target;
  char              *words;            /* for a toast with Undo, or NULL */
} Deed;

static void
push_undo (UiWindow *self,
           GArray   *changes)
{
  if (self->undo->len == UNDO_MAX)
    g_ptr_array_remove_index (self->undo, 0);
  g_ptr_array_add (self->undo, g_array_ref (changes));
  ui_window_update_actions (self);
}

static void
tell (UiWindow   *self,
      const char *words,
      const char *label,
      const char *action)
{
  AdwToast *toast = adw_toast_new (words);

  /* Undo takes the last deed back: words about an earlier one must not stand beside it. */
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  g_set_weak_pointer (&self->toast, toast);
  adw_toast_set_action_name (toast, action);
  adw_toast_set_button_label (toast, label);
  ui_window_toast (self, toast);
}

static void
recorded_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autofree Deed *deed = data;
  g_autoptr(UiWindow) self = deed->window;
  g_autofree char *words = deed->words;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) changes = model_changes_record_finish (result, &error);

  if (changes == NULL && deed->target == MODEL_CHANGE_ARCHIVE
      && g_error_matches (error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    tell (self, error->message, _("_Choose Folder…"), "win.move");
  else if (changes == NULL)
    tell (self, error->message, NULL, NULL);
  if (changes == NULL || changes->len == 0)
    return;
  push_undo (self, changes);
  if (words != NULL)
    tell (self, words, _("_Undo"), "win.undo");
}

static GArray *
dup_selected_locations (UiWindow *self)
{
  UiSelection *selection = ui_list_pane_get_selection (self->list);
  g_autoptr(GArray) entries = selection != NULL ? ui_selection_dup_entries (selection) : NULL;
  GArray *locations = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; entries != NULL && i < entries->len; i++)
    g_array_append_val (locations, g_array_index (entries, StoreEntry, i).id);
  return locations;
}

/* Takes words. */
static void
record (UiWindow          *self,
        const StoreWish   *wish,
        ModelChangeTarget  target,
        char              *words)
{
  g_autoptr(GArray) locations = dup_selected_locations (self);
  Deed *deed = g_new0 (Deed, 1);

  deed->window = g_object_ref (self);
  deed->target = target;
  deed->words = words;
  if (wish->kind != STORE_CHANGE_FLAG)
    ui_selection_go_on (ui_list_pane_get_selection (self->list));
  model_changes_record_async (self->store, self->bus, wish, target, locations, recorded_cb, deed);
}

static guint
count_selected (UiWindow *self)
{
  UiSelection *selection = ui_list_pane_get_selection (self->list);

  return selection != NULL ? ui_selection_count (selection) : 0;
}

/* Of the first one selected, as the user wants them. */
static guint
get_first_flags (UiWindow *self)
{
  UiSelection *selection = ui_list_pane_get_selection (self->list);
  g_autoptr(ModelMessage) message = g_list_model_get_item (G_LIST_MODEL (selection),
                                                           ui_selection_get_first (selection));

  return message != NULL ? model_message_get_flags (message) : 0;
}

/* --- the actions --- */

static void
toggle_flag (UiWindow *self,
             guint     flag)
{
  gboolean is_set = (get_first_flags (self) & flag) != 0;
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = is_set ? 0 : flag, .flags_remove = is_set
                     ? flag : 0 };

  record (self, &wish, MODEL_CHANGE_AS_WISHED, NULL);
}

static void
toggle_star (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  toggle_flag (UI_WINDOW (widget), STORE_FLAG_FLAGGED);
}

static void
toggle_read (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);

  ui_window_forget_reading (self);
  toggle_flag (self, STORE_FLAG_SEEN);
}

static void
archive (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  guint n = count_selected (self);
  StoreWish wish = { .kind = STORE_CHANGE_MOVE };

  record (self, &wish, MODEL_CHANGE_ARCHIVE,
          g_strdup_printf (ngettext ("%u message archived", "%u messages archived", n), n));
}

static void
on_folder_chosen (UiWindow *self,
                  gint64    folder_id)
{
  guint n = count_selected (self);
  ModelPlace *place = model_places_find_folder (self->places, folder_id);
  StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = folder_id };

  if (n == 0 || place == NULL)
    return;
  record (self, &wish, MODEL_CHANGE_AS_WISHED,
          /* Translators: %s is the name of a folder. */
          g_strdup_printf (ngettext ("%u message moved to “%s”", "%u messages moved to “%s”", n), n,
                           model_place_peek (place)->title));
}

static void
move (GtkWidget  *widget,
      const char *action,
      GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  ModelPlace *place = ui_list_pane_get_place (self->list);
  GtkWidget *chooser = ui_folder_chooser_new (GTK_WINDOW (self), self->places,
                                              place != NULL ? model_place_peek (place)->folder_id : 0);

  g_signal_connect_object (chooser, "chosen", G_CALLBACK (on_folder_chosen), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (chooser));
}

static void
delete_for_good (UiWindow *self)
{
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_FOR_GOOD };

  record (self, &wish, MODEL_CHANGE_AS_WISHED, NULL);
}

static void
ask_delete_for_good (UiWindow *self)
{
  guint n = count_selected (self);
  g_autofree char *title = g_strdup_printf (ngettext ("Delete %u Message for Good?",
                                                      "Delete %u Messages for Good?", n), n);
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), title,
                                              _("It is deleted on this computer and on the server."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"), "delete",
                                    _("_Delete"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response::delete", G_CALLBACK (delete_for_good), self, G_CONNECT_SWAPPED);
  ui_ask_present (dialog);
}

static void
delete (GtkWidget  *widget,
        const char *action,
        GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  ModelPlace *place = ui_list_pane_get_place (self->list);
  StoreWish wish = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_TO_TRASH };
  guint n = count_selected (self);

  if (place != NULL && model_place_peek (place)->role == STORE_ROLE_TRASH)
    {
      ask_delete_for_good (self);
      return;
    }
  record (self, &wish, MODEL_CHANGE_AS_WISHED,
          g_strdup_printf (ngettext ("%u message moved to Trash", "%u messages moved to Trash", n), n));
}

static void
undone_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiWindow) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) changes = model_changes_undo_finish (result, &error);

  if (changes == NULL)
    tell (self, error->message, NULL, NULL);
}

static void
undo (GtkWidget  *widget,
      const char *action,
      GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  g_autoptr(GArray) changes = NULL;

  if (self->undo->len == 0)
    return;
  if (self->toast != NULL)
    adw_toast_dismiss (self->toast);
  changes = g_ptr_array_steal_index (self->undo, self->undo->len - 1);
  ui_window_update_actions (self);
  model_changes_undo_async (self->store, self->bus, changes, undone_cb, g_object_ref (self));
}

static void
check (GtkWidget  *widget,
       const char *action,
       GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);

  model_bus_retry (self->bus);
  model_bus_start (self->bus, BUS_JOB_SYNC, NULL);
}

static void
search (GtkWidget  *widget,
        const char *action,
        GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);

  adw_leaflet_set_visible_child_name (self->outer, "mail");
  adw_leaflet_set_visible_child_name (self->inner, "list");
  ui_list_pane_search (self->list);
}

static void
show_preferences (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  gtk_window_present (GTK_WINDOW (ui_preferences_new (GTK_WINDOW (widget), UI_WINDOW (widget)->preferences)));
}

/* --- reading marks as read --- */

static void
marked_read_cb (GObject      *object,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) changes = model_changes_record_finish (result, &error);

  if (changes == NULL)
    g_warning ("Cannot mark a message as read: %s", error->message);
}

static gboolean
read_cb (gpointer data)
{
  UiWindow *self = data;
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = STORE_FLAG_SEEN };
  g_autoptr(GArray) locations = NULL;

  self->reading_source = 0;
  if (count_selected (self) != 1)
    return G_SOURCE_REMOVE;
  locations = dup_selected_locations (self);
  model_changes_record_async (self->store, self->bus, &wish, MODEL_CHANGE_AS_WISHED, locations,
                              marked_read_cb, NULL);
  return G_SOURCE_REMOVE;
}

void
ui_window_forget_reading (UiWindow *self)
{
  g_clear_handle_id (&self->reading_source, g_source_remove);
}

void
ui_window_begin_reading (UiWindow *self)
{
  gint64 seconds = model_settings_get (self->preferences, STORE_SETTING_MARK_READ_S);

  ui_window_forget_reading (self);
  if (seconds < 0 || !model_settings_is_loaded (self->preferences))
    return;
  /* Who walks through the list with the arrow keys has read none of it. */
  self->reading_source = g_timeout_add (MAX (READING_MS, (guint) seconds * 1000), read_cb, self);
}

/* --- which of them can be done --- */

static const char * const message_actions[] = {
  "win.star", "win.read", "win.archive", "win.move", "win.delete",
};

void
ui_window_update_actions (UiWindow *self)
{
  guint n = count_selected (self);

  for (gsize i = 0; i < G_N_ELEMENTS (message_actions); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), message_actions[i], n > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.undo", self->undo->len > 0);
  ui_window_update_answers (self, n);
}

void
ui_window_install_actions (GtkWidgetClass *class)
{
  ui_window_install_answers (class);
  gtk_widget_class_install_action (class, "win.star", NULL, toggle_star);
  gtk_widget_class_install_action (class, "win.read", NULL, toggle_read);
  gtk_widget_class_install_action (class, "win.archive", NULL, archive);
  gtk_widget_class_install_action (class, "win.move", NULL, move);
  gtk_widget_class_install_action (class, "win.delete", NULL, delete);
  gtk_widget_class_install_action (class, "win.undo", NULL, undo);
  gtk_widget_class_install_action (class, "win.check", NULL, check);
  gtk_widget_class_install_action (class, "win.search", NULL, search);
  gtk_widget_class_install_action (class, "win.preferences", NULL, show_preferences);
  gtk_widget_class_install_action (class, "win.show-problem", "x", ui_window_show_problem);
}
