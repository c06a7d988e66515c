/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/attachment-strip.h - the files of a letter being written, each with type, name and size, and how much it
 * is in all.
 *
 * Files that are still being copied stand there too.  Signals: "remove" (gint64 attachment id).
 *
 * Threads: main.
 */
#pragma once

#include "model/drafts.h"

#include <gtk/gtk.h>

#define UI_TYPE_ATTACHMENT_STRIP (ui_attachment_strip_get_type ())
G_DECLARE_FINAL_TYPE (UiAttachmentStrip, ui_attachment_strip, UI, ATTACHMENT_STRIP, GtkWidget)

/* attachments: of StoreAttachment.  coming: names of files on their way, of char *. */
void ui_attachment_strip_show (UiAttachmentStrip *self,
                               GPtrArray         *attachments,
                               GPtrArray         *coming);
