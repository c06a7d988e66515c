/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that gives one item, or one folder, the effect that is wanted. */
#include "store/changes-private.h"

#include "base/clock.h"
#include "store/applied.h"

#include <string.h>

/* A location that ended meanwhile is passed over: there is nothing left to do here, and lanes see that
 * too. */
gboolean
store_change_pass_over_missing (GError **problem,
                   GError **error)
{
  if (*problem == NULL)
    return TRUE;
  if (g_error_matches (*problem, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    {
      g_clear_error (problem);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (problem));
  return FALSE;
}

/* NULL without error if it is gone. */
StoreLocation *
store_change_find_location (Store   *store,
               gint64   id,
               GError **error)
{
  g_autoptr(GError) problem = NULL;
  StoreLocation *location = store_locations_get (store, id, &problem);

  store_change_pass_over_missing (&problem, error);
  return location;
}

/* --- accepting one item --------------------------------------------------------------------------------- */

static gboolean
apply_flags (Store                  *store,
             const StoreChange      *change,
             const StoreChangeItem  *item,
             GError                **error)
{
  g_autoptr(GError) problem = NULL;

  if (store_locations_set_flags (store, item->location_id, change->flags_add, change->flags_remove, &problem)
      && (change->keywords_add[0] != NULL || change->keywords_remove[0] != NULL))
    store_locations_set_keywords (store, item->location_id, (const char *const *) change->keywords_add,
                                  (const char *const *) change->keywords_remove, &problem);
  return store_change_pass_over_missing (&problem, error);
}

static gboolean
apply_copy (Store                  *store,
            const StoreChange      *change,
            const StoreChangeItem  *item,
            GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) source = store_change_find_location (store, item->location_id, &problem);
  g_auto(GStrv) keywords = NULL;
  StoreLocationNew copy = { .folder_id = change->folder_id, .announced_at = base_clock_now () };
  gint64 id;

  if (source == NULL)
    return store_change_pass_over_missing (&problem, error);
  if ((keywords = store_locations_list_keywords (store, source->id, error)) == NULL)
    return FALSE;
  copy.message_id = source->message_id;
  copy.flags = source->flags;
  copy.keywords = (const char *const *) keywords;
  return (id = store_locations_insert (store, &copy, error)) != 0
    && store_applied_add_location (store, change->id, item->position, id, error);
}

static gboolean
apply_delete (Store                  *store,
              const StoreChangeItem  *item,
              GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = store_change_find_location (store, item->location_id, &problem);

  if (location == NULL)
    return store_change_pass_over_missing (&problem, error);
  return store_locations_end (store, location->id, STORE_BY_USER,
                              store_location_has_server (location)
                              ? STORE_SERVER_COPY_MAY_REMAIN : STORE_SERVER_COPY_GONE,
                              NULL, error);
}

/* Mail that ingest has filed only waits for its upload; deleted mail comes back first. */
static gboolean
apply_append (Store                  *store,
              const StoreChange      *change,
              const StoreChangeItem  *item,
              GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = store_change_find_location (store, item->location_id, &problem);
  gboolean is_back;

  if (location != NULL || problem != NULL)
    return store_change_pass_over_missing (&problem, error);
  return store_change_bring_back (store, change, item, STORE_COME_BACK_ONLY_HERE, &is_back, error)
    && (!is_back || store_applied_add_location (store, change->id, item->position, item->location_id, error));
}

gboolean
store_change_set_pin (Store                  *store,
           const StoreChangeItem  *item,
           gboolean                is_pinned,
           GError                **error)
{
  StoreLocation location = { .id = item->location_id, .is_pinned = is_pinned };
  g_autoptr(GError) problem = NULL;

  store_locations_set_state (store, &location, STORE_LOCATION_PINNED, &problem);
  return store_change_pass_over_missing (&problem, error);
}

gboolean
store_change_apply_item (Store                  *store,
            const StoreChange      *change,
            const StoreChangeItem  *item,
            GError                **error)
{
  g_autoptr(GError) problem = NULL;

  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      return apply_flags (store, change, item, error);
    case STORE_CHANGE_MOVE:
      store_locations_move (store, item->location_id, change->folder_id, STORE_BY_USER, &problem);
      return store_change_pass_over_missing (&problem, error);
    case STORE_CHANGE_COPY:
      return apply_copy (store, change, item, error);
    case STORE_CHANGE_DELETE:
      return apply_delete (store, item, error);
    case STORE_CHANGE_APPEND:
      return apply_append (store, change, item, error);
    case STORE_CHANGE_PIN:
      return store_change_set_pin (store, item, change->flags_add != 0, error);
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
  g_assert_not_reached ();
}

/* --- folders -------------------------------------------------------------------------------------------- */

/* Folders below it move along.  Their raw names are the server's business (changes-confirm.c). */
gboolean
store_change_rename_paths (Store       *store,
              gint64       folder_id,
              const char  *path,
              GError     **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (store, folder_id, error);
  g_autoptr(GPtrArray) others = NULL;
  g_autofree char *below = NULL;

  if (folder == NULL
      || (others = store_folders_list (store, folder->account_id, STORE_FOLDERS_LIVE, error)) == NULL)
    return FALSE;
  below = g_strconcat (folder->path, STORE_PATH_SEPARATOR, NULL);
  for (guint i = 0; i < others->len; i++)
    {
      const StoreFolder *other = others->pdata[i];
      g_autofree char *moved = NULL;
      BaseSlice raw_name = other->raw_name != NULL
                           ? base_slice_from_bytes (other->raw_name) : base_slice_new (NULL, 0);

      if (other->id == folder_id)
        moved = g_strdup (path);
      else if (g_str_has_prefix (other->path, below))
        moved = g_strconcat (path, STORE_PATH_SEPARATOR, other->path + strlen (below), NULL);
      if (moved != NULL && !store_folders_rename (store, other->id, raw_name, moved, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
store_change_apply_folder (Store              *store,
              const StoreChange  *change,
              GError            **error)
{
  switch (change->kind)
    {
    case STORE_CHANGE_FOLDER_CREATE:
      return store_folders_add_local (store, change->account_id, change->path, STORE_ROLE_NONE, error) != 0;
    case STORE_CHANGE_FOLDER_RENAME:
      return store_change_rename_paths (store, change->folder_id, change->path, error);
    case STORE_CHANGE_FOLDER_DELETE:
      return store_folders_mark_gone (store, change->folder_id, error);
    case STORE_CHANGE_FLAG:
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_PIN:
      break;
    }
  g_assert_not_reached ();
}
