/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/autostart.h"

#include <glib/gstdio.h>

#define NAME "org.penfold.Penfold.Worker.desktop"

static char *dir;

static char *
in_dir (const char *first,
        const char *second)
{
  return g_build_filename (dir, first, second, NULL);
}

static void
test_needs_an_installed_program (void)
{
  g_autoptr(GError) error = NULL;

  g_assert_false (ui_autostart_is_possible ());
  g_assert_false (ui_autostart_set (TRUE, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

static void
test_file_comes_and_goes (void)
{
  g_autofree char *source = in_dir ("data/penfold", NAME);
  g_autofree char *target = in_dir ("config/autostart", NAME);
  g_autofree char *text = NULL;
  g_autoptr(GError) error = NULL;

  g_file_set_contents (source, "[Desktop Entry]\n", -1, &error);
  g_assert_no_error (error);
  g_assert_true (ui_autostart_is_possible ());
  for (guint round = 0; round < 2; round++)
    {
      g_assert_true (ui_autostart_set (TRUE, &error));
      g_assert_true (ui_autostart_set (TRUE, &error));
      g_assert_true (g_file_get_contents (target, &text, NULL, &error));
      g_assert_cmpstr (text, ==, "[Desktop Entry]\n");
      g_clear_pointer (&text, g_free);
      g_assert_true (ui_autostart_set (FALSE, &error));
      g_assert_true (ui_autostart_set (FALSE, &error));
      g_assert_false (g_file_test (target, G_FILE_TEST_EXISTS));
    }
  g_unlink (source);
}

int
main (int    argc,
      char **argv)
{
  static const char * const made[] = { "config/autostart", "config", "data/penfold", "data", "" };
  g_autofree char *config = NULL, *data = NULL, *folder = NULL;
  int status;

  dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  config = in_dir ("config", NULL);
  data = in_dir ("data", NULL);
  folder = in_dir ("data/penfold", NULL);
  g_mkdir_with_parents (folder, 0700);
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_setenv ("XDG_DATA_DIRS", data, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/autostart/needs-an-installed-program", test_needs_an_installed_program);
  g_test_add_func ("/ui/autostart/file-comes-and-goes", test_file_comes_and_goes);
  status = g_test_run ();
  for (guint i = 0; i < G_N_ELEMENTS (made); i++)
    {
      g_autofree char *path = in_dir (made[i], NULL);

      g_rmdir (path);
    }
  g_free (dir);
  return status;
}
