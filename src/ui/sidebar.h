/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/sidebar.h - the pane with views, accounts and folders, and one line that says what is going on.
 *
 * Signals: "place-selected" (ModelPlace) when a person or the window chose another place.
 */
#pragma once

#include "model/places.h"

#include <adwaita.h>

#define UI_TYPE_SIDEBAR (ui_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (UiSidebar, ui_sidebar, UI, SIDEBAR, AdwBin)

void        ui_sidebar_set_places (UiSidebar   *self,
                                   ModelPlaces *places);
ModelPlace *ui_sidebar_get_place  (UiSidebar   *self);      /* the selected one, or NULL; borrowed */
void        ui_sidebar_select     (UiSidebar   *self,
                                   ModelPlace  *place);

/* No other pane is beside it: the window's buttons are here. */
void        ui_sidebar_set_alone  (UiSidebar   *self,
                                   gboolean     is_alone);

typedef enum {
  UI_STATUS_QUIET,       /* all is well */
  UI_STATUS_BUSY,
  UI_STATUS_TROUBLE,     /* a button: a person has to do something */
} UiStatus;

/* The line at the bottom.  action: a detailed action name for a click, or NULL. */
void        ui_sidebar_set_status (UiSidebar   *self,
                                   UiStatus     status,
                                   const char  *words,
                                   const char  *action);
