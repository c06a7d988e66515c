/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/fetch.h"

#include "base/clock.h"
#include "sync/plan.h"
#include "sync/rows.h"

#define BODIES_PER_COMMAND 50
#define BYTES_PER_COMMAND  (1024 * 1024)
#define COMMANDS_AHEAD     4             /* what the server may work on before we have read the first answer */

#define ITEMS_DESCRIBING (SESSION_IMAP_FLAGS | SESSION_IMAP_DATE | SESSION_IMAP_SIZE | SESSION_IMAP_IDS)

#define DAY_S (24 * 60 * 60)

gint64
sync_fetch_get_whole_since (const StoreEffectivePolicy *policy)
{
  switch (policy->offline)
    {
    case STORE_OFFLINE_ALL:     return G_MININT64;
    case STORE_OFFLINE_HEADERS:
    case STORE_OFFLINE_OPEN:    return G_MAXINT64;
    case STORE_OFFLINE_DAYS:    return base_clock_now () - (gint64) policy->offline_days * DAY_S;
    }
  g_assert_not_reached ();
}

/* --- describing --- */

static gboolean
wants_bodies (const SyncFetch *fetch)
{
  return fetch->whole_since != G_MAXINT64 && fetch->matcher == NULL;
}

SyncTicket *
sync_fetch_start (SyncContext      *context,
                  const SyncFetch  *fetch,
                  const ImapUidset *uids)
{
  guint items = ITEMS_DESCRIBING | (wants_bodies (fetch) ? 0 : SESSION_IMAP_HEADER);

  return context->remote->verbs->start_fetch (context->remote, uids, (SessionImapItems) items);
}

static gboolean
put_row (SyncContext           *context,
         SyncFetch             *fetch,
         const SessionImapRow  *row,
         GError               **error)
{
  g_autofree char **keywords = sync_rows_dup_keywords (row);
  IngestRow put = sync_rows_to_ingest (row, fetch->folder, keywords);
  IngestTicket ticket;

  put.announced_at = fetch->announced_at;
  if (fetch->matcher != NULL)
    put.location_id = sync_matcher_take (fetch->matcher, row);
  if ((ticket = ingest_put_row (fetch->stream, &put, context->cancellable, error)) == 0)
    return FALSE;
  fetch->last = ticket;
  fetch->n_put++;
  return TRUE;
}

gboolean
sync_fetch_put (SyncContext  *context,
                SyncFetch    *fetch,
                GArray       *rows,
                GError      **error)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);

      if (row->uid != 0 && row->header != NULL && !put_row (context, fetch, row, error))
        return FALSE;
    }
  return TRUE;
}

/* --- whole messages --- */

typedef struct {
  SyncContext          *context;
  SyncFetch            *fetch;
  GHashTable           *missing;      /* uid -> SessionImapRow: what has not come yet */
  guint32               only_uid;     /* the command names just this one */
  const SessionImapRow *row;
  IngestBody           *body;
  GError               *failure;      /* of the store; what comes after is not kept */
} Arrival;

static gboolean
arrival_begin (gpointer data,
               guint32  uid,
               guint64  announced)
{
  Arrival *arrival = data;
  g_autofree char **keywords = NULL;
  IngestRow row;

  if (uid == 0)
    uid = arrival->only_uid;
  arrival->row = g_hash_table_lookup (arrival->missing, GUINT_TO_POINTER (uid));
  if (arrival->row == NULL || arrival->failure != NULL)
    return FALSE;
  keywords = sync_rows_dup_keywords (arrival->row);
  row = sync_rows_to_ingest (arrival->row, arrival->fetch->folder, keywords);
  row.announced_at = arrival->fetch->announced_at;
  arrival->body = ingest_body_begin (arrival->fetch->stream, &row);
  return TRUE;
}

static void
arrival_drop (gpointer data)
{
  Arrival *arrival = data;

  g_clear_pointer (&arrival->body, ingest_body_abandon);
}

static void
arrival_data (gpointer  data,
              BaseSlice bytes)
{
  Arrival *arrival = data;

  if (arrival->body != NULL && !ingest_body_append (arrival->body, bytes, &arrival->failure))
    arrival_drop (arrival);
}

static void
arrival_end (gpointer data,
             guint32  uid)
{
  Arrival *arrival = data;
  IngestTicket ticket;

  if (arrival->body == NULL)
    return;
  if (uid != arrival->row->uid)
    {
      arrival_drop (arrival);
      return;
    }
  ticket = ingest_body_finish (g_steal_pointer (&arrival->body), arrival->context->cancellable, &arrival->failure);
  if (ticket == 0)
    return;
  arrival->fetch->last = ticket;
  arrival->fetch->n_put++;
  g_hash_table_remove (arrival->missing, GUINT_TO_POINTER (uid));
}

static const SessionImapSink arrival_sink = { arrival_begin, arrival_data, arrival_end, arrival_drop };

static SyncTicket *
start_bodies (Arrival *arrival,
              GArray  *bodies,
              guint    start,
              guint    n)
{
  SyncRemote *remote = arrival->context->remote;
  g_autoptr(ImapUidset) uids = imap_uidset_new ();
  guint64 bytes = 0;

  for (guint i = start; i < start + n; i++)
    {
      const SyncBody *body = &g_array_index (bodies, SyncBody, i);

      imap_uidset_add (uids, body->uid, body->uid);
      bytes += MIN (body->size, G_MAXUINT32);
    }
  return remote->verbs->start_bodies (remote, uids, bytes, &arrival_sink, arrival);
}

/* A server that refuses one message of a batch refuses the command: the others are asked for once more by themselves. */
static gboolean
finish_bodies (Arrival     *arrival,
               SyncTicket  *ticket,
               GError     **error)
{
  SyncRemote *remote = arrival->context->remote;
  g_autoptr(GError) failure = NULL;
  gboolean is_done = remote->verbs->finish_bodies (remote, ticket, &failure);

  remote->verbs->ticket_free (ticket);
  if (arrival->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&arrival->failure));
      return FALSE;
    }
  if (is_done || g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
fetch_bodies (Arrival  *arrival,
              GArray   *bodies,
              GError  **error)
{
  g_autoptr(GQueue) ahead = g_queue_new ();
  guint start = 0;
  gboolean is_good = TRUE;

  while (is_good && (start < bodies->len || !g_queue_is_empty (ahead)))
    {
      while (start < bodies->len && g_queue_get_length (ahead) < COMMANDS_AHEAD)
        {
          guint n = sync_plan_count_batch (bodies, start, BODIES_PER_COMMAND, BYTES_PER_COMMAND);

          g_queue_push_tail (ahead, start_bodies (arrival, bodies, start, n));
          start += n;
        }
      is_good = finish_bodies (arrival, g_queue_pop_head (ahead), error);
    }
  while (!g_queue_is_empty (ahead))
    arrival->context->remote->verbs->ticket_free (g_queue_pop_head (ahead));
  return is_good;
}

/* Only the header, for a message whose body the server will not give. */
static gboolean
fetch_header (Arrival              *arrival,
              const SessionImapRow *row,
              GError              **error)
{
  SyncRemote *remote = arrival->context->remote;
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (row->uid, row->uid);
  SyncTicket *ticket = remote->verbs->start_fetch (remote, uids, (SessionImapItems) (ITEMS_DESCRIBING | SESSION_IMAP_HEADER));
  g_autoptr(SessionImapRows) rows = remote->verbs->finish_fetch (remote, ticket, error);

  remote->verbs->ticket_free (ticket);
  return rows != NULL && sync_fetch_put (arrival->context, arrival->fetch, rows->rows, error);
}

/* Each once more alone, then at least its header; what still does not come is noted. */
static gboolean
fetch_missing (Arrival  *arrival,
               GError  **error)
{
  g_autoptr(GList) uids = g_hash_table_get_keys (arrival->missing);

  for (GList *l = uids; l != NULL; l = l->next)
    {
      guint32 uid = GPOINTER_TO_UINT (l->data);
      const SessionImapRow *row = g_hash_table_lookup (arrival->missing, l->data);
      g_autoptr(GArray) one = g_array_new (FALSE, FALSE, sizeof (SyncBody));
      g_autofree char *what = NULL;
      SyncBody body = { uid, row->size };

      g_array_append_val (one, body);
      arrival->only_uid = uid;
      if (!fetch_bodies (arrival, one, error))
        return FALSE;
      if (!g_hash_table_contains (arrival->missing, l->data))
        continue;
      if (!fetch_header (arrival, row, error))
        return FALSE;
      what = g_strdup_printf ("Message %u of folder %s", uid, arrival->fetch->folder->name);
      sync_summary_fail (arrival->context->summary, what,
                         g_error_new_literal (IMAP_ERROR, IMAP_ERROR_NO, "the server does not send it"));
    }
  return TRUE;
}

static int
compare_newest_first (gconstpointer one,
                      gconstpointer other)
{
  const SyncBody *a = one, *b = other;

  return a->uid < b->uid ? 1 : a->uid > b->uid ? -1 : 0;
}

static gboolean
fetch_whole (SyncContext  *context,
             SyncFetch    *fetch,
             GArray       *rows,
             GError      **error)
{
  g_autoptr(GHashTable) missing = g_hash_table_new (NULL, NULL);
  g_autoptr(GArray) bodies = g_array_new (FALSE, FALSE, sizeof (SyncBody));
  Arrival arrival = { .context = context, .fetch = fetch, .missing = missing };
  gboolean is_good;

  for (guint i = 0; i < rows->len; i++)
    {
      SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);
      SyncBody body = { row->uid, row->size };

      if (row->uid == 0 || row->date < fetch->whole_since)
        continue;
      g_hash_table_insert (missing, GUINT_TO_POINTER (row->uid), row);
      g_array_append_val (bodies, body);
    }
  g_array_sort (bodies, compare_newest_first);
  is_good = fetch_bodies (&arrival, bodies, error) && fetch_missing (&arrival, error);
  arrival_drop (&arrival);
  g_clear_error (&arrival.failure);
  return is_good;
}

/* Messages too old to be kept whole: their headers. */
static gboolean
fetch_old_headers (SyncContext  *context,
                   SyncFetch    *fetch,
                   GArray       *rows,
                   GError      **error)
{
  SyncRemote *remote = context->remote;
  g_autoptr(ImapUidset) uids = imap_uidset_new ();
  g_autoptr(SessionImapRows) headers = NULL;
  SyncTicket *ticket;

  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);

      if (row->date < fetch->whole_since)
        imap_uidset_add (uids, row->uid, row->uid);
    }
  if (imap_uidset_is_empty (uids))
    return TRUE;
  ticket = remote->verbs->start_fetch (remote, uids, (SessionImapItems) (ITEMS_DESCRIBING | SESSION_IMAP_HEADER));
  headers = remote->verbs->finish_fetch (remote, ticket, error);
  remote->verbs->ticket_free (ticket);
  return headers != NULL && sync_fetch_put (context, fetch, headers->rows, error);
}

gboolean
sync_fetch_finish (SyncContext  *context,
                   SyncFetch    *fetch,
                   SyncTicket   *ticket,
                   GError      **error)
{
  SyncRemote *remote = context->remote;
  g_autoptr(SessionImapRows) rows = remote->verbs->finish_fetch (remote, ticket, error);

  remote->verbs->ticket_free (ticket);
  if (rows == NULL)
    return FALSE;
  if (!wants_bodies (fetch))
    return sync_fetch_put (context, fetch, rows->rows, error);
  return fetch_whole (context, fetch, rows->rows, error) && fetch_old_headers (context, fetch, rows->rows, error);
}
