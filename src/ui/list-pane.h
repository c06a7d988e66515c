/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/list-pane.h - the middle pane: the messages of one place or those a search has found, or what to say when there are
 * none.
 *
 * Switching to another place gives the list view a new model (25 ms for a million rows; resetting one costs 600).
 *
 * Signals: "selection-changed" when other messages are selected than before; "activated" when one is to be opened
 * (Enter, double click), with its position.
 */
#pragma once

#include "model/place.h"
#include "ui/selection.h"

#include <adwaita.h>

#define UI_TYPE_LIST_PANE (ui_list_pane_get_type ())
G_DECLARE_FINAL_TYPE (UiListPane, ui_list_pane, UI, LIST_PANE, AdwBin)

/* place may be NULL for none. */
void         ui_list_pane_set_place     (UiListPane *self,
                                         ModelStore *store,
                                         ModelPlace *place);
/* Of the list shown, or NULL. */
UiSelection *ui_list_pane_get_selection (UiListPane *self);
/* The place whose messages are listed; NULL for none and while searching. */
ModelPlace  *ui_list_pane_get_place     (UiListPane *self);
/* Puts the cursor into the search field. */
void         ui_list_pane_search        (UiListPane *self);
gboolean     ui_list_pane_is_searching  (UiListPane *self);
void         ui_list_pane_end_search    (UiListPane *self);
/* Selects the message and scrolls to it, as soon as it is in the list. */
void         ui_list_pane_show_message   (UiListPane *self,
                                         gint64      message_id);
void         ui_list_pane_grab_focus    (UiListPane *self);
/* The back button towards the sidebar, for narrow windows. */
void         ui_list_pane_set_folded    (UiListPane *self,
                                         gboolean    is_folded);
/* Where no place is shown: the way to a first account instead of nothing. */
void         ui_list_pane_set_welcoming (UiListPane *self,
                                         gboolean    is_welcoming);
/* The reader is another page: one click opens a message, and the window's buttons are here. */
void         ui_list_pane_set_alone     (UiListPane *self,
                                         gboolean    is_alone);
