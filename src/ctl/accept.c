/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/accept.h"

#include "ctl/owner.h"
#include "store/changes.h"

#define LOOK_EVERY_US (20 * 1000)

static gboolean
accept_here (const char  *dir,
             GError     **error)
{
  g_autoptr(Store) writer = store_open (dir, STORE_WRITER, error);

  return writer != NULL && store_changes_catch_up (writer, NULL, error);
}

/* One whose effect is not in mail.db yet, or still is there though it was taken back. */
static gboolean
is_open (const StoreChange *change)
{
  return change->state == STORE_CHANGE_STATE_WANTED
         || (change->ended_at == 0
             && (change->state == STORE_CHANGE_STATE_CANCELLED
                 || change->state == STORE_CHANGE_STATE_FAILED));
}

static gboolean
count_open (Store    *store,
            GArray   *ids,
            guint    *n_open,
            GError  **error)
{
  *n_open = 0;
  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr(StoreChange) change = store_changes_get (store, g_array_index (ids, gint64, i), error);

      if (change == NULL)
        return FALSE;
      *n_open += is_open (change);
    }
  return TRUE;
}

static gboolean
accept_there (Ctl     *ctl,
              Store   *store,
              GArray  *ids,
              GError **error)
{
  gint64 deadline = g_get_monotonic_time () + (gint64) BUS_ANSWER_MS * 1000;
  g_autoptr(BusClient) client = ctl_owner_call_worker (ctl, error);
  guint n_open;

  if (client == NULL || !bus_client_nudge (client, error))
    return FALSE;
  for (;;)
    {
      if (!count_open (store, ids, &n_open, error))
        return FALSE;
      if (n_open == 0)
        return TRUE;
      if (g_get_monotonic_time () > deadline)
        break;
      g_usleep (LOOK_EVERY_US);
    }
  g_set_error_literal (error, BUS_ERROR, BUS_ERROR_NO_ANSWER,
                       "The worker that owns the store has not taken it up");
  return FALSE;
}

gboolean
ctl_accept (Ctl     *ctl,
            Store   *store,
            GArray  *ids,
            GError **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreWorkerLock) lock = ctl_owner_take_lock (ctl, &failure);

  if (lock != NULL)
    return accept_here (ctl->data_dir, error);
  if (g_error_matches (failure, STORE_ERROR, STORE_ERROR_LOCKED))
    return accept_there (ctl, store, ids, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
