/* SPDX-License-Identifier: GPL-3.0-or-later */
/* daemon/main.c - the program penfold-worker: takes the store, serves it, and ends when told or when the
 * store is gone. */
#include "base/files.h"
#include "base/log.h"
#include "store/locks.h"
#include "worker/serve.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <malloc.h>
#include <stdio.h>
#include <unistd.h>

#define PATIENCE_US (5 * G_USEC_PER_SEC)     /* with what does not end */
#define LANE_ARENAS 2          /* of malloc: one for each lane would keep what a first sync once needed */

typedef struct {
  char     *data_dir;
  char     *secrets;           /* as given, or NULL */
  gboolean  wants_version;
} Options;

static gboolean
parse (int       *argc,
       char    ***argv,
       Options   *options,
       GError   **error)
{
  const GOptionEntry entries[] = {
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->data_dir, "Where the mail is kept", "DIR" },
    { "secrets", 0, 0, G_OPTION_ARG_STRING, &options->secrets,
      "Where passwords are kept, when the store is made: keyring, "
      "session or file", "PLACE" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->wants_version, "Print the version", NULL },
    { NULL }
  };
  g_autoptr(GOptionContext) context = g_option_context_new ("- Penfold's background service");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc > 1)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "It takes no operands");
      return FALSE;
    }
  if (options->data_dir == NULL)
    options->data_dir = g_build_filename (g_get_user_data_dir (), "penfold", NULL);
  return TRUE;
}

static int
fail (const char   *what,
      const GError *error)
{
  g_printerr ("penfold-worker: %s: %s\n", what, error->message);
  return EXIT_FAILURE;
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static void
on_end (const char *reason,
        gpointer    loop)
{
  g_info ("Ending: %s", reason);
  g_main_loop_quit (loop);
}

/* A keyring that does not answer may hold a lane for half a minute.  What was acknowledged is on the disk. */
static gpointer
end_anyway (gpointer data)
{
  g_usleep (PATIENCE_US);
  g_warning ("Something does not let go; ending without it");
  _exit (EXIT_SUCCESS);
}

static int
serve (const Options *options,
       const char    *socket_path)
{
  g_autoptr(GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const WorkerServeSetup setup = { options->data_dir, socket_path, options->secrets, PENFOLD_VERSION };
  g_autoptr(WorkerServe) service = NULL;
  g_autoptr(GError) error = NULL;

  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  if ((service = worker_serve_new (&setup, on_end, loop, &error)) == NULL)
    return fail ("Cannot serve the mail", error);
  g_main_loop_run (loop);
  g_thread_unref (g_thread_new ("end", end_anyway, NULL));
  return EXIT_SUCCESS;
}

/* Up to 2.74 GLib keeps small blocks for itself, in pages that a first sync has scattered them over: tens of
 * megabytes that no trimming gives back.  It looks at this variable before main() begins, so only a new start
 * can set it. */
static void
start_without_slices (char **argv)
{
  g_autofree char *program = NULL;

  if (glib_check_version (2, 76, 0) == NULL || g_getenv ("G_SLICE") != NULL)
    return;
  if ((program = g_file_read_link ("/proc/self/exe", NULL)) == NULL
      || !g_setenv ("G_SLICE", "always-malloc", TRUE))
    return;
  execv (program, argv);       /* where it fails, this process does as well */
}

int
main (int    argc,
      char **argv)
{
  Options options = { NULL };
  g_autofree char *socket_path = NULL;
  g_autoptr(StoreWorkerLock) lock = NULL;
  g_autoptr(GError) error = NULL;

  start_without_slices (argv);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, PENFOLD_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  mallopt (M_ARENA_MAX, LANE_ARENAS);
  base_log_init ();
  if (!parse (&argc, &argv, &options, &error))
    {
      fail ("Wrong usage", error);
      return 2;
    }
  if (options.wants_version)
    {
      printf ("penfold-worker %s\n", PENFOLD_VERSION);
      return EXIT_SUCCESS;
    }
  if (!base_files_make_private_dir (options.data_dir, &error)
      || (socket_path = bus_socket_path_new (options.data_dir, &error)) == NULL)
    return fail ("Cannot use the mail folder", error);
  if ((lock = store_worker_lock_take (options.data_dir, socket_path, PENFOLD_VERSION, &error)) == NULL)
    {
      if (!g_error_matches (error, STORE_ERROR, STORE_ERROR_LOCKED))
        return fail ("Cannot use the mail folder", error);
      printf ("penfold-worker: Another program already serves the mail in %s; this one is not needed\n",
              options.data_dir);
      return EXIT_SUCCESS;
    }
  return serve (&options, socket_path);
}
