/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/locations.h"

#include "store/folders.h"
#include "store/sql.h"
#include "store/threads-private.h"
#include "base/clock.h"

#include <string.h>

#define SELECT_LOCATION \
  "SELECT l.id, l.message_id, l.folder_id, l.flags, l.server_flags, l.uid, l.uidvalidity, l.modseq," \
  " iif (l.on_server, coalesce (l.server_folder, l.folder_id), 0), l.uidl, l.occurrence, l.stored_at," \
  " l.verified_at, l.remove_after, l.pinned, l.announced_at, l.removed_at, l.removed_by, l.rev," \
  " l.fetched_at" \
  " FROM location l "

/* --- reading -------------------------------------------------------------------------------------------- */

void
store_location_free (StoreLocation *location)
{
  if (location == NULL)
    return;
  g_clear_pointer (&location->uidl, g_bytes_unref);
  g_free (location);
}

gboolean
store_location_has_server (const StoreLocation *location)
{
  return location->server_folder_id != 0;
}

static StoreLocation *
location_from_row (StoreStatement *row)
{
  StoreLocation *location = g_new0 (StoreLocation, 1);
  const char *removed_by = store_sql_text (row, 17);

  location->id = store_sql_int (row, 0);
  location->message_id = store_sql_int (row, 1);
  location->folder_id = store_sql_int (row, 2);
  location->flags = (guint) store_sql_int (row, 3);
  location->server_flags = (guint) store_sql_int (row, 4);
  location->uid = (guint32) store_sql_int (row, 5);
  location->uidvalidity = (guint32) store_sql_int (row, 6);
  location->modseq = (guint64) store_sql_int (row, 7);
  location->server_folder_id = store_sql_int (row, 8);
  location->uidl = store_sql_dup_bytes (row, 9);
  location->occurrence = (guint) store_sql_int (row, 10);
  location->stored_at = store_sql_int (row, 11);
  location->verified_at = store_sql_int (row, 12);
  location->remove_after = store_sql_int (row, 13);
  location->is_pinned = store_sql_int (row, 14) != 0;
  location->announced_at = store_sql_int (row, 15);
  location->removed_at = store_sql_int (row, 16);
  location->removed_by = removed_by != NULL ? store_cause_from_string (removed_by) : STORE_BY_PENFOLD;
  location->rev = store_sql_int (row, 18);
  location->fetched_at = store_sql_int (row, 19);
  return location;
}

static GPtrArray *
list_locations (Store             *store,
                const char        *sql,
                const StoreValue  *values,
                GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), sql, values, error);
  g_autoptr(GPtrArray) locations = g_ptr_array_new_with_free_func ((GDestroyNotify) store_location_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (locations, location_from_row (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&locations) : NULL;
}

static StoreLocation *
find_location (Store             *store,
               const char        *sql,
               const StoreValue  *values,
               GError           **error)
{
  g_autoptr(GPtrArray) locations = list_locations (store, sql, values, error);

  return locations != NULL && locations->len > 0 ? g_ptr_array_steal_index (locations, 0) : NULL;
}

StoreLocation *
store_locations_get (Store   *store,
                     gint64   id,
                     GError **error)
{
  g_autoptr(GPtrArray) locations = list_locations (store, SELECT_LOCATION "WHERE l.id = ?", BIND (INT (id)),
                                                   error);

  if (locations == NULL)
    return NULL;
  if (locations->len > 0)
    return g_ptr_array_steal_index (locations, 0);
  store_sql_set_missing (error, "place", id);
  return NULL;
}

GPtrArray *
store_locations_list_message (Store   *store,
                              gint64   message_id,
                              GError **error)
{
  return list_locations (store, SELECT_LOCATION "WHERE l.message_id = ? ORDER BY l.id",
                         BIND (INT (message_id)), error);
}

StoreLocation *
store_locations_find_uid (Store    *store,
                          gint64    server_folder_id,
                          guint32   uidvalidity,
                          guint32   uid,
                          GError  **error)
{
  return find_location (store, SELECT_LOCATION "WHERE coalesce (l.server_folder, l.folder_id) = ?"
                        " AND l.uidvalidity = ?"
                        " AND l.uid = ?", BIND (INT (server_folder_id), INT (uidvalidity), INT (uid)), error);
}

StoreLocation *
store_locations_find_uidl (Store      *store,
                           gint64      account_id,
                           BaseSlice   uidl,
                           guint       occurrence,
                           GError    **error)
{
  return find_location (store, SELECT_LOCATION "JOIN message m ON m.id = l.message_id"
                        " WHERE l.uidl = ? AND l.occurrence = ? AND m.account_id = ? ORDER BY l.id LIMIT 1",
                        BIND (BLOB (uidl.data, uidl.size), INT (occurrence), INT (account_id)), error);
}

GArray *
store_locations_list_uids (Store    *store,
                           gint64    server_folder_id,
                           guint32   uidvalidity,
                           guint32   first,
                           guint32   last,
                           GError  **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT uid, server_flags FROM location WHERE coalesce (server_folder, folder_id) = ? AND uidvalidity = ?"
    " AND uid BETWEEN ? AND ? ORDER BY uid",
    BIND (INT (server_folder_id), INT (uidvalidity), INT (first), INT (last)), error);
  g_autoptr(GArray) uids = g_array_new (FALSE, FALSE, sizeof (StoreKnownUid));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreKnownUid known = { (guint32) store_sql_int (rows, 0), (guint32) store_sql_int (rows, 1) };

      g_array_append_val (uids, known);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&uids) : NULL;
}

/* By the index of messages without content, which is short where most is fetched. */
GArray *
store_locations_list_unfetched (Store    *store,
                                gint64    server_folder_id,
                                guint32   uidvalidity,
                                gint64    before_message_id,
                                guint     limit,
                                GError  **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT m.id, l.id, l.uid, m.size FROM message m INDEXED BY message_unfetched"
    " CROSS JOIN location l INDEXED BY location_message ON l.message_id = m.id"
    " WHERE m.account_id = (SELECT account_id FROM folder WHERE id = ?1) AND m.content_id IS NULL"
    " AND m.id < ?2"
    " AND coalesce (l.server_folder, l.folder_id) = ?1 AND l.uidvalidity = ?3 AND l.uid IS NOT NULL"
    " ORDER BY m.id DESC LIMIT ?4",
    BIND (INT (server_folder_id), INT (before_message_id != 0 ? before_message_id : G_MAXINT64),
          INT (uidvalidity), INT (limit)), error);
  g_autoptr(GArray) unfetched = g_array_new (FALSE, FALSE, sizeof (StoreUnfetched));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreUnfetched one = { store_sql_int (rows, 0), store_sql_int (rows, 1),
                             (guint32) store_sql_int (rows, 2), store_sql_int (rows, 3) };

      g_array_append_val (unfetched, one);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&unfetched) : NULL;
}

static GArray *
read_ids (StoreStatement  *rows,
          GError         **error)
{
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  while (store_sql_next (rows))
    {
      gint64 id = store_sql_int (rows, 0);

      g_array_append_val (ids, id);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&ids) : NULL;
}

GArray *
store_locations_list_folder (Store   *store,
                             gint64   folder_id,
                             guint    limit,
                             GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT id FROM location WHERE folder_id = ?1"
    " UNION SELECT id FROM location WHERE coalesce (server_folder, folder_id) = ?1 AND uid IS NOT NULL"
    " LIMIT ?2",
    BIND (INT (folder_id), INT (limit)), error);

  return rows != NULL ? read_ids (rows, error) : NULL;
}

gint64
store_locations_count_only_here (Store   *store,
                                 gint64   account_id,
                                 GError **error)
{
  gint64 count;

  if (!store_sql_get_int (store_peek_mail (store),
                          "SELECT count(*) FROM location JOIN folder ON folder.id = location.folder_id"
                          " WHERE folder.account_id = ? AND NOT on_server", BIND (INT (account_id)), 0,
                          &count, error))
    return -1;
  return count;
}

GArray *
store_locations_list_stale (Store    *store,
                            gint64    server_folder_id,
                            guint32   uidvalidity,
                            GError  **error)
{
  /* Two ranges of the index: a folder that was never renumbered costs nothing. */
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT id, message_id FROM location WHERE coalesce (server_folder, folder_id) = ?1 AND uid IS NOT NULL"
    " AND uidvalidity < ?2"
    " UNION ALL SELECT id, message_id FROM location WHERE coalesce (server_folder, folder_id) = ?1"
    " AND uid IS NOT NULL"
    " AND uidvalidity > ?2 ORDER BY message_id",
    BIND (INT (server_folder_id), INT (uidvalidity)), error);

  return rows != NULL ? read_ids (rows, error) : NULL;
}

static void
known_uidl_free (StoreKnownUidl *known)
{
  g_bytes_unref (known->uidl);
  g_free (known);
}

GPtrArray *
store_locations_list_uidls (Store   *store,
                            gint64   account_id,
                            GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT l.uidl, l.occurrence, iif (l.on_server, ?2, ?3), l.id, l.message_id, m.content_id IS NOT NULL,"
    " m.header_hash,"
    " l.fetched_at IS NOT NULL"
    " FROM location l INDEXED BY location_uidl CROSS JOIN message m ON m.id = l.message_id"
    " WHERE l.uidl IS NOT NULL AND m.account_id = ?1"
    " UNION ALL"
    " SELECT uidl, occurrence, ?4, location_id, message_id, 1, header_hash, 1 FROM tombstone"
    " WHERE account_id = ?1 AND uidl IS NOT NULL",
    BIND (INT (account_id), INT (STORE_UIDL_LIVE), INT (STORE_UIDL_REMOVED), INT (STORE_UIDL_ENDED)), error);
  g_autoptr(GPtrArray) uidls = g_ptr_array_new_with_free_func ((GDestroyNotify) known_uidl_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreKnownUidl *known = g_new0 (StoreKnownUidl, 1);
      BaseSlice hash;

      known->uidl = store_sql_dup_bytes (rows, 0);
      known->occurrence = (guint) store_sql_int (rows, 1);
      known->state = (StoreUidlState) store_sql_int (rows, 2);
      known->location_id = store_sql_int (rows, 3);
      known->message_id = store_sql_int (rows, 4);
      known->is_whole = store_sql_int (rows, 5) != 0;
      hash = store_sql_bytes (rows, 6);
      memcpy (known->header_hash, hash.data, MIN (hash.size, sizeof known->header_hash));
      known->is_fetched = store_sql_int (rows, 7) != 0;
      g_ptr_array_add (uidls, known);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&uidls) : NULL;
}

GArray *
store_locations_list_copies (Store   *store,
                             gint64   account_id,
                             GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT l.id, l.message_id, m.size, l.stored_at, l.fetched_at, l.verified_at, l.remove_after, l.pinned"
    " FROM location l INDEXED BY location_uidl CROSS JOIN message m ON m.id = l.message_id"
    " WHERE l.uidl IS NOT NULL AND l.on_server AND m.account_id = ?", BIND (INT (account_id)), error);
  g_autoptr(GArray) copies = g_array_new (FALSE, FALSE, sizeof (StoreKeptCopy));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreKeptCopy copy = {
        store_sql_int (rows, 0), store_sql_int (rows, 1), store_sql_int (rows, 2), store_sql_int (rows, 3),
        store_sql_int (rows, 4), store_sql_int (rows, 5), store_sql_int (rows, 6),
          store_sql_int (rows, 7) != 0,
      };

      g_array_append_val (copies, copy);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&copies) : NULL;
}

GArray *
store_locations_list_due (Store   *store,
                          gint64   account_id,
                          gint64   now,
                          guint    limit,
                          GError **error)
{
  return store_sql_list_ints (store_peek_mail (store),
    "SELECT l.id FROM location l INDEXED BY location_due CROSS JOIN message m ON m.id = l.message_id"
    " WHERE l.remove_after <= ? AND l.pinned = 0 AND l.on_server AND m.account_id = ?"
    " ORDER BY l.remove_after, l.id LIMIT ?", BIND (INT (now), INT (account_id), INT (limit)), error);
}

GArray *
store_locations_list_ended (Store   *store,
                            gint64   since_rev,
                            guint    limit,
                            GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT location_id, message_id, account_id, folder_id, ended_at, ended_by, rev FROM tombstone"
    " WHERE rev > ? ORDER BY rev, location_id LIMIT ?", BIND (INT (since_rev), INT (limit)), error);
  g_autoptr(GArray) ended = g_array_new (FALSE, FALSE, sizeof (StoreTombstone));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreTombstone tombstone = {
        store_sql_int (rows, 0), store_sql_int (rows, 1), store_sql_int (rows, 2), store_sql_int (rows, 3),
        store_sql_int (rows, 4), store_cause_from_string (store_sql_text (rows, 5)), store_sql_int (rows, 6),
      };

      g_array_append_val (ended, tombstone);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&ended) : NULL;
}

/* --- beginning ------------------------------------------------------------------------------------------ */

static gboolean
insert_row (Store                   *store,
            const StoreLocationNew  *location,
            gint64                   stored_at,
            GError                 **error)
{
  gboolean has_server = location->uid != 0 || location->uidl.data != NULL;

  return store_sql_run (store_peek_mail (store),
    "INSERT INTO location (message_id, folder_id, flags, server_flags, uid, uidvalidity, modseq, uidl,"
    " occurrence, stored_at,"
    " verified_at, announced_at, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    BIND (INT (location->message_id), INT (location->folder_id), INT (location->flags),
          INT (has_server ? location->flags : 0), INT_UNLESS (0, location->uid),
          INT_UNLESS (0, location->uidvalidity),
          INT_UNLESS (0, location->modseq), BLOB (location->uidl.data, location->uidl.size),
          INT_UNLESS (-1, location->uidl.data != NULL ? (gint64) location->occurrence : -1),
          INT_UNLESS (0, stored_at),
          INT_UNLESS (0, location->verified_at), INT_UNLESS (0, location->announced_at),
          INT (store_mail_rev (store))),
    error);
}

static gboolean
insert_keywords (Store              *store,
                 gint64              id,
                 const char *const  *keywords,
                 gboolean            is_on_server,
                 GError            **error)
{
  StoreDb *mail = store_peek_mail (store);

  for (guint i = 0; keywords != NULL && keywords[i] != NULL; i++)
    if (!store_sql_run (mail, "INSERT OR IGNORE INTO keyword (name) VALUES (?)", BIND (TEXT (keywords[i])),
                        error) ||
        !store_sql_run (mail, "INSERT OR IGNORE INTO location_keyword"
                        " SELECT ?, id, 1, ? FROM keyword WHERE name = ?",
                        BIND (INT (id), INT (is_on_server), TEXT (keywords[i])), error))
      return FALSE;
  return TRUE;
}

gint64
store_locations_insert (Store                   *store,
                        const StoreLocationNew  *location,
                        GError                 **error)
{
  StoreDb *mail = store_peek_mail (store);
  g_autoptr(StoreStatement) message = store_sql_query (mail, "SELECT thread_id, content_id FROM message "
                                                             "WHERE id = ?",
                                                       BIND (INT (location->message_id)), error);
  gint64 stored_at = location->stored_at;
  gint64 id;

  if (message == NULL)
    return 0;
  if (!store_sql_next (message))
    {
      if (store_sql_end (message, error))
        store_sql_set_missing (error, "message", location->message_id);
      return 0;
    }
  if (stored_at == 0 && store_sql_int (message, 1) != 0)
    stored_at = base_clock_now ();
  if (!insert_row (store, location, stored_at, error))
    return 0;
  id = store_sql_last_id (mail);
  store_threads_mark (store, location->folder_id, store_sql_int (message, 0));
  return insert_keywords (store, id, location->keywords, location->uid != 0, error) ? id : 0;
}

gint64
store_locations_restore (Store   *store,
                         gint64   message_id,
                         gint64   folder_id,
                         GError **error)
{
  StoreLocationNew location = { .message_id = message_id, .folder_id = folder_id, .flags = STORE_FLAG_SEEN };
  StoreEvent event = { .message_id = message_id, .kind = STORE_EVENT_RESTORED, .by = STORE_BY_USER };
  gint64 places;

  if (!store_sql_get_int (store_peek_mail (store), "SELECT count(*) FROM location WHERE message_id = ?",
                          BIND (INT (message_id)), 0, &places, error))
    return 0;
  if (places > 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "Message %" G_GINT64_FORMAT " is still in a folder", message_id);
      return 0;
    }
  if ((event.location_id = store_locations_insert (store, &location, error)) == 0)
    return 0;
  return store_history_add (store, &event, error) ? event.location_id : 0;
}

/* --- moving --------------------------------------------------------------------------------------------- */

/* The location with what history and conversations need of it. */
typedef struct {
  StoreLocation *location;
  StoreFolder   *folder;
  StoreMessage  *message;
} Scene;

static void
scene_clear (Scene *scene)
{
  store_location_free (scene->location);
  store_folder_free (scene->folder);
  store_message_free (scene->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scene, scene_clear)

static gboolean
scene_read (Scene   *scene,
            Store   *store,
            gint64   id,
            GError **error)
{
  return (scene->location = store_locations_get (store, id, error)) != NULL &&
         (scene->folder = store_folders_get (store, scene->location->folder_id, error)) != NULL &&
         (scene->message = store_messages_get (store, scene->location->message_id, error)) != NULL;
}

/* A uidl names a message in the account's one maildrop: moving it here moves nothing there. */
gboolean
store_locations_move (Store       *store,
                      gint64       id,
                      gint64       folder_id,
                      StoreCause   by,
                      GError     **error)
{
  g_auto(Scene) scene = { 0 };
  g_autoptr(StoreFolder) target = store_folders_get (store, folder_id, error);
  StoreEvent event = { .location_id = id, .kind = STORE_EVENT_MOVED, .by = by };
  gint64 server_folder;

  if (target == NULL || !scene_read (&scene, store, id, error))
    return FALSE;
  if (scene.location->folder_id == folder_id)
    return TRUE;
  server_folder = scene.location->uid != 0 ? scene.location->server_folder_id : 0;
  if (!store_sql_run (store_peek_mail (store),
                      "UPDATE location SET folder_id = ?, server_folder = ?, rev = ? WHERE id = ?",
                      BIND (INT (folder_id), INT_UNLESS (0, server_folder == folder_id ? 0 : server_folder),
                            INT (store_mail_rev (store)), INT (id)), error))
    return FALSE;
  store_threads_mark (store, scene.folder->id, scene.message->thread_id);
  store_threads_mark (store, folder_id, scene.message->thread_id);
  event.message_id = scene.message->id;
  event.folder_from = scene.folder->path;
  event.folder_to = target->path;
  return store_history_add (store, &event, error);
}

/* --- on the server -------------------------------------------------------------------------------------- */

static gboolean
check_found (Store   *store,
             gint64   id,
             GError **error)
{
  return store_sql_changed (store_peek_mail (store)) > 0 || store_sql_set_missing (error, "place", id);
}

gboolean
store_locations_set_uid (Store    *store,
                         gint64    id,
                         gint64    server_folder_id,
                         guint32   uidvalidity,
                         guint32   uid,
                         GError  **error)
{
  return store_sql_run (store_peek_mail (store),
    "UPDATE location SET uid = ?1, uidvalidity = ?2, server_folder = nullif (?3, folder_id), modseq = NULL,"
    " fetched_at = NULL, verified_at = NULL, removed_at = NULL, removed_by = NULL, rev = ?4 WHERE id = ?5",
    BIND (INT (uid), INT (uidvalidity), INT (server_folder_id), INT (store_mail_rev (store)), INT (id)),
    error) &&
    check_found (store, id, error);
}

static gboolean
add_renumbered (Store   *store,
                gint64   id,
                gint64   message_id,
                GError **error)
{
  StoreEvent event = { .location_id = id, .message_id = message_id, .kind = STORE_EVENT_RENUMBERED,
                       .by = STORE_BY_ELSEWHERE };

  return store_history_add (store, &event, error);
}

gboolean
store_locations_rematch_uid (Store    *store,
                             gint64    id,
                             guint32   uidvalidity,
                             guint32   uid,
                             GError  **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, id, error);
  gint64 server_folder_id;

  if (location == NULL)
    return FALSE;
  server_folder_id = location->server_folder_id != 0 ? location->server_folder_id : location->folder_id;
  return store_locations_set_uid (store, id, server_folder_id, uidvalidity, uid, error) &&
         add_renumbered (store, id, location->message_id, error);
}

gboolean
store_locations_rematch_uidl (Store      *store,
                              gint64      id,
                              BaseSlice   uidl,
                              guint       occurrence,
                              GError    **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, id, error);

  if (location == NULL)
    return FALSE;
  return store_sql_run (store_peek_mail (store),
    "UPDATE location SET uidl = ?, occurrence = ?, fetched_at = NULL, verified_at = NULL, removed_at = NULL,"
    " removed_by = NULL, rev = ? WHERE id = ?",
    BIND (BLOB (uidl.data, uidl.size), INT (occurrence), INT (store_mail_rev (store)), INT (id)), error) &&
    add_renumbered (store, id, location->message_id, error);
}

gboolean
store_locations_rematch_ended (Store      *store,
                               gint64      id,
                               BaseSlice   uidl,
                               guint       occurrence,
                               GError    **error)
{
  return store_sql_run (store_peek_mail (store),
    "UPDATE tombstone SET uidl = ?, occurrence = ?, rev = ? WHERE location_id = ?",
    BIND (BLOB (uidl.data, uidl.size), INT (occurrence), INT (store_mail_rev (store)), INT (id)), error) &&
    check_found (store, id, error);
}

gboolean
store_locations_find_again (Store           *store,
                            gint64           id,
                            StoreFoundCopy   copy,
                            GError         **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, id, error);
  StoreEvent event = { .location_id = id, .kind = STORE_EVENT_RESTORED, .by = STORE_BY_ELSEWHERE };

  if (location == NULL)
    return FALSE;
  event.message_id = location->message_id;
  return store_sql_run (store_peek_mail (store),
    "UPDATE location SET fetched_at = iif (?1, fetched_at, NULL), verified_at = iif (?1, verified_at, NULL),"
    " removed_at = NULL, removed_by = NULL, rev = ?2 WHERE id = ?3",
    BIND (INT (copy == STORE_COPY_AS_BEFORE), INT (store_mail_rev (store)), INT (id)), error) &&
    store_history_add (store, &event, error);
}

gboolean
store_locations_drop_server (Store       *store,
                             gint64       id,
                             StoreCause   by,
                             const char  *rule,
                             const char  *server_words,
                             GError     **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, id, error);
  StoreEvent event = { .location_id = id, .by = by, .rule = rule, .server_words = server_words };

  if (location == NULL)
    return FALSE;
  if (!store_sql_run (store_peek_mail (store),
                      "UPDATE location SET uid = NULL, uidvalidity = NULL, modseq = NULL, server_folder ="
                      " NULL,"
                      " remove_after = NULL, removed_at = ?, removed_by = ?, rev = ? WHERE id = ?",
                      BIND (INT (base_clock_now ()), TEXT (store_cause_to_string (by)),
                            INT (store_mail_rev (store)), INT (id)), error))
    return FALSE;
  event.message_id = location->message_id;
  event.kind = by == STORE_BY_ELSEWHERE || by == STORE_BY_RENUMBERING
               ? STORE_EVENT_KEPT : STORE_EVENT_REMOVED;
  return store_history_add (store, &event, error);
}

gboolean
store_locations_set_state (Store                *store,
                           const StoreLocation  *location,
                           guint                 fields,
                           GError              **error)
{
  return store_sql_run (store_peek_mail (store),
    "UPDATE location SET stored_at = iif (?1 & 1, ?2, stored_at), verified_at = iif (?1 & 2, ?3,"
    " verified_at),"
    " remove_after = iif (?1 & 4, ?4, remove_after), pinned = iif (?1 & 8, ?5, pinned),"
    " announced_at = iif (?1 & 16, ?6, announced_at), fetched_at = iif (?1 & 32, ?7, fetched_at), rev = ?8"
    " WHERE id = ?9",
    BIND (INT (fields), INT_UNLESS (0, location->stored_at), INT_UNLESS (0, location->verified_at),
          INT_UNLESS (0, location->remove_after), INT (location->is_pinned),
          INT_UNLESS (0, location->announced_at),
          INT_UNLESS (0, location->fetched_at), INT (store_mail_rev (store)), INT (location->id)), error) &&
    check_found (store, location->id, error);
}

/* --- the end -------------------------------------------------------------------------------------------- */

static gboolean
may_end (const StoreLocation  *location,
         StoreCause            by,
         GError              **error)
{
  if (store_location_has_server (location) ||
      (by != STORE_BY_ELSEWHERE && by != STORE_BY_RULE && by != STORE_BY_RENUMBERING))
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
               "Message %" G_GINT64_FORMAT " is only on this computer", location->message_id);
  return FALSE;
}

static gboolean
insert_tombstone (Store            *store,
                  const Scene      *scene,
                  StoreCause        by,
                  StoreServerCopy   copy,
                  GError          **error)
{
  const StoreLocation *location = scene->location;
  BaseSlice uidl = location->uidl != NULL ? base_slice_from_bytes (location->uidl) : base_slice_new (NULL, 0);

  return store_sql_run (store_peek_mail (store),
    "INSERT INTO tombstone (location_id, message_id, account_id, folder_id, uid, uidvalidity, uidl,"
    " occurrence, header_hash, ended_at, ended_by, on_server, server_folder, server_flags, rev)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    BIND (INT (location->id), INT (location->message_id), INT (scene->message->account_id),
          INT (location->folder_id),
          INT_UNLESS (0, location->uid), INT_UNLESS (0, location->uidvalidity), BLOB (uidl.data, uidl.size),
          INT_UNLESS (-1, location->uidl != NULL ? (gint64) location->occurrence : -1),
          BLOB (scene->message->header_hash, 32), INT (base_clock_now ()), TEXT (store_cause_to_string (by)),
          INT (copy == STORE_SERVER_COPY_MAY_REMAIN),
          INT_UNLESS (0, location->server_folder_id == location->folder_id ? 0 : location->server_folder_id),
          INT (location->server_flags), INT (store_mail_rev (store))), error);
}

gboolean
store_locations_end (Store            *store,
                     gint64            id,
                     StoreCause        by,
                     StoreServerCopy   copy,
                     const char       *server_words,
                     GError          **error)
{
  g_auto(Scene) scene = { 0 };
  StoreEvent event = { .location_id = id, .by = by, .server_words = server_words };

  if (!scene_read (&scene, store, id, error) || !may_end (scene.location, by, error))
    return FALSE;
  event.message_id = scene.message->id;
  event.folder_from = scene.folder->path;
  event.kind = by == STORE_BY_MOVE ? STORE_EVENT_MOVED : STORE_EVENT_REMOVED;
  store_threads_mark (store, scene.folder->id, scene.message->thread_id);
  return insert_tombstone (store, &scene, by, copy, error) &&
         store_history_add (store, &event, error) &&
         store_sql_run (store_peek_mail (store), "DELETE FROM location WHERE id = ?", BIND (INT (id)), error);
}

/* A tombstone of no location: its id is below all of theirs.  Told twice, it is there once. */
gboolean
store_locations_leave_behind (Store    *store,
                              gint64    message_id,
                              gint64    server_folder_id,
                              guint32   uidvalidity,
                              guint32   uid,
                              GError  **error)
{
  return store_sql_run (store_peek_mail (store),
    "INSERT INTO tombstone (location_id, message_id, account_id, folder_id, uid, uidvalidity, header_hash,"
    " ended_at, ended_by, on_server, rev)"
    " SELECT min (0, coalesce ((SELECT min (location_id)"
    " FROM tombstone), 0)) - 1, m.id, m.account_id, ?1, ?2, ?3,"
    " m.header_hash, ?4, ?5, 1, ?6 FROM message m WHERE m.id = ?7 AND NOT EXISTS (SELECT 1 FROM tombstone t"
    " WHERE t.message_id = m.id AND t.location_id < 0 AND t.folder_id = ?1 AND t.uid = ?2"
    " AND t.uidvalidity = ?3)",
    BIND (INT (server_folder_id), INT (uid), INT (uidvalidity), INT (base_clock_now ()),
          TEXT (store_cause_to_string (STORE_BY_MOVE)), INT (store_mail_rev (store)), INT (message_id)),
          error);
}
