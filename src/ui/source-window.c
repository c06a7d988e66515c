/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/source-window.h"

#include "ui/reader-text.h"

#include <glib/gi18n-lib.h>

struct _UiSourceWindow {
  AdwWindow  parent_instance;
};

G_DEFINE_FINAL_TYPE (UiSourceWindow, ui_source_window, ADW_TYPE_WINDOW)

static GtkWidget *
new_text (ModelReading *reading)
{
  GtkWidget *scrolled = gtk_scrolled_window_new ();
  UiReaderText *text = g_object_new (UI_TYPE_READER_TEXT, "left-margin", 18, "right-margin", 18, "top-margin",
                                     12, "bottom-margin", 18, NULL);

  gtk_accessible_update_property (GTK_ACCESSIBLE (text), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _("Source of the Message"), -1);
  ui_reader_text_show_source (text, reading);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (scrolled), GTK_WIDGET (text));
  gtk_widget_set_vexpand (scrolled, TRUE);
  return scrolled;
}

GtkWidget *
ui_source_window_new (GtkWindow    *parent,
                      ModelReading *reading)
{
  const char *subject = model_reading_peek (reading)->subject;
  UiSourceWindow *self = g_object_new (UI_TYPE_SOURCE_WINDOW, "transient-for", parent, "default-width", 760,
                                       "default-height", 640, "title", _("Source of the Message"), NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *header = adw_header_bar_new ();

  adw_header_bar_set_title_widget (ADW_HEADER_BAR (header),
                                   adw_window_title_new (_("Source of the Message"), subject));
  gtk_box_append (GTK_BOX (box), header);
  gtk_box_append (GTK_BOX (box), new_text (reading));
  adw_window_set_content (ADW_WINDOW (self), box);
  return GTK_WIDGET (self);
}

static void
ui_source_window_class_init (UiSourceWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_w, GDK_CONTROL_MASK, "window.close", NULL);
}

static void
ui_source_window_init (UiSourceWindow *self)
{
}
