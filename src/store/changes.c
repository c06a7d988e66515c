/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/changes-private.h"

#include "base/clock.h"
#include "store/applied.h"

#include <string.h>

static const char * const kind_words[] = {
  "flag", "move", "copy", "delete", "append", "folder-create", "folder-rename", "folder-delete", "pin",
};
static const char * const state_words[STORE_N_CHANGE_STATES] = {
  "wanted", "accepted", "running", "done", "failed", "unknown", "cancelled",
};
static const char * const item_words[] = { "open", "sent", "done", "failed" };

#define TO(state) (1u << STORE_CHANGE_STATE_##state)

static const guint transitions[STORE_N_CHANGE_STATES] = {
  [STORE_CHANGE_STATE_WANTED]    = TO (ACCEPTED) | TO (DONE) | TO (FAILED) | TO (CANCELLED),
  [STORE_CHANGE_STATE_ACCEPTED]  = TO (RUNNING) | TO (DONE) | TO (FAILED) | TO (CANCELLED),
  [STORE_CHANGE_STATE_RUNNING]   = TO (DONE) | TO (FAILED) | TO (UNKNOWN) | TO (ACCEPTED),
  [STORE_CHANGE_STATE_DONE]      = 0,
  [STORE_CHANGE_STATE_FAILED]    = TO (WANTED) | TO (CANCELLED),
  [STORE_CHANGE_STATE_UNKNOWN]   = TO (RUNNING) | TO (DONE) | TO (FAILED),
  [STORE_CHANGE_STATE_CANCELLED] = 0,
};

const char *
store_change_kind_to_string (StoreChangeKind kind)
{
  return kind_words[kind];
}

const char *
store_change_state_to_string (StoreChangeState state)
{
  return state_words[state];
}

const char *
store_item_state_to_string (StoreItemState state)
{
  return item_words[state];
}

gboolean
store_change_may_become (StoreChangeState from,
                         StoreChangeState to)
{
  return (transitions[from] & (1u << to)) != 0;
}

/* --- keywords ------------------------------------------------------------------------------------------- */

char **
store_keywords_split (const char *joined)
{
  return g_strsplit (joined != NULL ? joined : "", " ", -1);
}

char *
store_keywords_join (const char *const *keywords)
{
  return keywords != NULL && keywords[0] != NULL ? g_strjoinv (" ", (char **) keywords) : NULL;
}

/* As IMAP compares them. */
gboolean
store_keywords_contain (const char *const *keywords,
                        const char        *keyword)
{
  for (guint i = 0; keywords != NULL && keywords[i] != NULL; i++)
    if (g_ascii_strcasecmp (keywords[i], keyword) == 0)
      return TRUE;
  return FALSE;
}

/* --- reading changes ------------------------------------------------------------------------------------ */

#define SELECT_CHANGE \
  "SELECT id, account_id, kind, state, is_local, flags_add, flags_remove, keywords_add, keywords_remove, " \
  "folder_id, folder_raw, name, name_before, depends_on, undoes, created_at, tries, next_try_at, " \
  "ended_at, problem_text, " \
  "server_words, rev, (SELECT max (position) + 1 FROM change_item WHERE change_id = change.id), " \
  "(SELECT message_id FROM change_item WHERE change_id = change.id ORDER BY position LIMIT 1) FROM change "

void
store_change_free (StoreChange *change)
{
  if (change == NULL)
    return;
  g_strfreev (change->keywords_add);
  g_strfreev (change->keywords_remove);
  g_clear_pointer (&change->folder_raw, g_bytes_unref);
  g_free (change->path);
  g_free (change->path_before);
  g_free (change->problem_text);
  g_free (change->server_words);
  g_free (change->subject);
  g_free (change);
}

/* A word of a newer version: nothing is done about such a change but to show it. */
static StoreChange *
read_change (StoreStatement *rows)
{
  StoreChange *change = g_new0 (StoreChange, 1);
  int kind = STORE_WORDS_FIND (kind_words, store_sql_text (rows, 2));
  int state = STORE_WORDS_FIND (state_words, store_sql_text (rows, 3));

  change->id = store_sql_int (rows, 0);
  change->account_id = store_sql_int (rows, 1);
  change->kind = kind < 0 ? STORE_CHANGE_FLAG : (StoreChangeKind) kind;
  change->state = kind < 0 || state < 0 ? STORE_CHANGE_STATE_FAILED : (StoreChangeState) state;
  change->is_local = store_sql_int (rows, 4) != 0;
  change->flags_add = (guint) store_sql_int (rows, 5);
  change->flags_remove = (guint) store_sql_int (rows, 6);
  change->keywords_add = store_keywords_split (store_sql_text (rows, 7));
  change->keywords_remove = store_keywords_split (store_sql_text (rows, 8));
  change->folder_id = store_sql_int (rows, 9);
  change->folder_raw = store_sql_dup_bytes (rows, 10);
  change->path = store_sql_dup_text (rows, 11);
  change->path_before = store_sql_dup_text (rows, 12);
  change->depends_on = store_sql_int (rows, 13);
  change->undoes = store_sql_int (rows, 14);
  change->created_at = store_sql_int (rows, 15);
  change->tries = (guint) store_sql_int (rows, 16);
  change->next_try_at = store_sql_int (rows, 17);
  change->ended_at = store_sql_int (rows, 18);
  change->problem_text = store_sql_dup_text (rows, 19);
  change->server_words = store_sql_dup_text (rows, 20);
  change->rev = store_sql_int (rows, 21);
  change->n_items = (gsize) store_sql_int (rows, 22);
  change->first_message_id = store_sql_int (rows, 23);
  return change;
}

static gboolean
add_subject (Store        *store,
             StoreChange  *change,
             GError      **error)
{
  g_autoptr(StoreStatement) rows = NULL;

  if (change->n_items != 1)
    return TRUE;
  rows = store_sql_query (store_peek_mail (store), "SELECT subject FROM message WHERE id = ?",
                          BIND (INT (change->first_message_id)), error);
  if (rows == NULL)
    return FALSE;
  if (!store_sql_next (rows))
    return store_sql_end (rows, error);
  change->subject = store_desk_dup_text (rows, 0);
  return TRUE;
}

static GPtrArray *
list_changes (Store             *store,
              const char        *sql,
              const StoreValue  *values,
              GError           **error)
{
  g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func ((GDestroyNotify) store_change_free);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), sql, values, error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      g_ptr_array_add (changes, read_change (rows));
      if (!add_subject (store, changes->pdata[changes->len - 1], error))
        return NULL;
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&changes) : NULL;
}

StoreChange *
store_changes_read (Store   *store,
                    gint64   id,
                    GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), SELECT_CHANGE "WHERE id = ?",
                                                    BIND (INT (id)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_change (rows);
  if (store_sql_end (rows, error))
    store_sql_set_missing (error, "change", id);
  return NULL;
}

StoreChange *
store_changes_get (Store   *store,
                   gint64   id,
                   GError **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  return change != NULL && add_subject (store, change, error) ? g_steal_pointer (&change) : NULL;
}

GPtrArray *
store_changes_list (Store            *store,
                    StoreChangeList   which,
                    gint64            account_id,
                    gint64            since,
                    GError          **error)
{
  switch (which)
    {
    case STORE_CHANGES_WAITING:
      return list_changes (store,
                           SELECT_CHANGE "WHERE " STORE_CHANGE_IS_OPEN " AND (?1 = -1 OR account_id = ?1)"
                           " AND state IN ('wanted', 'accepted', 'running', 'unknown')"
                           " AND is_local = 0 ORDER BY id",
                           BIND (INT (account_id)), error);
    case STORE_CHANGES_ATTENTION:
      return list_changes (store,
                           SELECT_CHANGE "WHERE " STORE_CHANGE_IS_OPEN " AND (?1 = -1 OR account_id = ?1)"
                           " AND state = 'failed' ORDER BY id", BIND (INT (account_id)), error);
    case STORE_CHANGES_DONE:
      return list_changes (store, SELECT_CHANGE "WHERE ended_at IS NOT NULL AND ended_at >= ?2"
                           " AND (?1 = -1 OR account_id = ?1) AND state = 'done' AND is_local = 0"
                           " ORDER BY ended_at DESC, id DESC", BIND (INT (account_id), INT (since)), error);
    }
  g_assert_not_reached ();
}

GPtrArray *
store_changes_list_since (Store   *store,
                          gint64   rev,
                          GError **error)
{
  return list_changes (store, SELECT_CHANGE "WHERE rev > ? ORDER BY rev, id", BIND (INT (rev)), error);
}

/* --- reading items -------------------------------------------------------------------------------------- */

void
store_change_item_free (StoreChangeItem *item)
{
  if (item == NULL)
    return;
  g_strfreev (item->keywords_before);
  g_clear_pointer (&item->uidl, g_bytes_unref);
  g_free (item->server_words);
  g_free (item);
}

StoreStatement *
store_change_items_query (Store   *store,
                          gint64   id,
                          gint64   from_position,
                          GError **error)
{
  return store_sql_query (store_peek_desk (store),
                          "SELECT position, location_id, message_id, folder_id, flags_before, "
                          "keywords_before, pinned_before, target_uidnext, result_location, "
                          "result_uidvalidity, result_uid, "
                          "state, server_words FROM change_item WHERE change_id = ?"
                          " AND position >= ? ORDER BY position",
                          BIND (INT (id), INT (from_position)), error);
}

StoreChangeItem *
store_change_item_from_row (StoreStatement *rows)
{
  StoreChangeItem *item = g_new0 (StoreChangeItem, 1);
  int state = STORE_WORDS_FIND (item_words, store_sql_text (rows, 11));

  item->position = store_sql_int (rows, 0);
  item->location_id = store_sql_int (rows, 1);
  item->message_id = store_sql_int (rows, 2);
  item->folder_id = store_sql_int (rows, 3);
  item->flags_before = (guint) store_sql_int (rows, 4);
  item->keywords_before = store_keywords_split (store_sql_text (rows, 5));
  item->was_pinned = store_sql_int (rows, 6) != 0;
  item->target_uidnext = store_sql_int_or (rows, 7, -1);
  item->result_location = store_sql_int (rows, 8);
  item->result_uidvalidity = (guint32) store_sql_int (rows, 9);
  item->result_uid = (guint32) store_sql_int (rows, 10);
  item->state = state < 0 ? STORE_ITEM_FAILED : (StoreItemState) state;
  item->server_words = store_sql_dup_text (rows, 12);
  return item;
}

/* A location that ended has left its server side in its tombstone. */
gboolean
store_change_item_resolve (Store            *store,
                           StoreChangeItem  *item,
                           GError          **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT iif (on_server, coalesce (server_folder, folder_id), 0), uidvalidity, uid, uidl, occurrence"
    " FROM location"
    " WHERE id = ?1 UNION ALL "
    "SELECT iif (on_server, coalesce (server_folder, folder_id), 0), uidvalidity, uid, uidl, occurrence"
    " FROM tombstone"
    " WHERE location_id = ?1", BIND (INT (item->location_id)), error);

  if (rows == NULL)
    return FALSE;
  if (!store_sql_next (rows))
    return store_sql_end (rows, error);
  if ((item->server_folder_id = store_sql_int (rows, 0)) == 0)
    return TRUE;
  item->uidvalidity = (guint32) store_sql_int (rows, 1);
  item->uid = (guint32) store_sql_int (rows, 2);
  item->uidl = store_sql_dup_bytes (rows, 3);
  item->occurrence = (guint) store_sql_int (rows, 4);
  return TRUE;
}

GPtrArray *
store_changes_list_items (Store   *store,
                          gint64   id,
                          gint64   from_position,
                          guint    limit,
                          GError **error)
{
  g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) store_change_item_free);
  g_autoptr(StoreStatement) rows = store_change_items_query (store, id, from_position, error);

  if (rows == NULL)
    return NULL;
  while (items->len < limit && store_sql_next (rows))
    {
      g_ptr_array_add (items, store_change_item_from_row (rows));
      if (!store_change_item_resolve (store, items->pdata[items->len - 1], error))
        return NULL;
    }
  return items->len == limit || store_sql_end (rows, error) ? g_steal_pointer (&items) : NULL;
}

/* --- the one setter ------------------------------------------------------------------------------------- */

/* A failed or cancelled change has ended only when its effect was reverted. */
gboolean
store_changes_become (Store                  *store,
                      gint64                  id,
                      StoreChangeState        to,
                      const StoreChangeNews  *news,
                      GError                **error)
{
  static const StoreChangeNews no_news = { 0 };
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);
  gboolean is_put_back;

  if (change == NULL)
    return FALSE;
  if (!store_change_may_become (change->state, to))
    return store_desk_set_state_error (error, "change", id, state_words[change->state], state_words[to]);
  if (news == NULL)
    news = &no_news;

  g_info ("Change %" G_GINT64_FORMAT " (%s): %s -> %s", id, kind_words[change->kind],
          state_words[change->state], state_words[to]);
  is_put_back = change->state == STORE_CHANGE_STATE_RUNNING && to == STORE_CHANGE_STATE_ACCEPTED;
  /* A failed change that was reverted already stays so when it is only put aside. */
  return store_sql_run (store_peek_desk (store),
                        "UPDATE change SET state = ?1, tries = tries + ?2, next_try_at = ?3, "
                        "problem_text = ?4, server_words = ?5, "
                        "ended_at = CASE ?1 WHEN 'done' THEN ?6 WHEN 'cancelled' THEN ended_at ELSE NULL "
                        "END, "
                        "rev = " DESK_REV " WHERE id = ?7",
                        BIND (TEXT (state_words[to]), INT (is_put_back), INT_UNLESS (0, news->next_try_at),
                              TEXT (news->problem_text), TEXT (news->server_words), INT (base_clock_now ()),
                              INT (id)),
                        error);
}

typedef struct {
  gint64                 id;
  StoreChangeState       to;
  const StoreChangeNews *news;
} Setting;

static gboolean
set_state (Store     *store,
           gpointer   data,
           GError   **error)
{
  const Setting *setting = data;

  return store_changes_become (store, setting->id, setting->to, setting->news, error);
}

gboolean
store_changes_set_state (Store                  *store,
                         gint64                  id,
                         StoreChangeState        to,
                         const StoreChangeNews  *news,
                         GError                **error)
{
  Setting setting = { id, to, news };

  return store_desk_write (store, set_state, &setting, error);
}

gboolean
store_changes_cancel (Store   *store,
                      gint64   id,
                      GError **error)
{
  return store_changes_set_state (store, id, STORE_CHANGE_STATE_CANCELLED, NULL, error);
}

static gboolean
retry (Store     *store,
       gpointer   data,
       GError   **error)
{
  gint64 id = *(gint64 *) data;
  StoreDb *db = store_peek_desk (store);
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  if (change->state == STORE_CHANGE_STATE_ACCEPTED || change->state == STORE_CHANGE_STATE_UNKNOWN)
    return store_sql_run (db, "UPDATE change SET next_try_at = NULL, rev = " DESK_REV " WHERE id = ?",
                          BIND (INT (id)), error);
  return store_changes_become (store, id, STORE_CHANGE_STATE_WANTED, NULL, error)
    && store_sql_run (db, "UPDATE change_item SET state = 'open', server_words = NULL WHERE change_id = ?"
                      " AND state IN ('failed', 'sent')", BIND (INT (id)), error);
}

gboolean
store_changes_retry (Store   *store,
                     gint64   id,
                     GError **error)
{
  return store_desk_write (store, retry, &id, error);
}

gint
store_changes_recover (Store   *store,
                       GError **error)
{
  gint64 n_changed;

  if (!store_desk_run (store,
                       "UPDATE change SET state = 'unknown', rev = " DESK_REV " WHERE " STORE_CHANGE_IS_OPEN
                       " AND state = 'running'", NULL, &n_changed, error))
    return -1;
  return (gint) n_changed;
}

/* --- lanes ---------------------------------------------------------------------------------------------- */

/* What it depends on has ended in one way or another, and if badly, was reverted. */
#define IS_READY \
  "state IN ('accepted', 'unknown') AND NOT EXISTS (SELECT 1 FROM change d WHERE d.id = change.depends_on" \
  " AND d.ended_at IS NULL)"

GArray *
store_changes_list_due (Store   *store,
                        gint64   account_id,
                        gint64   now,
                        GError **error)
{
  return store_sql_list_ints (store_peek_desk (store), "SELECT id FROM change WHERE " STORE_CHANGE_IS_OPEN
                              " AND account_id = ?1 AND " IS_READY " AND coalesce (next_try_at, 0) <= ?2"
                              " ORDER BY id",
                              BIND (INT (account_id), INT (now)), error);
}

gint64
store_changes_get_next_time (Store   *store,
                             gint64   account_id,
                             GError **error)
{
  gint64 when;

  if (!store_sql_get_int (store_peek_desk (store),
                          "SELECT min (max (created_at, coalesce (next_try_at, 0))) FROM change"
                          " WHERE " STORE_CHANGE_IS_OPEN " AND (?1 = -1 OR account_id = ?1) AND " IS_READY,
                          BIND (INT (account_id)), 0, &when, error))
    return -1;
  return when;
}

static gboolean
forget_ended (Store   *store,
              GError **error)
{
  return store_desk_run (store, "DELETE FROM change WHERE ended_at IS NOT NULL AND ended_at < ?"
                         " AND state IN ('done', 'cancelled')",
                         BIND (INT (base_clock_now () - STORE_CHANGE_DAYS * 24 * 60 * 60)), NULL, error);
}

/* An id is needed in mail.db as long as its change could be applied, or reverted, again. */
gboolean
store_changes_sweep (Store   *store,
                     GError **error)
{
  g_autoptr(StoreTransaction) transaction = NULL;
  gint64 oldest;

  if (!forget_ended (store, error)
      || !store_sql_get_int (store_peek_desk (store), "SELECT coalesce ((SELECT min (id) FROM change WHERE "
                             STORE_CHANGE_IS_OPEN "), (SELECT seq + 1 FROM sqlite_sequence"
                             " WHERE name = 'change'))",
                             NULL, 0, &oldest, error))
    return FALSE;
  if ((transaction = store_begin (store, error)) == NULL || !store_applied_forget (store, oldest, error))
    return FALSE;
  return store_commit (g_steal_pointer (&transaction), error);
}
