/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/store.h - the store as a window sees it: questions asked on the main thread, answered by a thread of
 * their own.
 *
 * SQLite never runs on the main thread.  A question is a function that gets the store's handle on the store
 * thread and returns what it found; the answer arrives on the main loop.  Questions are answered one after
 * the other, urgent ones first.  What the answer holds belongs to the one who asked.
 *
 * The signal "news" says that either file has another revision than before; models then ask for what is new.
 *
 * Threads: main; the functions given run on the store thread.  Errors: STORE_ERROR, G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "store/store.h"

#define MODEL_TYPE_STORE (model_store_get_type ())
G_DECLARE_FINAL_TYPE (ModelStore, model_store, MODEL, STORE, GObject)

typedef enum {
  MODEL_SOON,          /* a person waits: rows that are visible, changes, a message to show */
  MODEL_LATER,         /* counts, checks */
} ModelUrgency;

/* NULL without error is an answer too. */
typedef gpointer (*ModelQuestion) (Store     *store,
                                   gpointer   data,
                                   GError   **error);

/* data_dir need not hold a store yet: questions fail with STORE_ERROR_NOT_FOUND until a worker has made
 * it. */
ModelStore *model_store_new        (const char *data_dir) G_GNUC_WARN_UNUSED_RESULT;
const char *model_store_get_dir    (ModelStore *self);

/* Takes data; free_data and free_answer may be NULL.  free_answer frees an answer that nobody takes any
 * more. */
void        model_store_ask        (ModelStore          *self,
                                    ModelUrgency         urgency,
                                    ModelQuestion        question,
                                    gpointer             data,
                                    GDestroyNotify       free_data,
                                    GDestroyNotify       free_answer,
                                    GCancellable        *cancellable,
                                    GAsyncReadyCallback  callback,
                                    gpointer             user_data);
gpointer    model_store_ask_finish (ModelStore    *self,
                                    GAsyncResult  *result,
                                    GError       **error);

/* Looks whether something is new, now; emits "news" later if so.  Cheap: call it on every hint. */
void        model_store_look       (ModelStore *self);
