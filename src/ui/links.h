/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/links.h - following a link of a message: to the browser, or to a new letter.
 *
 * One whose text names another host than it leads to is asked about first, with both names.
 */
#pragma once

#include "model/reading.h"

#include <gtk/gtk.h>

/* target: http, https or mailto, as the reader's texts give it.  reading may be NULL. */
void ui_links_follow (GtkWidget    *widget,
                      ModelReading *reading,
                      const char   *target);
