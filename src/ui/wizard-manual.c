/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page where the servers are typed in. */
#include "ui/wizard-private.h"

#include "bus/jobs.h"

#include <glib/gi18n-lib.h>

static DiscoverProtocol
get_protocol (UiWizard *self)
{
  return adw_combo_row_get_selected (self->protocol_row) == 0 ? DISCOVER_IMAP : DISCOVER_POP3;
}

static void
show_usual_port (UiWizardFields   *fields,
                 DiscoverProtocol  protocol)
{
  g_autofree char *shown = g_strdup_printf ("%u", fields->shown_port);
  guint port = discover_get_port (protocol, (DiscoverSecurity) adw_combo_row_get_selected (fields->security));
  g_autofree char *text = g_strdup_printf ("%u", port);
  const char *present = gtk_editable_get_text (GTK_EDITABLE (fields->port));

  if (*present != '\0' && g_strcmp0 (present, shown) != 0)
    return;
  fields->shown_port = port;
  gtk_editable_set_text (GTK_EDITABLE (fields->port), text);
}

static void
on_choice (UiWizard *self)
{
  show_usual_port (&self->incoming, get_protocol (self));
  show_usual_port (&self->outgoing, DISCOVER_SMTP);
}

static void
fill_in (UiWizard         *self,
         UiWizardFields   *fields,
         DiscoverProtocol  protocol)
{
  const DiscoverServer *server = self->draft->servers[protocol].server;
  g_autofree char *port = server != NULL ? g_strdup_printf ("%u", server->port) : NULL;

  gtk_editable_set_text (GTK_EDITABLE (fields->host), server != NULL ? server->host : "");
  gtk_editable_set_text (GTK_EDITABLE (fields->user), server != NULL && server->user != NULL ? server->user
                                                                                              : self->draft->email);
  adw_combo_row_set_selected (fields->security, server != NULL ? (guint) server->security : DISCOVER_TLS);
  gtk_editable_set_text (GTK_EDITABLE (fields->port), port != NULL ? port : "");
}

void
ui_wizard_manual_prepare (UiWizard *self)
{
  adw_combo_row_set_selected (self->protocol_row, self->draft->protocol == STORE_PROTOCOL_IMAP ? 0 : 1);
  fill_in (self, &self->incoming, ui_wizard_draft_get_incoming (self->draft));
  fill_in (self, &self->outgoing, DISCOVER_SMTP);
  on_choice (self);
  gtk_widget_set_visible (GTK_WIDGET (self->manual_error), FALSE);
}

static void
set_wrong (AdwEntryRow *row,
           gboolean     is_wrong)
{
  if (is_wrong)
    gtk_widget_add_css_class (GTK_WIDGET (row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (row), "error");
}

/* NULL with why, and the field marked, when it is no server. */
static DiscoverServer *
read_fields (UiWizardFields   *fields,
             DiscoverProtocol  protocol,
             const char      **why)
{
  g_autofree char *typed = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (fields->host))));
  g_autofree char *host = discover_host_normalize (typed);
  const char *port_text = gtk_editable_get_text (GTK_EDITABLE (fields->port));
  guint64 port = 0;
  gboolean has_port = base_slice_parse_uint (base_slice_from_string (port_text), G_MAXUINT16, &port)
                      && port > 0;
  DiscoverServer *server;

  set_wrong (fields->host, host == NULL);
  set_wrong (fields->port, !has_port);
  if (host == NULL || !has_port)
    {
      *why = host == NULL
             ? _("A server has a name like mail.example.org.") : _("A port is a number from 1 to 65535.");
      gtk_widget_grab_focus (GTK_WIDGET (host == NULL ? fields->host : fields->port));
      return NULL;
    }
  server = discover_server_new (protocol);
  server->host = g_steal_pointer (&host);
  server->port = (guint16) port;
  server->security = (DiscoverSecurity) adw_combo_row_get_selected (fields->security);
  server->user = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (fields->user))));
  server->source = DISCOVER_BY_GUESS;
  return server;
}

gboolean
ui_wizard_manual_take (UiWizard *self)
{
  const char *why = NULL;
  /* An account may only receive. */
  gboolean sends = *gtk_editable_get_text (GTK_EDITABLE (self->outgoing.host)) != '\0';
  g_autoptr(DiscoverServer) outgoing = sends ? read_fields (&self->outgoing, DISCOVER_SMTP, &why) : NULL;
  g_autoptr(DiscoverServer) incoming = read_fields (&self->incoming, get_protocol (self), &why);

  gtk_widget_set_visible (GTK_WIDGET (self->manual_error), why != NULL);
  if (why != NULL)
    {
      gtk_label_set_text (self->manual_error, why);
      return FALSE;
    }
  self->draft->is_manual = TRUE;
  self->draft->protocol = get_protocol (self) == DISCOVER_IMAP ? STORE_PROTOCOL_IMAP : STORE_PROTOCOL_POP3;
  ui_wizard_draft_take_server (self->draft, get_protocol (self), g_steal_pointer (&incoming));
  ui_wizard_draft_take_server (self->draft, DISCOVER_SMTP, g_steal_pointer (&outgoing));
  return TRUE;
}

static void
set_model (AdwComboRow        *row,
           const char * const *titles)
{
  g_autoptr(GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; titles[i] != NULL; i++)
    gtk_string_list_append (list, _(titles[i]));
  adw_combo_row_set_model (row, G_LIST_MODEL (list));
}

void
ui_wizard_manual_connect (UiWizard *self)
{
  /* In the order of DiscoverSecurity. */
  static const char * const securities[] = {
    N_("From the Start (TLS)"), N_("After Connecting (STARTTLS)"), N_("None"), NULL,
  };
  static const char * const kinds[] = { N_("Keep in Sync (IMAP)"), N_("Collect (POP)"), NULL };

  set_model (self->protocol_row, kinds);
  set_model (self->incoming.security, securities);
  set_model (self->outgoing.security, securities);
  g_signal_connect_swapped (self->protocol_row, "notify::selected", G_CALLBACK (on_choice), self);
  g_signal_connect_swapped (self->incoming.security, "notify::selected", G_CALLBACK (on_choice), self);
  g_signal_connect_swapped (self->outgoing.security, "notify::selected", G_CALLBACK (on_choice), self);
}
