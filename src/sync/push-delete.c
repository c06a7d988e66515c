/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that deletes for good: exactly the messages that were chosen, each proven by its
 * absence. */
#include "sync/push-private.h"

static gboolean
settle_all (SyncPush   *push,
            GPtrArray  *items,
            GError    **error)
{
  for (guint i = 0; i < items->len; i++)
    sync_push_settle (push, items->pdata[i], STORE_ITEM_DONE, 0, 0, NULL);
  return sync_push_confirm (push, error);
}

static gboolean
settle_absent (SyncPush          *push,
               GPtrArray         *items,
               const ImapUidset  *present,
               GError           **error)
{
  g_autoptr(GPtrArray) there = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      StoreChangeItem *item = items->pdata[i];

      if (imap_uidset_contains (present, item->uid))
        g_ptr_array_add (there, item);
      else
        sync_push_settle (push, item, STORE_ITEM_DONE, 0, 0, NULL);
    }
  sync_push_fail (push, there, "The server says that it deleted the message, and still has it");
  return sync_push_confirm (push, error);
}

static gboolean
delete_selected (SyncPush   *push,
                 GPtrArray  *items,
                 GError    **error)
{
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (items);
  g_autoptr(ImapUidset) present = NULL;
  SyncPushRemoved removed = SYNC_PUSH_GONE;
  GError *failure = NULL;

  if (!sync_push_remove (push, uids, &removed, &failure))
    return sync_push_refused (push, items, failure, error) && sync_push_note (push, error);
  if (removed == SYNC_PUSH_MARKED)
    return sync_push_leave (push, items, error) && settle_all (push, items, error);
  if ((present = sync_push_dup_present (push, uids, error)) == NULL)
    return FALSE;
  return settle_absent (push, items, present, error);
}

/* The places of these have ended, so no pass recognises them under their new numbers: they are looked for
 * here.  Only what no other location holds can be the one that was chosen. */
static gboolean
delete_renumbered (SyncPush             *push,
                   const SyncPushGroup  *group,
                   GError              **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (push->context->store, group->folder_id, error);
  g_autoptr(GPtrArray) found = g_ptr_array_new ();
  g_autoptr(GPtrArray) absent = g_ptr_array_new ();
  g_autoptr(GPtrArray) doubtful = g_ptr_array_new ();

  if (folder == NULL || !sync_push_find (push, folder, 0, SYNC_PUSH_ONLY_ONE, group->items, error)
      || !sync_push_select (push, folder, SESSION_IMAP_READ_WRITE, error))
    return FALSE;
  for (guint i = 0; i < group->items->len; i++)
    {
      StoreChangeItem *item = group->items->pdata[i];

      item->uid = item->result_uid;
      item->uidvalidity = item->result_uidvalidity;
      g_ptr_array_add (item->uid != 0 ? found : item->state == STORE_ITEM_FAILED ? doubtful : absent, item);
    }
  sync_push_fail (push, doubtful,
                  "The server has renumbered the folder, and several messages there look like this one");
  return settle_all (push, absent, error) && (found->len == 0 || delete_selected (push, found, error));
}

static gboolean
is_renumbered (SyncPush             *push,
               const SyncPushGroup  *group,
               gboolean             *is_so,
               GError              **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (push->context->store, group->folder_id, error);
  g_autoptr(GError) failure = NULL;

  *is_so = FALSE;
  if (folder == NULL)
    return FALSE;
  /* What cannot be opened is judged by sync_push_open(). */
  if (folder->raw_name != NULL && sync_push_select (push, folder, SESSION_IMAP_READ_WRITE, &failure))
    *is_so = push->box->uidvalidity != group->uidvalidity && push->box->uidvalidity != 0;
  return TRUE;
}

gboolean
sync_push_delete (SyncPush             *push,
                  const SyncPushGroup  *group,
                  GError              **error)
{
  gboolean is_so;

  if (group->folder_id == 0)
    return settle_all (push, group->items, error);
  if (!is_renumbered (push, group, &is_so, error))
    return FALSE;
  if (is_so)
    return delete_renumbered (push, group, error);
  switch (sync_push_open (push, group, error))
    {
    case SYNC_PUSH_READY:
      return delete_selected (push, group->items, error);
    case SYNC_PUSH_SETTLED:
      return sync_push_note (push, error);
    case SYNC_PUSH_BROKEN:
      return FALSE;
    }
  g_assert_not_reached ();
}
