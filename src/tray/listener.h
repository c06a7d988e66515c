/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tray/listener.h - what people want when they click the icon, its menu, or a notification. */
#pragma once

#include <glib.h>

typedef enum {
  TRAY_OPEN,               /* show the window, or hide it if it is in front */
  TRAY_COMPOSE,
  TRAY_CHECK,
  TRAY_QUIT,
  TRAY_OPEN_MESSAGE,       /* this and the next ones: of a location */
  TRAY_MARK_READ,
  TRAY_ARCHIVE,
} TrayWish;

/* location_id: 0 where the wish is not about a message.  token: of xdg-activation, or NULL. */
typedef void (* TrayListener) (TrayWish    wish,
                               gint64      location_id,
                               const char *token,
                               gpointer    data);
