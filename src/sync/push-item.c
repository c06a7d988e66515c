/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that selects folders and keeps the books. */
#include "sync/push-private.h"

/* --- the selected folder -------------------------------------------------------------------------------- */

gboolean
sync_push_select (SyncPush           *push,
                  const StoreFolder  *folder,
                  SessionImapAccess   access,
                  GError            **error)
{
  SyncRemote *remote = push->context->remote;
  g_autofree char *raw_name = base_slice_dup_string (base_slice_from_bytes (folder->raw_name));

  if (push->box != NULL && g_strcmp0 (remote->verbs->peek_selected (remote), raw_name) == 0
      && (access == SESSION_IMAP_READ_ONLY || !push->box->is_read_only))
    return TRUE;
  g_clear_pointer (&push->box, session_imap_box_free);
  push->box = remote->verbs->select (remote, raw_name, access, NULL, error);
  return push->box != NULL;
}

SyncPushOpened
sync_push_open (SyncPush             *push,
                const SyncPushGroup  *group,
                GError              **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (push->context->store, group->folder_id, error);
  GError *failure = NULL;

  if (folder == NULL)
    return SYNC_PUSH_BROKEN;
  if (folder->raw_name == NULL)
    {
      sync_push_put_back (push, SYNC_PUSH_NEXT_ROUND, "The folder is not on the server yet");
      return SYNC_PUSH_SETTLED;
    }
  if (!sync_push_select (push, folder, SESSION_IMAP_READ_WRITE, &failure))
    return sync_push_refused (push, group->items, failure, error) ? SYNC_PUSH_SETTLED : SYNC_PUSH_BROKEN;
  if (push->box->uidvalidity != group->uidvalidity)
    {
      sync_push_put_back (push, SYNC_PUSH_NEXT_ROUND,
                          "The server has renumbered the folder; its messages are recognised first");
      return SYNC_PUSH_SETTLED;
    }
  if (push->box->is_read_only)
    {
      sync_push_fail (push, group->items, "The folder is read-only on the server");
      return SYNC_PUSH_SETTLED;
    }
  return SYNC_PUSH_READY;
}

ImapUidset *
sync_push_dup_uids (GPtrArray *items)
{
  ImapUidset *uids = imap_uidset_new ();

  for (guint i = 0; i < items->len; i++)
    {
      const StoreChangeItem *item = items->pdata[i];

      imap_uidset_add (uids, item->uid, item->uid);
    }
  return uids;
}

ImapUidset *
sync_push_dup_present (SyncPush          *push,
                       const ImapUidset  *uids,
                       GError           **error)
{
  SyncRemote *remote = push->context->remote;
  SyncTicket *ticket = remote->verbs->start_fetch (remote, uids, SESSION_IMAP_FLAGS);
  g_autoptr(SessionImapRows) rows = remote->verbs->finish_fetch (remote, ticket, error);
  ImapUidset *present;

  remote->verbs->ticket_free (ticket);
  if (rows == NULL)
    return NULL;
  present = imap_uidset_new ();
  for (guint i = 0; i < rows->rows->len; i++)
    {
      guint32 uid = g_array_index (rows->rows, SessionImapRow, i).uid;

      if (imap_uidset_contains (uids, uid))
        imap_uidset_add (present, uid, uid);
    }
  return present;
}

gboolean
sync_push_remove (SyncPush          *push,
                  const ImapUidset  *uids,
                  SyncPushRemoved   *removed,
                  GError           **error)
{
  SyncRemote *remote = push->context->remote;

  *removed = remote->verbs->can (remote, IMAP_CAN_UIDPLUS) ? SYNC_PUSH_GONE : SYNC_PUSH_MARKED;
  if (imap_uidset_is_empty (uids))
    return TRUE;
  return remote->verbs->store (remote, uids, SESSION_IMAP_ADD, IMAP_FLAG_DELETED, NULL, 0, NULL, error)
         && (*removed == SYNC_PUSH_MARKED || remote->verbs->expunge (remote, uids, error));
}

static gboolean
leave_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  GPtrArray *items = data;

  for (guint i = 0; i < items->len; i++)
    {
      const StoreChangeItem *item = items->pdata[i];

      if (!store_locations_leave_behind (store, item->message_id, item->server_folder_id, item->uidvalidity,
                                         item->uid, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
sync_push_leave (SyncPush   *push,
                 GPtrArray  *items,
                 GError    **error)
{
  return ingest_write (push->context->ingest, leave_work, items, error);
}

gboolean
sync_push_send (SyncPush      *push,
                SyncPushSend   send,
                gpointer       data,
                GError       **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(GError) failure = NULL;
  g_autoptr(GError) refusal = NULL;

  if (send (push, data, &failure))
    return TRUE;
  if (imap_error_get_code (failure) == IMAP_CODE_TRYCREATE
      && (remote->verbs->create (remote, push->target_raw, IMAP_ROLE_NONE, &refusal)
          || imap_error_get_code (refusal) == IMAP_CODE_ALREADYEXISTS))
    return send (push, data, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Some servers do not tell UIDNEXT: then it is behind the last message. */
static gboolean
get_uidnext (SyncPush  *push,
             guint32   *uidnext,
             GError   **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(SessionImapRows) rows = NULL;
  SyncTicket *ticket;

  *uidnext = MAX (push->box->uidnext, 1);
  if (push->box->uidnext != 0 || push->box->exists == 0)
    return TRUE;
  ticket = remote->verbs->start_fetch_numbers (remote, push->box->exists, push->box->exists,
                                               SESSION_IMAP_FLAGS);
  rows = remote->verbs->finish_fetch (remote, ticket, error);
  remote->verbs->ticket_free (ticket);
  if (rows == NULL)
    return FALSE;
  if (rows->rows->len > 0)
    *uidnext = g_array_index (rows->rows, SessionImapRow, rows->rows->len - 1).uid + 1;
  return TRUE;
}

gboolean
sync_push_note_sent (SyncPush   *push,
                     GPtrArray  *items,
                     GError    **error)
{
  g_autoptr(GError) failure = NULL;
  guint32 uidnext = 1, uidvalidity = 0;

  g_clear_pointer (&push->box, session_imap_box_free);       /* where it stood before is not enough */
  if (sync_push_select (push, push->target, SESSION_IMAP_READ_ONLY, &failure))
    {
      uidvalidity = push->box->uidvalidity;
      if (!get_uidnext (push, &uidnext, error))
        return FALSE;
    }
  else if (!g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  for (guint i = 0; i < items->len; i++)
    {
      StoreChangeItem *item = items->pdata[i];

      item->state = STORE_ITEM_SENT;
      item->result_uidvalidity = uidvalidity;
      item->target_uidnext = uidnext;
      sync_push_settle (push, item, STORE_ITEM_SENT, uidvalidity, 0, NULL);
      g_array_index (push->results, StoreItemResult, push->results->len - 1).target_uidnext = uidnext;
    }
  return sync_push_note (push, error);
}

/* --- items ---------------------------------------------------------------------------------------------- */

void
sync_push_settle (SyncPush              *push,
                  const StoreChangeItem *item,
                  StoreItemState         state,
                  guint32                uidvalidity,
                  guint32                uid,
                  const char            *words)
{
  StoreItemResult result = {
    .position = item->position, .state = state, .uidvalidity = uidvalidity, .uid = uid, .target_uidnext = -1,
    .server_words = words != NULL ? g_string_chunk_insert (push->words, words) : NULL,
  };

  g_array_append_val (push->results, result);
  if (state == STORE_ITEM_FAILED)
    push->n_failed++;
}

GPtrArray *
sync_push_settle_found (SyncPush  *push,
                        GPtrArray *items)
{
  GPtrArray *left = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      StoreChangeItem *item = items->pdata[i];

      if (item->result_uid == 0)
        g_ptr_array_add (left, item);
      else
        sync_push_settle (push, item, STORE_ITEM_DONE, item->result_uidvalidity, item->result_uid, NULL);
    }
  return left;
}

void
sync_push_note_problem (SyncPush   *push,
                        const char *why,
                        const char *words)
{
  if (push->problem != NULL)
    return;
  push->problem = g_strdup (why);
  push->server_words = g_strdup (words);
}

void
sync_push_fail (SyncPush   *push,
                GPtrArray  *items,
                const char *why)
{
  if (items->len > 0)
    sync_push_note_problem (push, why, NULL);
  for (guint i = 0; i < items->len; i++)
    sync_push_settle (push, items->pdata[i], STORE_ITEM_FAILED, 0, 0, NULL);
}

void
sync_push_put_back (SyncPush     *push,
                    SyncPushWhen  when,
                    const char   *why)
{
  sync_push_note_problem (push, why, NULL);
  push->waits_for_pass = when == SYNC_PUSH_NEXT_ROUND && (!push->is_put_back || push->waits_for_pass);
  push->is_put_back = TRUE;
}

/* Exchange says BAD when it is busy; the codes are RFC 5530's for what passes. */
static gboolean
may_pass (const GError *failure)
{
  ImapCode code = imap_error_get_code (failure);

  return g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_BAD) || code == IMAP_CODE_UNAVAILABLE
         || code == IMAP_CODE_INUSE
         || code == IMAP_CODE_LIMIT || code == IMAP_CODE_EXPUNGEISSUED || code == IMAP_CODE_SERVERBUG;
}

gboolean
sync_push_refused (SyncPush   *push,
                   GPtrArray  *items,
                   GError     *failure,
                   GError    **error)
{
  const char *words = imap_error_peek_text (failure);

  if (!g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO)
      && !g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_BAD)
      && !g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_UNSUPPORTED))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  sync_push_note_problem (push, failure->message, words);
  if (may_pass (failure))
    sync_push_put_back (push, SYNC_PUSH_LATER, failure->message);
  for (guint i = 0; !may_pass (failure) && i < items->len; i++)
    sync_push_settle (push, items->pdata[i], STORE_ITEM_FAILED, 0, 0, words);
  g_error_free (failure);
  return TRUE;
}

static void
forget_results (SyncPush *push)
{
  g_array_set_size (push->results, 0);
  g_string_chunk_clear (push->words);
}

static gboolean
confirm_work (Store     *store,
              gpointer   data,
              GError   **error)
{
  const SyncPush *push = data;

  return store_changes_confirm_items (store, push->change->id, (StoreItemResult *) push->results->data,
                                      push->results->len, error);
}

gboolean
sync_push_confirm (SyncPush  *push,
                   GError   **error)
{
  gboolean is_written = push->results->len == 0
                        || ingest_write_alone (push->context->ingest, confirm_work, push, error);

  forget_results (push);
  return is_written;
}

gboolean
sync_push_note (SyncPush  *push,
                GError   **error)
{
  gboolean is_written = push->results->len == 0
    || store_changes_note_items (push->context->store, push->change->id,
                                 (StoreItemResult *) push->results->data, push->results->len, error);

  forget_results (push);
  return is_written;
}
