/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/applied.h"

#include "store/sql.h"
#include "base/clock.h"

StoreAppliedState
store_applied_get (Store   *store,
                   gint64   change_id,
                   GError **error)
{
  gint64 is_known;

  if (!store_sql_get_int (store_peek_mail (store), "SELECT 1 FROM applied_change WHERE change_id = ?",
                          BIND (INT (change_id)), 0, &is_known, error))
    return STORE_CHANGE_UNKNOWN;
  return is_known ? STORE_CHANGE_WAS_APPLIED : STORE_CHANGE_IS_NEW;
}

gboolean
store_applied_add (Store   *store,
                   gint64   change_id,
                   GError **error)
{
  return store_sql_run (store_peek_mail (store), "INSERT INTO applied_change VALUES (?, ?)",
                        BIND (INT (change_id), INT (base_clock_now ())), error);
}

gboolean
store_applied_remove (Store   *store,
                      gint64   change_id,
                      GError **error)
{
  return store_sql_run (store_peek_mail (store), "DELETE FROM applied_change WHERE change_id = ?",
                        BIND (INT (change_id)), error);
}

gboolean
store_applied_add_location (Store   *store,
                            gint64   change_id,
                            gint64   position,
                            gint64   location_id,
                            GError **error)
{
  return store_sql_run (store_peek_mail (store), "INSERT OR REPLACE INTO applied_location VALUES (?, ?, ?)",
                        BIND (INT (change_id), INT (position), INT (location_id)), error);
}

gboolean
store_applied_find_location (Store   *store,
                             gint64   change_id,
                             gint64   position,
                             gint64  *location_id,
                             GError **error)
{
  return store_sql_get_int (store_peek_mail (store), "SELECT location_id FROM applied_location "
                            "WHERE change_id = ? AND position = ?", BIND (INT (change_id), INT (position)), 0,
                            location_id, error);
}

gboolean
store_applied_forget (Store   *store,
                      gint64   below_id,
                      GError **error)
{
  return store_sql_run (store_peek_mail (store), "DELETE FROM applied_change WHERE change_id < ?",
                        BIND (INT (below_id)), error);
}
