/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/attachments.h - the strip of attachments under a message: open, save, save all.
 *
 * Opening hands a read-only copy to the program that the desktop has for its type; what could run as a
 * program is only saved, and what can run or fetch things when opened is asked about first.  Hidden while
 * there are none.
 *
 * Signal: "said" (text), something to tell in passing.
 */
#pragma once

#include "model/reading.h"

#include <gtk/gtk.h>

#define UI_TYPE_ATTACHMENTS (ui_attachments_get_type ())
G_DECLARE_FINAL_TYPE (UiAttachments, ui_attachments, UI, ATTACHMENTS, GtkBox)

/* NULL: none. */
void ui_attachments_set_reading  (UiAttachments *self,
                                  ModelReading  *reading);
/* Asks where to, and saves the whole message as it came. */
void ui_attachments_save_message (UiAttachments *self);
