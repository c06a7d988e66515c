/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tray/notices.h - notices of new mail on the desktop, by org.freedesktop.Notifications.
 *
 * Sent by the worker itself, so that they work with no window open.  A click opens that message; buttons
 * where the server of notifications has them.  What was read elsewhere is withdrawn.  Text from mail is made
 * harmless and, where the server reads markup, escaped.
 *
 * Threads: the one whose main context is the default when it is made.
 */
#pragma once

#include "tray/announce.h"
#include "tray/listener.h"

#include <gio/gio.h>

typedef struct _TrayNotices TrayNotices;

typedef enum {
  TRAY_TELL_ALL,           /* sender, subject and the first words */
  TRAY_TELL_NOTHING,       /* only that there is new mail */
} TrayTelling;

/* bus: the session bus.  id: the application id, as the desktop file is called. */
TrayNotices *tray_notices_new      (GDBusConnection *bus,
                                    const char      *id,
                                    TrayListener     listener,
                                    gpointer         data) G_GNUC_WARN_UNUSED_RESULT;
void         tray_notices_free     (TrayNotices *notices);
void         tray_notices_send     (TrayNotices      *notices,
                                    const TrayNotice *notice,
                                    TrayTelling       telling);
/* The notice that is about this location, alone or among others, goes when nothing of it is left unread. */
void         tray_notices_withdraw (TrayNotices *notices,
                                    gint64       location_id);
/* All of them: a person has looked. */
void         tray_notices_withdraw_all (TrayNotices *notices);

/* Pure, for tests: the title and body of a notice.  has_markup: escape the body. */
void         tray_notices_write    (const TrayNotice  *notice,
                                    TrayTelling        telling,
                                    gboolean           has_markup,
                                    char             **title,
                                    char             **body);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TrayNotices, tray_notices_free)
