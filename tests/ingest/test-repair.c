/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/repair.h"

#include "ingest/world.h"
#include "store/accounts.h"
#include "store/fixture.h"
#include "store/search.h"
#include "store/sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define N_MESSAGES 10

/* Account 1, whose mail the world puts. */
static void
add_account (World *world)
{
  g_autoptr(StoreAccount) account = store_account_new ();
  g_autoptr(GError) error = NULL;

  store_account_set (&account->name, "Test");
  store_account_set (&account->email, "ben@example.net");
  store_account_set (&account->incoming.host, "mail.example.net");
  g_assert_cmpint (store_accounts_add (world->store, account, "Ben", &error), ==, 1);
  g_assert_no_error (error);
}

static GBytes *
message_of (guint32 uid)
{
  return world_message (uid == 4 ? 3 : uid, uid == 9 ? 5000000 : 2000);
}

static gboolean
end_seventh (Store     *store,
             gpointer   user_data,
             GError   **error)
{
  World *world = user_data;
  g_autoptr(StoreLocation) location = store_locations_find_uid (store, world->inbox, 7, 7, error);

  return store_locations_end (store, location->id, STORE_BY_ELSEWHERE, STORE_SERVER_COPY_GONE, NULL, error) &&
         store_sql_run (store_peek_mail (store),
                        "UPDATE message SET orphaned_at = 1 WHERE orphaned_at IS NOT NULL", NULL, error);
}

static gboolean
detach_eighth (Store     *store,
               gpointer   user_data,
               GError   **error)
{
  World *world = user_data;
  g_autoptr(StoreLocation) location = store_locations_find_uid (store, world->inbox, 7, 8, error);

  return ingest_drop_server (world->ingest, store, location->id, STORE_BY_RULE, "leave", NULL, error);
}

/* Ten in the inbox: 4 has the bytes of 3, 7 was purged, 8 has no server copy any more, 10 is only a header.
 * Three more: in the archive, in a folder of this computer, and of an account that is not there. */
static World *
filled_world_new (void)
{
  World *world = world_new ();
  g_autoptr(IngestStream) stream = NULL;
  g_autoptr(GBytes) archived = world_message (20, 100), local = world_message (21, 100),
                               foreign = world_message (22, 100);
  g_autoptr(GError) error = NULL;
  IngestRow row;

  add_account (world);
  stream = ingest_stream_new (world->ingest);
  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    {
      g_autoptr(GBytes) message = message_of (uid);

      row = world_row (world, uid);
      row.flags = uid % 2 == 0 ? STORE_FLAG_SEEN : STORE_FLAG_FLAGGED;
      if (uid == 10)
        world_put_row (stream, row, message);
      else
        world_put_body (stream, row, message);
    }
  row = world_row (world, 1);
  row.folder_id = world->archive;
  world_put_body (stream, row, archived);
  world_put_body (stream, (IngestRow) { .account_id = 0, .folder_id = 2, .arrived_at = 1600000000 }, local);
  world_wait (stream, world_put_body (stream, (IngestRow) { .account_id = 77, .folder_id = 1,
                                                            .arrived_at = 1600000001,
                                                            .uidl = BASE_SLICE_LITERAL ("x") }, foreign));
  ingest_write (world->ingest, end_seventh, world, &error);
  g_assert_no_error (error);
  ingest_write (world->ingest, detach_eighth, world, &error);
  g_assert_no_error (error);
  ingest_tidy (world->ingest, NULL, &error);
  g_assert_no_error (error);
  return world;
}

/* What must be the same before and after. */
static char *
describe (Store *store)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT m.id || ' ' || substr (hex (m.header_hash), 1, 8) || ' ' || m.arrived_at || ' ' || m.size || ' '"
    " || substr (m.preview, 1, 10) || ' '"
    " || coalesce (f.raw_name, f.path) || ' ' || l.flags || ' ' || coalesce (l.uid, '-') || ' ' || coalesce"
    " (l.uidvalidity, '-')"
    " || ' ' || substr (hex (c.sha256), 1, 8) || ' ' || (SELECT count(*) FROM part"
    " WHERE message_id = m.id) || ' ' || (l.fetched_at IS NOT NULL AND l.on_server)"
    " FROM location l JOIN message m ON m.id = l.message_id JOIN content c ON c.id = m.content_id"
    " JOIN folder f ON f.id = l.folder_id WHERE m.account_id IN (0, 1) AND f.role <> 'recovered' ORDER BY 1",
    NULL, NULL);
  GString *text = g_string_new (NULL);

  while (store_sql_next (rows))
    g_string_append_printf (text, "%s\n", store_sql_text (rows, 0));
  return g_string_free (text, FALSE);
}

static gint64
count (Store      *store,
       const char *sql)
{
  gint64 value;

  g_assert_true (store_sql_get_int (store_peek_mail (store), sql, NULL, -1, &value, NULL));
  return value;
}

static IngestRepairReport *
repair (World *world)
{
  g_autoptr(GError) error = NULL;
  IngestRepairReport *report = ingest_repair_run (world->dir, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return report;
}

static void
assert_clean (Store *store)
{
  g_autoptr(StoreCheckReport) report = store_check_run (store, NULL, NULL, NULL, NULL);

  if (report->n_problems > 0)
    g_error ("%s", (char *) report->problems->pdata[0]);
}

static void
assert_came_back (World      *world,
                  const char *before)
{
  g_autoptr(Store) store = store_open (world->dir, STORE_WRITER, NULL);
  g_autofree char *after = describe (store);
  g_autoptr(StoreQuery) query = store_query_parse ("number5", STORE_QUERY_FINISHED, NULL);
  g_autoptr(GArray) found = NULL;

  assert_clean (store);
  g_assert_cmpstr (after, ==, before);
  found = store_search_run (store, query, STORE_ACCOUNT_ANY, 0, 10, NULL);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpint (count (store, "SELECT count(*) FROM location WHERE announced_at IS NULL"), ==, 0);
}

typedef enum {
  MISSING,
  EMPTY,
  TRUNCATED,
  RUBBISH,
  RUBBISH_INSIDE,
  WHOLE,
} Damage;

static void
damage_database (World  *world,
                 Damage  damage)
{
  g_autofree char *path = g_build_filename (world->dir, "mail.db", NULL),
                          *wal = g_strconcat (path, "-wal", NULL);
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  switch (damage)
    {
    case MISSING:
      unlink (path);
      unlink (wal);
      return;
    case EMPTY:
      size = 0;
      break;
    case TRUNCATED:
      size = size / 2 + 77;
      break;
    case RUBBISH:
      memset (data, 0x5a, size);
      break;
    case RUBBISH_INSIDE:
      memset (data + 4096, 0x5a, size - 4096);
      break;
    case WHOLE:
      break;
    }
  g_assert_true (g_file_set_contents (path, data, (gssize) size, NULL));
}

static void
test_everything_comes_back (void)
{
  for (Damage damage = MISSING; damage <= WHOLE; damage++)
    {
      g_autoptr(World) world = filled_world_new ();
      g_autofree char *before = describe (world->store);
      g_autoptr(IngestRepairReport) report = NULL;
      g_autoptr(Store) store = NULL;

      g_test_message ("%d", damage);
      world_stop_ingest (world);
      damage_database (world, damage);
      report = repair (world);
      g_assert_cmpuint (report->messages, ==, N_MESSAGES - 2 + 3);
      g_assert_cmpuint (report->recovered, ==, 1);
      g_assert_cmpuint (report->damaged + report->bytes_lost, ==, 0);
      g_assert_true ((report->kept_as == NULL) == (damage <= EMPTY));
      g_assert_true (report->kept_as == NULL || g_file_test (report->kept_as, G_FILE_TEST_EXISTS));
      assert_came_back (world, before);
      store = store_open (world->dir, STORE_READER, NULL);
      g_assert_cmpint (count (store, "SELECT count(*) FROM location l JOIN folder f ON f.id = l.folder_id"
                              " WHERE f.role = 'recovered' AND f.account_id = 0 AND l.uidl IS NULL"), ==, 1);
    }
}

/* Nobody asked: the missing file is made anew when the ingest starts, and all goes on. */
static void
test_missing_file_comes_back_by_itself (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autofree char *before = describe (world->store), *after = NULL;
  g_autoptr(IngestStream) stream = NULL;
  g_autoptr(GBytes) message = message_of (1);

  world_stop_ingest (world);
  damage_database (world, MISSING);
  store_worker_lock_free (g_steal_pointer (&world->lock));
  world_restart (world);
  after = describe (world->store);
  g_assert_cmpstr (after, ==, before);
  assert_clean (world->store);

  /* What the server lists again is known. */
  stream = ingest_stream_new (world->ingest);
  world_wait (stream, world_put_row (stream, world_row (world, 1), message));
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location WHERE uid = 1"), ==, 2);
}

static void
test_damaged_message_is_counted (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autoptr(StoreLocation) location = world_find (world, 2);
  g_autoptr(StoreMessage) message = store_messages_get (world->store, location->message_id, NULL);
  g_autofree char *path = g_build_filename (world->dir, "raw", "00000001.segment", NULL);
  g_autoptr(IngestRepairReport) report = NULL;
  StoreContent content;
  FILE *file;

  g_assert_true (store_contents_get (world->store, message->content_id, &content, NULL));
  world_stop_ingest (world);
  file = fopen (path, "r+b");
  fseek (file, (long) content.place.offset + 400, SEEK_SET);
  fputs ("damage", file);
  fclose (file);
  report = repair (world);
  g_assert_cmpuint (report->damaged, ==, 1);
  g_assert_cmpuint (report->messages, ==, N_MESSAGES - 3 + 3);
}

typedef struct {
  GCancellable *cancellable;
  guint         left;
} Stop;

static void
stop_after (guint64  done,
            guint64  total,
            gpointer user_data)
{
  Stop *stop = user_data;

  g_assert_cmpuint (done, <=, total);
  if (stop->left-- == 0)
    g_cancellable_cancel (stop->cancellable);
}

static void
test_cancelled_anywhere_goes_on (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autofree char *before = describe (world->store);
  g_autoptr(IngestRepairReport) report = NULL;

  world_stop_ingest (world);
  for (guint n = 0; n < 18; n += 2)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      Stop stop = { cancellable, n };
      g_autoptr(GError) error = NULL;
      g_autoptr(IngestRepairReport) none = ingest_repair_run (world->dir, stop_after, &stop, cancellable,
                                                              &error);

      if (none == NULL)
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
  report = repair (world);
  assert_came_back (world, before);
}

/* Twice gives the same. */
static void
test_repaired_again (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autofree char *before = describe (world->store);
  g_autoptr(IngestRepairReport) first = NULL, second = NULL;

  world_stop_ingest (world);
  first = repair (world);
  g_usleep (1100000);                    /* its name has seconds */
  second = repair (world);
  g_assert_cmpuint (first->messages, ==, second->messages);
  assert_came_back (world, before);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ingest/repair/everything-comes-back", test_everything_comes_back);
  g_test_add_func ("/ingest/repair/missing-file-comes-back-by-itself",
                   test_missing_file_comes_back_by_itself);
  g_test_add_func ("/ingest/repair/damaged-message-is-counted", test_damaged_message_is_counted);
  g_test_add_func ("/ingest/repair/cancelled-anywhere-goes-on", test_cancelled_anywhere_goes_on);
  g_test_add_func ("/ingest/repair/repaired-again", test_repaired_again);
  return g_test_run ();
}
