/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/objects.h"

#include "base/clock.h"
#include "store/desk.h"

#include <string.h>

#define SHA256_SIZE 32

/* --- writing -------------------------------------------------------------------------------------------- */

struct _StoreObjectWriter {
  Store     *store;
  gint64     id;
  gint64     size;
  gint64     position;                  /* of the piece being filled */
  guint8    *piece;
  gsize      filled;
  GChecksum *checksum;
};

static void
writer_free (StoreObjectWriter *writer)
{
  g_checksum_free (writer->checksum);
  g_free (writer->piece);
  g_free (writer);
}

StoreObjectWriter *
store_objects_begin (Store   *store,
                     GError **error)
{
  StoreObjectWriter *writer;
  gint64 id = store_desk_insert (store, "INSERT INTO object (size, created_at) VALUES (0, ?)",
                                 BIND (INT (base_clock_now ())), error);

  if (id == 0)
    return NULL;
  writer = g_new0 (StoreObjectWriter, 1);
  writer->store = store;
  writer->id = id;
  writer->piece = g_malloc (STORE_OBJECT_PIECE);
  writer->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  return writer;
}

static gboolean
write_piece (StoreObjectWriter *writer,
             GError           **error)
{
  if (!store_desk_run (writer->store, "INSERT INTO piece VALUES (?, ?, ?)",
                       BIND (INT (writer->id), INT (writer->position), BLOB (writer->piece, writer->filled)),
                       NULL, error))
    return FALSE;
  writer->position++;
  writer->filled = 0;
  return TRUE;
}

gboolean
store_object_writer_add (StoreObjectWriter *writer,
                         const void        *data,
                         gsize              size,
                         GError           **error)
{
  const guint8 *rest = data;

  if (writer->size + (gint64) size > STORE_OBJECT_MAX)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "More than %u GB cannot be kept",
                   (guint) (STORE_OBJECT_MAX >> 30));
      return FALSE;
    }
  g_checksum_update (writer->checksum, data, (gssize) size);
  writer->size += (gint64) size;
  while (size > 0)
    {
      gsize fits = MIN (size, STORE_OBJECT_PIECE - writer->filled);

      memcpy (writer->piece + writer->filled, rest, fits);
      writer->filled += fits;
      rest += fits;
      size -= fits;
      if (writer->filled == STORE_OBJECT_PIECE && !write_piece (writer, error))
        return FALSE;
    }
  return TRUE;
}

gint64
store_object_writer_finish (StoreObjectWriter *writer,
                            GError           **error)
{
  g_autoptr(StoreObjectWriter) unfinished = writer;
  guint8 sha256[SHA256_SIZE];
  gsize sha256_size = sizeof sha256;
  gint64 id = writer->id;

  if (writer->filled > 0 && !write_piece (writer, error))
    return 0;
  g_checksum_get_digest (writer->checksum, sha256, &sha256_size);
  if (!store_desk_run_one (writer->store, "UPDATE object SET size = ?, sha256 = ? WHERE id = ?",
                           BIND (INT (writer->size), BLOB (sha256, sizeof sha256), INT (id)), "object", id,
                           error))
    return 0;
  writer_free (g_steal_pointer (&unfinished));
  return id;
}

void
store_object_writer_abandon (StoreObjectWriter *writer)
{
  g_autoptr(GError) error = NULL;

  if (writer == NULL)
    return;
  if (!store_desk_run (writer->store, "DELETE FROM object WHERE id = ?", BIND (INT (writer->id)), NULL,
                       &error))
    g_info ("Object %" G_GINT64_FORMAT " is left to the sweep: %s", writer->id, error->message);
  writer_free (writer);
}

gint64
store_objects_add_stream (Store         *store,
                          GInputStream  *stream,
                          GCancellable  *cancellable,
                          GError       **error)
{
  g_autoptr(StoreObjectWriter) writer = store_objects_begin (store, error);
  g_autofree guint8 *buffer = g_malloc (STORE_OBJECT_PIECE / 4);
  gssize got;

  if (writer == NULL)
    return 0;
  while ((got = g_input_stream_read (stream, buffer, STORE_OBJECT_PIECE / 4, cancellable, error)) > 0)
    if (!store_object_writer_add (writer, buffer, (gsize) got, error))
      return 0;
  return got < 0 ? 0 : store_object_writer_finish (g_steal_pointer (&writer), error);
}

gint64
store_objects_add (Store      *store,
                   BaseSlice   bytes,
                   GError    **error)
{
  g_autoptr(StoreObjectWriter) writer = store_objects_begin (store, error);

  if (writer == NULL || !store_object_writer_add (writer, bytes.data, bytes.size, error))
    return 0;
  return store_object_writer_finish (g_steal_pointer (&writer), error);
}

/* --- reading -------------------------------------------------------------------------------------------- */

struct _StoreObjectReader {
  Store     *store;
  gint64     id;
  gint64     size;
  gint64     seen;
  gint64     position;                  /* of the next piece */
  gboolean   has_ended;
  GChecksum *checksum;
  guint8     sha256[SHA256_SIZE];
};

StoreObjectReader *
store_objects_open (Store   *store,
                    gint64   id,
                    GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
                                                    "SELECT size, sha256 FROM object "
                                                    "WHERE id = ? AND sha256 IS NOT NULL", BIND (INT (id)),
                                                    error);
  StoreObjectReader *reader;
  BaseSlice sha256;

  if (rows == NULL)
    return NULL;
  if (!store_sql_next (rows))
    {
      if (store_sql_end (rows, error))
        store_sql_set_missing (error, "object", id);
      return NULL;
    }
  reader = g_new0 (StoreObjectReader, 1);
  reader->store = store;
  reader->id = id;
  reader->size = store_sql_int (rows, 0);
  reader->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  sha256 = store_sql_bytes (rows, 1);
  memcpy (reader->sha256, sha256.data, MIN (sha256.size, SHA256_SIZE));
  return reader;
}

void
store_object_reader_free (StoreObjectReader *reader)
{
  if (reader == NULL)
    return;
  g_checksum_free (reader->checksum);
  g_free (reader);
}

gint64
store_object_reader_get_size (const StoreObjectReader *reader)
{
  return reader->size;
}

static void
check_end (StoreObjectReader *reader,
           GError           **error)
{
  guint8 sha256[SHA256_SIZE];
  gsize size = sizeof sha256;

  reader->has_ended = TRUE;
  g_checksum_get_digest (reader->checksum, sha256, &size);
  if (reader->seen != reader->size || memcmp (sha256, reader->sha256, SHA256_SIZE) != 0)
    g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT,
                 "Object %" G_GINT64_FORMAT " is damaged: %" G_GINT64_FORMAT
                 " of %" G_GINT64_FORMAT " bytes", reader->id, reader->seen, reader->size);
}

GBytes *
store_object_reader_next (StoreObjectReader *reader,
                          GError           **error)
{
  g_autoptr(StoreStatement) rows = NULL;
  GBytes *piece;

  if (reader->has_ended)
    return NULL;
  rows = store_sql_query (store_peek_desk (reader->store),
                          "SELECT data FROM piece WHERE object_id = ? AND position = ?",
                          BIND (INT (reader->id), INT (reader->position)), error);
  if (rows == NULL)
    return NULL;
  if (!store_sql_next (rows))
    {
      if (store_sql_end (rows, error))
        check_end (reader, error);
      return NULL;
    }
  piece = store_sql_dup_bytes (rows, 0);
  g_checksum_update (reader->checksum, g_bytes_get_data (piece, NULL), (gssize) g_bytes_get_size (piece));
  reader->seen += (gint64) g_bytes_get_size (piece);
  reader->position++;
  return piece;
}

GBytes *
store_objects_read (Store   *store,
                    gint64   id,
                    gsize    limit,
                    GError **error)
{
  g_autoptr(StoreObjectReader) reader = store_objects_open (store, id, error);
  g_autoptr(GByteArray) all = g_byte_array_new ();
  g_autoptr(GError) problem = NULL;
  GBytes *piece;

  if (reader == NULL)
    return NULL;
  if (reader->size > (gint64) MIN (limit, G_MAXINT32))
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "Object %" G_GINT64_FORMAT " is larger than %" G_GSIZE_FORMAT
                   " bytes", id, limit);
      return NULL;
    }
  while ((piece = store_object_reader_next (reader, &problem)) != NULL)
    {
      g_byte_array_append (all, g_bytes_get_data (piece, NULL), (guint) g_bytes_get_size (piece));
      g_bytes_unref (piece);
    }
  if (problem == NULL)
    return g_byte_array_free_to_bytes (g_steal_pointer (&all));
  g_propagate_error (error, g_steal_pointer (&problem));
  return NULL;
}

gint64
store_objects_get_size (Store   *store,
                        gint64   id,
                        GError **error)
{
  g_autoptr(StoreObjectReader) reader = store_objects_open (store, id, error);

  return reader != NULL ? reader->size : -1;
}

/* --- housekeeping --------------------------------------------------------------------------------------- */

gboolean
store_objects_sweep (Store   *store,
                     GError **error)
{
  return store_desk_run (store, "DELETE FROM object WHERE created_at < ?"
                         " AND id NOT IN (SELECT object_id FROM draft_attachment)"
                         " AND id NOT IN (SELECT object_id FROM outbox)"
                         " AND id NOT IN (SELECT sent_object_id FROM outbox WHERE sent_object_id IS NOT NULL)"
                         " AND id NOT IN (SELECT object_id FROM change WHERE object_id IS NOT NULL)",
                         BIND (INT (base_clock_now () - STORE_OBJECT_SPARE_S)), NULL, error);
}
