/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/ingest.h"

#include "ingest/world.h"
#include "store/search.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void
test_row_then_body (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 3000);
  g_autoptr(StoreLocation) location = NULL, later = NULL;
  g_autoptr(StoreMessage) row = NULL, filled = NULL;
  g_autoptr(GPtrArray) parts = NULL;

  world_wait (stream, world_put_row (stream, world_row (world, 5), message));
  location = world_find (world, 5);
  row = store_messages_get (world->store, location->message_id, NULL);
  g_assert_cmpstr (row->subject, ==, "Message number1");
  g_assert_cmpint (row->content_id, ==, 0);
  g_assert_cmpint (row->size, ==, g_bytes_get_size (message));
  g_assert_cmpint (row->id >> 20, ==, 1700000005);
  g_assert_cmpint (location->stored_at + location->fetched_at, ==, 0);

  world_wait (stream, world_put_body (stream, world_row (world, 5), message));
  world_assert_holds (world, 5, message);
  later = world_find (world, 5);
  g_assert_cmpint (later->id, ==, location->id);
  g_assert_cmpint (later->message_id, ==, location->message_id);
  g_assert_cmpint (later->fetched_at, >, 0);
  g_assert_cmpint (later->verified_at, ==, 0);
  filled = store_messages_get (world->store, location->message_id, NULL);
  g_assert_true (g_str_has_prefix (filled->preview, "word1"));
  parts = store_messages_list_parts (world->store, location->message_id, NULL);
  g_assert_cmpuint (parts->len, ==, 1);
}

static void
test_body_alone_is_a_new_message (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  static const gsize sizes[] = { 0, 100, INGEST_BODY_IN_MEMORY - 400, INGEST_BODY_IN_MEMORY, 5000000 };
  IngestTicket ticket = 0;

  for (guint32 i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) message = world_message (i, sizes[i]);

      ticket = world_put_body (stream, world_row (world, i + 1), message);
    }
  world_wait (stream, ticket);
  g_clear_pointer (&stream, ingest_stream_free);
  world_restart (world);
  for (guint32 i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) message = world_message (i, sizes[i]);

      world_assert_holds (world, i + 1, message);
    }
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, G_N_ELEMENTS (sizes));
}

static void
test_put_again_changes_nothing (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 3000);

  for (guint i = 0; i < 3; i++)
    {
      world_put_row (stream, world_row (world, 5), message);
      world_wait (stream, world_put_body (stream, world_row (world, 5), message));
    }
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, 1);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location"), ==, 1);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM content"), ==, 1);
}

static gboolean
count_kinds (const StoreRawItem  *item,
             gpointer             user_data,
             GError             **error)
{
  guint *kinds = user_data;

  g_assert_cmpint (item->state, ==, STORE_RAW_FOUND);
  kinds[item->header.kind]++;
  return TRUE;
}

static void
test_same_bytes_are_stored_once (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 3000);
  guint kinds[6] = { 0 };

  world_put_body (stream, world_row (world, 1), message);
  world_put_body (stream, world_row (world, 2), message);
  world_wait (stream, world_put_body (stream, world_row (world, 3), message));
  for (guint32 uid = 1; uid <= 3; uid++)
    world_assert_holds (world, uid, message);
  g_assert_true (store_raw_scan (world->raw, 1, STORE_RAW_HEADERS_AND_BYTES, count_kinds, kinds, NULL));
  g_assert_cmpuint (kinds[STORE_RAW_BODY], ==, 1);
  g_assert_cmpuint (kinds[STORE_RAW_REFERENCE], ==, 2);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM content"), ==, 1);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, 3);
}

static void
test_uidl (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) first = world_message (1, 100), second = world_message (2, 100), read = NULL;
  IngestRow row = { .account_id = 2, .folder_id = 1, .uidl = BASE_SLICE_LITERAL ("\x01odd/../uidl") };
  g_autoptr(StoreLocation) location = NULL;

  world_put_body (stream, row, first);
  row.occurrence = 1;
  world_wait (stream, world_put_body (stream, row, second));
  world_wait (stream, world_put_body (stream, row, second));
  location = store_locations_find_uidl (world->store, 2, row.uidl, 1, NULL);
  read = store_contents_read (world->store, world->raw, location->message_id, NULL);
  g_assert_true (g_bytes_equal (read, second));
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location"), ==, 2);
}

/* The same id of the server's and the same header: one mail in two folders.  The id alone is not enough. */
static void
test_object_id_joins_folders (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 100), other = world_message (2, 100);
  IngestRow row = world_row (world, 1);

  row.object_id = "E1";
  world_put_body (stream, row, message);
  row.folder_id = world->archive;
  world_put_row (stream, row, message);
  row.uid = 2;
  world_wait (stream, world_put_row (stream, row, other));
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, 2);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location"), ==, 3);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location WHERE fetched_at IS NOT NULL"), ==, 1);
}

static void
test_matched_again (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 100), other = world_message (2, 100);
  g_autoptr(StoreLocation) before = NULL, after = NULL, wrong = NULL;
  IngestRow row = world_row (world, 1);

  world_wait (stream, world_put_body (stream, row, message));
  before = world_find (world, 1);
  row.uidvalidity = 8;
  row.uid = 40;
  row.location_id = before->id;
  world_wait (stream, world_put_row (stream, row, message));
  after = store_locations_find_uid (world->store, world->inbox, 8, 40, NULL);
  g_assert_cmpint (after->id, ==, before->id);
  g_assert_cmpint (after->fetched_at, ==, 0);
  g_assert_null (store_locations_find_uid (world->store, world->inbox, 7, 1, NULL));

  /* A match that the header contradicts is none. */
  row.uid = 41;
  world_wait (stream, world_put_row (stream, row, other));
  wrong = store_locations_find_uid (world->store, world->inbox, 8, 41, NULL);
  g_assert_cmpint (wrong->id, !=, before->id);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, 2);
}

/* Matched by its header, and then the body shows that it is another mail: nothing that was here is lost. */
static void
test_other_bytes_become_another_message (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 100), other = world_message (1, 150), kept = NULL;
  g_autoptr(StoreLocation) known = NULL, old = NULL;
  IngestRow row = world_row (world, 1);

  world_wait (stream, world_put_body (stream, row, message));
  known = world_find (world, 1);
  row.uidvalidity = 8;
  row.location_id = known->id;
  world_wait (stream, world_put_body (stream, row, other));

  old = store_locations_get (world->store, known->id, NULL);
  g_assert_false (store_location_has_server (old));
  kept = store_contents_read (world->store, world->raw, old->message_id, NULL);
  g_assert_true (g_bytes_equal (kept, message));
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM message"), ==, 2);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location WHERE uidvalidity = 8 AND uid = 1"), ==,
                   1);
}

static void
test_abandoned_body_leaves_nothing (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 3000000);
  IngestRow row = world_row (world, 1);
  IngestBody *body = ingest_body_begin (stream, &row);

  g_assert_true (ingest_body_append (body, base_slice_from_bytes (message), NULL));
  ingest_body_abandon (body);
  g_assert_null (world_find (world, 1));
}

static void
test_is_found_by_its_words (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  static const char *const words[] = { "word3", "number3", "from:anna@example.org number3",
                                       "to:ben number3" };
  IngestTicket ticket = 0;

  /* Newest first, as a first sync. */
  for (guint32 i = 5; i > 0; i--)
    {
      g_autoptr(GBytes) message = world_message (i, 100);

      world_put_row (stream, world_row (world, i), message);
      ticket = world_put_body (stream, world_row (world, i), message);
    }
  world_wait (stream, ticket);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    {
      g_autoptr(StoreQuery) query = store_query_parse (words[i], STORE_QUERY_FINISHED, NULL);
      g_autoptr(GArray) ids = store_search_run (world->store, query, STORE_ACCOUNT_ANY, 0, 50, NULL);

      g_assert_cmpuint (ids->len, ==, 1);
      g_assert_cmpint (g_array_index (ids, gint64, 0) >> 20, ==, 1700000003);
    }
}

/* --- order and failure ---------------------------------------------------------------------------------- */

static void
test_state_rides_behind_rows (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 100);
  StoreFolder state = { .id = world->inbox, .uidvalidity = 7, .uidnext = 6 };
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(GError) error = NULL;

  world_put_row (stream, world_row (world, 5), message);
  world_wait (stream, ingest_put_state (stream, &state, STORE_FOLDER_UIDNEXT | STORE_FOLDER_UIDVALIDITY, NULL,
                                        &error));
  g_assert_no_error (error);
  folder = store_folders_get (world->store, world->inbox, NULL);
  g_assert_cmpint (folder->uidnext, ==, 6);
  g_assert_cmpint (folder->total, ==, 1);
}

static void
test_failed_row_takes_what_is_behind_it (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest),
                                   other = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 100);
  StoreFolder state = { .id = world->inbox, .uidnext = 6 };
  IngestRow row = world_row (world, 2);
  IngestTicket good, bad;
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(GError) error = NULL;

  good = world_put_row (stream, world_row (world, 1), message);
  row.folder_id = 9999;
  bad = world_put_row (stream, row, message);
  ingest_put_state (stream, &state, STORE_FOLDER_UIDNEXT, NULL, NULL);
  world_wait (other, world_put_row (other, world_row (world, 3), message));

  g_assert_false (ingest_stream_wait (stream, bad, NULL, &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  world_wait (stream, good);
  g_assert_true (ingest_stream_is_durable (stream, good, NULL));
  g_assert_cmpuint (ingest_put_row (stream, &row, NULL, &error), ==, 0);
  g_assert_nonnull (error);
  folder = store_folders_get (world->store, world->inbox, NULL);
  g_assert_cmpint (folder->uidnext, ==, -1);
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location"), ==, 2);
}

static gboolean
set_name (Store     *store,
          gpointer   user_data,
          GError   **error)
{
  return store_set_meta (store, "name", user_data, error);
}

static gboolean
fail (Store     *store,
      gpointer   user_data,
      GError   **error)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "There is none");
  return store_set_meta (store, "name", "failed", NULL) && FALSE;
}

static void
test_write_is_committed_when_it_returns (void)
{
  g_autoptr(World) world = world_new ();
  g_autofree char *name = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (ingest_write (world->ingest, set_name, (gpointer) "first", &error));
  name = store_dup_meta (world->store, "name", NULL);
  g_assert_cmpstr (name, ==, "first");
  g_assert_false (ingest_write (world->ingest, fail, NULL, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  g_free (name);
  name = store_dup_meta (world->store, "name", NULL);
  g_assert_cmpstr (name, ==, "first");

  ingest_write_later (world->ingest, set_name, g_strdup ("later"), g_free);
  world_restart (world);
  g_free (name);
  name = store_dup_meta (world->store, "name", NULL);
  g_assert_cmpstr (name, ==, "later");
}

/* Work of changes.h is of this kind: it commits by itself, in several steps. */
static gboolean
set_name_twice (Store     *store,
                gpointer   user_data,
                GError   **error)
{
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr(StoreTransaction) transaction = store_begin (store, error);
      g_autofree char *name = g_strdup_printf ("%s%u", (const char *) user_data, i);

      if (transaction == NULL || !store_set_meta (store, "name", name, error)
          || !store_commit (g_steal_pointer (&transaction), error))
        return FALSE;
    }
  return TRUE;
}

static void
count_told (gpointer user_data)
{
  g_atomic_int_inc ((gint *) user_data);
}

static void
test_work_alone_makes_its_own_transactions (void)
{
  g_autoptr(World) world = world_new ();
  g_autofree char *name = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (ingest_write_alone (world->ingest, set_name_twice, (gpointer) "name", &error));
  name = store_dup_meta (world->store, "name", NULL);
  g_assert_cmpstr (name, ==, "name1");
  g_assert_false (ingest_write_alone (world->ingest, fail, NULL, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void
test_batches_are_told (void)
{
  g_autoptr(World) world = world_new ();
  gint n_told = 0;

  ingest_set_told (world->ingest, count_told, &n_told);
  for (guint i = 0; i < 2; i++)
    g_assert_true (ingest_write (world->ingest, set_name, (gpointer) "name", NULL));
  g_assert_cmpint (g_atomic_int_get (&n_told), >=, 1);          /* of the first, before the second began */
  ingest_set_told (world->ingest, NULL, NULL);
  n_told = 0;
  for (guint i = 0; i < 2; i++)
    g_assert_true (ingest_write (world->ingest, set_name, (gpointer) "name", NULL));
  g_assert_cmpint (n_told, ==, 0);
}

/* --- waiting -------------------------------------------------------------------------------------------- */

typedef struct {
  GMutex   lock;
  GCond    changed;
  gboolean is_held;
  gboolean is_let_go;
} Gate;

static gboolean
wait_at_gate (Store     *store,
              gpointer   user_data,
              GError   **error)
{
  Gate *gate = user_data;

  g_mutex_lock (&gate->lock);
  gate->is_held = TRUE;
  g_cond_broadcast (&gate->changed);
  while (!gate->is_let_go)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
  return TRUE;
}

static void
hold_writer (World *world,
             Gate  *gate)
{
  ingest_write_later (world->ingest, wait_at_gate, gate, NULL);
  g_mutex_lock (&gate->lock);
  while (!gate->is_held)
    g_cond_wait (&gate->changed, &gate->lock);
  g_mutex_unlock (&gate->lock);
}

static void
let_go (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->is_let_go = TRUE;
  g_cond_broadcast (&gate->changed);
  g_mutex_unlock (&gate->lock);
}

static gpointer
cancel_when_waiting (gpointer data)
{
  g_usleep (20000);                      /* either before or while it waits: both must end it */
  g_cancellable_cancel (data);
  return NULL;
}

static void
test_full_queue_blocks_until_cancelled_or_stored (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GBytes) message = world_message (1, 900000);
  struct pollfd wake = { ingest_stream_get_wake_fd (stream), POLLIN, 0 };
  static Gate gate;
  IngestRow row = world_row (world, 1000);
  g_autoptr(GError) error = NULL;
  GThread *thread;
  guint32 n = 0;
  guint64 drained;

  hold_writer (world, &gate);
  while (ingest_stream_has_room (stream))
    {
      world_put_body (stream, world_row (world, ++n), message);
      g_assert_cmpuint (n, <, 100);
    }
  g_assert_cmpuint (n, >=, INGEST_QUEUE_MAX / 1000000);
  thread = g_thread_new ("cancel", cancel_when_waiting, cancellable);
  row.header = world_header (message);
  g_assert_cmpuint (ingest_put_row (stream, &row, cancellable, &error), ==, 0);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_clear_error (&error);
  g_assert_false (ingest_stream_wait (stream, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpint (poll (&wake, 1, 0), ==, 0);

  let_go (&gate);
  g_assert_cmpint (poll (&wake, 1, 30000), ==, 1);
  g_assert_cmpint (read (wake.fd, &drained, sizeof drained), ==, sizeof drained);
  world_wait (stream, world_put_row (stream, world_row (world, 1000), message));
  g_assert_true (ingest_stream_has_room (stream));
  g_assert_cmpint (world_count (world, "SELECT count(*) FROM location"), ==, n + 1);
}

static void
test_freed_stream_is_stored_all_the_same (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 100);

  world_put_body (stream, world_row (world, 1), message);
  g_clear_pointer (&stream, ingest_stream_free);
  world_restart (world);
  world_assert_holds (world, 1, message);
}

/* --- verifying ------------------------------------------------------------------------------------------ */

static IngestVerdict
verify (World  *world,
        gint64  id)
{
  g_autoptr(GError) error = NULL;
  IngestVerdict verdict;

  g_assert_true (ingest_verify (world->ingest, &id, 1, &verdict, &error));
  g_assert_no_error (error);
  return verdict;
}

static gint64
verified_at (World  *world,
             gint64  id)
{
  g_autoptr(StoreLocation) location = store_locations_get (world->store, id, NULL);

  return location->verified_at;
}

static void
flip_byte (World  *world,
           gint64  message_id)
{
  g_autoptr(StoreMessage) message = store_messages_get (world->store, message_id, NULL);
  g_autofree char *path = NULL;
  StoreContent content;
  guint8 byte;
  FILE *file;

  g_assert_true (store_contents_get (world->store, message->content_id, &content, NULL));
  path = g_strdup_printf ("%s/raw/%08x.segment", world->dir, content.place.segment);
  file = fopen (path, "r+b");
  fseek (file, (long) (content.place.offset + content.place.size - 5), SEEK_SET);
  g_assert_cmpuint (fread (&byte, 1, 1, file), ==, 1);
  byte ^= 1;
  fseek (file, -1, SEEK_CUR);
  g_assert_cmpuint (fwrite (&byte, 1, 1, file), ==, 1);
  fclose (file);
}

static void
test_verify (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) a = world_message (1, 3000), b = world_message (2, 3000), c = world_message (3, 3000);
  g_autoptr(StoreLocation) good = NULL, flipped = NULL, header = NULL;
  IngestVerdict verdicts[4];
  gint64 ids[4];
  g_autoptr(GError) error = NULL;

  world_put_body (stream, world_row (world, 1), a);
  world_put_body (stream, world_row (world, 2), b);
  world_wait (stream, world_put_row (stream, world_row (world, 3), c));
  good = world_find (world, 1);
  flipped = world_find (world, 2);
  header = world_find (world, 3);
  flip_byte (world, flipped->message_id);

  ids[0] = good->id;
  ids[1] = flipped->id;
  ids[2] = header->id;
  ids[3] = 9999;
  g_test_expect_message ("penfold-ingest", G_LOG_LEVEL_WARNING, "*damaged*");
  g_assert_true (ingest_verify (world->ingest, ids, G_N_ELEMENTS (ids), verdicts, &error));
  g_test_assert_expected_messages ();
  g_assert_no_error (error);
  g_assert_cmpint (verdicts[0], ==, INGEST_VERIFIED);
  g_assert_cmpint (verdicts[1], ==, INGEST_DAMAGED);
  g_assert_cmpint (verdicts[2], ==, INGEST_NOT_FETCHED);
  g_assert_cmpint (verdicts[3], ==, INGEST_NOT_FETCHED);
  g_assert_cmpint (verified_at (world, good->id), >, 0);
  g_assert_cmpint (verified_at (world, flipped->id), ==, 0);
  g_assert_cmpint (verified_at (world, header->id), ==, 0);
}

/* The bytes are here, but they came from another server copy: this one proves nothing until it is fetched
 * itself. */
static void
test_only_the_copy_that_was_fetched_is_verified (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  g_autoptr(GBytes) message = world_message (1, 3000);
  g_autoptr(StoreLocation) first = NULL, second = NULL;
  IngestRow row = world_row (world, 1), again = world_row (world, 9);

  row.object_id = again.object_id = "E1";
  world_put_body (stream, row, message);
  world_wait (stream, world_put_row (stream, again, message));
  first = world_find (world, 1);
  second = world_find (world, 9);
  g_assert_cmpint (first->message_id, ==, second->message_id);
  g_assert_cmpint (verify (world, second->id), ==, INGEST_NOT_FETCHED);
  g_assert_cmpint (verify (world, first->id), ==, INGEST_VERIFIED);

  world_wait (stream, world_put_body (stream, again, message));
  g_assert_cmpint (verify (world, second->id), ==, INGEST_VERIFIED);

  /* Renumbered: what was proven is void until it comes again. */
  row.uidvalidity = 8;
  row.location_id = first->id;
  world_wait (stream, world_put_row (stream, row, message));
  g_assert_cmpint (verified_at (world, first->id), ==, 0);
  g_assert_cmpint (verify (world, first->id), ==, INGEST_NOT_FETCHED);
  world_wait (stream, world_put_body (stream, row, message));
  g_assert_cmpint (verify (world, first->id), ==, INGEST_VERIFIED);
}

/* --- full disk ------------------------------------------------------------------------------------------ */

static gboolean
try_body (IngestStream  *stream,
          IngestRow      row,
          GBytes        *message,
          GError       **error)
{
  IngestBody *body = ingest_body_begin (stream, &row);
  IngestTicket ticket;

  ingest_body_append (body, base_slice_from_bytes (message), NULL);
  ticket = ingest_body_finish (body, NULL, error);
  return ticket != 0 && ingest_stream_wait (stream, ticket, NULL, error);
}

static void
test_full_disk_keeps_nothing_half_and_recovers (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(GBytes) first = world_message (1, 3000), large = world_message (2, 900000),
                            huge = world_message (3, 4000000);
  GBytes *messages[] = { large, huge };
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  struct rlimit unlimited, limit;

  world_wait (stream, world_put_body (stream, world_row (world, 1), first));
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  limit = (struct rlimit) { 500000, unlimited.rlim_max };
  for (gsize i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr(IngestStream) failing = ingest_stream_new (world->ingest),
                                        later = ingest_stream_new (world->ingest);
      g_autoptr(GError) error = NULL;
      guint32 uid = (guint32) i + 2;
      gboolean stored;

      setrlimit (RLIMIT_FSIZE, &limit);
      stored = try_body (failing, world_row (world, uid), messages[i], &error);
      setrlimit (RLIMIT_FSIZE, &unlimited);
      g_assert_false (stored);
      g_assert_error (error, STORE_ERROR, STORE_ERROR_FULL);
      g_assert_null (world_find (world, uid));
      g_clear_error (&error);
      g_assert_true (try_body (later, world_row (world, uid), messages[i], &error));
      world_assert_holds (world, uid, messages[i]);
    }
  world_assert_holds (world, 1, first);
}

static void
test_one_ingest_per_store (void)
{
  g_autoptr(World) world = world_new ();
  g_autoptr(GError) error = NULL;

  g_assert_null (ingest_new (world->dir, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_LOCKED);
  g_clear_error (&error);
  g_assert_null (ingest_new ("/nonexistent/store", &error));
  g_assert_nonnull (error);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ingest/row-then-body", test_row_then_body);
  g_test_add_func ("/ingest/body-alone-is-a-new-message", test_body_alone_is_a_new_message);
  g_test_add_func ("/ingest/put-again-changes-nothing", test_put_again_changes_nothing);
  g_test_add_func ("/ingest/same-bytes-are-stored-once", test_same_bytes_are_stored_once);
  g_test_add_func ("/ingest/uidl", test_uidl);
  g_test_add_func ("/ingest/object-id-joins-folders", test_object_id_joins_folders);
  g_test_add_func ("/ingest/matched-again", test_matched_again);
  g_test_add_func ("/ingest/other-bytes-become-another-message", test_other_bytes_become_another_message);
  g_test_add_func ("/ingest/abandoned-body-leaves-nothing", test_abandoned_body_leaves_nothing);
  g_test_add_func ("/ingest/is-found-by-its-words", test_is_found_by_its_words);
  g_test_add_func ("/ingest/state-rides-behind-rows", test_state_rides_behind_rows);
  g_test_add_func ("/ingest/failed-row-takes-what-is-behind-it", test_failed_row_takes_what_is_behind_it);
  g_test_add_func ("/ingest/write-is-committed-when-it-returns", test_write_is_committed_when_it_returns);
  g_test_add_func ("/ingest/work-alone-makes-its-own-transactions",
                   test_work_alone_makes_its_own_transactions);
  g_test_add_func ("/ingest/batches-are-told", test_batches_are_told);
  g_test_add_func ("/ingest/full-queue-blocks-until-cancelled-or-stored",
                   test_full_queue_blocks_until_cancelled_or_stored);
  g_test_add_func ("/ingest/freed-stream-is-stored-all-the-same", test_freed_stream_is_stored_all_the_same);
  g_test_add_func ("/ingest/verify", test_verify);
  g_test_add_func ("/ingest/only-the-copy-that-was-fetched-is-verified",
                   test_only_the_copy_that_was_fetched_is_verified);
  g_test_add_func ("/ingest/full-disk-keeps-nothing-half-and-recovers",
                   test_full_disk_keeps_nothing_half_and_recovers);
  g_test_add_func ("/ingest/one-ingest-per-store", test_one_ingest_per_store);
  return g_test_run ();
}
