/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/changes.h - what a person does to mail: recorded on the store thread, told to the worker, taken back.
 *
 * The overlay of the models shows it as soon as the row is written, with or without a worker.
 *
 * Threads: main.  Errors: those of store/changes.h; STORE_ERROR_NOT_FOUND when there is no folder to archive
 * to.
 */
#pragma once

#include "model/bus.h"
#include "store/accounts.h"
#include "store/changes.h"

typedef enum {
  MODEL_CHANGE_AS_WISHED,
  MODEL_CHANGE_ARCHIVE,         /* a move to the archive folder of each message's account; folder_id is not
                                 * used */
} ModelChangeTarget;

/* wish: without keywords and path.  location_ids: of gint64.  bus may be NULL. */
void    model_changes_record_async  (ModelStore          *store,
                                     ModelBus            *bus,
                                     const StoreWish     *wish,
                                     ModelChangeTarget    target,
                                     GArray              *location_ids,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
/* What to undo, of gint64: empty when there was nothing to do. */
GArray *model_changes_record_finish (GAsyncResult        *result,
                                     GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* change_ids: of gint64, as record gave them. */
void    model_changes_undo_async    (ModelStore          *store,
                                     ModelBus            *bus,
                                     GArray              *change_ids,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
/* What to undo for doing it again. */
GArray *model_changes_undo_finish   (GAsyncResult        *result,
                                     GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many changes the server does not know of yet; 0 on error. */
void    model_changes_count_async   (ModelStore          *store,
                                     GAsyncReadyCallback  callback,
                                     gpointer             user_data);
guint   model_changes_count_finish  (ModelStore          *store,
                                     GAsyncResult        *result);
