/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays a corpus without libFuzzer: each file of the directories named, and of small ones each beginning. */
#include <glib.h>

#define BEGINNINGS_MAX 4096

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static void
replay_file (const char *path)
{
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, NULL))
    g_error ("cannot read %s", path);
  for (gsize end = size <= BEGINNINGS_MAX ? 0 : size; end <= size; end++)
    {
      /* A copy of exactly that size, so that a sanitizer sees a read behind it. */
      g_autofree guint8 *copy = g_memdup2 (data, end);

      LLVMFuzzerTestOneInput (copy != NULL ? copy : (const guint8 *) "", end);
    }
}

int
main (int   argc,
      char *argv[])
{
  guint files = 0;

  for (int i = 1; i < argc; i++)
    {
      g_autoptr(GDir) dir = g_dir_open (argv[i], 0, NULL);
      const char *name;

      if (dir == NULL)
        g_error ("cannot open %s", argv[i]);
      while ((name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *path = g_build_filename (argv[i], name, NULL);

          replay_file (path);
          files++;
        }
    }
  g_print ("%u files\n", files);
  return files > 0 ? 0 : 1;
}
