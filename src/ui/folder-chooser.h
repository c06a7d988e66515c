/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/folder-chooser.h - asks for the folder that mail is to go to: a list that shrinks with each letter
 * typed.
 *
 * Signals: "chosen" (folder id, gint64); the window closes afterwards.
 */
#pragma once

#include "model/places.h"

#include <adwaita.h>

#define UI_TYPE_FOLDER_CHOOSER (ui_folder_chooser_get_type ())
G_DECLARE_FINAL_TYPE (UiFolderChooser, ui_folder_chooser, UI, FOLDER_CHOOSER, AdwWindow)

/* except: the folder the mail is in, which cannot be chosen; 0: none. */
GtkWidget *ui_folder_chooser_new (GtkWindow   *parent,
                                  ModelPlaces *places,
                                  gint64       except);
