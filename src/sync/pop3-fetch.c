/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pop3-fetch.h"

#include "mime/summary.h"

#include <string.h>

#define HEADER_MAX (1024 * 1024)

/* --- one message --- */

typedef struct {
  SyncContext              *context;
  SyncPop3Fetch            *fetch;
  const SessionPop3Message *message;
  GByteArray               *header;       /* or NULL: held back until it is whole, to see whether it is
                                           * known */
  IngestBody               *body;         /* or NULL */
  GError                   *failure;      /* of the store; what comes after is not kept */
} Arrival;

static gint64
find_same_header (Arrival *arrival)
{
  g_autoptr(MimeSummary) summary = mime_summary_new (base_slice_new (arrival->header->data,
                                                                     arrival->header->len));
  g_autoptr(GBytes) hash = g_bytes_new (summary->header_hash, sizeof summary->header_hash);
  const gint64 *id = g_hash_table_lookup (arrival->fetch->same_headers, hash);
  gint64 location_id = id != NULL ? *id : 0;

  g_hash_table_remove (arrival->fetch->same_headers, hash);
  return location_id;
}

static void
begin_body (Arrival *arrival,
            gint64   location_id)
{
  const SessionPop3Message *message = arrival->message;
  IngestRow row = {
    .account_id = arrival->context->account->id, .folder_id = arrival->fetch->folder_id,
                  .location_id = location_id,
    .uidl = base_slice_from_string (message->uidl), .occurrence = message->occurrence,
    .size = (gint64) MIN (message->size, G_MAXINT64), .announced_at = arrival->fetch->announced_at,
  };

  arrival->body = ingest_body_begin (arrival->fetch->stream, &row);
}

static gboolean
append (Arrival   *arrival,
        BaseSlice  bytes)
{
  if (ingest_body_append (arrival->body, bytes, &arrival->failure))
    return TRUE;
  g_clear_pointer (&arrival->body, ingest_body_abandon);
  return FALSE;
}

/* The header is whole, or as much of one as anybody looks at. */
static gboolean
release_header (Arrival *arrival)
{
  g_autoptr(GByteArray) header = arrival->header;

  begin_body (arrival, find_same_header (arrival));
  arrival->header = NULL;
  return append (arrival, base_slice_new (header->data, header->len));
}

/* n bytes are new. */
static gboolean
is_header_whole (const GByteArray *bytes,
                 gsize             n)
{
  gsize from = bytes->len - MIN (bytes->len, n + 2);
  const guint8 *data = bytes->data + from;

  return bytes->len > HEADER_MAX || memmem (data, bytes->len - from, "\n\r\n", 3) != NULL
         || memmem (data, bytes->len - from, "\n\n", 2) != NULL;
}

static gboolean
arrival_begin (gpointer data,
               guint32  number)
{
  Arrival *arrival = data;

  if (arrival->failure != NULL || number != arrival->message->number)
    return FALSE;
  if (arrival->fetch->same_headers != NULL)
    arrival->header = g_byte_array_new ();
  else
    begin_body (arrival, 0);
  return TRUE;
}

static gboolean
arrival_data (gpointer  data,
              BaseSlice bytes)
{
  Arrival *arrival = data;

  if (arrival->header == NULL)
    return append (arrival, bytes);
  g_byte_array_append (arrival->header, bytes.data, (guint) bytes.size);
  return !is_header_whole (arrival->header, bytes.size) || release_header (arrival);
}

static void
arrival_drop (gpointer data)
{
  Arrival *arrival = data;

  g_clear_pointer (&arrival->header, g_byte_array_unref);
  g_clear_pointer (&arrival->body, ingest_body_abandon);
}

static void
arrival_end (gpointer data,
             guint32  number)
{
  Arrival *arrival = data;
  IngestTicket ticket;

  if (arrival->header != NULL && !release_header (arrival))
    return;
  ticket = ingest_body_finish (g_steal_pointer (&arrival->body), arrival->context->cancellable,
                               &arrival->failure);
  if (ticket == 0)
    return;
  arrival->fetch->last = ticket;
  arrival->fetch->n_put++;
}

static const SessionPop3Sink arrival_sink = { arrival_begin, arrival_data, arrival_end, arrival_drop };

/* --- many --- */

typedef struct {
  SyncPop3Ticket           *ticket;
  const SessionPop3Message *message;
} Asked;

typedef struct {
  Arrival  arrival;
  GArray  *messages;
  GArray  *indexes;
  guint    n_started;
  GQueue   ahead;             /* of Asked */
  guint64  bytes_ahead;       /* by the server's word */
} Fetching;

/* One is always on its way, however large it says to be. */
static gboolean
has_room (const Fetching *fetching,
          guint64         size)
{
  const SyncPop3Window *window = &fetching->arrival.fetch->window;

  return g_queue_is_empty ((GQueue *) &fetching->ahead)
         || (fetching->ahead.length < window->commands && fetching->bytes_ahead + size <= window->bytes);
}

static void
start_more (Fetching *fetching)
{
  SyncPop3Remote *remote = fetching->arrival.context->pop3;

  while (fetching->n_started < fetching->indexes->len)
    {
      guint at = g_array_index (fetching->indexes, guint, fetching->n_started);
      const SessionPop3Message *message = &g_array_index (fetching->messages, SessionPop3Message, at);
      Asked *asked;

      if (!has_room (fetching, MIN (message->size, G_MAXUINT32)))
        return;
      asked = g_new0 (Asked, 1);
      asked->message = message;
      asked->ticket = remote->verbs->start_retr (remote, message->number, &arrival_sink, &fetching->arrival);
      g_queue_push_tail (&fetching->ahead, asked);
      fetching->bytes_ahead += MIN (message->size, G_MAXUINT32);
      fetching->n_started++;
    }
}

static void
take_off (Fetching *fetching,
          Asked    *asked)
{
  fetching->bytes_ahead -= MIN (asked->message->size, G_MAXUINT32);
  fetching->arrival.context->pop3->verbs->ticket_free (asked->ticket);
  g_free (asked);
}

static gboolean
finish_one (Fetching  *fetching,
            GError   **error)
{
  Arrival *arrival = &fetching->arrival;
  SyncPop3Remote *remote = arrival->context->pop3;
  Asked *asked = g_queue_pop_head (&fetching->ahead);
  g_autofree char *what = g_strdup_printf ("Message %u of the mailbox", asked->message->number);
  GError *failure = NULL;
  gboolean is_done;

  arrival->message = asked->message;
  is_done = remote->verbs->finish_retr (remote, asked->ticket, &failure);
  take_off (fetching, asked);
  if (arrival->failure != NULL)
    {
      g_clear_error (&failure);
      g_propagate_error (error, g_steal_pointer (&arrival->failure));
      return FALSE;
    }
  if (is_done)
    return TRUE;
  if (g_error_matches (failure, POP3_ERROR, POP3_ERROR_REFUSED))
    {
      sync_summary_fail (arrival->context->summary, what, failure);
      return TRUE;
    }
  g_propagate_error (error, failure);
  return FALSE;
}

static gboolean
fetch_all (Fetching  *fetching,
           GError   **error)
{
  SyncContext *context = fetching->arrival.context;

  while (fetching->n_started < fetching->indexes->len || !g_queue_is_empty (&fetching->ahead))
    {
      if (!sync_context_should_yield (context))
        start_more (fetching);
      if (g_queue_is_empty (&fetching->ahead))
        return TRUE;
      if (!finish_one (fetching, error))
        return FALSE;
      sync_context_progress (context, fetching->n_started - fetching->ahead.length, fetching->indexes->len);
    }
  return TRUE;
}

gboolean
sync_pop3_fetch (SyncContext    *context,
                 SyncPop3Fetch  *fetch,
                 GArray         *messages,
                 GArray         *indexes,
                 GError        **error)
{
  Fetching fetching = { { .context = context, .fetch = fetch }, messages, indexes, 0, G_QUEUE_INIT, 0 };
  gboolean is_good = fetch_all (&fetching, error);

  while (!g_queue_is_empty (&fetching.ahead))
    take_off (&fetching, g_queue_pop_head (&fetching.ahead));
  arrival_drop (&fetching.arrival);
  g_clear_error (&fetching.arrival.failure);
  return is_good;
}
