/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/owner.h"

#include "store/outbox.h"

#define PATIENCE_US   (10 * 60 * G_USEC_PER_SEC)     /* for another penfoldctl: a first sync takes its time */
#define LOOK_EVERY_US (50 * 1000)

/* A worker says where it serves; penfoldctl serves nowhere. */
static gboolean
is_worker (Ctl *ctl)
{
  g_autofree char *socket_path = bus_socket_path_read (ctl->data_dir);

  return socket_path != NULL;
}

StoreWorkerLock *
ctl_owner_take_lock (Ctl     *ctl,
                     GError **error)
{
  gint64 deadline = g_get_monotonic_time () + PATIENCE_US;

  for (;;)
    {
      g_autoptr(GError) problem = NULL;
      StoreWorkerLock *lock = store_worker_lock_take (ctl->data_dir, NULL, PENFOLD_VERSION, &problem);

      if (lock != NULL)
        return lock;
      if (!g_error_matches (problem, STORE_ERROR, STORE_ERROR_LOCKED) || is_worker (ctl)
          || g_get_monotonic_time () > deadline)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return NULL;
        }
      g_usleep (LOOK_EVERY_US);
    }
}

BusClient *
ctl_owner_call_worker (Ctl     *ctl,
                       GError **error)
{
  const BusHello hello = { BUS_PROTOCOL, PENFOLD_VERSION, STORE_SCHEMA };

  return bus_client_open (ctl->data_dir, BUS_OPEN_OWNED, &hello, NULL, error);
}

gboolean
ctl_owner_begin (CtlOwner  *owner,
                 Ctl       *ctl,
                 GError   **error)
{
  if ((owner->lock = ctl_owner_take_lock (ctl, error)) == NULL)
    return FALSE;
  if ((owner->ingest = ingest_new (ctl->data_dir, error)) == NULL)
    return FALSE;
  if ((owner->store = store_open (ctl->data_dir, STORE_READER, error)) == NULL)
    return FALSE;
  if (store_outbox_recover (owner->store, error) < 0)
    return FALSE;
  owner->secrets = account_secrets_open (owner->store, ctl->secrets, error);
  return owner->secrets != NULL;
}

gboolean
ctl_owner_begin_or_call (CtlOwner  *owner,
                         Ctl       *ctl,
                         GError   **error)
{
  g_autoptr(GError) problem = NULL;

  if (ctl_owner_begin (owner, ctl, &problem))
    return TRUE;
  if (!g_error_matches (problem, STORE_ERROR, STORE_ERROR_LOCKED))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  return (owner->worker = ctl_owner_call_worker (ctl, error)) != NULL
         && (owner->store = store_open (ctl->data_dir, STORE_READER, error)) != NULL;
}

void
ctl_owner_clear (CtlOwner *owner)
{
  g_clear_pointer (&owner->worker, bus_client_free);
  g_clear_pointer (&owner->secrets, account_secrets_free);
  g_clear_pointer (&owner->store, store_close);
  g_clear_pointer (&owner->ingest, ingest_free);
  g_clear_pointer (&owner->lock, store_worker_lock_free);
}
