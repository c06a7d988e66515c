/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/protocol.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
test_compare (void)
{
  static const struct { BusHello mine, theirs; BusPeer is; } rows[] = {
    { { 1, "0.1.0", 1 },  { 1, "0.1.0", 1 },     BUS_PEER_SAME },
    { { 1, "0.1.0", 1 },  { 1, "0.2.0", 1 },     BUS_PEER_SAME },
    { { 1, "0.10.0", 1 }, { 1, "0.9.0", 1 },     BUS_PEER_OUTDATED },
    { { 1, "0.9.0", 1 },  { 1, "0.10.0", 1 },    BUS_PEER_SAME },
    { { 1, "1.0", 1 },    { 1, "1.0.1", 1 },     BUS_PEER_SAME },
    { { 1, "1.0.1", 1 },  { 1, "1.0", 1 },       BUS_PEER_OUTDATED },
    { { 1, "1.0", 1 },    { 1, "1.0.0-rc1", 1 }, BUS_PEER_SAME },
    { { 1, "1.0", 1 },    { 1, "", 1 },          BUS_PEER_OUTDATED },
    { { 1, "1.0", 2 },    { 1, "1.0", 1 },       BUS_PEER_OLDER },
    { { 2, "1.0", 1 },    { 1, "9.0", 1 },       BUS_PEER_OLDER },
    { { 1, "1.0", 1 },    { 1, "1.0", 2 },       BUS_PEER_NEWER },
    { { 1, "1.0", 1 },    { 2, "0.1", 1 },       BUS_PEER_NEWER },
    { { 2, "1.0", 1 },    { 1, "1.0", 2 },       BUS_PEER_NEWER },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("row %u", i);
      g_assert_cmpint (bus_hello_compare (&rows[i].mine, &rows[i].theirs), ==, rows[i].is);
    }
}

static void
test_job_states (void)
{
  BusJobState state;

  for (guint i = BUS_JOB_QUEUED; i <= BUS_JOB_CANCELLED; i++)
    {
      g_assert_true (bus_job_state_parse (bus_job_state_name (i), &state));
      g_assert_cmpuint (state, ==, i);
    }
  g_assert_false (bus_job_state_parse ("paused", &state));
  g_assert_false (bus_job_state_is_end (BUS_JOB_RUNNING));
  g_assert_true (bus_job_state_is_end (BUS_JOB_CANCELLED));
}

static char *
make_dir (void)
{
  char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);

  g_assert_nonnull (dir);
  return dir;
}

static void
test_path_below_runtime_dir (void)
{
  g_autofree char *runtime = make_dir ();
  g_autofree char *data = make_dir ();
  g_autofree char *dir = g_build_filename (runtime, "penfold", NULL);
  g_autofree char *link = g_build_filename (runtime, "link", NULL);
  g_autofree char *path = NULL;
  g_autofree char *again = NULL;
  g_autoptr(GError) error = NULL;
  struct stat info;

  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  path = bus_socket_path_new (data, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (path, dir));
  g_assert_cmpint (stat (dir, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);

  /* By another name it is the same store. */
  g_assert_cmpint (symlink (data, link), ==, 0);
  again = bus_socket_path_new (link, &error);
  g_assert_cmpstr (path, ==, again);

  g_unlink (link);
  g_rmdir (dir);
  g_rmdir (runtime);
  g_rmdir (data);
}

static void
assert_private_in_tmp (const char *data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *path = bus_socket_path_new (data, &error);
  g_autofree char *dir = NULL;
  struct stat info;

  g_assert_no_error (error);
  dir = g_path_get_dirname (path);
  g_assert_true (g_str_has_prefix (dir, "/tmp/penfold-"));
  g_assert_cmpint (stat (dir, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);
  g_assert_cmpuint (info.st_uid, ==, geteuid ());
}

static void
test_path_without_runtime_dir (void)
{
  g_autofree char *data = make_dir ();

  g_unsetenv ("XDG_RUNTIME_DIR");
  assert_private_in_tmp (data);
  g_setenv ("XDG_RUNTIME_DIR", "relative", TRUE);
  assert_private_in_tmp (data);
  g_setenv ("XDG_RUNTIME_DIR", "/nonexistent", TRUE);
  assert_private_in_tmp (data);
  g_rmdir (data);
}

/* Up to 99 bytes the session's directory is used, above it is not. */
static void
test_path_stays_short (void)
{
  g_autofree char *base = make_dir ();
  g_autofree char *data = make_dir ();
  const gsize rest = strlen ("/penfold/") + 20;

  for (gsize length = BUS_SOCKET_PATH_MAX - 1; length <= BUS_SOCKET_PATH_MAX + 1; length++)
    {
      g_autofree char *fill = g_strnfill (length - rest - strlen (base) - 1, 'x');
      g_autofree char *runtime = g_build_filename (base, fill, NULL);
      g_autofree char *dir = g_build_filename (runtime, "penfold", NULL);
      g_autofree char *path = NULL;

      g_assert_cmpint (g_mkdir (runtime, 0700), ==, 0);
      g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
      path = bus_socket_path_new (data, NULL);
      g_assert_cmpuint (strlen (path), <=, BUS_SOCKET_PATH_MAX);
      g_assert_cmpint (g_str_has_prefix (path, runtime), ==, length <= BUS_SOCKET_PATH_MAX);
      g_rmdir (dir);
      g_rmdir (runtime);
    }
  g_rmdir (base);
  g_rmdir (data);
}

/* A directory that others may enter, or a link, is not used. */
static void
test_path_avoids_open_directory (void)
{
  g_autofree char *runtime = make_dir ();
  g_autofree char *data = make_dir ();
  g_autofree char *dir = g_build_filename (runtime, "penfold", NULL);

  g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE);
  g_assert_cmpint (g_mkdir (dir, 0700), ==, 0);
  g_assert_cmpint (g_chmod (dir, 0755), ==, 0);
  assert_private_in_tmp (data);
  g_rmdir (dir);
  g_assert_cmpint (symlink (data, dir), ==, 0);
  assert_private_in_tmp (data);
  g_unlink (dir);
  g_rmdir (runtime);
  g_rmdir (data);
}

static void
test_lock_file (void)
{
  static const struct { const char *text; const char *path; } rows[] = {
    { "socket=/run/penfold/abc\nversion=0.1.0\n", "/run/penfold/abc" },
    { "socket=/run/penfold/abc\n", "/run/penfold/abc" },
    { "socket=/run/penf", NULL },
    { "socket=\nversion=0.1.0\n", NULL },
    { "socket=penfold/abc\n", NULL },
    { "version=0.1.0\nsocket=/run/penfold/abc\n", NULL },
    { "", NULL },
    { "\n", NULL },
  };
  g_autofree char *data = make_dir ();
  g_autofree char *file = g_build_filename (data, "worker.lock", NULL);

  g_assert_null (bus_socket_path_read (data));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = NULL;

      g_assert_true (g_file_set_contents (file, rows[i].text, -1, NULL));
      path = bus_socket_path_read (data);
      g_assert_cmpstr (path, ==, rows[i].path);
    }
  for (gsize length = BUS_SOCKET_PATH_MAX - 1; length <= BUS_SOCKET_PATH_MAX + 1; length++)
    {
      g_autofree char *fill = g_strnfill (length - 1, 'x');
      g_autofree char *text = g_strdup_printf ("socket=/%s\n", fill);
      g_autofree char *path = NULL;

      g_assert_true (g_file_set_contents (file, text, -1, NULL));
      path = bus_socket_path_read (data);
      g_assert_cmpint (path != NULL, ==, length <= BUS_SOCKET_PATH_MAX);
    }
  g_unlink (file);
  g_rmdir (data);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/bus/protocol/compare", test_compare);
  g_test_add_func ("/bus/protocol/job-states", test_job_states);
  g_test_add_func ("/bus/protocol/path-below-runtime-dir", test_path_below_runtime_dir);
  g_test_add_func ("/bus/protocol/path-without-runtime-dir", test_path_without_runtime_dir);
  g_test_add_func ("/bus/protocol/path-stays-short", test_path_stays_short);
  g_test_add_func ("/bus/protocol/path-avoids-open-directory", test_path_avoids_open_directory);
  g_test_add_func ("/bus/protocol/lock-file", test_lock_file);
  return g_test_run ();
}
