/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ingests 20 messages in three batches in a child that is killed before or after its nth lasting act, or
 * whose nth act fails.  What it had acknowledged must be there right after, and a second run must end as an
 * undisturbed one does.
 *
 * Takes a sample of the acts with a seed that GTest prints; with PENFOLD_TEST_LONG=1 every one. */
#include "ingest/fault.h"
#include "ingest/world.h"

#include "store/fixture.h"
#include "store/sql.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define N_MESSAGES 20
#define TRIES      4

static char *program;
static char *base_dir;                   /* a store with its folders, never touched again */

/* --- the child ------------------------------------------------------------------------------------------ */

/* Two mails are the same bytes, one is large: references and direct writes are acts too. */
static GBytes *
message_of (guint32 uid)
{
  return world_message (uid == 7 ? 6 : uid, uid == 12 ? 500000 : 600);
}

static void
acknowledge (int         fd,
             const char *what)
{
  g_assert_cmpint (write (fd, what, strlen (what)), ==, (gssize) strlen (what));
}

static gboolean
put_rows (World         *world,
          IngestStream  *stream,
          int            ack_fd,
          GError       **error)
{
  IngestTicket ticket = 0;

  for (guint32 uid = N_MESSAGES; uid > 0; uid--)
    {
      g_autoptr(GBytes) message = message_of (uid);
      IngestRow row = world_row (world, uid);

      row.header = world_header (message);
      row.size = (gint64) g_bytes_get_size (message);
      if ((ticket = ingest_put_row (stream, &row, NULL, error)) == 0)
        return FALSE;
    }
  if (!ingest_stream_wait (stream, ticket, NULL, error))
    return FALSE;
  acknowledge (ack_fd, "rows\n");
  return TRUE;
}

/* As sync does: what is here is not fetched again. */
static gboolean
is_here (World   *world,
         guint32  uid)
{
  g_autoptr(StoreLocation) location = world_find (world, uid);

  return location != NULL && location->fetched_at != 0;
}

static gboolean
put_bodies (World         *world,
            IngestStream  *stream,
            guint32        first,
            guint32        last,
            int            ack_fd,
            GError       **error)
{
  StoreFolder state = { .id = world->inbox, .uidvalidity = 7, .uidnext = N_MESSAGES + 1 };
  IngestTicket ticket = 0;

  for (guint32 uid = first; uid <= last; uid++)
    {
      g_autoptr(GBytes) message = message_of (uid);
      IngestRow row = world_row (world, uid);
      IngestBody *body;

      if (is_here (world, uid))
        continue;
      body = ingest_body_begin (stream, &row);
      ingest_body_append (body, base_slice_from_bytes (message), NULL);
      if ((ticket = ingest_body_finish (body, NULL, error)) == 0)
        return FALSE;
    }
  if (last == N_MESSAGES &&
      (ticket = ingest_put_state (stream, &state, STORE_FOLDER_UIDNEXT | STORE_FOLDER_UIDVALIDITY, NULL,
                                  error)) == 0)
    return FALSE;
  if (!ingest_stream_wait (stream, ticket, NULL, error))
    return FALSE;
  acknowledge (ack_fd, last == N_MESSAGES ? "second half\n" : "first half\n");
  return TRUE;
}

static gboolean
ingest_all (World   *world,
            int      ack_fd,
            GError **error)
{
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);

  return put_rows (world, stream, ack_fd, error) &&
         put_bodies (world, stream, 1, N_MESSAGES / 2, ack_fd, error) &&
         put_bodies (world, stream, N_MESSAGES / 2 + 1, N_MESSAGES, ack_fd, error);
}

/* Whatever failed, the same process must get it done when the disk works again. */
static int
run_child (const char *dir,
           const char *ack_path)
{
  int ack_fd = open (ack_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  World *world;
  gboolean done = FALSE;

  if ((world = world_try_open (dir)) == NULL)
    return 3;
  for (guint try = 0; try < TRIES && !done; try++)
    {
      g_autoptr(GError) error = NULL;

      done = ingest_all (world, ack_fd, &error);
    }
  world_close (world);
  return done ? 0 : 4;
}

/* --- looking at what is left ---------------------------------------------------------------------------- */

static gboolean
check_item (const StoreRawItem  *item,
            gpointer             user_data,
            GError             **error)
{
  /* Killed or failed in the middle of a batch: what was not acknowledged is cut off when the store is
   * opened. */
  g_assert_cmpint (item->state, ==, STORE_RAW_FOUND);
  return TRUE;
}

static void
check_raw (World *world)
{
  g_autoptr(GArray) segments = store_raw_list_segments (world->raw, NULL);

  for (guint i = 0; i < segments->len; i++)
    g_assert_true (store_raw_scan (world->raw, g_array_index (segments, guint32, i),
                                   STORE_RAW_HEADERS_AND_BYTES, check_item, NULL, NULL));
}

static gboolean
check_index (Store     *store,
             gpointer   user_data,
             GError   **error)
{
  return store_sql_run (store_peek_mail (store),
                        "INSERT INTO search_head (search_head) VALUES ('integrity-check')", NULL, error) &&
         store_sql_run (store_peek_mail (store),
                        "INSERT INTO search_body (search_body) VALUES ('integrity-check')", NULL, error);
}

static void
check_rows (World *world)
{
  g_autoptr(GError) error = NULL;

  ingest_write (world->ingest, check_index, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM pragma_integrity_check"
                                       " WHERE integrity_check <> 'ok'"), ==, 0);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM pragma_foreign_key_check"), ==, 0);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location l JOIN message m ON m.id = l.message_id"
                                " WHERE (l.fetched_at IS NULL) <> (m.content_id IS NULL)"), ==, 0);
  g_assert_cmpint (world_count (world,
                                "SELECT count(*) FROM location GROUP BY message_id HAVING count(*) > 1"), ==,
                                -1);
  g_assert_cmpint (world_count (world,
                                "SELECT count(*) FROM message m LEFT JOIN text t ON t.message_id = m.id"
                                " WHERE t.message_id IS NULL OR (t.body IS NULL) <> (m.content_id IS NULL)"),
                                ==, 0);
}

static void
check_acknowledged (World      *world,
                    const char *acknowledged)
{
  guint32 whole = strstr (acknowledged, "second") != NULL ? N_MESSAGES : strstr (acknowledged, "first")
                  ? N_MESSAGES / 2 : 0;
  g_autoptr(StoreFolder) folder = store_folders_get (world->store, world->inbox, NULL);

  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    {
      g_autoptr(GBytes) message = message_of (uid);
      g_autoptr(StoreLocation) location = world_find (world, uid);

      if (strstr (acknowledged, "rows") != NULL)
        g_assert_nonnull (location);
      if (uid <= whole || (location != NULL && location->fetched_at != 0))
        world_assert_holds (world, uid, message);
    }
  if (folder->uidnext != STORE_NONE || whole == N_MESSAGES)
    {
      g_assert_cmpint (folder->uidnext, ==, N_MESSAGES + 1);
      g_assert_cmpint (world_count (world, "SELECT count(*) FROM location WHERE fetched_at IS NOT NULL"), ==,
                       N_MESSAGES);
    }
}

static void
check_final (World *world)
{
  check_acknowledged (world, "rows first second");
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, N_MESSAGES);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location"), ==, N_MESSAGES);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM content"), ==, N_MESSAGES - 1);
  g_assert_cmpint (world_count (world, "SELECT total FROM folder WHERE raw_name = CAST('INBOX' AS BLOB)"), ==,
                   N_MESSAGES);
}

/* --- runs ----------------------------------------------------------------------------------------------- */

static gboolean
try_fault (Fault fault,
           guint n)
{
  g_autoptr(FaultRun) run = fault_run_new (program, base_dir, fault, n);
  g_autoptr(GError) error = NULL;
  World *world;
  int ack_fd;

  if (WIFSIGNALED (run->status))
    g_assert_cmpint (WTERMSIG (run->status), ==, SIGKILL);
  else
    g_assert_cmpint (WEXITSTATUS (run->status), !=, 4);    /* one fault must not keep it from storing what
                                                            * comes after */

  world = world_open (run->dir);
  check_raw (world);
  check_rows (world);
  check_acknowledged (world, run->acknowledged);
  ack_fd = open ("/dev/null", O_WRONLY | O_CLOEXEC);
  g_assert_true (ingest_all (world, ack_fd, &error));
  g_assert_no_error (error);
  close (ack_fd);
  check_final (world);
  check_rows (world);
  check_raw (world);
  world_close (world);
  return WIFSIGNALED (run->status);
}

static void
test_fault (gconstpointer data)
{
  fault_try_acts (program, base_dir, GPOINTER_TO_INT (data), try_fault);
}

static void
make_base (void)
{
  World *world;

  base_dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  world = world_open (base_dir);
  world_close (world);
}

int
main (int   argc,
      char *argv[])
{
  int result;

  if (argc == 4 && strcmp (argv[1], "--child") == 0)
    return run_child (argv[2], argv[3]);
  program = argv[0];
  g_test_init (&argc, &argv, NULL);
  make_base ();
  g_test_add_data_func ("/ingest/crash/killed-before-each-act", GINT_TO_POINTER (FAULT_KILL_BEFORE),
                        test_fault);
  g_test_add_data_func ("/ingest/crash/killed-after-each-act", GINT_TO_POINTER (FAULT_KILL_AFTER),
                        test_fault);
  g_test_add_data_func ("/ingest/crash/no-space-at-each-act", GINT_TO_POINTER (FAULT_NO_SPACE), test_fault);
  g_test_add_data_func ("/ingest/crash/broken-disk-at-each-act", GINT_TO_POINTER (FAULT_BROKEN_DISK),
                        test_fault);
  result = g_test_run ();
  store_fixture_remove_dir (base_dir);
  return result;
}
