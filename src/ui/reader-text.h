/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/reader-text.h - the plain text of a message: quotes and signature dimmed, links to follow.
 *
 * Long text arrives in pieces between frames, so that the first screen is there at once and the window never
 * stands still.  Over-long lines are broken: laying out one of a megabyte takes seconds.
 *
 * Signals: "link-hovered" (target, or NULL) and "link-activated" (target): by a click, or Return at the
 * cursor.
 */
#pragma once

#include "model/reading.h"

#include <gtk/gtk.h>

#define UI_TYPE_READER_TEXT (ui_reader_text_get_type ())
G_DECLARE_FINAL_TYPE (UiReaderText, ui_reader_text, UI, READER_TEXT, GtkTextView)

/* The text of the reading, NULL for none. */
void ui_reader_text_show        (UiReaderText *self,
                                 ModelReading *reading);
/* The message as it came, without links. */
void ui_reader_text_show_source (UiReaderText *self,
                                 ModelReading *reading);
/* Whether all of it is shown. */
gboolean ui_reader_text_is_done (UiReaderText *self);
