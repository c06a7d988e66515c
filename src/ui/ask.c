/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/ask.h"

#define SETTLED_FRAMES 3

/* The button of that label that is shown: the dialog has one set for wide windows and one for narrow ones. */
static GtkWidget *
find_button (GtkWidget  *widget,
             const char *label)
{
  GtkWidget *found = NULL;

  if (!gtk_widget_get_mapped (widget))
    return NULL;
  if (GTK_IS_BUTTON (widget) && g_strcmp0 (gtk_button_get_label (GTK_BUTTON (widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    found = find_button (child, label);
  return found;
}

/* Some frames later the dialog has chosen its set. */
static gboolean
focus_cancel (GtkWidget     *dialog,
              GdkFrameClock *clock,
              gpointer       data)
{
  const char *label = adw_message_dialog_get_response_label (ADW_MESSAGE_DIALOG (dialog), "cancel");
  guint *frames = data;
  GtkWidget *button;

  if (++*frames < SETTLED_FRAMES)
    return G_SOURCE_CONTINUE;
  if ((button = find_button (dialog, label)) != NULL)
    gtk_window_set_focus (GTK_WINDOW (dialog), button);
  return G_SOURCE_REMOVE;
}

void
ui_ask_present (GtkWidget *dialog)
{
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "cancel");
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_window_set_focus (GTK_WINDOW (dialog), gtk_window_get_default_widget (GTK_WINDOW (dialog)));
  gtk_widget_add_tick_callback (dialog, focus_cancel, g_new0 (guint, 1), g_free);
}
