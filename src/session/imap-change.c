/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/imap-core.h"

#include "imap/date.h"
#include "imap/names.h"

#include <string.h>

#define UPLOAD_STEP (64 * 1024)

/* --- flags --- */

SessionImapTicket *
session_imap_start_store (SessionImap         *session,
                          const ImapUidset    *uids,
                          SessionImapStore     how,
                          ImapFlags            flags,
                          const char * const  *keywords,
                          guint64              unchanged_since)
{
  ImapWriter *writer = imap_writer_new (IMAP_LITERAL_ASK, IMAP_NAMES_UTF7);
  g_autoptr(GString) after = g_string_new (" ");
  g_autoptr(GPtrArray) pieces = NULL;
  const ImapWriterPiece *list;
  SessionImapTicket *ticket;

  imap_writer_flags (writer, flags, keywords);
  pieces = imap_writer_steal (writer);
  imap_writer_free (writer);
  list = pieces->pdata[0];
  if (imap_uidset_is_empty (uids) || list->bytes->len == strlen ("()"))
    return NULL;

  if (unchanged_since > 0)
    g_string_append_printf (after, "(UNCHANGEDSINCE %" G_GUINT64_FORMAT ") ", unchanged_since);
  g_string_append (after, how == SESSION_IMAP_ADD ? "+FLAGS.SILENT " : "-FLAGS.SILENT ");
  g_string_append_len (after, (const char *) list->bytes->data, list->bytes->len);
  ticket = session_imap_ticket_new (session, TICKET_STORE, "Cannot change flags");
  session_imap_ticket_add_for_set (ticket, uids, "UID STORE ", after->str);
  return ticket;
}

gboolean
session_imap_finish_store (SessionImap        *session,
                           SessionImapTicket  *ticket,
                           ImapUidset        **modified,
                           GError            **error)
{
  gboolean is_done = ticket == NULL || session_imap_ticket_wait (ticket, error);

  g_assert (session->owner == g_thread_self ());
  if (modified != NULL)
    *modified = ticket != NULL ? g_steal_pointer (&ticket->modified) : NULL;
  return is_done;
}

/* --- copies and moves --- */

static SessionImapTicket *
start_copy (SessionImap      *session,
            const ImapUidset *uids,
            const char       *command,
            const char       *raw_target,
            const char       *purpose)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (raw_target));
  SessionImapTicket *ticket;

  ticket = session_imap_ticket_new (session, TICKET_COPY, "%s to folder %s", purpose, name);
  session_imap_ticket_add_for_folder (ticket, uids, command, raw_target);
  return ticket;
}

SessionImapTicket *
session_imap_start_copy (SessionImap      *session,
                         const ImapUidset *uids,
                         const char       *raw_target)
{
  if (imap_uidset_is_empty (uids))
    return NULL;
  return start_copy (session, uids, "UID COPY ", raw_target, "Cannot copy messages");
}

static SessionImapTicket *
new_unsupported (SessionImap *session,
                 TicketKind   kind,
                 const char  *purpose,
                 const char  *extension)
{
  SessionImapTicket *ticket = session_imap_ticket_new (session, kind, "%s", purpose);

  imap_error_set (&ticket->error, IMAP_ERROR_UNSUPPORTED, IMAP_CODE_NONE, base_slice_new (NULL, 0),
                  "%s on %s: the server has no %s", purpose, session->host, extension);
  return ticket;
}

SessionImapTicket *
session_imap_start_move (SessionImap      *session,
                         const ImapUidset *uids,
                         const char       *raw_target)
{
  if (imap_uidset_is_empty (uids))
    return NULL;
  if (!session_imap_can (session, IMAP_CAN_MOVE))
    return new_unsupported (session, TICKET_COPY, "Cannot move messages", "MOVE");
  return start_copy (session, uids, "UID MOVE ", raw_target, "Cannot move messages");
}

gboolean
session_imap_finish_copy (SessionImap        *session,
                          SessionImapTicket  *ticket,
                          ImapUidMap        **map,
                          GError            **error)
{
  gboolean is_done = ticket == NULL || session_imap_ticket_wait (ticket, error);

  g_assert (session->owner == g_thread_self ());
  if (map != NULL)
    *map = ticket != NULL ? g_steal_pointer (&ticket->map) : NULL;
  return is_done;
}

/* --- removing --- */

SessionImapTicket *
session_imap_start_expunge (SessionImap      *session,
                            const ImapUidset *uids)
{
  SessionImapTicket *ticket;

  if (imap_uidset_is_empty (uids))
    return NULL;
  /* Without UIDPLUS the server would also remove what others marked. */
  if (!session_imap_can (session, IMAP_CAN_UIDPLUS))
    return new_unsupported (session, TICKET_PLAIN, "Cannot remove single messages", "UIDPLUS");
  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot remove messages");
  session_imap_ticket_add_for_set (ticket, uids, "UID EXPUNGE ", "");
  return ticket;
}

gboolean
session_imap_finish_expunge (SessionImap        *session,
                             SessionImapTicket  *ticket,
                             GError            **error)
{
  g_assert (session->owner == g_thread_self ());
  return ticket == NULL || session_imap_ticket_wait (ticket, error);
}

/* --- appending --- */

static ImapWriter *
write_append (SessionImap             *session,
              const SessionImapAppend *append,
              guint64                  size)
{
  ImapWriter *writer = session_imap_new_writer (session);
  g_autofree char *date = append->date != 0 ? imap_date_write (append->date) : NULL;

  imap_writer_text (writer, "APPEND ");
  imap_writer_folder (writer, append->raw_folder);
  imap_writer_text (writer, " ");
  if ((append->flags & IMAP_FLAGS_SETTABLE) != 0 || (append->keywords != NULL && append->keywords[0] != NULL))
    {
      imap_writer_flags (writer, append->flags, append->keywords);
      imap_writer_text (writer, " ");
    }
  if (date != NULL)
    imap_writer_printf (writer, "\"%s\" ", date);
  imap_writer_upload (writer, size);
  return writer;
}

/* Up to UPLOAD_STEP bytes at offset of the message, or -1. */
static gssize
read_step (const SessionImapAppend *append,
           guint64                  offset,
           guint64                  left,
           guint8                  *buffer,
           GError                 **error)
{
  gsize wanted = (gsize) MIN (left, UPLOAD_STEP);
  gssize got;

  if (append->bytes != NULL)
    {
      memcpy (buffer, (const guint8 *) g_bytes_get_data (append->bytes, NULL) + offset, wanted);
      return (gssize) wanted;
    }
  got = g_input_stream_read (append->stream, buffer, wanted, NULL, error);
  if (got == 0)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                 "Cannot upload a message: it ends %" G_GUINT64_FORMAT " bytes early", left);
  return got > 0 ? got : -1;
}

/* One step of the upload, then what the server says meanwhile.  The wire may be told of the cancellable here:
 * half a message cannot be taken back, the connection has to go. */
static gboolean
upload_step (SessionImap              *session,
             const SessionImapAppend  *append,
             guint64                   offset,
             guint64                   left,
             GError                  **error)
{
  NetSignals signals = { -1, session->signals.stop_fd, session->signals.cancellable };
  g_autofree guint8 *buffer = g_malloc (UPLOAD_STEP);
  GError *failure = NULL;
  gssize size = read_step (append, offset, left, buffer, &failure);

  if (size < 0)
    return session_imap_break (session, failure, error);
  net_wire_queue (session->wire, buffer, (gsize) size);
  imap_engine_note_upload (session->engine, (guint64) size);
  if (imap_engine_get_upload (session->engine) == 0)
    session_log_data (session->log, SESSION_LOG_CLIENT, offset + (guint64) size);
  session_imap_move_deadline (session);
  if (!net_wire_flush (session->wire, &signals, session->deadline, &failure))
    return session_imap_break (session, failure, error);
  return session_imap_take_input (session, error);
}

static gboolean
upload (SessionImap              *session,
        SessionImapTicket        *ticket,
        const SessionImapAppend  *append,
        guint64                   size,
        GError                  **error)
{
  guint64 left;

  do
    {
      session_imap_send (session);
      left = imap_engine_get_upload (session->engine);
      if (left > 0 && !upload_step (session, append, size - left, left, error))
        return FALSE;
      /* Not our turn yet, or all is said: the server has the word. */
      if (left == 0 && ticket->n_open > 0 && !session_imap_pump (session, error))
        return FALSE;
    }
  while (left > 0 || ticket->n_open > 0);
  return TRUE;
}

gboolean
session_imap_append (SessionImap              *session,
                     const SessionImapAppend  *append,
                     guint32                  *uidvalidity,
                     guint32                  *uid,
                     GError                  **error)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (append->raw_folder));
  guint64 size = append->bytes != NULL ? g_bytes_get_size (append->bytes) : append->size;
  g_autoptr(SessionImapTicket) ticket = NULL;
  gboolean is_done;

  *uidvalidity = *uid = 0;
  if (!session_imap_is_ready (session, error))
    return FALSE;
  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot store a message in folder %s", name);
  session_imap_ticket_add (ticket, write_append (session, append, size), IMAP_COMMAND_PLAIN);
  session->is_uploading = TRUE;
  is_done = upload (session, ticket, append, size, error) && session_imap_ticket_wait (ticket, error);
  session->is_uploading = FALSE;
  if (!is_done)
    return FALSE;
  *uidvalidity = ticket->uidvalidity;
  *uid = ticket->uid;
  return TRUE;
}

/* --- searching --- */

static void
take_found (SessionImap        *session,
            const ImapResponse *response,
            gpointer            user_data)
{
  ImapUidset *found = user_data;

  if (response->kind == IMAP_RESPONSE_SEARCH)
    imap_uidset_add_set (found, response->uids);
}

ImapUidset *
session_imap_search_message_id (SessionImap  *session,
                                const char   *message_id,
                                GError      **error)
{
  g_autoptr(ImapUidset) found = imap_uidset_new ();
  g_autofree char *bracketed = g_strdup_printf (message_id[0] == '<' ? "%s" : "<%s>", message_id);
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_text (writer, "UID SEARCH HEADER Message-ID ");
  imap_writer_string (writer, bracketed);
  if (!session_imap_run (session, writer, IMAP_COMMAND_PLAIN, take_found, found, error, "Cannot search"))
    return NULL;
  return g_steal_pointer (&found);
}
