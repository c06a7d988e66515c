/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/retention.h"

#include "ui/reason.h"

#include <glib/gi18n-lib.h>

static const struct {
  UiRetention  retention;
  const char  *title;
} choices[] = {
  { { STORE_LEAVE_REMOVE, 0 }, N_("Immediately") },
  { { STORE_LEAVE_DAYS, 1 }, N_("After 1 Day") },
  { { STORE_LEAVE_DAYS, 7 }, N_("After 1 Week") },
  { { STORE_LEAVE_DAYS, 14 }, N_("After 2 Weeks") },
  { { STORE_LEAVE_DAYS, 30 }, N_("After 1 Month") },
  { { STORE_LEAVE_DAYS, 0 }, N_("After … Days") },
  { { STORE_LEAVE_FOREVER, 0 }, N_("Never") },
};
#define CUSTOM (G_N_ELEMENTS (choices) - 2)

guint
ui_retention_get_n (void)
{
  return G_N_ELEMENTS (choices);
}

guint
ui_retention_get_custom (void)
{
  return CUSTOM;
}

UiRetention
ui_retention_get (guint index,
                  gint  days)
{
  UiRetention retention = choices[MIN (index, G_N_ELEMENTS (choices) - 1)].retention;

  if (index == CUSTOM)
    retention.days = CLAMP (days, 1, UI_RETENTION_DAYS_MAX);
  return retention;
}

guint
ui_retention_find (const UiRetention *retention)
{
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    if (choices[i].retention.leave == retention->leave
        && (retention->leave != STORE_LEAVE_DAYS || choices[i].retention.days == retention->days))
      return i;
  return CUSTOM;
}

GListModel *
ui_retention_new_model (void)
{
  GtkStringList *list = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    gtk_string_list_append (list, _(choices[i].title));
  return G_LIST_MODEL (list);
}

static void
add (GtkBox     *box,
     UiReason    reason,
     const char *title,
     const char *text)
{
  gtk_box_append (box, ui_reason_new (reason, title, text));
}

void
ui_retention_show_reasons (const UiRetention *retention,
                           GtkBox            *box)
{
  g_autofree char *devices = NULL;

  ui_reason_clear (box);
  switch (retention->leave)
    {
    case STORE_LEAVE_REMOVE:
      add (box, UI_REASON_ADVANTAGE, _("The server stays empty"), _("It can never be full."));
      add (box, UI_REASON_DRAWBACK, _("Other devices do not see mail once it was collected"),
           _("A phone or webmail shows it only until then."));
      add (box, UI_REASON_DRAWBACK, _("This computer holds the only copy"),
           _("Without a backup a broken disk loses all mail."));
      return;
    case STORE_LEAVE_DAYS:
      devices = g_strdup_printf (ngettext ("Other devices show the last day",
                                           "Other devices show the last %d days",
                                           (gulong) retention->days), retention->days);
      add (box, UI_REASON_ADVANTAGE, _("Space on the server is freed by itself"),
           _("Only mail that was stored here, read back and compared is removed there."));
      add (box, UI_REASON_ADVANTAGE, devices, _("Older mail is only on this computer."));
      add (box, UI_REASON_DRAWBACK, _("Older mail exists only here"),
           _("If this computer breaks, the newest mail can be fetched again. Everything older comes from a "
             "backup."));
      return;
    case STORE_LEAVE_FOREVER:
      add (box, UI_REASON_ADVANTAGE, _("Nothing leaves the server"),
           _("Other devices see all received mail, and a copy remains if this computer breaks."));
      add (box, UI_REASON_DRAWBACK, _("The server fills up over time"),
           _("New mail is then returned to its senders."));
      return;
    }
}

void
ui_retention_show_picture (const UiRetention *retention,
                           UiWhereabouts     *picture,
                           const char        *domain)
{
  const char *there = retention->leave == STORE_LEAVE_FOREVER ? "fffffffffffffff++"
                      : retention->leave == STORE_LEAVE_DAYS  ? "ggggggggggggggg++"
                                                              : "ggggggggggggggggg";

  ui_whereabouts_set_rows (picture, 4);
  ui_whereabouts_set_place (picture, UI_PLACE_COMPUTER, NULL, "fffffffffffffff++");
  ui_whereabouts_set_place (picture, UI_PLACE_SERVER, domain, there);
  ui_whereabouts_set_place (picture, UI_PLACE_DEVICES, _("phone, tablet, web"), there);
  ui_whereabouts_set_flows (picture, UI_FLOW_TO_COMPUTER,
                            retention->leave == STORE_LEAVE_REMOVE ? UI_FLOW_NONE : UI_FLOW_TO_DEVICES);
  ui_whereabouts_set_sentence (picture,
                               retention->leave == STORE_LEAVE_FOREVER
                                 ? _("In a month, all mail is on this computer and on the server.")
                               : retention->leave == STORE_LEAVE_DAYS
                                 ? _("In a month, all mail is on this computer; the server and other devices "
                                     "have the newest.")
                                 : _("In a month, all mail is on this computer and nowhere else."));
}
