/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Purging and emptying segments, killed or failing at each lasting act: what is needed is there at every
 * moment, and the next run gives the space back. */
#include "ingest/private.h"

#include "ingest/fault.h"
#include "ingest/world.h"
#include "store/check.h"
#include "store/fixture.h"
#include "store/raw-segment.h"
#include "store/sql.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#define N_MESSAGES  12
#define SEGMENT_MAX 50000

static char *program;
static char *base_dir;

static gboolean
set_segment_max (Store     *store,
                 gpointer   user_data,
                 GError   **error)
{
  store_raw_set_segment_max (ingest_peek_writer (user_data)->raw, SEGMENT_MAX);
  return TRUE;
}

static int
run_child (const char *dir)
{
  World *world = world_try_open (dir);
  gboolean done = FALSE;

  if (world == NULL)
    return 3;
  ingest_write (world->ingest, set_segment_max, world->ingest, NULL);
  for (guint try = 0; try < 4 && !done; try++)
    done = ingest_tidy (world->ingest, NULL, NULL);
  world_close (world);
  return done ? 0 : 4;
}

static gboolean
end_even_locations (Store     *store,
                    gpointer   user_data,
                    GError   **error)
{
  g_autoptr(GArray) ids = store_sql_list_ints (store_peek_mail (store),
                                               "SELECT id FROM location WHERE uid % 2 = 0", NULL, error);

  for (guint i = 0; i < ids->len; i++)
    if (!store_locations_end (store, g_array_index (ids, gint64, i), STORE_BY_ELSEWHERE,
                              STORE_SERVER_COPY_GONE, NULL, error))
      return FALSE;
  return store_sql_run (store_peek_mail (store),
                        "UPDATE message SET orphaned_at = 1 WHERE orphaned_at IS NOT NULL", NULL, error);
}

/* The bytes of 2 are those of 5 too: they outlive the message that brought them. */
static GBytes *
message_of (guint32 uid)
{
  return world_message (uid == 5 ? 2 : uid, 9000);
}

static void
make_base (void)
{
  World *world;
  IngestStream *stream;
  IngestTicket ticket = 0;
  g_autoptr(GError) error = NULL;

  base_dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  world = world_open (base_dir);
  g_assert_true (ingest_write (world->ingest, set_segment_max, world->ingest, NULL));
  stream = ingest_stream_new (world->ingest);
  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    {
      g_autoptr(GBytes) message = message_of (uid);

      ticket = world_put_body (stream, world_row (world, uid), message);
    }
  world_wait (stream, ticket);
  ingest_stream_free (stream);
  ingest_write (world->ingest, end_even_locations, NULL, &error);
  g_assert_no_error (error);
  world_close (world);
}

static void
check_world (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreCheckReport) report = store_check_run (world->store, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (report->n_problems, ==, 0);
  for (guint32 uid = 1; uid <= N_MESSAGES; uid += 2)
    {
      g_autoptr(GBytes) message = message_of (uid);

      world_assert_holds (world, uid, message);
    }
}

static gboolean
try_fault (Fault fault,
           guint n)
{
  g_autoptr(FaultRun) run = fault_run_new (program, base_dir, fault, n);
  g_autoptr(StoreCheckReport) report = NULL;
  g_autoptr(GError) error = NULL;
  World *world;

  if (WIFSIGNALED (run->status))
    g_assert_cmpint (WTERMSIG (run->status), ==, SIGKILL);
  else
    g_assert_cmpint (WEXITSTATUS (run->status), !=, 4);
  world = world_open (run->dir);
  check_world (world);
  g_assert_true (ingest_write (world->ingest, set_segment_max, world->ingest, NULL));
  ingest_tidy (world->ingest, NULL, &error);
  g_assert_no_error (error);
  check_world (world);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, N_MESSAGES / 2);
  /* All that was dead is gone, but for what lies in the newest segment. */
  report = store_check_run (world->store, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (report->bytes_free, <=, SEGMENT_MAX);
  world_close (world);
  return WIFSIGNALED (run->status);
}

static void
test_fault (gconstpointer data)
{
  fault_try_acts (program, base_dir, GPOINTER_TO_INT (data), try_fault);
}

int
main (int   argc,
      char *argv[])
{
  int result;

  if (argc == 4 && strcmp (argv[1], "--child") == 0)
    return run_child (argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  make_base ();
  g_test_add_data_func ("/ingest/crash-tidy/killed-before-each-act", GINT_TO_POINTER (FAULT_KILL_BEFORE),
                        test_fault);
  g_test_add_data_func ("/ingest/crash-tidy/killed-after-each-act", GINT_TO_POINTER (FAULT_KILL_AFTER),
                        test_fault);
  g_test_add_data_func ("/ingest/crash-tidy/no-space-at-each-act", GINT_TO_POINTER (FAULT_NO_SPACE),
                        test_fault);
  g_test_add_data_func ("/ingest/crash-tidy/broken-disk-at-each-act", GINT_TO_POINTER (FAULT_BROKEN_DISK),
                        test_fault);
  result = g_test_run ();
  store_fixture_remove_dir (base_dir);
  return result;
}
