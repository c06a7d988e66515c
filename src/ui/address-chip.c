/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/address-chip.h"

#include <glib/gi18n-lib.h>

#define LABEL_CHARS 38                 /* about 320 px */

struct _UiAddressChip {
  GtkWidget    parent_instance;

  MimeAddress *address;
};

G_DEFINE_FINAL_TYPE (UiAddressChip, ui_address_chip, GTK_TYPE_WIDGET)

enum { REMOVE, EDIT, N_SIGNALS };
static guint signals[N_SIGNALS];

const MimeAddress *
ui_address_chip_peek_address (UiAddressChip *self)
{
  return self->address;
}

static void
on_remove (UiAddressChip *self)
{
  g_signal_emit (self, signals[REMOVE], 0);
}

static void
remove_chip (GtkWidget  *widget,
             const char *action,
             GVariant   *parameter)
{
  g_signal_emit (widget, signals[REMOVE], 0);
}

static void
edit_chip (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  g_signal_emit (widget, signals[EDIT], 0);
}

static void
on_pressed (UiAddressChip *self,
            int            n_press)
{
  if (n_press == 2)
    g_signal_emit (self, signals[EDIT], 0);
  else
    gtk_widget_grab_focus (GTK_WIDGET (self));
}

static void
add_label (UiAddressChip *self)
{
  g_autofree char *text = mime_address_dup_label (self->address);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_max_width_chars (GTK_LABEL (label), LABEL_CHARS);
  gtk_widget_set_parent (label, GTK_WIDGET (self));
}

static void
add_button (UiAddressChip *self)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("window-close-symbolic");
  g_autofree char *name = mime_address_dup_label (self->address);
  /* Translators: %s is a recipient. */
  g_autofree char *label = g_strdup_printf (_("Remove %s"), name);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_focusable (button, FALSE);        /* the chip takes Delete: one stop for each recipient */
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_swapped (button, "clicked", G_CALLBACK (on_remove), self);
  gtk_widget_set_parent (button, GTK_WIDGET (self));
}

GtkWidget *
ui_address_chip_new (MimeAddress *address)
{
  UiAddressChip *self = g_object_new (UI_TYPE_ADDRESS_CHIP, NULL);
  g_autofree char *full = mime_address_dup_full (address);
  g_autofree char *tooltip = NULL;

  self->address = address;
  add_label (self);
  add_button (self);
  if (!mime_address_is_valid (address->address))
    {
      gtk_widget_add_css_class (GTK_WIDGET (self), "error");
      /* Translators: %s is what somebody typed as a recipient. */
      tooltip = g_strdup_printf (_("“%s” is not an email address"), full);
    }
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip != NULL ? tooltip : full);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip != NULL
                                  ? tooltip : full,
                                  -1);
  return GTK_WIDGET (self);
}

static void
ui_address_chip_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  g_clear_pointer (&UI_ADDRESS_CHIP (object)->address, mime_address_free);
  G_OBJECT_CLASS (ui_address_chip_parent_class)->dispose (object);
}

static void
ui_address_chip_class_init (UiAddressChipClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_address_chip_dispose;
  signals[REMOVE] = g_signal_new ("remove", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  signals[EDIT] = g_signal_new ("edit", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "chip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
  gtk_widget_class_install_action (widget_class, "chip.remove", NULL, remove_chip);
  gtk_widget_class_install_action (widget_class, "chip.edit", NULL, edit_chip);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "chip.remove", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Delete, 0, "chip.remove", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_BackSpace, 0, "chip.remove", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Return, 0, "chip.edit", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Enter, 0, "chip.edit", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F2, 0, "chip.edit", NULL);
}

static void
ui_address_chip_init (UiAddressChip *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  g_signal_connect_swapped (click, "pressed", G_CALLBACK (on_pressed), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
