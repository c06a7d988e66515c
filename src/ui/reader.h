/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/reader.h - the pane that shows one message: its head, its text or HTML, its attachments; or says why it
 * cannot.
 *
 * Everything is read away from the main thread.  Nothing is fetched from anywhere by showing a message; what
 * lies only on the server comes when the person asks for it.  It knows nothing of lists: the window hands it
 * the message.
 *
 * Actions: "reader.plain-text" (a state), "reader.save", "reader.source", "reader.fetch".
 *
 * Threads: main.
 */
#pragma once

#include "model/bus.h"
#include "model/message.h"
#include "model/reading.h"

#include <adwaita.h>

#define UI_TYPE_READER (ui_reader_get_type ())
G_DECLARE_FINAL_TYPE (UiReader, ui_reader, UI, READER, AdwBin)

/* bus may be NULL: nothing can be fetched then. */
void          ui_reader_set_store     (UiReader     *self,
                                       ModelStore   *store,
                                       ModelBus     *bus);
/* NULL: none is selected. */
void          ui_reader_set_message   (UiReader     *self,
                                       ModelMessage *message);
/* No list is beside it: the answers are at hand below the message, and no width is spent on an indent. */
void          ui_reader_set_alone     (UiReader     *self,
                                       gboolean      is_alone);
/* That many are selected, more than one. */
void          ui_reader_set_several   (UiReader     *self,
                                       guint         count);
/* What is shown; NULL while it is not read, or nothing is. */
ModelReading *ui_reader_get_reading   (UiReader     *self);
/* Shows a message that is in no store. */
void          ui_reader_set_reading   (UiReader     *self,
                                       ModelReading *reading);
