/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/web/pictures.h - answers "cid:" with pictures of the message that is shown, and with nothing else.
 *
 * Decoding happens on another thread.  Only image types are given out.
 *
 * Threads: main.
 */
#pragma once

#include "ui/web/web.h"

#include <webkit/webkit.h>

/* Finds whom to ask for the pictures of a view; FALSE: it shows nothing.  source is lent. */
typedef gboolean (*UiWebFindSource) (WebKitWebView  *view,
                                     GObject       **source,
                                     UiWebPicture   *dup_picture);

void ui_web_pictures_serve (WebKitWebContext *context,
                            UiWebFindSource   find_source);
