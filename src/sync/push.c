/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/push-private.h"

#include "base/clock.h"

#define ITEMS_AT_ONCE 1000
#define TRIES_MAX     8
#define FIRST_WAIT_S  30

/* --- accepting ------------------------------------------------------------------------------------------ */

static gboolean
accept_work (Store     *store,
             gpointer   data,
             GError   **error)
{
  return store_changes_catch_up (store, data, error);
}

gboolean
sync_push_accept (SyncContext  *context,
                  GError      **error)
{
  return ingest_write_alone (context->ingest, accept_work, NULL, error);
}

/* What was running when its program died: the proofs tell whether it was done. */
static gboolean
recover (SyncContext  *context,
         GError      **error)
{
  g_autoptr(GPtrArray) waiting = store_changes_list (context->store, STORE_CHANGES_WAITING,
                                                     context->account->id, 0, error);

  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    {
      const StoreChange *change = waiting->pdata[i];

      if (change->state == STORE_CHANGE_STATE_RUNNING
          && !store_changes_set_state (context->store, change->id, STORE_CHANGE_STATE_UNKNOWN, NULL, error))
        return FALSE;
    }
  return waiting != NULL;
}

/* --- items by folder ------------------------------------------------------------------------------------ */

static void
group_free (gpointer data)
{
  SyncPushGroup *group = data;

  g_ptr_array_unref (group->items);
  g_free (group);
}

/* Those that are still to be done, by where their server copies lie, in order of the first of each.  Counts
 * those that failed in an earlier try. */
static GPtrArray *
dup_groups (GPtrArray *items,
            guint     *n_failed)
{
  GPtrArray *groups = g_ptr_array_new_with_free_func (group_free);

  for (guint i = 0; i < items->len; i++)
    {
      StoreChangeItem *item = items->pdata[i];
      SyncPushGroup *group = NULL;

      if (item->state == STORE_ITEM_FAILED)
        (*n_failed)++;
      if (item->state == STORE_ITEM_DONE || item->state == STORE_ITEM_FAILED)
        continue;
      for (guint n = 0; n < groups->len && group == NULL; n++)
        {
          SyncPushGroup *one = groups->pdata[n];

          if (one->folder_id == item->server_folder_id && one->uidvalidity == item->uidvalidity)
            group = one;
        }
      if (group == NULL)
        {
          group = g_new0 (SyncPushGroup, 1);
          group->folder_id = item->server_folder_id;
          group->uidvalidity = item->uidvalidity;
          group->items = g_ptr_array_new ();
          g_ptr_array_add (groups, group);
        }
      g_ptr_array_add (group->items, item);
    }
  return groups;
}

static gboolean
push_to_server (SyncPush             *push,
                const SyncPushGroup  *group,
                GError              **error)
{
  g_autoptr(StoreFolder) source = NULL;

  if (push->target_raw == NULL)
    {
      sync_push_put_back (push, SYNC_PUSH_NEXT_ROUND, "The folder is not on the server yet");
      return TRUE;
    }
  /* An upload that has a server copy was confirmed in mail.db by a try whose program died before it noted
   * that. */
  if (group->folder_id == 0 || push->change->kind == STORE_CHANGE_APPEND)
    return sync_push_upload (push, group, error);
  if ((source = store_folders_get (push->context->store, group->folder_id, error)) == NULL)
    return FALSE;
  return source->account_id == push->context->account->id ? sync_push_move (push, group, error)
                                                          : sync_push_upload (push, group, error);
}

static gboolean
push_to_target (SyncPush             *push,
                const SyncPushGroup  *group,
                GError              **error)
{
  switch (push->to)
    {
    case SYNC_PUSH_TO_SERVER:
      return push_to_server (push, group, error);
    case SYNC_PUSH_TO_HERE:
      return sync_push_here (push, group, error);
    case SYNC_PUSH_TO_OTHER:
      sync_push_fail (push, group->items,
                      "Mail cannot be moved from one account's server to another's; copy it, then delete it");
      return sync_push_note (push, error);
    case SYNC_PUSH_TO_NOWHERE:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
push_group (SyncPush             *push,
            const SyncPushGroup  *group,
            GError              **error)
{
  switch (push->change->kind)
    {
    case STORE_CHANGE_FLAG:
      return sync_push_flags (push, group, error);
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
      return push_to_target (push, group, error);
    case STORE_CHANGE_DELETE:
      return sync_push_delete (push, group, error);
    case STORE_CHANGE_APPEND:
      return push_to_server (push, group, error);
    case STORE_CHANGE_PIN:
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
push_items (SyncPush  *push,
            GError   **error)
{
  gint64 from = 0;

  for (;;)
    {
      g_autoptr(GPtrArray) items = store_changes_list_items (push->context->store, push->change->id, from,
                                                             ITEMS_AT_ONCE, error);
      g_autoptr(GPtrArray) groups = NULL;

      if (items == NULL)
        return FALSE;
      groups = dup_groups (items, &push->n_failed);
      for (guint i = 0; i < groups->len; i++)
        if (!push_group (push, groups->pdata[i], error))
          return FALSE;
      if (items->len < ITEMS_AT_ONCE)
        return TRUE;
      from = ((StoreChangeItem *) items->pdata[items->len - 1])->position + 1;
    }
}

static gboolean
push_all (SyncPush  *push,
          GError   **error)
{
  switch (push->change->kind)
    {
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      return sync_push_folder (push, error);
    case STORE_CHANGE_FLAG:
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_PIN:
      return push_items (push, error);
    }
  g_assert_not_reached ();
}

/* --- one change ----------------------------------------------------------------------------------------- */

static char *
dup_what (const StoreChange *change)
{
  return g_strdup_printf ("Change %" G_GINT64_FORMAT " (%s)", change->id,
                          store_change_kind_to_string (change->kind));
}

static gboolean
end_badly (SyncPush  *push,
           GError   **error)
{
  StoreChangeNews news = { .problem_text = push->problem, .server_words = push->server_words };
  g_autofree char *what = dup_what (push->change);

  sync_summary_fail (push->context->summary, what,
                     g_error_new_literal (STORE_ERROR, STORE_ERROR_FAILED, push->problem != NULL
                                          ? push->problem : "Refused"));
  return store_changes_set_state (push->context->store, push->change->id, STORE_CHANGE_STATE_FAILED, &news,
                                  error);
}

static gboolean
end_change (SyncPush  *push,
            GError   **error)
{
  const StoreChange *change = push->change;
  StoreChangeNews news = { .problem_text = push->problem, .server_words = push->server_words };

  if (push->is_put_back && change->tries < TRIES_MAX)
    {
      if (!push->waits_for_pass)
        news.next_try_at = base_clock_now () + ((gint64) FIRST_WAIT_S << change->tries);
      return store_changes_set_state (push->context->store, change->id, STORE_CHANGE_STATE_ACCEPTED, &news,
                                      error);
    }
  if (push->is_put_back || push->n_failed > 0)
    return end_badly (push, error);
  return store_changes_set_state (push->context->store, change->id, STORE_CHANGE_STATE_DONE, NULL, error);
}

static void
push_clear (SyncPush *push)
{
  g_clear_pointer (&push->target, store_folder_free);
  g_clear_pointer (&push->target_raw, g_free);
  g_clear_pointer (&push->results, g_array_unref);
  g_clear_pointer (&push->words, g_string_chunk_free);
  g_clear_pointer (&push->box, session_imap_box_free);
  g_clear_pointer (&push->problem, g_free);
  g_clear_pointer (&push->server_words, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SyncPush, push_clear)

static gboolean
find_target (SyncPush  *push,
             GError   **error)
{
  StoreFolder *target;
  g_autoptr(StoreAccount) account = NULL;

  if (push->change->folder_id == 0)
    return TRUE;
  if ((target = push->target = store_folders_get (push->context->store, push->change->folder_id,
                                                  error)) == NULL)
    return FALSE;
  push->to = target->account_id == push->context->account->id ? SYNC_PUSH_TO_SERVER : SYNC_PUSH_TO_HERE;
  if (push->to == SYNC_PUSH_TO_SERVER && target->raw_name != NULL)
    push->target_raw = base_slice_dup_string (base_slice_from_bytes (target->raw_name));
  if (push->to == SYNC_PUSH_TO_SERVER || target->account_id == STORE_ACCOUNT_LOCAL)
    return TRUE;
  if ((account = store_accounts_get (push->context->store, target->account_id, error)) == NULL)
    return FALSE;
  if (account->protocol == STORE_PROTOCOL_IMAP)
    push->to = SYNC_PUSH_TO_OTHER;
  return TRUE;
}

/* Somebody may have cancelled it since it was listed. */
static gboolean
begin_change (SyncContext        *context,
              const StoreChange  *change,
              gboolean           *is_begun,
              GError            **error)
{
  g_autoptr(GError) failure = NULL;

  *is_begun = store_changes_set_state (context->store, change->id, STORE_CHANGE_STATE_RUNNING, NULL,
                                       &failure);
  if (*is_begun || g_error_matches (failure, STORE_ERROR, STORE_ERROR_STATE))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* It must not hold up the others: a folder that cannot be looked into, or one that is gone here. */
static gboolean
is_trouble_of_change (const GError *failure)
{
  return g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO)
         || g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_BAD)
         || g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_UNSUPPORTED)
         || g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

/* box: of the selected folder; for the next change as this one leaves it. */
static gboolean
push_change (SyncContext      *context,
             gint64            id,
             SessionImapBox  **box,
             GError          **error)
{
  g_autoptr(StoreChange) change = store_changes_get (context->store, id, error);
  g_auto(SyncPush) push = { .context = context, .change = change };
  g_autoptr(GError) failure = NULL;
  gboolean is_begun, is_done;

  if (change == NULL || !begin_change (context, change, &is_begun, error))
    return FALSE;
  if (!is_begun)
    return TRUE;
  push.box = g_steal_pointer (box);
  push.results = g_array_new (FALSE, FALSE, sizeof (StoreItemResult));
  push.words = g_string_chunk_new (256);
  is_done = find_target (&push, &failure) && push_all (&push, &failure);
  *box = g_steal_pointer (&push.box);
  if (is_done)
    return end_change (&push, error);
  if (is_trouble_of_change (failure))
    {
      sync_push_put_back (&push, SYNC_PUSH_LATER, failure->message);
      return end_change (&push, error);
    }
  store_changes_set_state (context->store, id, STORE_CHANGE_STATE_UNKNOWN, NULL, NULL);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- all of them ---------------------------------------------------------------------------------------- */

/* Each once; n_done: how many were looked at. */
static gboolean
push_due (SyncContext  *context,
          GHashTable   *seen,
          guint        *n_done,
          GError      **error)
{
  g_autoptr(SessionImapBox) box = NULL;
  g_autoptr(GArray) due = store_changes_list_due (context->store, context->account->id, base_clock_now (),
                                                  error);

  *n_done = 0;
  for (guint i = 0; due != NULL && i < due->len && !sync_context_should_yield (context); i++)
    {
      gint64 id = g_array_index (due, gint64, i);

      if (!g_hash_table_add (seen, g_memdup2 (&id, sizeof id)))
        continue;
      if (!push_change (context, id, &box, error))
        return FALSE;
      (*n_done)++;
    }
  return due != NULL;
}

/* What depends on a change becomes due when that is done. */
gboolean
sync_push (SyncContext  *context,
           GError      **error)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n_failed = context->summary->failed->len, n_done;

  if (!sync_push_accept (context, error) || !recover (context, error))
    return FALSE;
  do
    if (!push_due (context, seen, &n_done, error))
      return FALSE;
  while (n_done > 0);
  return context->summary->failed->len == n_failed || sync_push_accept (context, error);
}
