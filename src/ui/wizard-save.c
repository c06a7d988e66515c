/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writes the account, hands its password to the worker, and the last page. */
#include "ui/wizard-private.h"

#include "base/hostname.h"
#include "model/accounts.h"
#include "ui/ask.h"
#include "ui/autostart.h"
#include "ui/reason.h"

#include <glib/gi18n-lib.h>

static GPtrArray *
make_pins (const UiWizardDraft *draft)
{
  GPtrArray *pins = g_ptr_array_new_with_free_func ((GDestroyNotify) store_pin_free);

  for (guint i = 0; i < DISCOVER_N_PROTOCOLS; i++)
    if (draft->servers[i].pin != NULL)
      {
        StorePin *pin = g_new0 (StorePin, 1);

        pin->host = g_strdup (draft->servers[i].server->host);
        pin->port = draft->servers[i].server->port;
        pin->fingerprint = g_strdup (draft->servers[i].pin);
        g_ptr_array_add (pins, pin);
      }
  return pins;
}

/* --- the last page --- */

static void
add_result (UiWizard   *self,
            gboolean    works,
            const char *title,
            const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *sign = ui_reason_new_sign (works ? UI_REASON_ADVANTAGE : UI_REASON_DRAWBACK);

  gtk_widget_set_valign (sign, GTK_ALIGN_CENTER);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), sign);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  gtk_list_box_append (self->finish_list, row);
}

static char *
dup_receiving (const UiWizardDraft *draft)
{
  g_autofree char *host =
    base_hostname_dup_shown (draft->servers[ui_wizard_draft_get_incoming (draft)].server->host);
  g_autofree char *days = g_strdup_printf ("%d", draft->retention.days);

  if (draft->protocol == STORE_PROTOCOL_IMAP)
    return g_strdup_printf (_("%s · kept in sync"), host);
  switch (draft->retention.leave)
    {
    case STORE_LEAVE_FOREVER: return g_strdup_printf (_("%s · collected, left on the server"), host);
    case STORE_LEAVE_REMOVE:  return g_strdup_printf (_("%s · collected and removed"), host);
    case STORE_LEAVE_DAYS:    break;
    }
  return g_strdup_printf (ngettext ("%1$s · collected, left for %2$s day",
                                    "%1$s · collected, left for %2$s days",
                                    (gulong) draft->retention.days), host, days);
}

static void
show_results (UiWizard *self)
{
  const UiWizardServer *outgoing = &self->draft->servers[DISCOVER_SMTP];
  g_autofree char *receiving = dup_receiving (self->draft);
  g_autofree char *sending = NULL;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->finish_list))) != NULL)
    gtk_list_box_remove (self->finish_list, child);
  add_result (self, TRUE, _("Receiving Works"), receiving);
  if (outgoing->tried == UI_TRIED_WORKS)
    {
      g_autofree char *host = base_hostname_dup_shown (outgoing->server->host);

      sending = g_strdup_printf (_("%s accepted the sign-in"), host);
    }
  add_result (self, outgoing->tried == UI_TRIED_WORKS,
              outgoing->tried == UI_TRIED_WORKS ? _("Sending Works") : _("Sending Does Not Work Yet"),
              sending != NULL             ? sending
              : outgoing->problem != NULL ? outgoing->problem : _("There is no server for sending."));
  gtk_label_set_text (self->finish_text,
                      _("The newest mail is fetched first. The rest follows while you read."));
  gtk_widget_set_visible (GTK_WIDGET (self->finish_error), FALSE);
  if (!ui_autostart_is_possible ())
    {
      gtk_switch_set_active (self->login_switch, FALSE);
      gtk_widget_set_sensitive (GTK_WIDGET (self->login_switch), FALSE);
      gtk_widget_set_tooltip_text (GTK_WIDGET (self->login_switch), _("Possible once Penfold is installed"));
    }
}

static void
show_finish_error (UiWizard   *self,
                   const char *text)
{
  gtk_label_set_text (self->finish_error, text);
  gtk_widget_set_visible (GTK_WIDGET (self->finish_error), TRUE);
}

/* --- the password --- */

static void keep_secret (UiWizard *self);

static void
on_place_chosen (GObject      *object,
                 GAsyncResult *result,
                 gpointer      data)
{
  g_autoptr(UiWizard) self = data;
  g_autoptr(GError) error = NULL;

  if (model_accounts_choose_finish (MODEL_STORE (object), result, &error))
    keep_secret (self);
  else
    show_finish_error (self, error->message);
}

static void
on_place_response (UiWizard   *self,
                   const char *response)
{
  AccountSecretsPlace place;

  if (account_secrets_place_parse (response, &place))
    model_accounts_choose_async (self->store, place, on_place_chosen, g_object_ref (self));
}

static void
ask_for_place (UiWizard *self)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("No Keyring Answers"),
                                              _("Penfold can keep passwords in a file instead. It is not "
                                                "encrypted: whoever "
                                                "can read your files can read it. Or it forgets them when "
                                                "you log out."));

  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Not Now"), "session",
                                    _("Forget at Logout"), "file", _("Keep in a File"), NULL);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_place_response), self, G_CONNECT_SWAPPED);
  ui_ask_present (dialog);
}

static void
on_secret_kept (GObject      *object,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr(UiWizard) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self->finish_error), FALSE);
  if (!model_bus_set_secret_finish (MODEL_BUS (object), result, &error))
    {
      text = g_strdup_printf (_("The password could not be kept: %s"), error->message);
      show_finish_error (self, text);
      if (g_error_matches (error, ACCOUNT_ERROR, ACCOUNT_ERROR_NO_SERVICE)
          || g_error_matches (error, ACCOUNT_ERROR, ACCOUNT_ERROR_LOCKED))
        ask_for_place (self);
      return;
    }
  g_clear_pointer (&self->secret, base_secret_unref);
  model_bus_nudge (MODEL_BUS (object));
}

static void
keep_secret (UiWizard *self)
{
  if (self->secret != NULL && self->bus != NULL)
    model_bus_set_secret_async (self->bus, self->uuid, "incoming", self->secret, NULL, on_secret_kept,
                                g_object_ref (self));
}

/* --- what happens at the end --- */

static void
apply_habits (UiWizard *self)
{
  gboolean at_login = gtk_switch_get_active (self->login_switch);
  g_autoptr(GError) error = NULL;

  if (self->page != UI_WIZARD_FINISH || self->settings == NULL)
    return;
  model_settings_set (self->settings, STORE_SETTING_BACKGROUND,
                      gtk_switch_get_active (self->background_switch));
  if (!ui_autostart_is_possible ())
    return;
  model_settings_set (self->settings, STORE_SETTING_START_AT_LOGIN, at_login);
  if (!ui_autostart_set (at_login, &error))
    show_finish_error (self, error->message);
}

static void
on_saved (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiWizard) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *uuid = model_accounts_add_finish (MODEL_STORE (object), result, &error);

  if (self->running == NULL)
    return;
  ui_wizard_end (self, self->running);
  if (uuid == NULL)
    {
      ui_wizard_show_error (self->page == UI_WIZARD_WHERE ? self->where_error : self->retention_error,
                            _("The account could not be saved"), error != NULL ? error->message : NULL);
      return;
    }
  g_free (self->uuid);
  self->uuid = g_steal_pointer (&uuid);
  g_clear_pointer (&self->secret, base_secret_unref);
  self->secret = base_secret_new (gtk_editable_get_text (GTK_EDITABLE (self->password_row)));
  gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
  show_results (self);
  ui_wizard_show (self, UI_WIZARD_FINISH);
  keep_secret (self);
  apply_habits (self);
}

void
ui_wizard_save_begin (UiWizard *self)
{
  model_accounts_add_async (self->store, ui_wizard_draft_make_account (self->draft), self->draft->name,
                            make_pins (self->draft), ui_wizard_begin (self), on_saved, g_object_ref (self));
}

void
ui_wizard_finish_connect (UiWizard *self)
{
  g_signal_connect_swapped (self->background_switch, "notify::active", G_CALLBACK (apply_habits), self);
  g_signal_connect_swapped (self->login_switch, "notify::active", G_CALLBACK (apply_habits), self);
}
