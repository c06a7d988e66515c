/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/autostart.h"

#include <glib/gstdio.h>

#define NAME "org.penfold.Penfold.Worker.desktop"

static char *
find_template (void)
{
  const char * const *dirs = g_get_system_data_dirs ();

  for (guint i = 0; dirs[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (dirs[i], "penfold", NAME, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer (&path);
    }
  return NULL;
}

gboolean
ui_autostart_is_possible (void)
{
  g_autofree char *path = find_template ();

  return path != NULL;
}

gboolean
ui_autostart_set (gboolean   starts,
                  GError   **error)
{
  g_autofree char *dir = g_build_filename (g_get_user_config_dir (), "autostart", NULL);
  g_autofree char *target = g_build_filename (dir, NAME, NULL);
  g_autofree char *source = find_template ();
  g_autofree char *text = NULL;
  gsize size;

  if (!starts)
    {
      g_unlink (target);
      return TRUE;
    }
  if (source == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                           "The autostart file was not installed with the program");
      return FALSE;
    }
  g_mkdir_with_parents (dir, 0755);
  return g_file_get_contents (source, &text, &size, error)
         && g_file_set_contents (target, text, (gssize) size, error);
}
