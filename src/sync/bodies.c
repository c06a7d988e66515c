/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/bodies.h"

#include "store/messages.h"
#include "sync/fetch.h"

#define BATCH 200

static gboolean
ensure_selected (SyncContext  *context,
                 StoreFolder  *folder,
                 GError      **error)
{
  SyncRemote *remote = context->remote;
  g_autofree char *raw_name = base_slice_dup_string (base_slice_from_bytes (folder->raw_name));
  g_autoptr(SessionImapBox) box = NULL;

  if (g_strcmp0 (remote->verbs->peek_selected (remote), raw_name) == 0)
    return TRUE;
  if ((box = remote->verbs->select (remote, raw_name, SESSION_IMAP_READ_WRITE, NULL, error)) == NULL)
    return FALSE;
  if (box->uidvalidity == folder->uidvalidity)
    return TRUE;
  g_set_error (error, IMAP_ERROR, IMAP_ERROR_NO, "Folder %s was renumbered; it is looked at again first",
               folder->name);
  return FALSE;
}

/* The uids of unfetched messages that arrived at or after cutoff. */
static ImapUidset *
choose (GArray *unfetched,
        gint64  cutoff,
        gint64 *last_message_id)
{
  ImapUidset *uids = imap_uidset_new ();

  for (guint i = 0; i < unfetched->len; i++)
    {
      const StoreUnfetched *one = &g_array_index (unfetched, StoreUnfetched, i);

      *last_message_id = one->message_id;
      if (one->message_id >> 20 >= cutoff)
        imap_uidset_add (uids, one->uid, one->uid);
    }
  return uids;
}

static gboolean
fetch_batch (SyncContext       *context,
             SyncFetch         *fetch,
             const ImapUidset  *uids,
             GError           **error)
{
  if (imap_uidset_is_empty (uids))
    return TRUE;
  return sync_fetch_finish (context, fetch, uids, sync_fetch_start (context, fetch, uids), error);
}

SyncPassResult
sync_bodies_folder (SyncContext                 *context,
                    gint64                       folder_id,
                    const StoreEffectivePolicy  *policy,
                    GError                     **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (context->store, folder_id, error);
  g_autoptr(IngestStream) stream = NULL;
  SyncFetch fetch = { .whole_since = G_MININT64 };
  gint64 cutoff = sync_fetch_get_whole_since (policy), before = 0;

  if (folder == NULL)
    return SYNC_PASS_FAILED;
  if (cutoff == G_MAXINT64 || folder->uidvalidity == STORE_NONE)
    return SYNC_PASS_DONE;
  stream = ingest_stream_new (context->ingest);
  fetch.folder = folder;
  fetch.stream = stream;

  while (!sync_context_should_yield (context))
    {
      g_autoptr(GArray) unfetched = store_locations_list_unfetched (context->store, folder_id,
                                                                    (guint32) folder->uidvalidity,
                                                                    before, BATCH, error);
      g_autoptr(ImapUidset) uids = NULL;

      if (unfetched == NULL)
        return SYNC_PASS_FAILED;
      if (unfetched->len == 0 || g_array_index (unfetched, StoreUnfetched, 0).message_id >> 20 < cutoff)
        return fetch.last == 0 || ingest_stream_wait (stream, fetch.last, context->cancellable, error)
               ? SYNC_PASS_DONE : SYNC_PASS_FAILED;
      if (!ensure_selected (context, folder, error))
        return SYNC_PASS_FAILED;
      uids = choose (unfetched, cutoff, &before);
      if (!fetch_batch (context, &fetch, uids, error))
        return SYNC_PASS_FAILED;
    }
  return SYNC_PASS_YIELDED;
}

/* --- single messages --- */

static void
uidset_free (gpointer uids)
{
  imap_uidset_free (uids);
}

/* Where on the server its bytes can be had; FALSE without error: they are here already, or nowhere on it. */
static gboolean
find_on_server (SyncContext  *context,
                gint64        message_id,
                gint64       *folder_id,
                guint32      *uid,
                GError      **error)
{
  g_autoptr(StoreMessage) message = store_messages_get (context->store, message_id, error);
  g_autoptr(GPtrArray) locations = NULL;

  if (message == NULL || message->content_id != 0
      || (locations = store_locations_list_message (context->store, message_id, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < locations->len; i++)
    {
      const StoreLocation *location = locations->pdata[i];

      if (location->uid == 0)
        continue;
      *folder_id = location->server_folder_id;
      *uid = location->uid;
      return TRUE;
    }
  sync_summary_fail (context->summary, message->subject != NULL ? message->subject : "Message",
                     g_error_new_literal (STORE_ERROR, STORE_ERROR_NOT_FOUND, "it is not on the server"));
  return FALSE;
}

/* By folder, in the order of first mention. */
static gboolean
group_by_folder (SyncContext   *context,
                 const gint64  *message_ids,
                 gsize          n_messages,
                 GArray        *folder_ids,
                 GPtrArray     *uidsets,
                 GError       **error)
{
  for (gsize i = 0; i < n_messages; i++)
    {
      g_autoptr(GError) failure = NULL;
      gint64 folder_id;
      guint32 uid;
      guint n = 0;

      if (!find_on_server (context, message_ids[i], &folder_id, &uid, &failure))
        {
          if (failure == NULL || g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
            continue;
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      while (n < folder_ids->len && g_array_index (folder_ids, gint64, n) != folder_id)
        n++;
      if (n == folder_ids->len)
        {
          g_array_append_val (folder_ids, folder_id);
          g_ptr_array_add (uidsets, imap_uidset_new ());
        }
      imap_uidset_add (uidsets->pdata[n], uid, uid);
    }
  return TRUE;
}

static gboolean
fetch_of_folder (SyncContext       *context,
                 gint64             folder_id,
                 const ImapUidset  *uids,
                 GError           **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (context->store, folder_id, error);
  g_autoptr(IngestStream) stream = ingest_stream_new (context->ingest);
  SyncFetch fetch = { .folder = folder, .stream = stream, .whole_since = G_MININT64 };

  return folder != NULL && ensure_selected (context, folder, error)
         && fetch_batch (context, &fetch, uids, error)
         && (fetch.last == 0 || ingest_stream_wait (stream, fetch.last, context->cancellable, error));
}

gboolean
sync_bodies_messages (SyncContext   *context,
                      const gint64  *message_ids,
                      gsize          n_messages,
                      GError       **error)
{
  g_autoptr(GArray) folder_ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(GPtrArray) uidsets = g_ptr_array_new_with_free_func (uidset_free);
  guint64 left = 0;

  if (!group_by_folder (context, message_ids, n_messages, folder_ids, uidsets, error))
    return FALSE;
  for (guint i = 0; i < uidsets->len; i++)
    left += imap_uidset_count (uidsets->pdata[i]);
  for (guint i = 0; i < folder_ids->len; i++)
    {
      GError *failure = NULL;

      sync_context_progress (context, n_messages - left, n_messages);
      if (!fetch_of_folder (context, g_array_index (folder_ids, gint64, i), uidsets->pdata[i], &failure))
        {
          if (!g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO))
            {
              g_propagate_error (error, failure);
              return FALSE;
            }
          sync_summary_fail (context->summary, "Folder", failure);
        }
      left -= imap_uidset_count (uidsets->pdata[i]);
    }
  sync_context_progress (context, n_messages, n_messages);
  return TRUE;
}
