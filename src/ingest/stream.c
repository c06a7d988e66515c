/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/stream.h"

#include "ingest/private.h"
#include "store/spool.h"

#include <sys/eventfd.h>
#include <unistd.h>

/* What a spooled body counts: it takes disk, and its mapped pages are not private. */
#define WEIGHT_OF_SPOOL (256 * 1024)

struct _IngestBody {
  IngestStream *stream;
  IngestItem   *item;
  GChecksum    *checksum;
  guint64       size;
  GByteArray   *memory;                  /* until it is too large */
  StoreSpool   *spool;
  GError       *error;                   /* the first one: the body is lost */
};

IngestStream *
ingest_stream_new (Ingest *ingest)
{
  IngestStream *stream = g_new0 (IngestStream, 1);

  stream->ref_count = 1;
  stream->ingest = ingest;
  stream->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stream->wake_fd < 0)
    g_error ("No descriptor is left for an eventfd");
  ingest_queue_add_stream (ingest_peek_queue (ingest), stream);
  return stream;
}

void
ingest_stream_unref (IngestStream *stream)
{
  if (!g_atomic_int_dec_and_test (&stream->ref_count))
    return;
  close (stream->wake_fd);
  g_clear_error (&stream->error);
  g_free (stream);
}

void
ingest_stream_free (IngestStream *stream)
{
  if (stream == NULL)
    return;
  ingest_queue_remove_stream (ingest_peek_queue (stream->ingest), stream);
  ingest_stream_unref (stream);
}

gboolean
ingest_stream_is_durable (IngestStream  *stream,
                          IngestTicket   ticket,
                          GError       **error)
{
  gboolean durable;

  return ingest_queue_get_durable (ingest_peek_queue (stream->ingest), stream, ticket, INGEST_ASK_NOW, NULL, &durable,
                                   error) && durable;
}

gboolean
ingest_stream_wait (IngestStream  *stream,
                    IngestTicket   ticket,
                    GCancellable  *cancellable,
                    GError       **error)
{
  gboolean durable;

  return ingest_queue_get_durable (ingest_peek_queue (stream->ingest), stream, ticket, INGEST_WAIT, cancellable,
                                   &durable, error);
}

int
ingest_stream_get_wake_fd (IngestStream *stream)
{
  return stream->wake_fd;
}

gboolean
ingest_stream_has_room (IngestStream *stream)
{
  return ingest_queue_has_room (ingest_peek_queue (stream->ingest));
}

/* --- rows and work ---------------------------------------------------------------------------------------------- */

static IngestTicket
put (IngestStream  *stream,
     IngestItem    *item,
     GCancellable  *cancellable,
     GError       **error)
{
  return ingest_queue_put (ingest_peek_queue (stream->ingest), stream, item, cancellable, error);
}

IngestTicket
ingest_put_row (IngestStream     *stream,
                const IngestRow  *row,
                GCancellable     *cancellable,
                GError          **error)
{
  return put (stream, ingest_item_new_row (row), cancellable, error);
}

IngestTicket
ingest_put_work (IngestStream    *stream,
                 StoreWork        work,
                 gpointer         user_data,
                 GDestroyNotify   destroy,
                 GCancellable    *cancellable,
                 GError         **error)
{
  return put (stream, ingest_item_new_work (work, user_data, destroy), cancellable, error);
}

typedef struct {
  StoreFolder folder;                    /* only numbers: the fields that can be named */
  guint       fields;
} State;

static gboolean
set_state (Store     *store,
           gpointer   user_data,
           GError   **error)
{
  const State *state = user_data;

  return store_folders_set_state (store, &state->folder, state->fields, error);
}

IngestTicket
ingest_put_state (IngestStream       *stream,
                  const StoreFolder  *folder,
                  guint               fields,
                  GCancellable       *cancellable,
                  GError            **error)
{
  State *state = g_new (State, 1);

  *state = (State) { *folder, fields };
  state->folder.raw_name = NULL;
  state->folder.path = state->folder.name = state->folder.delimiter = state->folder.object_id = NULL;
  return ingest_put_work (stream, set_state, state, g_free, cancellable, error);
}

/* --- bodies ----------------------------------------------------------------------------------------------------- */

IngestBody *
ingest_body_begin (IngestStream    *stream,
                   const IngestRow *row)
{
  IngestBody *body = g_new0 (IngestBody, 1);

  body->stream = stream;
  body->item = ingest_item_new_row (row);
  body->item->kind = INGEST_BODY;
  body->checksum = g_checksum_new (G_CHECKSUM_SHA256);
  body->memory = g_byte_array_new ();
  return body;
}

static gboolean
move_to_spool (IngestBody  *body,
               GError     **error)
{
  body->spool = store_spool_new (ingest_peek_data_dir (body->stream->ingest), error);
  if (body->spool == NULL ||
      !store_spool_append (body->spool, base_slice_new (body->memory->data, body->memory->len), error))
    return FALSE;
  g_byte_array_set_size (body->memory, 0);
  return TRUE;
}

static gboolean
keep (IngestBody  *body,
      BaseSlice    bytes,
      GError     **error)
{
  if (body->spool == NULL && body->memory->len + bytes.size <= INGEST_BODY_IN_MEMORY)
    {
      g_byte_array_append (body->memory, bytes.data, (guint) bytes.size);
      return TRUE;
    }
  if (body->spool == NULL && !move_to_spool (body, error))
    return FALSE;
  return store_spool_append (body->spool, bytes, error);
}

gboolean
ingest_body_append (IngestBody  *body,
                    BaseSlice    bytes,
                    GError     **error)
{
  if (body->error == NULL && bytes.size > 0)
    {
      g_checksum_update (body->checksum, bytes.data, (gssize) bytes.size);
      body->size += bytes.size;
      keep (body, bytes, &body->error);
    }
  if (body->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (body->error));
  return FALSE;
}

void
ingest_body_abandon (IngestBody *body)
{
  if (body == NULL)
    return;
  ingest_item_free (body->item);
  g_checksum_free (body->checksum);
  g_clear_pointer (&body->memory, g_byte_array_unref);
  store_spool_free (body->spool);
  g_clear_error (&body->error);
  g_free (body);
}

static gboolean
complete_item (IngestBody  *body,
               GError     **error)
{
  IngestItem *item = body->item;
  gsize digest_size = sizeof item->sha256;

  if (body->error != NULL)
    {
      g_propagate_error (error, g_error_copy (body->error));
      return FALSE;
    }
  item->content = body->spool != NULL ? store_spool_map (body->spool, error) :
                  g_byte_array_free_to_bytes (g_steal_pointer (&body->memory));
  item->size = body->size;
  item->weight += body->spool != NULL ? WEIGHT_OF_SPOOL : body->size;
  g_checksum_get_digest (body->checksum, item->sha256, &digest_size);
  return item->content != NULL;
}

IngestTicket
ingest_body_finish (IngestBody    *body,
                    GCancellable  *cancellable,
                    GError       **error)
{
  IngestStream *stream = body->stream;
  IngestItem *item = NULL;

  if (complete_item (body, error))
    item = g_steal_pointer (&body->item);
  ingest_body_abandon (body);
  return item != NULL ? put (stream, item, cancellable, error) : 0;
}
