/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-segment.h"

#include "base/files.h"
#include "store/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PIECE (128 * 1024)

struct _StoreRawReader {
  StoreSegment   *segment;
  StoreRawHeader  header;                /* its names are not kept */
  StoreUnpacker  *unpacker;
  GChecksum      *checksum;
  guint64         offset;                /* of the stored bytes that come next */
  guint64         left;                  /* of stored bytes on the disk */
  guint64         given;                 /* of the message */
  guint8         *piece;
  BaseSlice       stored;                /* read, not yet unpacked */
  gboolean        is_over;               /* and was right */
};

StoreRawReader *
store_segment_reader_new (StoreSegment         *segment,
                          guint64               offset,
                          const StoreRawHeader *header)
{
  StoreRawReader *reader = g_new0 (StoreRawReader, 1);

  reader->segment = store_segment_ref (segment);
  reader->header = *header;
  reader->header.origin.folder = reader->header.origin.uidl = base_slice_new (NULL, 0);
  reader->unpacker = store_unpacker_new ();
  store_unpacker_reset (reader->unpacker, header->encoding);
  reader->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  reader->offset = offset + header->header_size;
  reader->left = header->stored_size;
  reader->piece = g_malloc (MAX (1, MIN (PIECE, header->stored_size)));
  return reader;
}

void
store_raw_reader_free (StoreRawReader *reader)
{
  if (reader == NULL)
    return;
  store_segment_unref (reader->segment);
  store_unpacker_free (reader->unpacker);
  g_checksum_free (reader->checksum);
  g_free (reader->piece);
  g_free (reader);
}

const StoreRawHeader *
store_raw_reader_peek_header (const StoreRawReader *reader)
{
  return &reader->header;
}

static gboolean
set_corrupt (StoreRawReader  *reader,
             const char      *reason,
             GError         **error)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT,
               "A message in %s at %" G_GUINT64_FORMAT " is damaged: %s",
               reader->segment->path, reader->offset, reason);
  return FALSE;
}

static gboolean
fill (StoreRawReader  *reader,
      GError         **error)
{
  gsize size = MIN (PIECE, reader->left);

  if (!base_files_pread_all (reader->segment->fd, reader->piece, size, (goffset) reader->offset, NULL))
    return set_corrupt (reader, "the disk does not give it back", error);
  reader->stored = base_slice_new (reader->piece, size);
  reader->offset += size;
  reader->left -= size;
  return TRUE;
}

static gboolean
check_whole (StoreRawReader  *reader,
             GError         **error)
{
  guint8 digest[32];
  gsize size = sizeof digest;

  g_checksum_get_digest (reader->checksum, digest, &size);
  if (!store_unpacker_is_complete (reader->unpacker) || reader->given != reader->header.size)
    return set_corrupt (reader, "its length is wrong", error);
  if (memcmp (digest, reader->header.sha256, sizeof digest) != 0)
    return set_corrupt (reader, "its bytes are not those that were received", error);
  reader->is_over = TRUE;
  return TRUE;
}

gssize
store_raw_reader_read (StoreRawReader  *reader,
                       guint8          *buffer,
                       gsize            size,
                       GError         **error)
{
  gssize n = 0;

  while (!reader->is_over && n == 0)
    {
      if (reader->stored.size == 0 && reader->left > 0 && !fill (reader, error))
        return -1;
      if ((n = store_unpacker_unpack (reader->unpacker, &reader->stored, buffer, size, error)) < 0)
        return -1;
      reader->given += (guint64) n;
      if (reader->given > reader->header.size)
        {
          set_corrupt (reader, "it is longer than it was", error);
          return -1;
        }
      g_checksum_update (reader->checksum, buffer, n);
      if (n == 0 && reader->stored.size == 0 && reader->left == 0 && !check_whole (reader, error))
        return -1;
    }
  return n;
}

gboolean
store_raw_reader_finish (StoreRawReader  *reader,
                         GError         **error)
{
  g_autofree guint8 *buffer = g_malloc (PIECE);
  gssize n;

  do
    n = store_raw_reader_read (reader, buffer, PIECE, error);
  while (n > 0);
  return n == 0;
}

gboolean
store_segment_is_right (StoreSegment         *segment,
                        guint64               offset,
                        const StoreRawHeader *header)
{
  g_autoptr(StoreRawReader) reader = NULL;

  if (!store_raw_kind_has_bytes (header->kind))
    return TRUE;
  reader = store_segment_reader_new (segment, offset, header);
  return store_raw_reader_finish (reader, NULL);
}

static GBytes *
read_into_memory (StoreRawReader  *reader,
                  GError         **error)
{
  gsize size = reader->header.size, at = 0;
  g_autofree guint8 *data = g_malloc (size + 1);
  gssize n;

  /* One byte more, so that the read after the last byte can find the end. */
  while ((n = store_raw_reader_read (reader, data + at, size + 1 - at, error)) > 0)
    at += (gsize) n;
  return n == 0 ? g_bytes_new_take (g_steal_pointer (&data), size) : NULL;
}

static GBytes *
read_into_spool (StoreRawReader  *reader,
                 const char      *dir,
                 GError         **error)
{
  g_autoptr(StoreSpool) spool = store_spool_new (dir, error);
  g_autofree guint8 *buffer = g_malloc (PIECE);
  gssize n;

  if (spool == NULL)
    return NULL;
  while ((n = store_raw_reader_read (reader, buffer, PIECE, error)) > 0)
    if (!store_spool_append (spool, base_slice_new (buffer, (gsize) n), error))
      return NULL;
  return n == 0 ? store_spool_map (spool, error) : NULL;
}

GBytes *
store_raw_read (StoreRaw             *raw,
                const StoreRawPlace  *place,
                const guint8          sha256[32],
                GError              **error)
{
  g_autoptr(StoreRawReader) reader = store_raw_reader_new (raw, place, error);

  if (reader == NULL)
    return NULL;
  if (memcmp (reader->header.sha256, sha256, 32) != 0)
    {
      set_corrupt (reader, "another message lies there", error);
      return NULL;
    }
  if (reader->header.size > STORE_RAW_IN_MEMORY_MAX)
    return read_into_spool (reader, store_raw_peek_data_dir (raw), error);
  return read_into_memory (reader, error);
}

/* Synced pages are clean, so the system forgets them and has to read the disk; whole pages only. */
static void
drop_from_memory (int     fd,
                  guint64 offset,
                  guint64 size)
{
  guint64 page = (guint64) sysconf (_SC_PAGESIZE);
  guint64 from = offset / page * page, to = (offset + size + page - 1) / page * page;

  posix_fadvise (fd, (off_t) from, (off_t) (to - from), POSIX_FADV_DONTNEED);
}

gboolean
store_raw_verify (StoreRaw             *raw,
                  const StoreRawPlace  *place,
                  guint64               size,
                  const guint8          sha256[32],
                  GError              **error)
{
  g_autoptr(StoreRawReader) reader = store_raw_reader_new (raw, place, error);

  if (reader == NULL)
    return FALSE;
  if (reader->header.size != size || memcmp (reader->header.sha256, sha256, 32) != 0)
    return set_corrupt (reader, "another message lies there", error);
  drop_from_memory (reader->segment->fd, place->offset, place->size);
  return store_raw_reader_finish (reader, error);
}

/* --- walking -------------------------------------------------------------------------------------------- */

static gboolean
report_gap (StoreSegment  *segment,
            guint64        from,
            guint64        to,
            StoreRawFunc   func,
            gpointer       user_data,
            GError       **error)
{
  StoreRawItem gap = { STORE_RAW_GAP, { segment->number, from, to - from } };

  return from == to || func (&gap, user_data, error);
}

gboolean
store_raw_scan (StoreRaw       *raw,
                guint32         number,
                StoreRawDepth   depth,
                StoreRawFunc    func,
                gpointer        user_data,
                GError        **error)
{
  g_autoptr(StoreSegment) segment = store_raw_ref_segment (raw, number, error);
  g_autoptr(GByteArray) buffer = g_byte_array_new ();
  guint64 at = STORE_RAW_FIRST_RECORD, size;

  if (segment == NULL || !store_segment_get_size (segment, &size, error))
    return FALSE;
  while (at < size)
    {
      StoreRawItem item = { STORE_RAW_FOUND, { number, at, 0 } };

      if (store_segment_read_header (segment, at, size, buffer, &item.header) != STORE_RAW_PARSED)
        {
          guint64 next = store_segment_find_header (segment, at + 1, size, size);

          if (!report_gap (segment, at, next, func, user_data, error))
            return FALSE;
          at = next;
          continue;
        }
      item.place.size = item.header.header_size + item.header.stored_size;
      if (depth == STORE_RAW_HEADERS_AND_BYTES && !store_segment_is_right (segment, at, &item.header))
        item.state = STORE_RAW_BROKEN;
      if (!func (&item, user_data, error))
        return FALSE;
      at += item.place.size;
    }
  return TRUE;
}
