/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/ask.h - showing a question about something that cannot be taken back.
 *
 * Its response "cancel" is what Enter and Esc mean, and has the focus: AdwMessageDialog would give it to the
 * first button, whatever that does.
 */
#pragma once

#include <adwaita.h>

void ui_ask_present (GtkWidget *dialog);
