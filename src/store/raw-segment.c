/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-segment.h"

#include "base/files.h"
#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW (1024 * 1024)             /* how much is searched for headers at once */

char *
store_segment_dup_path (const char *dir,
                        guint32     number)
{
  g_autofree char *name = g_strdup_printf ("%08x.segment", number);

  return g_build_filename (dir, name, NULL);
}

guint32
store_segment_parse_name (const char *name)
{
  guint64 number;

  if (strlen (name) != 16 || !g_str_has_suffix (name, ".segment"))
    return 0;
  for (gsize i = 0; i < 8; i++)
    if (!g_ascii_isxdigit (name[i]) || g_ascii_isupper (name[i]))
      return 0;
  number = g_ascii_strtoull (name, NULL, 16);
  return (guint32) number;
}

static StoreSegment *
segment_new (const char *dir,
             guint32     number,
             int         fd)
{
  StoreSegment *segment = g_new0 (StoreSegment, 1);

  g_atomic_ref_count_init (&segment->ref_count);
  segment->number = number;
  segment->fd = fd;
  segment->path = store_segment_dup_path (dir, number);
  return segment;
}

StoreSegment *
store_segment_ref (StoreSegment *segment)
{
  g_atomic_ref_count_inc (&segment->ref_count);
  return segment;
}

void
store_segment_unref (StoreSegment *segment)
{
  if (segment == NULL || !g_atomic_ref_count_dec (&segment->ref_count))
    return;
  if (segment->fd >= 0)
    close (segment->fd);
  g_free (segment->path);
  g_free (segment);
}

static gboolean
read_head (StoreSegment *segment)
{
  static const goffset copies[] = { 0, STORE_RAW_HEAD_COPY };
  guint8 buffer[STORE_RAW_HEAD_SIZE];
  StoreRawHead head;

  for (gsize i = 0; i < G_N_ELEMENTS (copies); i++)
    if (base_files_pread_all (segment->fd, buffer, sizeof buffer, copies[i], NULL) &&
        store_raw_head_parse (&head, buffer) && head.number == segment->number)
      {
        memcpy (segment->salt, head.salt, sizeof segment->salt);
        return TRUE;
      }
  return FALSE;
}

StoreSegment *
store_segment_open (const char          *dir,
                    guint32              number,
                    StoreSegmentAccess   access,
                    GError             **error)
{
  g_autofree char *path = store_segment_dup_path (dir, number);
  g_autoptr(StoreSegment) segment = NULL;
  int fd = open (path, (access == STORE_SEGMENT_WRITE ? O_RDWR : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW);

  if (fd < 0)
    {
      store_file_set_error (error, "open", path);
      return NULL;
    }
  segment = segment_new (dir, number, fd);
  if (read_head (segment))
    return g_steal_pointer (&segment);
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "Cannot read %s: both copies of its head are damaged",
               path);
  return NULL;
}

static gboolean
write_head (StoreSegment  *segment,
            GError       **error)
{
  StoreRawHead head = { .number = segment->number };
  guint8 buffer[STORE_RAW_FIRST_RECORD] = { 0 };

  if (getrandom (segment->salt, sizeof segment->salt, 0) != (ssize_t) sizeof segment->salt)
    return store_file_set_error (error, "choose a salt for", segment->path);
  memcpy (head.salt, segment->salt, sizeof head.salt);
  store_raw_head_write (&head, buffer);
  store_raw_head_write (&head, buffer + STORE_RAW_HEAD_COPY);
  if (!store_file_write (segment->fd, segment->path, base_slice_new (buffer, sizeof buffer), 0, error))
    return FALSE;
  return fdatasync (segment->fd) == 0 || store_file_set_error (error, "sync", segment->path);
}

StoreSegment *
store_segment_create (const char  *dir,
                      guint32      number,
                      GError     **error)
{
  g_autofree char *beside = g_build_filename (dir, "new", NULL);
  g_autoptr(StoreSegment) segment = NULL;
  int fd;

  /* What a killed process left of the last try. */
  g_unlink (beside);
  fd = open (beside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    {
      store_file_set_error (error, "create", beside);
      return NULL;
    }
  segment = segment_new (dir, number, fd);
  if (!write_head (segment, error))
    return NULL;
  if (g_rename (beside, segment->path) != 0)
    {
      store_file_set_error (error, "create", segment->path);
      return NULL;
    }
  return base_files_sync_dir (dir, error) ? g_steal_pointer (&segment) : NULL;
}

gboolean
store_segment_get_size (StoreSegment  *segment,
                        guint64       *size,
                        GError       **error)
{
  struct stat status;

  if (fstat (segment->fd, &status) != 0)
    return store_file_set_error (error, "look at", segment->path);
  *size = (guint64) status.st_size;
  return TRUE;
}

StoreRawParse
store_segment_read_header (StoreSegment   *segment,
                           guint64         offset,
                           guint64         end,
                           GByteArray     *buffer,
                           StoreRawHeader *header)
{
  static const gsize tries[] = { 512, STORE_RAW_HEADER_MAX };
  StoreRawParse parse = STORE_RAW_SHORT;

  for (gsize i = 0; i < G_N_ELEMENTS (tries) && parse == STORE_RAW_SHORT && offset < end; i++)
    {
      g_byte_array_set_size (buffer, (guint) MIN (tries[i], end - offset));
      if (!base_files_pread_all (segment->fd, buffer->data, buffer->len, (goffset) offset, NULL))
        return STORE_RAW_NO_HEADER;
      parse = store_raw_header_parse (header, base_slice_new (buffer->data, buffer->len), segment->salt);
    }
  if (parse == STORE_RAW_PARSED && header->stored_size > end - offset - header->header_size)
    return STORE_RAW_SHORT;
  return parse;
}

/* Bytes [from, to) as far as the disk gives them; what it does not give is zero. */
static void
read_window (StoreSegment *segment,
             GByteArray   *window,
             guint64       from,
             guint64       to)
{
  g_byte_array_set_size (window, (guint) (to - from));
  if (base_files_pread_all (segment->fd, window->data, window->len, (goffset) from, NULL))
    return;
  /* Somewhere in it is a sector that cannot be read: take the rest in small pieces. */
  for (gsize at = 0; at < window->len; at += 512)
    {
      gsize size = MIN (512, window->len - at);

      if (!base_files_pread_all (segment->fd, window->data + at, size, (goffset) (from + at), NULL))
        memset (window->data + at, 0, size);
    }
}

guint64
store_segment_find_header (StoreSegment *segment,
                           guint64       from,
                           guint64       to,
                           guint64       end)
{
  g_autoptr(GByteArray) window = g_byte_array_new (), buffer = g_byte_array_new ();
  StoreRawHeader header;

  for (guint64 begin = from; begin < to; begin += WINDOW)
    {
      /* Three bytes more, for a magic number across the border. */
      read_window (segment, window, begin, MIN (end, begin + WINDOW + 3));
      for (gsize at = 0; at < window->len; at++)
        {
          at = store_raw_header_find (base_slice_new (window->data, window->len), at);
          if (at == window->len || begin + at >= to)
            break;
          if (store_segment_read_header (segment, begin + at, end, buffer, &header) == STORE_RAW_PARSED)
            return begin + at;
        }
    }
  return to;
}

/* The durable_to of a header near the end: everything below it needs no look. */
static guint64
find_durable (StoreSegment *segment,
              guint64       size)
{
  g_autoptr(GByteArray) buffer = g_byte_array_new ();
  StoreRawHeader header;
  guint64 to = size;

  while (to > STORE_RAW_FIRST_RECORD)
    {
      guint64 from = to - STORE_RAW_FIRST_RECORD > WINDOW ? to - WINDOW : STORE_RAW_FIRST_RECORD;
      guint64 found = store_segment_find_header (segment, from, to, size);

      if (found < to &&
          store_segment_read_header (segment, found, size, buffer, &header) == STORE_RAW_PARSED &&
          header.durable_to >= STORE_RAW_FIRST_RECORD && header.durable_to <= found)
        return header.durable_to;
      to = from;
    }
  return STORE_RAW_FIRST_RECORD;
}

guint64
store_segment_find_end (StoreSegment *segment,
                        guint64       size)
{
  g_autoptr(GByteArray) buffer = g_byte_array_new ();
  guint64 end = MIN (find_durable (segment, size), size), at = end;
  StoreRawHeader header;

  while ((at = store_segment_find_header (segment, at, size, size)) < size)
    {
      gboolean is_right;

      if (store_segment_read_header (segment, at, size, buffer, &header) != STORE_RAW_PARSED)
        break;
      is_right = store_segment_is_right (segment, at, &header);
      at += header.header_size + header.stored_size;
      if (is_right)
        end = at;
    }
  return end;
}
