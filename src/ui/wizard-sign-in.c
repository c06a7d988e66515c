/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page that says where the password goes, and tries it. */
#include "ui/wizard-private.h"

#include "base/hostname.h"
#include "bus/jobs.h"
#include "model/when.h"
#include "ui/ask.h"
#include "ui/reason.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static UiWizardServer *
get_incoming (UiWizard *self)
{
  return &self->draft->servers[ui_wizard_draft_get_incoming (self->draft)];
}

gboolean
ui_wizard_sign_in_can (UiWizard *self)
{
  return *gtk_editable_get_text (GTK_EDITABLE (self->password_row)) != '\0'
         && *gtk_editable_get_text (GTK_EDITABLE (self->user_row)) != '\0'
         && (ui_wizard_draft_get_consent (self->draft) == UI_CONSENT_NONE
             || gtk_check_button_get_active (self->consent_check));
}

gboolean
ui_wizard_sign_in_can_skip (UiWizard *self)
{
  return get_incoming (self)->tried == UI_TRIED_WORKS
         && self->draft->servers[DISCOVER_SMTP].tried == UI_TRIED_FAILS;
}

/* --- where the password goes --- */

static void
show_lock (GtkImage *lock,
           gboolean  is_safe)
{
  gtk_image_set_from_icon_name (lock, is_safe ? "channel-secure-symbolic" : "channel-insecure-symbolic");
  gtk_widget_set_css_classes (GTK_WIDGET (lock), (const char *[]) { is_safe ? "success" : "warning", NULL });
}

static void
show_server (UiWizard             *self,
             AdwActionRow         *row,
             GtkImage             *lock,
             const DiscoverServer *server,
             const char           *encrypted,
             const char           *clear)
{
  gboolean is_clear = server != NULL && server->security == DISCOVER_PLAIN;
  g_autofree char *markup = NULL;

  gtk_widget_set_visible (GTK_WIDGET (row), server != NULL);
  if (server == NULL)
    return;
  markup = ui_wizard_dup_host_markup (server->host, self->draft->domain);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), markup);
  adw_action_row_set_subtitle (row, is_clear ? clear : encrypted);
  show_lock (lock, !is_clear);
}

static void
show_source (UiWizard *self)
{
  const DiscoverServer *server = get_incoming (self)->server;
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);
  g_autofree char *text = NULL;

  if (self->draft->is_manual || server == NULL)
    text = g_strdup (_("The settings were entered here."));
  else
    switch (server->source)
      {
      case DISCOVER_BY_PROVIDER:
        text = g_strdup_printf (_("The settings came from %s over a secure connection."), domain);
        break;
      case DISCOVER_BY_DATABASE:
        text = g_strdup (_("The settings came from the Thunderbird settings database over a secure "
                           "connection."));
        break;
      case DISCOVER_BY_DNS:
        text = g_strdup_printf (_("The settings came from the DNS of %s, not over a secure connection."),
                                domain);
        break;
      case DISCOVER_BY_GUESS:
        text = g_strdup (_("The servers were found under usual names, and their certificates are valid."));
        break;
      }
  gtk_label_set_text (self->sign_in_source, text);
}

static void
show_consent (UiWizard *self)
{
  UiConsent consent = ui_wizard_draft_get_consent (self->draft);
  const DiscoverServer *server = get_incoming (self)->server;
  g_autofree char *host = server != NULL ? base_hostname_dup_shown (server->host) : g_strdup ("");
  g_autofree char *title = NULL;

  gtk_widget_set_visible (self->consent_group, consent != UI_CONSENT_NONE);
  gtk_check_button_set_active (self->consent_check, FALSE);
  if (consent == UI_CONSENT_CLEAR)
    {
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->consent_row),
                                     _("Send the Password Without Encryption"));
      adw_action_row_set_subtitle (self->consent_row,
                                   _("Anybody on the way to the server can read it, and all mail."));
    }
  else if (consent == UI_CONSENT_UNTRUSTED)
    {
      title = g_markup_printf_escaped (_("Send the Password to <b>%s</b>"), host);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->consent_row), title);
      adw_action_row_set_subtitle (self->consent_row,
                                   _("These settings did not come over a secure connection."));
    }
}

static void
show_problem (UiWizard   *self,
              const char *title,
              const char *words)
{
  g_autofree char *said = words != NULL ? g_strdup_printf (_("The server says: %s"), words) : NULL;

  ui_wizard_show_error (self->sign_in_error, title, said);
}

static void
mark (GtkWidget *widget,
      gboolean   is_wrong)
{
  if (is_wrong)
    gtk_widget_add_css_class (widget, "error");
  else
    gtk_widget_remove_css_class (widget, "error");
}

static void
clear_problem (UiWizard *self)
{
  show_problem (self, NULL, NULL);
  ui_wizard_show_error (self->where_error, NULL, NULL);
  gtk_widget_set_visible (self->certificate_group, FALSE);
  mark (GTK_WIDGET (self->user_row), FALSE);
  mark (GTK_WIDGET (self->password_row), FALSE);
  mark (GTK_WIDGET (self->incoming_row), FALSE);
  mark (GTK_WIDGET (self->outgoing_row), FALSE);
}

static void
show_servers (UiWizard *self)
{
  show_server (self, self->incoming_row, self->incoming_lock, get_incoming (self)->server,
               _("Receiving · encrypted connection"), _("Receiving · not encrypted"));
  show_server (self, self->outgoing_row, self->outgoing_lock, self->draft->servers[DISCOVER_SMTP].server,
               _("Sending · encrypted connection"), _("Sending · not encrypted"));
}

void
ui_wizard_sign_in_prepare (UiWizard *self)
{
  const DiscoverServer *server = get_incoming (self)->server;
  gboolean has_user = server != NULL && server->user != NULL && *server->user != '\0';
  const char *user = has_user ? server->user : self->draft->email;
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);
  g_autofree char *title = g_strdup_printf (_("Sign In to %s"), domain);

  gtk_label_set_text (self->sign_in_title, title);
  gtk_label_set_text (self->sign_in_text, ui_wizard_draft_has (self->draft, DISCOVER_SMTP)
                      ? _("The password goes to these two servers and nowhere else.")
                      : _("The password goes to this server and nowhere else."));
  show_servers (self);
  gtk_editable_set_text (GTK_EDITABLE (self->user_row), user);
  show_source (self);
  show_consent (self);
  clear_problem (self);
}

/* --- what the servers said --- */

static void
show_certificate (UiWizard         *self,
                  DiscoverProtocol  protocol,
                  GVariant         *verdict)
{
  const char *subject = "", *issuer = "";
  gint64 expires = 0;
  g_autofree char *date = NULL;

  g_clear_pointer (&self->fingerprint, g_free);
  if (!g_variant_lookup (verdict, BUS_KEY_FINGERPRINT, "s", &self->fingerprint))
    return;
  g_variant_lookup (verdict, BUS_KEY_SUBJECT, "&s", &subject);
  g_variant_lookup (verdict, BUS_KEY_ISSUER, "&s", &issuer);
  g_variant_lookup (verdict, BUS_KEY_EXPIRES, "x", &expires);
  date = model_when_dup_long (expires);
  adw_action_row_set_subtitle (self->subject_row, subject);
  adw_action_row_set_subtitle (self->issuer_row, issuer);
  adw_action_row_set_subtitle (self->expires_row, date);
  adw_action_row_set_subtitle (self->fingerprint_row, self->fingerprint);
  self->refused = protocol;
  show_lock (protocol == DISCOVER_SMTP ? self->outgoing_lock : self->incoming_lock, FALSE);
  gtk_widget_set_visible (self->certificate_group, TRUE);
}

static void
point_at (UiWizard         *self,
          DiscoverProtocol  protocol,
          const char       *field)
{
  GtkWidget *row = protocol == DISCOVER_SMTP
                   ? GTK_WIDGET (self->outgoing_row) : GTK_WIDGET (self->incoming_row);

  if (g_strcmp0 (field, "password") == 0)
    {
      mark (GTK_WIDGET (self->password_row), TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (self->password_row));
    }
  else if (field != NULL && *field != '\0')
    mark (row, TRUE);
}

/* TRUE when it works. */
static gboolean
take_verdict (UiWizard         *self,
              DiscoverProtocol  protocol,
              GVariant         *verdict)
{
  UiWizardServer *slot = &self->draft->servers[protocol];
  const char *text = "", *words = NULL, *field = NULL;
  gboolean ok = FALSE;

  g_variant_lookup (verdict, BUS_KEY_OK, "b", &ok);
  g_variant_lookup (verdict, BUS_KEY_TEXT, "&s", &text);
  g_variant_lookup (verdict, BUS_KEY_WORDS, "&s", &words);
  g_variant_lookup (verdict, BUS_KEY_FIELD, "&s", &field);
  g_clear_pointer (&slot->problem, g_free);
  slot->tried = ok ? UI_TRIED_WORKS : UI_TRIED_FAILS;
  if (ok)
    return TRUE;
  slot->problem = g_strdup (text);
  if (self->page == UI_WIZARD_WHERE)
    {
      ui_wizard_show_error (self->where_error, text, words);
      return FALSE;
    }
  show_problem (self, text, words);
  show_certificate (self, protocol, verdict);
  point_at (self, protocol, field);
  return FALSE;
}

/* Whether IMAP fails for a reason that POP may not have. */
static gboolean
should_try_pop (UiWizard *self,
                GVariant *verdict)
{
  static const char * const reasons[] = {
    "no-host", "refused", "unreachable", "timeout", "closed", "no-tls", "wrong-protocol", "switched-off", NULL
  };
  const char *cause = NULL;

  return self->page == UI_WIZARD_SIGN_IN && self->draft->protocol == STORE_PROTOCOL_IMAP
         && ui_wizard_draft_has (self->draft, DISCOVER_POP3)
         && self->draft->servers[DISCOVER_POP3].tried == UI_TRIED_NOT_YET
         && g_variant_lookup (verdict, BUS_KEY_CAUSE, "&s", &cause) && g_strv_contains (reasons, cause);
}

static void
take_verdicts (UiWizard *self,
               BusJob   *job)
{
  g_autoptr(GVariant) incoming = g_variant_lookup_value (job->details, BUS_KEY_INCOMING,
                                                         G_VARIANT_TYPE ("a{sv}"));
  g_autoptr(GVariant) outgoing = g_variant_lookup_value (job->details, BUS_KEY_OUTGOING,
                                                         G_VARIANT_TYPE ("a{sv}"));
  gboolean receives = incoming != NULL
                      && take_verdict (self, ui_wizard_draft_get_incoming (self->draft), incoming);

  if (incoming != NULL && !receives && should_try_pop (self, incoming))
    {
      self->draft->protocol = STORE_PROTOCOL_POP3;
      ui_wizard_sign_in_prepare (self);
      show_problem (self, _("IMAP does not work here. Receiving by POP may."),
                    self->draft->servers[DISCOVER_IMAP].problem);
      ui_wizard_update (self);
      return;
    }
  if (receives && outgoing != NULL)
    receives = take_verdict (self, DISCOVER_SMTP, outgoing) || self->page == UI_WIZARD_WHERE;
  ui_wizard_update (self);
  if (!receives)
    return;
  if (self->page == UI_WIZARD_WHERE && self->draft->protocol == STORE_PROTOCOL_IMAP)
    ui_wizard_save_begin (self);
  else
    ui_wizard_move (self, UI_WIZARD_GO_ON);
}

static void
on_checked (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(UiWizard) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = model_bus_run_finish (MODEL_BUS (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || (job != NULL && job->state == BUS_JOB_CANCELLED) || self->running == NULL)
    return;
  ui_wizard_end (self, self->running);
  if (job != NULL && job->state == BUS_JOB_DONE)
    take_verdicts (self, job);
  else if (self->page == UI_WIZARD_WHERE)
    ui_wizard_show_error (self->where_error, _("The sign-in could not be tried"),
                          ui_wizard_peek_text (job, error));
  else
    ui_wizard_show_error (self->sign_in_error, _("The sign-in could not be tried"),
                          ui_wizard_peek_text (job, error));
}

static void
set_user (UiWizard         *self,
          DiscoverProtocol  protocol,
          const char       *before,
          const char       *user)
{
  DiscoverServer *server = self->draft->servers[protocol].server;

  if (server == NULL || g_strcmp0 (server->user, before) != 0)
    return;
  g_free (server->user);
  server->user = g_strdup (user);
}

/* The name that was typed counts for every server that had the same one. */
static void
take_user (UiWizard *self)
{
  const char *typed = gtk_editable_get_text (GTK_EDITABLE (self->user_row));
  const DiscoverServer *server = get_incoming (self)->server;
  g_autofree char *before = g_strdup (server != NULL ? server->user : NULL);

  for (guint i = 0; i < DISCOVER_N_PROTOCOLS; i++)
    set_user (self, (DiscoverProtocol) i, before, typed);
}

void
ui_wizard_sign_in_begin (UiWizard *self)
{
  GVariant *arguments;

  if (self->page == UI_WIZARD_SIGN_IN)
    take_user (self);
  self->draft->may_send_clear = ui_wizard_draft_get_consent (self->draft) == UI_CONSENT_CLEAR
                                && gtk_check_button_get_active (self->consent_check);
  clear_problem (self);
  show_servers (self);
  arguments = ui_wizard_draft_make_check (self->draft,
                                          gtk_editable_get_text (GTK_EDITABLE (self->password_row)));
  model_bus_run_async (self->bus, BUS_JOB_CHECK, arguments, NULL, ui_wizard_begin (self), on_checked,
                       g_object_ref (self));
}

/* --- a certificate that nobody vouches for --- */

static void
on_pin_response (UiWizard   *self,
                 const char *response)
{
  UiWizardServer *slot = &self->draft->servers[self->refused];

  if (strcmp (response, "use") != 0 || self->fingerprint == NULL)
    return;
  g_free (slot->pin);
  slot->pin = g_strdup (self->fingerprint);
  ui_wizard_sign_in_begin (self);
}

void
ui_wizard_use_anyway (UiWizard *self)
{
  const DiscoverServer *server = self->draft->servers[self->refused].server;
  GtkWidget *dialog;

  if (server == NULL || self->fingerprint == NULL)
    return;
  dialog = adw_message_dialog_new (GTK_WINDOW (self), _("Believe This Certificate?"), NULL);
  adw_message_dialog_format_body (ADW_MESSAGE_DIALOG (dialog),
                                  _("Nobody vouches that this is %s. Compare the fingerprint with what the "
                                    "provider "
                                    "says:\n\n%s"),
                                  server->host, self->fingerprint);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "cancel", _("Cancel"), "use",
                                    _("Use It Anyway"), NULL);
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "use", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_pin_response), self, G_CONNECT_SWAPPED);
  ui_ask_present (dialog);
}

void
ui_wizard_sign_in_connect (UiWizard *self)
{
  g_signal_connect_swapped (self->password_row, "changed", G_CALLBACK (ui_wizard_update), self);
  g_signal_connect_swapped (self->user_row, "changed", G_CALLBACK (ui_wizard_update), self);
  g_signal_connect_swapped (self->consent_check, "toggled", G_CALLBACK (ui_wizard_update), self);
}
