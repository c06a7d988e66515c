/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pages that ask where mail is kept, and how long it stays on the server. */
#include "ui/wizard-private.h"

#include "base/hostname.h"
#include "ui/reason.h"

#include <glib/gi18n-lib.h>

/* --- in sync, or collected --- */

static void
add (GtkBox     *box,
     UiReason    reason,
     const char *title,
     const char *text)
{
  gtk_box_append (box, ui_reason_new (reason, title, text));
}

/* What people ask: the phone, the broken computer, the full mailbox, deleting, sent mail. */
static void
show_sync_reasons (GtkBox     *box,
                   const char *domain)
{
  g_autofree char *copy = g_strdup_printf (_("It stays at %s."), domain);

  add (box, UI_REASON_ADVANTAGE, _("The phone and this computer show the same mail"),
       _("Read marks, folders and sent mail are shared by all devices."));
  add (box, UI_REASON_ADVANTAGE, _("Everything can be read without a connection"),
       _("A full copy is kept here."));
  add (box, UI_REASON_ADVANTAGE, _("A copy remains if this computer breaks"), copy);
  add (box, UI_REASON_DRAWBACK, _("Deleting here deletes everywhere"),
       _("Messages stay in the trash for a while first."));
  add (box, UI_REASON_DRAWBACK, _("Mail uses space on the server"),
       _("When the mailbox is full, new mail is returned to its senders."));
}

static void
show_collect_reasons (GtkBox *box)
{
  add (box, UI_REASON_ADVANTAGE, _("Space on the server is freed by itself"),
       _("How long mail stays there is asked next."));
  add (box, UI_REASON_ADVANTAGE, _("Mail on this computer stays"),
       _("Also when it is removed from the server, there or by another device."));
  add (box, UI_REASON_DRAWBACK, _("Read marks, folders and sent mail are not shared"),
       _("The phone and webmail show only what is still on the server, as new mail."));
  add (box, UI_REASON_DRAWBACK, _("If this computer breaks, its mail is gone"),
       _("Except what is still on the server, or in a backup."));
  add (box, UI_REASON_DRAWBACK, _("Only the inbox is collected"),
       _("Mail in other folders on the server stays there."));
}

static void
show_picture (UiWizard   *self,
              const char *domain)
{
  gboolean is_sync = self->draft->protocol == STORE_PROTOCOL_IMAP;
  const char *all = "fffffffffff";
  const char *there = is_sync ? all : "gggggggggff";

  ui_whereabouts_set_rows (self->where_picture, 3);
  ui_whereabouts_set_place (self->where_picture, UI_PLACE_COMPUTER, NULL, all);
  ui_whereabouts_set_place (self->where_picture, UI_PLACE_SERVER, domain, there);
  ui_whereabouts_set_place (self->where_picture, UI_PLACE_DEVICES, _("phone, tablet, web"), there);
  ui_whereabouts_set_flows (self->where_picture, is_sync ? UI_FLOW_BOTH_WAYS : UI_FLOW_TO_COMPUTER,
                            is_sync ? UI_FLOW_BOTH_WAYS : UI_FLOW_TO_DEVICES);
  ui_whereabouts_set_sentence (self->where_picture,
                               is_sync ? _("The server and this computer hold the same mail, and every "
                                           "device shows it.")
                                       : _("This computer holds all mail. The server and other devices have "
                                           "the newest."));
}

static void
show_choice (UiWizard *self)
{
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);

  ui_reason_clear (self->where_reasons);
  ui_wizard_show_error (self->where_error, NULL, NULL);
  show_picture (self, domain);
  if (self->draft->protocol == STORE_PROTOCOL_IMAP)
    show_sync_reasons (self->where_reasons, domain);
  else
    show_collect_reasons (self->where_reasons);
}

/* Why it cannot be chosen stands in the place of the subtitle. */
static gboolean
show_offer (UiWizard         *self,
            AdwActionRow     *row,
            DiscoverProtocol  protocol,
            const char       *subtitle)
{
  const UiWizardServer *slot = &self->draft->servers[protocol];
  gboolean is_there = slot->server != NULL;

  adw_action_row_set_subtitle (row, !is_there && self->draft->is_manual ? _("No server was entered for this")
                                    : !is_there
                                    ? _("The provider names no server for this")
                                    : slot->tried == UI_TRIED_FAILS ? slot->problem : subtitle);
  gtk_widget_set_sensitive (GTK_WIDGET (row), is_there);
  return is_there && slot->tried != UI_TRIED_FAILS;
}

void
ui_wizard_where_prepare (UiWizard *self)
{
  gboolean has_imap = show_offer (self, self->imap_row, DISCOVER_IMAP,
                                  _("On the server, with a full copy on this computer"));

  show_offer (self, self->pop_row, DISCOVER_POP3, _("The server only passes it on"));
  gtk_widget_set_visible (self->imap_recommended, has_imap);
  gtk_widget_set_visible (self->pop_recommended, !has_imap);
  gtk_check_button_set_active (self->draft->protocol == STORE_PROTOCOL_IMAP
                               ? self->imap_check : self->pop_check, TRUE);
  show_choice (self);
}

void
ui_wizard_where_select (UiWizard *self)
{
  StoreProtocol protocol = gtk_check_button_get_active (self->imap_check)
                           ? STORE_PROTOCOL_IMAP : STORE_PROTOCOL_POP3;

  if (self->page != UI_WIZARD_WHERE || protocol == self->draft->protocol)
    return;
  self->draft->protocol = protocol;
  show_choice (self);
  ui_wizard_update (self);
}

/* --- how long --- */

static void
on_retention (UiWizard *self)
{
  guint selected = adw_combo_row_get_selected (self->retention_row);
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);

  self->draft->retention = ui_retention_get (selected, gtk_spin_button_get_value_as_int (self->days));
  gtk_widget_set_visible (GTK_WIDGET (self->days_row), selected == ui_retention_get_custom ());
  ui_retention_show_reasons (&self->draft->retention, self->retention_reasons);
  ui_retention_show_picture (&self->draft->retention, self->retention_picture, domain);
}

static void
on_delete_switch (UiWizard *self)
{
  self->draft->remove_when_deleted = gtk_switch_get_active (self->delete_switch);
}

void
ui_wizard_retention_prepare (UiWizard *self)
{
  adw_combo_row_set_selected (self->retention_row, ui_retention_find (&self->draft->retention));
  gtk_switch_set_active (self->delete_switch, self->draft->remove_when_deleted);
  on_retention (self);
}

void
ui_wizard_keep_connect (UiWizard *self)
{
  g_autoptr(GListModel) model = ui_retention_new_model ();

  adw_combo_row_set_model (self->retention_row, model);
  g_signal_connect_swapped (self->retention_row, "notify::selected", G_CALLBACK (on_retention), self);
  g_signal_connect_swapped (self->days, "value-changed", G_CALLBACK (on_retention), self);
  g_signal_connect_swapped (self->delete_switch, "notify::active", G_CALLBACK (on_delete_switch), self);
}
