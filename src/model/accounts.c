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

/* Of a question whose answer is always NULL. */
static gboolean
finish_quietly (ModelStore    *store,
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

gboolean
model_accounts_choose_finish (ModelStore    *store,
                              GAsyncResult  *result,
                              GError       **error)
{
  return finish_quietly (store, result, error);
}

/* --- showing --- */

void
model_account_details_free (ModelAccountDetails *details)
{
  g_clear_pointer (&details->account, store_account_free);
  g_clear_pointer (&details->identity, store_identity_free);
  g_clear_pointer (&details->state, store_account_state_free);
  g_clear_pointer (&details->pins, g_ptr_array_unref);
  g_free (details);
}

static gpointer
load (Store     *store,
      gpointer   data,
      GError   **error)
{
  gint64 id = *(gint64 *) data;
  g_autoptr(ModelAccountDetails) details = g_new0 (ModelAccountDetails, 1);
  g_autoptr(GPtrArray) identities = NULL;
  g_autoptr(GPtrArray) pins = NULL;

  if ((details->account = store_accounts_get (store, id, error)) == NULL
      || (details->state = store_states_get (store, id, error)) == NULL
      || (identities = store_identities_list (store, id, error)) == NULL
      || (pins = store_pins_list (store, id, error)) == NULL
      || !store_shares_count (store, id, &details->shares, error))
    return NULL;
  details->pins = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < pins->len; i++)
    g_ptr_array_add (details->pins, g_strdup (((StorePin *) pins->pdata[i])->fingerprint));
  if (identities->len > 0)
    details->identity = g_ptr_array_steal_index (identities, 0);
  return g_steal_pointer (&details);
}

void
model_accounts_load_async (ModelStore          *store,
                           gint64               account_id,
                           GCancellable        *cancellable,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  model_store_ask (store, MODEL_LATER, load, g_memdup2 (&account_id, sizeof account_id), g_free,
                   (GDestroyNotify) model_account_details_free, cancellable, callback, user_data);
}

ModelAccountDetails *
model_accounts_load_finish (ModelStore    *store,
                            GAsyncResult  *result,
                            GError       **error)
{
  return model_store_ask_finish (store, result, error);
}

/* --- changing --- */

typedef struct {
  StoreAccount  *account;
  StoreIdentity *identity;
} Change;

static void
change_free (gpointer data)
{
  Change *change = data;

  g_clear_pointer (&change->account, store_account_free);
  g_clear_pointer (&change->identity, store_identity_free);
  g_free (change);
}

static gpointer
save (Store     *store,
      gpointer   data,
      GError   **error)
{
  Change *change = data;

  if (change->account != NULL && !store_accounts_update (store, change->account, error))
    return NULL;
  if (change->identity != NULL)
    store_identities_save (store, change->identity, error);
  return NULL;
}

void
model_accounts_save_async (ModelStore          *store,
                           StoreAccount        *account,
                           StoreIdentity       *identity,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  Change *change = g_new0 (Change, 1);

  *change = (Change) { account, identity };
  model_store_ask (store, MODEL_SOON, save, change, change_free, NULL, NULL, callback, user_data);
}

gboolean
model_accounts_save_finish (ModelStore    *store,
                            GAsyncResult  *result,
                            GError       **error)
{
  return finish_quietly (store, result, error);
}
