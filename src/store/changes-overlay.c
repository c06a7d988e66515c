/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that windows lay over mail.db. */
#include "store/changes-private.h"

#include "store/applied.h"

typedef struct {
  gint64           location_id;
  StoreOverlayItem item;
} Entry;

struct _StoreOverlay {
  GHashTable *entries;                  /* gint64 -> Entry */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_strfreev (entry->item.keywords_add);
  g_strfreev (entry->item.keywords_remove);
  g_free (entry);
}

static Entry *
get_entry (StoreOverlay *overlay,
           gint64        location_id)
{
  Entry *entry = g_hash_table_lookup (overlay->entries, &location_id);

  if (entry != NULL)
    return entry;
  entry = g_new0 (Entry, 1);
  entry->location_id = location_id;
  entry->item.pinned = -1;
  g_hash_table_insert (overlay->entries, &entry->location_id, entry);
  return entry;
}

/* names without what is in but, and with what is in more; NULL for none.  Takes names. */
static char **
merge_keywords (char              **names,
                const char *const  *more,
                const char *const  *but)
{
  g_autoptr(GStrvBuilder) merged = g_strv_builder_new ();
  g_auto(GStrv) old = names;
  g_auto(GStrv) result = NULL;

  for (guint i = 0; old != NULL && old[i] != NULL; i++)
    if (!store_keywords_contain (but, old[i]) && !store_keywords_contain (more, old[i]))
      g_strv_builder_add (merged, old[i]);
  for (guint i = 0; more[i] != NULL; i++)
    g_strv_builder_add (merged, more[i]);
  result = g_strv_builder_end (merged);
  return result[0] != NULL ? g_steal_pointer (&result) : NULL;
}

static void
overlay_flags (StoreOverlayItem   *item,
               guint               add,
               guint               remove,
               const char *const  *keywords_add,
               const char *const  *keywords_remove)
{
  item->flags_add = (item->flags_add & ~remove) | add;
  item->flags_remove = (item->flags_remove & ~add) | remove;
  if (keywords_add[0] == NULL && keywords_remove[0] == NULL)
    return;
  item->keywords_add = merge_keywords (item->keywords_add, keywords_add, keywords_remove);
  item->keywords_remove = merge_keywords (item->keywords_remove, keywords_remove, keywords_add);
}

static void
overlay_wanted (StoreOverlay          *overlay,
                const StoreChange     *change,
                const StoreChangeItem *change_item)
{
  StoreOverlayItem *item = &get_entry (overlay, change_item->location_id)->item;

  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      overlay_flags (item, change->flags_add, change->flags_remove,
                     (const char *const *) change->keywords_add,
                     (const char *const *) change->keywords_remove);
      break;
    case STORE_CHANGE_MOVE:
      item->folder_id = change->folder_id;
      break;
    case STORE_CHANGE_DELETE:
      item->is_gone = TRUE;
      break;
    case STORE_CHANGE_PIN:
      item->pinned = change->flags_add != 0;
      break;
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
}

static void
overlay_flags_before (StoreOverlayItem      *item,
                      const StoreChange     *change,
                      const StoreChangeItem *change_item)
{
  guint mask = change->flags_add | change->flags_remove;
  const char *const *before = (const char *const *) change_item->keywords_before;
  g_autoptr(GStrvBuilder) add = g_strv_builder_new ();
  g_autoptr(GStrvBuilder) remove = g_strv_builder_new ();
  g_auto(GStrv) keywords_add = NULL;
  g_auto(GStrv) keywords_remove = NULL;

  for (guint i = 0; change->keywords_remove[i] != NULL; i++)
    if (store_keywords_contain (before, change->keywords_remove[i]))
      g_strv_builder_add (add, change->keywords_remove[i]);
  for (guint i = 0; change->keywords_add[i] != NULL; i++)
    if (!store_keywords_contain (before, change->keywords_add[i]))
      g_strv_builder_add (remove, change->keywords_add[i]);
  keywords_add = g_strv_builder_end (add);
  keywords_remove = g_strv_builder_end (remove);
  overlay_flags (item, change_item->flags_before & mask, ~change_item->flags_before & mask,
                 (const char *const *) keywords_add, (const char *const *) keywords_remove);
}

/* What ended comes back with its row only when mail.db has reverted it. */
static void
overlay_taken_back (StoreOverlay          *overlay,
                    const StoreChange     *change,
                    const StoreChangeItem *change_item)
{
  if (change_item->state == STORE_ITEM_DONE)
    return;
  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      overlay_flags_before (&get_entry (overlay, change_item->location_id)->item, change, change_item);
      break;
    case STORE_CHANGE_MOVE:
      get_entry (overlay, change_item->location_id)->item.folder_id = change_item->folder_id;
      break;
    case STORE_CHANGE_COPY:
      if (change_item->result_location != 0)
        get_entry (overlay, change_item->result_location)->item.is_gone = TRUE;
      break;
    case STORE_CHANGE_PIN:
      get_entry (overlay, change_item->location_id)->item.pinned = change_item->was_pinned;
      break;
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
}

static gboolean
overlay_change (StoreOverlay  *overlay,
                Store         *store,
                gint64         id,
                GError       **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);
  g_autoptr(StoreStatement) rows = NULL;
  StoreAppliedState applied;

  if (change == NULL || (applied = store_applied_get (store, id, error)) == STORE_CHANGE_UNKNOWN)
    return FALSE;
  if (change->state != STORE_CHANGE_STATE_WANTED && applied == STORE_CHANGE_IS_NEW)
    return TRUE;
  if ((rows = store_change_items_query (store, id, 0, error)) == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      g_autoptr(StoreChangeItem) item = store_change_item_from_row (rows);

      if (change->state == STORE_CHANGE_STATE_WANTED)
        overlay_wanted (overlay, change, item);
      else
        overlay_taken_back (overlay, change, item);
    }
  return store_sql_end (rows, error);
}

StoreOverlay *
store_changes_get_overlay (Store   *store,
                           GError **error)
{
  g_autoptr(StoreOverlay) overlay = g_new0 (StoreOverlay, 1);
  g_autoptr(GArray) ids = NULL;

  overlay->entries = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, entry_free);
  ids = store_sql_list_ints (store_peek_desk (store), "SELECT id FROM change WHERE " STORE_CHANGE_IS_OPEN
                             " AND ended_at IS NULL AND state IN ('wanted', 'failed', 'cancelled')"
                             " ORDER BY id",
                             NULL, error);
  if (ids == NULL)
    return NULL;
  for (guint i = 0; i < ids->len; i++)
    if (!overlay_change (overlay, store, g_array_index (ids, gint64, i), error))
      return NULL;
  return g_steal_pointer (&overlay);
}

void
store_overlay_free (StoreOverlay *overlay)
{
  if (overlay == NULL)
    return;
  g_hash_table_unref (overlay->entries);
  g_free (overlay);
}

gsize
store_overlay_get_size (const StoreOverlay *overlay)
{
  return g_hash_table_size (overlay->entries);
}

const StoreOverlayItem *
store_overlay_peek (const StoreOverlay *overlay,
                    gint64              location_id)
{
  const Entry *entry = g_hash_table_lookup (overlay->entries, &location_id);

  return entry != NULL ? &entry->item : NULL;
}

GArray *
store_overlay_list (const StoreOverlay *overlay)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, overlay->entries);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    g_array_append_val (ids, *(gint64 *) key);
  return ids;
}
