/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/source-window.h - a message as it came, in a window of its own. */
#pragma once

#include "model/reading.h"

#include <adwaita.h>

#define UI_TYPE_SOURCE_WINDOW (ui_source_window_get_type ())
G_DECLARE_FINAL_TYPE (UiSourceWindow, ui_source_window, UI, SOURCE_WINDOW, AdwWindow)

GtkWidget *ui_source_window_new (GtkWindow    *parent,
                                 ModelReading *reading);
