/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/migrate.h"

#include "store-schema.h"

#include <glib/gstdio.h>

#define RESOURCE_PREFIX "/org/penfold/Penfold/schema/"

/* The text stays valid: a linked-in resource that is not compressed lends its own bytes, which end with
 * NUL. */
static const char *
step (const char *name)
{
  g_autofree char *path = g_strconcat (RESOURCE_PREFIX, name, NULL);
  g_autoptr(GBytes) bytes = g_resource_lookup_data (store_schema_get_resource (), path,
                                                    G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);

  g_assert (bytes != NULL);
  return g_bytes_get_data (bytes, NULL);
}

const StoreSchema *
store_schema_get_mail (void)
{
  static const char *steps[STORE_SCHEMA + 1];
  static const StoreSchema schema = { STORE_MAIL_APPLICATION_ID, steps };
  static gsize is_ready;

  if (g_once_init_enter (&is_ready))
    {
      steps[0] = step ("mail-1.sql");
      g_once_init_leave (&is_ready, 1);
    }
  return &schema;
}

const StoreSchema *
store_schema_get_desk (void)
{
  static const char *steps[STORE_SCHEMA + 1];
  static const StoreSchema schema = { STORE_DESK_APPLICATION_ID, steps };
  static gsize is_ready;

  if (g_once_init_enter (&is_ready))
    {
      steps[0] = step ("desk-1.sql");
      g_once_init_leave (&is_ready, 1);
    }
  return &schema;
}

guint
store_schema_get_version (const StoreSchema *schema)
{
  return g_strv_length ((char **) schema->steps);
}

static gboolean
read_pragma (StoreDb     *db,
             const char  *pragma,
             gint64      *value,
             GError     **error)
{
  return store_sql_get_int (db, pragma, NULL, 0, value, error);
}

static gboolean
set_foreign (StoreDb  *db,
             GError  **error)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "%s is not a file of Penfold", db->path);
  return FALSE;
}

gboolean
store_migrate_read (StoreDb            *db,
                    const StoreSchema  *schema,
                    guint              *version,
                    GError            **error)
{
  gint64 application_id, user_version, tables;

  if (!read_pragma (db, "PRAGMA application_id", &application_id, error) ||
      !read_pragma (db, "PRAGMA user_version", &user_version, error) ||
      !read_pragma (db, "SELECT count(*) FROM sqlite_master", &tables, error))
    return FALSE;
  if (application_id == 0 && user_version == 0 && tables == 0)
    {
      *version = 0;
      return TRUE;
    }
  if (application_id != schema->application_id || user_version < 1)
    return set_foreign (db, error);
  *version = (guint) user_version;
  return TRUE;
}

/* As one file, with the page size of the original; an older copy of the same version is replaced. */
static gboolean
copy_beside (StoreDb  *db,
             guint     version,
             GError  **error)
{
  g_autofree char *path = g_strdup_printf ("%s.schema-%u", db->path, version);
  g_autoptr(StoreDb) copy = NULL;
  sqlite3_backup *backup;
  int code;

  g_unlink (path);
  if (!(copy = store_db_open (path, STORE_DB_CREATE, error)))
    return FALSE;
  if (!(backup = sqlite3_backup_init (copy->handle, "main", db->handle, "main")))
    return store_db_set_error (copy, sqlite3_errcode (copy->handle), error);
  code = sqlite3_backup_step (backup, -1);
  sqlite3_backup_finish (backup);
  return code == SQLITE_DONE || store_db_set_error (copy, code, error);
}

static gboolean
check_references (StoreDb  *db,
                  GError  **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (db, "PRAGMA foreign_key_check", NULL, error);

  if (rows == NULL)
    return FALSE;
  if (!store_sql_next (rows))
    return store_sql_end (rows, error);
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "%s has a row in table %s that refers to nothing",
               db->path, store_sql_text (rows, 0));
  return FALSE;
}

static gboolean
run_steps (StoreDb            *db,
           const StoreSchema  *schema,
           guint               version,
           GError            **error)
{
  guint target = store_schema_get_version (schema);
  g_autofree char *stamp = g_strdup_printf ("PRAGMA application_id = %u; PRAGMA user_version = %u",
                                            schema->application_id, target);

  for (guint i = version; i < target; i++)
    if (!store_sql_run_script (db, schema->steps[i], error))
      return FALSE;
  return check_references (db, error) && store_sql_run_script (db, stamp, error);
}

static gboolean
run_in_transaction (StoreDb            *db,
                    const StoreSchema  *schema,
                    guint               version,
                    GError            **error)
{
  if (!store_sql_run_script (db, "BEGIN IMMEDIATE", error))
    return FALSE;
  if (run_steps (db, schema, version, error) && store_sql_run_script (db, "COMMIT", error))
    return TRUE;
  if (!sqlite3_get_autocommit (db->handle))
    store_sql_run_script (db, "ROLLBACK", NULL);
  return FALSE;
}

/* What can be chosen only before the first page is written. */
static gboolean
prepare_empty (StoreDb  *db,
               GError  **error)
{
  return store_sql_run_script (db, "PRAGMA page_size = " G_STRINGIFY (STORE_PAGE_SIZE) ";"
                               "PRAGMA auto_vacuum = INCREMENTAL;"
                               "PRAGMA journal_mode = WAL", error);
}

gboolean
store_migrate_run (StoreDb            *db,
                   const StoreSchema  *schema,
                   GError            **error)
{
  guint target = store_schema_get_version (schema);
  guint version;
  gboolean done;

  if (!store_migrate_read (db, schema, &version, error))
    return FALSE;
  if (version > target)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_NEWER_SCHEMA,
                   "%s was made by a newer Penfold (schema %u, this one knows %u)", db->path, version,
                   target);
      return FALSE;
    }
  if (version == target)
    return TRUE;
  if (version == 0 ? !prepare_empty (db, error) : !copy_beside (db, version, error))
    return FALSE;

  /* A step may rebuild a table that others refer to; the references are checked at the end. */
  if (!store_sql_run_script (db, "PRAGMA foreign_keys = OFF; PRAGMA synchronous = FULL", error))
    return FALSE;
  done = run_in_transaction (db, schema, version, error);
  return store_sql_run_script (db, "PRAGMA foreign_keys = ON", done ? error : NULL) && done;
}
