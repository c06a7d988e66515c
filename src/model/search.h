/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/search.h - asks the local index for messages, on the store thread.
 *
 * Threads: main.  Errors: STORE_ERROR, G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "model/store.h"
#include "store/query.h"

#define MODEL_SEARCH_MAX 1000u          /* messages found: the newest */

/* typed: with the operators of store/query.h; the last word may still go on. */
void    model_search_async  (ModelStore           *store,
                             const char           *typed,
                             GCancellable         *cancellable,
                             GAsyncReadyCallback   callback,
                             gpointer              user_data);
/* Ids of messages, of gint64, newest first. */
GArray *model_search_finish (ModelStore           *store,
                             GAsyncResult         *result,
                             GError              **error) G_GNUC_WARN_UNUSED_RESULT;
