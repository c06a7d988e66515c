/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/accounts.h"

/* --- adding --- */

typedef struct {
  StoreAccount *account;
  char         *sender;
  GPtrArray    *pins;          /* of StorePin */
} Addition;

static void
addition_free (gpointer data)
{
  Addition *addition = data;

  store_account_free (addition->account);
  g_free (addition->sender);
  g_ptr_array_unref (addition->pins);
  g_free (addition);
}

static gpointer
add (Store     *store,
     gpointer   data,
     GError   **error)
{
  Addition *addition = data;
  gint64 id = store_accounts_add (store, addition->account, addition->sender, error);

  if (id == 0)
    return NULL;
  for (guint i = 0; i < addition->pins->len; i++)
    {
      const StorePin *pin = addition->pins->pdata[i];

      if (!store_pins_set (store, id, pin->host, pin->port, pin->fingerprint, error))
        return NULL;
    }
  return g_strdup (addition->account->uuid);
}

void
model_accounts_add_async (ModelStore          *store,
                          StoreAccount        *account,
                          const char          *sender,
                          GPtrArray           *pins,
                          GCancellable        *cancellable,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  Addition *addition = g_new0 (Addition, 1);

  *addition = (Addition) { account, g_strdup (sender), pins };
  model_store_ask (store, MODEL_SOON, add, addition, addition_free, g_free, cancellable, callback, user_data);
}

char *
model_accounts_add_finish (ModelStore    *store,
                           GAsyncResult  *result,
                           GError       **error)
{
  return model_store_ask_finish (store, result, error);
}

/* --- where passwords lie --- */

static gpointer
choose (Store     *store,
        gpointer   data,
        GError   **error)
{
  account_secrets_choose (store, (AccountSecretsPlace) GPOINTER_TO_INT (data), error);
  return NULL;
}

void
model_accounts_choose_async (ModelStore          *store,
                             AccountSecretsPlace  place,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  model_store_ask (store, MODEL_SOON, choose, GINT_TO_POINTER (place), NULL, NULL, NULL, callback, user_data);
}

gboolean
model_accounts_choose_finish (ModelStore    *store,
                              GAsyncResult  *result,
                              GError       **error)
{
  g_autoptr(GError) failure = NULL;

  model_store_ask_finish (store, result, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
