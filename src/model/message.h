/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/message.h - one row of a message list: what it shows, and whether it is there yet.
 *
 * Items are made by ModelMessages when a row becomes visible.  A new item is empty until its row was read;
 * the signal "changed" says that what it shows is another now.  The wishes of desk.db that mail.db does not
 * show yet are laid over: flags are as the user wants them.
 *
 * Threads: main.
 */
#pragma once

#include "model/where.h"
#include "store/changes.h"
#include "store/listing.h"

#define MODEL_TYPE_MESSAGE (model_message_get_type ())
G_DECLARE_FINAL_TYPE (ModelMessage, model_message, MODEL, MESSAGE, GObject)

ModelMessage   *model_message_new           (const StoreEntry *entry) G_GNUC_WARN_UNUSED_RESULT;

const StoreEntry *model_message_get_entry   (ModelMessage *self);
/* FALSE: nothing is known but the entry; show a grey shape. */
gboolean        model_message_is_loaded     (ModelMessage *self);
/* The row, or NULL while it is not loaded; valid until "changed". */
const StoreRow *model_message_peek_row      (ModelMessage *self);
/* Of StoreFlags, as the user wants them. */
guint           model_message_get_flags     (ModelMessage *self);
/* Who wrote it, for lists: names, else addresses; in a folder of sent mail, whom it went to. */
char           *model_message_dup_people    (ModelMessage *self) G_GNUC_WARN_UNUSED_RESULT;
/* When it arrived. */
gint64          model_message_get_time      (ModelMessage *self);
void            model_message_get_where     (ModelMessage *self,
                                             ModelWhere   *where);
/* "unread, Jonas Weber, Mooring at pier 4 from May, has attachment, 10:24, on the server and on this
 * computer" */
char           *model_message_dup_spoken    (ModelMessage *self,
                                             gint64        now) G_GNUC_WARN_UNUSED_RESULT;

/* For ModelMessages.  Takes row; overlay may be NULL.  Emits "changed" if anything is another than before. */
void            model_message_take_row      (ModelMessage           *self,
                                             StoreRow               *row,
                                             const StoreOverlayItem *overlay,
                                             gboolean                shows_recipients);
/* The place of the entry has changed though it is the same message. */
void            model_message_set_entry     (ModelMessage     *self,
                                             const StoreEntry *entry);
