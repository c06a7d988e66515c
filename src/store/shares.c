/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/shares.h"

#include "store/sql.h"

gboolean
store_shares_count (Store        *store,
                    gint64        account_id,
                    StoreShares  *shares,
                    GError      **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT m.content_id IS NOT NULL,"
    " EXISTS (SELECT 1 FROM location l WHERE l.message_id = m.id AND l.on_server), count (*), sum (m.size)"
    " FROM message m WHERE m.account_id = ? AND m.orphaned_at IS NULL GROUP BY 1, 2", BIND (INT (account_id)),
    error);

  *shares = (StoreShares) { 0 };
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      gboolean is_here = store_sql_int (rows, 0) != 0;
      gboolean is_there = store_sql_int (rows, 1) != 0;
      StoreShare share = { store_sql_int (rows, 2), store_sql_int_or (rows, 3, 0) };

      if (is_here)
        *(is_there ? &shares->both : &shares->only_here) = share;
      else if (is_there)
        shares->only_server = share;
    }
  return store_sql_end (rows, error);
}
