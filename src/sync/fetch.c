/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/fetch.h"

#include "base/clock.h"
#include "sync/plan.h"
#include "sync/rows.h"

#define BODIES_PER_COMMAND 50
#define BYTES_PER_COMMAND  (1024 * 1024)
#define COMMANDS_AHEAD     4             /* what the server may work on before we have read the first answer */
#define REFUSED_MAX        20            /* with so many in one batch it is not the messages that are bad */

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

static SessionImapItems
choose_items (const SyncFetch *fetch)
{
  return (SessionImapItems) (ITEMS_DESCRIBING | (wants_bodies (fetch) ? 0 : SESSION_IMAP_HEADER));
}

SyncTicket *
sync_fetch_start (SyncContext      *context,
                  const SyncFetch  *fetch,
                  const ImapUidset *uids)
{
  return context->remote->verbs->start_fetch (context->remote, uids, choose_items (fetch));
}

/* One command and its answer. */
static SessionImapRows *
fetch_rows (SyncContext       *context,
            const ImapUidset  *uids,
            SessionImapItems   items,
            GError           **error)
{
  SyncRemote *remote = context->remote;
  SyncTicket *ticket = remote->verbs->start_fetch (remote, uids, items);
  SessionImapRows *rows = remote->verbs->finish_fetch (remote, ticket, error);

  remote->verbs->ticket_free (ticket);
  return rows;
}

static void
move_rows (GArray *target,
           GArray *rows)
{
  g_array_append_vals (target, rows->data, rows->len);
  g_array_set_clear_func (rows, NULL);
  g_array_set_size (rows, 0);
}

/* A server that cannot read one message refuses the whole command: both halves of it are asked for by themselves.
 * What is refused alone is left out of rows. */
static gboolean
describe_halves (SyncContext       *context,
                 const ImapUidset  *uids,
                 SessionImapItems   items,
                 guint             *n_refused,
                 GArray            *rows,
                 GError           **error)
{
  g_autoptr(ImapUidset) older = imap_uidset_copy (uids);
  g_autoptr(ImapUidset) newer = sync_plan_take_newest (older, (guint) imap_uidset_count (uids) / 2);
  const ImapUidset *halves[] = { older, newer };

  for (gsize i = 0; i < G_N_ELEMENTS (halves); i++)
    {
      g_autoptr(GError) failure = NULL;
      g_autoptr(SessionImapRows) got = NULL;

      if (imap_uidset_is_empty (halves[i]))
        continue;
      if ((got = fetch_rows (context, halves[i], items, &failure)) != NULL)
        {
          move_rows (rows, got->rows);
          continue;
        }
      if (!g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO)
          || (imap_uidset_count (halves[i]) == 1 && ++*n_refused > REFUSED_MAX))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (imap_uidset_count (halves[i]) > 1 && !describe_halves (context, halves[i], items, n_refused, rows, error))
        return FALSE;
    }
  return TRUE;
}

/* Those that the answer does not describe, or without their header where that is wanted. */
static ImapUidset *
dup_undescribed (const ImapUidset *uids,
                 GArray           *rows,
                 SessionImapItems  items)
{
  ImapUidset *left = imap_uidset_copy (uids);

  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);
      g_autoptr(ImapUidset) one = NULL;

      if (row->uid == 0 || ((items & SESSION_IMAP_HEADER) != 0 && row->header == NULL))
        continue;
      one = imap_uidset_new_range (row->uid, row->uid);
      imap_uidset_remove_set (left, one);
    }
  return left;
}

static void
note_unsent (SyncContext     *context,
             const SyncFetch *fetch,
             guint32          uid)
{
  g_autofree char *what = g_strdup_printf ("Message %u of folder %s", uid, fetch->folder->name);

  sync_summary_fail (context->summary, what, g_error_new_literal (IMAP_ERROR, IMAP_ERROR_NO, "the server does not send it"));
}

/* Notes what is on the server and did not come; what is no longer there needs no word. */
static gboolean
note_undescribed (SyncContext       *context,
                  SyncFetch         *fetch,
                  const ImapUidset  *uids,
                  GError           **error)
{
  g_autoptr(SessionImapRows) there = NULL;

  if (imap_uidset_is_empty (uids))
    return TRUE;
  if ((there = fetch_rows (context, uids, SESSION_IMAP_FLAGS, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < there->rows->len; i++)
    if (imap_uidset_contains (uids, g_array_index (there->rows, SessionImapRow, i).uid))
      {
        note_unsent (context, fetch, g_array_index (there->rows, SessionImapRow, i).uid);
        fetch->n_skipped++;
      }
  return TRUE;
}

/* Takes ticket, the command for uids and items.  A message that cannot be described is noted and not in the rows. */
static SessionImapRows *
describe (SyncContext       *context,
          SyncFetch         *fetch,
          const ImapUidset  *uids,
          SessionImapItems   items,
          SyncTicket        *ticket,
          GError           **error)
{
  SyncRemote *remote = context->remote;
  g_autoptr(GError) failure = NULL;
  g_autoptr(SessionImapRows) rows = remote->verbs->finish_fetch (remote, ticket, &failure);
  g_autoptr(ImapUidset) left = NULL;
  guint n_refused = 0;

  remote->verbs->ticket_free (ticket);
  if (rows == NULL && !g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  if (rows == NULL)
    {
      rows = g_new0 (SessionImapRows, 1);
      rows->rows = session_imap_rows_new ();
      if (imap_uidset_count (uids) > 1 && !describe_halves (context, uids, items, &n_refused, rows->rows, error))
        return NULL;
    }
  left = dup_undescribed (uids, rows->rows, items);
  return note_undescribed (context, fetch, left, error) ? g_steal_pointer (&rows) : NULL;
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

static gboolean
fetch_headers (SyncContext       *context,
               SyncFetch         *fetch,
               const ImapUidset  *uids,
               guint             *n_put,           /* or NULL */
               GError           **error)
{
  SessionImapItems items = (SessionImapItems) (ITEMS_DESCRIBING | SESSION_IMAP_HEADER);
  SyncTicket *ticket = context->remote->verbs->start_fetch (context->remote, uids, items);
  g_autoptr(SessionImapRows) rows = describe (context, fetch, uids, items, ticket, error);
  guint64 n_before = fetch->n_put;

  if (rows == NULL || !sync_fetch_put (context, fetch, rows->rows, error))
    return FALSE;
  if (n_put != NULL)
    *n_put = (guint) (fetch->n_put - n_before);
  return TRUE;
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
      g_autoptr(ImapUidset) only = imap_uidset_new_range (uid, uid);
      SyncBody body = { uid, row->size };
      guint n_put;

      g_array_append_val (one, body);
      arrival->only_uid = uid;
      if (!fetch_bodies (arrival, one, error))
        return FALSE;
      if (!g_hash_table_contains (arrival->missing, l->data))
        continue;
      if (!fetch_headers (arrival->context, arrival->fetch, only, &n_put, error))
        return FALSE;
      if (n_put > 0)
        note_unsent (arrival->context, arrival->fetch, uid);
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
  g_autoptr(ImapUidset) uids = imap_uidset_new ();

  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);

      if (row->date < fetch->whole_since)
        imap_uidset_add (uids, row->uid, row->uid);
    }
  return imap_uidset_is_empty (uids) || fetch_headers (context, fetch, uids, NULL, error);
}

gboolean
sync_fetch_finish (SyncContext       *context,
                   SyncFetch         *fetch,
                   const ImapUidset  *uids,
                   SyncTicket        *ticket,
                   GError           **error)
{
  g_autoptr(SessionImapRows) rows = describe (context, fetch, uids, choose_items (fetch), ticket, error);

  if (rows == NULL)
    return FALSE;
  if (!wants_bodies (fetch))
    return sync_fetch_put (context, fetch, rows->rows, error);
  return fetch_whole (context, fetch, rows->rows, error) && fetch_old_headers (context, fetch, rows->rows, error);
}
