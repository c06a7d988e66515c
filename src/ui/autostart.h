/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/autostart.h - whether mail is checked from login on: a file in the user's autostart folder.
 *
 * It is a copy of the one that was installed with the program; desktops show and honour it like any other.
 *
 * Threads: main.  Errors: G_FILE_ERROR, G_IO_ERROR.
 */
#pragma once

#include <gio/gio.h>

/* FALSE: the program runs without being installed. */
gboolean ui_autostart_is_possible (void);
gboolean ui_autostart_set         (gboolean   starts,
                                   GError   **error);
