/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A disk that is really full needs a small tmpfs, and that needs root; without it those tests are skipped. */
#include "store/mail.h"
#include "store/reserve.h"
#include "store/sql.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define DISK_SIZE (64 * 1024 * 1024)

static void
test_reserve_is_made_and_freed (void)
{
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "reserve", NULL);
  g_autoptr(GError) error = NULL;
  struct stat st;

  g_assert_true (store_reserve_is_spent (dir));
  g_assert_true (store_reserve_make (dir, &error));
  g_assert_no_error (error);
  g_assert_false (store_reserve_is_spent (dir));
  g_assert_cmpint (stat (path, &st), ==, 0);
  g_assert_cmpint (st.st_blocks * 512, >=, STORE_RESERVE_SIZE);            /* not a hole */
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  g_assert_true (store_reserve_make (dir, NULL));

  g_assert_cmpint (truncate (path, 100), ==, 0);
  g_assert_true (store_reserve_is_spent (dir));
  store_reserve_free (dir);
  g_assert_true (store_reserve_is_spent (dir));
  store_reserve_free (dir);
  store_fixture_remove_dir (dir);
}

/* NULL when the test has to be skipped. */
static char *
mount_small_disk (void)
{
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  g_autofree char *options = g_strdup_printf ("size=%d,mode=0700", DISK_SIZE);

  if (mount ("tmpfs", dir, "tmpfs", MS_NODEV | MS_NOSUID, options) == 0)
    return g_steal_pointer (&dir);
  g_test_skip ("mounting a small disk needs root");
  rmdir (dir);
  return NULL;
}

static void
unmount_small_disk (const char *dir)
{
  g_assert_cmpint (umount2 (dir, MNT_DETACH), ==, 0);
  rmdir (dir);
}

static void
fill_disk (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "filler", NULL);
  g_autofree char *zeros = g_malloc0 (4096);
  int fd = open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  while (write (fd, zeros, 4096) > 0)
    ;
  close (fd);
}

static gboolean
insert_setting (Store     *store,
                gpointer   user_data,
                GError   **error)
{
  guint *runs = user_data;

  (*runs)++;
  return store_sql_run (store_peek_desk (store),
                        "INSERT INTO setting VALUES ('draft', hex (randomblob (100000)), ?)",
                        BIND (INT (store_desk_rev (store))), error);
}

static void
test_full_disk_still_takes_a_draft (void)
{
  g_autofree char *dir = mount_small_disk ();
  g_autoptr(StoreWorkerLock) lock = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  gint64 kept;
  guint runs = 0;

  if (dir == NULL)
    return;
  lock = store_worker_lock_take (dir, NULL, "test", NULL);
  store = store_open (dir, STORE_WRITER, NULL);
  g_assert_true (store_reserve_make (dir, NULL));
  fill_disk (dir);

  g_assert_true (store_desk_write (store, insert_setting, &runs, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (runs, ==, 2);
  g_assert_true (store_reserve_is_spent (dir));
  store_sql_get_int (store_peek_desk (store), "SELECT length (value) FROM setting", NULL, 0, &kept, NULL);
  g_assert_cmpint (kept, ==, 200000);

  /* It is not made again while there is no room. */
  g_assert_false (store_reserve_make (dir, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_FULL);
  g_clear_pointer (&store, store_close);
  g_clear_pointer (&lock, store_worker_lock_free);
  unmount_small_disk (dir);
}

static void
test_full_disk_keeps_nothing_by_halves (void)
{
  g_autofree char *dir = mount_small_disk ();
  g_autofree char *filler = NULL;
  g_autoptr(StoreWorkerLock) lock = NULL;
  g_autoptr(Store) store = NULL;
  g_autoptr(GError) error = NULL;
  gint64 folder;

  if (dir == NULL)
    return;
  filler = g_build_filename (dir, "filler", NULL);
  lock = store_worker_lock_take (dir, NULL, "test", NULL);
  store = store_open (dir, STORE_WRITER, NULL);
  {
    StoreTransaction *transaction = test_begin (store);

    folder = test_folder_add (store, "INBOX", STORE_ROLE_INBOX);
    test_mail_file (store, &(TestMail) { .id = "before" }, folder, 1, 0);
    test_commit (transaction);
  }
  fill_disk (dir);
  {
    g_autoptr(StoreTransaction) transaction = test_begin (store);

    /* Larger than what the page cache holds back: some of it meets the disk before the commit. */
    for (guint i = 0; i < 40 && error == NULL; i++)
      store_sql_run (store_peek_mail (store),
                     "INSERT INTO meta VALUES (hex (randomblob (16)), hex (randomblob (500000)))", NULL,
                     &error);
    if (error == NULL)
      store_commit (g_steal_pointer (&transaction), &error);
  }
  g_assert_error (error, STORE_ERROR, STORE_ERROR_FULL);

  /* With room again all goes on, by the same handle. */
  g_assert_cmpint (unlink (filler), ==, 0);
  {
    StoreTransaction *transaction = test_begin (store);

    test_mail_file (store, &(TestMail) { .id = "after" }, folder, 2, 0);
    test_commit (transaction);
  }
  test_check_store (store);
  {
    g_autoptr(GArray) uids = store_locations_list_uids (store, folder, 7, 1, G_MAXUINT32, NULL);
    gint64 rest;

    g_assert_cmpuint (uids->len, ==, 2);
    store_sql_get_int (store_peek_mail (store), "SELECT count(*) FROM meta WHERE length (value) > 1000", NULL,
                       -1, &rest, NULL);
    g_assert_cmpint (rest, ==, 0);
  }
  g_clear_pointer (&store, store_close);
  g_clear_pointer (&lock, store_worker_lock_free);
  unmount_small_disk (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/reserve/reserve-is-made-and-freed", test_reserve_is_made_and_freed);
  g_test_add_func ("/store/reserve/full-disk-still-takes-a-draft", test_full_disk_still_takes_a_draft);
  g_test_add_func ("/store/reserve/full-disk-keeps-nothing-by-halves",
                   test_full_disk_keeps_nothing_by_halves);
  return g_test_run ();
}
