/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/owner.h"

static gboolean
choose_secrets (CtlOwner  *owner,
                Ctl       *ctl,
                GError   **error)
{
  AccountSecretsPlace place = account_secrets_get_place (owner->store);

  if (ctl->secrets != NULL && account_secrets_place_parse (ctl->secrets, &place)
      && !account_secrets_choose (owner->store, place, error))
    return FALSE;
  owner->secrets = account_secrets_new (ctl->data_dir, store_get_uuid (owner->store), place);
  return TRUE;
}

gboolean
ctl_owner_begin (CtlOwner  *owner,
                 Ctl       *ctl,
                 GError   **error)
{
  if ((owner->lock = store_worker_lock_take (ctl->data_dir, NULL, PENFOLD_VERSION, error)) == NULL)
    return FALSE;
  if ((owner->ingest = ingest_new (ctl->data_dir, error)) == NULL)
    return FALSE;
  if ((owner->store = store_open (ctl->data_dir, STORE_READER, error)) == NULL)
    return FALSE;
  return choose_secrets (owner, ctl, error);
}

void
ctl_owner_clear (CtlOwner *owner)
{
  g_clear_pointer (&owner->secrets, account_secrets_free);
  g_clear_pointer (&owner->store, store_close);
  g_clear_pointer (&owner->ingest, ingest_free);
  g_clear_pointer (&owner->lock, store_worker_lock_free);
}

NetTrust *
ctl_owner_new_trust (CtlOwner            *owner,
                     const StoreAccount  *account,
                     GError             **error)
{
  g_autoptr(NetTrust) trust = net_trust_new (account->ca_file, error);
  g_autoptr(GPtrArray) pins = NULL;

  if (trust == NULL || (pins = store_pins_list (owner->store, account->id, error)) == NULL)
    return NULL;
  for (guint i = 0; i < pins->len; i++)
    {
      const StorePin *pin = pins->pdata[i];

      net_trust_pin (trust, pin->host, pin->port, pin->fingerprint);
    }
  return g_steal_pointer (&trust);
}

BaseSecret *
ctl_owner_get_secret (CtlOwner            *owner,
                      const StoreAccount  *account,
                      AccountPurpose       purpose,
                      GError             **error)
{
  g_autoptr(GError) failure = NULL;
  BaseSecret *secret = account_secrets_get (owner->secrets, account->uuid, purpose, &failure);

  if (secret == NULL && failure == NULL && purpose == ACCOUNT_SECRET_OUTGOING)
    return ctl_owner_get_secret (owner, account, ACCOUNT_SECRET_INCOMING, error);
  if (secret == NULL && failure == NULL)
    g_set_error (error, ACCOUNT_ERROR, ACCOUNT_ERROR_INVALID, "There is no password for %s", account->name);
  else if (secret == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));
  return secret;
}

NetSecurity
ctl_owner_get_security (StoreSecurity security)
{
  switch (security)
    {
    case STORE_SECURITY_TLS:      return NET_SECURITY_TLS;
    case STORE_SECURITY_STARTTLS: return NET_SECURITY_STARTTLS;
    case STORE_SECURITY_NONE:     return NET_SECURITY_NONE;
    }
  g_assert_not_reached ();
}
