/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/private.h"

#include "ingest/world.h"
#include "store/check.h"
#include "store/raw-segment.h"
#include "store/sql.h"

#include <stdio.h>
#include <string.h>

#define N_MESSAGES  20
#define SEGMENT_MAX 100000

static gboolean
set_segment_max (Store     *store,
                 gpointer   user_data,
                 GError   **error)
{
  store_raw_set_segment_max (ingest_peek_writer (user_data)->raw, SEGMENT_MAX);
  return TRUE;
}

static World *
small_world_new (void)
{
  World *world = world_new ();

  g_assert_true (ingest_write (world->ingest, set_segment_max, world->ingest, NULL));
  return world;
}

/* Every third message of the ten last is the same as one before, so some bytes have two messages. */
static GBytes *
message_of (guint32 uid)
{
  return world_message (uid > 10 && uid % 3 == 0 ? uid - 9 : uid, 30000);
}

static void
fill (World *world)
{
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  IngestTicket ticket = 0;

  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    {
      g_autoptr(GBytes) message = message_of (uid);

      ticket = world_put_body (stream, world_row (world, uid), message);
    }
  world_wait (stream, ticket);
}

static gboolean
end_location (Store     *store,
              gpointer   user_data,
              GError   **error)
{
  const gint64 *id = user_data;

  return store_locations_end (store, *id, STORE_BY_ELSEWHERE, STORE_SERVER_COPY_GONE, NULL, error);
}

static gboolean
run_sql (Store     *store,
         gpointer   user_data,
         GError   **error)
{
  return store_sql_run_script (store_peek_mail (store), user_data, error);
}

static void
run (World      *world,
     const char *sql)
{
  g_autoptr(GError) error = NULL;

  ingest_write (world->ingest, run_sql, (gpointer) sql, &error);
  g_assert_no_error (error);
}

/* Long ago. */
static void
delete_message (World   *world,
                guint32  uid)
{
  g_autoptr(StoreLocation) location = world_find (world, uid);
  g_autoptr(GError) error = NULL;

  ingest_write (world->ingest, end_location, &location->id, &error);
  g_assert_no_error (error);
  run (world, "UPDATE message SET orphaned_at = 1 WHERE orphaned_at IS NOT NULL");
}

static void
tidy (World *world)
{
  g_autoptr(GError) error = NULL;

  ingest_tidy (world->ingest, NULL, &error);
  g_assert_no_error (error);
}

static guint64
disk_use (World *world)
{
  g_autoptr(GArray) segments = store_raw_list_segments (world->raw, NULL);
  guint64 sum = 0;

  for (guint i = 0; i < segments->len; i++)
    {
      g_autoptr(StoreRaw) fresh = store_raw_new (world->dir);
      guint64 size;

      g_assert_true (store_raw_get_segment_size (fresh, g_array_index (segments, guint32, i), &size, NULL));
      sum += size;
    }
  return sum;
}

typedef struct {
  guint kinds[6];
} Kinds;

static gboolean
count_item (const StoreRawItem  *item,
            gpointer             user_data,
            GError             **error)
{
  Kinds *kinds = user_data;

  g_assert_cmpint (item->state, ==, STORE_RAW_FOUND);
  kinds->kinds[item->header.kind]++;
  return TRUE;
}

static Kinds
count_kinds (World *world)
{
  g_autoptr(StoreRaw) raw = store_raw_new (world->dir);
  g_autoptr(GArray) segments = store_raw_list_segments (raw, NULL);
  Kinds kinds = { 0 };

  for (guint i = 0; i < segments->len; i++)
    g_assert_true (store_raw_scan (raw, g_array_index (segments, guint32, i), STORE_RAW_HEADERS_AND_BYTES,
                                   count_item, &kinds, NULL));
  return kinds;
}

static void
assert_clean (World *world)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreCheckReport) report = store_check_run (world->store, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (report->n_problems, ==, 0);
}

static void
assert_holds (World   *world,
              guint32  uid)
{
  g_autoptr(GBytes) message = message_of (uid);

  world_assert_holds (world, uid, message);
}

static void
test_space_comes_back (void)
{
  g_autoptr(World) world = small_world_new ();
  guint64 before, after;

  fill (world);
  before = disk_use (world);
  for (guint32 uid = 1; uid <= N_MESSAGES; uid += 2)
    delete_message (world, uid);
  tidy (world);
  after = disk_use (world);
  /* The newest segment is never emptied. */
  g_assert_cmpuint (after, <, before * 3 / 4);
  for (guint32 uid = 2; uid <= N_MESSAGES; uid += 2)
    assert_holds (world, uid);
  assert_clean (world);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, N_MESSAGES / 2);
  tidy (world);
  g_assert_cmpuint (disk_use (world), ==, after);
}

static void
test_nothing_to_do_changes_nothing (void)
{
  g_autoptr(World) world = small_world_new ();
  guint64 before;

  fill (world);
  before = disk_use (world);
  tidy (world);
  g_assert_cmpuint (disk_use (world), ==, before);
}

/* The message that brought the bytes goes, another one still has them: they stay, and no longer as its
 * message. */
static void
test_shared_bytes_stay (void)
{
  g_autoptr(World) world = small_world_new ();
  Kinds kinds;

  fill (world);
  for (guint32 uid = 1; uid <= 10; uid++)
    delete_message (world, uid);
  tidy (world);
  for (guint32 uid = 11; uid <= N_MESSAGES; uid++)
    assert_holds (world, uid);
  kinds = count_kinds (world);
  g_assert_cmpuint (kinds.kinds[STORE_RAW_CONTENT], ==, 3);
  g_assert_cmpuint (kinds.kinds[STORE_RAW_REFERENCE], ==, 3);
  assert_clean (world);
}

/* When the segments with the dead are gone, their tombstones go too. */
static void
test_tombstones_do_not_pile_up (void)
{
  g_autoptr(World) world = small_world_new ();
  Kinds kinds;

  for (guint round = 0; round < 3; round++)
    {
      fill (world);
      for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
        delete_message (world, uid);
      tidy (world);
    }
  kinds = count_kinds (world);
  g_assert_cmpuint (kinds.kinds[STORE_RAW_TOMBSTONE], <=, 2 * N_MESSAGES);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM content"), ==, 0);
  assert_clean (world);
}

/* A mail.db put back from a backup knows nothing of newer mail: its bytes are there as long as nobody buried
 * them. */
static void
test_bytes_without_rows_are_kept (void)
{
  g_autoptr(World) world = small_world_new ();
  Kinds kinds;

  fill (world);
  /* Also what was left of a killed batch: the same bytes have a row elsewhere, or none. */
  run (world, "UPDATE message SET content_id = NULL; UPDATE location SET fetched_at = NULL, stored_at = NULL;"
              "DELETE FROM content");
  tidy (world);
  kinds = count_kinds (world);
  g_assert_cmpuint (kinds.kinds[STORE_RAW_BODY], ==, N_MESSAGES - 3);
  fill (world);
  tidy (world);
  kinds = count_kinds (world);
  g_assert_cmpuint (kinds.kinds[STORE_RAW_BODY], <, (N_MESSAGES - 3) * 2);
  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    assert_holds (world, uid);
  assert_clean (world);
}

/* An offline policy dropped the bytes here; the message stays and can be fetched again. */
static void
test_dropped_content_gives_space_back (void)
{
  g_autoptr(World) world = small_world_new ();
  guint64 before;

  fill (world);
  before = disk_use (world);
  run (world, "UPDATE message SET content_id = NULL WHERE id % 2 = 0 OR id IN (SELECT id FROM message"
              " LIMIT 12);"
              "UPDATE location SET fetched_at = NULL, stored_at = NULL WHERE message_id IN"
              " (SELECT id FROM message WHERE content_id IS NULL)");
  tidy (world);
  g_assert_cmpuint (disk_use (world), <, before / 2);
  fill (world);
  tidy (world);
  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    assert_holds (world, uid);
  assert_clean (world);
}

static void
test_damage_is_left_alone (void)
{
  g_autoptr(World) world = small_world_new ();
  g_autoptr(StoreLocation) location = NULL;
  g_autoptr(StoreMessage) message = NULL;
  g_autofree char *path = NULL;
  g_autoptr(GError) error = NULL;
  StoreContent content;
  FILE *file;

  fill (world);
  location = world_find (world, 2);
  message = store_messages_get (world->store, location->message_id, NULL);
  g_assert_true (store_contents_get (world->store, message->content_id, &content, NULL));
  path = g_strdup_printf ("%s/raw/%08x.segment", world->dir, content.place.segment);
  file = fopen (path, "r+b");
  fseek (file, (long) content.place.offset + 500, SEEK_SET);
  fputs ("damage", file);
  fclose (file);
  delete_message (world, 1);
  delete_message (world, 3);
  g_assert_false (ingest_tidy (world->ingest, NULL, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
  g_assert_true (g_file_test (path, G_FILE_TEST_EXISTS));
  for (guint32 uid = 4; uid <= N_MESSAGES; uid++)
    assert_holds (world, uid);
}

static void
test_cancelled (void)
{
  g_autoptr(World) world = small_world_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_false (ingest_tidy (world->ingest, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ingest/tidy/space-comes-back", test_space_comes_back);
  g_test_add_func ("/ingest/tidy/nothing-to-do-changes-nothing", test_nothing_to_do_changes_nothing);
  g_test_add_func ("/ingest/tidy/shared-bytes-stay", test_shared_bytes_stay);
  g_test_add_func ("/ingest/tidy/tombstones-do-not-pile-up", test_tombstones_do_not_pile_up);
  g_test_add_func ("/ingest/tidy/bytes-without-rows-are-kept", test_bytes_without_rows_are_kept);
  g_test_add_func ("/ingest/tidy/dropped-content-gives-space-back", test_dropped_content_gives_space_back);
  g_test_add_func ("/ingest/tidy/damage-is-left-alone", test_damage_is_left_alone);
  g_test_add_func ("/ingest/tidy/cancelled", test_cancelled);
  return g_test_run ();
}
