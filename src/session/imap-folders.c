/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session/imap-core.h"

#include "imap/names.h"
#include "imap/quirks.h"

#include <string.h>

void
session_imap_folder_free (SessionImapFolder *folder)
{
  g_free (folder->raw_name);
  g_free (folder->name);
  g_free (folder->mailbox_id);
  g_free (folder);
}

char *
session_imap_encode_name (const char *name)
{
  return imap_names_encode (name);
}

/* INBOX is the one name whose case does not matter (RFC 3501 5.1). */
static char *
dup_raw_name (SessionImap *session,
              BaseSlice    wire)
{
  if (base_slice_equal_nocase (wire, "INBOX"))
    return g_strdup ("INBOX");
  return session->has_utf8 ? imap_names_from_wire (wire) : base_slice_dup_string (wire);
}

/* --- collecting --- */

typedef struct {
  GPtrArray  *folders;         /* SessionImapFolder */
  GHashTable *by_name;         /* raw name, borrowed, to SessionImapFolder */
} Listing;

static SessionImapFolder *
get_folder (Listing *listing,
            char    *raw_name)          /* taken */
{
  SessionImapFolder *folder = g_hash_table_lookup (listing->by_name, raw_name);
  g_autofree char *name = raw_name;

  if (folder != NULL || listing->folders->len == SESSION_IMAP_FOLDERS_MAX)
    return folder;
  folder = g_new0 (SessionImapFolder, 1);
  folder->raw_name = g_steal_pointer (&name);
  folder->name = imap_names_decode (base_slice_from_string (folder->raw_name));
  folder->role = strcmp (folder->raw_name, "INBOX") == 0 ? IMAP_ROLE_INBOX : IMAP_ROLE_NONE;
  g_ptr_array_add (listing->folders, folder);
  g_hash_table_insert (listing->by_name, folder->raw_name, folder);
  return folder;
}

static void
take_folder (SessionImap    *session,
             Listing        *listing,
             const ImapList *list)
{
  SessionImapFolder *folder = get_folder (listing, dup_raw_name (session, list->name));

  if (folder == NULL)
    return;
  folder->delimiter = list->delimiter;
  folder->attributes |= list->attributes;
  if (folder->role == IMAP_ROLE_NONE)
    folder->role = list->role;
}

static void
fill_status (SessionImapFolder      *folder,
             const ImapFolderStatus *status)
{
  folder->has_status = TRUE;
  folder->messages = status->messages;
  folder->unseen = status->unseen;
  folder->uidvalidity = status->uidvalidity;
  folder->uidnext = status->uidnext;
  folder->highestmodseq = status->highestmodseq;
  folder->size = status->size;
  if (status->mailbox_id.size > 0)
    {
      g_free (folder->mailbox_id);
      folder->mailbox_id = base_slice_dup_string (status->mailbox_id);
    }
}

/* The answer to LIST with status, or to a STATUS; one for a folder that was not listed is nobody's. */
static void
take_listing (SessionImap        *session,
              const ImapResponse *response,
              gpointer            user_data)
{
  Listing *listing = user_data;
  g_autofree char *raw_name = NULL;
  SessionImapFolder *folder;

  if (response->kind == IMAP_RESPONSE_LIST)
    take_folder (session, listing, &response->list);
  if (response->kind != IMAP_RESPONSE_FOLDER_STATUS)
    return;
  raw_name = dup_raw_name (session, response->folder_status.name);
  if ((folder = g_hash_table_lookup (listing->by_name, raw_name)) != NULL)
    fill_status (folder, &response->folder_status);
}

/* --- asking --- */

static char *
make_status_items (SessionImap         *session,
                   SessionImapListMode  mode)
{
  GString *items = g_string_new ("(MESSAGES UIDNEXT UIDVALIDITY UNSEEN");

  if (session_imap_can (session, IMAP_CAN_CONDSTORE))
    g_string_append (items, " HIGHESTMODSEQ");
  if (session_imap_can (session, IMAP_CAN_OBJECTID))
    g_string_append (items, " MAILBOXID");
  if (mode == SESSION_IMAP_NAMES_STATUS_AND_SIZE && session_imap_can (session, IMAP_CAN_STATUS_SIZE))
    g_string_append (items, " SIZE");
  g_string_append_c (items, ')');
  return g_string_free (items, FALSE);
}

static char *
make_return_options (SessionImap         *session,
                     SessionImapListMode  mode)
{
  g_autofree char *items = make_status_items (session, mode);
  gboolean can_status = mode != SESSION_IMAP_NAMES && session_imap_can (session, IMAP_CAN_LIST_STATUS);
  gboolean can_roles = session_imap_can (session, IMAP_CAN_SPECIAL_USE);

  if (!can_status && !can_roles)
    return g_strdup ("");
  return g_strdup_printf (" RETURN (%s%s%s%s)",
                          can_roles ? "SPECIAL-USE" : "", can_roles && can_status ? " " : "",
                          can_status ? "STATUS " : "", can_status ? items : "");
}

static gboolean
ask_list (SessionImap  *session,
          Listing      *listing,
          const char   *options,
          GError      **error)
{
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_printf (writer, "LIST \"\" \"*\"%s", options);
  return session_imap_run (session, writer, IMAP_COMMAND_PLAIN, take_listing, listing, error,
                           "Cannot list folders");
}

/* Proton Bridge offers what it does not take: then the plain form has to do. */
static gboolean
list_names (SessionImap          *session,
            Listing              *listing,
            SessionImapListMode   mode,
            GError              **error)
{
  g_autofree char *options = make_return_options (session, mode);
  g_autoptr(GError) failure = NULL;

  if (ask_list (session, listing, options, &failure))
    return TRUE;
  if (*options != '\0' && session->is_good && g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_BAD))
    return ask_list (session, listing, "", error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static SessionImapTicket *
start_status (SessionImap       *session,
              SessionImapFolder *folder,
              const char        *items)
{
  ImapWriter *writer = session_imap_new_writer (session);
  SessionImapTicket *ticket;

  ticket = session_imap_ticket_new (session, TICKET_PLAIN, "Cannot look into folder %s", folder->name);
  imap_writer_text (writer, "STATUS ");
  imap_writer_folder (writer, folder->raw_name);
  imap_writer_printf (writer, " %s", items);
  session_imap_ticket_add (ticket, writer, IMAP_COMMAND_PLAIN);
  return ticket;
}

static gboolean
can_have_status (const SessionImapFolder *folder)
{
  return !folder->has_status && (folder->attributes & IMAP_FOLDER_NOSELECT) == 0;
}

/* Some at a time.  A refused one is left without status; one that is not understood ends it, since Exchange
 * closes after ten. */
static gboolean
ask_statuses (SessionImap          *session,
              Listing              *listing,
              SessionImapListMode   mode,
              GError              **error)
{
  g_autofree char *items = make_status_items (session, mode);
  g_autoptr(GPtrArray) tickets = g_ptr_array_new_with_free_func ((GDestroyNotify) session_imap_ticket_free);
  gboolean is_understood = TRUE;

  for (guint next = 0; next < listing->folders->len || tickets->len > 0;)
    {
      g_autoptr(SessionImapTicket) oldest = NULL;
      g_autoptr(GError) failure = NULL;

      for (; next < listing->folders->len && tickets->len < IMAP_QUIRKS_STATUS_AT_ONCE; next++)
        if (is_understood && can_have_status (listing->folders->pdata[next]))
          g_ptr_array_add (tickets, start_status (session, listing->folders->pdata[next], items));
      if (tickets->len == 0)
        break;

      oldest = g_ptr_array_steal_index (tickets, 0);
      if (session_imap_ticket_wait (oldest, &failure))
        continue;
      if (!g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO)
          && !g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_BAD))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      is_understood = is_understood && g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO);
    }
  return TRUE;
}

GPtrArray *
session_imap_list (SessionImap          *session,
                   SessionImapListMode   mode,
                   GError              **error)
{
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func ((GDestroyNotify) session_imap_folder_free);
  g_autoptr(GHashTable) by_name = g_hash_table_new (g_str_hash, g_str_equal);
  Listing listing = { folders, by_name };
  gboolean is_done;

  if (!list_names (session, &listing, mode, error))
    return NULL;
  if (mode == SESSION_IMAP_NAMES)
    return g_steal_pointer (&folders);

  session->collector = take_listing;
  session->collector_data = &listing;
  is_done = ask_statuses (session, &listing, mode, error);
  session->collector = NULL;
  return is_done ? g_steal_pointer (&folders) : NULL;
}

static void
take_one_status (SessionImap        *session,
                 const ImapResponse *response,
                 gpointer            user_data)
{
  SessionImapFolder *folder = user_data;
  g_autofree char *raw_name = NULL;

  if (response->kind != IMAP_RESPONSE_FOLDER_STATUS)
    return;
  raw_name = dup_raw_name (session, response->folder_status.name);
  if (strcmp (raw_name, folder->raw_name) == 0)
    fill_status (folder, &response->folder_status);
}

gboolean
session_imap_status (SessionImap        *session,
                     SessionImapFolder  *folder,
                     GError            **error)
{
  g_autofree char *items = make_status_items (session, SESSION_IMAP_NAMES_AND_STATUS);
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_text (writer, "STATUS ");
  imap_writer_folder (writer, folder->raw_name);
  imap_writer_printf (writer, " %s", items);
  return session_imap_run (session, writer, IMAP_COMMAND_PLAIN, take_one_status, folder, error,
                           "Cannot look into folder %s", folder->name);
}

/* RFC 6154 section 3: CREATE name (USE (\Sent)). */
gboolean
session_imap_create (SessionImap  *session,
                     const char   *raw_name,
                     ImapRole      role,
                     GError      **error)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (raw_name));
  const char *use = imap_folder_get_role_attribute (role);
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_text (writer, "CREATE ");
  imap_writer_folder (writer, raw_name);
  if (use != NULL && session_imap_can (session, IMAP_CAN_CREATE_SPECIAL_USE))
    imap_writer_printf (writer, " (USE (%s))", use);
  return session_imap_run (session, writer, IMAP_COMMAND_PLAIN, NULL, NULL, error,
                           "Cannot create folder %s", name);
}

gboolean
session_imap_rename (SessionImap  *session,
                     const char   *raw_name,
                     const char   *raw_new_name,
                     GError      **error)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (raw_name));
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_text (writer, "RENAME ");
  imap_writer_folder (writer, raw_name);
  imap_writer_text (writer, " ");
  imap_writer_folder (writer, raw_new_name);
  return session_imap_run (session, writer, IMAP_COMMAND_PLAIN, NULL, NULL, error, "Cannot rename folder %s",
                           name);
}

gboolean
session_imap_delete (SessionImap  *session,
                     const char   *raw_name,
                     GError      **error)
{
  g_autofree char *name = imap_names_decode (base_slice_from_string (raw_name));
  ImapWriter *writer = session_imap_new_writer (session);

  imap_writer_text (writer, "DELETE ");
  imap_writer_folder (writer, raw_name);
  return session_imap_run (session, writer, IMAP_COMMAND_PLAIN, NULL, NULL, error, "Cannot delete folder %s",
                           name);
}

/* --- quota --- */

static void
take_quota (SessionImap        *session,
            const ImapResponse *response,
            gpointer            user_data)
{
  SessionImapQuota *quota = user_data;

  /* The first root with a storage limit: more than one is rare, and the first is the mailbox's own. */
  if (response->kind != IMAP_RESPONSE_QUOTA || !response->quota.has_storage || quota->is_known)
    return;
  quota->is_known = response->quota.limit_kib > 0;
  quota->used_bytes = MIN (response->quota.used_kib, G_MAXUINT64 / 1024) * 1024;
  quota->limit_bytes = MIN (response->quota.limit_kib, G_MAXUINT64 / 1024) * 1024;
}

gboolean
session_imap_get_quota (SessionImap       *session,
                        SessionImapQuota  *quota,
                        GError           **error)
{
  g_autoptr(GError) failure = NULL;
  ImapWriter *writer;

  *quota = (SessionImapQuota) { 0 };
  if (!session_imap_can (session, IMAP_CAN_QUOTA))
    return session_imap_is_ready (session, error);
  writer = session_imap_new_writer (session);
  imap_writer_text (writer, "GETQUOTAROOT \"INBOX\"");
  if (session_imap_run (session, writer, IMAP_COMMAND_PLAIN, take_quota, quota, &failure,
                        "Cannot ask for the quota")
      || (session->is_good && failure->domain == IMAP_ERROR))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
