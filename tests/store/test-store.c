/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/mail.h"
#include "store/sql.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
run (Store      *store,
     const char *sql)
{
  g_autoptr(GError) error = NULL;

  store_sql_run (store_peek_mail (store), sql, NULL, &error);
  g_assert_no_error (error);
}

static gint64
get_int (StoreDb    *db,
         const char *sql)
{
  g_autoptr(GError) error = NULL;
  gint64 value;

  store_sql_get_int (db, sql, NULL, -1, &value, &error);
  g_assert_no_error (error);
  return value;
}

static char *
get_text (StoreDb    *db,
          const char *sql)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreStatement) rows = store_sql_query (db, sql, NULL, &error);

  g_assert_no_error (error);
  g_assert_true (store_sql_next (rows));
  return store_sql_dup_text (rows, 0);
}

static StoreTransaction *
begin (Store *store)
{
  g_autoptr(GError) error = NULL;
  StoreTransaction *transaction = store_begin (store, &error);

  g_assert_no_error (error);
  return transaction;
}

static void
commit (StoreTransaction *transaction)
{
  g_autoptr(GError) error = NULL;

  store_commit (transaction, &error);
  g_assert_no_error (error);
}

static void
test_files_are_private (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  const char *names[] = { "mail.db", "mail.db-wal", "mail.db-shm", "desk.db", "worker.lock", "store.lock" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = g_build_filename (fixture->dir, names[i], NULL);
      GStatBuf st;

      g_assert_cmpint (g_stat (path, &st), ==, 0);
      g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
    }
}

static void
test_pragmas_hold (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreDb *files[] = { store_peek_mail (fixture->store), store_peek_desk (fixture->store) };

  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *mode = get_text (files[i], "PRAGMA journal_mode");

      g_assert_cmpstr (mode, ==, "wal");
      g_assert_cmpint (get_int (files[i], "PRAGMA synchronous"), ==, 2);
      g_assert_cmpint (get_int (files[i], "PRAGMA foreign_keys"), ==, 1);
      g_assert_cmpint (get_int (files[i], "PRAGMA trusted_schema"), ==, 0);
      g_assert_cmpint (get_int (files[i], "PRAGMA auto_vacuum"), ==, 2);
      g_assert_cmpint (get_int (files[i], "PRAGMA page_size"), ==, 4096);
      g_assert_cmpint (get_int (files[i], "PRAGMA user_version"), ==, STORE_SCHEMA);
    }
}

static void
test_reader_finds_no_store (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);

  g_assert_null (store_open (dir, STORE_READER, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  store_fixture_remove_dir (dir);
}

static void
test_writer_needs_the_lock (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);

  g_assert_null (store_open (dir, STORE_WRITER, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_LOCKED);
  store_fixture_remove_dir (dir);
}

static void
test_reader_cannot_write_mail (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) reader = store_open (fixture->dir, STORE_READER, &error);

  g_assert_no_error (error);
  g_assert_false (store_sql_run (store_peek_mail (reader), "DELETE FROM folder", NULL, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_READ_ONLY);
}

static void
test_reader_works_without_the_writer (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) reader = NULL;

  g_clear_pointer (&fixture->store, store_close);
  reader = store_open (fixture->dir, STORE_READER, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_int (store_peek_mail (reader), "SELECT count(*) FROM folder"), ==, 6);
}

static void
test_rev_moves_once_per_transaction (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);
  gint64 rev = store_mail_rev (fixture->store);

  run (fixture->store, "UPDATE folder SET name = 'A' WHERE id = 1");
  run (fixture->store, "UPDATE folder SET name = 'B' WHERE id = 1");
  g_assert_cmpint (store_mail_rev (fixture->store), ==, rev);
  commit (transaction);
  g_assert_cmpint (store_get_mail_rev (fixture->store, NULL), ==, rev);
  g_assert_cmpint (rev, ==, 2);
}

static void
test_nothing_changed_leaves_rev (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction = begin (fixture->store);

  run (fixture->store, "UPDATE folder SET name = 'B' WHERE id = 1000");
  commit (transaction);
  g_assert_cmpint (store_get_mail_rev (fixture->store, NULL), ==, 1);
}

static void
test_leaving_the_scope_rolls_back (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  {
    g_autoptr(StoreTransaction) transaction = begin (fixture->store);

    run (fixture->store, "UPDATE folder SET name = 'B' WHERE id = 1");
    g_assert_nonnull (transaction);
  }
  g_assert_cmpint (get_int (store_peek_mail (fixture->store), "SELECT count(*) FROM folder WHERE name = 'B'"),
                   ==, 0);
  g_assert_cmpint (store_get_mail_rev (fixture->store, NULL), ==, 1);
}

static void
test_data_version_shows_the_other_handle (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(Store) reader = store_open (fixture->dir, STORE_READER, NULL);
  gint64 before = store_get_data_version (reader, NULL);
  StoreTransaction *transaction;

  g_assert_cmpint (store_get_data_version (reader, NULL), ==, before);
  transaction = begin (fixture->store);
  run (fixture->store, "UPDATE folder SET name = 'B' WHERE id = 1");
  commit (transaction);
  g_assert_cmpint (store_get_data_version (reader, NULL), !=, before);
}

static void
test_lost_mail_db_asks_for_a_rebuild (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autofree char *mail = g_build_filename (fixture->dir, "mail.db", NULL);
  g_autofree char *uuid = g_strdup (store_get_uuid (fixture->store));
  g_autofree char *before = store_dup_meta (fixture->store, "rebuild", NULL);
  g_autofree char *after = NULL;

  g_assert_null (before);
  g_clear_pointer (&fixture->store, store_close);
  g_assert_cmpint (g_unlink (mail), ==, 0);
  store_fixture_reopen (fixture);
  after = store_dup_meta (fixture->store, "rebuild", NULL);
  g_assert_cmpstr (after, ==, "1");
  g_assert_cmpstr (store_get_uuid (fixture->store), ==, uuid);
}

static void
test_files_of_two_stores_are_refused (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreFixture) other = store_fixture_new ();
  g_autofree char *mail = g_build_filename (fixture->dir, "mail.db", NULL);
  g_autofree char *other_mail = g_build_filename (other->dir, "mail.db", NULL);
  g_autoptr(GError) error = NULL;

  g_clear_pointer (&fixture->store, store_close);
  g_clear_pointer (&other->store, store_close);
  g_assert_cmpint (g_rename (other_mail, mail), ==, 0);
  g_assert_null (store_open (fixture->dir, STORE_WRITER, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
}

static void
test_garbage_is_corrupt (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autofree char *mail = g_build_filename (fixture->dir, "mail.db", NULL);
  g_autofree char *garbage = g_strnfill (8192, 'x');
  g_autoptr(GError) error = NULL;

  g_clear_pointer (&fixture->store, store_close);
  g_assert_true (g_file_set_contents (mail, garbage, 8192, NULL));
  g_assert_null (store_open (fixture->dir, STORE_WRITER, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
}

static void
test_large_log_is_truncated_at_rest (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autofree char *wal = g_build_filename (fixture->dir, "mail.db-wal", NULL);
  StoreTransaction *transaction = begin (fixture->store);
  GStatBuf st;

  run (fixture->store, "INSERT INTO meta VALUES ('large', hex (randomblob (4000000)))");
  commit (transaction);
  g_assert_cmpint (g_stat (wal, &st), ==, 0);
  g_assert_cmpint (st.st_size, >, 4 * 1024 * 1024);
  g_assert_true (store_rest (fixture->store, NULL));
  g_assert_cmpint (g_stat (wal, &st), ==, 0);
  g_assert_cmpint (st.st_size, ==, 0);
}

/* A window in another process: it waits for a byte, then counts. */
static int
count_in_child (const char *dir,
                int         start_fd)
{
  g_autoptr(Store) reader = store_open (dir, STORE_READER, NULL);
  char byte;
  gint64 locations;

  if (reader == NULL || read (start_fd, &byte, 1) != 1)
    return 200;
  if (!store_sql_get_int (store_peek_mail (reader), "SELECT count(*) FROM location", NULL, 0, &locations,
                          NULL))
    return 201;
  return (int) locations;
}

static void
test_other_process_sees_what_is_committed (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  StoreTransaction *transaction;
  int pipe_fds[2];
  int status;
  pid_t pid;

  g_clear_pointer (&fixture->store, store_close);             /* no handle goes through fork() */
  g_assert_cmpint (pipe (pipe_fds), ==, 0);
  pid = fork ();
  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (count_in_child (fixture->dir, pipe_fds[0]));

  store_fixture_reopen (fixture);
  transaction = begin (fixture->store);
  test_mail_file (fixture->store, &(TestMail) { .id = "a" }, 1, 0, 0);
  commit (transaction);
  transaction = begin (fixture->store);
  test_mail_file (fixture->store, &(TestMail) { .id = "b" }, 1, 0, 0);
  g_assert_cmpint (write (pipe_fds[1], "x", 1), ==, 1);
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  commit (transaction);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 1);
  close (pipe_fds[0]);
  close (pipe_fds[1]);
}

static void
copy_file (const char *from_dir,
           const char *to_dir,
           const char *name)
{
  g_autofree char *from = g_build_filename (from_dir, name, NULL);
  g_autofree char *to = g_build_filename (to_dir, name, NULL);
  g_autofree char *data = NULL;
  gsize size;

  if (g_file_get_contents (from, &data, &size, NULL))
    g_assert_true (g_file_set_contents (to, data, (gssize) size, NULL));
}

/* What a killed process leaves: both files and their logs as they stand, without the shared memory. */
static void
check_after_crash (const char *dir,
                   gint64      n_messages)
{
  static const char *const names[] = { "mail.db", "mail.db-wal", "desk.db", "desk.db-wal" };
  g_autoptr(StoreFixture) crashed = store_fixture_new ();

  g_clear_pointer (&crashed->store, store_close);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *old = g_build_filename (crashed->dir, names[i], NULL);

      g_unlink (old);
      copy_file (dir, crashed->dir, names[i]);
    }
  store_fixture_reopen (crashed);
  g_assert_cmpint (get_int (store_peek_mail (crashed->store), "SELECT count(*) FROM message"), ==,
                   n_messages);
  test_check_store (crashed->store);
}

static void
test_crash_keeps_what_is_committed (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  for (guint i = 0; i < 30; i++)
    {
      StoreTransaction *transaction = begin (fixture->store);
      g_autofree char *id = g_strdup_printf ("m%u", i);

      test_mail_file (fixture->store, &(TestMail) { .id = id, .references = i > 0 ? "m0" : NULL }, 1 + i % 2,
                      0, i % 8);
      if (i % 10 == 9)
        /* spills */
        run (fixture->store, "INSERT INTO meta VALUES (hex (randomblob (8)), hex (randomblob (5000000)))");
      check_after_crash (fixture->dir, i);
      commit (transaction);
      check_after_crash (fixture->dir, i + 1);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/store/files-are-private", test_files_are_private);
  g_test_add_func ("/store/store/pragmas-hold", test_pragmas_hold);
  g_test_add_func ("/store/store/reader-finds-no-store", test_reader_finds_no_store);
  g_test_add_func ("/store/store/writer-needs-the-lock", test_writer_needs_the_lock);
  g_test_add_func ("/store/store/reader-cannot-write-mail", test_reader_cannot_write_mail);
  g_test_add_func ("/store/store/reader-works-without-the-writer", test_reader_works_without_the_writer);
  g_test_add_func ("/store/store/rev-moves-once-per-transaction", test_rev_moves_once_per_transaction);
  g_test_add_func ("/store/store/nothing-changed-leaves-rev", test_nothing_changed_leaves_rev);
  g_test_add_func ("/store/store/leaving-the-scope-rolls-back", test_leaving_the_scope_rolls_back);
  g_test_add_func ("/store/store/data-version-shows-the-other-handle",
                   test_data_version_shows_the_other_handle);
  g_test_add_func ("/store/store/lost-mail-db-asks-for-a-rebuild", test_lost_mail_db_asks_for_a_rebuild);
  g_test_add_func ("/store/store/files-of-two-stores-are-refused", test_files_of_two_stores_are_refused);
  g_test_add_func ("/store/store/garbage-is-corrupt", test_garbage_is_corrupt);
  g_test_add_func ("/store/store/large-log-is-truncated-at-rest", test_large_log_is_truncated_at_rest);
  g_test_add_func ("/store/store/other-process-sees-what-is-committed",
                   test_other_process_sees_what_is_committed);
  g_test_add_func ("/store/store/crash-keeps-what-is-committed", test_crash_keeps_what_is_committed);
  return g_test_run ();
}
