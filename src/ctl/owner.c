/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/owner.h"

#include "store/outbox.h"

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
  if (store_outbox_recover (owner->store, error) < 0)
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
