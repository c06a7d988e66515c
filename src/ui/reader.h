/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/reader.h - one message to read: subject, who wrote it and when, its text.
 *
 * Everything is read away from the main thread.  It knows nothing of lists: the window hands it the message.
 *
 * Threads: main.
 */
#pragma once

#include "model/message.h"
#include "model/store.h"

#include <adwaita.h>

#define UI_TYPE_READER (ui_reader_get_type ())
G_DECLARE_FINAL_TYPE (UiReader, ui_reader, UI, READER, AdwBin)

void ui_reader_set_store   (UiReader     *self,
                            ModelStore   *store);
/* NULL: none is selected. */
void ui_reader_set_message (UiReader     *self,
                            ModelMessage *message);
