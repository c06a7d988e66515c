/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/account-page-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (UiAccountPage, ui_account_page, ADW_TYPE_WINDOW)

void
ui_account_page_toast (UiAccountPage *self,
                       const char    *text)
{
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (text));
}

/* --- reading -------------------------------------------------------------------------------------------- */

static void
on_loaded (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiAccountPage) self = data;
  g_autoptr(GError) error = NULL;
  ModelAccountDetails *details = model_accounts_load_finish (MODEL_STORE (object), result, &error);
  gboolean is_first = self->details == NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  g_clear_object (&self->loading);
  if (details == NULL || details->account->removed_at != 0)
    {
      g_clear_pointer (&details, model_account_details_free);
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  g_clear_pointer (&self->details, model_account_details_free);
  self->details = details;
  if (is_first)
    ui_account_page_show_all (self);
  else
    ui_account_page_show_news (self);
}

static void
load (UiAccountPage *self)
{
  if (self->loading != NULL)
    return;
  self->loading = g_cancellable_new ();
  model_accounts_load_async (self->store, self->account_id, self->loading, on_loaded, g_object_ref (self));
}

/* --- writing -------------------------------------------------------------------------------------------- */

static void
on_saved (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiAccountPage) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (!model_accounts_save_finish (MODEL_STORE (object), result, &error))
    {
      text = g_strdup_printf (_("This could not be saved: %s"), error->message);
      ui_account_page_toast (self, text);
    }
  if (self->bus != NULL)
    model_bus_nudge (self->bus);
}

static StoreIdentity *
copy_identity (const StoreIdentity *identity)
{
  StoreIdentity *copy = store_identity_new (identity->account_id, identity->name, identity->email);

  copy->id = identity->id;
  copy->position = identity->position;
  store_account_set (&copy->reply_to, identity->reply_to);
  store_account_set (&copy->signature, identity->signature);
  return copy;
}

void
ui_account_page_save (UiAccountPage *self,
                      UiAccountSave  what)
{
  StoreAccount *account = what == UI_ACCOUNT_SAVE_ACCOUNT
                          ? store_account_copy (self->details->account) : NULL;
  StoreIdentity *identity = what == UI_ACCOUNT_SAVE_IDENTITY ? copy_identity (self->details->identity) : NULL;

  /* What is being read was read before this. */
  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  model_accounts_save_async (self->store, account, identity, on_saved, g_object_ref (self));
}

static gboolean
is_changed_by_person (UiAccountPage *self)
{
  return self->details != NULL && !self->is_filling;
}

static void
on_retention (UiAccountPage *self)
{
  UiRetention retention;

  if (!is_changed_by_person (self))
    return;
  retention = ui_retention_get (adw_combo_row_get_selected (self->retention_row),
                                gtk_spin_button_get_value_as_int (self->days));
  self->details->account->leave_on_server = retention.leave;
  self->details->account->leave_days = retention.days;
  ui_account_page_show_rules (self);
  ui_account_page_save (self, UI_ACCOUNT_SAVE_ACCOUNT);
}

static void
on_delete_switch (UiAccountPage *self)
{
  if (!is_changed_by_person (self))
    return;
  self->details->account->remove_when_deleted = gtk_switch_get_active (self->delete_switch);
  ui_account_page_save (self, UI_ACCOUNT_SAVE_ACCOUNT);
}

static void
on_offline (UiAccountPage *self)
{
  if (!is_changed_by_person (self))
    return;
  ui_account_page_set_offline (self->details->account, adw_combo_row_get_selected (self->offline_row));
  ui_account_page_save (self, UI_ACCOUNT_SAVE_ACCOUNT);
}

static void
on_sender (UiAccountPage *self)
{
  if (self->details == NULL || self->details->identity == NULL)
    return;
  store_account_set (&self->details->identity->name, gtk_editable_get_text (GTK_EDITABLE (self->sender_row)));
  ui_account_page_save (self, UI_ACCOUNT_SAVE_IDENTITY);
}

/* When the cursor leaves it: nobody wants to press a button for a signature. */
static void
keep_signature (UiAccountPage *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->signature);
  GtkTextIter start, end;
  g_autofree char *text = NULL;

  if (self->details == NULL || self->details->identity == NULL)
    return;
  gtk_text_buffer_get_bounds (buffer, &start, &end);
  text = gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
  if (strcmp (text, self->details->identity->signature) == 0)
    return;
  store_account_set (&self->details->identity->signature, text);
  ui_account_page_save (self, UI_ACCOUNT_SAVE_IDENTITY);
}

/* --- life ----------------------------------------------------------------------------------------------- */

static gboolean
ui_account_page_close_request (GtkWindow *window)
{
  keep_signature (UI_ACCOUNT_PAGE (window));
  return GTK_WINDOW_CLASS (ui_account_page_parent_class)->close_request (window);
}

static void
remove_account (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  ui_account_page_ask_removal (UI_ACCOUNT_PAGE (widget));
}

GtkWidget *
ui_account_page_new (GtkWindow  *parent,
                     ModelStore *store,
                     ModelBus   *bus,
                     gint64      account_id)
{
  UiAccountPage *self = g_object_new (UI_TYPE_ACCOUNT_PAGE, "transient-for", parent, NULL);

  self->store = g_object_ref (store);
  self->bus = g_object_ref (bus);
  self->account_id = account_id;
  g_signal_connect_object (store, "news", G_CALLBACK (load), self, G_CONNECT_SWAPPED);
  load (self);
  return GTK_WIDGET (self);
}

gint64
ui_account_page_get_id (UiAccountPage *self)
{
  return self->account_id;
}

static void
ui_account_page_dispose (GObject *object)
{
  UiAccountPage *self = UI_ACCOUNT_PAGE (object);

  g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  g_clear_object (&self->store);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ui_account_page_parent_class)->dispose (object);
}

static void
ui_account_page_finalize (GObject *object)
{
  g_clear_pointer (&UI_ACCOUNT_PAGE (object)->details, model_account_details_free);
  G_OBJECT_CLASS (ui_account_page_parent_class)->finalize (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, UiAccountPage, name)

static void
bind_children (GtkWidgetClass *widget_class)
{
  BIND (toasts);
  BIND (avatar);
  BIND (name);
  BIND (email);
  BIND (kind);
  BIND (checked);
  BIND (problem_group);
  BIND (problem_row);
  BIND (picture);
  BIND (sentence);
  BIND (both);
  BIND (only_here);
  BIND (only_server);
  BIND (retention_row);
  BIND (offline_row);
  BIND (days_row);
  BIND (delete_row);
  BIND (days);
  BIND (delete_switch);
  BIND (retention_reasons);
  BIND (sender_row);
  BIND (password_row);
  BIND (signature_label);
  BIND (signature);
  BIND (incoming_row);
  BIND (outgoing_row);
  BIND (password_text);
}

static void
ui_account_page_class_init (UiAccountPageClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_account_page_dispose;
  G_OBJECT_CLASS (class)->finalize = ui_account_page_finalize;
  GTK_WINDOW_CLASS (class)->close_request = ui_account_page_close_request;
  g_type_ensure (UI_TYPE_WHEREABOUTS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/account-page.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback_full (widget_class, "on_details",
                                                G_CALLBACK (ui_account_page_show_details));
  gtk_widget_class_bind_template_callback_full (widget_class, "on_change_password",
                                                G_CALLBACK (ui_account_page_change_password));
  gtk_widget_class_install_action (widget_class, "account.remove", NULL, remove_account);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ui_account_page_init (UiAccountPage *self)
{
  GtkEventController *focus = gtk_event_controller_focus_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  ui_account_page_make_lists (self);
  gtk_accessible_update_relation (GTK_ACCESSIBLE (self->signature), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                  self->signature_label, NULL, -1);
  gtk_widget_add_controller (GTK_WIDGET (self->signature), focus);
  g_signal_connect_swapped (focus, "leave", G_CALLBACK (keep_signature), self);
  g_signal_connect_swapped (self->retention_row, "notify::selected", G_CALLBACK (on_retention), self);
  g_signal_connect_swapped (self->days, "value-changed", G_CALLBACK (on_retention), self);
  g_signal_connect_swapped (self->delete_switch, "notify::active", G_CALLBACK (on_delete_switch), self);
  g_signal_connect_swapped (self->offline_row, "notify::selected", G_CALLBACK (on_offline), self);
  g_signal_connect_swapped (self->sender_row, "apply", G_CALLBACK (on_sender), self);
  g_signal_connect_swapped (self->password_row, "entry-activated",
                            G_CALLBACK (ui_account_page_change_password), self);
}
