/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of objects.h that gives an object as a GInputStream. */
#include "store/objects.h"

#include <string.h>

typedef struct {
  GInputStream       parent;
  Store             *store;
  gint64             id;
  StoreObjectReader *reader;
  GBytes            *piece;             /* NULL: the next one is to be read */
  gsize              used;              /* of piece */
  goffset            done;
} ObjectStream;

typedef GInputStreamClass ObjectStreamClass;

static GType object_stream_get_type (void);
static void  object_stream_seekable_init (GSeekableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ObjectStream, object_stream, G_TYPE_INPUT_STREAM,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SEEKABLE, object_stream_seekable_init))

static gboolean
next_piece (ObjectStream  *stream,
            GError       **error)
{
  g_autoptr(GError) problem = NULL;

  g_clear_pointer (&stream->piece, g_bytes_unref);
  stream->used = 0;
  stream->piece = store_object_reader_next (stream->reader, &problem);
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

static gssize
object_stream_read (GInputStream  *base,
                    void          *buffer,
                    gsize          size,
                    GCancellable  *cancellable,
                    GError       **error)
{
  ObjectStream *stream = (ObjectStream *) base;
  gsize fits;

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return -1;
  if ((stream->piece == NULL || stream->used == g_bytes_get_size (stream->piece))
      && !next_piece (stream, error))
    return -1;
  if (stream->piece == NULL)
    return 0;
  fits = MIN (size, g_bytes_get_size (stream->piece) - stream->used);
  memcpy (buffer, (const guint8 *) g_bytes_get_data (stream->piece, NULL) + stream->used, fits);
  stream->used += fits;
  stream->done += (goffset) fits;
  return (gssize) fits;
}

static goffset
object_stream_tell (GSeekable *base)
{
  return ((ObjectStream *) base)->done;
}

static gboolean
object_stream_can_seek (GSeekable *base G_GNUC_UNUSED)
{
  return TRUE;
}

static gboolean
object_stream_seek (GSeekable     *base,
                    goffset        offset,
                    GSeekType      type,
                    GCancellable  *cancellable G_GNUC_UNUSED,
                    GError       **error)
{
  ObjectStream *stream = (ObjectStream *) base;
  StoreObjectReader *again;

  if (offset != 0 || type != G_SEEK_SET)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                           "An object is read from its beginning only");
      return FALSE;
    }
  if ((again = store_objects_open (stream->store, stream->id, error)) == NULL)
    return FALSE;
  store_object_reader_free (stream->reader);
  stream->reader = again;
  g_clear_pointer (&stream->piece, g_bytes_unref);
  stream->done = 0;
  return TRUE;
}

static gboolean
object_stream_can_truncate (GSeekable *base G_GNUC_UNUSED)
{
  return FALSE;
}

static void
object_stream_finalize (GObject *object)
{
  ObjectStream *stream = (ObjectStream *) object;

  g_clear_pointer (&stream->piece, g_bytes_unref);
  g_clear_pointer (&stream->reader, store_object_reader_free);
  G_OBJECT_CLASS (object_stream_parent_class)->finalize (object);
}

static void
object_stream_init (ObjectStream *stream G_GNUC_UNUSED)
{
}

static void
object_stream_class_init (ObjectStreamClass *class)
{
  G_OBJECT_CLASS (class)->finalize = object_stream_finalize;
  class->read_fn = object_stream_read;
}

static void
object_stream_seekable_init (GSeekableIface *iface)
{
  iface->tell = object_stream_tell;
  iface->can_seek = object_stream_can_seek;
  iface->seek = object_stream_seek;
  iface->can_truncate = object_stream_can_truncate;
}

GInputStream *
store_objects_open_stream (Store   *store,
                           gint64   id,
                           GError **error)
{
  StoreObjectReader *reader = store_objects_open (store, id, error);
  ObjectStream *stream;

  if (reader == NULL)
    return NULL;
  stream = g_object_new (object_stream_get_type (), NULL);
  stream->store = store;
  stream->id = id;
  stream->reader = reader;
  return G_INPUT_STREAM (stream);
}
