/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/office.h"

#include "mime/header.h"

#include <stdio.h>
#include <string.h>

/* --- what it remembers: "mail ID", "folder NAME", "copy FOLDER ID", a line each --- */

static char **
recall (Office *office)
{
  g_autofree char *text = NULL;

  if (!g_file_get_contents (office->path, &text, NULL, NULL))
    text = g_strdup ("");
  return g_strsplit (text, "\n", -1);
}

static void
remember (Office     *office,
          const char *format,
          ...) G_GNUC_PRINTF (2, 3);

static void
remember (Office     *office,
          const char *format,
          ...)
{
  FILE *file = fopen (office->path, "ae");
  va_list arguments;

  g_assert_nonnull (file);
  va_start (arguments, format);
  vfprintf (file, format, arguments);
  va_end (arguments);
  g_assert_cmpint (fclose (file), ==, 0);
}

static guint
count_lines (Office     *office,
             const char *line,
             gboolean    is_whole)
{
  g_auto(GStrv) lines = recall (office);
  guint count = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    count += is_whole ? strcmp (lines[i], line) == 0 : g_str_has_prefix (lines[i], line);
  return count;
}

guint
office_count_mail (Office     *office,
                   const char *message_id)
{
  g_autofree char *line = g_strdup_printf ("mail %s", message_id != NULL ? message_id : "");

  return count_lines (office, line, message_id != NULL);
}

guint
office_count_copies (Office     *office,
                     const char *folder,
                     const char *message_id)
{
  g_autofree char *line = g_strdup_printf ("copy %s %s", folder, message_id != NULL ? message_id : "");

  return count_lines (office, line, message_id != NULL);
}

static char *
read_message_id (GInputStream  *stream,
                 GError       **error)
{
  char buffer[4096];
  gsize got;
  g_autoptr(MimeHeader) header = NULL;
  g_autofree char *value = NULL;

  if (!g_input_stream_read_all (stream, buffer, sizeof buffer, &got, NULL, error))
    return NULL;
  header = mime_header_new (base_slice_new (buffer, got));
  g_assert_false (mime_header_has (header, "Bcc"));
  value = base_slice_dup_string (base_slice_trim (mime_header_get (header, "Message-ID")));
  g_assert_true (value[0] == '<' && value[strlen (value) - 1] == '>');
  return g_strndup (value + 1, strlen (value) - 2);
}

/* --- taking mail --- */

static Office *
office_of_post (SyncPost *post)
{
  return (Office *) ((char *) post - G_STRUCT_OFFSET (Office, post));
}

static gboolean
post_open (SyncPost  *post,
           GError   **error)
{
  Office *office = office_of_post (post);

  if (office->mood == OFFICE_IS_AWAY)
    g_set_error (error, NET_ERROR, NET_ERROR_REFUSED, "Nothing listens");
  else if (office->mood == OFFICE_WANTS_PASSWORD)
    smtp_error_set_words (error, SMTP_ERROR_AUTH_REJECTED, "535 5.7.8 No", "Cannot sign in");
  else
    return TRUE;
  return FALSE;
}

static SessionSmtpResult *
result_new (const SessionSmtpMail *mail,
            OfficeMood             mood)
{
  SessionSmtpResult *result = g_new0 (SessionSmtpResult, 1);

  result->recipients = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; mail->to[i] != NULL; i++)
    {
      SessionSmtpRecipient *recipient = g_new0 (SessionSmtpRecipient, 1);

      recipient->address = (char *) mail->to[i];
      recipient->fate = SESSION_SMTP_ACCEPTED;
      if (mail->to[i + 1] == NULL && mood == OFFICE_REFUSES_RECIPIENT)
        recipient->fate = SESSION_SMTP_REFUSED;
      if (mail->to[i + 1] == NULL && mood == OFFICE_DEFERS_RECIPIENT)
        recipient->fate = SESSION_SMTP_REFUSED_NOW;
      if (recipient->fate != SESSION_SMTP_ACCEPTED)
        recipient->words = (char *) (mood == OFFICE_REFUSES_RECIPIENT
                                     ? "550 5.1.1 Nobody" : "451 4.2.0 Later");
      g_ptr_array_add (result->recipients, recipient);
    }
  return result;
}

static gboolean
is_7bit (GInputStream  *message,
         GError       **error)
{
  guint8 buffer[4096];
  gsize got;

  g_assert_true (g_seekable_seek (G_SEEKABLE (message), 0, G_SEEK_SET, NULL, NULL));
  g_assert_true (g_input_stream_read_all (message, buffer, sizeof buffer, &got, NULL, NULL));
  for (gsize i = 0; i < got; i++)
    if (buffer[i] >= 0x80)
      {
        smtp_error_set (error, SMTP_ERROR_NEEDS_ENCODING, NULL, "The server takes only 7-bit messages");
        return FALSE;
      }
  return TRUE;
}

static gboolean
answer_before_dot (OfficeMood   mood,
                   GError     **error)
{
  if (mood == OFFICE_REFUSES_RECIPIENT)
    smtp_error_set (error, SMTP_ERROR_RECIPIENTS_REFUSED, NULL, "It refuses 1 of 2 recipients");
  else if (mood == OFFICE_DEFERS_RECIPIENT)
    smtp_error_set (error, SMTP_ERROR_TEMPORARY, NULL, "It refuses 1 of 2 recipients");
  else if (mood == OFFICE_BREAKS)
    g_set_error (error, NET_ERROR, NET_ERROR_CLOSED, "Closed");
  else
    return TRUE;
  return FALSE;
}

static gboolean
answer_after_dot (OfficeMood   mood,
                  GError     **error)
{
  if (mood == OFFICE_REFUSES_MAIL)
    smtp_error_set_words (error, SMTP_ERROR_PERMANENT, "554 5.7.1 Spam", "Cannot send the mail");
  else if (mood == OFFICE_DEFERS_MAIL)
    smtp_error_set_words (error, SMTP_ERROR_TEMPORARY, "452 4.3.1 Full", "Cannot send the mail");
  else if (mood == OFFICE_LOSES_ANSWER || mood == OFFICE_LOSES_MAIL)
    smtp_error_set (error, SMTP_ERROR_UNKNOWN, NULL, "It is unknown whether the mail was sent");
  else if (mood == OFFICE_BREAKS_ODDLY)
    g_set_error (error, NET_ERROR, NET_ERROR_CLOSED, "Closed");
  else
    return TRUE;
  return FALSE;
}

static gboolean
post_send (SyncPost               *post,
           const SessionSmtpMail  *mail,
           SessionSmtpResult     **result,
           GError                **error)
{
  Office *office = office_of_post (post);
  g_autofree char *message_id = read_message_id (mail->message, error);

  *result = result_new (mail, office->mood);
  if (message_id == NULL || (office->mood == OFFICE_TAKES_7BIT && !is_7bit (mail->message, error))
      || !answer_before_dot (office->mood, error))
    return FALSE;
  if (office->before_commit != NULL)
    office->before_commit (office->data);
  if (!mail->about_to_commit (mail->data, error))
    return FALSE;
  if (office->after_commit != NULL)
    office->after_commit (office->data);
  if (office->mood == OFFICE_TAKES || office->mood == OFFICE_TAKES_7BIT || office->mood == OFFICE_LOSES_ANSWER
      || office->mood == OFFICE_BREAKS_ODDLY)
    {
      remember (office, "mail %s\n", message_id);
      if ((office->habits & OFFICE_FILES_ITSELF) != 0)
        remember (office, "copy Sent %s\n", message_id);
    }
  return answer_after_dot (office->mood, error);
}

static const SyncPostVerbs post_verbs = { post_open, post_send };

/* --- keeping mail --- */

static Office *
office_of_remote (SyncRemote *remote)
{
  return (Office *) ((char *) remote - G_STRUCT_OFFSET (Office, remote));
}

static const char *
remote_peek_prefix (SyncRemote *remote,
                    char       *delimiter)
{
  *delimiter = '.';
  return (office_of_remote (remote)->habits & OFFICE_NO_SENT) != 0 ? "INBOX." : "";
}

static void
add_folder (GPtrArray  *folders,
            const char *name,
            ImapRole    role)
{
  SessionImapFolder *folder = g_new0 (SessionImapFolder, 1);

  folder->raw_name = g_strdup (name);
  folder->name = g_strdup (name);
  folder->delimiter = '.';
  folder->role = role;
  g_ptr_array_add (folders, folder);
}

/* Without roles, as many servers: the name tells. */
static GPtrArray *
remote_list (SyncRemote           *remote,
             SessionImapListMode   mode,
             GError              **error)
{
  Office *office = office_of_remote (remote);
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func ((GDestroyNotify) session_imap_folder_free);
  g_auto(GStrv) lines = recall (office);

  add_folder (folders, "INBOX", IMAP_ROLE_INBOX);
  add_folder (folders, "Archive", IMAP_ROLE_ARCHIVE);
  if ((office->habits & OFFICE_NO_SENT) == 0)
    add_folder (folders, "Sent", IMAP_ROLE_NONE);
  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "folder ") && strcmp (lines[i], "folder Sent") != 0)
      add_folder (folders, lines[i] + strlen ("folder "), IMAP_ROLE_NONE);
  return g_steal_pointer (&folders);
}

static gboolean
remote_create (SyncRemote  *remote,
               const char  *raw_name,
               ImapRole     role,
               GError     **error)
{
  Office *office = office_of_remote (remote);

  g_assert_cmpint (role, ==, IMAP_ROLE_SENT);
  remember (office, "folder %s\n", raw_name);
  office->habits &= ~(guint) OFFICE_SENT_VANISHED;
  return TRUE;
}

static gboolean
set_missing (Office   *office,
             ImapCode  code,
             GError  **error)
{
  if ((office->habits & OFFICE_SENT_VANISHED) == 0)
    return FALSE;
  imap_error_set (error, IMAP_ERROR_NO, code, BASE_SLICE_LITERAL ("no such folder"), "Cannot");
  return TRUE;
}

static SessionImapBox *
remote_select (SyncRemote               *remote,
               const char               *raw_name,
               SessionImapAccess         access,
               const SessionImapResync  *resync,
               GError                  **error)
{
  Office *office = office_of_remote (remote);

  if (set_missing (office, IMAP_CODE_NONEXISTENT, error))
    return NULL;
  g_free (office->selected);
  office->selected = g_strdup (raw_name);
  return g_new0 (SessionImapBox, 1);
}

static const char *
remote_peek_selected (SyncRemote *remote)
{
  return office_of_remote (remote)->selected;
}

/* The uid of a copy is the number of its line. */
static ImapUidset *
remote_search_message_id (SyncRemote  *remote,
                          const char  *message_id,
                          GError     **error)
{
  Office *office = office_of_remote (remote);
  g_auto(GStrv) lines = recall (office);
  g_autofree char *wanted = g_strdup_printf ("copy %s %s", office->selected, message_id);
  ImapUidset *found = imap_uidset_new ();

  if ((office->habits & OFFICE_FINDS_OTHERS) != 0)
    imap_uidset_add (found, 1, g_strv_length (lines));
  for (guint i = 0; lines[i] != NULL && (office->habits & OFFICE_FINDS_NOTHING) == 0; i++)
    if (strcmp (lines[i], wanted) == 0)
      imap_uidset_add (found, i + 1, i + 1);
  return found;
}

static SyncTicket *
remote_start_fetch (SyncRemote       *remote,
                    const ImapUidset *uids,
                    SessionImapItems  items)
{
  g_assert_cmpint (items, ==, SESSION_IMAP_HEADER);
  g_assert_cmpuint (imap_uidset_count (uids), <=, 20);
  return (SyncTicket *) imap_uidset_copy (uids);
}

static SessionImapRows *
remote_finish_fetch (SyncRemote  *remote,
                     SyncTicket  *ticket,
                     GError     **error)
{
  SessionImapRows *rows = g_new0 (SessionImapRows, 1);
  g_auto(GStrv) lines = recall (office_of_remote (remote));

  rows->rows = session_imap_rows_new ();
  for (guint i = 0; lines[i] != NULL; i++)
    if (imap_uidset_contains ((ImapUidset *) ticket, i + 1))
      {
        const char *id = strrchr (lines[i], ' ');
        char *header = g_strdup_printf ("Message-ID: <%s>\r\n\r\n", id != NULL ? id + 1 : "");
        SessionImapRow row = { .uid = i + 1, .header = g_bytes_new_take (header, strlen (header)) };

        g_array_append_val (rows->rows, row);
      }
  return rows;
}

static void
remote_ticket_free (SyncTicket *ticket)
{
  imap_uidset_free ((ImapUidset *) ticket);
}

static gboolean
remote_append (SyncRemote               *remote,
               const SessionImapAppend  *append,
               guint32                  *uidvalidity,
               guint32                  *uid,
               GError                  **error)
{
  Office *office = office_of_remote (remote);
  g_autofree char *message_id = read_message_id (append->stream, error);

  if (message_id == NULL)
    return FALSE;
  g_assert_cmpint (append->flags, ==, IMAP_FLAG_SEEN);
  g_assert_cmpint (append->date, >, 0);
  if (set_missing (office, IMAP_CODE_TRYCREATE, error))
    return FALSE;
  if ((office->habits & (OFFICE_REFUSES_COPY | OFFICE_IS_FULL)) != 0)
    {
      ImapCode code = (office->habits & OFFICE_IS_FULL) != 0 ? IMAP_CODE_OVERQUOTA : IMAP_CODE_UNAVAILABLE;

      imap_error_set (error, IMAP_ERROR_NO, code, BASE_SLICE_LITERAL ("full"), "Cannot append");
      return FALSE;
    }
  remember (office, "copy %s %s\n", append->raw_folder, message_id);
  *uidvalidity = (office->habits & OFFICE_NO_UIDPLUS) != 0 ? 0 : 1;
  *uid = *uidvalidity != 0 ? 77 : 0;
  if ((office->habits & OFFICE_CUTS_APPEND) == 0)
    return TRUE;
  g_set_error (error, NET_ERROR, NET_ERROR_CLOSED, "Closed");
  return FALSE;
}

static const SyncRemoteVerbs remote_verbs = {
  .peek_prefix = remote_peek_prefix,
  .list = remote_list,
  .create = remote_create,
  .select = remote_select,
  .peek_selected = remote_peek_selected,
  .search_message_id = remote_search_message_id,
  .start_fetch = remote_start_fetch,
  .finish_fetch = remote_finish_fetch,
  .ticket_free = remote_ticket_free,
  .append = remote_append,
};

Office *
office_new (const char *path)
{
  Office *office = g_new0 (Office, 1);

  office->post.verbs = &post_verbs;
  office->remote.verbs = &remote_verbs;
  office->path = g_strdup (path);
  return office;
}

void
office_free (Office *office)
{
  g_free (office->selected);
  g_free (office->path);
  g_free (office);
}
