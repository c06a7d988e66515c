/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/changes.h"

#include <glib/gi18n-lib.h>

typedef struct {
  StoreWish          wish;
  ModelChangeTarget  target;
  GArray            *ids;          /* of locations, or of changes to undo */
} Ask;

static Ask *
ask_new (const StoreWish   *wish,
         ModelChangeTarget  target,
         GArray            *ids)
{
  Ask *ask = g_new0 (Ask, 1);

  if (wish != NULL)
    ask->wish = *wish;
  ask->target = target;
  ask->ids = g_array_ref (ids);
  return ask;
}

static void
ask_free (Ask *ask)
{
  g_array_unref (ask->ids);
  g_free (ask);
}

/* --- the store thread --- */

static gboolean
record_into (Store            *store,
             const StoreWish  *wish,
             GArray           *locations,
             GArray           *changes,
             GError          **error)
{
  g_autoptr(GArray) made = store_changes_record (store, wish, (const gint64 *) locations->data,
                                                 locations->len, error);

  if (made == NULL)
    return FALSE;
  g_array_append_vals (changes, made->data, made->len);
  return TRUE;
}

/* Mail of an account without an archive folder of its own may go to the one of this computer only where no
 * server keeps folders: elsewhere that would take it off the server. */
static gint64
find_archive (Store   *store,
              gint64   account_id,
              GError **error)
{
  g_autoptr(StoreAccount) account = NULL;
  g_autoptr(StoreFolder) folder = store_folders_find_role (store, account_id, STORE_ROLE_ARCHIVE, NULL);

  if (folder != NULL)
    return folder->id;
  account = account_id != STORE_ACCOUNT_LOCAL ? store_accounts_get (store, account_id, NULL) : NULL;
  if (account == NULL || account->protocol == STORE_PROTOCOL_POP3)
    folder = store_folders_find_role (store, STORE_ACCOUNT_LOCAL, STORE_ROLE_ARCHIVE, NULL);
  if (folder != NULL)
    return folder->id;
  g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, _("%s has no archive folder"),
               account != NULL ? account->name : _("On This Computer"));
  return 0;
}

/* The locations by the archive folder they go to. */
static GHashTable *
sort_by_archive (Store    *store,
                 GArray   *locations,
                 GError  **error)
{
  g_autoptr(GHashTable) archives = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
                                                          (GDestroyNotify) g_array_unref);

  for (guint i = 0; i < locations->len; i++)
    {
      gint64 id = g_array_index (locations, gint64, i);
      g_autoptr(StoreLocation) location = store_locations_get (store, id, NULL);
      g_autoptr(StoreFolder) folder = location != NULL
                                      ? store_folders_get (store, location->folder_id, NULL) : NULL;
      gint64 archive;
      GArray *those;

      if (folder == NULL)
        continue;
      if ((archive = find_archive (store, folder->account_id, error)) == 0)
        return NULL;
      if ((those = g_hash_table_lookup (archives, &archive)) == NULL)
        {
          those = g_array_new (FALSE, FALSE, sizeof (gint64));
          g_hash_table_insert (archives, g_memdup2 (&archive, sizeof archive), those);
        }
      g_array_append_val (those, id);
    }
  return g_steal_pointer (&archives);
}

static gboolean
record_archiving (Store   *store,
                  Ask     *ask,
                  GArray  *changes,
                  GError **error)
{
  g_autoptr(GHashTable) archives = sort_by_archive (store, ask->ids, error);
  GHashTableIter iter;
  gpointer archive, those;

  if (archives == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, archives);
  while (g_hash_table_iter_next (&iter, &archive, &those))
    {
      StoreWish wish = { .kind = STORE_CHANGE_MOVE, .folder_id = *(gint64 *) archive };

      if (!record_into (store, &wish, those, changes, error))
        return FALSE;
    }
  return TRUE;
}

static gpointer
ask_record (Store     *store,
            gpointer   data,
            GError   **error)
{
  Ask *ask = data;
  g_autoptr(GArray) changes = g_array_new (FALSE, FALSE, sizeof (gint64));
  gboolean is_done = FALSE;

  switch (ask->target)
    {
    case MODEL_CHANGE_AS_WISHED:
      is_done = record_into (store, &ask->wish, ask->ids, changes, error);
      break;
    case MODEL_CHANGE_ARCHIVE:
      is_done = record_archiving (store, ask, changes, error);
      break;
    }
  return is_done ? g_steal_pointer (&changes) : NULL;
}

static gpointer
ask_undo (Store     *store,
          gpointer   data,
          GError   **error)
{
  Ask *ask = data;

  return store_changes_undo (store, (const gint64 *) ask->ids->data, ask->ids->len, error);
}

/* --- the main thread --- */

static void
recorded_cb (GObject      *object,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr(GTask) task = data;
  ModelBus *bus = g_task_get_task_data (task);
  GError *error = NULL;
  GArray *changes = model_store_ask_finish (MODEL_STORE (object), result, &error);

  if (changes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  model_store_look (MODEL_STORE (object));
  if (bus != NULL)
    model_bus_nudge (bus);
  g_task_return_pointer (task, changes, (GDestroyNotify) g_array_unref);
}

static void
ask_changes (ModelStore          *store,
             ModelBus            *bus,
             ModelQuestion        question,
             Ask                 *ask,
             gpointer             tag,
             GAsyncReadyCallback  callback,
             gpointer             user_data)
{
  GTask *task = g_task_new (store, NULL, callback, user_data);

  g_task_set_source_tag (task, tag);
  if (bus != NULL)
    g_task_set_task_data (task, g_object_ref (bus), g_object_unref);
  model_store_ask (store, MODEL_SOON, question, ask, (GDestroyNotify) ask_free,
                   (GDestroyNotify) g_array_unref, NULL, recorded_cb, task);
}

void
model_changes_record_async (ModelStore          *store,
                            ModelBus            *bus,
                            const StoreWish     *wish,
                            ModelChangeTarget    target,
                            GArray              *location_ids,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  ask_changes (store, bus, ask_record, ask_new (wish, target, location_ids), model_changes_record_async,
               callback, user_data);
}

GArray *
model_changes_record_finish (GAsyncResult  *result,
                             GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

void
model_changes_undo_async (ModelStore          *store,
                          ModelBus            *bus,
                          GArray              *change_ids,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  ask_changes (store, bus, ask_undo, ask_new (NULL, MODEL_CHANGE_AS_WISHED, change_ids),
               model_changes_undo_async, callback, user_data);
}

GArray *
model_changes_undo_finish (GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gpointer
ask_count (Store     *store,
           gpointer   data,
           GError   **error)
{
  g_autoptr(GPtrArray) waiting = store_changes_list (store, STORE_CHANGES_WAITING, STORE_ACCOUNT_ANY, 0,
                                                     error);

  return waiting != NULL ? GUINT_TO_POINTER (waiting->len) : NULL;
}

void
model_changes_count_async (ModelStore          *store,
                           GAsyncReadyCallback  callback,
                           gpointer             user_data)
{
  model_store_ask (store, MODEL_LATER, ask_count, NULL, NULL, NULL, NULL, callback, user_data);
}

guint
model_changes_count_finish (ModelStore   *store,
                            GAsyncResult *result)
{
  return GPOINTER_TO_UINT (model_store_ask_finish (store, result, NULL));
}
