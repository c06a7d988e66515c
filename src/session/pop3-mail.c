/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/pop3-core.h"

struct _SessionPop3Ticket {
  SessionPop3           *session;
  Pop3Ticket             id;
  guint32                number;
  const SessionPop3Sink *sink;
  gpointer               data;
  gboolean               is_in_sink;      /* begin() was called and wants more */
};

/* --- lists --- */

gboolean
session_pop3_stat (SessionPop3  *session,
                   guint32      *messages,
                   guint64      *size,
                   GError      **error)
{
  Pop3Event event;

  if (!session_pop3_run (session, POP3_REPLY_STATUS, "STAT", &event, error))
    return FALSE;
  if (!event.status.is_ok)
    return session_pop3_refuse (session, POP3_ERROR_REFUSED, &event.status, error,
                                 "Cannot count the messages");
  if (!pop3_parse_size_row (event.status.words, messages, size))
    return session_pop3_break_off (session, POP3_ERROR_PROTOCOL, event.status.words,
                                   "the server's count is no number", error);
  return TRUE;
}

static void
clear_message (gpointer data)
{
  SessionPop3Message *message = data;

  g_free (message->uidl);
}

static GArray *
messages_new (void)
{
  GArray *messages = g_array_new (FALSE, FALSE, sizeof (SessionPop3Message));

  g_array_set_clear_func (messages, clear_message);
  return messages;
}

typedef gboolean (*ParseRow) (BaseSlice           row,
                              SessionPop3Message *message);

static gboolean
parse_uidl (BaseSlice           row,
            SessionPop3Message *message)
{
  BaseSlice uidl;

  return pop3_parse_uidl_row (row, &message->number, &uidl)
         && (message->uidl = base_slice_dup_string (uidl)) != NULL;
}

static gboolean
parse_size (BaseSlice           row,
            SessionPop3Message *message)
{
  return pop3_parse_size_row (row, &message->number, &message->size) && message->number > 0;
}

/* The rows behind a +OK. */
static gboolean
read_rows (SessionPop3  *session,
           ParseRow      parse,
           GArray       *messages,
           GError      **error)
{
  Pop3Event event;

  while (session_pop3_next_event (session, &event, error))
    {
      SessionPop3Message message = { 0 };

      if (event.kind == POP3_EVENT_END)
        return TRUE;
      if (messages->len == SESSION_POP3_MESSAGES_MAX)
        return session_pop3_break_off (session, POP3_ERROR_TOO_LONG, POP3_NO_WORDS,
                                       "the server's list is too long", error);
      if (!parse (event.piece, &message))
        return session_pop3_break_off (session, POP3_ERROR_PROTOCOL, event.piece,
                                       "the server's list makes no sense", error);
      g_array_append_val (messages, message);
    }
  return FALSE;
}

static int
compare_numbers (gconstpointer a,
                 gconstpointer b)
{
  guint32 x = ((const SessionPop3Message *) a)->number, y = ((const SessionPop3Message *) b)->number;

  return (x > y) - (x < y);
}

/* Ascending; FALSE when a number comes twice: then nobody knows which message is meant. */
static gboolean
put_in_order (GArray *messages)
{
  g_array_sort (messages, compare_numbers);
  for (guint i = 1; i < messages->len; i++)
    if (compare_numbers (&g_array_index (messages, SessionPop3Message, i - 1),
                         &g_array_index (messages, SessionPop3Message, i)) == 0)
      return FALSE;
  return TRUE;
}

/* RFC 1939 section 7 lets two copies of one message share a uidl. */
static void
count_occurrences (GArray *messages)
{
  g_autoptr(GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < messages->len; i++)
    {
      SessionPop3Message *message = &g_array_index (messages, SessionPop3Message, i);
      guint before = GPOINTER_TO_UINT (g_hash_table_lookup (seen, message->uidl));

      message->occurrence = before;
      g_hash_table_insert (seen, message->uidl, GUINT_TO_POINTER (before + 1));
    }
}

/* Both ascending. */
static void
join_sizes (GArray *messages,
            GArray *sizes)
{
  guint at = 0;

  for (guint i = 0; i < messages->len; i++)
    {
      SessionPop3Message *message = &g_array_index (messages, SessionPop3Message, i);

      while (at < sizes->len && g_array_index (sizes, SessionPop3Message, at).number < message->number)
        at++;
      if (at < sizes->len && g_array_index (sizes, SessionPop3Message, at).number == message->number)
        message->size = g_array_index (sizes, SessionPop3Message, at).size;
    }
}

/* Reads the answer to UIDL or LIST.  messages is NULL after a -ERR that means that the server does not know
 * it. */
static gboolean
read_list (SessionPop3  *session,
           Pop3Ticket    ticket,
           ParseRow      parse,
           GArray      **messages,
           GError      **error)
{
  g_autoptr(GArray) rows = NULL;
  Pop3Event event;

  if (!session_pop3_get_status (session, ticket, &event, error))
    return FALSE;
  if (!event.status.is_ok && pop3_judge_refusal (&event.status, POP3_ERROR_REFUSED) == POP3_ERROR_REFUSED)
    return TRUE;
  if (!event.status.is_ok)
    return session_pop3_refuse (session, POP3_ERROR_REFUSED, &event.status, error,
                                 "Cannot list the messages");

  rows = messages_new ();
  if (!read_rows (session, parse, rows, error))
    return FALSE;
  if (!put_in_order (rows))
    return session_pop3_break_off (session, POP3_ERROR_PROTOCOL, POP3_NO_WORDS,
                                   "the server's list has a number twice", error);
  *messages = g_steal_pointer (&rows);
  return TRUE;
}

/* Some servers refuse to list an empty mailbox. */
static GArray *
list_nothing (SessionPop3  *session,
              GError      **error)
{
  guint32 messages;
  guint64 size;

  if (!session_pop3_stat (session, &messages, &size, error))
    return NULL;
  if (messages == 0)
    return messages_new ();
  pop3_error_set (error, POP3_ERROR_TEMPORARY, POP3_NO_WORDS,
                  "Cannot list the messages: %s refuses", session->link.host);
  return NULL;
}

GArray *
session_pop3_list (SessionPop3  *session,
                   GError      **error)
{
  Pop3Ticket uidl = pop3_engine_add (session->engine, POP3_REPLY_ROWS, "UIDL");
  Pop3Ticket list = pop3_engine_add (session->engine, POP3_REPLY_ROWS, "LIST");
  g_autoptr(GArray) ids = NULL;
  g_autoptr(GArray) sizes = NULL;

  if (!read_list (session, uidl, parse_uidl, &ids, error))
    {
      pop3_engine_abandon (session->engine, list);
      return NULL;
    }
  if (!read_list (session, list, parse_size, &sizes, error))
    return NULL;

  /* A server that offers UIDL and refuses it has a trouble that passes: its messages must not look unknown.
   * */
  if (ids == NULL && (sizes == NULL || session->capabilities->has_uidl))
    return list_nothing (session, error);
  if (ids == NULL)
    return g_steal_pointer (&sizes);

  count_occurrences (ids);
  if (sizes != NULL)
    join_sizes (ids, sizes);
  return g_steal_pointer (&ids);
}

/* --- messages --- */

static SessionPop3Ticket *
start (SessionPop3   *session,
       Pop3ReplyForm  form,
       guint32        number,
       const char    *line)
{
  SessionPop3Ticket *ticket = g_new0 (SessionPop3Ticket, 1);

  g_assert (session->link.owner == g_thread_self ());
  ticket->session = session;
  ticket->number = number;
  ticket->id = pop3_engine_add (session->engine, form, line);
  return ticket;
}

static void
leave_sink (SessionPop3Ticket *ticket)
{
  if (ticket->is_in_sink)
    ticket->sink->drop (ticket->data);
  ticket->is_in_sink = FALSE;
}

void
session_pop3_ticket_free (SessionPop3Ticket *ticket)
{
  if (ticket == NULL)
    return;
  leave_sink (ticket);
  pop3_engine_abandon (ticket->session->engine, ticket->id);
  g_free (ticket);
}

static gboolean
finish_status (SessionPop3Ticket  *ticket,
               const char         *what,
               GError            **error)
{
  SessionPop3 *session = ticket->session;
  Pop3Event event;

  if (!session_pop3_get_status (session, ticket->id, &event, error))
    return FALSE;
  return event.status.is_ok
         || session_pop3_refuse (session, POP3_ERROR_REFUSED, &event.status, error,
                                 "Cannot %s message %u", what, ticket->number);
}

SessionPop3Ticket *
session_pop3_start_retr (SessionPop3           *session,
                         guint32                number,
                         const SessionPop3Sink *sink,
                         gpointer               data)
{
  g_autofree char *line = g_strdup_printf ("RETR %u", number);
  SessionPop3Ticket *ticket = start (session, POP3_REPLY_BODY, number, line);

  ticket->sink = sink;
  ticket->data = data;
  return ticket;
}

static gboolean
read_body (SessionPop3Ticket  *ticket,
           GError            **error)
{
  guint64 size = 0;
  Pop3Event event;

  while (session_pop3_next_event (ticket->session, &event, error))
    {
      size += event.piece.size;
      if (event.kind == POP3_EVENT_END)
        {
          session_log_data (ticket->session->link.log, SESSION_LOG_SERVER, size);
          return TRUE;
        }
      if (ticket->is_in_sink)
        ticket->is_in_sink = ticket->sink->data (ticket->data, event.piece);
    }
  return FALSE;
}

gboolean
session_pop3_finish_retr (SessionPop3        *session,
                          SessionPop3Ticket  *ticket,
                          GError            **error)
{
  g_assert (ticket->session == session && ticket->sink != NULL);
  if (!finish_status (ticket, "fetch", error))
    return FALSE;

  ticket->is_in_sink = ticket->sink->begin (ticket->data, ticket->number);
  if (!read_body (ticket, error))
    {
      leave_sink (ticket);
      return FALSE;
    }
  if (ticket->is_in_sink)
    ticket->sink->end (ticket->data, ticket->number);
  ticket->is_in_sink = FALSE;
  return TRUE;
}

SessionPop3Ticket *
session_pop3_start_top (SessionPop3 *session,
                        guint32      number,
                        guint        lines)
{
  g_autofree char *line = g_strdup_printf ("TOP %u %u", number, lines);

  return start (session, POP3_REPLY_BODY, number, line);
}

GBytes *
session_pop3_finish_top (SessionPop3        *session,
                         SessionPop3Ticket  *ticket,
                         GError            **error)
{
  g_autoptr(GByteArray) text = g_byte_array_new ();
  Pop3Event event;

  g_assert (ticket->session == session && ticket->sink == NULL);
  if (!finish_status (ticket, "fetch the header of", error))
    return NULL;
  while (session_pop3_next_event (session, &event, error))
    {
      gsize size = MIN (event.piece.size, SESSION_POP3_TOP_MAX - text->len);

      if (event.kind == POP3_EVENT_END)
        return g_byte_array_free_to_bytes (g_steal_pointer (&text));
      g_byte_array_append (text, event.piece.data, (guint) size);
    }
  return NULL;
}

SessionPop3Ticket *
session_pop3_start_dele (SessionPop3 *session,
                         guint32      number)
{
  g_autofree char *line = g_strdup_printf ("DELE %u", number);

  return start (session, POP3_REPLY_STATUS, number, line);
}

gboolean
session_pop3_finish_dele (SessionPop3        *session,
                          SessionPop3Ticket  *ticket,
                          GError            **error)
{
  g_assert (ticket->session == session);
  return finish_status (ticket, "delete", error);
}

/* --- the end --- */

/* Until all that was sent is answered: what fails before QUIT has left deletes nothing. */
static gboolean
drain (SessionPop3  *session,
       GError      **error)
{
  Pop3Event event;

  while (pop3_engine_count_sent (session->engine) > 0)
    {
      Pop3EventKind kind = session_pop3_take_event (session, &event, error);

      if (kind == POP3_EVENT_FAILED)
        return FALSE;
      if (kind == POP3_EVENT_MORE && pop3_engine_count_sent (session->engine) > 0
          && !session_link_wait (&session->link, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
session_pop3_quit (SessionPop3  *session,
                   GError      **error)
{
  g_autoptr(GError) failure = NULL;
  Pop3Event event;
  gboolean is_answered;

  if (!session_link_check (&session->link, error) || !drain (session, error))
    return FALSE;
  is_answered = session_pop3_run (session, POP3_REPLY_STATUS, "QUIT", &event, &failure);
  session->link.is_good = FALSE;

  if (!is_answered)
    {
      pop3_error_set (error, POP3_ERROR_QUIT_UNKNOWN, POP3_NO_WORDS,
                      "It is unknown whether the server removed the messages: %s", failure->message);
      return FALSE;
    }
  return event.status.is_ok
         || session_pop3_refuse (session, POP3_ERROR_REFUSED, &event.status, error,
                                 "Cannot remove all messages");
}
