/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-segment.h"

#include "base/files.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define OPEN_MAX_SEGMENTS 8              /* kept open for reading */
#define BUFFER_MAX        (1024 * 1024)  /* gathered before it is written */
#define DIRECT_MIN        (256 * 1024)   /* stored bytes that are written without gathering */

struct _StoreRaw {
  char         *data_dir;
  char         *dir;                     /* of the segments */
  GPtrArray    *open;                    /* of StoreSegment, for reading, the newest used last */
  int           lock_fd;                 /* -1: not the appender */
  StoreSegment *tail;                    /* appended to; NULL: the next append makes one */
  guint64       segment_max;
  guint32       newest;                  /* number of the newest segment, 0 if none */
  guint64       durable;                 /* of tail: synced up to here */
  guint64       written;                 /* of tail: given to the system up to here */
  gboolean      is_dirty;                /* there may be bytes behind durable */
  GByteArray   *buffer;                  /* comes after written */
};

StoreRaw *
store_raw_new (const char *data_dir)
{
  StoreRaw *raw = g_new0 (StoreRaw, 1);

  raw->data_dir = g_strdup (data_dir);
  raw->dir = g_build_filename (data_dir, "raw", NULL);
  raw->open = g_ptr_array_new_with_free_func ((GDestroyNotify) store_segment_unref);
  raw->buffer = g_byte_array_new ();
  raw->segment_max = STORE_RAW_SEGMENT_MAX;
  raw->lock_fd = -1;
  return raw;
}

void
store_raw_free (StoreRaw *raw)
{
  if (raw == NULL)
    return;
  store_raw_take_back (raw);
  g_ptr_array_unref (raw->open);
  store_segment_unref (raw->tail);
  g_byte_array_unref (raw->buffer);
  if (raw->lock_fd >= 0)
    close (raw->lock_fd);
  g_free (raw->data_dir);
  g_free (raw->dir);
  g_free (raw);
}

void
store_raw_set_segment_max (StoreRaw *raw,
                           guint64   size)
{
  raw->segment_max = size;
}

const char *
store_raw_peek_data_dir (const StoreRaw *raw)
{
  return raw->data_dir;
}

static gint
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint32 first = *(const guint32 *) a, second = *(const guint32 *) b;

  return first < second ? -1 : first > second;
}

GArray *
store_raw_list_segments (StoreRaw  *raw,
                         GError   **error)
{
  g_autoptr(GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(GDir) dir = g_dir_open (raw->dir, 0, NULL);
  const char *name;

  if (dir == NULL && g_file_test (raw->dir, G_FILE_TEST_EXISTS))
    {
      store_file_set_error (error, "list", raw->dir);
      return NULL;
    }
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      guint32 number = store_segment_parse_name (name);

      if (number > 0)
        g_array_append_val (numbers, number);
    }
  g_array_sort (numbers, compare_numbers);
  return g_steal_pointer (&numbers);
}

StoreSegment *
store_raw_ref_segment (StoreRaw  *raw,
                       guint32    number,
                       GError   **error)
{
  StoreSegment *segment;

  for (guint i = raw->open->len; i > 0; i--)
    if ((segment = g_ptr_array_index (raw->open, i - 1))->number == number)
      return store_segment_ref (segment);

  segment = store_segment_open (raw->dir, number, STORE_SEGMENT_READ, error);
  if (segment == NULL)
    return NULL;
  if (raw->open->len == OPEN_MAX_SEGMENTS)
    g_ptr_array_remove_index (raw->open, 0);
  g_ptr_array_add (raw->open, store_segment_ref (segment));
  return segment;
}

gboolean
store_raw_get_segment_size (StoreRaw  *raw,
                            guint32    number,
                            guint64   *size,
                            GError   **error)
{
  g_autoptr(StoreSegment) segment = store_raw_ref_segment (raw, number, error);

  return segment != NULL && store_segment_get_size (segment, size, error);
}

StoreRawReader *
store_raw_reader_new (StoreRaw             *raw,
                      const StoreRawPlace  *place,
                      GError              **error)
{
  g_autoptr(StoreSegment) segment = store_raw_ref_segment (raw, place->segment, error);
  g_autoptr(GByteArray) buffer = g_byte_array_new ();
  StoreRawHeader header;

  if (segment == NULL)
    return NULL;
  if (store_segment_read_header (segment, place->offset, place->offset + place->size, buffer,
                                 &header) == STORE_RAW_PARSED)
    return store_segment_reader_new (segment, place->offset, &header);
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT,
               "A message in %s at %" G_GUINT64_FORMAT " is damaged: %s",
               segment->path, place->offset, "its header is gone");
  return NULL;
}

/* --- appending ------------------------------------------------------------------------------------------ */

static gboolean
take_lock (StoreRaw  *raw,
           GError   **error)
{
  g_autofree char *path = g_build_filename (raw->dir, "lock", NULL);
  int fd;

  if (!base_files_make_private_dir (raw->dir, error) || !base_files_sync_dir (raw->data_dir, error))
    return FALSE;
  if ((fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
    return store_file_set_error (error, "create", path);
  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      close (fd);
      g_set_error (error, STORE_ERROR, STORE_ERROR_LOCKED, "Another program stores mail in %s", raw->dir);
      return FALSE;
    }
  raw->lock_fd = fd;
  return TRUE;
}

/* Whether the newest segment can be gone on with.  It cannot when the database knows more of it than there
 * is. */
static gboolean
open_tail (StoreRaw  *raw,
           guint64    known_end,
           GError   **error)
{
  g_autoptr(GError) reason = NULL;
  g_autoptr(StoreSegment) tail = store_segment_open (raw->dir, raw->newest, STORE_SEGMENT_WRITE, &reason);
  guint64 size, end;

  if (tail == NULL && g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      g_warning ("%s", reason->message);
      return TRUE;
    }
  if (tail == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (!store_segment_get_size (tail, &size, error))
    return FALSE;
  if (known_end > size)
    return TRUE;

  end = MAX (store_segment_find_end (tail, size), known_end);
  if (end < size)
    {
      g_info ("%s: %" G_GUINT64_FORMAT " unfinished bytes cut off", tail->path, size - end);
      if (ftruncate (tail->fd, (off_t) end) != 0)
        return store_file_set_error (error, "shorten", tail->path);
    }
  /* What was found whole may still lie in memory only, when the last appender was killed before its sync. */
  if (fdatasync (tail->fd) != 0)
    return store_file_set_error (error, "sync", tail->path);
  raw->tail = g_steal_pointer (&tail);
  raw->durable = raw->written = end;
  return TRUE;
}

gboolean
store_raw_begin_appending (StoreRaw          *raw,
                           StoreRawKnownEnd   known_end,
                           gpointer           user_data,
                           GError           **error)
{
  g_autoptr(GArray) numbers = NULL;
  guint64 end = 0;

  if (!take_lock (raw, error))
    return FALSE;
  if ((numbers = store_raw_list_segments (raw, error)) == NULL)
    return FALSE;
  if (numbers->len == 0)
    return TRUE;
  raw->newest = g_array_index (numbers, guint32, numbers->len - 1);
  if (known_end != NULL && !known_end (raw->newest, &end, user_data, error))
    return FALSE;
  return open_tail (raw, end, error);
}

/* Nobody knows any more what of it is on the disk, so nothing is added to it. */
static void
abandon_tail (StoreRaw *raw)
{
  g_clear_pointer (&raw->tail, store_segment_unref);
}

void
store_raw_take_back (StoreRaw *raw)
{
  g_byte_array_set_size (raw->buffer, 0);
  raw->written = raw->durable;
  if (!raw->is_dirty)
    return;
  raw->is_dirty = FALSE;
  if (ftruncate (raw->tail->fd, (off_t) raw->durable) != 0)
    abandon_tail (raw);
}

static gboolean
write_out (StoreRaw   *raw,
           BaseSlice   bytes,
           GError    **error)
{
  raw->is_dirty = TRUE;
  if (!store_file_write (raw->tail->fd, raw->tail->path, bytes, raw->written, error))
    return FALSE;
  raw->written += bytes.size;
  return TRUE;
}

static gboolean
flush (StoreRaw  *raw,
       GError   **error)
{
  if (raw->buffer->len == 0)
    return TRUE;
  if (!write_out (raw, base_slice_new (raw->buffer->data, raw->buffer->len), error))
    return FALSE;
  g_byte_array_set_size (raw->buffer, 0);
  return TRUE;
}

gboolean
store_raw_sync (StoreRaw  *raw,
                GError   **error)
{
  if (raw->tail == NULL)
    return TRUE;
  if (!flush (raw, error))
    {
      store_raw_take_back (raw);
      return FALSE;
    }
  if (!raw->is_dirty)
    return TRUE;
  if (fdatasync (raw->tail->fd) != 0)
    {
      store_file_set_error (error, "sync", raw->tail->path);
      store_raw_take_back (raw);
      abandon_tail (raw);
      return FALSE;
    }
  raw->durable = raw->written;
  raw->is_dirty = FALSE;
  return TRUE;
}

static gboolean
has_room (const StoreRaw *raw,
          guint64         size)
{
  guint64 end = raw->written + raw->buffer->len;

  return end == STORE_RAW_FIRST_RECORD || end + size <= raw->segment_max;
}

static gboolean
ensure_tail (StoreRaw  *raw,
             guint64    size,
             GError   **error)
{
  if (raw->tail != NULL && has_room (raw, size))
    return TRUE;
  if (!store_raw_sync (raw, error))
    return FALSE;
  abandon_tail (raw);
  if ((raw->tail = store_segment_create (raw->dir, raw->newest + 1, error)) == NULL)
    return FALSE;
  raw->newest++;
  raw->durable = raw->written = STORE_RAW_FIRST_RECORD;
  return TRUE;
}

static gboolean
append_record (StoreRaw              *raw,
               const StoreRawHeader  *header,
               GBytes                *stored,
               StoreRawPlace         *place,
               GError               **error)
{
  StoreRawHeader written = *header;
  BaseSlice bytes = stored != NULL ? base_slice_from_bytes (stored) : base_slice_new (NULL, 0);
  gsize names_size = header->origin.folder.size + header->origin.uidl.size;

  if (!ensure_tail (raw, STORE_RAW_HEADER_MIN + names_size + bytes.size, error))
    return FALSE;
  written.stored_size = bytes.size;
  written.durable_to = raw->durable;
  if (written.born_in == 0)
    written.born_in = raw->tail->number;
  place->segment = raw->tail->number;
  place->offset = raw->written + raw->buffer->len;
  store_raw_header_write (&written, raw->tail->salt, raw->buffer);
  place->size = written.header_size + bytes.size;

  if (bytes.size >= DIRECT_MIN)
    return flush (raw, error) && write_out (raw, bytes, error);
  g_byte_array_append (raw->buffer, bytes.data, (guint) bytes.size);
  return raw->buffer->len < BUFFER_MAX || flush (raw, error);
}

gboolean
store_raw_append (StoreRaw              *raw,
                  const StoreRawHeader  *header,
                  GBytes                *stored,
                  StoreRawPlace         *place,
                  GError               **error)
{
  StoreRawPlace unused;

  g_assert (raw->lock_fd >= 0);
  if (append_record (raw, header, stored, place != NULL ? place : &unused, error))
    return TRUE;
  store_raw_take_back (raw);
  return FALSE;
}

gboolean
store_raw_remove_segment (StoreRaw  *raw,
                          guint32    number,
                          GError   **error)
{
  g_autofree char *path = store_segment_dup_path (raw->dir, number);

  g_assert (raw->lock_fd >= 0 && number != raw->newest);
  for (guint i = raw->open->len; i > 0; i--)
    if (((StoreSegment *) g_ptr_array_index (raw->open, i - 1))->number == number)
      g_ptr_array_remove_index (raw->open, i - 1);
  if (g_unlink (path) != 0 && errno != ENOENT)
    return store_file_set_error (error, "delete", path);
  return base_files_sync_dir (raw->dir, error);
}
