/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reason.h"

#include <glib/gi18n-lib.h>

static const struct {
  const char *icon;
  const char *style;
  const char *name;
} signs[] = {
  [UI_REASON_ADVANTAGE] = { "object-select-symbolic", "advantage", N_("Advantage") },
  [UI_REASON_DRAWBACK] = { "dialog-warning-symbolic", "drawback", N_("Drawback") },
  [UI_REASON_FACT] = { "list-remove-symbolic", "neutral", NULL },
};

GtkWidget *
ui_reason_new_sign (UiReason reason)
{
  GtkWidget *image = gtk_image_new_from_icon_name (signs[reason].icon);

  gtk_widget_add_css_class (image, "sign");
  gtk_widget_add_css_class (image, signs[reason].style);
  gtk_widget_set_valign (image, GTK_ALIGN_START);
  if (signs[reason].name != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (image), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                    _(signs[reason].name), -1);
  return image;
}

static GtkWidget *
new_line (const char *text,
          const char *style)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

GtkWidget *
ui_reason_new (UiReason    reason,
               const char *title,
               const char *text)
{
  GtkWidget *row = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *lines = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  gtk_box_append (GTK_BOX (row), ui_reason_new_sign (reason));
  gtk_box_append (GTK_BOX (lines), new_line (title, "strong"));
  if (text != NULL)
    gtk_box_append (GTK_BOX (lines), new_line (text, NULL));
  gtk_widget_set_hexpand (lines, TRUE);
  gtk_widget_set_valign (lines, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (row), lines);
  return row;
}

void
ui_reason_clear (GtkBox *box)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (box))) != NULL)
    gtk_box_remove (box, child);
}
