/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/files.h"

#include <glib/gstdio.h>
#include <sys/stat.h>

static void
test_replaced_file_is_private (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", &error);
  g_autofree char *path = g_build_filename (dir, "secrets", NULL);
  g_autofree char *read = NULL;
  GStatBuf st;

  g_assert_true (base_files_replace (path, "old", 3, &error));
  g_assert_true (base_files_replace (path, "new!", 4, &error));
  g_assert_no_error (error);
  g_assert_true (g_file_get_contents (path, &read, NULL, &error));
  g_assert_cmpstr (read, ==, "new!");
  g_assert_cmpint (g_stat (path, &st), ==, 0);
  g_assert_cmpuint (st.st_mode & 0777, ==, 0600);
  g_unlink (path);
  g_rmdir (dir);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/files/replaced-file-is-private", test_replaced_file_is_private);
  return g_test_run ();
}
