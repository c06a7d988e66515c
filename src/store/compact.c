/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/compact.h"

#include "store/contents.h"
#include "store/raw-segment.h"
#include "store/sql.h"

#include "base/clock.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define MAP_MIN (4 * 1024 * 1024)        /* stored bytes that are mapped instead of read */

/* --- tombstones ----------------------------------------------------------------------------------------- */

static gboolean
bury (StoreRaw            *raw,
      gint64               message_id,
      const StoreContent  *content,
      GError             **error)
{
  StoreRawHeader header = {
    .kind = STORE_RAW_TOMBSTONE, .size = (guint64) content->size,
    .origin = { .message_id = message_id, .stored_at = base_clock_now () },
  };

  memcpy (header.sha256, content->sha256, sizeof header.sha256);
  return store_raw_append (raw, &header, NULL, NULL, error);
}

static gboolean
bury_purged (Store              *store,
             StoreRaw           *raw,
             const StorePurged  *purged,
             GError            **error)
{
  for (guint i = 0; i < purged->messages->len; i++)
    {
      const StorePurgedMessage *message = &g_array_index (purged->messages, StorePurgedMessage, i);
      StoreContent content;

      if (message->content_id == 0)
        continue;
      if (!store_contents_get (store, message->content_id, &content, error) ||
          !bury (raw, message->message_id, &content, error))
        return FALSE;
    }
  return TRUE;
}

/* Purged, or dropped by an offline policy: the message that brought the bytes does not need them any more. */
static gboolean
forget_content (Store     *store,
                StoreRaw  *raw,
                gint64     id,
                GError   **error)
{
  StoreContent content;
  g_autoptr(StoreRawReader) reader = NULL;

  if (!store_contents_get (store, id, &content, error))
    return FALSE;
  reader = store_raw_reader_new (raw, &content.place, NULL);
  if (reader != NULL
      && !bury (raw, store_raw_reader_peek_header (reader)->origin.message_id, &content, error))
    return FALSE;
  return store_contents_remove (store, id, error);
}

static gboolean
forget_unnamed (Store     *store,
                StoreRaw  *raw,
                guint      limit,
                gboolean  *more,
                GError   **error)
{
  g_autoptr(GArray) ids = store_sql_list_ints (store_peek_mail (store),
                                               "SELECT id FROM content WHERE NOT EXISTS"
                                               " (SELECT 1 FROM message WHERE content_id = content.id)"
                                               " LIMIT ?",
                                               BIND (INT (limit)), error);

  if (ids == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!forget_content (store, raw, g_array_index (ids, gint64, i), error))
      return FALSE;
  *more = *more || ids->len == limit;
  return TRUE;
}

gboolean
store_compact_purge (Store     *store,
                     StoreRaw  *raw,
                     guint      limit,
                     gboolean  *more,
                     GError   **error)
{
  g_autoptr(StorePurged) purged = store_purge_step (store, limit, error);

  if (purged == NULL)
    return FALSE;
  *more = purged->messages->len == limit;
  return bury_purged (store, raw, purged, error) && forget_unnamed (store, raw, limit, more, error);
}

/* --- which segment -------------------------------------------------------------------------------------- */

StoreCompaction *
store_compaction_new (void)
{
  StoreCompaction *compaction = g_new0 (StoreCompaction, 1);

  compaction->full = g_hash_table_new (NULL, NULL);
  return compaction;
}

void
store_compaction_free (StoreCompaction *compaction)
{
  if (compaction == NULL)
    return;
  g_hash_table_destroy (compaction->full);
  g_free (compaction);
}

static gboolean
is_worth_it (guint64 size,
             guint64 needed)
{
  return needed <= size && (size - needed) * STORE_COMPACT_SHARE >= size;
}

/* 0 if none.  The newest is still being written. */
static gboolean
choose_segment (Store            *store,
                StoreRaw         *raw,
                StoreCompaction  *compaction,
                GError          **error)
{
  g_autoptr(GArray) segments = store_raw_list_segments (raw, error);
  guint64 most = 0;

  compaction->segment = 0;
  if (segments == NULL)
    return FALSE;
  for (guint i = 0; i + 1 < segments->len; i++)
    {
      guint32 segment = g_array_index (segments, guint32, i);
      guint64 size, live;

      if (!store_raw_get_segment_size (raw, segment, &size, error) ||
          !store_contents_get_live (store, segment, &live, error))
        return FALSE;
      if (!is_worth_it (size, live) || size - live <= most ||
          g_hash_table_contains (compaction->full, GUINT_TO_POINTER (segment)))
        continue;
      compaction->segment = segment;
      most = size - live;
    }
  return TRUE;
}

/* --- what is needed ------------------------------------------------------------------------------------- */

typedef struct {
  Store        *store;
  StoreRaw     *raw;
  StoreSegment *segment;
  GArray       *pieces;                  /* of StoreContent: rows that lie in the segment */
  guint64       size;                    /* of the pieces */
  GArray       *rest;                    /* of StoreRawPlace: records without a row that must not be lost */
  guint64       rest_size;
  GHashTable   *buried;                  /* what tombstones name, or NULL: not asked yet */
} Emptying;

static GBytes *
make_key (gint64        message_id,
          const guint8  sha256[32])
{
  guint8 key[40];

  memcpy (key, &message_id, 8);
  memcpy (key + 8, sha256, 32);
  return g_bytes_new (key, sizeof key);
}

static gboolean
note_tombstone (const StoreRawItem  *item,
                gpointer             user_data,
                GError             **error)
{
  GHashTable *buried = user_data;

  if (item->state == STORE_RAW_FOUND && item->header.kind == STORE_RAW_TOMBSTONE)
    g_hash_table_add (buried, make_key (item->header.origin.message_id, item->header.sha256));
  return TRUE;
}

static gboolean
ensure_buried (Emptying  *emptying,
               GError   **error)
{
  g_autoptr(GArray) segments = NULL;

  if (emptying->buried != NULL)
    return TRUE;
  emptying->buried = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                            NULL);
  if ((segments = store_raw_list_segments (emptying->raw, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < segments->len; i++)
    if (!store_raw_scan (emptying->raw, g_array_index (segments, guint32, i), STORE_RAW_HEADERS,
                         note_tombstone, emptying->buried, error))
      return FALSE;
  return TRUE;
}

static gboolean
has_content (Emptying              *emptying,
             const StoreRawHeader  *header,
             gboolean              *alive,
             GError               **error)
{
  gint64 count;

  if (!store_sql_get_int (store_peek_mail (emptying->store),
                          "SELECT count(*) FROM message m JOIN content c ON c.id = m.content_id"
                          " WHERE m.id = ? AND c.sha256 = ?",
                          BIND (INT (header->origin.message_id), BLOB (header->sha256, 32)), 0, &count,
                          error))
    return FALSE;
  *alive = count > 0;
  return TRUE;
}

static gboolean
is_message (Emptying  *emptying,
            gint64     id,
            gboolean  *alive,
            GError   **error)
{
  gint64 count;

  if (!store_sql_get_int (store_peek_mail (emptying->store), "SELECT count(*) FROM message WHERE id = ?",
                          BIND (INT (id)), 0, &count, error))
    return FALSE;
  *alive = count > 0;
  return TRUE;
}

static gboolean
judge_bytes (Emptying            *emptying,
             const StoreRawItem  *item,
             gboolean            *needed,
             GError             **error)
{
  g_autoptr(GBytes) key = NULL;
  StoreContent row;
  gboolean found;

  if (!store_contents_find (emptying->store, item->header.sha256, &row, &found, error))
    return FALSE;
  if (found)
    {
      if (row.place.segment == item->place.segment && row.place.offset == item->place.offset)
        {
          g_array_append_val (emptying->pieces, row);
          emptying->size += row.place.size;
        }
      return TRUE;
    }
  if (!ensure_buried (emptying, error))
    return FALSE;
  key = make_key (item->header.origin.message_id, item->header.sha256);
  *needed = !g_hash_table_contains (emptying->buried, key);
  return TRUE;
}

/* It is needed as long as the record may be there that it buries, unless the message has come again. */
static gboolean
judge_tombstone (Emptying            *emptying,
                 const StoreRawItem  *item,
                 gboolean            *needed,
                 GError             **error)
{
  g_autoptr(GArray) segments = store_raw_list_segments (emptying->raw, error);
  gboolean alive;

  if (segments == NULL || !has_content (emptying, &item->header, &alive, error))
    return FALSE;
  for (guint i = 0; i < segments->len && !alive; i++)
    {
      guint32 other = g_array_index (segments, guint32, i);

      *needed = *needed || (other != item->place.segment && other <= item->header.born_in);
    }
  return TRUE;
}

static gboolean
judge_record (Emptying            *emptying,
              const StoreRawItem  *item,
              gboolean            *needed,
              GError             **error)
{
  switch (item->header.kind)
    {
    case STORE_RAW_BODY:
    case STORE_RAW_CONTENT:
      return judge_bytes (emptying, item, needed, error);
    case STORE_RAW_REFERENCE:
      return has_content (emptying, &item->header, needed, error);
    case STORE_RAW_TOMBSTONE:
      return judge_tombstone (emptying, item, needed, error);
    case STORE_RAW_DETACHED:
      return is_message (emptying, item->header.origin.message_id, needed, error);
    }
  g_assert_not_reached ();
}

static gboolean
collect (const StoreRawItem  *item,
         gpointer             user_data,
         GError             **error)
{
  Emptying *emptying = user_data;
  gboolean needed = FALSE;

  if (item->state == STORE_RAW_GAP || emptying->size >= STORE_COMPACT_PIECE)
    return TRUE;
  if (!judge_record (emptying, item, &needed, error))
    return FALSE;
  if (!needed)
    return TRUE;
  g_array_append_val (emptying->rest, item->place);
  emptying->rest_size += item->place.size;
  return TRUE;
}

/* --- copying -------------------------------------------------------------------------------------------- */

typedef struct {
  void  *data;
  gsize  size;
} Mapping;

static void
unmap (gpointer data)
{
  Mapping *mapping = data;

  munmap (mapping->data, mapping->size);
  g_free (mapping);
}

static GBytes *
map_stored (StoreSegment *segment,
            guint64       offset,
            gsize         size)
{
  guint64 page = (guint64) sysconf (_SC_PAGESIZE), from = offset / page * page;
  gsize lead = (gsize) (offset - from);
  void *data = mmap (NULL, lead + size, PROT_READ, MAP_SHARED, segment->fd, (off_t) from);
  Mapping *mapping;

  if (data == MAP_FAILED)
    return NULL;
  mapping = g_new (Mapping, 1);
  *mapping = (Mapping) { data, lead + size };
  return g_bytes_new_with_free_func ((guint8 *) data + lead, size, unmap, mapping);
}

static GBytes *
read_stored (StoreSegment *segment,
             guint64       offset,
             gsize         size)
{
  g_autofree guint8 *data = NULL;

  if (size >= MAP_MIN)
    return map_stored (segment, offset, size);
  data = g_malloc (size + 1);
  for (gsize at = 0; at < size; )
    {
      ssize_t got = pread (segment->fd, data + at, size - at, (off_t) (offset + at));

      if (got <= 0)
        return NULL;
      at += (gsize) got;
    }
  return g_bytes_new_take (g_steal_pointer (&data), size);
}

/* Appends the record again; its bytes are looked at first, so that damage is never taken along. */
static gboolean
copy_record (Emptying             *emptying,
             const StoreRawPlace  *place,
             StoreRawPlace        *copy,
             GError              **error)
{
  g_autoptr(GByteArray) buffer = g_byte_array_new ();
  g_autoptr(GBytes) stored = NULL;
  StoreRawHeader header;
  gboolean is_whole, has_bytes, alive = TRUE;

  is_whole = store_segment_read_header (emptying->segment, place->offset, place->offset + place->size, buffer,
                                        &header) == STORE_RAW_PARSED &&
             store_segment_is_right (emptying->segment, place->offset, &header);
  has_bytes = is_whole && store_raw_kind_has_bytes (header.kind);
  if (has_bytes)
    stored = read_stored (emptying->segment, place->offset + header.header_size, header.stored_size);
  if (!is_whole || (has_bytes && stored == NULL))
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT,
                   "Cannot empty %s: what lies at %" G_GUINT64_FORMAT " is damaged",
                   emptying->segment->path, place->offset);
      return FALSE;
    }
  /* The bytes live on for other messages. */
  if (header.kind == STORE_RAW_BODY && !has_content (emptying, &header, &alive, error))
    return FALSE;
  if (!alive)
    header.kind = STORE_RAW_CONTENT;
  return store_raw_append (emptying->raw, &header, stored, copy, error);
}

static gboolean
move_pieces (Emptying  *emptying,
             GError   **error)
{
  for (guint i = 0; i < emptying->pieces->len; i++)
    {
      const StoreContent *row = &g_array_index (emptying->pieces, StoreContent, i);
      StoreRawPlace place;

      if (!copy_record (emptying, &row->place, &place, error) ||
          !store_contents_move (emptying->store, row->id, &place, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
move_rest (Emptying  *emptying,
           GError   **error)
{
  for (guint i = 0; i < emptying->rest->len; i++)
    if (!copy_record (emptying, &g_array_index (emptying->rest, StoreRawPlace, i), NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
empty_a_piece (Emptying         *emptying,
               StoreCompaction  *compaction,
               GError          **error)
{
  guint64 size;

  if (!store_segment_get_size (emptying->segment, &size, error) ||
      !store_raw_scan (emptying->raw, emptying->segment->number, STORE_RAW_HEADERS, collect, emptying, error))
    return FALSE;
  compaction->state = STORE_COMPACT_MOVED;
  if (emptying->pieces->len > 0)
    return move_pieces (emptying, error);
  if (!is_worth_it (size, emptying->rest_size))
    {
      g_hash_table_add (compaction->full, GUINT_TO_POINTER (compaction->segment));
      return TRUE;
    }
  compaction->state = STORE_COMPACT_EMPTIED;
  return move_rest (emptying, error);
}

gboolean
store_compact_step (Store            *store,
                    StoreRaw         *raw,
                    StoreCompaction  *compaction,
                    GError          **error)
{
  g_autoptr(GArray) pieces = g_array_new (FALSE, FALSE, sizeof (StoreContent));
  g_autoptr(GArray) rest = g_array_new (FALSE, FALSE, sizeof (StoreRawPlace));
  g_autoptr(StoreSegment) segment = NULL;
  Emptying emptying = { .store = store, .raw = raw, .pieces = pieces, .rest = rest };
  gboolean done;

  compaction->state = STORE_COMPACT_NOTHING;
  if (!choose_segment (store, raw, compaction, error))
    return FALSE;
  if (compaction->segment == 0)
    return TRUE;
  if ((segment = store_raw_ref_segment (raw, compaction->segment, error)) == NULL)
    return FALSE;
  emptying.segment = segment;
  done = empty_a_piece (&emptying, compaction, error);
  g_clear_pointer (&emptying.buried, g_hash_table_unref);
  return done;
}
