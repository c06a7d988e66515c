/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/reader-head.h - the head of one message: who wrote it to whom and when, where its copies are, the whole
 * header.
 *
 * An address always stands beside the name, so that no name can pass for one.
 */
#pragma once

#include "model/message.h"
#include "model/reading.h"

#include <gtk/gtk.h>

#define UI_TYPE_READER_HEAD (ui_reader_head_get_type ())
G_DECLARE_FINAL_TYPE (UiReaderHead, ui_reader_head, UI, READER_HEAD, GtkBox)

/* What the list knows: star and whereabouts, and the sender until the reading is there.  NULL: nothing. */
void ui_reader_head_set_message (UiReaderHead *self,
                                 ModelMessage *message);
/* NULL: not read yet. */
void ui_reader_head_set_reading (UiReaderHead *self,
                                 ModelReading *reading);
