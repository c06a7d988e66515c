/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/bodies.h"

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
  g_set_error (error, IMAP_ERROR, IMAP_ERROR_NO, "Folder %s was renumbered; it is looked at again first", folder->name);
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
  return sync_fetch_finish (context, fetch, sync_fetch_start (context, fetch, uids), error);
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
      g_autoptr(GArray) unfetched = store_locations_list_unfetched (context->store, folder_id, (guint32) folder->uidvalidity,
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
