/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/sent.h"

#include "mime/header.h"
#include "store/messages.h"
#include "store/objects.h"
#include "store/outbox.h"
#include "sync/outbox.h"
#include "sync/round.h"

#define NAME           "Sent"
#define CANDIDATES_MAX 20           /* newest ones that a search by Message-ID found and that are looked at */

static gint64
get_object (const StoreOutbox *entry)
{
  return entry->sent_object_id != 0 ? entry->sent_object_id : entry->object_id;
}

/* --- on this computer --- */

typedef struct {
  gint64 account_id;
  gint64 folder_id;
} FolderWork;

static gboolean
add_folder_work (Store     *store,
                 gpointer   data,
                 GError   **error)
{
  FolderWork *work = data;

  work->folder_id = store_folders_add_local (store, work->account_id, NAME, STORE_ROLE_SENT, error);
  return work->folder_id != 0;
}

/* 0 on error. */
static gint64
ensure_local_folder (SyncContext  *context,
                     GError      **error)
{
  FolderWork work = { STORE_ACCOUNT_LOCAL, 0 };
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(GError) failure = NULL;

  if (context->account->protocol == STORE_PROTOCOL_POP3)
    work.account_id = context->account->id;
  if ((folder = store_folders_find_role (context->store, work.account_id, STORE_ROLE_SENT, &failure)) != NULL)
    return folder->id;
  if (failure == NULL && ingest_write (context->ingest, add_folder_work, &work, &failure))
    return work.folder_id;
  g_propagate_error (error, g_steal_pointer (&failure));
  return 0;
}

/* Stored before, and the program ended before it was noted. */
static gboolean
is_filed_here (SyncContext        *context,
               const StoreOutbox  *entry,
               gint64              folder_id,
               gboolean           *is_filed,
               GError            **error)
{
  g_autoptr(GArray) messages = store_messages_find_message_id (context->store, context->account->id,
                                                               entry->message_id, error);

  *is_filed = FALSE;
  if (messages == NULL)
    return FALSE;
  for (guint i = 0; i < messages->len; i++)
    {
      g_autoptr(GPtrArray) places = store_locations_list_message (context->store,
                                                                  g_array_index (messages, gint64, i), error);

      if (places == NULL)
        return FALSE;
      for (guint n = 0; n < places->len; n++)
        *is_filed = *is_filed || ((StoreLocation *) places->pdata[n])->folder_id == folder_id;
    }
  return TRUE;
}

static gboolean
append_object (IngestBody         *body,
               StoreObjectReader  *reader,
               GError            **error)
{
  g_autoptr(GError) failure = NULL;
  GBytes *piece;

  while ((piece = store_object_reader_next (reader, &failure)) != NULL)
    {
      ingest_body_append (body, base_slice_from_bytes (piece), &failure);
      g_bytes_unref (piece);
      if (failure != NULL)
        break;
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
store_here (SyncContext        *context,
            const StoreOutbox  *entry,
            gint64              folder_id,
            GError            **error)
{
  g_autoptr(StoreObjectReader) reader = store_objects_open (context->store, get_object (entry), error);
  g_autoptr(IngestStream) stream = NULL;
  IngestRow row = {
    .account_id = context->account->id, .folder_id = folder_id, .flags = STORE_FLAG_SEEN,
                  .arrived_at = entry->sent_at,
    .announced_at = entry->sent_at,
  };
  IngestBody *body;
  IngestTicket ticket;

  if (reader == NULL)
    return FALSE;
  row.size = store_object_reader_get_size (reader);
  stream = ingest_stream_new (context->ingest);
  body = ingest_body_begin (stream, &row);
  if (!append_object (body, reader, error))
    {
      ingest_body_abandon (body);
      return FALSE;
    }
  ticket = ingest_body_finish (body, context->cancellable, error);
  return ticket != 0 && ingest_stream_wait (stream, ticket, context->cancellable, error);
}

static gboolean
file_here (SyncContext        *context,
           const StoreOutbox  *entry,
           GError            **error)
{
  gint64 folder_id = ensure_local_folder (context, error);
  gboolean is_filed;

  if (folder_id == 0 || !is_filed_here (context, entry, folder_id, &is_filed, error))
    return FALSE;
  if (!is_filed && !store_here (context, entry, folder_id, error))
    return FALSE;
  return store_outbox_set_copy (context->store, entry->id, STORE_SENT_COPY_DONE, error);
}

/* --- on the server --- */

static char *
find_folder (SyncContext  *context,
             GError      **error)
{
  g_autoptr(StoreFolder) folder = store_folders_find_role (context->store, context->account->id,
                                                           STORE_ROLE_SENT, error);

  if (folder == NULL || folder->raw_name == NULL || (folder->attributes & STORE_FOLDER_NO_SELECT) != 0)
    return NULL;
  return base_slice_dup_string (base_slice_from_bytes (folder->raw_name));
}

static gboolean
create_folder (SyncContext  *context,
               const char   *raw_name,
               GError      **error)
{
  g_autoptr(GError) failure = NULL;

  if (!context->remote->verbs->create (context->remote, raw_name, IMAP_ROLE_SENT, &failure)
      && imap_error_get_code (failure) != IMAP_CODE_ALREADYEXISTS)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return sync_round_list_folders (context, NULL, error);
}

/* The folder for sent mail as the store knows it, as the server has it now, or as it is made now. */
static char *
ensure_folder (SyncContext  *context,
               GError      **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *raw_name = find_folder (context, &failure);
  char delimiter;

  if (raw_name == NULL && failure == NULL && sync_round_list_folders (context, NULL, &failure))
    raw_name = find_folder (context, &failure);
  if (raw_name == NULL && failure == NULL)
    {
      raw_name = g_strconcat (context->remote->verbs->peek_prefix (context->remote, &delimiter), NAME, NULL);
      create_folder (context, raw_name, &failure);
    }
  if (failure == NULL)
    return g_steal_pointer (&raw_name);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

static gboolean
ensure_selected (SyncContext  *context,
                 const char   *raw_name,
                 GError      **error)
{
  SyncRemote *remote = context->remote;
  g_autoptr(SessionImapBox) box = NULL;

  if (g_strcmp0 (remote->verbs->peek_selected (remote), raw_name) == 0)
    return TRUE;
  box = remote->verbs->select (remote, raw_name, SESSION_IMAP_READ_WRITE, NULL, error);
  return box != NULL;
}

static gboolean
has_message_id (GBytes     *header,
                const char *message_id)
{
  g_autoptr(MimeHeader) fields = header != NULL ? mime_header_new (base_slice_from_bytes (header)) : NULL;
  g_autofree char *bracketed = g_strdup_printf ("<%s>", message_id);

  return fields != NULL && base_slice_equal (base_slice_trim (mime_header_get (fields, "Message-ID")),
                                             base_slice_from_string (bracketed));
}

/* Of the newest ones. */
static ImapUidset *
choose_candidates (const ImapUidset *found)
{
  ImapUidset *chosen = imap_uidset_new ();
  gsize n_ranges;
  const ImapUidRange *ranges = imap_uidset_peek_ranges (found, &n_ranges);
  guint32 left = CANDIDATES_MAX;

  for (gsize i = n_ranges; i > 0 && left > 0; i--)
    {
      guint32 count = MIN (left, ranges[i - 1].last - ranges[i - 1].first + 1);

      imap_uidset_add (chosen, ranges[i - 1].last - count + 1, ranges[i - 1].last);
      left -= count;
    }
  return chosen;
}

/* A server's SEARCH is a hint: what it finds is compared. */
static gboolean
look_for (SyncContext  *context,
          const char   *raw_name,
          const char   *message_id,
          gboolean     *is_there,
          GError      **error)
{
  SyncRemote *remote = context->remote;
  g_autoptr(ImapUidset) found = NULL;
  g_autoptr(ImapUidset) candidates = NULL;
  g_autoptr(SessionImapRows) rows = NULL;
  SyncTicket *ticket;

  *is_there = FALSE;
  if (!ensure_selected (context, raw_name, error)
      || (found = remote->verbs->search_message_id (remote, message_id, error)) == NULL)
    return FALSE;
  if (imap_uidset_is_empty (found))
    return TRUE;
  candidates = choose_candidates (found);
  ticket = remote->verbs->start_fetch (remote, candidates, SESSION_IMAP_HEADER);
  rows = remote->verbs->finish_fetch (remote, ticket, error);
  remote->verbs->ticket_free (ticket);
  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < rows->rows->len && !*is_there; i++)
    *is_there = has_message_id (g_array_index (rows->rows, SessionImapRow, i).header, message_id);
  return TRUE;
}

static gboolean
append_to (SyncContext        *context,
           const StoreOutbox  *entry,
           const char         *raw_name,
           gboolean           *is_proven,
           GError            **error)
{
  SyncRemote *remote = context->remote;
  g_autoptr(GInputStream) stream = store_objects_open_stream (context->store, get_object (entry), error);
  gint64 size = stream != NULL ? store_objects_get_size (context->store, get_object (entry), error) : -1;
  SessionImapAppend append = {
    .raw_folder = raw_name, .flags = IMAP_FLAG_SEEN, .date = entry->sent_at, .stream = stream,
                  .size = (guint64) size,
  };
  guint32 uidvalidity, uid;

  if (size < 0 || !remote->verbs->append (remote, &append, &uidvalidity, &uid, error))
    return FALSE;
  *is_proven = uid != 0;
  return TRUE;
}

static gboolean
append_or_create (SyncContext        *context,
                  const StoreOutbox  *entry,
                  const char         *raw_name,
                  gboolean           *is_proven,
                  GError            **error)
{
  g_autoptr(GError) failure = NULL;

  if (append_to (context, entry, raw_name, is_proven, &failure))
    return TRUE;
  if (imap_error_get_code (failure) == IMAP_CODE_TRYCREATE)
    return create_folder (context, raw_name, error) && append_to (context, entry, raw_name, is_proven, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* A folder that somebody removed since the last list is made again. */
static gboolean
look_or_create (SyncContext  *context,
                const char   *raw_name,
                const char   *message_id,
                gboolean     *is_there,
                GError      **error)
{
  g_autoptr(GError) failure = NULL;

  if (look_for (context, raw_name, message_id, is_there, &failure))
    return TRUE;
  if (imap_error_get_code (failure) == IMAP_CODE_NONEXISTENT
      || imap_error_get_code (failure) == IMAP_CODE_TRYCREATE)
    return create_folder (context, raw_name, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
upload (SyncContext        *context,
        const StoreOutbox  *entry,
        GError            **error)
{
  g_autofree char *raw_name = ensure_folder (context, error);
  gboolean is_there = FALSE;

  if (raw_name == NULL || !look_or_create (context, raw_name, entry->message_id, &is_there, error))
    return FALSE;
  if (!is_there && !append_or_create (context, entry, raw_name, &is_there, error))
    return FALSE;
  if (!is_there && !look_for (context, raw_name, entry->message_id, &is_there, error))
    return FALSE;
  if (is_there)
    return store_outbox_set_copy (context->store, entry->id, STORE_SENT_COPY_DONE, error);

  /* It said OK.  A second copy would be worse than none that can be shown: the bytes stay in the outbox. */
  g_set_error (error, IMAP_ERROR, IMAP_ERROR_NO, "The server took the copy, but does not show it");
  return store_outbox_set_copy (context->store, entry->id, STORE_SENT_COPY_FAILED, NULL) && FALSE;
}

/* Trying again would upload the same bytes round after round. */
static gboolean
is_refused_for_good (const GError *error)
{
  static const ImapCode codes[] = {
    IMAP_CODE_OVERQUOTA, IMAP_CODE_TOOBIG, IMAP_CODE_LIMIT, IMAP_CODE_NOPERM, IMAP_CODE_CANNOT,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (imap_error_get_code (error) == codes[i])
      return TRUE;
  return FALSE;
}

/* A copy that the server has no room for is kept here, where people find it. */
static gboolean
upload_or_keep (SyncContext        *context,
                const StoreOutbox  *entry,
                GError            **error)
{
  g_autoptr(GError) failure = NULL;

  if (upload (context, entry, &failure))
    return TRUE;
  if (is_refused_for_good (failure))
    {
      if (!file_here (context, entry, error))
        return FALSE;
      g_prefix_error (&failure, "It is kept on this computer: ");
    }
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- what nobody knows --- */

static gboolean
resolve_unknown (SyncContext        *context,
                 const StoreOutbox  *entry,
                 GError            **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *raw_name = find_folder (context, &failure);
  gboolean is_there = FALSE;

  if (failure == NULL && raw_name != NULL)
    look_for (context, raw_name, entry->message_id, &is_there, &failure);
  if (failure == NULL)
    return !is_there || sync_outbox_note_sent (context, entry, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
is_unknown (const StoreOutbox *entry)
{
  return entry->state == STORE_OUTBOX_UNKNOWN;
}

/* --- the run --- */

typedef gboolean (* EntryWork) (SyncContext        *context,
                                const StoreOutbox  *entry,
                                GError            **error);

/* What the server refused, or what is wrong with these bytes, says nothing about the next one. */
static gboolean
is_about_one (const GError *error)
{
  return g_error_matches (error, IMAP_ERROR, IMAP_ERROR_NO)
         || g_error_matches (error, IMAP_ERROR, IMAP_ERROR_BAD)
         || g_error_matches (error, STORE_ERROR, STORE_ERROR_CORRUPT)
         || g_error_matches (error, STORE_ERROR, STORE_ERROR_NOT_FOUND)
         || g_error_matches (error, STORE_ERROR, STORE_ERROR_STATE);
}

/* FALSE: the run ends. */
static gboolean
do_entry (SyncContext        *context,
          const StoreOutbox  *entry,
          EntryWork           work,
          GError            **error)
{
  g_autofree char *what = g_strdup_printf ("Copy of \"%s\" for sent mail", entry->subject);
  GError *failure = NULL;

  if (work (context, entry, &failure))
    return TRUE;
  if (!is_about_one (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  sync_summary_fail (context->summary, what, failure);
  return TRUE;
}

static gboolean
resolve_all (SyncContext  *context,
             GError      **error)
{
  g_autoptr(GPtrArray) open = store_outbox_list_open (context->store, context->account->id, error);

  if (open == NULL)
    return FALSE;
  for (guint i = 0; i < open->len && !sync_context_should_yield (context); i++)
    if (is_unknown (open->pdata[i]) && !do_entry (context, open->pdata[i], resolve_unknown, error))
      return FALSE;
  return TRUE;
}

gboolean
sync_sent_run (SyncContext  *context,
               GError      **error)
{
  gboolean is_on_server = context->account->protocol == STORE_PROTOCOL_IMAP
                          && context->account->save_sent == STORE_SAVE_SENT_SERVER;
  g_autoptr(GPtrArray) copies = NULL;

  if (context->remote != NULL && !resolve_all (context, error))
    return FALSE;
  if ((copies = store_outbox_list_copies (context->store, context->account->id, error)) == NULL)
    return FALSE;
  if (is_on_server && context->remote == NULL)
    return TRUE;
  for (guint i = 0; i < copies->len && !sync_context_should_yield (context); i++)
    if (!do_entry (context, copies->pdata[i], is_on_server ? upload_or_keep : file_here, error))
      return FALSE;
  return TRUE;
}
