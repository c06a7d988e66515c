/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/whereabouts.h - the picture of where mail is: this computer, the server, other devices, mail on each,
 * arrows.
 *
 * A cell is a share of the mailbox, oldest first, at the same position in each card, so that the eye compares
 * places.  The sentence set with it is its accessible description; a visible copy belongs under it.
 * It knows nothing of protocols: the wizard, the account page and the comparison tell it what to show.
 */
#pragma once

#include <gtk/gtk.h>

#define UI_TYPE_WHEREABOUTS (ui_whereabouts_get_type ())
G_DECLARE_FINAL_TYPE (UiWhereabouts, ui_whereabouts, UI, WHEREABOUTS, GtkWidget)

#define UI_WHEREABOUTS_COLUMNS 5

typedef enum {
  UI_PLACE_COMPUTER,
  UI_PLACE_SERVER,
  UI_PLACE_DEVICES,
} UiPlace;
#define UI_N_PLACES 3

typedef enum {
  UI_CELL_NONE,
  UI_CELL_FULL,       /* a copy is there */
  UI_CELL_LEAVING,    /* within the period shown */
  UI_CELL_GONE,       /* from this place */
  UI_CELL_ARRIVING,
} UiCell;

typedef enum {
  UI_FLOW_NONE,
  UI_FLOW_TO_COMPUTER,   /* fetched, nothing goes back */
  UI_FLOW_TO_DEVICES,
  UI_FLOW_BOTH_WAYS,     /* kept in sync */
} UiFlow;

/* rows: of UI_WHEREABOUTS_COLUMNS cells each, 1 to 4, the same for every place. */
void       ui_whereabouts_set_rows     (UiWhereabouts *self,
                                        guint          rows);
/* cells: one letter a cell, oldest first: f full, l leaving, g gone, + arriving, blank for none; missing ones
 * are none. subtitle may be NULL. */
void       ui_whereabouts_set_place    (UiWhereabouts *self,
                                        UiPlace        place,
                                        const char    *subtitle,
                                        const char    *cells);
/* Between this computer and the server, and between the server and other devices. */
void       ui_whereabouts_set_flows    (UiWhereabouts *self,
                                        UiFlow         computer,
                                        UiFlow         devices);
void       ui_whereabouts_set_sentence (UiWhereabouts *self,
                                        const char    *sentence);
