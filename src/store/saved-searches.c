/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/saved-searches.h"

#include "store/desk.h"

void
store_saved_search_free (StoreSavedSearch *search)
{
  if (search == NULL)
    return;
  g_free (search->name);
  g_free (search->query);
  g_free (search);
}

GPtrArray *
store_saved_searches_list (Store   *store,
                           GError **error)
{
  g_autoptr(GPtrArray) searches = g_ptr_array_new_with_free_func ((GDestroyNotify) store_saved_search_free);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
                                                    "SELECT id, name, query, position, rev "
                                                    "FROM saved_search ORDER BY position, id", NULL, error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreSavedSearch *search = g_new0 (StoreSavedSearch, 1);

      search->id = store_sql_int (rows, 0);
      search->name = store_desk_dup_text (rows, 1);
      search->query = store_desk_dup_text (rows, 2);
      search->position = (gint) store_sql_int (rows, 3);
      search->rev = store_sql_int (rows, 4);
      g_ptr_array_add (searches, search);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&searches) : NULL;
}

gint64
store_saved_searches_save (Store       *store,
                           gint64       id,
                           const char  *name,
                           const char  *query,
                           GError     **error)
{
  if (id == 0)
    return store_desk_insert (store, "INSERT INTO saved_search (name, query, position, rev) VALUES (?, ?, "
                              "(SELECT coalesce (max (position) + 1, 0) FROM saved_search), " DESK_REV ")",
                              BIND (TEXT (name), TEXT (query)), error);
  return store_desk_run_one (store,
                             "UPDATE saved_search SET name = ?, query = ?, rev = " DESK_REV " WHERE id = ?",
                             BIND (TEXT (name), TEXT (query), INT (id)), "saved search", id, error) ? id : 0;
}

typedef struct {
  gint64 id;
  gint   position;
} Move;

/* Numbers all of them anew: there are few. */
static gboolean
move_search (Store     *store,
             gpointer   data,
             GError   **error)
{
  const Move *move = data;
  StoreDb *db = store_peek_desk (store);
  g_autoptr(GArray) ids = store_sql_list_ints (db, "SELECT id FROM saved_search WHERE id <> ?"
                                                   " ORDER BY position, id",
                                               BIND (INT (move->id)), error);

  if (ids == NULL)
    return FALSE;
  g_array_insert_val (ids, CLAMP (move->position, 0, (gint) ids->len), move->id);
  for (guint i = 0; i < ids->len; i++)
    if (!store_sql_run (db, "UPDATE saved_search SET position = ?, rev = " DESK_REV " WHERE id = ?",
                        BIND (INT (i), INT (g_array_index (ids, gint64, i))), error))
      return FALSE;
  return TRUE;
}

gboolean
store_saved_searches_move (Store   *store,
                           gint64   id,
                           gint     position,
                           GError **error)
{
  Move move = { id, position };

  return store_desk_write (store, move_search, &move, error);
}

gboolean
store_saved_searches_remove (Store   *store,
                             gint64   id,
                             GError **error)
{
  return store_desk_run_one (store, "DELETE FROM saved_search WHERE id = ?", BIND (INT (id)), "saved search",
                             id, error);
}
