/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The account page: a new password, what is wrong in full, and removing the account. */
#include "ui/account-page-private.h"

#include "bus/jobs.h"
#include "model/problem.h"
#include "ui/ask.h"
#include "ui/problem-window.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- password ------------------------------------------------------------------------------------------- */

static void
show_password_text (UiAccountPage *self,
                    const char    *text,
                    const char    *style)
{
  gtk_label_set_text (self->password_text, text);
  gtk_widget_set_css_classes (GTK_WIDGET (self->password_text), (const char *[]) { style, NULL });
  gtk_widget_set_visible (GTK_WIDGET (self->password_text), TRUE);
}

static void
on_secret_kept (GObject      *object,
                GAsyncResult *result,
                gpointer      data)
{
  g_autoptr(UiAccountPage) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  if (model_bus_set_secret_finish (MODEL_BUS (object), result, &error))
    {
      gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
      show_password_text (self, _("The new password works and was kept."), "success");
      model_bus_nudge (MODEL_BUS (object));
      return;
    }
  text = g_strdup_printf (_("The password could not be kept: %s"), error->message);
  show_password_text (self, text, "error");
}

static void
keep_password (UiAccountPage *self)
{
  g_autoptr(BaseSecret) secret = base_secret_new (gtk_editable_get_text (GTK_EDITABLE (self->password_row)));

  model_bus_set_secret_async (self->bus, self->details->account->uuid, "incoming", secret, NULL,
                              on_secret_kept, g_object_ref (self));
}

static void
on_password_tried (GObject      *object,
                   GAsyncResult *result,
                   gpointer      data)
{
  g_autoptr(UiAccountPage) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = model_bus_run_finish (MODEL_BUS (object), result, &error);
  g_autoptr(GVariant) verdict = job != NULL && job->details != NULL
                                ? g_variant_lookup_value (job->details, BUS_KEY_INCOMING,
                                                          G_VARIANT_TYPE ("a{sv}")) : NULL;
  const char *text = error != NULL ? error->message : _("The background service does not answer.");
  gboolean works = FALSE;

  gtk_editable_set_editable (GTK_EDITABLE (self->password_row), TRUE);
  if (self->bus == NULL || self->details == NULL)
    return;
  if (verdict != NULL)
    {
      g_variant_lookup (verdict, BUS_KEY_OK, "b", &works);
      g_variant_lookup (verdict, BUS_KEY_TEXT, "&s", &text);
    }
  if (works)
    keep_password (self);
  else
    show_password_text (self, text, "error");
}

static GVariant *
make_check (UiAccountPage *self)
{
  static const char * const securities[] = { "tls", "starttls", "none" };
  const StoreAccount *account = self->details->account;
  GVariantDict server, arguments;

  g_variant_dict_init (&server, NULL);
  g_variant_dict_insert (&server, BUS_KEY_PROTOCOL, "s", account->protocol == STORE_PROTOCOL_IMAP
                         ? "imap" : "pop3");
  g_variant_dict_insert (&server, BUS_KEY_HOST, "s", account->incoming.host);
  g_variant_dict_insert (&server, BUS_KEY_PORT, "u", (guint32) account->incoming.port);
  g_variant_dict_insert (&server, BUS_KEY_SECURITY, "s", securities[account->incoming.security]);
  g_variant_dict_insert (&server, BUS_KEY_USER, "s", account->incoming.user);
  /* It was chosen in so many words when the account was made. */
  g_variant_dict_insert (&server, BUS_KEY_MAY_SEND_CLEAR, "b",
                         account->incoming.security == STORE_SECURITY_NONE);
  g_variant_dict_init (&arguments, NULL);
  g_variant_dict_insert_value (&arguments, BUS_KEY_INCOMING, g_variant_dict_end (&server));
  g_variant_dict_insert (&arguments, BUS_KEY_PASSWORD, "s",
                         gtk_editable_get_text (GTK_EDITABLE (self->password_row)));
  if (account->ca_file != NULL)
    g_variant_dict_insert (&arguments, BUS_KEY_CA_FILE, "s", account->ca_file);
  if (self->details->pins->len > 0)
    g_variant_dict_insert_value (&arguments, BUS_KEY_PINS,
                                 g_variant_new_strv ((const char * const *) self->details->pins->pdata,
                                                     self->details->pins->len));
  return g_variant_dict_end (&arguments);
}

void
ui_account_page_change_password (UiAccountPage *self)
{
  if (self->details == NULL || *gtk_editable_get_text (GTK_EDITABLE (self->password_row)) == '\0')
    return;
  gtk_editable_set_editable (GTK_EDITABLE (self->password_row), FALSE);
  show_password_text (self, _("Trying the new password…"), "dim-label");
  model_bus_run_async (self->bus, BUS_JOB_CHECK, make_check (self), NULL, NULL, on_password_tried,
                       g_object_ref (self));
}

/* --- what is wrong -------------------------------------------------------------------------------------- */

void
ui_account_page_show_details (UiAccountPage *self)
{
  const StoreAccountState *state = self->details->state;
  const ModelProblem *problem = model_problem_get (state->problem);
  g_autofree char *report = model_problem_dup_report (PENFOLD_VERSION, state->problem, state->problem_text,
                                                      state->server_words, state->last_ok_at);
  UiProblem words = {
    .title = problem->title, .subtitle = self->details->account->name, .meaning = problem->meaning,
    .remedy = problem->remedy,
    .text = state->problem_text, .server_words = state->server_words, .report = report,
  };

  gtk_window_present (GTK_WINDOW (ui_problem_window_new (GTK_WINDOW (self), &words)));
}

/* --- removing ------------------------------------------------------------------------------------------- */

static void
on_removed (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(UiAccountPage) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = model_bus_run_finish (MODEL_BUS (object), result, &error);
  const char *text = NULL;

  if (job != NULL && job->state == BUS_JOB_DONE)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  if (job != NULL && job->details != NULL)
    g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text);
  ui_account_page_toast (self, text != NULL    ? text
                               : error != NULL ? error->message : _("The account could not be removed."));
}

static void
remove_account (UiAccountPage *self,
                gboolean       keeps_mail)
{
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_ACCOUNT, "x", self->account_id);
  g_variant_dict_insert (&dict, BUS_KEY_KEEP_MAIL, "b", keeps_mail);
  model_bus_run_async (self->bus, BUS_JOB_REMOVE_ACCOUNT, g_variant_dict_end (&dict), NULL, NULL, on_removed,
                       g_object_ref (self));
}

static void
on_loss_response (UiAccountPage *self,
                  const char    *response)
{
  if (strcmp (response, "delete") == 0)
    remove_account (self, FALSE);
}

/* Mail that no server has is deleted only when that was said a second time, with its number. */
static void
ask_loss (UiAccountPage *self)
{
  gint64 messages = self->details->shares.only_here.messages;
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Delete the Only Copies?"), NULL);

  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  ngettext ("%d message is only on this computer. It cannot be brought back.",
                                            "%d messages are only on this computer. They cannot be brought "
                                            "back.",
                                            (gulong) messages), (int) messages);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "delete", _("Delete"),
                                    NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_loss_response), self, G_CONNECT_SWAPPED);
  ui_ask_present (dialog);
}

static void
on_removal_response (UiAccountPage *self,
                     const char    *response)
{
  if (strcmp (response, "keep") == 0)
    remove_account (self, TRUE);
  else if (strcmp (response, "delete") == 0 && self->details->shares.only_here.messages > 0)
    ask_loss (self);
  else if (strcmp (response, "delete") == 0)
    remove_account (self, FALSE);
}

void
ui_account_page_ask_removal (UiAccountPage *self)
{
  GtkWidget *dialog;
  g_autofree char *body = NULL;

  if (self->details == NULL)
    return;
  body = g_strdup_printf (_("Nothing is changed on the server. Mail that is on this computer can be kept "
                            "under “%s”."),
                          _("On This Computer"));
  dialog = adw_message_dialog_new (GTK_WINDOW (self), NULL, body);
  adw_message_dialog_format_heading (ADW_MESSAGE_DIALOG (dialog), _("Remove “%s”?"),
                                     self->details->account->name);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "delete",
                                    _("Delete Mail Here"), "keep", _("Keep Mail Here"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete",
                                              ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_removal_response), self, G_CONNECT_SWAPPED);
  ui_ask_present (dialog);
}
