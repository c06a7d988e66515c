/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/harness.h"

#include <glib/gstdio.h>

const BusHello harness_hello = { BUS_PROTOCOL, "1.0.0", 1 };

void
harness_remove_dir (const char *dir)
{
  g_autoptr(GDir) entries = g_dir_open (dir, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *path = g_build_filename (dir, name, NULL);

      g_unlink (path);
    }
  g_rmdir (dir);
}

Harness *
harness_new (const BusHello *hello)
{
  Harness *harness = g_new0 (Harness, 1);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *program = g_build_filename (g_getenv ("PENFOLD_LIBEXEC"), "penfold-worker", NULL);
  g_autofree char *protocol = g_strdup_printf ("%u", hello->protocol);
  g_autofree char *schema = g_strdup_printf ("%u", hello->schema);
  g_autofree char *socket = NULL;
  g_autoptr(GError) error = NULL;

  harness->dir = g_dir_make_tmp ("penfold-XXXXXX", &error);
  g_assert_no_error (error);
  socket = g_build_filename (harness->dir, "socket", NULL);
  g_subprocess_launcher_setenv (launcher, "FAKE_PROTOCOL", protocol, TRUE);
  g_subprocess_launcher_setenv (launcher, "FAKE_VERSION", hello->version, TRUE);
  g_subprocess_launcher_setenv (launcher, "FAKE_SCHEMA", schema, TRUE);
  g_subprocess_launcher_setenv (launcher, "FAKE_SOCKET", socket, TRUE);
  harness->process = g_subprocess_launcher_spawn (launcher, &error, program, "--data-dir", harness->dir,
                                                  NULL);
  g_assert_no_error (error);
  WAIT_FOR ((harness->path = bus_socket_path_read (harness->dir)) != NULL);
  return harness;
}

void
harness_free (Harness *harness)
{
  g_subprocess_force_exit (harness->process);
  g_subprocess_wait (harness->process, NULL, NULL);
  g_object_unref (harness->process);
  harness_remove_dir (harness->dir);
  g_free (harness->path);
  g_free (harness->dir);
  g_free (harness);
}

BusClient *
harness_connect (Harness *harness)
{
  g_autoptr(GError) error = NULL;
  BusClient *client = bus_client_open (harness->dir, BUS_OPEN_RUNNING, &harness_hello, NULL, &error);

  g_assert_no_error (error);
  return client;
}

void
harness_start (BusClient  *client,
               const char *kind,
               GVariant   *arguments)
{
  g_autoptr(GError) error = NULL;

  g_assert_cmpuint (bus_client_start_job (client, kind, arguments, &error), !=, 0);
  g_assert_no_error (error);
}

GVariant *
harness_report (BusClient *client)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = bus_client_run_job (client, "report", NULL, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return g_variant_ref (job->details);
}

guint
harness_count (BusClient  *client,
               const char *what)
{
  g_autoptr(GVariant) report = harness_report (client);
  guint32 count;

  g_assert_true (g_variant_lookup (report, what, "u", &count));
  return count;
}
