/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/imap-core.h"

#include "imap/names.h"

#include <string.h>

#define NEWS_MAX      10000         /* flag changes that nobody asked for; more means: look again */
#define KNOWN_MAX     4000          /* bytes of known UIDs in a SELECT */

static void
clear_row (gpointer data)
{
  SessionImapRow *row = data;

  g_strfreev (row->keywords);
  g_free (row->object_id);
  g_strfreev (row->labels);
  g_clear_pointer (&row->header, g_bytes_unref);
}

GArray *
session_imap_rows_new (void)
{
  GArray *rows = g_array_new (FALSE, FALSE, sizeof (SessionImapRow));

  g_array_set_clear_func (rows, clear_row);
  return rows;
}

void
session_imap_box_free (SessionImapBox *box)
{
  g_strfreev (box->keywords);
  g_free (box->mailbox_id);
  g_clear_pointer (&box->vanished, imap_uidset_free);
  g_clear_pointer (&box->changed, g_array_unref);
  g_free (box);
}

void
session_imap_news_clear (SessionImapNews *news)
{
  g_clear_pointer (&news->vanished, imap_uidset_free);
  g_clear_pointer (&news->changed, g_array_unref);
  *news = (SessionImapNews) { 0 };
}

const char *
session_imap_peek_selected (SessionImap *session)
{
  return session->selected.raw_name;
}

/* --- while it is opened --- */

static char **
dup_words (const ImapResponse *response)
{
  GPtrArray *words;

  if (response->n_words == 0)
    return NULL;
  words = g_ptr_array_new ();
  for (gsize i = 0; i < response->n_words; i++)
    g_ptr_array_add (words, base_slice_dup_text (response->words[i]));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

static void
take_opening_status (SessionImap        *session,
                     const ImapResponse *response)
{
  SessionImapBox *box = session->selected.opening;
  const ImapStatus *status = &response->status;

  if (status->code == IMAP_CODE_UIDVALIDITY)
    box->uidvalidity = (guint32) status->number;
  if (status->code == IMAP_CODE_UIDNEXT)
    box->uidnext = (guint32) status->number;
  if (status->code == IMAP_CODE_HIGHESTMODSEQ)
    box->highestmodseq = status->number;
  if (status->code == IMAP_CODE_READ_ONLY)
    box->is_read_only = TRUE;
  if (status->code == IMAP_CODE_MAILBOXID && box->mailbox_id == NULL)
    box->mailbox_id = base_slice_dup_string (status->id);
  if (status->code == IMAP_CODE_PERMANENTFLAGS)
    {
      box->permanent_flags = response->flags;
      g_strfreev (box->keywords);
      box->keywords = dup_words (response);
    }
}

static void
add_vanished (ImapUidset       **set,
              const ImapUidset  *more)
{
  if (*set == NULL)
    *set = imap_uidset_new ();
  imap_uidset_add_set (*set, more);
}

static SessionImapBox *
new_box (gboolean takes_changes)
{
  SessionImapBox *box = g_new0 (SessionImapBox, 1);

  /* RFC 3501 7.1: who does not say lets all be changed. */
  box->permanent_flags = IMAP_FLAGS_SETTABLE;
  box->changed = takes_changes ? session_imap_rows_new () : NULL;
  return box;
}

/* Up to "[CLOSED]" all was about the folder before (RFC 7162 3.2.11). */
static void
forget_folder_before (SessionImap *session)
{
  SessionImapBox *old = session->selected.opening;

  session->selected.opening = new_box (old->changed != NULL);
  session->selected.awaits_closed = FALSE;
  session_imap_box_free (old);
}

/* Without QRESYNC nothing about single messages belongs to opening a folder: what comes is about the one
 * before. */
static void
take_opening (SessionImap        *session,
              const ImapResponse *response)
{
  SessionImapBox *box;
  SessionImapRow row;

  if (response->kind == IMAP_RESPONSE_STATUS && response->status.code == IMAP_CODE_CLOSED)
    forget_folder_before (session);
  box = session->selected.opening;
  if (response->kind == IMAP_RESPONSE_STATUS)
    take_opening_status (session, response);
  if (response->kind == IMAP_RESPONSE_EXISTS)
    box->exists = response->number;
  if (response->kind == IMAP_RESPONSE_UNREADABLE)
    box->unreadable++;
  if (response->kind == IMAP_RESPONSE_VANISHED && box->changed != NULL)
    add_vanished (&box->vanished, response->uids);
  if (response->kind == IMAP_RESPONSE_FETCH && box->changed != NULL
      && response->fetch.uid != 0 && response->fetch.has_flags)
    {
      row = session_imap_row_make (session, response);
      g_array_append_val (box->changed, row);
    }
}

/* --- while it is selected --- */

static void
take_exists (SessionImapNews *news,
             guint32          number)
{
  if (number > news->exists)
    news->has_grown = TRUE;
  /* Fewer without an EXPUNGE is a server that lost count. */
  if (number < news->exists)
    news->has_more = TRUE;
  news->exists = number;
}

static void
take_expunge (SessionImapNews *news,
              guint32          number)
{
  if (number == 0 || number > news->exists)
    {
      news->has_more = TRUE;
      return;
    }
  news->expunged++;
  news->exists--;
}

static void
take_vanished (SessionImapNews    *news,
               const ImapResponse *response)
{
  guint64 count = imap_uidset_count (response->uids);

  add_vanished (&news->vanished, response->uids);
  if (!response->is_earlier)
    news->exists -= (guint32) MIN (count, news->exists);
}

void
session_imap_box_take_flags (SessionImap        *session,
                             const ImapResponse *response)
{
  SessionImapNews *news = &session->selected.news;
  SessionImapRow row;

  if (session->selected.raw_name == NULL || session->selected.is_opening || !response->fetch.has_flags)
    return;
  if (response->fetch.uid == 0 || (news->changed != NULL && news->changed->len == NEWS_MAX))
    {
      news->has_more = TRUE;
      return;
    }
  if (news->changed == NULL)
    news->changed = session_imap_rows_new ();
  row = session_imap_row_make (session, response);
  g_array_append_val (news->changed, row);
}

void
session_imap_box_take (SessionImap        *session,
                       const ImapResponse *response)
{
  SessionImapNews *news = &session->selected.news;

  if (session->selected.is_opening)
    {
      take_opening (session, response);
      return;
    }
  if (session->selected.raw_name == NULL)
    return;
  if (response->kind == IMAP_RESPONSE_EXISTS)
    take_exists (news, response->number);
  if (response->kind == IMAP_RESPONSE_EXPUNGE)
    take_expunge (news, response->number);
  if (response->kind == IMAP_RESPONSE_VANISHED && !session_imap_fetch_take_vanished (session, response))
    take_vanished (news, response);
  if (response->kind == IMAP_RESPONSE_UNREADABLE)
    {
      news->has_more = TRUE;
      session_imap_fetch_note_unreadable (session);
    }
}

gboolean
session_imap_has_news (SessionImap *session)
{
  const SessionImapNews *news = &session->selected.news;

  return news->has_grown || news->has_more || news->expunged > 0
         || news->vanished != NULL || news->changed != NULL;
}

void
session_imap_take_news (SessionImap     *session,
                        SessionImapNews *news)
{
  *news = session->selected.news;
  session->selected.news = (SessionImapNews) { .exists = news->exists };
}

/* --- opening --- */

static void
write_resync (ImapWriter              *writer,
              const SessionImapResync *resync)
{
  g_autofree char *known = resync->known != NULL ? imap_uidset_to_string (resync->known) : NULL;

  imap_writer_printf (writer, " (QRESYNC (%u %" G_GUINT64_FORMAT, resync->uidvalidity, resync->modseq);
  /* Only a hint for servers that forgot what vanished (RFC 7162 3.2.5.2); too long for a line it is
   * left out. */
  if (known != NULL && *known != '\0' && strlen (known) <= KNOWN_MAX)
    imap_writer_printf (writer, " %s", known);
  imap_writer_text (writer, "))");
}

static void
begin_opening (SessionImap             *session,
               const SessionImapResync *resync)
{
  ImapSelected *selected = &session->selected;

  selected->opening = new_box (resync != NULL);
  selected->awaits_closed = session->has_qresync && selected->raw_name != NULL;
  selected->is_opening = TRUE;
  g_clear_pointer (&selected->raw_name, g_free);
  session_imap_news_clear (&selected->news);
}

/* A refused SELECT leaves no folder selected (RFC 3501 6.3.1). */
static SessionImapBox *
end_opening (SessionImap       *session,
             SessionImapTicket *ticket,
             const char        *raw_name,
             gboolean           is_done)
{
  ImapSelected *selected = &session->selected;
  g_autoptr(SessionImapBox) box = g_steal_pointer (&selected->opening);

  selected->is_opening = FALSE;
  if (!is_done)
    return NULL;
  /* A server that did not tell the folders apart: whose changes these are is not known. */
  if (selected->awaits_closed && (box->vanished != NULL || (box->changed != NULL && box->changed->len > 0)))
    box->unreadable++;
  if (ticket->code == IMAP_CODE_READ_ONLY)
    box->is_read_only = TRUE;
  selected->raw_name = g_strdup (raw_name);
  selected->news.exists = box->exists;
  return g_steal_pointer (&box);
}

SessionImapBox *
session_imap_select (SessionImap              *session,
                     const char               *raw_name,
                     SessionImapAccess         access,
                     const SessionImapResync  *resync,
                     GError                  **error)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (raw_name));
  g_autoptr(SessionImapTicket) ticket = NULL;
  ImapWriter *writer;

  if (!session_imap_is_ready (session, error))
    return NULL;
  if (resync != NULL && (!session->has_qresync || resync->uidvalidity == 0 || resync->modseq == 0))
    resync = NULL;

  writer = session_imap_new_writer (session);
  imap_writer_text (writer, access == SESSION_IMAP_READ_ONLY ? "EXAMINE " : "SELECT ");
  imap_writer_folder (writer, raw_name);
  if (resync != NULL)
    write_resync (writer, resync);
  else if (session_imap_can (session, IMAP_CAN_CONDSTORE) && !session->has_condstore)
    imap_writer_text (writer, " (CONDSTORE)");

  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot open folder %s", name);
  session_imap_ticket_add (ticket, writer, IMAP_COMMAND_PLAIN);
  begin_opening (session, resync);
  return end_opening (session, ticket, raw_name, session_imap_ticket_wait (ticket, error));
}

/* --- waiting for news --- */

gboolean
session_imap_noop (SessionImap  *session,
                   GError      **error)
{
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_text (writer, "NOOP");
  return session_imap_run (session, writer, IMAP_COMMAND_PLAIN, NULL, NULL, error, "Cannot look for news");
}

/* Until the server takes IDLE or refuses it; news may come before (Exchange). */
static gboolean
enter_idle (SessionImap        *session,
            SessionImapTicket  *ticket,
            GError            **error)
{
  while (!session->may_continue && ticket->n_open > 0)
    if (!session_imap_pump (session, error))
      return FALSE;
  if (ticket->n_open > 0)
    return TRUE;
  if (!session_imap_ticket_wait (ticket, error))
    return FALSE;
  return session_imap_break (session, g_error_new (IMAP_ERROR, IMAP_ERROR_PROTOCOL,
                                                   "Connection to %s: the server ends IDLE by itself",
                                                   session->host), error);
}

/* The one wait that work may end.  A job's cancellable has no part in it: nobody waits for IDLE. */
static SessionImapIdle
wait_for_news (SessionImap        *session,
               SessionImapTicket  *ticket,
               gint64              deadline,
               GError            **error)
{
  NetSignals signals = { session->signals.wake_fd, session->signals.stop_fd, NULL };
  GError *failure = NULL;

  while (!session_imap_has_news (session) && ticket->n_open > 0)
    switch (net_wire_wait (session->wire, &signals, deadline, &failure))
      {
      case NET_WAIT_INPUT:
        if (!session_imap_take_input (session, error))
          return IMAP_IDLE_FAILED;
        break;
      case NET_WAIT_WOKEN:
        return IMAP_IDLE_WOKEN;
      case NET_WAIT_EXPIRED:
        return IMAP_IDLE_EXPIRED;
      case NET_WAIT_FAILED:
        session_imap_break (session, failure, error);
        return IMAP_IDLE_FAILED;
      }
  return session_imap_has_news (session) ? IMAP_IDLE_NEWS : IMAP_IDLE_EXPIRED;
}

static SessionImapIdle
leave_idle (SessionImap        *session,
            SessionImapTicket  *ticket,
            SessionImapIdle     reason,
            GError            **error)
{
  if (ticket->n_open > 0)
    imap_engine_end_idle (session->engine);
  session_imap_move_deadline (session);
  return session_imap_ticket_wait (ticket, error) ? reason : IMAP_IDLE_FAILED;
}

SessionImapIdle
session_imap_idle (SessionImap  *session,
                   gint64        deadline,
                   GError      **error)
{
  g_autoptr(SessionImapTicket) ticket = NULL;
  SessionImapIdle reason = IMAP_IDLE_FAILED;
  ImapWriter *writer;

  if (!session_imap_is_ready (session, error))
    return IMAP_IDLE_FAILED;
  if (session_imap_has_news (session))
    return IMAP_IDLE_NEWS;
  if (!session_imap_can (session, IMAP_CAN_IDLE))
    {
      g_set_error (error, IMAP_ERROR, IMAP_ERROR_UNSUPPORTED,
                   "The server %s does not tell news by itself (no IDLE)", session->host);
      return IMAP_IDLE_FAILED;
    }

  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot wait for news");
  writer = session_imap_new_writer (session);
  imap_writer_text (writer, "IDLE");
  session->may_continue = FALSE;
  session->waiting_tag = session_imap_ticket_add (ticket, writer, IMAP_COMMAND_IDLE);
  if (enter_idle (session, ticket, error))
    reason = wait_for_news (session, ticket, deadline, error);
  if (reason != IMAP_IDLE_FAILED)
    reason = leave_idle (session, ticket, reason, error);
  session->waiting_tag = 0;
  return reason;
}
