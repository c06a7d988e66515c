/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/window-private.h"

#include "ui/account-page.h"
#include "ui/wizard.h"

#include <glib/gi18n-lib.h>

#define SIDEBAR_WIDTH 248
#define LIST_WIDTH    360
#define ANY_WIDTH     10000

G_DEFINE_FINAL_TYPE (UiWindow, ui_window, ADW_TYPE_APPLICATION_WINDOW)

static void
on_place_selected (UiWindow   *self,
                   ModelPlace *place)
{
  ui_list_pane_set_place (self->list, self->store, place);
  adw_leaflet_set_visible_child_name (self->outer, "mail");
}

/* The reader is before a person's eyes: beside the list, or instead of it. */
static gboolean
is_reader_visible (UiWindow *self)
{
  return !adw_leaflet_get_folded (self->inner)
         || g_strcmp0 (adw_leaflet_get_visible_child_name (self->inner), "reader") == 0;
}

static void
show_selected (UiWindow *self)
{
  UiSelection *selection = ui_list_pane_get_selection (self->list);
  guint count = selection != NULL ? ui_selection_count (selection) : 0;
  g_autoptr(ModelMessage) message = NULL;

  if (count > 1)
    {
      ui_reader_set_several (self->message, count);
      return;
    }
  if (count == 1)
    message = g_list_model_get_item (G_LIST_MODEL (selection), ui_selection_get_first (selection));
  ui_reader_set_message (self->message, message);
  if (message != NULL && is_reader_visible (self))
    ui_window_begin_reading (self);
  else
    ui_window_forget_reading (self);
}

static void
on_selection_changed (UiWindow *self)
{
  show_selected (self);
  ui_window_update_actions (self);
}

static void
on_activated (UiWindow *self,
              guint     position)
{
  if (ui_window_edit_draft (self))
    return;
  adw_leaflet_set_visible_child_name (self->inner, "reader");
  show_selected (self);
}

/* Beside another pane it has a fixed width, whatever stands in it; alone it has all there is. */
static void
set_pane_width (AdwClamp   *pane,
                AdwLeaflet *leaflet,
                int         width)
{
  adw_clamp_set_maximum_size (pane, adw_leaflet_get_folded (leaflet) ? ANY_WIDTH : width);
  adw_clamp_set_tightening_threshold (pane, adw_leaflet_get_folded (leaflet) ? ANY_WIDTH : width);
}

static void
on_folded (UiWindow *self)
{
  set_pane_width (self->sidebar_width, self->outer, SIDEBAR_WIDTH);
  set_pane_width (self->list_width, self->inner, LIST_WIDTH);
  ui_sidebar_set_alone (self->sidebar, adw_leaflet_get_folded (self->outer));
  ui_list_pane_set_folded (self->list, adw_leaflet_get_folded (self->outer));
  ui_list_pane_set_alone (self->list, adw_leaflet_get_folded (self->inner));
  ui_reader_set_alone (self->message, adw_leaflet_get_folded (self->inner));
  gtk_widget_set_visible (self->reader_back, adw_leaflet_get_folded (self->inner));
  gtk_widget_set_visible (self->answers, !adw_leaflet_get_folded (self->inner));
  gtk_widget_set_visible (self->move, !adw_leaflet_get_folded (self->inner));
}

/* What somebody asked to see, possibly before the folders were known. */
static gboolean
show_wanted (UiWindow *self)
{
  ModelPlace *place = self->wanted_folder != 0
                      ? model_places_find_folder (self->places, self->wanted_folder) : NULL;

  if (place == NULL)
    return FALSE;
  self->wanted_folder = 0;
  ui_sidebar_select (self->sidebar, place);
  ui_list_pane_show_message (self->list, self->wanted_message);
  adw_leaflet_set_visible_child_name (self->inner, "reader");
  return TRUE;
}

/* The inbox of the first account, or all of them where there are several. */
static void
on_places_loaded (UiWindow *self)
{
  ModelPlace *place = NULL;

  if (show_wanted (self))
    return;
  if (ui_sidebar_get_place (self->sidebar) != NULL || model_places_get_n_accounts (self->places) == 0)
    return;
  if (model_places_get_n_accounts (self->places) > 1)
    place = model_places_find (self->places, "view:inboxes");
  for (guint i = 0; place == NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self->places)); i++)
    {
      g_autoptr(ModelPlace) item = g_list_model_get_item (G_LIST_MODEL (self->places), i);

      if (model_place_peek (item)->role == STORE_ROLE_INBOX)
        place = item;
    }
  if (place != NULL)
    ui_sidebar_select (self->sidebar, place);
}

static void
go_back (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);

  if (adw_leaflet_get_folded (self->inner)
      && g_strcmp0 (adw_leaflet_get_visible_child_name (self->inner), "reader") == 0)
    adw_leaflet_set_visible_child_name (self->inner, "list");
  else if (ui_list_pane_is_searching (self->list))
    ui_list_pane_end_search (self->list);
  else
    adw_leaflet_set_visible_child_name (self->outer, "sidebar");
}

/* Which pane has the focus: 0 the sidebar, 1 the list, 2 the message. */
static int
get_pane (UiWindow *self)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));

  if (focus == NULL || gtk_widget_is_ancestor (focus, GTK_WIDGET (self->sidebar)))
    return 0;
  return gtk_widget_is_ancestor (focus, GTK_WIDGET (self->list)) ? 1 : 2;
}

static void
go_to_next_pane (GtkWidget  *widget,
                 const char *action,
                 GVariant   *parameter)
{
  UiWindow *self = UI_WINDOW (widget);
  int pane = (get_pane (self) + g_variant_get_int32 (parameter) + 3) % 3;

  adw_leaflet_set_visible_child_name (self->outer, pane == 0 ? "sidebar" : "mail");
  if (pane > 0)
    adw_leaflet_set_visible_child_name (self->inner, pane == 1 ? "list" : "reader");
  if (pane == 0)
    gtk_widget_child_focus (GTK_WIDGET (self->sidebar), GTK_DIR_TAB_FORWARD);
  else if (pane == 1)
    ui_list_pane_grab_focus (self->list);
  else
    gtk_widget_child_focus (GTK_WIDGET (self->message), GTK_DIR_TAB_FORWARD);
}

/* Keys that mean something else where text is written.  Shortcuts of the application come before the widget
 * that has the focus, so these are none of them. */
static gboolean
on_key_pressed (UiWindow        *self,
                guint            key,
                guint            code,
                GdkModifierType  state)
{
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  GdkModifierType modifiers = state & gtk_accelerator_get_default_mod_mask ();

  if (GTK_IS_EDITABLE (focus)
      || (GTK_IS_TEXT_VIEW (focus) && gtk_text_view_get_editable (GTK_TEXT_VIEW (focus))))
    return GDK_EVENT_PROPAGATE;
  if ((key == GDK_KEY_Delete || key == GDK_KEY_KP_Delete) && modifiers == 0)
    return gtk_widget_activate_action (GTK_WIDGET (self), "win.delete", NULL);
  if (key == GDK_KEY_z && modifiers == GDK_CONTROL_MASK)
    return gtk_widget_activate_action (GTK_WIDGET (self), "win.undo", NULL);
  if (key == GDK_KEY_Escape && modifiers == 0)
    return gtk_widget_activate_action (GTK_WIDGET (self), "win.back", NULL);
  return GDK_EVENT_PROPAGATE;
}

void
ui_window_show_message (UiWindow *self,
                        gint64    folder_id,
                        gint64    message_id)
{
  self->wanted_folder = folder_id;
  self->wanted_message = message_id;
  show_wanted (self);
}

void
ui_window_toast (UiWindow *self,
                 AdwToast *toast)
{
  adw_toast_overlay_add_toast (self->toasts, toast);
}

void
ui_window_open_wizard (UiWindow *self)
{
  g_autoptr(GList) windows = gtk_window_list_toplevels ();

  for (GList *link = windows; link != NULL; link = link->next)
    if (UI_IS_WIZARD (link->data) && gtk_window_get_transient_for (link->data) == GTK_WINDOW (self))
      {
        gtk_window_present (link->data);
        return;
      }
  gtk_window_present (GTK_WINDOW (ui_wizard_new (GTK_WINDOW (self), self->store, self->bus)));
}

/* Without an account there is nothing else to do. */
static void
welcome (UiWindow *self)
{
  if (model_places_is_loaded (self->places) && model_places_get_n_accounts (self->places) == 0)
    ui_window_open_wizard (self);
}

static gboolean
welcome_later (gpointer data)
{
  if (gtk_widget_get_mapped (data))
    welcome (data);
  return G_SOURCE_REMOVE;
}

void
ui_window_open_account (UiWindow *self,
                        gint64    account_id)
{
  g_autoptr(GList) windows = gtk_window_list_toplevels ();

  for (GList *link = windows; link != NULL; link = link->next)
    if (UI_IS_ACCOUNT_PAGE (link->data) && ui_account_page_get_id (link->data) == account_id)
      {
        gtk_window_present (link->data);
        return;
      }
  gtk_window_present (GTK_WINDOW (ui_account_page_new (GTK_WINDOW (self), self->store, self->bus,
                                                       account_id)));
}

static void
show_account (GtkWidget  *widget,
              const char *action,
              GVariant   *parameter)
{
  ui_window_open_account (UI_WINDOW (widget), g_variant_get_int64 (parameter));
}

static void
restore_size (UiWindow *self)
{
  gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "window-width"),
                               g_settings_get_int (self->settings, "window-height"));
  if (g_settings_get_boolean (self->settings, "window-maximized"))
    gtk_window_maximize (GTK_WINDOW (self));
}

static gboolean
ui_window_close_request (GtkWindow *window)
{
  UiWindow *self = UI_WINDOW (window);
  int width, height;

  gtk_window_get_default_size (window, &width, &height);
  g_settings_set_int (self->settings, "window-width", width);
  g_settings_set_int (self->settings, "window-height", height);
  g_settings_set_boolean (self->settings, "window-maximized", gtk_window_is_maximized (window));
  return GTK_WINDOW_CLASS (ui_window_parent_class)->close_request (window);
}

GtkWidget *
ui_window_new (AdwApplication *application,
               ModelStore     *store,
               ModelBus       *bus,
               ModelPlaces    *places)
{
  UiWindow *self = g_object_new (UI_TYPE_WINDOW, "application", application, NULL);

  self->store = g_object_ref (store);
  self->bus = g_object_ref (bus);
  self->places = g_object_ref (places);
  self->preferences = model_settings_new (store);
  g_signal_connect_object (self->preferences, "written", G_CALLBACK (model_bus_nudge), bus,
                           G_CONNECT_SWAPPED);
  ui_reader_set_store (self->message, store, bus);
  ui_sidebar_set_places (self->sidebar, places);
  g_signal_connect_object (places, "items-changed", G_CALLBACK (on_places_loaded), self,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (places, "updated", G_CALLBACK (ui_window_show_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (bus, "state-changed", G_CALLBACK (ui_window_show_status), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (store, "news", G_CALLBACK (ui_window_count_waiting), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed",
                           G_CALLBACK (ui_window_show_status), self, G_CONNECT_SWAPPED);
  ui_window_show_status (self);
  on_places_loaded (self);
  g_signal_connect_object (places, "loaded", G_CALLBACK (welcome), self, G_CONNECT_SWAPPED);
  if (model_places_is_loaded (places))
    g_idle_add_full (G_PRIORITY_LOW, welcome_later, g_object_ref (self), g_object_unref);
  return GTK_WIDGET (self);
}

static void
ui_window_dispose (GObject *object)
{
  ui_window_forget_reading (UI_WINDOW (object));
  g_clear_weak_pointer (&UI_WINDOW (object)->toast);
  G_OBJECT_CLASS (ui_window_parent_class)->dispose (object);
}

static void
ui_window_finalize (GObject *object)
{
  UiWindow *self = UI_WINDOW (object);

  g_clear_object (&self->store);
  g_clear_object (&self->bus);
  g_clear_object (&self->places);
  g_clear_object (&self->preferences);
  g_clear_object (&self->settings);
  g_ptr_array_unref (self->undo);
  G_OBJECT_CLASS (ui_window_parent_class)->finalize (object);
}

static void
ui_window_class_init (UiWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_window_dispose;
  G_OBJECT_CLASS (class)->finalize = ui_window_finalize;
  GTK_WINDOW_CLASS (class)->close_request = ui_window_close_request;
  g_type_ensure (UI_TYPE_SIDEBAR);
  g_type_ensure (UI_TYPE_LIST_PANE);
  g_type_ensure (UI_TYPE_READER);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, UiWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, outer);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, inner);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, sidebar_width);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, list_width);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, list);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, message);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, reader_back);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, answers);
  gtk_widget_class_bind_template_child (widget_class, UiWindow, move);
  gtk_widget_class_bind_template_callback (widget_class, on_place_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_selection_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_folded);
  gtk_widget_class_bind_template_callback (widget_class, on_key_pressed);
  gtk_widget_class_install_action (widget_class, "win.back", NULL, go_back);
  gtk_widget_class_install_action (widget_class, "win.show-account", "x", show_account);
  gtk_widget_class_install_action (widget_class, "win.next-pane", "i", go_to_next_pane);
  ui_window_install_actions (widget_class);
}

static void
ui_window_init (UiWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) g_array_unref);
  ui_window_update_actions (self);
  self->settings = g_settings_new ("org.penfold.Penfold");
  restore_size (self);
  on_folded (self);
}
