/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ctl/outbox.h"

gint64
ctl_outbox_get_number (const StoreOutbox *entry)
{
  return CTL_OUTBOX_FIRST + entry->id;
}

gboolean
ctl_outbox_is_number (gint64 number)
{
  return number > CTL_OUTBOX_FIRST;
}

gboolean
ctl_outbox_retry (Store   *store,
                  gint64   number,
                  GError **error)
{
  gint64 id = number - CTL_OUTBOX_FIRST;
  g_autoptr(StoreOutbox) entry = store_outbox_get (store, id, error);

  if (entry == NULL)
    return FALSE;
  return entry->state == STORE_OUTBOX_QUEUED
         ? store_outbox_postpone (store, id, &(StoreOutboxNews) { 0 }, error)
                                             : store_outbox_set_state (store, id, STORE_OUTBOX_QUEUED, NULL,
                                                                       error);
}

gboolean
ctl_outbox_cancel (Store   *store,
                   gint64   number,
                   GError **error)
{
  return store_outbox_set_state (store, number - CTL_OUTBOX_FIRST, STORE_OUTBOX_CANCELLED, NULL, error);
}
