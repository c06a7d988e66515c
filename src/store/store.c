/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/store.h"

#include "base/files.h"
#include "store/locks.h"
#include "store/migrate.h"
#include "store/reserve.h"
#include "store/sql.h"
#include "store/threads-private.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Pages a write-ahead log may hold before it is copied back, and what it keeps on the disk afterwards. */
#define PRAGMAS_ALWAYS \
  "PRAGMA synchronous = FULL;" \
  "PRAGMA temp_store = MEMORY;" \
  "PRAGMA mmap_size = 0;" \
  "PRAGMA cell_size_check = ON;" \
  "PRAGMA wal_autocheckpoint = 2000;" \
  "PRAGMA journal_size_limit = 16777216;"

/* Above this size store_rest() empties the write-ahead log. */
#define WAL_REST_SIZE (4 * 1024 * 1024)

struct _StoreTransaction {
  Store    *store;
  StoreDb  *db;                         /* NULL: not open */
  gboolean  is_read;
  int       changes_before;
};

struct _Store {
  char             *dir;
  char             *uuid;
  StoreMode         mode;
  GThread          *owner;
  StoreDb          *mail;
  StoreDb          *desk;
  int               lock_fd;
  StoreTransaction  mail_transaction;
  StoreTransaction  desk_transaction;
  StoreThreadsDirty *dirty;
};

G_DEFINE_QUARK (penfold-store-error-quark, store_error)

StoreDb *
store_peek_mail (Store *store)
{
  return store->mail;
}

StoreDb *
store_peek_desk (Store *store)
{
  return store->desk;
}

StoreThreadsDirty *
store_peek_dirty (Store *store)
{
  return store->dirty;
}

gint64
store_mail_rev (Store *store)
{
  g_assert (store->mail->rev != 0);     /* only inside store_begin() */
  return store->mail->rev;
}

gint64
store_desk_rev (Store *store)
{
  g_assert (store->desk->rev != 0);     /* only inside store_desk_begin() */
  return store->desk->rev;
}

const char *
store_get_dir (const Store *store)
{
  return store->dir;
}

const char *
store_get_uuid (const Store *store)
{
  return store->uuid;
}

StoreMode
store_get_mode (const Store *store)
{
  return store->mode;
}

/* --- opening -------------------------------------------------------------------------------------------- */

typedef enum {
  FILES_ARE_CURRENT,
  FILES_NEED_WORK,                      /* missing, empty or older */
  FILES_FAILED,
} FilesState;

/* Looks without writing: a file of a newer Penfold stays exactly as it is. */
static FilesState
judge_file (const char         *path,
            const StoreSchema  *schema,
            GError            **error)
{
  g_autoptr(StoreDb) db = NULL;
  guint target = store_schema_get_version (schema);
  guint version;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return FILES_NEED_WORK;
  if (!(db = store_db_open (path, STORE_DB_READ_ONLY, error))
      || !store_migrate_read (db, schema, &version, error))
    return FILES_FAILED;
  if (version <= target)
    return version == target ? FILES_ARE_CURRENT : FILES_NEED_WORK;
  g_set_error (error, STORE_ERROR, STORE_ERROR_NEWER_SCHEMA,
               "%s was made by a newer Penfold (schema %u, this one knows %u)", path, version, target);
  return FILES_FAILED;
}

static FilesState
judge_files (const char  *mail_path,
             const char  *desk_path,
             GError     **error)
{
  FilesState desk = judge_file (desk_path, store_schema_get_desk (), error);
  FilesState mail = desk == FILES_FAILED
                    ? FILES_FAILED : judge_file (mail_path, store_schema_get_mail (), error);

  return MAX (desk, mail);
}

static gboolean
migrate_file (const char         *path,
              const StoreSchema  *schema,
              GError            **error)
{
  g_autoptr(StoreDb) db = store_db_open (path, STORE_DB_CREATE, error);

  return db != NULL && store_migrate_run (db, schema, error);
}

static gboolean
migrate_files (const char  *dir,
               const char  *mail_path,
               const char  *desk_path,
               GError     **error)
{
  int lock_fd = store_locks_take_store (dir, STORE_LOCK_EXCLUSIVE, error);
  gboolean done;

  if (lock_fd < 0)
    return FALSE;
  done = migrate_file (desk_path, store_schema_get_desk (), error) &&
         migrate_file (mail_path, store_schema_get_mail (), error) &&
         base_files_sync_dir (dir, error);
  close (lock_fd);
  return done;
}

static gboolean
set_needs_worker (const char  *path,
                  GError     **error)
{
  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "There is no %s yet", path);
  else
    g_set_error (error, STORE_ERROR, STORE_ERROR_OLDER_SCHEMA,
                 "%s must first be brought up to date by the worker", path);
  return FALSE;
}

static gboolean
set_not_owned (Store   *store,
               GError **error)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_LOCKED, "Only the owner of worker.lock writes the mail in %s",
               store->dir);
  return FALSE;
}

static gboolean
take_current_files (Store       *store,
                    const char  *mail_path,
                    const char  *desk_path,
                    GError     **error)
{
  FilesState state;

  if (store->mode == STORE_READER && !g_file_test (mail_path, G_FILE_TEST_EXISTS))
    return set_needs_worker (mail_path, error);
  if (store->mode == STORE_WRITER && !store_worker_lock_is_ours (store->dir))
    return set_not_owned (store, error);
  if ((store->lock_fd = store_locks_take_store (store->dir, STORE_LOCK_SHARED, error)) < 0)
    return FALSE;
  if ((state = judge_files (mail_path, desk_path, error)) == FILES_FAILED)
    return FALSE;
  if (state == FILES_ARE_CURRENT)
    return TRUE;
  if (store->mode == STORE_READER)
    return set_needs_worker (mail_path, error);

  close (store->lock_fd);
  store->lock_fd = -1;
  if (!migrate_files (store->dir, mail_path, desk_path, error))
    return FALSE;
  store->lock_fd = store_locks_take_store (store->dir, STORE_LOCK_SHARED, error);
  return store->lock_fd >= 0;
}

static char *
dup_uuid (StoreDb  *db,
          GError  **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (db, "SELECT value FROM meta WHERE key = 'store_uuid'",
                                                    NULL, error);
  char *uuid;

  if (rows == NULL)
    return NULL;
  uuid = store_sql_next (rows) ? store_sql_dup_text (rows, 0) : g_strdup ("");
  if (uuid[0] != '\0' || store_sql_end (rows, error))
    return uuid;
  g_free (uuid);
  return NULL;
}

static gboolean
set_uuid (StoreDb     *db,
          const char  *uuid,
          GError     **error)
{
  return store_sql_run (db, "INSERT INTO meta VALUES ('store_uuid', ?)", BIND (TEXT (uuid)), error);
}

/* A mail.db that is new beside an older desk.db has lost its rows: "rebuild" asks for them to be made again
 * from the raw mail. */
static gboolean
complete_uuids (Store       *store,
                char       **desk_uuid,
                char       **mail_uuid,
                GError     **error)
{
  gboolean is_rebuild = (*desk_uuid)[0] != '\0' && (*mail_uuid)[0] == '\0';

  if (store->mode == STORE_READER && ((*desk_uuid)[0] == '\0' || is_rebuild))
    return set_needs_worker (store->mail->path, error);
  if ((*desk_uuid)[0] == '\0')
    {
      g_free (*desk_uuid);
      *desk_uuid = (*mail_uuid)[0] != '\0' ? g_strdup (*mail_uuid) : g_uuid_string_random ();
      if (!set_uuid (store->desk, *desk_uuid, error))
        return FALSE;
    }
  if ((*mail_uuid)[0] != '\0')
    return TRUE;
  g_free (*mail_uuid);
  *mail_uuid = g_strdup (*desk_uuid);
  if (is_rebuild && !store_sql_run (store->mail, "INSERT INTO meta VALUES ('rebuild', '1')", NULL, error))
    return FALSE;
  return set_uuid (store->mail, *mail_uuid, error);
}

static gboolean
check_uuids (Store   *store,
             GError **error)
{
  g_autofree char *desk_uuid = dup_uuid (store->desk, error);
  g_autofree char *mail_uuid = desk_uuid != NULL ? dup_uuid (store->mail, error) : NULL;

  if (mail_uuid == NULL || !complete_uuids (store, &desk_uuid, &mail_uuid, error))
    return FALSE;
  if (g_strcmp0 (desk_uuid, mail_uuid) != 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT,
                   "mail.db and desk.db in %s belong to different stores", store->dir);
      return FALSE;
    }
  store->uuid = g_steal_pointer (&desk_uuid);
  return TRUE;
}

static StoreDb *
open_file (const char     *path,
           StoreDbAccess   access,
           const char     *pragmas,
           GError        **error)
{
  g_autoptr(StoreDb) db = store_db_open (path, access, error);

  if (db == NULL || !store_sql_run_script (db, PRAGMAS_ALWAYS, error)
      || !store_sql_run_script (db, pragmas, error))
    return NULL;
  return g_steal_pointer (&db);
}

Store *
store_open (const char  *dir,
            StoreMode    mode,
            GError     **error)
{
  g_autoptr(Store) store = g_new0 (Store, 1);
  g_autofree char *mail_path = g_build_filename (dir, "mail.db", NULL);
  g_autofree char *desk_path = g_build_filename (dir, "desk.db", NULL);

  store->dir = g_strdup (dir);
  store->mode = mode;
  store->owner = g_thread_self ();
  store->lock_fd = -1;
  store->dirty = store_threads_dirty_new ();
  if (!take_current_files (store, mail_path, desk_path, error))
    return NULL;

  /* Mail can be fetched again or was deleted on purpose: zeroing freed pages is worth it only where they are
   * written anyhow.  What the user wrote and threw away is gone. */
  store->desk = open_file (desk_path, STORE_DB_READ_WRITE,
                           "PRAGMA cache_size = -512; PRAGMA secure_delete = ON", error);
  if (store->desk == NULL)
    return NULL;
  store->mail = mode == STORE_WRITER ?
    open_file (mail_path, STORE_DB_READ_WRITE, "PRAGMA cache_size = -8192; PRAGMA secure_delete = FAST",
               error) :
    open_file (mail_path, STORE_DB_READ_ONLY, "PRAGMA cache_size = -2048", error);
  if (store->mail == NULL || !check_uuids (store, error))
    return NULL;
  return g_steal_pointer (&store);
}

void
store_close (Store *store)
{
  if (store == NULL)
    return;
  g_assert (store->owner == g_thread_self ());
  g_assert (store->mail_transaction.db == NULL && store->desk_transaction.db == NULL);
  store_db_close (store->mail);
  store_db_close (store->desk);
  if (store->lock_fd >= 0)
    close (store->lock_fd);
  store_threads_dirty_free (store->dirty);
  g_free (store->uuid);
  g_free (store->dir);
  g_free (store);
}

/* --- transactions --------------------------------------------------------------------------------------- */

static StoreTransaction *
begin (Store             *store,
       StoreDb           *db,
       StoreTransaction  *transaction,
       gboolean           is_read,
       GError           **error)
{
  g_assert (store->owner == g_thread_self ());
  g_assert (transaction->db == NULL);
  if (!store_sql_run (db, is_read ? "BEGIN" : "BEGIN IMMEDIATE", NULL, error))
    return NULL;
  transaction->store = store;
  transaction->db = db;
  transaction->is_read = is_read;
  if (is_read)
    return transaction;
  if (store_sql_get_int (db, "UPDATE revision SET rev = rev + 1 RETURNING rev", NULL, 0, &db->rev, error))
    {
      transaction->changes_before = sqlite3_total_changes (db->handle);
      return transaction;
    }
  store_rollback (transaction);
  return NULL;
}

StoreTransaction *
store_begin (Store   *store,
             GError **error)
{
  g_assert (store->mode == STORE_WRITER);
  return begin (store, store->mail, &store->mail_transaction, FALSE, error);
}

StoreTransaction *
store_begin_read (Store   *store,
                  GError **error)
{
  return begin (store, store->mail, &store->mail_transaction, TRUE, error);
}

StoreTransaction *
store_desk_begin (Store   *store,
                  GError **error)
{
  return begin (store, store->desk, &store->desk_transaction, FALSE, error);
}

static void
end_transaction (StoreTransaction *transaction)
{
  if (transaction->db == transaction->store->mail)
    store_threads_dirty_clear (transaction->store->dirty);
  transaction->db->rev = 0;
  transaction->db = NULL;
}

void
store_rollback (StoreTransaction *transaction)
{
  if (transaction == NULL)
    return;
  g_assert (transaction->db != NULL);
  /* A full disk has rolled it back already. */
  if (!sqlite3_get_autocommit (transaction->db->handle))
    store_sql_run (transaction->db, "ROLLBACK", NULL, NULL);
  end_transaction (transaction);
}

gboolean
store_commit (StoreTransaction  *transaction,
              GError           **error)
{
  Store *store = transaction->store;
  StoreDb *db = transaction->db;

  g_assert (db != NULL && store->owner == g_thread_self ());
  if (!transaction->is_read && db == store->mail && !store_threads_settle (store, error))
    {
      store_rollback (transaction);
      return FALSE;
    }
  if (!transaction->is_read && sqlite3_total_changes (db->handle) == transaction->changes_before)
    {
      store_rollback (transaction);
      return TRUE;
    }
  if (!store_sql_run (db, "COMMIT", NULL, error))
    {
      store_rollback (transaction);
      return FALSE;
    }
  end_transaction (transaction);
  return TRUE;
}

static gboolean
desk_write_once (Store      *store,
                 StoreWork   work,
                 gpointer    user_data,
                 GError    **error)
{
  g_autoptr(StoreTransaction) transaction = store_desk_begin (store, error);

  if (transaction == NULL || !work (store, user_data, error))
    return FALSE;
  return store_commit (g_steal_pointer (&transaction), error);
}

gboolean
store_desk_write (Store      *store,
                  StoreWork   work,
                  gpointer    user_data,
                  GError    **error)
{
  g_autoptr(GError) first = NULL;

  if (desk_write_once (store, work, user_data, &first))
    return TRUE;
  if (!g_error_matches (first, STORE_ERROR, STORE_ERROR_FULL) || store_reserve_is_spent (store->dir))
    {
      g_propagate_error (error, g_steal_pointer (&first));
      return FALSE;
    }
  store_reserve_free (store->dir);
  return desk_write_once (store, work, user_data, error);
}

/* --- facts about the files ------------------------------------------------------------------------------ */

static gint64
get_rev (StoreDb  *db,
         GError  **error)
{
  gint64 rev = 0;

  return store_sql_get_int (db, "SELECT rev FROM revision", NULL, 0, &rev, error) ? rev : 0;
}

gint64
store_get_mail_rev (Store   *store,
                    GError **error)
{
  return get_rev (store->mail, error);
}

gint64
store_get_desk_rev (Store   *store,
                    GError **error)
{
  return get_rev (store->desk, error);
}

gint64
store_get_data_version (Store   *store,
                        GError **error)
{
  gint64 mail = 0, desk = 0;

  if (!store_sql_get_int (store->mail, "PRAGMA data_version", NULL, 0, &mail, error) ||
      !store_sql_get_int (store->desk, "PRAGMA data_version", NULL, 0, &desk, error))
    return 0;
  return (gint64) ((guint64) mail << 32 | (guint32) desk);
}

static char *
dup_meta (StoreDb     *db,
          const char  *key,
          GError     **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (db, "SELECT value FROM meta WHERE key = ?",
                                                    BIND (TEXT (key)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return store_sql_dup_text (rows, 0);
  store_sql_end (rows, error);
  return NULL;
}

static gboolean
set_meta (StoreDb     *db,
          const char  *key,
          const char  *value,
          GError     **error)
{
  return store_sql_run (db, "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                        BIND (TEXT (key), TEXT (value)), error);
}

char *
store_dup_meta (Store       *store,
                const char  *key,
                GError     **error)
{
  return dup_meta (store->mail, key, error);
}

gboolean
store_set_meta (Store       *store,
                const char  *key,
                const char  *value,
                GError     **error)
{
  return set_meta (store->mail, key, value, error);
}

char *
store_desk_dup_meta (Store       *store,
                     const char  *key,
                     GError     **error)
{
  return dup_meta (store->desk, key, error);
}

gboolean
store_desk_set_meta (Store       *store,
                     const char  *key,
                     const char  *value,
                     GError     **error)
{
  return set_meta (store->desk, key, value, error);
}

static gboolean
rest (StoreDb  *db,
      GError  **error)
{
  g_autofree char *wal_path = g_strconcat (db->path, "-wal", NULL);
  struct stat st;
  int code;

  sqlite3_db_release_memory (db->handle);
  if (stat (wal_path, &st) != 0 || st.st_size < WAL_REST_SIZE)
    return TRUE;
  code = sqlite3_wal_checkpoint_v2 (db->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
  if (code == SQLITE_OK)
    code = sqlite3_wal_checkpoint_v2 (db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  /* A window that is reading right now keeps it; the next quiet moment will do. */
  return code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY || store_db_set_error (db, code, error);
}

gboolean
store_rest (Store   *store,
            GError **error)
{
  g_assert (store->owner == g_thread_self () && store->mode == STORE_WRITER);
  return rest (store->mail, error) && rest (store->desk, error);
}
