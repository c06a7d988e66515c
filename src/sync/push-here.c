/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that brings mail from the server to this computer, for moves and copies into a folder
 * that lives here.  A moved message leaves the server only after its bytes were read back from the disk and
 * compared. */
#include "sync/push-private.h"

#include "store/messages.h"
#include "sync/fetch.h"

/* --- fetching ------------------------------------------------------------------------------------------- */

static gboolean
fetch_whole (SyncPush    *push,
             GPtrArray   *items,
             GError     **error)
{
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (items);
  g_autoptr(IngestStream) stream = ingest_stream_new (push->context->ingest);
  g_autoptr(StoreFolder) folder = NULL;
  SyncFetch fetch = { .stream = stream, .whole_since = G_MININT64 };

  if (items->len == 0)
    return TRUE;
  folder = store_folders_get (push->context->store, ((StoreChangeItem *) items->pdata[0])->server_folder_id,
                              error);
  if (folder == NULL)
    return FALSE;
  fetch.folder = folder;
  return sync_fetch_finish (push->context, &fetch, uids, sync_fetch_start (push->context, &fetch, uids),
                            error)
         && (fetch.last == 0 || ingest_stream_wait (stream, fetch.last, push->context->cancellable, error));
}

static gboolean
has_content (SyncPush               *push,
             const StoreChangeItem  *item,
             gboolean               *has_it,
             GError                **error)
{
  g_autoptr(StoreMessage) message = store_messages_get (push->context->store, item->message_id, error);

  if (message == NULL)
    return FALSE;
  *has_it = message->content_id != 0;
  return TRUE;
}

/* Those whose bytes are not here; NULL with error. */
static GPtrArray *
dup_unfetched (SyncPush   *push,
               GPtrArray  *items,
               GError    **error)
{
  g_autoptr(GPtrArray) some = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      gboolean has_it;

      if (!has_content (push, items->pdata[i], &has_it, error))
        return NULL;
      if (!has_it)
        g_ptr_array_add (some, items->pdata[i]);
    }
  return g_steal_pointer (&some);
}

static void
remove_all (GPtrArray *items,
            GPtrArray *some)
{
  for (guint i = 0; i < some->len; i++)
    g_ptr_array_remove (items, some->pdata[i]);
}

/* --- proving -------------------------------------------------------------------------------------------- */

/* Splits items by what reading them back says. */
static gboolean
verify (SyncPush   *push,
        GPtrArray  *items,
        GPtrArray  *proven,
        GPtrArray  *to_fetch,
        GPtrArray  *damaged,
        GError    **error)
{
  g_autofree gint64 *ids = g_new0 (gint64, items->len + 1);
  g_autofree IngestVerdict *verdicts = g_new0 (IngestVerdict, items->len + 1);

  for (guint i = 0; i < items->len; i++)
    ids[i] = ((StoreChangeItem *) items->pdata[i])->location_id;
  if (!ingest_verify (push->context->ingest, ids, items->len, verdicts, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    switch (verdicts[i])
      {
      case INGEST_VERIFIED:
        g_ptr_array_add (proven, items->pdata[i]);
        break;
      case INGEST_NOT_FETCHED:
        g_ptr_array_add (to_fetch, items->pdata[i]);
        break;
      case INGEST_DAMAGED:
        g_ptr_array_add (damaged, items->pdata[i]);
        break;
      }
  return TRUE;
}

/* Gives what is proven to lie here; the others are settled. */
static GPtrArray *
prove (SyncPush   *push,
       GPtrArray  *items,
       GError    **error)
{
  g_autoptr(GPtrArray) proven = g_ptr_array_new ();
  g_autoptr(GPtrArray) to_fetch = g_ptr_array_new ();
  g_autoptr(GPtrArray) damaged = g_ptr_array_new ();
  g_autoptr(GPtrArray) missing = g_ptr_array_new ();

  if (!verify (push, items, proven, to_fetch, damaged, error) || !fetch_whole (push, to_fetch, error)
      || !verify (push, to_fetch, proven, missing, damaged, error))
    return NULL;
  sync_push_fail (push, damaged,
                  "The disk does not give back what was received; the message stays on the server");
  sync_push_fail (push, missing, "The server does not send the message");
  return g_steal_pointer (&proven);
}

/* --- moving --------------------------------------------------------------------------------------------- */

typedef struct {
  SyncPush  *push;
  GPtrArray *items;
} Dropping;

/* Not by the change itself: the raw mail has to tell it too. */
static gboolean
drop_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  Dropping *dropping = data;

  for (guint i = 0; i < dropping->items->len; i++)
    {
      const StoreChangeItem *item = dropping->items->pdata[i];
      g_autoptr(StoreLocation) location = store_locations_get (store, item->location_id, NULL);

      if (location != NULL && store_location_has_server (location)
          && !ingest_drop_server (dropping->push->context->ingest, store, location->id, STORE_BY_USER, NULL,
                                  NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
settle_here (SyncPush   *push,
             GPtrArray  *items,
             GError    **error)
{
  Dropping dropping = { push, items };

  if (push->change->kind == STORE_CHANGE_MOVE
      && !ingest_write (push->context->ingest, drop_work, &dropping, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    sync_push_settle (push, items->pdata[i], STORE_ITEM_DONE, 0, 0, NULL);
  return sync_push_confirm (push, error);
}

static gboolean
move_here (SyncPush   *push,
           GPtrArray  *items,
           GError    **error)
{
  g_autoptr(GPtrArray) proven = prove (push, items, error);
  g_autoptr(ImapUidset) uids = NULL;
  SyncPushRemoved removed;
  GError *failure = NULL;

  if (proven == NULL)
    return FALSE;
  uids = sync_push_dup_uids (proven);
  if (!sync_push_remove (push, uids, &removed, &failure))
    return sync_push_refused (push, proven, failure, error) && sync_push_confirm (push, error);
  if (removed == SYNC_PUSH_MARKED && !sync_push_leave (push, proven, error))
    return FALSE;
  return settle_here (push, proven, error);
}

static gboolean
copy_here (SyncPush   *push,
           GPtrArray  *items,
           GError    **error)
{
  g_autoptr(GPtrArray) unfetched = dup_unfetched (push, items, error);
  g_autoptr(GPtrArray) missing = NULL;
  g_autoptr(GPtrArray) here = g_ptr_array_copy (items, NULL, NULL);

  if (unfetched == NULL || !fetch_whole (push, unfetched, error)
      || (missing = dup_unfetched (push, items, error)) == NULL)
    return FALSE;
  remove_all (here, missing);
  sync_push_fail (push, missing, "The server does not send the message");
  return settle_here (push, here, error);
}

/* The server has it no longer: an earlier try removed it, or somebody else did; what is here stays. */
static gboolean
settle_gone (SyncPush   *push,
             GPtrArray  *items,
             GError    **error)
{
  g_autoptr(GPtrArray) missing = dup_unfetched (push, items, error);
  g_autoptr(GPtrArray) here = g_ptr_array_copy (items, NULL, NULL);

  if (missing == NULL)
    return FALSE;
  remove_all (here, missing);
  sync_push_fail (push, missing, "The message is no longer on the server");
  return settle_here (push, here, error);
}

static gboolean
bring (SyncPush   *push,
       GPtrArray  *items,
       GError    **error)
{
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (items);
  g_autoptr(ImapUidset) present = sync_push_dup_present (push, uids, error);
  g_autoptr(GPtrArray) there = g_ptr_array_new ();
  g_autoptr(GPtrArray) gone = g_ptr_array_new ();

  if (present == NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    g_ptr_array_add (imap_uidset_contains (present, ((StoreChangeItem *) items->pdata[i])->uid)
                     ? there : gone, items->pdata[i]);
  if (!settle_gone (push, gone, error))
    return FALSE;
  return push->change->kind == STORE_CHANGE_MOVE
         ? move_here (push, there, error) : copy_here (push, there, error);
}

/* Those deleted here meanwhile: the deletion that follows sees to the server. */
static GPtrArray *
dup_living (SyncPush   *push,
            GPtrArray  *items,
            GPtrArray **ended)
{
  GPtrArray *living = g_ptr_array_new ();

  *ended = g_ptr_array_new ();
  for (guint i = 0; i < items->len; i++)
    {
      const StoreChangeItem *item = items->pdata[i];
      g_autoptr(StoreLocation) location = store_locations_get (push->context->store, item->location_id, NULL);

      g_ptr_array_add (location != NULL ? living : *ended, items->pdata[i]);
    }
  return living;
}

gboolean
sync_push_here (SyncPush             *push,
                const SyncPushGroup  *group,
                GError              **error)
{
  g_autoptr(GPtrArray) ended = NULL;
  g_autoptr(GPtrArray) living = dup_living (push, group->items, &ended);

  for (guint i = 0; i < ended->len; i++)
    sync_push_settle (push, ended->pdata[i], STORE_ITEM_DONE, 0, 0, NULL);
  if (!sync_push_note (push, error))
    return FALSE;
  if (group->folder_id == 0)
    return settle_gone (push, living, error);
  if (living->len == 0)
    return TRUE;
  switch (sync_push_open (push, group, error))
    {
    case SYNC_PUSH_READY:
      return bring (push, living, error);
    case SYNC_PUSH_SETTLED:
      return sync_push_note (push, error);
    case SYNC_PUSH_BROKEN:
      return FALSE;
    }
  g_assert_not_reached ();
}
