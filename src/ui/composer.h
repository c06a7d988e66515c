/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/composer.h - the window in which a letter is written.
 *
 * What is typed is a row of the store a few seconds later, and before the window closes; a letter that was
 * never touched leaves nothing.  Sending puts it into the outbox, from where it can be taken back for a
 * moment (model/drafts.h).
 *
 * Signals, each with the window about to close: "queued" (gint64 outbox id, recipients in words), "kept"
 * (gint64 draft id), "discarded" (gint64 draft id).  ui/composing.h answers them with toasts.
 *
 * Threads: main.
 */
#pragma once

#include "model/drafts.h"

#include <adwaita.h>

#define UI_TYPE_COMPOSER (ui_composer_get_type ())
G_DECLARE_FINAL_TYPE (UiComposer, ui_composer, UI, COMPOSER, AdwWindow)

/* application may be NULL.  wish is copied. */
GtkWidget *ui_composer_new          (GtkApplication        *application,
                                     ModelStore            *store,
                                     const ModelLetterWish *wish);
/* Whether the letter is there and can be edited. */
gboolean   ui_composer_is_ready     (UiComposer            *self);
/* The draft it edits; 0: not saved yet. */
gint64     ui_composer_get_draft_id (UiComposer            *self);
/* The message of a Drafts folder that it writes on; 0: none. */
gint64     ui_composer_get_edited_id (UiComposer           *self);
/* The files are copied into the store. */
void       ui_composer_attach       (UiComposer            *self,
                                     GListModel            *files);       /* of GFile */
