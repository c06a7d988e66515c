/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/mailbox.h"

#include "net/error.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef enum {
  TICKET_RETR,
  TICKET_TOP,
  TICKET_DELE,
} TicketKind;

typedef struct {
  TicketKind             kind;
  guint32                number;
  const SessionPop3Sink *sink;
  gpointer               data;
} Ticket;

#define NO_WORDS ((BaseSlice) { NULL, 0 })

static gboolean
refuse (GError **error)
{
  pop3_error_set (error, POP3_ERROR_REFUSED, BASE_SLICE_LITERAL ("-ERR no"), "Refused");
  return FALSE;
}

/* FALSE with error when this is the call, or the connection is gone already. */
static gboolean
count_call (Mailbox  *mailbox,
            GError  **error)
{
  mailbox->n_calls++;
  if (mailbox->n_calls != mailbox->break_at && mailbox->listed != NULL)
    return TRUE;
  g_clear_pointer (&mailbox->listed, g_ptr_array_unref);
  g_set_error_literal (error, NET_ERROR, NET_ERROR_CLOSED, "The connection broke");
  return FALSE;
}

static void
begin_session (Mailbox *mailbox)
{
  g_clear_pointer (&mailbox->listed, g_ptr_array_unref);
  mailbox->listed = g_ptr_array_new ();
  for (guint i = 0; i < mailbox->mails->len; i++)
    {
      MailboxMail *mail = mailbox->mails->pdata[i];

      mail->is_marked = FALSE;
      if (!mail->is_hidden && (mailbox->habits & MAILBOX_SHOWS_NOTHING) == 0)
        g_ptr_array_add (mailbox->listed, mail);
    }
}

static gboolean
mailbox_open (SyncPop3Remote  *remote,
              GError         **error)
{
  Mailbox *mailbox = (Mailbox *) remote;

  mailbox->n_sessions++;
  if ((mailbox->habits & MAILBOX_LOGIN_DELAY) != 0 && mailbox->n_sessions > 1)
    {
      pop3_error_set (error, POP3_ERROR_LOGIN_DELAY, NO_WORDS, "Too soon");
      return FALSE;
    }
  begin_session (mailbox);
  return count_call (mailbox, error);
}

static const Pop3Capabilities *
mailbox_peek_capabilities (SyncPop3Remote *remote)
{
  return ((Mailbox *) remote)->capabilities;
}

static void
clear_message (gpointer data)
{
  g_free (((SessionPop3Message *) data)->uidl);
}

static GArray *
mailbox_list (SyncPop3Remote  *remote,
              GError         **error)
{
  Mailbox *mailbox = (Mailbox *) remote;
  GArray *messages;

  if (!count_call (mailbox, error))
    return NULL;
  messages = g_array_new (FALSE, FALSE, sizeof (SessionPop3Message));
  g_array_set_clear_func (messages, clear_message);
  for (guint i = 0; i < mailbox->listed->len; i++)
    {
      const MailboxMail *mail = mailbox->listed->pdata[i];
      SessionPop3Message message = { .number = i + 1, .size = g_bytes_get_size (mail->bytes) };

      if ((mailbox->habits & MAILBOX_NO_UIDL) == 0)
        message.uidl = g_strdup (mail->uidl);
      for (guint n = 0; n < i && message.uidl != NULL; n++)
        message.occurrence += strcmp (g_array_index (messages, SessionPop3Message, n).uidl,
                                      message.uidl) == 0;
      g_array_append_val (messages, message);
    }
  return messages;
}

static SyncPop3Ticket *
start (TicketKind             kind,
       guint32                number,
       const SessionPop3Sink *sink,
       gpointer               data)
{
  Ticket *ticket = g_new0 (Ticket, 1);

  *ticket = (Ticket) { kind, number, sink, data };
  return (SyncPop3Ticket *) ticket;
}

static SyncPop3Ticket *
mailbox_start_retr (SyncPop3Remote        *remote,
                    guint32                number,
                    const SessionPop3Sink *sink,
                    gpointer               data)
{
  return start (TICKET_RETR, number, sink, data);
}

static SyncPop3Ticket *
mailbox_start_top (SyncPop3Remote *remote,
                   guint32         number,
                   guint           lines)
{
  return start (TICKET_TOP, number, NULL, NULL);
}

static SyncPop3Ticket *
mailbox_start_dele (SyncPop3Remote *remote,
                    guint32         number)
{
  return start (TICKET_DELE, number, NULL, NULL);
}

static MailboxMail *
get_mail (Mailbox      *mailbox,
          const Ticket *ticket)
{
  g_assert_cmpuint (ticket->number, >, 0);
  g_assert_cmpuint (ticket->number, <=, mailbox->listed->len);
  return mailbox->listed->pdata[ticket->number - 1];
}

/* The first half, and then the connection is gone. */
static void
break_off (const Ticket *ticket,
           BaseSlice     bytes)
{
  if (ticket->sink->begin (ticket->data, ticket->number)
      && ticket->sink->data (ticket->data, base_slice_sub (bytes, 0, bytes.size / 2)))
    ticket->sink->drop (ticket->data);
}

static gboolean
mailbox_finish_retr (SyncPop3Remote  *remote,
                     SyncPop3Ticket  *started,
                     GError         **error)
{
  Mailbox *mailbox = (Mailbox *) remote;
  const Ticket *ticket = (const Ticket *) started;
  MailboxMail *mail = mailbox->listed != NULL ? get_mail (mailbox, ticket) : NULL;
  BaseSlice bytes = mail != NULL ? base_slice_from_bytes (mail->bytes) : NO_WORDS;
  gboolean is_wanted;

  if (!count_call (mailbox, error))
    {
      if (mail != NULL)
        break_off (ticket, bytes);
      return FALSE;
    }
  if (mail->is_refused)
    return refuse (error);
  mailbox->n_retr++;
  is_wanted = ticket->sink->begin (ticket->data, ticket->number);
  for (gsize at = 0; is_wanted && at < bytes.size; at += 37)
    is_wanted = ticket->sink->data (ticket->data, base_slice_sub (bytes, at, 37));
  if (is_wanted)
    ticket->sink->end (ticket->data, ticket->number);
  return TRUE;
}

static GBytes *
mailbox_finish_top (SyncPop3Remote  *remote,
                    SyncPop3Ticket  *started,
                    GError         **error)
{
  Mailbox *mailbox = (Mailbox *) remote;
  MailboxMail *mail;
  BaseSlice bytes;
  const guint8 *end;

  if (!count_call (mailbox, error))
    return NULL;
  mail = get_mail (mailbox, (const Ticket *) started);
  if ((mailbox->habits & MAILBOX_NO_TOP) != 0)
    {
      refuse (error);
      return NULL;
    }
  mailbox->n_top++;
  bytes = base_slice_from_bytes (mail->bytes);
  end = memmem (bytes.data, bytes.size, "\r\n\r\n", 4);
  return g_bytes_new (bytes.data, (gsize) (end - bytes.data) + 4);
}

static gboolean
mailbox_finish_dele (SyncPop3Remote  *remote,
                     SyncPop3Ticket  *started,
                     GError         **error)
{
  Mailbox *mailbox = (Mailbox *) remote;
  MailboxMail *mail;

  if (!count_call (mailbox, error))
    return FALSE;
  mail = get_mail (mailbox, (const Ticket *) started);
  if (mail->is_refused)
    return refuse (error);
  mailbox->n_dele++;
  mail->is_marked = TRUE;
  return TRUE;
}

static void
mailbox_ticket_free (SyncPop3Ticket *ticket)
{
  g_free (ticket);
}

/* Lasting: a killed program has asked for it all the same. */
static void
note_deleted (Mailbox    *mailbox,
              const char *uidl)
{
  g_autofree char *line = g_strdup_printf ("%s\n", uidl);
  int file;

  if (mailbox->memory == NULL)
    return;
  file = open (mailbox->memory, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  g_assert_cmpint (file, >=, 0);
  g_assert_cmpint (write (file, line, strlen (line)), ==, (gssize) strlen (line));
  close (file);
}

static void
expunge (Mailbox *mailbox)
{
  for (guint i = mailbox->mails->len; i-- > 0;)
    {
      const MailboxMail *mail = mailbox->mails->pdata[i];

      if (!mail->is_marked || (mailbox->habits & MAILBOX_IGNORES_DELE) != 0)
        continue;
      note_deleted (mailbox, mail->uidl);
      g_ptr_array_remove_index (mailbox->mails, i);
    }
}

static gboolean
mailbox_quit (SyncPop3Remote  *remote,
              GError         **error)
{
  Mailbox *mailbox = (Mailbox *) remote;
  g_autoptr(GError) failure = NULL;

  if (!count_call (mailbox, &failure))
    {
      if ((mailbox->habits & MAILBOX_LOSES_ANSWER) != 0 && mailbox->n_calls == mailbox->break_at)
        expunge (mailbox);
      pop3_error_set (error, POP3_ERROR_QUIT_UNKNOWN, NO_WORDS, "No answer to QUIT");
      return FALSE;
    }
  g_clear_pointer (&mailbox->listed, g_ptr_array_unref);
  expunge (mailbox);
  return TRUE;
}

static void
mailbox_close (SyncPop3Remote *remote)
{
  g_clear_pointer (&((Mailbox *) remote)->listed, g_ptr_array_unref);
}

static const SyncPop3Verbs verbs = {
  mailbox_open, mailbox_peek_capabilities, mailbox_list, mailbox_start_retr, mailbox_finish_retr,
    mailbox_start_top,
  mailbox_finish_top, mailbox_start_dele, mailbox_finish_dele, mailbox_ticket_free, mailbox_quit,
    mailbox_close,
};

static void
mail_free (gpointer data)
{
  MailboxMail *mail = data;

  g_bytes_unref (mail->bytes);
  g_free (mail->uidl);
  g_free (mail);
}

Mailbox *
mailbox_new (void)
{
  Mailbox *mailbox = g_new0 (Mailbox, 1);

  mailbox->base.verbs = &verbs;
  mailbox->mails = g_ptr_array_new_with_free_func (mail_free);
  return mailbox;
}

void
mailbox_free (Mailbox *mailbox)
{
  mailbox_close (&mailbox->base);
  g_ptr_array_unref (mailbox->mails);
  g_clear_pointer (&mailbox->capabilities, pop3_capabilities_free);
  g_free (mailbox->memory);
  g_free (mailbox);
}

MailboxMail *
mailbox_add (Mailbox    *mailbox,
             GBytes     *bytes,
             const char *uidl)
{
  MailboxMail *mail = g_new0 (MailboxMail, 1);

  mail->bytes = g_bytes_ref (bytes);
  mail->uidl = uidl != NULL ? g_strdup (uidl) : g_strdup_printf ("u%u", mailbox->mails->len + 1);
  g_ptr_array_add (mailbox->mails, mail);
  return mail;
}

void
mailbox_renumber (Mailbox *mailbox)
{
  for (guint i = 0; i < mailbox->mails->len; i++)
    {
      MailboxMail *mail = mailbox->mails->pdata[i];
      char *uidl = g_strdup_printf ("renumbered-%s", mail->uidl);

      g_free (mail->uidl);
      mail->uidl = uidl;
    }
}

void
mailbox_remember (Mailbox *mailbox)
{
  g_autofree char *text = NULL;
  g_auto(GStrv) deleted = NULL;

  if (!g_file_get_contents (mailbox->memory, &text, NULL, NULL))
    return;
  deleted = g_strsplit (text, "\n", -1);
  for (guint i = mailbox->mails->len; i-- > 0;)
    if (g_strv_contains ((const char * const *) deleted, ((MailboxMail *) mailbox->mails->pdata[i])->uidl))
      g_ptr_array_remove_index (mailbox->mails, i);
}

void
mailbox_reset (Mailbox *mailbox)
{
  mailbox->break_at = mailbox->n_calls = mailbox->n_sessions = mailbox->n_retr = mailbox->n_top =
    mailbox->n_dele = 0;
}
