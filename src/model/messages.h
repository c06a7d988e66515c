/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/messages.h - a view of the store as a list: the same with ten rows and with a million.
 *
 * It holds a pair of numbers for each row (store/listing.h) and makes items only for rows that somebody looks
 * at; their text is read in pages on the store thread.  What changes arrives as small items_changed: nothing
 * that did not move is ever announced, so that scroll position and selection stay.
 *
 * The state tells an empty folder from one that is still being read.
 *
 * Threads: main.
 */
#pragma once

#include "model/message.h"
#include "model/store.h"

#define MODEL_TYPE_MESSAGES (model_messages_get_type ())
G_DECLARE_FINAL_TYPE (ModelMessages, model_messages, MODEL, MESSAGES, GObject)

typedef enum {
  MODEL_MESSAGES_LOADING,      /* the list itself is still being read */
  MODEL_MESSAGES_READY,
  MODEL_MESSAGES_FAILED,
} ModelMessagesState;

typedef enum {
  MODEL_PEOPLE_SENDERS,
  MODEL_PEOPLE_RECIPIENTS,     /* a folder of mail written here */
} ModelPeople;

/* view is copied.  Emits "state-changed" when the list is there, or failed. */
ModelMessages     *model_messages_new             (ModelStore      *store,
                                                   const StoreView *view,
                                                   ModelPeople      people) G_GNUC_WARN_UNUSED_RESULT;
ModelMessagesState model_messages_get_state       (ModelMessages *self);
/* The sentence of a failed one, or NULL. */
const char        *model_messages_peek_problem    (ModelMessages *self);
const StoreView   *model_messages_peek_view       (ModelMessages *self);
/* The place of that message (its newest entry), or GTK_INVALID_LIST_POSITION's value G_MAXUINT. */
guint              model_messages_find_message    (ModelMessages *self,
                                                   gint64         message_id);
/* The entry at a place, without making an item; NULL behind the end.  Valid until the list changes. */
const StoreEntry  *model_messages_peek_entry      (ModelMessages *self,
                                                   guint          position);
/* The entry stays in the list though it no longer belongs there, until another is held: a message in the view
 * of unread mail must not vanish while it is read.  0: none. */
void               model_messages_hold            (ModelMessages *self,
                                                   gint64         entry_id);
