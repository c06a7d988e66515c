/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that takes changes back: cancels what has not begun, and records the opposite of the
 * rest. */
#include "store/changes-private.h"

/* Locations that the same wish takes back. */
typedef struct {
  StoreWish  wish;
  char     **keywords_add;              /* the wish's own */
  char     **keywords_remove;
  GArray    *location_ids;              /* of gint64 */
} Opposite;

static void
opposite_free (gpointer data)
{
  Opposite *opposite = data;

  g_strfreev (opposite->keywords_add);
  g_strfreev (opposite->keywords_remove);
  g_array_unref (opposite->location_ids);
  g_free (opposite);
}

/* Those of names that keywords has, or has not. */
static char **
pick_keywords (char **names,
               char **keywords,
               gboolean has)
{
  g_autoptr(GStrvBuilder) picked = g_strv_builder_new ();

  for (guint i = 0; names[i] != NULL; i++)
    if (store_keywords_contain ((const char *const *) keywords, names[i]) == has)
      g_strv_builder_add (picked, names[i]);
  return g_strv_builder_end (picked);
}

static gboolean
is_same_wish (const Opposite *a,
              const Opposite *b)
{
  return a->wish.kind == b->wish.kind && a->wish.flags_add == b->wish.flags_add
    && a->wish.flags_remove == b->wish.flags_remove && a->wish.folder_id == b->wish.folder_id
    && g_strv_equal ((const char *const *) a->keywords_add, (const char *const *) b->keywords_add)
    && g_strv_equal ((const char *const *) a->keywords_remove, (const char *const *) b->keywords_remove);
}

/* Takes opposite. */
static void
add_opposite (GPtrArray *opposites,
              Opposite  *opposite,
              gint64     location_id)
{
  for (guint i = 0; i < opposites->len; i++)
    {
      Opposite *known = opposites->pdata[i];

      if (!is_same_wish (known, opposite))
        continue;
      g_array_append_val (known->location_ids, location_id);
      opposite_free (opposite);
      return;
    }
  opposite->wish.keywords_add = (const char *const *) opposite->keywords_add;
  opposite->wish.keywords_remove = (const char *const *) opposite->keywords_remove;
  g_array_append_val (opposite->location_ids, location_id);
  g_ptr_array_add (opposites, opposite);
}

static Opposite *
opposite_new (StoreChangeKind kind)
{
  Opposite *opposite = g_new0 (Opposite, 1);

  opposite->wish.kind = kind;
  opposite->keywords_add = g_new0 (char *, 1);
  opposite->keywords_remove = g_new0 (char *, 1);
  opposite->location_ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  return opposite;
}

/* Only what the change really changed: a message that was read before stays read. */
static Opposite *
opposite_of_flags (const StoreChange     *change,
                   const StoreChangeItem *item)
{
  Opposite *opposite = opposite_new (STORE_CHANGE_FLAG);

  opposite->wish.flags_add = change->flags_remove & item->flags_before;
  opposite->wish.flags_remove = change->flags_add & ~item->flags_before;
  g_strfreev (opposite->keywords_add);
  opposite->keywords_add = pick_keywords (change->keywords_remove, item->keywords_before, TRUE);
  g_strfreev (opposite->keywords_remove);
  opposite->keywords_remove = pick_keywords (change->keywords_add, item->keywords_before, FALSE);
  return opposite;
}

static gboolean
add_item (StoreRecording         *recording,
          GPtrArray              *opposites,
          const StoreChange      *change,
          const StoreChangeItem  *item,
          GError                **error)
{
  Opposite *opposite;

  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      add_opposite (opposites, opposite_of_flags (change, item), item->location_id);
      return TRUE;
    case STORE_CHANGE_MOVE:
      opposite = opposite_new (STORE_CHANGE_MOVE);
      opposite->wish.folder_id = item->folder_id;
      add_opposite (opposites, opposite, item->location_id);
      return TRUE;
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_APPEND:
      opposite = opposite_new (STORE_CHANGE_DELETE);
      opposite->wish.how = STORE_DELETE_FOR_GOOD;
      add_opposite (opposites, opposite, item->result_location != 0
                    ? item->result_location : item->location_id);
      return TRUE;
    case STORE_CHANGE_DELETE:
      return store_recording_add_restore (recording, change, item, error);
    case STORE_CHANGE_PIN:
      opposite = opposite_new (STORE_CHANGE_PIN);
      opposite->wish.flags_add = item->was_pinned;
      opposite->wish.flags_remove = !item->was_pinned;
      add_opposite (opposites, opposite, item->location_id);
      return TRUE;
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      return TRUE;
    }
  g_assert_not_reached ();
}

/* A copy whose place is not known yet has no opposite: its own location must never be taken for it. */
static gboolean
has_opposite (const StoreChange     *change,
              const StoreChangeItem *item)
{
  return item->state != STORE_ITEM_FAILED
         && (change->kind != STORE_CHANGE_COPY || item->result_location != 0);
}

static gboolean
add_items (StoreRecording     *recording,
           Store              *store,
           const StoreChange  *change,
           GError            **error)
{
  g_autoptr(GPtrArray) opposites = g_ptr_array_new_with_free_func (opposite_free);
  g_autoptr(StoreStatement) rows = store_change_items_query (store, change->id, 0, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      g_autoptr(StoreChangeItem) item = store_change_item_from_row (rows);

      if (has_opposite (change, item) && !add_item (recording, opposites, change, item, error))
        return FALSE;
    }
  if (!store_sql_end (rows, error))
    return FALSE;
  for (guint i = 0; i < opposites->len; i++)
    {
      const Opposite *opposite = opposites->pdata[i];

      if (!store_recording_add_wish (recording, &opposite->wish, change->id,
                                     (gint64 *) (gpointer) opposite->location_ids->data,
                                     opposite->location_ids->len, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
add_folder (StoreRecording     *recording,
            Store              *store,
            const StoreChange  *change,
            GError            **error)
{
  StoreWish wish = { .kind = STORE_CHANGE_FOLDER_RENAME, .folder_id = change->folder_id,
                     .path = change->path_before };
  g_autoptr(StoreFolder) made = NULL;

  if (change->kind == STORE_CHANGE_FOLDER_DELETE)
    return TRUE;
  if (change->kind == STORE_CHANGE_FOLDER_CREATE)
    {
      g_autoptr(GError) problem = NULL;

      wish.kind = STORE_CHANGE_FOLDER_DELETE;
      made = store_folders_find_path (store, change->account_id, change->path, &problem);
      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      if (made == NULL)
        return TRUE;
      wish.folder_id = made->id;
    }
  return store_recording_add_wish (recording, &wish, change->id, NULL, 0, error);
}

/* Whether that was enough. */
static gboolean
is_cancelled (Store             *store,
              const StoreChange *change)
{
  return change->state == STORE_CHANGE_STATE_CANCELLED
    || (store_change_may_become (change->state, STORE_CHANGE_STATE_CANCELLED)
        && store_changes_cancel (store, change->id, NULL));
}

/* Part of one that was put back may be done: cancelling reverts only the rest. */
static gboolean
has_done_items (Store              *store,
                const StoreChange  *change,
                gboolean           *has,
                GError            **error)
{
  gint64 n_done = 0;

  *has = FALSE;
  if (change->tries > 0
      && !store_sql_get_int (store_peek_desk (store), "SELECT count (*) FROM change_item WHERE change_id = ?"
                             " AND state = 'done'", BIND (INT (change->id)), 0, &n_done, error))
    return FALSE;
  *has = n_done > 0;
  return TRUE;
}

static gboolean
take_back (StoreRecording  *recording,
           Store           *store,
           gint64           id,
           GError         **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);
  gboolean has_done;

  if (change == NULL || !has_done_items (store, change, &has_done, error))
    return FALSE;
  if (!has_done && is_cancelled (store, change))
    return TRUE;
  switch (change->kind)
    {
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      return add_folder (recording, store, change, error);
    case STORE_CHANGE_FLAG:
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_PIN:
      return add_items (recording, store, change, error);
    }
  g_assert_not_reached ();
}

/* The newest first, so that each finds the state it left. */
GArray *
store_changes_undo (Store         *store,
                    const gint64  *ids,
                    gsize          n_ids,
                    GError       **error)
{
  g_autoptr(StoreTransaction) picture = store_begin_read (store, error);
  g_autoptr(StoreRecording) recording = picture != NULL ? store_recording_new (store, error) : NULL;

  if (recording == NULL)
    return NULL;
  for (gsize i = n_ids; i > 0; i--)
    if (!take_back (recording, store, ids[i - 1], error))
      return NULL;
  return store_recording_write (recording, error);
}
