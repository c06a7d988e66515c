/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/fixture.h"

#include <glib/gstdio.h>

void
store_fixture_remove_dir (const char *dir)
{
  g_autoptr(GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_DIR) && !g_file_test (path, G_FILE_TEST_IS_SYMLINK))
        store_fixture_remove_dir (path);
      else
        g_unlink (path);
    }
  g_rmdir (dir);
}

StoreFixture *
store_fixture_new (void)
{
  StoreFixture *fixture = g_new0 (StoreFixture, 1);
  g_autoptr(GError) error = NULL;

  fixture->dir = g_dir_make_tmp ("penfold-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->lock = store_worker_lock_take (fixture->dir, NULL, "test", &error);
  g_assert_no_error (error);
  fixture->store = store_open (fixture->dir, STORE_WRITER, &error);
  g_assert_no_error (error);
  return fixture;
}

void
store_fixture_reopen (StoreFixture *fixture)
{
  g_autoptr(GError) error = NULL;

  store_close (fixture->store);
  fixture->store = store_open (fixture->dir, STORE_WRITER, &error);
  g_assert_no_error (error);
}

void
store_fixture_free (StoreFixture *fixture)
{
  if (fixture == NULL)
    return;
  store_close (fixture->store);
  store_worker_lock_free (fixture->lock);
  store_fixture_remove_dir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture);
}
