/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "store/desk.h"
#include "store/fixture.h"
#include "store/objects.h"

static GBytes *
make_bytes (gsize size)
{
  guint8 *data = g_malloc (MAX (size, 1));

  for (gsize i = 0; i < size; i++)
    data[i] = (guint8) (i * 31 + (i >> 12));
  return g_bytes_new_take (data, size);
}

static gint64
count (Store      *store,
       const char *sql)
{
  gint64 n;

  g_assert_true (store_sql_get_int (store_peek_desk (store), sql, NULL, -1, &n, NULL));
  return n;
}

static void
test_bytes_return (void)
{
  static const gsize sizes[] = {
    0, 1, STORE_OBJECT_PIECE - 1, STORE_OBJECT_PIECE, STORE_OBJECT_PIECE + 1, 3 * STORE_OBJECT_PIECE + 17,
  };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr(GBytes) bytes = make_bytes (sizes[i]);
      g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes (bytes);
      g_autoptr(GBytes) again = NULL;
      g_autoptr(GBytes) streamed = NULL;
      gint64 id = store_objects_add (fixture->store, base_slice_from_bytes (bytes), &error);
      gint64 other = store_objects_add_stream (fixture->store, stream, NULL, &error);

      g_assert_no_error (error);
      again = store_objects_read (fixture->store, id, sizes[i], &error);
      streamed = store_objects_read (fixture->store, other, sizes[i], &error);
      g_assert_no_error (error);
      g_assert_true (g_bytes_equal (bytes, again));
      g_assert_true (g_bytes_equal (bytes, streamed));
      g_assert_cmpint (store_objects_get_size (fixture->store, id, &error), ==, sizes[i]);
    }
}

static void
test_portions_do_not_matter (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GBytes) bytes = make_bytes (2 * STORE_OBJECT_PIECE + 100);
  BaseSlice slice = base_slice_from_bytes (bytes);
  static const gsize portions[] = { 4093, 1 << 19, STORE_OBJECT_PIECE, 2 * STORE_OBJECT_PIECE };
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (portions); i++)
    {
      StoreObjectWriter *writer = store_objects_begin (fixture->store, &error);
      g_autoptr(GBytes) again = NULL;
      gint64 id;

      for (gsize offset = 0; offset < slice.size; offset += portions[i])
        {
          BaseSlice portion = base_slice_sub (slice, offset, portions[i]);

          g_assert_true (store_object_writer_add (writer, portion.data, portion.size, &error));
        }
      id = store_object_writer_finish (writer, &error);
      g_assert_no_error (error);
      again = store_objects_read (fixture->store, id, slice.size, &error);
      g_assert_true (g_bytes_equal (bytes, again));
    }
}

static void
test_unfinished_does_not_count (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GBytes) bytes = make_bytes (STORE_OBJECT_PIECE + 1);
  StoreObjectWriter *writer = store_objects_begin (fixture->store, NULL);
  g_autoptr(StoreObjectReader) reader = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (store_object_writer_add (writer, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes),
                                          NULL));
  reader = store_objects_open (fixture->store, count (fixture->store, "SELECT max (id) FROM object"), &error);
  g_assert_null (reader);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  store_object_writer_abandon (writer);
  g_assert_cmpint (count (fixture->store, "SELECT count (*) FROM object"), ==, 0);
  g_assert_cmpint (count (fixture->store, "SELECT count (*) FROM piece"), ==, 0);
}

static void
test_limit (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 id = store_objects_add (fixture->store, BASE_SLICE_LITERAL ("0123456789"), NULL);

  for (gsize limit = 9; limit <= 11; limit++)
    {
      g_autoptr(GBytes) bytes = store_objects_read (fixture->store, id, limit, NULL);

      g_assert_cmpint (bytes != NULL, ==, limit >= 10);
    }
}

static void
test_damage_is_found (void)
{
  static const char * const damages[] = {
    "UPDATE piece SET data = CAST ('012345678x' AS BLOB)",
    "UPDATE piece SET data = CAST ('012345678' AS BLOB)",
    "DELETE FROM piece",
    "INSERT INTO piece VALUES (1, 1, CAST ('x' AS BLOB))",
    "UPDATE object SET size = 11",
  };

  for (guint i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autoptr(StoreFixture) fixture = store_fixture_new ();
      g_autoptr(GBytes) bytes = NULL;
      g_autoptr(GError) error = NULL;
      gint64 id = store_objects_add (fixture->store, BASE_SLICE_LITERAL ("0123456789"), NULL);

      g_assert_cmpint (id, ==, 1);
      g_assert_true (store_desk_run (fixture->store, damages[i], NULL, NULL, &error));
      bytes = store_objects_read (fixture->store, id, 100, &error);
      g_assert_null (bytes);
      g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
    }
}

static void
test_stream_reads_and_begins_again (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GBytes) bytes = make_bytes (2 * STORE_OBJECT_PIECE + 100);
  g_autoptr(GError) error = NULL;
  gint64 id = store_objects_add (fixture->store, base_slice_from_bytes (bytes), &error);
  g_autoptr(GInputStream) stream = store_objects_open_stream (fixture->store, id, &error);
  g_autofree guint8 *all = g_malloc (g_bytes_get_size (bytes) + 1);

  g_assert_no_error (error);
  for (guint round = 0; round < 3; round++)
    {
      gsize wanted = round == 1 ? STORE_OBJECT_PIECE + 5 : g_bytes_get_size (bytes) + 1, got;

      g_assert_true (g_input_stream_read_all (stream, all, wanted, &got, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpmem (all, got, g_bytes_get_data (bytes, NULL), MIN (wanted, g_bytes_get_size (bytes)));
      g_assert_cmpint (g_seekable_tell (G_SEEKABLE (stream)), ==, got);
      g_assert_true (g_seekable_seek (G_SEEKABLE (stream), 0, G_SEEK_SET, NULL, &error));
    }
  g_assert_false (g_seekable_seek (G_SEEKABLE (stream), 1, G_SEEK_SET, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

static void
test_sweep_takes_the_unnamed_only (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  gint64 kept, spare;
  g_autoptr(GError) error = NULL;

  base_clock_set_fake (1000000, 0);
  kept = store_objects_add (fixture->store, BASE_SLICE_LITERAL ("kept"), NULL);
  spare = store_objects_add (fixture->store, BASE_SLICE_LITERAL ("spare"), NULL);
  g_assert_true (store_desk_run (fixture->store,
                                 "INSERT INTO draft (id, uuid, account_id, identity_id, created_at, "
                                 "saved_at, rev) VALUES (1, 'u', 1, 1, 1, 1, 1)", NULL, NULL, &error));
  g_assert_true (store_desk_run (fixture->store,
                                 "INSERT INTO draft_attachment (draft_id, position, name, type, object_id) "
                                 "VALUES (1, 0, 'a', 'b', ?)", BIND (INT (kept)), NULL, &error));
  base_clock_set_fake (1000000 + STORE_OBJECT_SPARE_S, 0);
  g_assert_true (store_objects_sweep (fixture->store, &error));
  g_assert_cmpint (store_objects_get_size (fixture->store, spare, NULL), ==, 5);
  base_clock_set_fake (1000000 + STORE_OBJECT_SPARE_S + 1, 0);
  g_assert_true (store_objects_sweep (fixture->store, &error));
  g_assert_no_error (error);
  g_assert_cmpint (store_objects_get_size (fixture->store, spare, NULL), ==, -1);
  g_assert_cmpint (store_objects_get_size (fixture->store, kept, NULL), ==, 4);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/objects/bytes-return", test_bytes_return);
  g_test_add_func ("/store/objects/portions-do-not-matter", test_portions_do_not_matter);
  g_test_add_func ("/store/objects/unfinished-does-not-count", test_unfinished_does_not_count);
  g_test_add_func ("/store/objects/limit", test_limit);
  g_test_add_func ("/store/objects/damage-is-found", test_damage_is_found);
  g_test_add_func ("/store/objects/stream-reads-and-begins-again", test_stream_reads_and_begins_again);
  g_test_add_func ("/store/objects/sweep-takes-the-unnamed-only", test_sweep_takes_the_unnamed_only);
  return g_test_run ();
}
