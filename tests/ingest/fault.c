/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/fault.h"

#include "store/fixture.h"

#include <glib/gstdio.h>
#include <string.h>

#define SAMPLE 10
#define COUNTS 2                /* runs counted besides the first */

gboolean
fault_is_kill (Fault fault)
{
  return fault == FAULT_KILL_BEFORE || fault == FAULT_KILL_AFTER;
}

static void
copy_dir (const char *from,
          const char *to)
{
  g_autoptr(GDir) dir = g_dir_open (from, 0, NULL);
  const char *name;

  g_mkdir (to, 0700);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *source = g_build_filename (from, name, NULL),
                                *target = g_build_filename (to, name, NULL);
      g_autofree char *data = NULL;
      gsize size;

      if (g_file_test (source, G_FILE_TEST_IS_DIR))
        copy_dir (source, target);
      else if (strcmp (name, "reserve") != 0)
        {
          g_assert_true (g_file_get_contents (source, &data, &size, NULL));
          g_assert_true (g_file_set_contents (target, data, (gssize) size, NULL));
        }
    }
}

static void
set_fault (char       ***environment,
           Fault         fault,
           guint         n)
{
  static const char *const whens[] = { "before", "after", "", "" };
  static const char *const withs[] = { "", "", "ENOSPC", "EIO" };
  g_autofree char *number = g_strdup_printf ("%u", n);

  *environment = g_environ_setenv (*environment, fault_is_kill (fault)
                                   ? "PENFOLD_KILL_AT" : "PENFOLD_FAIL_AT", number, TRUE);
  *environment = g_environ_setenv (*environment, "PENFOLD_KILL_WHEN", whens[fault], TRUE);
  *environment = g_environ_setenv (*environment, "PENFOLD_FAIL_WITH", withs[fault], TRUE);
  *environment = g_environ_setenv (*environment, "PENFOLD_FAIL_FOR", "1", TRUE);
}

FaultRun *
fault_run_new (const char *program,
               const char *base_dir,
               Fault       fault,
               guint       n)
{
  FaultRun *run = g_new0 (FaultRun, 1);
  g_autofree char *ack_path = NULL, *count_path = NULL;
  g_auto(GStrv) environment = g_get_environ ();
  g_autoptr(GError) error = NULL;

  run->top = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  run->dir = g_build_filename (run->top, "store", NULL);
  ack_path = g_build_filename (run->top, "acknowledged", NULL);
  count_path = g_build_filename (run->top, "count", NULL);
  copy_dir (base_dir, run->dir);
  environment = g_environ_setenv (environment, "LD_PRELOAD", g_getenv ("PENFOLD_KILLSHIM"), TRUE);
  environment = g_environ_setenv (environment, "PENFOLD_KILL_BELOW", run->dir, TRUE);
  environment = g_environ_setenv (environment, "PENFOLD_KILL_COUNT", count_path, TRUE);
  set_fault (&environment, fault, n);
  g_spawn_sync (NULL, (char *[]) { (char *) program, (char *) "--child", run->dir, ack_path, NULL },
                environment,
                G_SPAWN_STDOUT_TO_DEV_NULL | G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, NULL, NULL, &run->status,
                &error);
  g_assert_no_error (error);
  if (!g_file_get_contents (ack_path, &run->acknowledged, NULL, NULL))
    run->acknowledged = g_strdup ("");
  return run;
}

void
fault_run_free (FaultRun *run)
{
  store_fixture_remove_dir (run->top);
  g_free (run->top);
  g_free (run->dir);
  g_free (run->acknowledged);
  g_free (run);
}

/* How many acts an undisturbed run has, about: threads do not always gather the same batches. */
static guint
count_acts (const char *program,
            const char *base_dir)
{
  g_autoptr(FaultRun) run = fault_run_new (program, base_dir, FAULT_KILL_BEFORE, 0);
  g_autofree char *count_path = g_build_filename (run->top, "count", NULL), *counts = NULL;
  guint64 total;
  gsize size;

  g_assert_cmpint (run->status, ==, 0);
  g_assert_true (g_file_get_contents (count_path, &counts, &size, NULL));
  memcpy (&total, counts, sizeof total);
  return (guint) total;
}

void
fault_try_acts (const char *program,
                const char *base_dir,
                Fault       fault,
                gboolean  (*try) (Fault fault, guint n))
{
  gboolean is_long = g_strcmp0 (g_getenv ("PENFOLD_TEST_LONG"), "1") == 0;
  guint n_acts = count_acts (program, base_dir), n_hit = 0, n_tries = is_long ? n_acts + 3 : SAMPLE;

  /* A busy machine makes more and smaller batches, so that a later run may have fewer acts. */
  for (guint i = 0; i < COUNTS && !is_long; i++)
    n_acts = MIN (n_acts, count_acts (program, base_dir));

  g_test_message ("%u acts", n_acts);
  g_assert_cmpuint (n_acts, >, 30);
  for (guint i = 0; i < n_tries; i++)
    {
      guint n = is_long ? i + 1 : (guint) g_test_rand_int_range (1, (gint) n_acts + 1);

      g_test_message ("act %u", n);
      n_hit += try (fault, n);
    }
  if (fault_is_kill (fault))
    g_assert_cmpuint (n_hit, >, 0);
}
