/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/imap-core.h"

#include "base/clock.h"
#include "imap/quirks.h"

#include <string.h>

#define KEEP_MAX         (256 * 1024)   /* so much is read to its end after a cancel */
#define ALERTS_MAX       20
#define PROGRESS_SIZE    512            /* less of a literal within the time-out is no progress */

typedef struct {
  guint              tag;
  SessionImapTicket *ticket;
} OpenCommand;

static void
free_ticket (SessionImapTicket *ticket)
{
  g_free (ticket->purpose);
  g_clear_error (&ticket->error);
  g_clear_pointer (&ticket->uids, imap_uidset_free);
  g_clear_pointer (&ticket->rows, g_array_unref);
  g_clear_pointer (&ticket->vanished, imap_uidset_free);
  g_clear_pointer (&ticket->modified, imap_uidset_free);
  g_clear_pointer (&ticket->map, imap_uidmap_free);
  g_free (ticket);
}

static SessionImap *
new_session (const SessionImapLogin *login,
             NetWire                *wire)
{
  ImapLine line = login->where.security == NET_SECURITY_STARTTLS ? IMAP_LINE_NEEDS_TLS : IMAP_LINE_READY;
  SessionImap *session = g_new0 (SessionImap, 1);

  session->owner = g_thread_self ();
  session->host = g_strdup (login->where.host);
  session->port = login->where.port;
  session->security = login->where.security;
  session->user = g_strdup (login->user);
  session->password = login->password != NULL ? base_secret_ref (login->password) : NULL;
  session->oauth_token = login->oauth_token != NULL ? base_secret_ref (login->oauth_token) : NULL;
  session->may_send_clear = login->may_send_clear;
  session->timeout_s = login->timeout_s > 0 ? login->timeout_s : 60;

  session->wire = wire;
  session->signals = NET_SIGNALS_NONE;
  session->cancel_fd = -1;
  session->log = session_log_new ("imap", session->host);
  session->sent_line = g_string_new (NULL);
  session->engine = imap_engine_new (&IMAP_LIMITS_DEFAULT, line);
  session->is_good = TRUE;
  session->prefix = g_strdup ("");
  session->delimiter = '/';
  session->tickets = g_ptr_array_new ();
  session->open = g_array_new (FALSE, FALSE, sizeof (OpenCommand));
  return session;
}

SessionImap *
session_imap_new (const SessionImapLogin *login)
{
  return new_session (login, net_wire_new (&login->where));
}

SessionImap *
session_imap_new_on_wire (const SessionImapLogin *login,
                          NetWire                *wire)
{
  return new_session (login, wire);
}

/* Tickets that somebody still holds outlive the session; nothing will come for them. */
static void
let_tickets_go (SessionImap *session)
{
  for (guint i = 0; i < session->tickets->len; i++)
    {
      SessionImapTicket *ticket = session->tickets->pdata[i];

      ticket->session = NULL;
      ticket->n_open = 0;
      if (ticket->is_dropped)
        free_ticket (ticket);
    }
  g_ptr_array_unref (session->tickets);
  g_array_unref (session->open);
}

void
session_imap_free (SessionImap *session)
{
  g_assert (session->owner == g_thread_self ());
  session_imap_stream_drop (session, NULL);
  session_imap_set_signals (session, NULL);
  let_tickets_go (session);
  g_clear_pointer (&session->selected.opening, session_imap_box_free);
  session_imap_news_clear (&session->selected.news);
  g_free (session->selected.raw_name);
  g_clear_pointer (&session->challenge, g_bytes_unref);
  g_queue_clear_full (&session->alerts, g_free);
  g_free (session->server);
  g_free (session->prefix);
  g_clear_error (&session->failure);
  imap_engine_free (session->engine);
  net_wire_free (session->wire);
  session_log_free (session->log);
  g_string_free (session->sent_line, TRUE);
  g_clear_pointer (&session->password, base_secret_unref);
  g_clear_pointer (&session->oauth_token, base_secret_unref);
  g_free (session->host);
  g_free (session->user);
  g_free (session);
}

void
session_imap_set_signals (SessionImap      *session,
                          const NetSignals *signals)
{
  g_autoptr(GCancellable) old = session->signals.cancellable;

  g_assert (session->owner == g_thread_self ());
  if (session->cancel_fd >= 0)
    g_cancellable_release_fd (old);
  session->signals = signals != NULL ? *signals : NET_SIGNALS_NONE;
  session->cancel_fd = -1;
  if (session->signals.cancellable != NULL)
    {
      g_object_ref (session->signals.cancellable);
      session->cancel_fd = g_cancellable_get_fd (session->signals.cancellable);
    }
}

/* --- failing --- */

gboolean
session_imap_break (SessionImap  *session,
                    GError       *failure,
                    GError      **error)
{
  session_log_note (session->log, "closed: %s", failure->message);
  session->is_good = FALSE;
  session->failure = failure;
  session_imap_stream_drop (session, NULL);
  g_propagate_error (error, g_error_copy (failure));
  return FALSE;
}

static guint64
sum_weights (SessionImap *session)
{
  guint64 sum = session->stream.left;

  for (guint i = 0; i < session->tickets->len; i++)
    sum += ((SessionImapTicket *) session->tickets->pdata[i])->weight;
  return sum;
}

/* Little is read to its end by whoever comes next; much would hold him up, and half a command cannot be taken
 * back. */
static gboolean
fail_cancelled (SessionImap  *session,
                GError      **error)
{
  g_autoptr(GError) cancelled = NULL;

  g_cancellable_set_error_if_cancelled (session->signals.cancellable, &cancelled);
  if (session->is_signed_in && sum_weights (session) < KEEP_MAX
      && !session->is_uploading && session->waiting_tag == 0 && !session->selected.is_opening)
    {
      g_propagate_error (error, g_steal_pointer (&cancelled));
      return FALSE;
    }
  return session_imap_break (session, g_steal_pointer (&cancelled), error);
}

gboolean
session_imap_is_ready (SessionImap  *session,
                       GError      **error)
{
  g_assert (session->owner == g_thread_self ());
  if (!session->is_good)
    {
      g_propagate_error (error, g_error_copy (session->failure));
      return FALSE;
    }
  if (g_cancellable_is_cancelled (session->signals.cancellable))
    return fail_cancelled (session, error);
  return TRUE;
}

gboolean
session_imap_is_good (SessionImap *session)
{
  return session->is_good;
}

/* --- out --- */

static void
log_output (SessionImap      *session,
            const ImapOutput *output)
{
  if (output->is_secret)
    session->sent_secret = TRUE;
  else if (!session->sent_secret)
    g_string_append_len (session->sent_line, (const char *) output->bytes.data, (gssize) output->bytes.size);
  if (output->is_secret || output->bytes.size == 0 || output->bytes.data[output->bytes.size - 1] != '\n')
    return;

  if (session->sent_secret)
    session_log_secret (session->log, SESSION_LOG_CLIENT, g_strchomp (session->sent_line->str));
  else
    session_log_line (session->log, SESSION_LOG_CLIENT,
                      base_slice_new (session->sent_line->str, session->sent_line->len));
  g_string_truncate (session->sent_line, 0);
  session->sent_secret = FALSE;
}

void
session_imap_send (SessionImap *session)
{
  ImapOutput output;

  while (imap_engine_take_output (session->engine, &output))
    {
      log_output (session, &output);
      net_wire_queue (session->wire, output.bytes.data, output.bytes.size);
    }
}

/* --- in --- */

void
session_imap_move_deadline (SessionImap *session)
{
  session->deadline = base_clock_steady_us () + (gint64) session->timeout_s * G_USEC_PER_SEC;
  session->literal_progress = 0;
}

static void
note_alert (SessionImap      *session,
            const ImapStatus *status)
{
  if (status->code != IMAP_CODE_ALERT || !session->is_signed_in || session->alerts.length == ALERTS_MAX)
    return;
  g_queue_push_tail (&session->alerts, base_slice_dup_text (base_slice_sub (status->text, 0, 1000)));
}

char *
session_imap_take_alert (SessionImap *session)
{
  return g_queue_pop_head (&session->alerts);
}

/* RFC 6851: the COPYUID of a MOVE comes before its EXPUNGEs, untagged. */
static void
note_copied (SessionImapTicket *ticket,
             const ImapStatus  *status)
{
  ImapUidMap *map = imap_uidmap_parse (status->uidvalidity, status->from, status->to);

  if (map == NULL)
    return;
  if (ticket->map == NULL)
    {
      ticket->map = map;
      return;
    }
  imap_uidmap_add (ticket->map, map);
  imap_uidmap_free (map);
}

/* A hint that makes no sense is none: mbsync CVE-2021-3578. */
static void
note_appended (SessionImapTicket *ticket,
               const ImapStatus  *status)
{
  guint64 uid;

  if (status->uidvalidity == 0 || !base_slice_parse_uint (status->to, G_MAXUINT32, &uid) || uid == 0)
    return;
  ticket->uidvalidity = status->uidvalidity;
  ticket->uid = (guint32) uid;
}

static SessionImapTicket *
find_ticket (SessionImap *session,
             TicketKind   kind)
{
  for (guint i = 0; i < session->tickets->len; i++)
    if (((SessionImapTicket *) session->tickets->pdata[i])->kind == kind)
      return session->tickets->pdata[i];
  return NULL;
}

static gboolean
take_status (SessionImap        *session,
             const ImapResponse *response,
             GError            **error)
{
  const ImapStatus *status = &response->status;
  SessionImapTicket *ticket;
  GError *failure = NULL;

  note_alert (session, status);
  if (status->code == IMAP_CODE_COPYUID && (ticket = find_ticket (session, TICKET_COPY)) != NULL)
    note_copied (ticket, status);
  if (status->condition != IMAP_BYE || session->is_leaving)
    return TRUE;

  /* Yandex says it again and again and does not close: it is over now. */
  imap_error_set (&failure, IMAP_ERROR_BYE, status->code,
                  session->is_signed_in ? status->text : base_slice_new (NULL, 0),
                  "The server %s ends the connection", session->host);
  return session_imap_break (session, failure, error);
}

static void
take_enabled (SessionImap        *session,
              const ImapResponse *response)
{
  for (gsize i = 0; i < response->n_words; i++)
    {
      if (base_slice_equal_nocase (response->words[i], "QRESYNC"))
        session->has_qresync = session->has_condstore = TRUE;
      if (base_slice_equal_nocase (response->words[i], "CONDSTORE"))
        session->has_condstore = TRUE;
      if (base_slice_equal_nocase (response->words[i], "UTF8=ACCEPT"))
        session->has_utf8 = TRUE;
    }
}

static gboolean
take_untagged (SessionImap        *session,
               const ImapResponse *response,
               GError            **error)
{
  if (response->kind == IMAP_RESPONSE_FETCH)
    session_imap_fetch_take (session, response);
  else
    session_imap_stream_drop (session, NULL);
  if (response->kind == IMAP_RESPONSE_ENABLED)
    take_enabled (session, response);

  /* A FETCH, too: QRESYNC tells flags so while a folder is opened. */
  session_imap_box_take (session, response);
  if (session->collector != NULL)
    session->collector (session, response, session->collector_data);
  return response->kind != IMAP_RESPONSE_STATUS || take_status (session, response, error);
}

/* A refusal: what could not be done, in our words; the server's go along. */
static void
refuse (SessionImapTicket *ticket,
        const ImapStatus  *status)
{
  const char *code = imap_code_get_name (status->code);
  const SessionImap *session = ticket->session;
  gboolean may_quote = session->security == NET_SECURITY_NONE || net_wire_is_encrypted (session->wire);
  gboolean is_no = status->condition == IMAP_NO;

  imap_error_set (&ticket->error, is_no ? IMAP_ERROR_NO : IMAP_ERROR_BAD, status->code,
                  may_quote ? status->text : base_slice_new (NULL, 0), "%s on %s: the server %s%s%s%s",
                  ticket->purpose, session->host, is_no ? "refuses" : "does not take the command",
                  *code != '\0' ? " [" : "", code, *code != '\0' ? "]" : "");
}

/* The last answer of a ticket: it leaves the session. */
static void
close_command (SessionImap *session,
               guint        index)
{
  SessionImapTicket *ticket = g_array_index (session->open, OpenCommand, index).ticket;

  g_array_remove_index (session->open, index);
  if (--ticket->n_open > 0)
    return;
  ticket->weight = 0;
  g_ptr_array_remove (session->tickets, ticket);
  if (ticket->is_dropped)
    free_ticket (ticket);
}

static void
take_answer (SessionImapTicket *ticket,
             const ImapStatus  *status)
{
  ticket->code = status->code;
  if (status->code == IMAP_CODE_COPYUID)
    note_copied (ticket, status);
  if (status->code == IMAP_CODE_APPENDUID)
    note_appended (ticket, status);
  if (status->code == IMAP_CODE_MODIFIED)
    {
      g_autoptr(ImapUidset) modified = imap_uidset_parse (status->from, IMAP_UIDSET_RANGES_MAX);

      if (modified != NULL && ticket->modified == NULL)
        ticket->modified = g_steal_pointer (&modified);
      else if (modified != NULL)
        imap_uidset_add_set (ticket->modified, modified);
    }
  if (status->condition != IMAP_OK && ticket->error == NULL)
    refuse (ticket, status);
}

static void
take_tagged (SessionImap        *session,
             guint               tag,
             const ImapResponse *response)
{
  for (guint i = 0; i < session->open->len; i++)
    {
      const OpenCommand *command = &g_array_index (session->open, OpenCommand, i);

      if (command->tag != tag)
        continue;
      if (response != NULL)
        {
          note_alert (session, &response->status);
          take_answer (command->ticket, &response->status);
        }
      close_command (session, i);
      return;
    }
}

static void
take_continue (SessionImap     *session,
               const ImapEvent *event)
{
  g_autofree char *base64 = base_slice_dup_string (base_slice_trim (event->response->status.text));
  guchar *bytes;
  gsize size;

  if (event->tag != session->waiting_tag)
    return;
  session->may_continue = TRUE;
  g_clear_pointer (&session->challenge, g_bytes_unref);
  bytes = g_base64_decode (base64 != NULL ? base64 : "", &size);
  session->challenge = g_bytes_new_take (bytes, size);
}

static void
log_event (SessionImap     *session,
           const ImapEvent *event)
{
  switch (event->kind)
    {
    case IMAP_EVENT_NONE:
    case IMAP_EVENT_SWALLOWED:
      break;
    case IMAP_EVENT_GREETING:
    case IMAP_EVENT_UNTAGGED:
    case IMAP_EVENT_TAGGED:
    case IMAP_EVENT_LITERAL_BEGIN:
      session_log_line (session->log, SESSION_LOG_SERVER, event->text);
      break;
    case IMAP_EVENT_CONTINUE:
      /* A challenge may hold what proves the password. */
      session_log_secret (session->log, SESSION_LOG_SERVER, "+");
      break;
    case IMAP_EVENT_LITERAL_DATA:
      break;
    }
}

/* A whole response, or some of a literal: a server that drips single bytes does not keep us for hours. */
static void
note_progress (SessionImap     *session,
               const ImapEvent *event)
{
  if (event->kind == IMAP_EVENT_NONE)
    return;
  session->literal_progress += event->data.size;
  if (event->kind != IMAP_EVENT_LITERAL_DATA || session->literal_progress >= PROGRESS_SIZE)
    session_imap_move_deadline (session);
}

static gboolean
take_event (SessionImap     *session,
            const ImapEvent *event,
            GError         **error)
{
  log_event (session, event);
  note_progress (session, event);

  switch (event->kind)
    {
    case IMAP_EVENT_NONE:
      return TRUE;
    case IMAP_EVENT_GREETING:
      session->is_greeted = TRUE;
      session->is_preauth = event->response->status.condition == IMAP_PREAUTH;
      return TRUE;
    case IMAP_EVENT_UNTAGGED:
      return take_untagged (session, event->response, error);
    case IMAP_EVENT_TAGGED:
    case IMAP_EVENT_SWALLOWED:
      take_tagged (session, event->tag, event->kind == IMAP_EVENT_TAGGED ? event->response : NULL);
      return TRUE;
    case IMAP_EVENT_CONTINUE:
      take_continue (session, event);
      return TRUE;
    case IMAP_EVENT_LITERAL_BEGIN:
      session_imap_stream_begin (session, event->response, event->literal_size);
      return TRUE;
    case IMAP_EVENT_LITERAL_DATA:
      session_imap_stream_data (session, event->data);
      return TRUE;
    }
  g_assert_not_reached ();
}

/* What is behind the answer to STARTTLS stays in the wire, which refuses to go on with it. */
static gboolean
must_stop_reading (SessionImap     *session,
                   const ImapEvent *event)
{
  return event->kind == IMAP_EVENT_TAGGED && session->security == NET_SECURITY_STARTTLS
         && !net_wire_is_encrypted (session->wire);
}

gboolean
session_imap_take_input (SessionImap  *session,
                         GError      **error)
{
  BaseSlice input = net_wire_peek_input (session->wire);
  gsize size = input.size;
  GError *failure = NULL;
  ImapEvent event = { .kind = IMAP_EVENT_NONE };

  do
    {
      if (!imap_engine_take_event (session->engine, &input, &event, &failure))
        {
          g_prefix_error (&failure, "Connection to %s: ", session->host);
          return session_imap_break (session, failure, error);
        }
      if (!take_event (session, &event, error))
        return FALSE;
    }
  while (event.kind != IMAP_EVENT_NONE && !must_stop_reading (session, &event));
  net_wire_consume (session->wire, size - input.size);
  return TRUE;
}

/* The wire is not told of the cancellable, which would end it: the session decides what a cancel costs. */
gboolean
session_imap_pump (SessionImap  *session,
                   GError      **error)
{
  NetSignals signals = { session->cancel_fd, session->signals.stop_fd, NULL };
  GError *failure = NULL;

  if (!session_imap_is_ready (session, error))
    return FALSE;
  session_imap_send (session);
  switch (net_wire_wait (session->wire, &signals, session->deadline, &failure))
    {
    case NET_WAIT_INPUT:
      return session_imap_take_input (session, error);
    case NET_WAIT_WOKEN:
      return fail_cancelled (session, error);
    case NET_WAIT_EXPIRED:
      failure = g_error_new (NET_ERROR, NET_ERROR_TIMEOUT, "Connection to %s: no answer for %u seconds",
                             session->host, session->timeout_s);
      break;
    case NET_WAIT_FAILED:
      break;
    }
  return session_imap_break (session, failure, error);
}

/* --- tickets --- */

ImapWriter *
session_imap_new_writer (SessionImap *session)
{
  const ImapCapabilities *capabilities = imap_engine_peek_capabilities (session->engine);
  ImapLiteralMode literals = IMAP_LITERAL_ASK;

  if (imap_capabilities_has (capabilities, IMAP_CAN_LITERAL_PLUS))
    literals = IMAP_LITERAL_PLUS;
  else if (imap_capabilities_has (capabilities, IMAP_CAN_LITERAL_MINUS))
    literals = IMAP_LITERAL_MINUS;
  return imap_writer_new (literals, session->has_utf8 ? IMAP_NAMES_UTF8 : IMAP_NAMES_UTF7);
}

SessionImapTicket *
session_imap_ticket_new (SessionImap *session,
                         TicketKind   kind,
                         const char  *format,
                         ...)
{
  SessionImapTicket *ticket = g_new0 (SessionImapTicket, 1);
  va_list args;

  g_assert (session->owner == g_thread_self ());
  ticket->kind = kind;
  ticket->session = session;
  va_start (args, format);
  ticket->purpose = g_strdup_vprintf (format, args);
  va_end (args);
  return ticket;
}

guint
session_imap_ticket_add (SessionImapTicket *ticket,
                         ImapWriter        *writer,
                         ImapCommandKind    kind)
{
  SessionImap *session = ticket->session;
  OpenCommand command = { imap_engine_start (session->engine, writer, kind), ticket };

  /* Who waits for nothing else has waited for nothing until now. */
  if (session->open->len == 0)
    session_imap_move_deadline (session);
  g_array_append_val (session->open, command);
  if (ticket->n_open++ == 0)
    g_ptr_array_add (session->tickets, ticket);
  return command.tag;
}

/* folder: raw name at the end of the command, or NULL. */
static void
add_for_set (SessionImapTicket *ticket,
             const ImapUidset  *uids,
             const char        *before,
             const char        *after,
             const char        *folder)
{
  SessionImap *session = ticket->session;
  gsize max = imap_quirks_command_max (imap_engine_peek_capabilities (session->engine));
  gsize taken = strlen (before) + strlen (after) + (folder != NULL ? strlen (folder) : 0) + 20;
  gsize start = 0;

  while (TRUE)
    {
      g_autoptr(GString) text = g_string_new (before);
      ImapWriter *writer;

      if (!imap_uidset_write_some (uids, max - MIN (max / 2, taken), &start, text))
        return;
      writer = session_imap_new_writer (session);
      imap_writer_text (writer, text->str);
      imap_writer_text (writer, after);
      if (folder != NULL)
        imap_writer_folder (writer, folder);
      session_imap_ticket_add (ticket, writer, IMAP_COMMAND_PLAIN);
    }
}

void
session_imap_ticket_add_for_set (SessionImapTicket *ticket,
                                 const ImapUidset  *uids,
                                 const char        *before,
                                 const char        *after)
{
  add_for_set (ticket, uids, before, after, NULL);
}

void
session_imap_ticket_add_for_folder (SessionImapTicket *ticket,
                                    const ImapUidset  *uids,
                                    const char        *before,
                                    const char        *raw_folder)
{
  add_for_set (ticket, uids, before, " ", raw_folder);
}

gboolean
session_imap_ticket_wait (SessionImapTicket  *ticket,
                          GError            **error)
{
  while (ticket->n_open > 0)
    if (!session_imap_pump (ticket->session, error))
      return FALSE;
  if (ticket->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (ticket->error));
  return FALSE;
}

void
session_imap_ticket_free (SessionImapTicket *ticket)
{
  SessionImap *session;

  if (ticket == NULL)
    return;
  session = ticket->session;
  if (ticket->n_open == 0)
    {
      free_ticket (ticket);
      return;
    }

  g_assert (session->owner == g_thread_self ());
  session_imap_stream_drop (session, ticket);
  ticket->sink = NULL;
  ticket->is_dropped = TRUE;
  /* From the end: the ticket is freed with its last command. */
  for (guint i = session->open->len; i > 0; i--)
    {
      const OpenCommand *command = &g_array_index (session->open, OpenCommand, i - 1);

      if (command->ticket == ticket && imap_engine_abandon (session->engine, command->tag))
        close_command (session, i - 1);
    }
}

gboolean
session_imap_run (SessionImap        *session,
                  ImapWriter         *writer,
                  ImapCommandKind     kind,
                  ImapCollector       collector,
                  gpointer            user_data,
                  GError            **error,
                  const char         *format,
                  ...)
{
  g_autofree char *purpose = NULL;
  g_autoptr(SessionImapTicket) ticket = NULL;
  gboolean is_done;
  va_list args;

  if (!session_imap_is_ready (session, error))
    {
      imap_writer_free (writer);
      return FALSE;
    }
  va_start (args, format);
  purpose = g_strdup_vprintf (format, args);
  va_end (args);

  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "%s", purpose);
  session_imap_ticket_add (ticket, writer, kind);
  session->collector = collector;
  session->collector_data = user_data;
  is_done = session_imap_ticket_wait (ticket, error);
  session->collector = NULL;
  return is_done;
}
