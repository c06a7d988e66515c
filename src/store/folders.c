/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/folders.h"

#include "store/sql.h"
#include "base/clock.h"

#include <string.h>

#define SELECT_FOLDER \
  "SELECT id, account_id, parent_id, raw_name, path, name, delimiter, role, attributes, object_id," \
  " uidvalidity, uidnext, highestmodseq, server_total, server_unread, server_size, listed_from_uid," \
  " fetched_from_uid, checked_at, announced_id," \
  " total, unread, gone_at, rev FROM folder "

static const char *const role_names[] = {
  [STORE_ROLE_NONE] = "",
  [STORE_ROLE_INBOX] = "inbox",
  [STORE_ROLE_SENT] = "sent",
  [STORE_ROLE_DRAFTS] = "drafts",
  [STORE_ROLE_TRASH] = "trash",
  [STORE_ROLE_JUNK] = "junk",
  [STORE_ROLE_ARCHIVE] = "archive",
  [STORE_ROLE_ALL] = "all",
  [STORE_ROLE_FLAGGED] = "flagged",
  [STORE_ROLE_IMPORTANT] = "important",
  [STORE_ROLE_OUTBOX] = "outbox",
  [STORE_ROLE_RECOVERED] = "recovered",
};

const char *
store_role_to_string (StoreRole role)
{
  return role_names[role];
}

StoreRole
store_role_from_string (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++)
    if (strcmp (name, role_names[i]) == 0)
      return (StoreRole) i;
  return STORE_ROLE_NONE;
}

/* --- reading -------------------------------------------------------------------------------------------- */

void
store_folder_free (StoreFolder *folder)
{
  if (folder == NULL)
    return;
  g_clear_pointer (&folder->raw_name, g_bytes_unref);
  g_free (folder->path);
  g_free (folder->name);
  g_free (folder->delimiter);
  g_free (folder->object_id);
  g_free (folder);
}

static StoreFolder *
folder_from_row (StoreStatement *row)
{
  StoreFolder *folder = g_new0 (StoreFolder, 1);

  folder->id = store_sql_int (row, 0);
  folder->account_id = store_sql_int (row, 1);
  folder->parent_id = store_sql_int (row, 2);
  folder->raw_name = store_sql_dup_bytes (row, 3);
  folder->path = store_sql_dup_text (row, 4);
  folder->name = store_sql_dup_text (row, 5);
  folder->delimiter = store_sql_dup_text (row, 6);
  folder->role = store_role_from_string (store_sql_text (row, 7));
  folder->attributes = (guint) store_sql_int (row, 8);
  folder->object_id = store_sql_dup_text (row, 9);
  folder->uidvalidity = store_sql_int_or (row, 10, STORE_NONE);
  folder->uidnext = store_sql_int_or (row, 11, STORE_NONE);
  folder->highestmodseq = store_sql_int_or (row, 12, STORE_NONE);
  folder->server_total = store_sql_int_or (row, 13, STORE_NONE);
  folder->server_unread = store_sql_int_or (row, 14, STORE_NONE);
  folder->server_size = store_sql_int_or (row, 15, STORE_NONE);
  folder->listed_from_uid = store_sql_int_or (row, 16, STORE_NONE);
  folder->fetched_from_uid = store_sql_int_or (row, 17, STORE_NONE);
  folder->checked_at = store_sql_int_or (row, 18, STORE_NONE);
  folder->announced_id = store_sql_int (row, 19);
  folder->total = store_sql_int (row, 20);
  folder->unread = store_sql_int (row, 21);
  folder->gone_at = store_sql_int_or (row, 22, STORE_NONE);
  folder->rev = store_sql_int (row, 23);
  return folder;
}

static GPtrArray *
list_folders (Store             *store,
              const char        *sql,
              const StoreValue  *values,
              GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), sql, values, error);
  g_autoptr(GPtrArray) folders = g_ptr_array_new_with_free_func ((GDestroyNotify) store_folder_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (folders, folder_from_row (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&folders) : NULL;
}

GPtrArray *
store_folders_list (Store             *store,
                    gint64             account_id,
                    StoreFolderScope   scope,
                    GError           **error)
{
  return list_folders (store, SELECT_FOLDER "WHERE (?1 = -1 OR account_id = ?1) AND (?2 OR gone_at IS NULL)"
                       " ORDER BY account_id, path, id",
                       BIND (INT (account_id), INT (scope == STORE_FOLDERS_ALL)), error);
}

GPtrArray *
store_folders_list_since (Store   *store,
                          gint64   rev,
                          GError **error)
{
  return list_folders (store, SELECT_FOLDER "WHERE rev > ? ORDER BY rev, id", BIND (INT (rev)), error);
}

static StoreFolder *
find_folder (Store             *store,
             const char        *sql,
             const StoreValue  *values,
             GError           **error)
{
  g_autoptr(GPtrArray) folders = list_folders (store, sql, values, error);

  return folders != NULL && folders->len > 0 ? g_ptr_array_steal_index (folders, 0) : NULL;
}

StoreFolder *
store_folders_get (Store   *store,
                   gint64   id,
                   GError **error)
{
  g_autoptr(GPtrArray) folders = list_folders (store, SELECT_FOLDER "WHERE id = ?", BIND (INT (id)), error);

  if (folders == NULL)
    return NULL;
  if (folders->len > 0)
    return g_ptr_array_steal_index (folders, 0);
  store_sql_set_missing (error, "folder", id);
  return NULL;
}

StoreFolder *
store_folders_find_role (Store      *store,
                         gint64      account_id,
                         StoreRole   role,
                         GError    **error)
{
  return find_folder (store, SELECT_FOLDER "WHERE account_id = ? AND role = ? AND gone_at IS NULL"
                      " ORDER BY id LIMIT 1",
                      BIND (INT (account_id), TEXT (store_role_to_string (role))), error);
}

StoreFolder *
store_folders_find_raw (Store      *store,
                        gint64      account_id,
                        BaseSlice   raw_name,
                        GError    **error)
{
  return find_folder (store, SELECT_FOLDER "WHERE account_id = ? AND raw_name = ? AND gone_at IS NULL",
                      BIND (INT (account_id), BLOB (raw_name.data, raw_name.size)), error);
}

StoreFolder *
store_folders_find_path (Store       *store,
                         gint64       account_id,
                         const char  *path,
                         GError     **error)
{
  return find_folder (store, SELECT_FOLDER "WHERE account_id = ? AND path = ? AND gone_at IS NULL"
                      " ORDER BY id LIMIT 1",
                      BIND (INT (account_id), TEXT (path)), error);
}

/* --- single folders ------------------------------------------------------------------------------------- */

static const char *
last_component (const char *path)
{
  const char *separator = strrchr (path, STORE_PATH_SEPARATOR[0]);

  return separator != NULL ? separator + 1 : path;
}

/* The nearest ancestor that is a folder of its own: servers list children without their parents. */
static gint64
find_parent (GHashTable *by_path,
             const char *path)
{
  g_autofree char *ancestor = g_strdup (path);
  char *separator;

  while ((separator = strrchr (ancestor, STORE_PATH_SEPARATOR[0])) != NULL)
    {
      const StoreFolder *parent;

      *separator = '\0';
      if ((parent = g_hash_table_lookup (by_path, ancestor)) != NULL)
        return parent->id;
    }
  return 0;
}

/* A folder that came between, or went, changes the parents of those below it. */
static gboolean
settle_parents (Store   *store,
                gint64   account_id,
                GError **error)
{
  g_autoptr(GPtrArray) folders = store_folders_list (store, account_id, STORE_FOLDERS_LIVE, error);
  g_autoptr(GHashTable) by_path = g_hash_table_new (g_str_hash, g_str_equal);

  if (folders == NULL)
    return FALSE;
  for (guint i = 0; i < folders->len; i++)
    g_hash_table_insert (by_path, ((StoreFolder *) folders->pdata[i])->path, folders->pdata[i]);
  for (guint i = 0; i < folders->len; i++)
    {
      const StoreFolder *folder = folders->pdata[i];
      gint64 parent_id = find_parent (by_path, folder->path);

      if (parent_id != folder->parent_id &&
          !store_sql_run (store_peek_mail (store), "UPDATE folder SET parent_id = ?, rev = ? WHERE id = ?",
                          BIND (INT_UNLESS (0, parent_id), INT (store_mail_rev (store)), INT (folder->id)),
                          error))
        return FALSE;
    }
  return TRUE;
}

static gint64
insert_folder (Store                  *store,
               gint64                  account_id,
               const StoreFolderInfo  *info,
               GError                **error)
{
  StoreDb *mail = store_peek_mail (store);

  if (!store_sql_run (mail,
                      "INSERT INTO folder (account_id, raw_name, path, name, delimiter, role, attributes,"
                      " object_id, rev)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      BIND (INT (account_id), BLOB (info->raw_name.data, info->raw_name.size),
                            TEXT (info->path), TEXT (last_component (info->path)), TEXT (info->delimiter),
                            TEXT (store_role_to_string (info->role)), INT (info->attributes),
                            TEXT (info->object_id), INT (store_mail_rev (store))), error))
    return 0;
  return store_sql_last_id (mail);
}

static gboolean
update_folder (Store                  *store,
               gint64                  id,
               const StoreFolderInfo  *info,
               GError                **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE folder SET raw_name = ?, path = ?, name = ?, delimiter = ?, role = ?,"
                        " attributes = ?,"
                        " object_id = coalesce (?, object_id), gone_at = NULL, rev = ? WHERE id = ?",
                        BIND (BLOB (info->raw_name.data, info->raw_name.size), TEXT (info->path),
                              TEXT (last_component (info->path)), TEXT (info->delimiter),
                              TEXT (store_role_to_string (info->role)), INT (info->attributes),
                              TEXT (info->object_id), INT (store_mail_rev (store)), INT (id)), error);
}

gint64
store_folders_add (Store                  *store,
                   gint64                  account_id,
                   const StoreFolderInfo  *info,
                   GError                **error)
{
  gint64 id = insert_folder (store, account_id, info, error);

  return id != 0 && settle_parents (store, account_id, error) ? id : 0;
}

gint64
store_folders_add_local (Store       *store,
                         gint64       account_id,
                         const char  *path,
                         StoreRole    role,
                         GError     **error)
{
  g_autoptr(GError) local_error = NULL;
  g_autoptr(StoreFolder) known = store_folders_find_path (store, account_id, path, &local_error);
  StoreFolderInfo info = { .path = path, .role = role };

  if (known != NULL)
    return known->id;
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return 0;
    }
  return store_folders_add (store, account_id, &info, error);
}

gboolean
store_folders_rename (Store       *store,
                      gint64       id,
                      BaseSlice    raw_name,
                      const char  *path,
                      GError     **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (store, id, error);

  if (folder == NULL)
    return FALSE;
  return store_sql_run (store_peek_mail (store),
                        "UPDATE folder SET raw_name = ?, path = ?, name = ?, rev = ? WHERE id = ?",
                        BIND (BLOB (raw_name.size > 0 ? raw_name.data : NULL, raw_name.size), TEXT (path),
                              TEXT (last_component (path)), INT (store_mail_rev (store)), INT (id)), error) &&
         settle_parents (store, folder->account_id, error);
}

/* A role is held by one folder of an account. */
gboolean
store_folders_set_role (Store      *store,
                        gint64      id,
                        StoreRole   role,
                        GError    **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (store, id, error);
  StoreDb *mail = store_peek_mail (store);
  const char *name = store_role_to_string (role);

  if (folder == NULL)
    return FALSE;
  if (role != STORE_ROLE_NONE &&
      !store_sql_run (mail,
                      "UPDATE folder SET role = '', rev = ? WHERE account_id = ? AND role = ? AND id <> ?",
                      BIND (INT (store_mail_rev (store)), INT (folder->account_id), TEXT (name), INT (id)),
                      error))
    return FALSE;
  return folder->role == role ||
         store_sql_run (mail, "UPDATE folder SET role = ?, rev = ? WHERE id = ?",
                        BIND (TEXT (name), INT (store_mail_rev (store)), INT (id)), error);
}

gboolean
store_folders_mark_gone (Store   *store,
                         gint64   id,
                         GError **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE folder SET gone_at = ?, rev = ? WHERE id = ? AND gone_at IS NULL",
                        BIND (INT (base_clock_now ()), INT (store_mail_rev (store)), INT (id)), error);
}

gboolean
store_folders_remove (Store   *store,
                      gint64   id,
                      GError **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 places;

  if (!store_sql_get_int (mail, "SELECT (SELECT count(*) FROM location WHERE folder_id = ?1) +"
                          " (SELECT count(*) FROM location"
                          " WHERE coalesce (server_folder, folder_id) = ?1 AND uid IS NOT NULL)",
                          BIND (INT (id)), 0, &places, error))
    return FALSE;
  if (places > 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED,
                   "Folder %" G_GINT64_FORMAT " still holds %" G_GINT64_FORMAT
                   " messages", id, places);
      return FALSE;
    }
  return store_sql_run (mail, "UPDATE folder SET parent_id = NULL, rev = ? WHERE parent_id = ?",
                        BIND (INT (store_mail_rev (store)), INT (id)), error) &&
         store_sql_run (mail, "DELETE FROM thread_folder WHERE folder_id = ?", BIND (INT (id)), error) &&
         store_sql_run (mail, "DELETE FROM folder WHERE id = ?", BIND (INT (id)), error);
}

/* --- a server's list ------------------------------------------------------------------------------------ */

/* The folders known before, by what may find them again; values are StoreFolder, borrowed from known. */
typedef struct {
  GPtrArray       *known;
  GHashTable      *by_raw_name;         /* live ones, and of those that are gone the last */
  GHashTable      *by_object_id;
  GHashTable      *found;               /* set of StoreFolder: no longer to be found */
  StoreFolderNews  news;
} ListMatch;

static void
list_match_free (ListMatch *match)
{
  g_hash_table_destroy (match->by_raw_name);
  g_hash_table_destroy (match->by_object_id);
  g_hash_table_destroy (match->found);
  g_ptr_array_unref (match->known);
  g_free (match);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ListMatch, list_match_free)

static void
remember (GHashTable   *table,
          gpointer      key,
          StoreFolder  *folder)
{
  const StoreFolder *known = key != NULL ? g_hash_table_lookup (table, key) : NULL;

  if (key != NULL && (known == NULL || known->gone_at != STORE_NONE))
    g_hash_table_insert (table, key, folder);
}

/* Takes known. */
static ListMatch *
list_match_new (GPtrArray *known)
{
  ListMatch *match = g_new0 (ListMatch, 1);

  match->known = known;
  match->by_raw_name = g_hash_table_new (g_bytes_hash, g_bytes_equal);
  match->by_object_id = g_hash_table_new (g_str_hash, g_str_equal);
  match->found = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < known->len; i++)
    {
      StoreFolder *folder = known->pdata[i];

      remember (match->by_raw_name, folder->raw_name, folder);
      if (folder->raw_name != NULL)
        remember (match->by_object_id, folder->object_id, folder);
    }
  return match;
}

/* By the server's id first: a folder keeps it when it is renamed.  By name only where ids do not contradict,
 * for under the old name there may be another folder now. */
static StoreFolder *
list_match_find (ListMatch              *match,
                 const StoreFolderInfo  *info)
{
  g_autoptr(GBytes) raw_name = g_bytes_new_static (info->raw_name.data, info->raw_name.size);
  StoreFolder *folder = info->object_id != NULL
                        ? g_hash_table_lookup (match->by_object_id, info->object_id) : NULL;

  if (folder != NULL && !g_hash_table_contains (match->found, folder))
    return folder;
  folder = g_hash_table_lookup (match->by_raw_name, raw_name);
  if (folder == NULL || g_hash_table_contains (match->found, folder))
    return NULL;
  if (info->object_id != NULL && folder->object_id != NULL
      && strcmp (info->object_id, folder->object_id) != 0)
    return NULL;
  return folder;
}

static gboolean
is_named (const StoreFolder      *folder,
          const StoreFolderInfo  *info)
{
  return base_slice_equal (base_slice_from_bytes (folder->raw_name), info->raw_name);
}

static gboolean
says_the_same (const StoreFolder      *folder,
               const StoreFolderInfo  *info)
{
  return is_named (folder, info) && folder->gone_at == STORE_NONE && strcmp (folder->path, info->path) == 0 &&
         g_strcmp0 (folder->delimiter, info->delimiter) == 0 && folder->role == info->role &&
         folder->attributes == info->attributes &&
         (info->object_id == NULL || g_strcmp0 (folder->object_id, info->object_id) == 0);
}

/* Names change hands (a becomes b while b becomes c): all that change are set free before any is given. */
static gboolean
free_name (Store              *store,
           const StoreFolder  *folder,
           GError            **error)
{
  return store_sql_run (store_peek_mail (store), "UPDATE folder SET raw_name = NULL WHERE id = ?",
                        BIND (INT (folder->id)), error);
}

static gboolean
mark_missing (Store      *store,
              ListMatch  *match,
              GError    **error)
{
  for (guint i = 0; i < match->known->len; i++)
    {
      StoreFolder *folder = match->known->pdata[i];

      if (folder->raw_name == NULL || folder->gone_at != STORE_NONE
          || g_hash_table_contains (match->found, folder))
        continue;
      if (!store_folders_mark_gone (store, folder->id, error))
        return FALSE;
      match->news.gone++;
    }
  return TRUE;
}

static gboolean
apply_info (Store                  *store,
            gint64                  account_id,
            ListMatch              *match,
            StoreFolder            *folder,
            const StoreFolderInfo  *info,
            GError                **error)
{
  if (folder == NULL)
    {
      match->news.added++;
      return insert_folder (store, account_id, info, error) != 0;
    }
  if (says_the_same (folder, info))
    return TRUE;
  if (is_named (folder, info))
    match->news.changed++;
  else
    match->news.renamed++;
  return update_folder (store, folder->id, info, error);
}

/* Finds all before it changes any; a name that the server lists twice counts once. */
static gboolean
apply_infos (Store                  *store,
             gint64                  account_id,
             ListMatch              *match,
             const StoreFolderInfo  *infos,
             gsize                   n_infos,
             GError                **error)
{
  g_autofree StoreFolder **folders = g_new0 (StoreFolder *, n_infos);
  g_autoptr(GHashTable) listed = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                                        (GDestroyNotify) g_bytes_unref, NULL);
  g_autofree gboolean *is_double = g_new0 (gboolean, n_infos);

  for (gsize i = 0; i < n_infos; i++)
    {
      is_double[i] = !g_hash_table_add (listed,
                                        g_bytes_new_static (infos[i].raw_name.data, infos[i].raw_name.size));
      if (is_double[i] || !(folders[i] = list_match_find (match, &infos[i])))
        continue;
      g_hash_table_add (match->found, folders[i]);
      if (!is_named (folders[i], &infos[i]) && !free_name (store, folders[i], error))
        return FALSE;
    }
  if (!mark_missing (store, match, error))
    return FALSE;
  for (gsize i = 0; i < n_infos; i++)
    if (!is_double[i] && !apply_info (store, account_id, match, folders[i], &infos[i], error))
      return FALSE;
  return TRUE;
}

gboolean
store_folders_apply_list (Store                  *store,
                          gint64                  account_id,
                          const StoreFolderInfo  *infos,
                          gsize                   n_infos,
                          StoreFolderNews        *news,
                          GError                **error)
{
  g_autoptr(ListMatch) match = NULL;
  GPtrArray *known = store_folders_list (store, account_id, STORE_FOLDERS_ALL, error);

  if (known == NULL)
    return FALSE;
  match = list_match_new (known);
  if (n_infos > 0 && (!apply_infos (store, account_id, match, infos, n_infos, error) ||
                      !settle_parents (store, account_id, error)))
    return FALSE;
  if (news != NULL)
    *news = match->news;
  return TRUE;
}

/* --- state ---------------------------------------------------------------------------------------------- */

static const struct {
  StoreFolderFields  field;
  const char        *column;
  gsize              offset;
} state_columns[] = {
  { STORE_FOLDER_UIDVALIDITY, "uidvalidity", G_STRUCT_OFFSET (StoreFolder, uidvalidity) },
  { STORE_FOLDER_UIDNEXT, "uidnext", G_STRUCT_OFFSET (StoreFolder, uidnext) },
  { STORE_FOLDER_HIGHESTMODSEQ, "highestmodseq", G_STRUCT_OFFSET (StoreFolder, highestmodseq) },
  { STORE_FOLDER_SERVER_TOTAL, "server_total", G_STRUCT_OFFSET (StoreFolder, server_total) },
  { STORE_FOLDER_SERVER_UNREAD, "server_unread", G_STRUCT_OFFSET (StoreFolder, server_unread) },
  { STORE_FOLDER_SERVER_SIZE, "server_size", G_STRUCT_OFFSET (StoreFolder, server_size) },
  { STORE_FOLDER_LISTED_FROM, "listed_from_uid", G_STRUCT_OFFSET (StoreFolder, listed_from_uid) },
  { STORE_FOLDER_FETCHED_FROM, "fetched_from_uid", G_STRUCT_OFFSET (StoreFolder, fetched_from_uid) },
  { STORE_FOLDER_CHECKED_AT, "checked_at", G_STRUCT_OFFSET (StoreFolder, checked_at) },
  { STORE_FOLDER_ANNOUNCED_ID, "announced_id", G_STRUCT_OFFSET (StoreFolder, announced_id) },
};

static gboolean
set_number (Store        *store,
            gint64        id,
            const char   *column,
            gint64        number,
            GError      **error)
{
  g_autofree char *sql = g_strdup_printf ("UPDATE folder SET %s = ? WHERE id = ?", column);

  return store_sql_run (store_peek_mail (store), sql, BIND (INT_UNLESS (STORE_NONE, number), INT (id)),
                        error);
}

gboolean
store_folders_set_state (Store              *store,
                         const StoreFolder  *folder,
                         guint               fields,
                         GError            **error)
{
  g_autoptr(StoreFolder) known = store_folders_get (store, folder->id, error);
  guint changed = 0;

  if (known == NULL)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (state_columns); i++)
    {
      gint64 number = G_STRUCT_MEMBER (gint64, folder, state_columns[i].offset);

      if (!(fields & state_columns[i].field)
          || number == G_STRUCT_MEMBER (gint64, known, state_columns[i].offset))
        continue;
      if (!set_number (store, folder->id, state_columns[i].column, number, error))
        return FALSE;
      changed |= state_columns[i].field;
    }
  if ((fields & STORE_FOLDER_ATTRIBUTES) && folder->attributes != known->attributes)
    {
      if (!set_number (store, folder->id, "attributes", folder->attributes, error))
        return FALSE;
      changed |= STORE_FOLDER_ATTRIBUTES;
    }
  /* When it was last looked at is no news for a window. */
  return (changed & ~STORE_FOLDER_CHECKED_AT) == 0 ||
         store_sql_run (store_peek_mail (store), "UPDATE folder SET rev = ? WHERE id = ?",
                        BIND (INT (store_mail_rev (store)), INT (folder->id)), error);
}
