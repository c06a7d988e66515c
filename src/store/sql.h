/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/sql.h - statements on one database file, kept short.  For this folder only.
 *
 * Statements are prepared once and kept by their text.  Values are bound by kind:
 *
 *   store_sql_run (db, "UPDATE folder SET name = ? WHERE id = ?", BIND (TEXT (name), INT (id)), error)
 *
 *   g_autoptr(StoreStatement) rows = store_sql_query (db, "SELECT id FROM folder WHERE role = ?", BIND (TEXT
 *   (role)), error);
 *
 *   if (rows == NULL)
 *     return FALSE;
 *   while (store_sql_next (rows))
 *     use (store_sql_int (rows, 0));
 *   return store_sql_end (rows, error);
 *
 * It knows nothing of tables.
 *
 * Threads: the one that opened it, asserted.  Errors: STORE_ERROR_FULL, _READ_ONLY, _BUSY, _CORRUPT, _FAILED.
 */
#pragma once

#include "store/store.h"

#include <sqlite3.h>

typedef enum {
  STORE_DB_READ_ONLY,
  STORE_DB_READ_WRITE,
  STORE_DB_CREATE,                      /* where it is missing, mode 0600 */
} StoreDbAccess;

typedef struct {
  sqlite3    *handle;
  char       *path;
  GThread    *owner;
  GHashTable *statements;               /* SQL text -> StoreStatement */
  gint64      rev;                      /* of the open write transaction; 0 outside */
} StoreDb;

StoreDb    *store_db_open       (const char     *path,
                                 StoreDbAccess   access,
                                 GError        **error) G_GNUC_WARN_UNUSED_RESULT;
void        store_db_close      (StoreDb        *db);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreDb, store_db_close)

StoreDb    *store_peek_mail     (Store          *store);
StoreDb    *store_peek_desk     (Store          *store);
/* What the open write transaction stamps its rows with. */
gint64      store_mail_rev      (Store          *store);
gint64      store_desk_rev      (Store          *store);

typedef enum {
  STORE_VALUE_END,
  STORE_VALUE_NULL,
  STORE_VALUE_INT,
  STORE_VALUE_TEXT,
  STORE_VALUE_BLOB,
} StoreValueKind;

typedef struct {
  StoreValueKind kind;
  gint64         number;
  const void    *data;
  gsize          size;
} StoreValue;

#define BIND(...)               ((const StoreValue[]) { __VA_ARGS__, { STORE_VALUE_END } })
#define INT(value)              { STORE_VALUE_INT, (gint64) (value) }
#define TEXT(value)             { STORE_VALUE_TEXT, 0, (value) }                 /* NULL is NULL */
#define BLOB(value, length)     { STORE_VALUE_BLOB, 0, (value), (length) }       /* data NULL is NULL */
#define NOTHING                 { STORE_VALUE_NULL }
#define INT_UNLESS(none, value) { (gint64) (value) == (gint64) (none) ? STORE_VALUE_NULL : STORE_VALUE_INT, \
                                  (gint64) (value) }

typedef struct _StoreStatement StoreStatement;

/* values may be NULL.  run goes to the end and drops any rows. */
gboolean        store_sql_run       (StoreDb           *db,
                                     const char        *sql,
                                     const StoreValue  *values,
                                     GError           **error);
StoreStatement *store_sql_query     (StoreDb           *db,
                                     const char        *sql,
                                     const StoreValue  *values,
                                     GError           **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean        store_sql_next      (StoreStatement    *rows);
/* After next returned FALSE: whether that was the end, or an error. */
gboolean        store_sql_end       (StoreStatement    *rows,
                                     GError           **error);
void            store_sql_done      (StoreStatement    *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreStatement, store_sql_done)

/* The first column of the first row; fallback where there is no row or it is NULL. */
gboolean        store_sql_get_int   (StoreDb           *db,
                                     const char        *sql,
                                     const StoreValue  *values,
                                     gint64             fallback,
                                     gint64            *value,
                                     GError           **error);
/* The first column of all rows, as gint64. */
GArray         *store_sql_list_ints (StoreDb           *db,
                                     const char        *sql,
                                     const StoreValue  *values,
                                     GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* Several statements without values. */
gboolean        store_sql_run_script (StoreDb          *db,
                                      const char       *sql,
                                      GError          **error);

/* Columns.  Borrowed until next or done. */
gint64          store_sql_int       (StoreStatement    *rows,
                                     int                column);
gint64          store_sql_int_or    (StoreStatement    *rows,
                                     int                column,
                                     gint64             fallback);          /* for NULL */
const char     *store_sql_text      (StoreStatement    *rows,
                                     int                column);            /* or NULL */
char           *store_sql_dup_text  (StoreStatement    *rows,
                                     int                column);            /* or NULL */
BaseSlice       store_sql_bytes     (StoreStatement    *rows,
                                     int                column);            /* data is NULL for NULL */
GBytes         *store_sql_dup_bytes (StoreStatement    *rows,
                                     int                column);            /* or NULL */

/* For work on very many rows: in KiB, gives what it was; giving it back frees the memory. */
gint64          store_db_set_cache  (StoreDb           *db,
                                     gint64             kib);

gint64          store_sql_last_id   (StoreDb           *db);
gint64          store_sql_changed   (StoreDb           *db);                /* rows of the last statement */

/* Always FALSE. */
gboolean        store_sql_set_missing (GError         **error,
                                       const char      *what,
                                       gint64           id);
gboolean        store_db_set_error  (StoreDb           *db,
                                     int                code,               /* of SQLite */
                                     GError           **error);
