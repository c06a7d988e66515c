/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The account page: what the store says, in words, numbers and the picture. */
#include "ui/account-page-private.h"

#include "base/clock.h"
#include "base/hostname.h"
#include "model/problem.h"
#include "model/when.h"

#include <glib/gi18n-lib.h>

#define CELLS 15

/* --- state ---------------------------------------------------------------------------------------------- */

static char *
dup_kind (const StoreAccount *account)
{
  if (account->protocol == STORE_PROTOCOL_IMAP)
    return g_strdup (_("Keep in sync"));
  switch (account->leave_on_server)
    {
    case STORE_LEAVE_FOREVER: return g_strdup (_("Collect, leave on the server"));
    case STORE_LEAVE_REMOVE:  return g_strdup (_("Collect and remove"));
    case STORE_LEAVE_DAYS:    break;
    }
  return g_strdup_printf (ngettext ("Collect, leave %d day", "Collect, leave %d days",
                                    (gulong) account->leave_days),
                          account->leave_days);
}

static char *
dup_checked (const StoreAccountState *state)
{
  gint64 minutes = (base_clock_now () - state->last_ok_at) / 60;
  g_autofree char *when = NULL;

  if (state->last_ok_at == 0)
    return g_strdup (_("Not checked yet"));
  if (minutes < 1)
    return g_strdup (_("Checked just now"));
  if (minutes < 60)
    return g_strdup_printf (ngettext ("Checked %d minute ago", "Checked %d minutes ago", (gulong) minutes),
                            (int) minutes);
  when = model_when_dup_long (state->last_ok_at);
  return g_strdup_printf (_("Checked %s"), when);
}

static void
show_problem (UiAccountPage *self)
{
  const StoreAccountState *state = self->details->state;

  gtk_widget_set_visible (self->problem_group, state->problem != NULL);
  if (state->problem == NULL)
    return;
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->problem_row),
                                 model_problem_get (state->problem)->title);
  adw_action_row_set_subtitle (self->problem_row, state->problem_text);
}

/* --- where mail is -------------------------------------------------------------------------------------- */

static void
show_share (GtkLabel         *label,
            const StoreShare *share)
{
  g_autofree char *size = model_size_dup (share->bytes);
  g_autofree char *text = g_strdup_printf (ngettext ("%1$d message · %2$s", "%1$d messages · %2$s",
                                                     (gulong) share->messages), (int) share->messages, size);

  gtk_label_set_text (label, text);
}

static char *
dup_message_count (gint64 messages)
{
  return g_strdup_printf (ngettext ("%d message", "%d messages", (gulong) messages), (int) messages);
}

/* Cells from from to until are have, the others lack. */
static void
fill_cells (char   *cells,
            guint   from,
            guint   until,
            char    have)
{
  for (guint i = from; i < until; i++)
    cells[i] = have;
}

/* A share of the mailbox for each cell, oldest first; any amount is at least one cell. */
static guint
count_cells (gint64 part,
             gint64 all)
{
  return part == 0 || all == 0 ? 0 : (guint) CLAMP ((part * CELLS + all - 1) / all, 1, CELLS);
}

static void
show_picture (UiAccountPage *self)
{
  const StoreShares *shares = &self->details->shares;
  const StoreAccount *account = self->details->account;
  gboolean is_sync = account->protocol == STORE_PROTOCOL_IMAP;
  gint64 all = shares->both.messages + shares->only_here.messages + shares->only_server.messages;
  guint n_here = count_cells (shares->only_here.messages, all);
  guint n_there = MIN (count_cells (shares->only_server.messages, all), CELLS - n_here);
  char here[CELLS + 1] = "", there[CELLS + 1] = "";
  g_autofree char *host = base_hostname_dup_shown (account->incoming.host);
  g_autofree char *here_count = dup_message_count (all - shares->only_server.messages);
  g_autofree char *there_count = dup_message_count (all - shares->only_here.messages);

  if (all > 0)
    {
      fill_cells (here, 0, CELLS - n_there, 'f');
      fill_cells (here, CELLS - n_there, CELLS, 'g');
      fill_cells (there, 0, n_here, 'g');
      fill_cells (there, n_here, CELLS, 'f');
    }
  ui_whereabouts_set_rows (self->picture, 3);
  ui_whereabouts_set_place (self->picture, UI_PLACE_COMPUTER, here_count, here);
  ui_whereabouts_set_place (self->picture, UI_PLACE_SERVER, host, there);
  ui_whereabouts_set_place (self->picture, UI_PLACE_DEVICES, there_count, there);
  ui_whereabouts_set_flows (self->picture, is_sync ? UI_FLOW_BOTH_WAYS : UI_FLOW_TO_COMPUTER,
                            is_sync ? UI_FLOW_BOTH_WAYS : UI_FLOW_TO_DEVICES);
}

static void
show_sentence (UiAccountPage *self)
{
  const StoreShares *shares = &self->details->shares;
  gint64 there = shares->both.messages + shares->only_server.messages;
  g_autofree char *text = NULL;

  if (shares->only_server.messages == 0)
    text = g_strdup_printf (ngettext ("Today %d message is on the server; it is here as well.",
                                      "Today %d messages are on the server; all of them are here as well.",
                                      (gulong) there),
                            (int) there);
  else
    text = g_strdup_printf (ngettext ("Today %1$d message is on the server; %2$d is not here.",
                                      "Today %1$d messages are on the server; all but %2$d of them are here "
                                      "as well.",
                                      (gulong) there), (int) there, (int) shares->only_server.messages);
  gtk_label_set_text (self->sentence, text);
  ui_whereabouts_set_sentence (self->picture, text);
}

void
ui_account_page_show_news (UiAccountPage *self)
{
  const StoreShares *shares = &self->details->shares;
  g_autofree char *kind = dup_kind (self->details->account);
  g_autofree char *checked = dup_checked (self->details->state);

  gtk_label_set_text (self->kind, kind);
  gtk_label_set_text (self->checked, checked);
  show_problem (self);
  show_share (self->both, &shares->both);
  show_share (self->only_here, &shares->only_here);
  show_share (self->only_server, &shares->only_server);
  show_picture (self);
  show_sentence (self);
}

/* --- the fields ----------------------------------------------------------------------------------------- */

static const struct {
  StoreOffline  offline;
  gint          days;
  const char   *title;
} offline_choices[] = {
  { STORE_OFFLINE_ALL, 0, N_("Everything") },
  { STORE_OFFLINE_DAYS, 90, N_("The Last 3 Months") },
  { STORE_OFFLINE_OPEN, 0, N_("What Was Opened") },
  { STORE_OFFLINE_HEADERS, 0, N_("Only Senders and Subjects") },
};

void
ui_account_page_set_offline (StoreAccount *account,
                             guint         selected)
{
  guint index = MIN (selected, G_N_ELEMENTS (offline_choices) - 1);

  account->offline = offline_choices[index].offline;
  if (account->offline == STORE_OFFLINE_DAYS)
    account->offline_days = offline_choices[index].days;
}

static guint
find_offline (const StoreAccount *account)
{
  for (guint i = 0; i < G_N_ELEMENTS (offline_choices); i++)
    if (offline_choices[i].offline == account->offline)
      return i;
  return 0;
}

void
ui_account_page_make_lists (UiAccountPage *self)
{
  g_autoptr(GListModel) retention = ui_retention_new_model ();
  g_autoptr(GtkStringList) offline = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (offline_choices); i++)
    gtk_string_list_append (offline, _(offline_choices[i].title));
  adw_combo_row_set_model (self->retention_row, retention);
  adw_combo_row_set_model (self->offline_row, G_LIST_MODEL (offline));
}

void
ui_account_page_show_rules (UiAccountPage *self)
{
  const StoreAccount *account = self->details->account;
  gboolean collects = account->protocol == STORE_PROTOCOL_POP3;
  UiRetention retention = { account->leave_on_server, account->leave_days };
  g_autofree char *kind = dup_kind (account);

  gtk_widget_set_visible (GTK_WIDGET (self->retention_row), collects);
  gtk_widget_set_visible (GTK_WIDGET (self->delete_row), collects);
  gtk_widget_set_visible (GTK_WIDGET (self->retention_reasons), collects);
  gtk_widget_set_visible (GTK_WIDGET (self->offline_row), !collects);
  gtk_widget_set_visible (GTK_WIDGET (self->days_row),
                          collects
                          && adw_combo_row_get_selected (self->retention_row) == ui_retention_get_custom ());
  gtk_label_set_text (self->kind, kind);
  if (collects)
    ui_retention_show_reasons (&retention, self->retention_reasons);
}

static void
show_server (AdwActionRow      *row,
             const StoreServer *server)
{
  static const char * const securities[] = {
    N_("encrypted connection"), N_("encrypted after connecting"), N_("not encrypted"),
  };
  g_autofree char *host = base_hostname_dup_shown (server->host);
  g_autoptr(GString) text = g_string_new (*server->host == '\0' ? _("There is none") : NULL);

  if (*server->host != '\0')
    g_string_printf (text, "%s · %u · %s", host, server->port, _(securities[server->security]));
  if (*server->user != '\0')
    g_string_append_printf (text, " · %s", server->user);
  adw_action_row_set_subtitle (row, text->str);
}

void
ui_account_page_show_all (UiAccountPage *self)
{
  const StoreAccount *account = self->details->account;
  const StoreIdentity *identity = self->details->identity;
  UiRetention retention = { account->leave_on_server, account->leave_days };

  self->is_filling = TRUE;
  gtk_window_set_title (GTK_WINDOW (self), account->name);
  adw_avatar_set_text (self->avatar, account->name);
  gtk_label_set_text (self->name, account->name);
  gtk_label_set_text (self->email, account->email);
  gtk_widget_set_visible (GTK_WIDGET (self->email), g_strcmp0 (account->name, account->email) != 0);
  if (retention.leave == STORE_LEAVE_DAYS)
    gtk_spin_button_set_value (self->days, account->leave_days);
  adw_combo_row_set_selected (self->retention_row, ui_retention_find (&retention));
  gtk_switch_set_active (self->delete_switch, account->remove_when_deleted);
  adw_combo_row_set_selected (self->offline_row, find_offline (account));
  gtk_editable_set_text (GTK_EDITABLE (self->sender_row), identity != NULL ? identity->name : "");
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->signature), identity != NULL
                            ? identity->signature : "", -1);
  show_server (self->incoming_row, &account->incoming);
  show_server (self->outgoing_row, &account->outgoing);
  ui_account_page_show_news (self);
  ui_account_page_show_rules (self);
  self->is_filling = FALSE;
}
