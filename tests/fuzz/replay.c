/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replays a corpus without libFuzzer: every file below the directories named, and of small ones each
 * beginning. --whole: only whole files, each named before it is read, for large corpora. */
#include <glib.h>

#define BEGINNINGS_MAX 4096

int LLVMFuzzerTestOneInput (const guint8 *data, gsize size);

static gboolean is_whole;
static guint    n_files;

static void
replay_file (const char *path)
{
  g_autofree char *data = NULL;
  gsize size;

  if (!g_file_get_contents (path, &data, &size, NULL))
    g_error ("cannot read %s", path);
  if (is_whole)
    g_print ("%s\n", path);
  for (gsize end = size <= BEGINNINGS_MAX && !is_whole ? 0 : size; end <= size; end++)
    {
      /* A copy of exactly that size, so that a sanitizer sees a read behind it. */
      g_autofree guint8 *copy = g_memdup2 (data, end);

      LLVMFuzzerTestOneInput (copy != NULL ? copy : (const guint8 *) "", end);
    }
  n_files++;
}

static void
replay_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  if (dir == NULL)
    g_error ("cannot open %s", path);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR))
        replay_folder (child);
      else
        replay_file (child);
    }
}

int
main (int   argc,
      char *argv[])
{
  const GOptionEntry entries[] = { { "whole", 0, 0, G_OPTION_ARG_NONE, &is_whole, "Only whole files", NULL },
                                   { NULL } };
  g_autoptr(GOptionContext) options = g_option_context_new ("FOLDER…");
  g_autoptr(GError) error = NULL;

  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    g_error ("%s", error->message);
  for (int i = 1; i < argc; i++)
    replay_folder (argv[i]);
  g_print ("%u files\n", n_files);
  return n_files > 0 ? 0 : 1;
}
