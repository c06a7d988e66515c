/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/fixture.h"
#include "store/migrate.h"

#include <glib/gstdio.h>
#include <string.h>

#define TEST_ID 0x12345678

#define STEP_1 \
  "CREATE TABLE a (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;" \
  "CREATE TABLE b (a_id INTEGER REFERENCES a (id)) STRICT;"

static const char *const two_steps[] = {
  STEP_1,
  /* As a real step does: a table is rebuilt while another refers to it. */
  "CREATE TABLE a_new (id INTEGER PRIMARY KEY, text TEXT NOT NULL, size INTEGER NOT NULL) STRICT;"
  "INSERT INTO a_new SELECT id, text, length (text) FROM a; DROP TABLE a; ALTER TABLE a_new RENAME TO a;",
  NULL
};
static const char *const one_step[] = { STEP_1, NULL };
static const char *const bad_second[] = { STEP_1, "CREATE TABLE c (x INTEGER) STRICT; SELECT nonsense;",
                                          NULL };
static const char *const orphaning[] = { STEP_1, "DELETE FROM a;", NULL };

static const StoreSchema schema_1 = { TEST_ID, one_step };
static const StoreSchema schema_2 = { TEST_ID, two_steps };

typedef struct {
  char *dir;
  char *path;
} Place;

static void
place_init (Place *place)
{
  place->dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  place->path = g_build_filename (place->dir, "test.db", NULL);
}

static void
place_clear (Place *place)
{
  store_fixture_remove_dir (place->dir);
  g_free (place->dir);
  g_free (place->path);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Place, place_clear)

static void
make (const Place       *place,
      const StoreSchema *schema,
      const char        *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreDb) db = store_db_open (place->path, STORE_DB_CREATE, &error);

  g_assert_no_error (error);
  store_migrate_run (db, schema, &error);
  g_assert_no_error (error);
  store_sql_run_script (db, sql, &error);
  g_assert_no_error (error);
}

static gboolean
migrate (const char         *path,
         const StoreSchema  *schema,
         GError            **error)
{
  g_autoptr(StoreDb) db = store_db_open (path, STORE_DB_CREATE, NULL);

  return store_migrate_run (db, schema, error);
}

static gint64
get_int (const char *path,
         const char *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreDb) db = store_db_open (path, STORE_DB_READ_ONLY, &error);
  gint64 value;

  g_assert_no_error (error);
  store_sql_get_int (db, sql, NULL, -1, &value, &error);
  g_assert_no_error (error);
  return value;
}

static char *
read_all (const char *path)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);
  return g_compute_checksum_for_data (G_CHECKSUM_SHA256, (guchar *) text, size);
}

static void
test_step_by_step (void)
{
  g_auto(Place) place = { 0 };
  g_autoptr(GError) error = NULL;
  g_autofree char *copy = NULL;

  place_init (&place);
  make (&place, &schema_1, "INSERT INTO a VALUES (1, 'hello'); INSERT INTO b VALUES (1)");
  g_assert_true (migrate (place.path, &schema_2, &error));
  g_assert_no_error (error);
  g_assert_cmpint (get_int (place.path, "PRAGMA user_version"), ==, 2);
  g_assert_cmpint (get_int (place.path, "SELECT size FROM a"), ==, 5);
  g_assert_cmpint (get_int (place.path, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);

  copy = g_strconcat (place.path, ".schema-1", NULL);
  g_assert_cmpint (get_int (copy, "PRAGMA user_version"), ==, 1);
  g_assert_cmpint (get_int (copy, "SELECT length (text) FROM a"), ==, 5);
}

static void
test_new_file_takes_all_steps (void)
{
  g_auto(Place) place = { 0 };

  place_init (&place);
  make (&place, &schema_2, "INSERT INTO a VALUES (1, 'hello', 5)");
  g_assert_cmpint (get_int (place.path, "PRAGMA user_version"), ==, 2);
  g_assert_cmpint (get_int (place.path, "PRAGMA application_id"), ==, TEST_ID);
}

static void
test_failed_step_leaves_the_file (void)
{
  const StoreSchema schemas[] = { { TEST_ID, bad_second }, { TEST_ID, orphaning } };

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_auto(Place) place = { 0 };
      g_autoptr(GError) error = NULL;

      place_init (&place);
      make (&place, &schema_1, "INSERT INTO a VALUES (1, 'hello'); INSERT INTO b VALUES (1)");
      g_assert_false (migrate (place.path, &schemas[i], &error));
      g_assert_nonnull (error);
      g_assert_cmpint (get_int (place.path, "PRAGMA user_version"), ==, 1);
      g_assert_cmpint (get_int (place.path, "SELECT count(*) FROM a"), ==, 1);
      g_assert_cmpint (get_int (place.path, "SELECT count(*) FROM sqlite_master WHERE name = 'c'"), ==, 0);
    }
}

static void
test_newer_schema_is_not_written (void)
{
  g_auto(Place) place = { 0 };
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL, *after = NULL;

  place_init (&place);
  make (&place, &schema_2, "PRAGMA wal_checkpoint (TRUNCATE)");
  before = read_all (place.path);
  g_assert_false (migrate (place.path, &schema_1, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NEWER_SCHEMA);
  after = read_all (place.path);
  g_assert_cmpstr (before, ==, after);
}

static void
test_foreign_file_is_refused (void)
{
  g_auto(Place) place = { 0 };
  const StoreSchema other = { TEST_ID + 1, one_step };
  g_autoptr(GError) error = NULL;

  place_init (&place);
  make (&place, &schema_1, "INSERT INTO a VALUES (1, 'hello')");
  g_assert_false (migrate (place.path, &other, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
}

/* What SQLite keeps of a schema, in one text. */
static char *
dump_schema (const char *path)
{
  g_autoptr(StoreDb) db = store_db_open (path, STORE_DB_READ_ONLY, NULL);
  g_autoptr(StoreStatement) rows = store_sql_query (db, "SELECT coalesce (sql, '') FROM sqlite_master ORDER "
                                                        "BY type, name",
                                                    NULL, NULL);
  GString *text = g_string_new (NULL);

  while (store_sql_next (rows))
    g_string_append_printf (text, "%s;\n", store_sql_text (rows, 0));
  return g_string_free (text, FALSE);
}

static void
test_store_has_the_schema (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const struct { const char *name; const StoreSchema *schema; } files[] = {
    { "mail.db", store_schema_get_mail () }, { "desk.db", store_schema_get_desk () },
  };

  g_clear_pointer (&fixture->store, store_close);
  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_auto(Place) place = { 0 };
      g_autofree char *path = g_build_filename (fixture->dir, files[i].name, NULL);
      g_autofree char *expected = NULL, *found = dump_schema (path);

      place_init (&place);
      {
        g_autoptr(StoreDb) db = store_db_open (place.path, STORE_DB_CREATE, NULL);
        g_autoptr(GError) error = NULL;

        for (guint step = 0; files[i].schema->steps[step] != NULL; step++)
          store_sql_run_script (db, files[i].schema->steps[step], &error);
        g_assert_no_error (error);
      }
      expected = dump_schema (place.path);
      g_assert_cmpstr (found, ==, expected);
      g_assert_cmpuint (store_schema_get_version (files[i].schema), ==, STORE_SCHEMA);
      g_assert_cmpint (get_int (path, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);
      g_assert_cmpint (get_int (path, "SELECT count(*) FROM pragma_integrity_check"
                                      " WHERE integrity_check <> 'ok'"), ==, 0);
    }
}

static void
test_newer_store_is_refused_untouched (void)
{
  static const char *const names[] = { "mail.db", "desk.db" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);
      g_autofree char *before = NULL, *after = NULL;

      g_clear_pointer (&fixture->store, store_close);
      {
        g_autoptr(StoreDb) db = store_db_open (path, STORE_DB_READ_WRITE, NULL);

        store_sql_run_script (db, "PRAGMA user_version = 99", NULL);
      }
      before = read_all (path);
      for (StoreMode mode = STORE_READER; mode <= STORE_WRITER; mode++)
        {
          g_autoptr(GError) error = NULL;

          g_assert_null (store_open (fixture->dir, mode, &error));
          g_assert_error (error, STORE_ERROR, STORE_ERROR_NEWER_SCHEMA);
        }
      after = read_all (path);
      g_assert_cmpstr (before, ==, after);
    }
}

static void
test_empty_files_are_filled (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autofree char *path = g_build_filename (fixture->dir, "mail.db", NULL);

  g_clear_pointer (&fixture->store, store_close);
  g_assert_true (g_file_set_contents (path, "", 0, NULL));
  store_fixture_reopen (fixture);
  g_assert_cmpint (get_int (path, "SELECT count(*) FROM folder"), ==, 6);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/migrate/step-by-step", test_step_by_step);
  g_test_add_func ("/store/migrate/new-file-takes-all-steps", test_new_file_takes_all_steps);
  g_test_add_func ("/store/migrate/failed-step-leaves-the-file", test_failed_step_leaves_the_file);
  g_test_add_func ("/store/migrate/newer-schema-is-not-written", test_newer_schema_is_not_written);
  g_test_add_func ("/store/migrate/foreign-file-is-refused", test_foreign_file_is_refused);
  g_test_add_func ("/store/migrate/store-has-the-schema", test_store_has_the_schema);
  g_test_add_func ("/store/migrate/newer-store-is-refused-untouched", test_newer_store_is_refused_untouched);
  g_test_add_func ("/store/migrate/empty-files-are-filled", test_empty_files_are_filled);
  return g_test_run ();
}
