/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/message-row.h - one row of the message list: who, when, what, and where it is if that is out of the
 * ordinary. */
#pragma once

#include "model/message.h"

#include <gtk/gtk.h>

#define UI_TYPE_MESSAGE_ROW (ui_message_row_get_type ())
G_DECLARE_FINAL_TYPE (UiMessageRow, ui_message_row, UI, MESSAGE_ROW, GtkWidget)

GtkWidget *ui_message_row_new         (void);
/* message may be NULL: the row is being recycled. */
void       ui_message_row_set_message (UiMessageRow *self,
                                       ModelMessage *message);
