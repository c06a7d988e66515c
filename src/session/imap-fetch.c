/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/imap-core.h"

#include "imap/names.h"

#define FLAGS_WEIGHT  100       /* bytes of one answer, as a guess */
#define HEADER_WEIGHT 4000

/* --- rows --- */

static char **
dup_texts (const BaseSlice *texts,
           gsize            n_texts)
{
  char **copy = g_new0 (char *, n_texts + 1);

  for (gsize i = 0; i < n_texts; i++)
    copy[i] = base_slice_dup_text (texts[i]);
  return copy;
}

static char **
dup_labels (SessionImap        *session,
            const ImapResponse *response)
{
  char **labels;

  if (session->has_utf8)
    return dup_texts (response->labels, response->n_labels);
  labels = g_new0 (char *, response->n_labels + 1);
  for (gsize i = 0; i < response->n_labels; i++)
    labels[i] = imap_names_decode (response->labels[i]);
  return labels;
}

/* A short header came in the response, a long one through the stream. */
static GBytes *
dup_header (SessionImap     *session,
            const ImapFetch *fetch)
{
  BaseSlice bytes = base_slice_sub (fetch->header.bytes, 0, SESSION_IMAP_HEADER_MAX);

  if (fetch->header.kind == IMAP_VALUE_HANDED_OVER && session->stream.header != NULL)
    return g_byte_array_free_to_bytes (g_steal_pointer (&session->stream.header));
  return fetch->header.kind == IMAP_VALUE_BYTES ? g_bytes_new (bytes.data, bytes.size) : NULL;
}

SessionImapRow
session_imap_row_make (SessionImap        *session,
                       const ImapResponse *response)
{
  const ImapFetch *fetch = &response->fetch;
  BaseSlice id = fetch->email_id.size > 0 ? fetch->email_id : fetch->gmail_id;

  return (SessionImapRow) {
    .uid = fetch->uid,
    .has_flags = fetch->has_flags,
    .flags = response->flags,
    .keywords = response->n_words > 0 ? dup_texts (response->words, response->n_words) : NULL,
    .date = fetch->date,
    .size = fetch->size,
    .modseq = fetch->modseq,
    .object_id = id.size > 0 ? base_slice_dup_text (id) : NULL,
    .labels = fetch->has_labels ? dup_labels (session, response) : NULL,
    .header = dup_header (session, fetch),
  };
}

/* Servers may tell one message in several answers (RFC 3501 7.4.2): what the later one tells counts.  Takes
 * more. */
static void
merge_row (SessionImapRow *row,
           SessionImapRow *more)
{
  if (more->has_flags)
    {
      row->has_flags = TRUE;
      row->flags = more->flags;
      g_strfreev (row->keywords);
      row->keywords = g_steal_pointer (&more->keywords);
    }
  if (more->date != 0)
    row->date = more->date;
  if (more->size != 0)
    row->size = more->size;
  row->modseq = MAX (row->modseq, more->modseq);
  if (row->object_id == NULL)
    row->object_id = g_steal_pointer (&more->object_id);
  if (row->labels == NULL)
    row->labels = g_steal_pointer (&more->labels);
  if (row->header == NULL)
    row->header = g_steal_pointer (&more->header);
}

static int
compare_rows (gconstpointer a,
              gconstpointer b)
{
  guint32 uid_a = ((const SessionImapRow *) a)->uid, uid_b = ((const SessionImapRow *) b)->uid;

  return (uid_a > uid_b) - (uid_a < uid_b);
}

/* Yahoo answers in descending order; others as they like. */
static gboolean
is_ascending (const GArray *rows)
{
  for (guint i = 1; i < rows->len; i++)
    if (g_array_index (rows, SessionImapRow, i - 1).uid >= g_array_index (rows, SessionImapRow, i).uid)
      return FALSE;
  return TRUE;
}

/* Takes rows. */
static GArray *
sort_rows (GArray *rows)
{
  GArray *sorted;

  if (is_ascending (rows))
    return rows;
  g_array_sort (rows, compare_rows);
  sorted = session_imap_rows_new ();
  for (guint i = 0; i < rows->len; i++)
    {
      SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);
      SessionImapRow *last = NULL;

      if (sorted->len > 0)
        last = &g_array_index (sorted, SessionImapRow, sorted->len - 1);
      if (last != NULL && last->uid == row->uid)
        {
          merge_row (last, row);
          continue;
        }
      g_array_append_val (sorted, *row);
      *row = (SessionImapRow) { 0 };
    }
  g_array_unref (rows);
  return sorted;
}

/* --- which ticket an answer belongs to --- */

static gboolean
asked_for (const SessionImapTicket *ticket,
           TicketKind               kind,
           const ImapFetch         *fetch)
{
  if (ticket->kind != kind)
    return FALSE;
  if (ticket->uids != NULL)
    return imap_uidset_contains (ticket->uids, fetch->uid);
  return ticket->first_number <= fetch->number && fetch->number <= ticket->last_number;
}

/* An answer has no tag.  The oldest ticket that wants such a message takes it, first one that wants a header
 * just when there is one. */
static SessionImapTicket *
find_rows_ticket (SessionImap     *session,
                  const ImapFetch *fetch)
{
  gboolean has_header = fetch->header.kind != IMAP_VALUE_NONE;
  SessionImapTicket *second_best = NULL;

  for (guint i = 0; i < session->tickets->len; i++)
    {
      SessionImapTicket *ticket = session->tickets->pdata[i];

      if (!asked_for (ticket, TICKET_ROWS, fetch))
        continue;
      if (((ticket->items & SESSION_IMAP_HEADER) != 0) == has_header)
        return ticket;
      if (second_best == NULL)
        second_best = ticket;
    }
  return second_best;
}

/* uid 0: the server will say after the text which message it is; then it is one of the oldest ticket's. */
static SessionImapTicket *
find_bodies_ticket (SessionImap *session,
                    guint32      uid)
{
  const ImapFetch fetch = { .uid = uid };

  for (guint i = 0; i < session->tickets->len; i++)
    {
      SessionImapTicket *ticket = session->tickets->pdata[i];

      if (ticket->kind == TICKET_BODIES && (uid == 0 || asked_for (ticket, TICKET_BODIES, &fetch)))
        return ticket;
    }
  return NULL;
}

static void
lighten (SessionImapTicket *ticket,
         guint64            size)
{
  ticket->weight -= MIN (ticket->weight, size);
}

/* --- bodies --- */

void
session_imap_stream_drop (SessionImap             *session,
                          const SessionImapTicket *only_of)
{
  ImapStream *stream = &session->stream;
  SessionImapTicket *ticket = stream->ticket;

  if (only_of != NULL && ticket != only_of)
    return;
  g_clear_pointer (&stream->header, g_byte_array_unref);
  stream->ticket = NULL;
  if (only_of == NULL)
    *stream = (ImapStream) { 0 };
  if (ticket != NULL && ticket->sink != NULL)
    ticket->sink->drop (ticket->sink_data);
}

static gboolean
begin_body (SessionImapTicket *ticket,
            guint32            uid,
            guint64            size)
{
  return ticket != NULL && ticket->sink != NULL && ticket->sink->begin (ticket->sink_data, uid, size);
}

void
session_imap_stream_begin (SessionImap        *session,
                           const ImapResponse *head,
                           guint64             size)
{
  const ImapFetch *fetch = &head->fetch;
  SessionImapTicket *ticket = NULL;

  session_imap_stream_drop (session, NULL);
  session->stream = (ImapStream) { .is_active = TRUE, .size = size, .left = size };
  if (fetch->body.kind == IMAP_VALUE_HANDED_OVER)
    {
      ticket = find_bodies_ticket (session, fetch->uid);
      session->stream.ticket = begin_body (ticket, fetch->uid, size) ? ticket : NULL;
    }
  else if (fetch->header.kind == IMAP_VALUE_HANDED_OVER)
    session->stream.header = g_byte_array_new ();
}

void
session_imap_stream_data (SessionImap *session,
                          BaseSlice    data)
{
  ImapStream *stream = &session->stream;

  stream->left -= MIN (stream->left, data.size);
  if (stream->left == 0)
    session_log_data (session->log, SESSION_LOG_SERVER, stream->size);
  if (stream->ticket != NULL)
    {
      lighten (stream->ticket, data.size);
      stream->ticket->sink->data (stream->ticket->sink_data, data);
    }
  if (stream->header != NULL && stream->header->len < SESSION_IMAP_HEADER_MAX)
    g_byte_array_append (stream->header, data.data,
                         (guint) MIN (data.size, SESSION_IMAP_HEADER_MAX - stream->header->len));
}

/* The answer is closed: the message is whole, if it is one we asked for. */
static void
end_stream (SessionImap     *session,
            const ImapFetch *fetch)
{
  SessionImapTicket *ticket = session->stream.ticket;

  if (ticket == NULL)
    return;
  if (session->stream.left > 0 || !asked_for (ticket, TICKET_BODIES, fetch))
    {
      session_imap_stream_drop (session, NULL);
      return;
    }
  session->stream.ticket = NULL;
  ticket->sink->end (ticket->sink_data, fetch->uid);
}

static void
take_short_body (SessionImap     *session,
                 const ImapFetch *fetch)
{
  SessionImapTicket *ticket = fetch->uid != 0 ? find_bodies_ticket (session, fetch->uid) : NULL;

  if (ticket != NULL)
    lighten (ticket, fetch->body.size);
  if (!begin_body (ticket, fetch->uid, fetch->body.size))
    return;
  if (fetch->body.size > 0)
    ticket->sink->data (ticket->sink_data, fetch->body.bytes);
  ticket->sink->end (ticket->sink_data, fetch->uid);
}

/* --- all that FETCH tells --- */

static void
take_row (SessionImap        *session,
          const ImapResponse *response)
{
  const ImapFetch *fetch = &response->fetch;
  SessionImapTicket *ticket = fetch->uid != 0 ? find_rows_ticket (session, fetch) : NULL;
  SessionImapRow row;

  if (ticket != NULL)
    {
      row = session_imap_row_make (session, response);
      lighten (ticket, FLAGS_WEIGHT + (row.header != NULL ? g_bytes_get_size (row.header) : 0));
      g_array_append_val (ticket->rows, row);
    }
  /* Flags alone, where a header was asked for too, may be somebody else's change. */
  if (ticket == NULL || ((ticket->items & SESSION_IMAP_HEADER) != 0 && fetch->header.kind == IMAP_VALUE_NONE))
    session_imap_box_take_flags (session, response);
}

void
session_imap_fetch_take (SessionImap        *session,
                         const ImapResponse *response)
{
  const ImapFetch *fetch = &response->fetch;

  switch (fetch->body.kind)
    {
    case IMAP_VALUE_BYTES:
      take_short_body (session, fetch);
      break;
    case IMAP_VALUE_HANDED_OVER:
      end_stream (session, fetch);
      break;
    case IMAP_VALUE_NONE:
      take_row (session, response);
      break;
    case IMAP_VALUE_NIL:
      /* The server cannot give it: it is simply not delivered. */
      break;
    }
  session_imap_stream_drop (session, NULL);
}

gboolean
session_imap_fetch_take_vanished (SessionImap        *session,
                                  const ImapResponse *response)
{
  for (guint i = 0; i < session->tickets->len; i++)
    {
      SessionImapTicket *ticket = session->tickets->pdata[i];

      if (!ticket->takes_vanished || !response->is_earlier)
        continue;
      if (ticket->vanished == NULL)
        ticket->vanished = imap_uidset_new ();
      imap_uidset_add_set (ticket->vanished, response->uids);
      return TRUE;
    }
  return FALSE;
}

void
session_imap_fetch_note_unreadable (SessionImap *session)
{
  for (guint i = 0; i < session->tickets->len; i++)
    ((SessionImapTicket *) session->tickets->pdata[i])->unreadable++;
}

/* --- verbs --- */

static char *
make_items (SessionImap      *session,
            SessionImapItems  items)
{
  GString *text = g_string_new ("(UID");

  if ((items & SESSION_IMAP_FLAGS) != 0)
    g_string_append (text, " FLAGS");
  if ((items & SESSION_IMAP_FLAGS) != 0 && session_imap_can (session, IMAP_CAN_CONDSTORE))
    g_string_append (text, " MODSEQ");
  if ((items & SESSION_IMAP_DATE) != 0)
    g_string_append (text, " INTERNALDATE");
  if ((items & SESSION_IMAP_SIZE) != 0)
    g_string_append (text, " RFC822.SIZE");
  if ((items & SESSION_IMAP_IDS) != 0 && session_imap_can (session, IMAP_CAN_OBJECTID))
    g_string_append (text, " EMAILID");
  if ((items & SESSION_IMAP_IDS) != 0 && session_imap_can (session, IMAP_CAN_GMAIL))
    g_string_append (text, " X-GM-MSGID X-GM-LABELS");
  if ((items & SESSION_IMAP_HEADER) != 0)
    g_string_append (text, " BODY.PEEK[HEADER]");
  g_string_append_c (text, ')');
  return g_string_free (text, FALSE);
}

static guint64
guess_weight (guint64          messages,
              SessionImapItems items)
{
  return MIN (messages, G_MAXUINT32) * ((items & SESSION_IMAP_HEADER) != 0 ? HEADER_WEIGHT : FLAGS_WEIGHT);
}

/* A range up to "*" is not as many as it looks. */
static guint64
count_messages (SessionImap      *session,
                const ImapUidset *uids)
{
  return MIN (imap_uidset_count (uids), session->selected.news.exists);
}

static SessionImapTicket *
new_rows_ticket (SessionImap      *session,
                 SessionImapItems  items)
{
  SessionImapTicket *ticket = session_imap_ticket_new (session, TICKET_ROWS, "Cannot list messages");

  ticket->items = items;
  ticket->rows = session_imap_rows_new ();
  return ticket;
}

SessionImapTicket *
session_imap_start_fetch (SessionImap      *session,
                          const ImapUidset *uids,
                          SessionImapItems  items)
{
  g_autofree char *names = make_items (session, items);
  g_autofree char *after = g_strconcat (" ", names, NULL);
  SessionImapTicket *ticket;

  if (imap_uidset_is_empty (uids))
    return NULL;
  ticket = new_rows_ticket (session, items);
  ticket->uids = imap_uidset_copy (uids);
  ticket->weight = guess_weight (count_messages (session, uids), items);
  session_imap_ticket_add_for_set (ticket, uids, "UID FETCH ", after);
  return ticket;
}

SessionImapTicket *
session_imap_start_fetch_numbers (SessionImap      *session,
                                  guint32           first,
                                  guint32           last,
                                  SessionImapItems  items)
{
  g_autofree char *names = make_items (session, items);
  SessionImapTicket *ticket;
  ImapWriter *writer;

  if (first == 0 || first > last)
    return NULL;
  ticket = new_rows_ticket (session, items);
  ticket->first_number = first;
  ticket->last_number = last;
  ticket->weight = guess_weight (last - first + 1, items);
  writer = session_imap_new_writer (session);
  imap_writer_printf (writer, "FETCH %u:%u %s", first, last, names);
  session_imap_ticket_add (ticket, writer, IMAP_COMMAND_PLAIN);
  return ticket;
}

SessionImapTicket *
session_imap_start_fetch_changes (SessionImap      *session,
                                  const ImapUidset *uids,
                                  SessionImapItems  items,
                                  guint64           modseq)
{
  g_autofree char *names = make_items (session, items);
  g_autofree char *after = NULL;
  SessionImapTicket *ticket;

  if (imap_uidset_is_empty (uids))
    return NULL;
  ticket = new_rows_ticket (session, items);
  ticket->uids = imap_uidset_copy (uids);
  ticket->takes_vanished = session->has_qresync;
  ticket->weight = guess_weight (count_messages (session, uids), items);
  after = g_strdup_printf (" %s (CHANGEDSINCE %" G_GUINT64_FORMAT "%s)", names, modseq,
                           session->has_qresync ? " VANISHED" : "");
  session_imap_ticket_add_for_set (ticket, uids, "UID FETCH ", after);
  return ticket;
}

SessionImapRows *
session_imap_finish_fetch (SessionImap        *session,
                           SessionImapTicket  *ticket,
                           GError            **error)
{
  SessionImapRows *rows;

  g_assert (session->owner == g_thread_self ());
  if (ticket != NULL && !session_imap_ticket_wait (ticket, error))
    return NULL;

  rows = g_new0 (SessionImapRows, 1);
  rows->rows = ticket != NULL ? sort_rows (g_steal_pointer (&ticket->rows)) : session_imap_rows_new ();
  rows->vanished = ticket != NULL ? g_steal_pointer (&ticket->vanished) : NULL;
  rows->unreadable = ticket != NULL ? ticket->unreadable : 0;
  return rows;
}

void
session_imap_rows_free (SessionImapRows *rows)
{
  g_array_unref (rows->rows);
  g_clear_pointer (&rows->vanished, imap_uidset_free);
  g_free (rows);
}

SessionImapTicket *
session_imap_start_bodies (SessionImap           *session,
                           const ImapUidset      *uids,
                           guint64                expected_bytes,
                           const SessionImapSink *sink,
                           gpointer               data)
{
  SessionImapTicket *ticket;

  if (imap_uidset_is_empty (uids))
    return NULL;
  ticket = session_imap_ticket_new (session, TICKET_BODIES, "Cannot fetch messages");
  ticket->uids = imap_uidset_copy (uids);
  ticket->weight = expected_bytes;
  ticket->sink = sink;
  ticket->sink_data = data;
  session_imap_ticket_add_for_set (ticket, uids, "UID FETCH ", " (UID BODY.PEEK[])");
  return ticket;
}

gboolean
session_imap_finish_bodies (SessionImap        *session,
                            SessionImapTicket  *ticket,
                            GError            **error)
{
  g_assert (session->owner == g_thread_self ());
  return ticket == NULL || session_imap_ticket_wait (ticket, error);
}
