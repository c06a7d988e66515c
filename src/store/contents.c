/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/contents.h"

#include "store/sql.h"

#include <string.h>

#define COLUMNS "content.id, content.sha256, content.size, content.segment, content.offset, " \
  "content.stored_size, " \
                "content.stored_at"

static void
take_row (StoreContent   *content,
          StoreStatement *rows)
{
  BaseSlice sha256 = store_sql_bytes (rows, 1);

  content->id = store_sql_int (rows, 0);
  memcpy (content->sha256, sha256.data, sizeof content->sha256);
  content->size = store_sql_int (rows, 2);
  content->place.segment = (guint32) store_sql_int (rows, 3);
  content->place.offset = (guint64) store_sql_int (rows, 4);
  content->place.size = (guint64) store_sql_int (rows, 5);
  content->stored_at = store_sql_int (rows, 6);
}

/* Takes rows. */
static gboolean
take_first (StoreStatement  *statement,
            StoreContent    *content,
            gboolean        *found,
            GError         **error)
{
  g_autoptr(StoreStatement) rows = statement;

  if (rows == NULL)
    return FALSE;
  *found = store_sql_next (rows);
  if (!*found)
    return store_sql_end (rows, error);
  take_row (content, rows);
  return TRUE;
}

gint64
store_contents_add (Store               *store,
                    const StoreContent  *content,
                    GError             **error)
{
  StoreDb *db = store_peek_mail (store);

  if (!store_sql_run (db, "INSERT INTO content (sha256, size, segment, offset, stored_size, stored_at) "
                          "VALUES (?, ?, ?, ?, ?, ?)",
                      BIND (BLOB (content->sha256, sizeof content->sha256), INT (content->size),
                            INT (content->place.segment), INT (content->place.offset),
                            INT (content->place.size), INT (content->stored_at)), error))
    return 0;
  return store_sql_last_id (db);
}

gboolean
store_contents_find (Store         *store,
                     const guint8   sha256[32],
                     StoreContent  *content,
                     gboolean      *found,
                     GError       **error)
{
  return take_first (store_sql_query (store_peek_mail (store),
                                      "SELECT " COLUMNS " FROM content WHERE sha256 = ?",
                                      BIND (BLOB (sha256, 32)), error), content, found, error);
}

gboolean
store_contents_get (Store         *store,
                    gint64         id,
                    StoreContent  *content,
                    GError       **error)
{
  gboolean found;

  if (!take_first (store_sql_query (store_peek_mail (store), "SELECT " COLUMNS " FROM content WHERE id = ?",
                                    BIND (INT (id)), error), content, &found, error))
    return FALSE;
  return found || store_sql_set_missing (error, "content", id);
}

gboolean
store_contents_move (Store                *store,
                     gint64                id,
                     const StoreRawPlace  *place,
                     GError              **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE content SET segment = ?, offset = ?, stored_size = ? WHERE id = ?",
                        BIND (INT (place->segment), INT (place->offset), INT (place->size), INT (id)), error);
}

gboolean
store_contents_remove (Store   *store,
                       gint64   id,
                       GError **error)
{
  return store_sql_run (store_peek_mail (store), "DELETE FROM content WHERE id = ?", BIND (INT (id)), error);
}

static gboolean
get_of_message (Store         *store,
                gint64         message_id,
                StoreContent  *content,
                GError       **error)
{
  gboolean found;

  if (!take_first (store_sql_query (store_peek_mail (store),
                                    "SELECT " COLUMNS " FROM message JOIN content ON content.id ="
                                    " message.content_id "
                                    "WHERE message.id = ?", BIND (INT (message_id)), error), content, &found,
                                    error))
    return FALSE;
  if (!found)
    g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND,
                 "Message %" G_GINT64_FORMAT " is not on this computer", message_id);
  return found;
}

GBytes *
store_contents_read (Store     *store,
                     StoreRaw  *raw,
                     gint64     message_id,
                     GError   **error)
{
  StoreContent content;
  g_autoptr(GError) reason = NULL;
  GBytes *bytes;

  if (!get_of_message (store, message_id, &content, error))
    return NULL;
  bytes = store_raw_read (raw, &content.place, content.sha256, &reason);
  if (bytes == NULL && g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    {
      /* The segment was compacted between the row and the file. */
      if (!get_of_message (store, message_id, &content, error))
        return NULL;
      return store_raw_read (raw, &content.place, content.sha256, error);
    }
  if (bytes == NULL)
    g_propagate_error (error, g_steal_pointer (&reason));
  return bytes;
}

gboolean
store_contents_get_live (Store    *store,
                         guint32   segment,
                         guint64  *bytes,
                         GError  **error)
{
  gint64 sum;

  if (!store_sql_get_int (store_peek_mail (store), "SELECT sum (stored_size) FROM content WHERE segment = ?",
                          BIND (INT (segment)), 0, &sum, error))
    return FALSE;
  *bytes = (guint64) sum;
  return TRUE;
}

gboolean
store_contents_get_end (guint32    segment,
                        guint64   *end,
                        gpointer   user_data,
                        GError   **error)
{
  Store *store = user_data;
  gint64 value;

  /* Records do not overlap: the one that begins last ends last. */
  if (!store_sql_get_int (store_peek_mail (store),
                          "SELECT offset + stored_size FROM content WHERE segment = ?"
                          " ORDER BY offset DESC LIMIT 1",
                          BIND (INT (segment)), 0, &value, error))
    return FALSE;
  *end = (guint64) value;
  return TRUE;
}
