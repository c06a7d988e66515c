/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/selection.h - which rows of a message list are selected, as a set of positions: a million cost as much
 * as one.
 *
 * GtkMultiSelection keeps every selected item alive; this one keeps none.  Positions follow when rows come
 * and go.
 *
 * Threads: main.
 */
#pragma once

#include "model/messages.h"

#include <gtk/gtk.h>

#define UI_TYPE_SELECTION (ui_selection_get_type ())
G_DECLARE_FINAL_TYPE (UiSelection, ui_selection, UI, SELECTION, GObject)

UiSelection   *ui_selection_new           (ModelMessages *messages) G_GNUC_WARN_UNUSED_RESULT;
ModelMessages *ui_selection_get_messages  (UiSelection *self);
guint          ui_selection_count         (UiSelection *self);
/* The first selected position, GTK_INVALID_LIST_POSITION if none. */
guint          ui_selection_get_first     (UiSelection *self);
void           ui_selection_select_only   (UiSelection *self,
                                           guint        position);
/* When all that is selected goes, its neighbour is selected: a person who deletes goes on with the next
 * message. */
void           ui_selection_go_on         (UiSelection   *self);
/* The entries selected, of StoreEntry, top to bottom. */
GArray        *ui_selection_dup_entries   (UiSelection *self) G_GNUC_WARN_UNUSED_RESULT;
