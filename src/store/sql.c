/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/sql.h"

#include "base/files.h"
#include "store/tokenizer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>

/* Statements made of parts (lists of folders) would otherwise pile up. */
#define STATEMENTS_MAX 200

struct _StoreStatement {
  StoreDb      *db;
  sqlite3_stmt *handle;
  int           code;                   /* of the last step */
  gboolean      is_kept;                /* in the cache: only reset when done */
  gboolean      is_busy;
};

static void
statement_free (StoreStatement *statement)
{
  sqlite3_finalize (statement->handle);
  g_free (statement);
}

static StoreError
judge_io_error (StoreDb *db)
{
  int system_errno = sqlite3_system_errno (db->handle);

  if (system_errno == ENOSPC || system_errno == EDQUOT || system_errno == EFBIG)
    return STORE_ERROR_FULL;
  return system_errno == EROFS ? STORE_ERROR_READ_ONLY : STORE_ERROR_FAILED;
}

static StoreError
judge_code (StoreDb *db,
            int      code)
{
  switch (code & 0xff)
    {
    case SQLITE_FULL:
      return STORE_ERROR_FULL;
    case SQLITE_IOERR:
      return judge_io_error (db);
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
      return STORE_ERROR_READ_ONLY;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return STORE_ERROR_BUSY;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return STORE_ERROR_CORRUPT;
    default:
      return STORE_ERROR_FAILED;
    }
}

gboolean
store_db_set_error (StoreDb  *db,
                    int       code,
                    GError  **error)
{
  StoreError judged = judge_code (db, code);
  const char *reason = judged == STORE_ERROR_FULL ? "the disk is full" : sqlite3_errmsg (db->handle);

  g_set_error (error, STORE_ERROR, (int) judged, "Cannot use %s: %s", db->path, reason);
  return FALSE;
}

gboolean
store_sql_set_missing (GError     **error,
                       const char  *what,
                       gint64       id)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "There is no %s %" G_GINT64_FORMAT, what, id);
  return FALSE;
}

/* SQLite would make it readable for others where the umask allows. */
static gboolean
make_private_file (const char  *path,
                   GError     **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  if (fd >= 0)
    {
      close (fd);
      return TRUE;
    }
  g_set_error (error, STORE_ERROR, errno == ENOSPC || errno == EDQUOT
               ? STORE_ERROR_FULL : STORE_ERROR_READ_ONLY,
               "Cannot create %s: %s", path, g_strerror (errno));
  return FALSE;
}

StoreDb *
store_db_open (const char     *path,
               StoreDbAccess   access,
               GError        **error)
{
  g_autoptr(StoreDb) db = g_new0 (StoreDb, 1);
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  int code;

  flags |= access == STORE_DB_READ_ONLY ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  db->path = g_strdup (path);
  db->owner = g_thread_self ();
  db->statements = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) statement_free);

  if (access == STORE_DB_CREATE && !g_file_test (path, G_FILE_TEST_EXISTS)
      && !make_private_file (path, error))
    return NULL;
  if ((code = sqlite3_open_v2 (path, &db->handle, flags, NULL)) != SQLITE_OK)
    {
      store_db_set_error (db, code, error);
      return NULL;
    }
  sqlite3_busy_timeout (db->handle, 5000);
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
  sqlite3_db_config (db->handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
  if (!store_tokenizer_register (db->handle, error))
    return NULL;
  return g_steal_pointer (&db);
}

void
store_db_close (StoreDb *db)
{
  int code;

  if (db == NULL)
    return;
  g_assert (db->owner == g_thread_self ());
  g_hash_table_destroy (db->statements);
  code = sqlite3_close (db->handle);
  g_assert (code == SQLITE_OK);           /* a statement that nobody ended */
  g_free (db->path);
  g_free (db);
}

static gboolean
is_idle (gpointer key,
         gpointer value,
         gpointer user_data)
{
  StoreStatement *statement = value;

  return !statement->is_busy;
}

static StoreStatement *
prepare (StoreDb     *db,
         const char  *sql,
         gboolean     is_kept,
         GError     **error)
{
  StoreStatement *statement;
  sqlite3_stmt *handle;
  int code = sqlite3_prepare_v3 (db->handle, sql, -1, is_kept ? SQLITE_PREPARE_PERSISTENT : 0, &handle, NULL);

  if (code != SQLITE_OK)
    {
      store_db_set_error (db, code, error);
      return NULL;
    }
  statement = g_new0 (StoreStatement, 1);
  statement->db = db;
  statement->handle = handle;
  statement->is_kept = is_kept;
  if (!is_kept)
    return statement;
  if (g_hash_table_size (db->statements) >= STATEMENTS_MAX)
    g_hash_table_foreach_remove (db->statements, is_idle, NULL);
  g_hash_table_insert (db->statements, g_strdup (sql), statement);
  return statement;
}

/* A statement that is already being read (a query inside the loop over the same query) is prepared once
 * more. */
static StoreStatement *
take_statement (StoreDb     *db,
                const char  *sql,
                GError     **error)
{
  StoreStatement *statement = g_hash_table_lookup (db->statements, sql);

  g_assert (db->owner == g_thread_self ());
  if (statement == NULL)
    statement = prepare (db, sql, TRUE, error);
  else if (statement->is_busy)
    statement = prepare (db, sql, FALSE, error);
  if (statement != NULL)
    statement->is_busy = TRUE;
  return statement;
}

void
store_sql_done (StoreStatement *rows)
{
  if (rows == NULL)
    return;
  if (!rows->is_kept)
    {
      statement_free (rows);
      return;
    }
  sqlite3_reset (rows->handle);
  sqlite3_clear_bindings (rows->handle);
  rows->is_busy = FALSE;
}

static int
bind_value (sqlite3_stmt            *handle,
            int                      position,
            const StoreValue        *value,
            sqlite3_destructor_type  lifetime)
{
  switch (value->kind)
    {
    case STORE_VALUE_INT:
      return sqlite3_bind_int64 (handle, position, value->number);
    case STORE_VALUE_TEXT:
      return sqlite3_bind_text (handle, position, value->data, -1, lifetime);
    case STORE_VALUE_BLOB:
      return sqlite3_bind_blob64 (handle, position, value->data, value->size, lifetime);
    case STORE_VALUE_NULL:
    case STORE_VALUE_END:
      return sqlite3_bind_null (handle, position);
    }
  g_assert_not_reached ();
}

static StoreStatement *
take_bound (StoreDb                  *db,
            const char               *sql,
            const StoreValue         *values,
            sqlite3_destructor_type   lifetime,
            GError                  **error)
{
  g_autoptr(StoreStatement) statement = take_statement (db, sql, error);
  int position = 0;

  if (statement == NULL)
    return NULL;
  while (values != NULL && values[position].kind != STORE_VALUE_END)
    {
      int code = bind_value (statement->handle, position + 1, &values[position], lifetime);

      if (code != SQLITE_OK)
        {
          store_db_set_error (db, code, error);
          return NULL;
        }
      position++;
    }
  g_assert (position == sqlite3_bind_parameter_count (statement->handle));
  return g_steal_pointer (&statement);
}

gboolean
store_sql_run (StoreDb           *db,
               const char        *sql,
               const StoreValue  *values,
               GError           **error)
{
  g_autoptr(StoreStatement) statement = take_bound (db, sql, values, SQLITE_STATIC, error);

  if (statement == NULL)
    return FALSE;
  while (store_sql_next (statement))
    ;
  return store_sql_end (statement, error);
}

StoreStatement *
store_sql_query (StoreDb           *db,
                 const char        *sql,
                 const StoreValue  *values,
                 GError           **error)
{
  return take_bound (db, sql, values, SQLITE_TRANSIENT, error);
}

gboolean
store_sql_next (StoreStatement *rows)
{
  rows->code = sqlite3_step (rows->handle);
  return rows->code == SQLITE_ROW;
}

gboolean
store_sql_end (StoreStatement  *rows,
               GError         **error)
{
  return rows->code == SQLITE_DONE || store_db_set_error (rows->db, rows->code, error);
}

gboolean
store_sql_get_int (StoreDb           *db,
                   const char        *sql,
                   const StoreValue  *values,
                   gint64             fallback,
                   gint64            *value,
                   GError           **error)
{
  g_autoptr(StoreStatement) rows = take_bound (db, sql, values, SQLITE_STATIC, error);

  if (rows == NULL)
    return FALSE;
  *value = store_sql_next (rows) ? store_sql_int_or (rows, 0, fallback) : fallback;
  return rows->code == SQLITE_ROW || store_sql_end (rows, error);
}

GArray *
store_sql_list_ints (StoreDb           *db,
                     const char        *sql,
                     const StoreValue  *values,
                     GError           **error)
{
  g_autoptr(StoreStatement) rows = take_bound (db, sql, values, SQLITE_STATIC, error);
  g_autoptr(GArray) numbers = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      gint64 number = store_sql_int (rows, 0);

      g_array_append_val (numbers, number);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&numbers) : NULL;
}

gboolean
store_sql_run_script (StoreDb     *db,
                      const char  *sql,
                      GError     **error)
{
  int code;

  g_assert (db->owner == g_thread_self ());
  code = sqlite3_exec (db->handle, sql, NULL, NULL, NULL);
  return code == SQLITE_OK || store_db_set_error (db, code, error);
}

gint64
store_sql_int (StoreStatement *rows,
               int             column)
{
  return sqlite3_column_int64 (rows->handle, column);
}

gint64
store_sql_int_or (StoreStatement *rows,
                  int             column,
                  gint64          fallback)
{
  if (sqlite3_column_type (rows->handle, column) == SQLITE_NULL)
    return fallback;
  return sqlite3_column_int64 (rows->handle, column);
}

const char *
store_sql_text (StoreStatement *rows,
                int             column)
{
  return (const char *) sqlite3_column_text (rows->handle, column);
}

char *
store_sql_dup_text (StoreStatement *rows,
                    int             column)
{
  return g_strdup (store_sql_text (rows, column));
}

BaseSlice
store_sql_bytes (StoreStatement *rows,
                 int             column)
{
  const void *data = sqlite3_column_blob (rows->handle, column);

  return base_slice_new (data, (gsize) sqlite3_column_bytes (rows->handle, column));
}

GBytes *
store_sql_dup_bytes (StoreStatement *rows,
                     int             column)
{
  BaseSlice bytes = store_sql_bytes (rows, column);

  if (sqlite3_column_type (rows->handle, column) == SQLITE_NULL)
    return NULL;
  return g_bytes_new (bytes.data, bytes.size);
}

gint64
store_db_set_cache (StoreDb *db,
                    gint64   kib)
{
  g_autofree char *pragma = g_strdup_printf ("PRAGMA cache_size = -%" G_GINT64_FORMAT, kib);
  gint64 before = 0;

  store_sql_get_int (db, "PRAGMA cache_size", NULL, 0, &before, NULL);
  store_sql_run_script (db, pragma, NULL);
  if (-before > kib)
    sqlite3_db_release_memory (db->handle);
  return -before;
}

gint64
store_sql_last_id (StoreDb *db)
{
  return sqlite3_last_insert_rowid (db->handle);
}

gint64
store_sql_changed (StoreDb *db)
{
  return sqlite3_changes64 (db->handle);
}
