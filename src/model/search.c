/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/search.h"

#include "store/search.h"

static gpointer
ask_search (Store     *store,
            gpointer   data,
            GError   **error)
{
  g_autoptr(StoreQuery) query = store_query_parse (data, STORE_QUERY_TYPING, NULL);

  return store_search_run (store, query, STORE_ACCOUNT_ANY, 0, MODEL_SEARCH_MAX, error);
}

void
model_search_async (ModelStore          *store,
                    const char          *typed,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             user_data)
{
  model_store_ask (store, MODEL_SOON, ask_search, g_strdup (typed), g_free, (GDestroyNotify) g_array_unref,
                   cancellable, callback, user_data);
}

GArray *
model_search_finish (ModelStore    *store,
                     GAsyncResult  *result,
                     GError       **error)
{
  return model_store_ask_finish (store, result, error);
}
