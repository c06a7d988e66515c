/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that makes true in mail.db what a server did. */
#include "store/changes-private.h"

#include "store/accounts.h"
#include "store/applied.h"

#include <string.h>

/* --- items ---------------------------------------------------------------------------------------------- */

typedef struct {
  const StoreChange *change;
  StoreFolder       *target;            /* or NULL */
  gboolean           target_is_imap;
} Scene;

static void
scene_clear (Scene *scene)
{
  g_clear_pointer (&scene->target, store_folder_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static gboolean
scene_read (Scene              *scene,
            Store              *store,
            const StoreChange  *change,
            GError            **error)
{
  g_autoptr(StoreAccount) account = NULL;

  scene->change = change;
  if (change->folder_id == 0)
    return TRUE;
  if ((scene->target = store_folders_get (store, change->folder_id, error)) == NULL)
    return FALSE;
  if (scene->target->account_id == STORE_ACCOUNT_LOCAL)
    return TRUE;
  if ((account = store_accounts_get (store, scene->target->account_id, error)) == NULL)
    return FALSE;
  scene->target_is_imap = account->protocol == STORE_PROTOCOL_IMAP;
  return TRUE;
}

static gboolean
exists (Store     *store,
        gint64     location_id,
        gboolean  *does,
        GError   **error)
{
  gint64 found;

  if (!store_sql_get_int (store_peek_mail (store), "SELECT 1 FROM location WHERE id = ?",
                          BIND (INT (location_id)), 0, &found, error))
    return FALSE;
  *does = found != 0;
  return TRUE;
}

/* A pass may have met the new uid before the answer was read: the same mail stands there twice, and ours has
 * the history. */
static gboolean
end_double (Store                  *store,
            gint64                  location_id,
            gint64                  folder_id,
            const StoreItemResult  *result,
            GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) other = store_locations_find_uid (store, folder_id, result->uidvalidity,
                                                             result->uid, &problem);

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  return other == NULL || other->id == location_id
    || store_locations_end (store, other->id, STORE_BY_MOVE, STORE_SERVER_COPY_GONE, NULL, error);
}

/* The tombstone of one that was deleted meanwhile must know where to find the server copy. */
static gboolean
set_server_of_tombstone (Store                  *store,
                         gint64                  location_id,
                         gint64                  folder_id,
                         const StoreItemResult  *result,
                         GError                **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE tombstone SET server_folder = nullif (?1, folder_id), "
                        "uid = ?2, uidvalidity = ?3, on_server = (?2 IS NOT NULL), rev = ?4"
                        " WHERE location_id = ?5",
                        BIND (INT (folder_id), INT_UNLESS (0, result->uid),
                              INT_UNLESS (0, result->uidvalidity),
                              INT (store_mail_rev (store)), INT (location_id)), error);
}

/* Without COPYUID or APPENDUID the copy is there, but nobody knows under which number: the next pass over
 * that folder matches it with this location, which waits there without a server side. */
static gboolean
set_server (Store                  *store,
            gint64                  location_id,
            gint64                  folder_id,
            const StoreItemResult  *result,
            GError                **error)
{
  gboolean does_exist;

  if (location_id == 0)
    return TRUE;
  if (!exists (store, location_id, &does_exist, error))
    return FALSE;
  if (!does_exist)
    return set_server_of_tombstone (store, location_id, folder_id, result, error);
  if (result->uid != 0)
    return end_double (store, location_id, folder_id, result, error)
      && store_locations_set_uid (store, location_id, folder_id, result->uidvalidity, result->uid, error);
  return store_sql_run (store_peek_mail (store),
                        "UPDATE location SET uid = NULL, uidvalidity = NULL, modseq = NULL, "
                        "server_folder = NULL, verified_at = NULL, rev = ? WHERE id = ?",
                        BIND (INT (store_mail_rev (store)), INT (location_id)), error);
}

/* The flags that later wishes for the same place are about. */
static gboolean
find_standing (Store                  *store,
               const StoreChange      *change,
               const StoreChangeItem  *item,
               guint                  *flags,
               GError                **error)
{
  g_autoptr(StoreStatement) later = store_sql_query (store_peek_desk (store),
    "SELECT c.flags_add | c.flags_remove FROM change_item i JOIN change c ON c.id = i.change_id"
    " WHERE i.location_id = ? AND c.id > ? AND c.kind = 'flag' AND c.ended_at IS NULL",
    BIND (INT (item->location_id), INT (change->id)), error);

  *flags = 0;
  if (later == NULL)
    return FALSE;
  while (store_sql_next (later))
    *flags |= (guint) store_sql_int (later, 0);
  return store_sql_end (later, error);
}

static gboolean
confirm_flags (Store                  *store,
               const StoreChange      *change,
               const StoreChangeItem  *item,
               GError                **error)
{
  StoreDb *mail = store_peek_mail (store);
  guint standing;

  if (!find_standing (store, change, item, &standing, error)
      || !store_locations_confirm_flags (store, item->location_id, change->flags_add, change->flags_remove,
                                         standing, error))
    return FALSE;
  for (guint i = 0; change->keywords_add[i] != NULL; i++)
    if (!store_sql_run (mail, "UPDATE location_keyword SET is_on_server = 1 WHERE location_id = ?"
                        " AND keyword_id = (SELECT id FROM keyword WHERE name = ?)",
                        BIND (INT (item->location_id), TEXT (change->keywords_add[i])), error))
      return FALSE;
  for (guint i = 0; change->keywords_remove[i] != NULL; i++)
    if (!store_sql_run (mail,
                        "UPDATE location_keyword SET is_here = is_here AND NOT is_on_server, is_on_server = 0"
                        " WHERE location_id = ?"
                        " AND keyword_id = (SELECT id FROM keyword WHERE name = ?)",
                        BIND (INT (item->location_id), TEXT (change->keywords_remove[i])), error))
      return FALSE;
  return store_sql_run (mail, "DELETE FROM location_keyword WHERE location_id = ? AND is_here = 0"
                              " AND is_on_server = 0",
                        BIND (INT (item->location_id)), error);
}

/* Moved to this computer: the server has no copy any more. */
static gboolean
confirm_move_here (Store                  *store,
                   const StoreChangeItem  *item,
                   const StoreItemResult  *result,
                   GError                **error)
{
  g_autoptr(StoreLocation) location = NULL;
  gboolean does_exist;

  if (!exists (store, item->location_id, &does_exist, error))
    return FALSE;
  if (!does_exist)
    return store_sql_run (store_peek_mail (store),
                          "UPDATE tombstone SET on_server = 0, rev = ? WHERE location_id = ?",
                          BIND (INT (store_mail_rev (store)), INT (item->location_id)), error);
  if ((location = store_locations_get (store, item->location_id, error)) == NULL)
    return FALSE;
  return !store_location_has_server (location)
    || store_locations_drop_server (store, location->id, STORE_BY_USER, NULL, result->server_words, error);
}

static gboolean
confirm_delete (Store                  *store,
                const StoreChangeItem  *item,
                const StoreItemResult  *result,
                GError                **error)
{
  g_autoptr(StoreLocation) location = NULL;
  gboolean does_exist;

  if (!store_sql_run (store_peek_mail (store),
                      "UPDATE tombstone SET on_server = 0, rev = ? WHERE location_id = ?"
                      " AND on_server", BIND (INT (store_mail_rev (store)), INT (item->location_id)), error)
      || !exists (store, item->location_id, &does_exist, error))
    return FALSE;
  if (!does_exist)
    return TRUE;

  /* An undo has brought it back meanwhile; a POP3 location comes back with its UIDL. */
  if ((location = store_locations_get (store, item->location_id, error)) == NULL)
    return FALSE;
  return location->uidl == NULL || !store_location_has_server (location)
    || store_locations_drop_server (store, location->id, STORE_BY_USER, NULL, result->server_words, error);
}

static gboolean
find_made_location (Store                  *store,
                    const StoreChange      *change,
                    const StoreChangeItem  *item,
                    gint64                 *location_id,
                    GError                **error)
{
  *location_id = item->result_location;
  return *location_id != 0
         || store_applied_find_location (store, change->id, item->position, location_id, error);
}

static gboolean
confirm_item (Scene                  *scene,
              Store                  *store,
              const StoreChangeItem  *item,
              const StoreItemResult  *result,
              GError                **error)
{
  const StoreChange *change = scene->change;
  gint64 copy_id;

  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      return confirm_flags (store, change, item, error);
    case STORE_CHANGE_MOVE:
      return scene->target_is_imap ? set_server (store, item->location_id, change->folder_id, result, error)
                                   : confirm_move_here (store, item, result, error);
    case STORE_CHANGE_COPY:
      return !scene->target_is_imap
        || (find_made_location (store, change, item, &copy_id, error)
            && set_server (store, copy_id, change->folder_id, result, error));
    case STORE_CHANGE_DELETE:
      return confirm_delete (store, item, result, error);
    case STORE_CHANGE_APPEND:
      return set_server (store, item->location_id, change->folder_id, result, error);
    case STORE_CHANGE_PIN:
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      return TRUE;
    }
  g_assert_not_reached ();
}

/* NULL with error when there is none at that position. */
static StoreChangeItem *
read_item (Store   *store,
           gint64   change_id,
           gint64   position,
           GError **error)
{
  g_autoptr(StoreStatement) rows = store_change_items_query (store, change_id, position, error);
  g_autoptr(StoreChangeItem) item = NULL;

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    item = store_change_item_from_row (rows);
  else if (!store_sql_end (rows, error))
    return NULL;
  if (item != NULL && item->position == position)
    return g_steal_pointer (&item);
  store_sql_set_missing (error, "item", position);
  return NULL;
}

static gboolean
confirm_in_mail (Store                  *store,
                 const StoreChange      *change,
                 const StoreItemResult  *results,
                 gsize                   n_results,
                 GError                **error)
{
  g_autoptr(StoreTransaction) transaction = store_begin (store, error);
  g_auto(Scene) scene = { 0 };

  if (transaction == NULL || !scene_read (&scene, store, change, error))
    return FALSE;
  for (gsize i = 0; i < n_results; i++)
    {
      g_autoptr(StoreChangeItem) item = NULL;

      if (results[i].state != STORE_ITEM_DONE)
        continue;
      if ((item = read_item (store, change->id, results[i].position, error)) == NULL)
        return FALSE;
      /* Told twice: what became of it since then must not be undone. */
      if (item->state != STORE_ITEM_DONE && !confirm_item (&scene, store, item, &results[i], error))
        return FALSE;
    }
  return store_commit (g_steal_pointer (&transaction), error);
}

/* --- noting in desk.db ---------------------------------------------------------------------------------- */

typedef struct {
  gint64                 id;
  const StoreItemResult *results;
  gsize                  n_results;
} Noting;

static gboolean
note_items (Store     *store,
            gpointer   data,
            GError   **error)
{
  const Noting *noting = data;
  StoreDb *desk = store_peek_desk (store);

  for (gsize i = 0; i < noting->n_results; i++)
    {
      const StoreItemResult *result = &noting->results[i];

      if (!store_sql_run (desk, "UPDATE change_item SET state = ?, result_uid = coalesce (?, result_uid), "
                          "result_uidvalidity = coalesce (?, result_uidvalidity), "
                          "target_uidnext = coalesce (?, target_uidnext), server_words = coalesce (?, "
                          "server_words) "
                          "WHERE change_id = ? AND position = ?",
                          BIND (TEXT (store_item_state_to_string (result->state)),
                                INT_UNLESS (0, result->uid),
                                INT_UNLESS (0, result->uidvalidity), INT_UNLESS (-1, result->target_uidnext),
                                TEXT (result->server_words), INT (noting->id), INT (result->position)),
                                error))
        return FALSE;
      if (store_sql_changed (desk) == 0)
        return store_sql_set_missing (error, "item", result->position);
    }
  return store_sql_run (desk, "UPDATE change SET rev = " DESK_REV " WHERE id = ?", BIND (INT (noting->id)),
                        error);
}

gboolean
store_changes_note_items (Store                  *store,
                          gint64                  id,
                          const StoreItemResult  *results,
                          gsize                   n_results,
                          GError                **error)
{
  Noting noting = { id, results, n_results };

  return store_desk_write (store, note_items, &noting, error);
}

gboolean
store_changes_confirm_items (Store                  *store,
                             gint64                  id,
                             const StoreItemResult  *results,
                             gsize                   n_results,
                             GError                **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  return change != NULL && confirm_in_mail (store, change, results, n_results, error)
    && store_changes_note_items (store, id, results, n_results, error);
}

/* --- folders -------------------------------------------------------------------------------------------- */

/* A list of the server may have brought the new folder before the answer to CREATE was taken. */
static gboolean
confirm_created (Store              *store,
                 const StoreChange  *change,
                 GBytes             *raw_name,
                 GError            **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreFolder) listed = store_folders_find_raw (store, change->account_id,
                                                          base_slice_from_bytes (raw_name), &problem);
  g_autoptr(StoreFolder) made = problem == NULL
                                ? store_folders_find_path (store, change->account_id, change->path, &problem)
                                                : NULL;
  g_autoptr(GArray) locations = NULL;

  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (made == NULL || made->raw_name != NULL)
    return TRUE;
  if (listed == NULL)
    return store_folders_rename (store, made->id, base_slice_from_bytes (raw_name), made->path, error);

  locations = store_sql_list_ints (store_peek_mail (store), "SELECT id FROM location WHERE folder_id = ?",
                                   BIND (INT (made->id)), error);
  for (guint i = 0; locations != NULL && i < locations->len; i++)
    if (!store_locations_move (store, g_array_index (locations, gint64, i), listed->id, STORE_BY_PENFOLD,
                               error))
      return FALSE;
  return locations != NULL && store_folders_remove (store, made->id, error);
}

/* Folders below keep the rest of their raw names, RFC 9051 section 6.3.6. */
static gboolean
rename_below (Store              *store,
              const StoreFolder  *folder,
              GBytes             *raw_name,
              GError            **error)
{
  g_autoptr(GPtrArray) others = store_folders_list (store, folder->account_id, STORE_FOLDERS_LIVE, error);
  BaseSlice old = base_slice_from_bytes (folder->raw_name);

  for (guint i = 0; others != NULL && i < others->len; i++)
    {
      const StoreFolder *other = others->pdata[i];
      BaseSlice name = other->raw_name != NULL
                       ? base_slice_from_bytes (other->raw_name) : base_slice_new (NULL, 0);
      g_autoptr(GByteArray) renamed = NULL;

      if (name.size <= old.size || folder->delimiter == NULL || memcmp (name.data, old.data, old.size) != 0
          || name.data[old.size] != (guint8) folder->delimiter[0])
        continue;
      renamed = g_byte_array_new ();
      g_byte_array_append (renamed, g_bytes_get_data (raw_name, NULL), (guint) g_bytes_get_size (raw_name));
      g_byte_array_append (renamed, name.data + old.size, (guint) (name.size - old.size));
      if (!store_folders_rename (store, other->id, base_slice_new (renamed->data, renamed->len), other->path,
                                 error))
        return FALSE;
    }
  return others != NULL;
}

static gboolean
confirm_renamed (Store              *store,
                 const StoreChange  *change,
                 GBytes             *raw_name,
                 GError            **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (store, change->folder_id, error);

  if (folder == NULL)
    return FALSE;
  if (folder->raw_name == NULL || g_bytes_equal (folder->raw_name, raw_name))
    return TRUE;
  return rename_below (store, folder, raw_name, error)
    && store_folders_rename (store, folder->id, base_slice_from_bytes (raw_name), folder->path, error);
}

gboolean
store_changes_confirm_folder (Store   *store,
                              gint64   id,
                              GBytes  *raw_name,
                              GError **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);
  g_autoptr(StoreTransaction) transaction = NULL;
  gboolean is_confirmed = TRUE;

  if (change == NULL || (transaction = store_begin (store, error)) == NULL)
    return FALSE;
  if (change->kind == STORE_CHANGE_FOLDER_CREATE)
    is_confirmed = confirm_created (store, change, raw_name, error);
  else if (change->kind == STORE_CHANGE_FOLDER_RENAME)
    is_confirmed = confirm_renamed (store, change, raw_name, error);
  return is_confirmed && store_commit (g_steal_pointer (&transaction), error);
}

/* --- what leaves ---------------------------------------------------------------------------------------- */

GArray *
store_changes_list_leaving (Store    *store,
                            gint64    server_folder_id,
                            guint32   uidvalidity,
                            GError  **error)
{
  g_autoptr(GArray) uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
                                                    "SELECT uid FROM tombstone WHERE on_server"
                                                    " AND uidvalidity = ? AND coalesce (server_folder,"
                                                    " folder_id) = ?"
                                                    " AND uid IS NOT NULL ORDER BY uid",
                                                    BIND (INT (uidvalidity), INT (server_folder_id)), error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      guint32 uid = (guint32) store_sql_int (rows, 0);

      g_array_append_val (uids, uid);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&uids) : NULL;
}
