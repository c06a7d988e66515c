/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of locations.h that follows mail which another program moved.  Header and size have to agree, for
 * a server only says that one message vanished and another one came. */
#include "store/locations.h"

#include "store/sql.h"

gboolean
store_locations_find_twin (Store    *store,
                           gint64    id,
                           gint64   *twin_id,
                           GError  **error)
{
  return store_sql_get_int (store_peek_mail (store),
    "SELECT t.id FROM location l JOIN message m ON m.id = l.message_id"
    " JOIN message n ON n.message_key = m.message_key AND n.header_hash = m.header_hash"
    " AND n.account_id = m.account_id"
    " AND n.id <> m.id AND n.size = m.size AND (n.content_id IS NULL OR n.content_id = m.content_id)"
    " JOIN location t ON t.message_id = n.id"
    " WHERE l.id = ? AND t.id > l.id AND t.folder_id <> l.folder_id AND t.uid IS NOT NULL"
    " AND t.server_folder IS NULL"
    " AND (SELECT count (*) FROM location x WHERE x.message_id IN (m.id, n.id)) = 2 ORDER BY t.id DESC"
    " LIMIT 1",
    BIND (INT (id)), 0, twin_id, error);
}

gboolean
store_locations_follow (Store    *store,
                        gint64    id,
                        gint64    twin_id,
                        GError  **error)
{
  g_autoptr(StoreLocation) twin = store_locations_get (store, twin_id, error);

  return twin != NULL
         && store_locations_end (store, twin_id, STORE_BY_MOVE, STORE_SERVER_COPY_GONE, NULL, error)
    && store_locations_move (store, id, twin->folder_id, STORE_BY_ELSEWHERE, error)
    && store_locations_set_uid (store, id, twin->folder_id, twin->uidvalidity, twin->uid, error)
    && store_sql_run (store_peek_mail (store),
                      "UPDATE location SET flags = ?, server_flags = ?, modseq = ?, rev = ? WHERE id = ?",
                      BIND (INT (twin->flags), INT (twin->server_flags),
                            INT_UNLESS (0, (gint64) twin->modseq),
                            INT (store_mail_rev (store)), INT (id)), error);
}
