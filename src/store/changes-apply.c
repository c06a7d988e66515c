/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that the writer of mail.db runs: accepting what is wanted, reverting what failed. */
#include "store/changes-private.h"

#include "base/clock.h"
#include "store/applied.h"

/* A missing folder fails the change as a whole; a missing location is only passed over. */
static gboolean
check_target (Store              *store,
              const StoreChange  *change,
              GError            **error)
{
  g_autoptr(StoreFolder) target = NULL;

  if (change->kind != STORE_CHANGE_MOVE && change->kind != STORE_CHANGE_COPY)
    return TRUE;
  return (target = store_folders_get (store, change->folder_id, error)) != NULL;
}

static gboolean
is_folder_kind (StoreChangeKind kind)
{
  return kind == STORE_CHANGE_FOLDER_CREATE || kind == STORE_CHANGE_FOLDER_RENAME
         || kind == STORE_CHANGE_FOLDER_DELETE;
}

/* --- whole changes -------------------------------------------------------------------------------------- */

typedef gboolean (* ItemWork) (Store                  *store,
                               const StoreChange      *change,
                               const StoreChangeItem  *item,
                               GError                **error);

/* What the server did already stays done. */
static gboolean
each_open_item (Store              *store,
                const StoreChange  *change,
                ItemWork            work,
                GError            **error)
{
  g_autoptr(StoreStatement) rows = store_change_items_query (store, change->id, 0, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      g_autoptr(StoreChangeItem) item = store_change_item_from_row (rows);

      if (item->state != STORE_ITEM_DONE && !work (store, change, item, error))
        return FALSE;
    }
  return store_sql_end (rows, error);
}

gboolean
store_changes_apply (Store   *store,
                     gint64   id,
                     GError **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  switch (store_applied_get (store, id, error))
    {
    case STORE_CHANGE_UNKNOWN:
      return FALSE;
    case STORE_CHANGE_WAS_APPLIED:
      return TRUE;
    case STORE_CHANGE_IS_NEW:
      break;
    }
  if (change->state != STORE_CHANGE_STATE_WANTED)
    return TRUE;
  return check_target (store, change, error) && store_applied_add (store, id, error)
    && (is_folder_kind (change->kind) ? store_change_apply_folder (store, change, error)
                                      : each_open_item (store, change, store_change_apply_item, error));
}

gboolean
store_changes_revert (Store   *store,
                      gint64   id,
                      GError **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  switch (store_applied_get (store, id, error))
    {
    case STORE_CHANGE_UNKNOWN:
      return FALSE;
    case STORE_CHANGE_IS_NEW:
      return TRUE;
    case STORE_CHANGE_WAS_APPLIED:
      break;
    }
  if (change->state != STORE_CHANGE_STATE_FAILED && change->state != STORE_CHANGE_STATE_CANCELLED)
    return TRUE;
  return (is_folder_kind (change->kind) ? store_change_revert_folder (store, change, error)
                                        : each_open_item (store, change, store_change_revert_item, error))
    && store_applied_remove (store, id, error);
}

/* --- marking -------------------------------------------------------------------------------------------- */

static gboolean
note_made_locations (Store   *store,
                     gint64   id,
                     GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
                                                    "SELECT position, location_id FROM "
                                                    "applied_location WHERE change_id = ?", BIND (INT (id)),
                                                    error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (!store_sql_run (store_peek_desk (store),
                        "UPDATE change_item SET result_location = ? WHERE change_id = ?"
                        " AND position = ?",
                        BIND (INT (store_sql_int (rows, 1)), INT (id), INT (store_sql_int (rows, 0))), error))
      return FALSE;
  return store_sql_end (rows, error);
}

/* Whoever cancelled it meanwhile has it reverted next. */
static gboolean
mark_accepted (Store     *store,
               gpointer   data,
               GError   **error)
{
  gint64 id = *(gint64 *) data;
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  if (!note_made_locations (store, id, error))
    return FALSE;
  return change->state != STORE_CHANGE_STATE_WANTED
    || store_changes_become (store, id, change->is_local
                             ? STORE_CHANGE_STATE_DONE : STORE_CHANGE_STATE_ACCEPTED, NULL,
                             error);
}

gboolean
store_changes_mark_accepted (Store   *store,
                             gint64   id,
                             GError **error)
{
  return store_desk_write (store, mark_accepted, &id, error);
}

gboolean
store_changes_mark_reverted (Store   *store,
                             gint64   id,
                             GError **error)
{
  return store_desk_run (store, "UPDATE change SET ended_at = ?, rev = " DESK_REV " WHERE id = ? AND"
                         " ended_at IS NULL"
                         " AND state IN ('failed', 'cancelled')", BIND (INT (base_clock_now ()), INT (id)),
                         NULL, error);
}

/* --- catching up ---------------------------------------------------------------------------------------- */

static gboolean
in_transaction (Store     *store,
                gint64     id,
                gboolean (*work) (Store *, gint64, GError **),
                GError   **error)
{
  g_autoptr(StoreTransaction) transaction = store_begin (store, error);

  return transaction != NULL && work (store, id, error)
         && store_commit (g_steal_pointer (&transaction), error);
}

static gboolean
in_roomy_transaction (Store     *store,
                      gint64     id,
                      gboolean (*work) (Store *, gint64, GError **),
                      GError   **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 n_items, usual_kib;
  gboolean is_done;

  if (!store_sql_get_int (store_peek_desk (store),
                          "SELECT max (position) FROM change_item WHERE change_id = ?",
                          BIND (INT (id)), 0, &n_items, error))
    return FALSE;
  if (n_items < STORE_CHANGE_MANY)
    return in_transaction (store, id, work, error);
  usual_kib = store_db_set_cache (mail, STORE_CHANGE_CACHE_KIB);
  is_done = in_transaction (store, id, work, error);
  store_db_set_cache (mail, usual_kib);
  return is_done;
}

/* The store itself is in trouble: no fault of the change. */
static gboolean
is_trouble_of_store (const GError *error)
{
  return error->domain != STORE_ERROR
    || (error->code != STORE_ERROR_FAILED && error->code != STORE_ERROR_NOT_FOUND
        && error->code != STORE_ERROR_STATE);
}

/* What cannot be accepted (its folder is gone) must not hold up what comes after it. */
static gboolean
accept (Store   *store,
        gint64   id,
        GError **error)
{
  g_autoptr(GError) problem = NULL;
  StoreChangeNews news;

  if (in_roomy_transaction (store, id, store_changes_apply, &problem))
    return store_changes_mark_accepted (store, id, error);
  if (is_trouble_of_store (problem))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  g_warning ("Change %" G_GINT64_FORMAT " cannot be accepted: %s", id, problem->message);
  news = (StoreChangeNews) { .problem_text = problem->message };
  return store_changes_set_state (store, id, STORE_CHANGE_STATE_FAILED, &news, error);
}

static gboolean
take_back (Store   *store,
           gint64   id,
           GError **error)
{
  return in_roomy_transaction (store, id, store_changes_revert, error)
         && store_changes_mark_reverted (store, id, error);
}

/* The newest are reverted first, so that each finds the state it left. */
gboolean
store_changes_catch_up (Store   *store,
                        guint   *n_changed,
                        GError **error)
{
  StoreDb *desk = store_peek_desk (store);
  g_autoptr(GArray) to_revert = store_sql_list_ints (desk, "SELECT id FROM change WHERE " STORE_CHANGE_IS_OPEN
                                                     " AND ended_at IS NULL AND state IN ('failed',"
                                                     " 'cancelled')"
                                                     " ORDER BY id DESC", NULL, error);
  g_autoptr(GArray) wanted = NULL;

  if (n_changed != NULL)
    *n_changed = 0;
  if (to_revert == NULL)
    return FALSE;
  for (guint i = 0; i < to_revert->len; i++)
    if (!take_back (store, g_array_index (to_revert, gint64, i), error))
      return FALSE;

  wanted = store_sql_list_ints (desk,
                                "SELECT id FROM change WHERE " STORE_CHANGE_IS_OPEN " AND state = 'wanted'"
                                " ORDER BY id", NULL, error);
  if (wanted == NULL)
    return FALSE;
  for (guint i = 0; i < wanted->len; i++)
    if (!accept (store, g_array_index (wanted, gint64, i), error))
      return FALSE;
  if (n_changed != NULL)
    *n_changed = to_revert->len + wanted->len;
  return TRUE;
}
