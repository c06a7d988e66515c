/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that moves and copies messages from one folder of the server to another.
 *
 * With MOVE it is one command: what it took is no longer there, so sending it again does no harm.  Without,
 * and for copies, it is noted first where the target stands; a copy from there on is ours, and the source of
 * a move is removed only when its copy was found. */
#include "sync/push-private.h"

/* --- sending -------------------------------------------------------------------------------------------- */

typedef gboolean (* Verb) (SyncRemote        *remote,
                           const ImapUidset  *uids,
                           const char        *raw_target,
                           ImapUidMap       **map,
                           GError           **error);

typedef struct {
  Verb              verb;
  const ImapUidset *uids;
  ImapUidMap       *map;       /* or NULL */
} Sending;

static gboolean
send_verb (SyncPush  *push,
           gpointer   data,
           GError   **error)
{
  Sending *sending = data;

  g_clear_pointer (&sending->map, imap_uidmap_free);
  return sending->verb (push->context->remote, sending->uids, push->target_raw, &sending->map, error);
}

/* Sets of items where the server said that they went, also for a command that failed: RFC 6851 section 4.3,
 * it may have done a part. */
static gboolean
send_items (SyncPush   *push,
            Verb        verb,
            GPtrArray  *items,
            GError    **error)
{
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (items);
  Sending sending = { verb, uids, NULL };
  gboolean is_done = sync_push_send (push, send_verb, &sending, error);

  for (guint i = 0; sending.map != NULL && i < items->len; i++)
    {
      StoreChangeItem *item = items->pdata[i];
      guint32 uid = imap_uidmap_find (sending.map, item->uid);

      if (uid == 0)
        continue;
      item->result_uid = uid;
      item->result_uidvalidity = sending.map->uidvalidity;
    }
  g_clear_pointer (&sending.map, imap_uidmap_free);
  return is_done;
}

/* --- MOVE ----------------------------------------------------------------------------------------------- */

/* Neither did the server say where they went, nor are they here any more: they went now, or with a command
 * whose answer was lost, or somebody else took them. */
static gboolean
find_moved (SyncPush   *push,
            GPtrArray  *items,
            GError    **error)
{
  g_autoptr(GPtrArray) left = NULL;
  GError *failure = NULL;

  if (!sync_push_find (push, push->target, 0, SYNC_PUSH_KNOWN_TOO, items, &failure))
    return sync_push_refused (push, items, failure, error) && sync_push_confirm (push, error);
  left = sync_push_settle_found (push, items);
  sync_push_fail (push, left, "The message is no longer on the server");
  return sync_push_confirm (push, error);
}

/* Those that the source still has, or has no longer. */
static GPtrArray *
dup_by_presence (GPtrArray         *items,
                 const ImapUidset  *present,
                 gboolean           is_there)
{
  GPtrArray *some = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    if (imap_uidset_contains (present, ((StoreChangeItem *) items->pdata[i])->uid) == is_there)
      g_ptr_array_add (some, items->pdata[i]);
  return some;
}

static gboolean
judge_unmapped (SyncPush   *push,
                GPtrArray  *items,
                GError    **error)
{
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (items);
  g_autoptr(ImapUidset) present = NULL;
  g_autoptr(GPtrArray) there = NULL;
  g_autoptr(GPtrArray) gone = NULL;

  if (items->len == 0)
    return TRUE;
  if ((present = sync_push_dup_present (push, uids, error)) == NULL)
    return FALSE;
  there = dup_by_presence (items, present, TRUE);
  gone = dup_by_presence (items, present, FALSE);
  sync_push_fail (push, there, "The server says that it moved the message, and still has it");
  return find_moved (push, gone, error);
}

static gboolean
move_at_once (SyncPush             *push,
              const SyncPushGroup  *group,
              GError              **error)
{
  g_autoptr(GPtrArray) left = NULL;
  g_autoptr(GError) failure = NULL;

  send_items (push, push->context->remote->verbs->move, group->items, &failure);
  left = sync_push_settle_found (push, group->items);
  if (!sync_push_confirm (push, error))
    return FALSE;
  if (failure != NULL)
    return sync_push_refused (push, left, g_steal_pointer (&failure), error)
           && sync_push_confirm (push, error);
  return judge_unmapped (push, left, error);
}

/* --- COPY ----------------------------------------------------------------------------------------------- */

static GPtrArray *
dup_unfound (GPtrArray *items)
{
  GPtrArray *some = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    if (((StoreChangeItem *) items->pdata[i])->result_uid == 0)
      g_ptr_array_add (some, items->pdata[i]);
  return some;
}

/* Copies that an earlier try made; of a move also those whose source is gone, for somebody else has moved
 * them. */
static gboolean
find_earlier (SyncPush          *push,
              GPtrArray         *items,
              const ImapUidset  *present,
              GError           **error)
{
  g_autoptr(GPtrArray) sent = g_ptr_array_new ();
  g_autoptr(GPtrArray) gone = dup_by_presence (items, present, FALSE);
  g_autoptr(GPtrArray) unfound = NULL;

  for (guint i = 0; i < items->len; i++)
    if (((StoreChangeItem *) items->pdata[i])->state == STORE_ITEM_SENT)
      g_ptr_array_add (sent, items->pdata[i]);
  if (!sync_push_find_sent (push, sent, error))
    return FALSE;
  if (push->change->kind != STORE_CHANGE_MOVE)
    return TRUE;
  unfound = dup_unfound (gone);
  return sync_push_find (push, push->target, 0, SYNC_PUSH_KNOWN_TOO, unfound, error);
}

/* FALSE also when the folder cannot be used now: then error stays NULL. */
static gboolean
open_source (SyncPush             *push,
             const SyncPushGroup  *group,
             GError              **error)
{
  switch (sync_push_open (push, group, error))
    {
    case SYNC_PUSH_READY:
      return TRUE;
    case SYNC_PUSH_SETTLED:
    case SYNC_PUSH_BROKEN:
      return FALSE;
    }
  g_assert_not_reached ();
}

static gboolean
make_copies (SyncPush             *push,
             const SyncPushGroup  *group,
             GPtrArray            *items,
             GError              **error)
{
  g_autoptr(GPtrArray) unfound = NULL;

  if (items->len == 0)
    return TRUE;
  if (!sync_push_note_sent (push, items, error) || !open_source (push, group, error)
      || !send_items (push, push->context->remote->verbs->copy, items, error))
    return FALSE;
  unfound = dup_unfound (items);
  return sync_push_find_sent (push, unfound, error);
}

/* The copies are proven. */
static gboolean
remove_sources (SyncPush             *push,
                const SyncPushGroup  *group,
                const ImapUidset     *present,
                GError              **error)
{
  g_autoptr(GPtrArray) there = dup_by_presence (group->items, present, TRUE);
  g_autoptr(GPtrArray) proven = g_ptr_array_new ();
  g_autoptr(ImapUidset) uids = NULL;
  SyncPushRemoved removed;

  for (guint i = 0; i < there->len; i++)
    if (((StoreChangeItem *) there->pdata[i])->result_uid != 0)
      g_ptr_array_add (proven, there->pdata[i]);
  if (proven->len == 0)
    return TRUE;
  uids = sync_push_dup_uids (proven);
  return open_source (push, group, error) && sync_push_remove (push, uids, &removed, error)
         && (removed == SYNC_PUSH_GONE || sync_push_leave (push, proven, error));
}

static gboolean
copy_and_remove (SyncPush             *push,
                 const SyncPushGroup  *group,
                 GError              **error)
{
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (group->items);
  g_autoptr(ImapUidset) present = sync_push_dup_present (push, uids, error);
  g_autoptr(GPtrArray) there = NULL;
  g_autoptr(GPtrArray) to_copy = NULL;

  if (present == NULL || !find_earlier (push, group->items, present, error))
    return FALSE;
  there = dup_by_presence (group->items, present, TRUE);
  to_copy = dup_unfound (there);
  if (!make_copies (push, group, to_copy, error))
    return FALSE;
  return push->change->kind == STORE_CHANGE_COPY || remove_sources (push, group, present, error);
}

static gboolean
copy_group (SyncPush             *push,
            const SyncPushGroup  *group,
            GError              **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(GPtrArray) left = NULL;

  if (!copy_and_remove (push, group, &failure))
    {
      /* Without failure they were put back or settled when their folder was opened. */
      return (failure == NULL || sync_push_refused (push, group->items, g_steal_pointer (&failure), error))
             && sync_push_note (push, error);
    }
  left = sync_push_settle_found (push, group->items);
  sync_push_fail (push, left, "The server did not copy the message");
  return sync_push_confirm (push, error);
}

/* --- both ----------------------------------------------------------------------------------------------- */

/* An earlier try was confirmed in mail.db, and its program died before it noted that. */
static gboolean
take_confirmed (SyncPush             *push,
                const SyncPushGroup  *group,
                SyncPushGroup        *rest,
                GError              **error)
{
  for (guint i = 0; i < group->items->len; i++)
    {
      StoreChangeItem *item = group->items->pdata[i];
      g_autoptr(StoreLocation) copy = NULL;
      g_autoptr(GError) failure = NULL;

      if (push->change->kind == STORE_CHANGE_COPY && item->result_location != 0)
        copy = store_locations_get (push->context->store, item->result_location, &failure);
      if (push->change->kind == STORE_CHANGE_MOVE && group->folder_id == push->target->id)
        sync_push_settle (push, item, STORE_ITEM_DONE, item->uidvalidity, item->uid, NULL);
      else if (copy != NULL && copy->uid != 0)
        sync_push_settle (push, item, STORE_ITEM_DONE, copy->uidvalidity, copy->uid, NULL);
      else
        g_ptr_array_add (rest->items, item);
    }
  return sync_push_note (push, error);
}

gboolean
sync_push_move (SyncPush             *push,
                const SyncPushGroup  *group,
                GError              **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(GPtrArray) items = g_ptr_array_new ();
  SyncPushGroup rest = { group->folder_id, group->uidvalidity, items };

  if (!take_confirmed (push, group, &rest, error))
    return FALSE;
  if (items->len == 0)
    return TRUE;
  switch (sync_push_open (push, &rest, error))
    {
    case SYNC_PUSH_READY:
      break;
    case SYNC_PUSH_SETTLED:
      return sync_push_note (push, error);
    case SYNC_PUSH_BROKEN:
      return FALSE;
    }
  if (push->change->kind == STORE_CHANGE_MOVE && remote->verbs->can (remote, IMAP_CAN_MOVE))
    return move_at_once (push, &rest, error);
  return copy_group (push, &rest, error);
}
