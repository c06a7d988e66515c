/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/window.h - the main window: sidebar, list and reader, side by side or one after the other.
 *
 * Its actions (prefix "win") are what the keyboard table of the help lists.
 */
#pragma once

#include "model/bus.h"
#include "model/places.h"

#include <adwaita.h>

#define UI_TYPE_WINDOW (ui_window_get_type ())
G_DECLARE_FINAL_TYPE (UiWindow, ui_window, UI, WINDOW, AdwApplicationWindow)

GtkWidget *ui_window_new          (AdwApplication *application,
                                   ModelStore     *store,
                                   ModelBus       *bus,
                                   ModelPlaces    *places);
/* Shows that message in its folder, as soon as the list has it. */
void       ui_window_show_message (UiWindow *self,
                                   gint64    folder_id,
                                   gint64    message_id);
void       ui_window_toast        (UiWindow *self,
                                   AdwToast *toast);

/* The other windows, each with this one as its owner. */
void       ui_window_open_wizard  (UiWindow *self);
void       ui_window_open_account (UiWindow *self,
                                   gint64    account_id);
void       ui_window_compose      (UiWindow *self);
/* uri: mailto:... */
void       ui_window_compose_to   (UiWindow   *self,
                                   const char *uri);
/* A draft of the store (model/drafts.h), in the window that already shows it if there is one. */
void       ui_window_open_draft   (UiWindow *self,
                                   gint64    draft_id);
