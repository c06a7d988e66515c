/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/links.h"

#include "ui/ask.h"
#include "ui/window.h"

#include <glib/gi18n-lib.h>

static void
follow (GtkWindow  *window,
        const char *target)
{
  if (g_str_has_prefix (target, "mailto:") && UI_IS_WINDOW (window))
    ui_window_compose_to (UI_WINDOW (window), target);
  else
    gtk_show_uri (window, target, GDK_CURRENT_TIME);
}

static void
on_answered (AdwMessageDialog *dialog,
             const char       *response,
             const char       *target)
{
  if (g_str_equal (response, "open"))
    follow (gtk_window_get_transient_for (GTK_WINDOW (dialog)), target);
}

static void
free_target (gpointer  target,
             GClosure *closure)
{
  g_free (target);
}

static void
ask_first (GtkWindow  *window,
           const char *target,
           const char *claim)
{
  g_autofree char *host = html_link_dup_host (target);
  g_autofree char *heading = g_strdup_printf (_("Open %s?"), host);
  AdwMessageDialog *dialog = ADW_MESSAGE_DIALOG (adw_message_dialog_new (window, heading, NULL));

  /* Translators: the first is the text of a link, the second the host that it leads to. */
  adw_message_dialog_format_body (dialog, _("The link says “%s”, but it leads to %s."), claim, host);
  adw_message_dialog_add_responses (dialog, "cancel", _("_Cancel"), "open", _("_Open"), NULL);
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_answered), g_strdup (target), free_target, 0);
  ui_ask_present (GTK_WIDGET (dialog));
}

void
ui_links_follow (GtkWidget    *widget,
                 ModelReading *reading,
                 const char   *target)
{
  GtkWindow *window = GTK_WINDOW (gtk_widget_get_root (widget));
  const char *claim = reading != NULL ? model_reading_peek_claim (reading, target) : NULL;

  if (claim != NULL)
    ask_first (window, target, claim);
  else
    follow (window, target);
}
