/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/wrap-box.h - children side by side, each as wide as it wants, in as many lines as they need.
 *
 * A line is filled in the order of the children, from the start of the text direction.  Children that expand
 * share what is left of their line; one child alone is never wider than the box.
 */
#pragma once

#include <gtk/gtk.h>

#define UI_TYPE_WRAP_BOX (ui_wrap_box_get_type ())
G_DECLARE_FINAL_TYPE (UiWrapBox, ui_wrap_box, UI, WRAP_BOX, GtkWidget)

GtkWidget *ui_wrap_box_new           (int        spacing);
void       ui_wrap_box_append        (UiWrapBox *self,
                                      GtkWidget *child);
/* sibling: NULL for the first place. */
void       ui_wrap_box_insert_after  (UiWrapBox *self,
                                      GtkWidget *child,
                                      GtkWidget *sibling);
