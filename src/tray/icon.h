/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tray/icon.h - the icon in the tray and its menu: a StatusNotifierItem with a com.canonical.dbusmenu.
 *
 * It registers with every watcher that appears, now or later (a shell that restarts, an extension that is
 * switched on).  Where there is none nothing happens.  Changes are told at most every 250 ms.
 *
 * Threads: the one whose main context is the default when it is made.
 */
#pragma once

#include "tray/listener.h"

#include <gio/gio.h>

typedef struct _TrayIcon TrayIcon;

/* bus: the session bus.  id: the application id, also the icon's name. */
TrayIcon *tray_icon_new        (GDBusConnection *bus,
                                const char      *id,
                                TrayListener     listener,
                                gpointer         data) G_GNUC_WARN_UNUSED_RESULT;
void      tray_icon_free       (TrayIcon *icon);
/* New since the last look: the number beside the icon, its tooltip, and whether it asks for attention. */
void      tray_icon_set_unread (TrayIcon *icon,
                                guint     n);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TrayIcon, tray_icon_free)
