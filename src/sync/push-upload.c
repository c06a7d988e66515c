/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that puts messages of this store into a folder of the server. */
#include "sync/push-private.h"

#include "store/contents.h"
#include "store/messages.h"
#include "sync/rows.h"

typedef struct {
  const SessionImapAppend *append;
  guint32                  uidvalidity;
  guint32                  uid;
} Uploading;

static gboolean
send_append (SyncPush  *push,
             gpointer   data,
             GError   **error)
{
  Uploading *uploading = data;
  SyncRemote *remote = push->context->remote;

  return remote->verbs->append (remote, uploading->append, &uploading->uidvalidity, &uploading->uid, error);
}

/* The registered keywords that stand for flags here, and the others; NULL-terminated. */
static GPtrArray *
dup_keywords (char      **own,
              guint       flags,
              ImapFlags  *imap_flags)
{
  GPtrArray *keywords = g_ptr_array_new ();
  const char *for_flags[16];
  gsize n_for_flags;

  *imap_flags = sync_rows_to_imap (flags, for_flags, &n_for_flags);
  for (gsize i = 0; i < n_for_flags; i++)
    g_ptr_array_add (keywords, (gpointer) for_flags[i]);
  for (guint i = 0; own[i] != NULL; i++)
    if (imap_flags_is_keyword (own[i]))
      g_ptr_array_add (keywords, own[i]);
  g_ptr_array_add (keywords, NULL);
  return keywords;
}

static gboolean
upload (SyncPush             *push,
        StoreChangeItem      *item,
        const StoreLocation  *location,
        GBytes               *bytes,
        GError              **error)
{
  g_autoptr(StoreMessage) message = store_messages_get (push->context->store, item->message_id, error);
  g_auto(GStrv) own = NULL;
  g_autoptr(GPtrArray) keywords = NULL;
  SessionImapAppend append = { .raw_folder = push->target_raw, .bytes = bytes };
  Uploading uploading = { &append, 0, 0 };

  if (message == NULL
      || (own = store_locations_list_keywords (push->context->store, location->id, error)) == NULL)
    return FALSE;
  keywords = dup_keywords (own, location->flags & ~(guint) STORE_FLAG_DELETED, &append.flags);
  append.keywords = (const char * const *) keywords->pdata;
  append.date = message->arrived_at;
  if (!sync_push_send (push, send_append, &uploading, error))
    return FALSE;
  item->result_uid = uploading.uid;
  item->result_uidvalidity = uploading.uid != 0 ? uploading.uidvalidity : item->result_uidvalidity;
  return TRUE;
}

/* The place that gets the server copy; NULL without error: it has ended, or a copy was never made. */
static StoreLocation *
find_place (SyncPush               *push,
            const StoreChangeItem  *item,
            GError                **error)
{
  gint64 id = push->change->kind == STORE_CHANGE_COPY ? item->result_location : item->location_id;
  g_autoptr(GError) failure = NULL;
  StoreLocation *location = id != 0 ? store_locations_get (push->context->store, id, &failure) : NULL;

  if (failure != NULL && !g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    g_propagate_error (error, g_steal_pointer (&failure));
  return location;
}

/* NULL: it cannot be read, and is settled so. */
static GBytes *
read_bytes (SyncPush         *push,
            StoreChangeItem  *item)
{
  g_autoptr(StoreRaw) raw = store_raw_new (store_get_dir (push->context->store));
  g_autoptr(GPtrArray) items = g_ptr_array_new ();
  g_autoptr(GError) failure = NULL;
  GBytes *bytes = store_contents_read (push->context->store, raw, item->message_id, &failure);

  g_ptr_array_add (items, item);
  if (bytes == NULL)
    sync_push_fail (push, items, g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND)
                                 ? "The message itself is not on this computer yet" : failure->message);
  return bytes;
}

static gboolean
upload_one (SyncPush         *push,
            StoreChangeItem  *item,
            GError          **error)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new ();
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreLocation) location = find_place (push, item, &failure);
  g_autoptr(GBytes) bytes = NULL;

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  g_ptr_array_add (items, item);
  if (location == NULL || store_location_has_server (location))
    {
      sync_push_settle (push, item, STORE_ITEM_DONE, location != NULL ? location->uidvalidity : 0,
                        location != NULL ? location->uid : 0, NULL);
      return sync_push_note (push, error);
    }
  if (item->state == STORE_ITEM_SENT && !sync_push_find_sent (push, items, error))
    return FALSE;
  if (item->result_uid == 0)
    {
      if ((bytes = read_bytes (push, item)) == NULL)
        return sync_push_note (push, error);
      if (!sync_push_note_sent (push, items, error))
        return FALSE;
      if (!upload (push, item, location, bytes, &failure))
        return sync_push_refused (push, items, g_steal_pointer (&failure), error)
               && sync_push_note (push, error);
      if (item->result_uid == 0 && !sync_push_find_sent (push, items, error))
        return FALSE;
    }
  sync_push_settle (push, item, STORE_ITEM_DONE, item->result_uid != 0 ? item->result_uidvalidity : 0,
                    item->result_uid, NULL);
  return sync_push_confirm (push, error);
}

gboolean
sync_push_upload (SyncPush             *push,
                  const SyncPushGroup  *group,
                  GError              **error)
{
  for (guint i = 0; i < group->items->len; i++)
    if (!upload_one (push, group->items->pdata[i], error))
      return FALSE;
  return TRUE;
}
