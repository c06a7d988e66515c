/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/reason.h - one reason: a round sign, a bold line, a plain line under it.
 *
 * Good and bad in the same size; the sign has a name, so that it is not told by colour alone.
 */
#pragma once

#include <gtk/gtk.h>

typedef enum {
  UI_REASON_ADVANTAGE,
  UI_REASON_DRAWBACK,
  UI_REASON_FACT,
} UiReason;

/* text may be NULL. */
GtkWidget *ui_reason_new   (UiReason    reason,
                            const char *title,
                            const char *text);
/* The sign alone, for the start of a row. */
GtkWidget *ui_reason_new_sign (UiReason reason);
/* Removes all children of box. */
void       ui_reason_clear (GtkBox     *box);
