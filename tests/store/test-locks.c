/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/fixture.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char *
make_dir (void)
{
  char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);

  g_assert_nonnull (dir);
  return dir;
}

/* Runs func in a process of its own and gives its exit status. */
static int
run_in_child (int        (*func) (const char *dir),
              const char  *dir)
{
  pid_t pid = fork ();
  int status;

  g_assert_cmpint (pid, >=, 0);
  if (pid == 0)
    _exit (func (dir));
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_true (WIFEXITED (status));
  return WEXITSTATUS (status);
}

static int
try_worker_lock (const char *dir)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreWorkerLock) lock = store_worker_lock_take (dir, NULL, "2", &error);

  if (lock != NULL)
    return 0;
  return g_error_matches (error, STORE_ERROR, STORE_ERROR_LOCKED) ? 1 : 2;
}

static int
try_write (const char *dir)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(Store) store = store_open (dir, STORE_WRITER, &error);

  return store == NULL && g_error_matches (error, STORE_ERROR, STORE_ERROR_LOCKED) ? 1 : 2;
}

static int
take_and_be_killed (const char *dir)
{
  g_autoptr(StoreWorkerLock) lock = store_worker_lock_take (dir, "/run/dead", "1", NULL);

  _exit (lock != NULL ? 0 : 2);         /* without letting go */
}

static void
test_one_worker (void)
{
  g_autofree char *dir = make_dir ();
  g_autoptr(GError) error = NULL;
  StoreWorkerLock *lock = store_worker_lock_take (dir, "/run/socket", "1", &error);

  g_assert_no_error (error);
  g_assert_cmpint (run_in_child (try_worker_lock, dir), ==, 1);
  g_assert_cmpint (try_worker_lock (dir), ==, 1);
  store_worker_lock_free (lock);
  g_assert_cmpint (run_in_child (try_worker_lock, dir), ==, 0);
  store_fixture_remove_dir (dir);
}

static void
test_holder_says_where_it_is (void)
{
  g_autofree char *dir = make_dir ();
  StoreWorkerLock *lock = store_worker_lock_take (dir, "/run/user/1000/penfold/a b=c", "0.1", NULL);
  g_autoptr(StoreWorkerInfo) info = store_worker_lock_read (dir, NULL);
  g_autoptr(StoreWorkerInfo) after = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_cmpstr (info->socket_path, ==, "/run/user/1000/penfold/a b=c");
  g_assert_cmpstr (info->version, ==, "0.1");
  g_assert_cmpint (info->schema, ==, STORE_SCHEMA);
  g_assert_cmpint (info->pid, ==, getpid ());
  store_worker_lock_free (lock);

  after = store_worker_lock_read (dir, &error);
  g_assert_null (after);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  store_fixture_remove_dir (dir);
}

static void
test_killed_holder_leaves_no_lock (void)
{
  g_autofree char *dir = make_dir ();

  g_assert_cmpint (run_in_child (take_and_be_killed, dir), ==, 0);
  g_assert_cmpint (try_worker_lock (dir), ==, 0);
  store_fixture_remove_dir (dir);
}

static void
test_torn_address_is_none (void)
{
  static const char *const texts[] = { "", "end\n", "socket=/a\nversion=1\n", "socket=/a\nversion=1\nen",
                                       "\nend\n", "version=1\nend\n", "socket\nversion\nend\n" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree char *dir = make_dir ();
      g_autofree char *path = g_build_filename (dir, "worker.lock", NULL);
      g_autoptr(GError) error = NULL;

      g_assert_true (g_file_set_contents (path, texts[i], -1, NULL));
      g_assert_null (store_worker_lock_read (dir, &error));
      g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
      store_fixture_remove_dir (dir);
    }
}

static void
test_other_process_cannot_write (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  g_clear_pointer (&fixture->store, store_close);
  g_clear_pointer (&fixture->lock, store_worker_lock_free);
  g_assert_cmpint (run_in_child (try_write, fixture->dir), ==, 1);
}

static void
test_directory_is_private (void)
{
  g_autofree char *parent = make_dir ();
  g_autofree char *dir = g_build_filename (parent, "a", "b", NULL);
  StoreWorkerLock *lock = store_worker_lock_take (dir, NULL, "1", NULL);
  GStatBuf st;

  g_assert_nonnull (lock);
  g_assert_cmpint (g_stat (dir, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0700);
  store_worker_lock_free (lock);
  store_fixture_remove_dir (parent);
}

static void
test_migration_waits_for_nobody (void)
{
  g_autofree char *dir = make_dir ();
  g_autoptr(GError) error = NULL;
  int reader = store_locks_take_store (dir, STORE_LOCK_SHARED, NULL);
  int second = store_locks_take_store (dir, STORE_LOCK_SHARED, NULL);
  int exclusive;

  g_assert_cmpint (reader, >=, 0);
  g_assert_cmpint (second, >=, 0);
  g_assert_cmpint (store_locks_take_store (dir, STORE_LOCK_EXCLUSIVE, &error), ==, -1);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_BUSY);
  g_clear_error (&error);
  close (reader);
  close (second);

  exclusive = store_locks_take_store (dir, STORE_LOCK_EXCLUSIVE, NULL);
  g_assert_cmpint (exclusive, >=, 0);
  g_assert_cmpint (store_locks_take_store (dir, STORE_LOCK_SHARED, &error), ==, -1);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_BUSY);
  close (exclusive);
  store_fixture_remove_dir (dir);
}

static void
test_network_file_systems_are_known (void)
{
  static const struct { const char *type; gboolean is_network; } cases[] = {
    { "nfs4", TRUE }, { "cifs", TRUE }, { "smb3", TRUE }, { "fuse.sshfs", TRUE }, { "fuse.rclone", TRUE },
    { "ext4", FALSE }, { "btrfs", FALSE }, { "tmpfs", FALSE }, { "overlay", FALSE },
    { "fuse.gocryptfs", FALSE }, { "fuseblk", FALSE }, { "fuse.ntfs-3g", FALSE }, { "", FALSE },
  };
  g_autofree char *dir = make_dir ();

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (store_locks_is_network_type (cases[i].type) != cases[i].is_network)
      g_error ("%s", cases[i].type);
  g_assert_true (store_locks_check_file_system (dir, NULL));
  store_fixture_remove_dir (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/locks/one-worker", test_one_worker);
  g_test_add_func ("/store/locks/holder-says-where-it-is", test_holder_says_where_it_is);
  g_test_add_func ("/store/locks/killed-holder-leaves-no-lock", test_killed_holder_leaves_no_lock);
  g_test_add_func ("/store/locks/torn-address-is-none", test_torn_address_is_none);
  g_test_add_func ("/store/locks/other-process-cannot-write", test_other_process_cannot_write);
  g_test_add_func ("/store/locks/directory-is-private", test_directory_is_private);
  g_test_add_func ("/store/locks/migration-waits-for-nobody", test_migration_waits_for_nobody);
  g_test_add_func ("/store/locks/network-file-systems-are-known", test_network_file_systems_are_known);
  return g_test_run ();
}
