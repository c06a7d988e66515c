/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/check.h"

#include "ingest/world.h"
#include "store/fixture.h"
#include "store/sql.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define N_MESSAGES 12

static World *
filled_world_new (void)
{
  World *world = world_new ();
  g_autoptr(IngestStream) stream = ingest_stream_new (world->ingest);
  IngestTicket ticket = 0;

  for (guint32 uid = 1; uid <= N_MESSAGES; uid++)
    {
      g_autoptr(GBytes) message = world_message (uid, 2000);

      world_put_row (stream, world_row (world, uid), message);
      if (uid != 3)
        ticket = world_put_body (stream, world_row (world, uid), message);
    }
  world_wait (stream, ticket);
  return world;
}

/* Of a writer: the index too is examined. */
static StoreCheckReport *
check (World *world)
{
  g_autoptr(Store) store = store_open (world->dir, STORE_WRITER, NULL);
  g_autoptr(GError) error = NULL;
  StoreCheckReport *report = store_check_run (store, NULL, NULL, NULL, &error);

  g_assert_no_error (error);
  return report;
}

static void
assert_problem (World      *world,
                const char *words)
{
  g_autoptr(StoreCheckReport) report = check (world);

  g_assert_cmpuint (report->n_problems, >=, 1);
  for (guint i = 0; i < report->problems->len; i++)
    if (strstr (report->problems->pdata[i], words) != NULL)
      return;
  g_error ("No \"%s\" in: %s", words, (char *) report->problems->pdata[0]);
}

static gboolean
run_sql (Store     *store,
         gpointer   user_data,
         GError   **error)
{
  return store_sql_run (store_peek_mail (store), user_data, NULL, error);
}

static void
run (World      *world,
     const char *sql)
{
  g_autoptr(GError) error = NULL;

  ingest_write (world->ingest, run_sql, (gpointer) sql, &error);
  g_assert_no_error (error);
}

static void
on_progress (guint64  done,
             guint64  total,
             gpointer user_data)
{
  guint64 *last = user_data;

  g_assert_cmpuint (done, >, *last);
  g_assert_cmpuint (done, <=, total);
  *last = done;
}

static void
test_whole_store_is_clean (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autoptr(StoreCheckReport) writer = check (world), reader = NULL;
  g_autoptr(GError) error = NULL;
  guint64 last = 0;

  g_assert_cmpuint (writer->n_problems, ==, 0);
  g_assert_cmpuint (writer->messages, ==, N_MESSAGES);
  g_assert_cmpuint (writer->contents, ==, N_MESSAGES - 1);
  g_assert_cmpuint (writer->bytes, >, 2000 * (N_MESSAGES - 1));
  g_assert_cmpuint (writer->bytes_free, ==, 0);
  reader = store_check_run (world->store, on_progress, &last, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (reader->n_problems, ==, 0);
  g_assert_cmpuint (last, >, 0);
}

static void
test_cancelled (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (store_check_run (world->store, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Each damage in the rows is found by its sentence. */
static void
test_damaged_rows (void)
{
  static const struct { const char *sql, *words; } cases[] = {
    { "UPDATE folder SET unread = unread + 1 WHERE raw_name IS NOT NULL AND total > 0",
      "counters of folder INBOX" },
    { "UPDATE folder SET total = 0 WHERE total > 0", "counters of folder INBOX" },
    { "UPDATE thread SET messages = 7", "Conversation" },
    { "DELETE FROM text WHERE message_id = (SELECT max (id) FROM message)", "is not in the search index" },
    { "INSERT INTO search_head (rowid, subject) VALUES (77, 'x')",
      "headers of message 77, which is not there" },
    { "INSERT INTO search_body (rowid, body) VALUES (78, 'x')", "text of message 78, which is not there" },
    { "INSERT INTO search_body (search_body) VALUES ('delete-all')", "no text of message" },
    { "INSERT INTO search_head (search_head) VALUES ('delete-all')", "no headers of message" },
    { "UPDATE content SET offset = offset + 1 WHERE id = 1", "cannot be read" },
    { "UPDATE content SET segment = 99 WHERE id = 2", "cannot be read" },
    { "UPDATE content SET size = size + 1 WHERE id = 3", "cannot be read" },
    { "UPDATE content SET sha256 = randomblob (32) WHERE id = 4", "cannot be read" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(World) world = filled_world_new ();

      g_test_message ("%s", cases[i].sql);
      run (world, cases[i].sql);
      assert_problem (world, cases[i].words);
    }
}

static void
test_broken_reference (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autoptr(Store) store = store_open (world->dir, STORE_WRITER, NULL);
  g_autoptr(StoreCheckReport) report = NULL;

  g_assert_true (store_sql_run_script (store_peek_mail (store), "PRAGMA foreign_keys = OFF;"
                                       "UPDATE message SET content_id = 999 WHERE id = (SELECT max (id)"
                                       " FROM message)", NULL));
  report = store_check_run (store, NULL, NULL, NULL, NULL);
  g_assert_cmpuint (report->n_problems, >=, 1);
}

static void
overwrite (const char *path,
           long        offset,
           const void *data,
           gsize       size)
{
  FILE *file = fopen (path, "r+b");

  fseek (file, offset, SEEK_SET);
  g_assert_cmpuint (fwrite (data, 1, size, file), ==, size);
  fclose (file);
}

/* One damaged sector of raw mail: the message in it, and only that, is named. */
static void
test_damaged_sector (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autofree char *path = g_build_filename (world->dir, "raw", "00000001.segment", NULL);
  g_autoptr(StoreLocation) location = world_find (world, 5);
  g_autoptr(StoreMessage) message = store_messages_get (world->store, location->message_id, NULL);
  g_autofree char *words = g_strdup_printf ("Message %" G_GINT64_FORMAT " cannot be read",
                                            location->message_id);
  g_autoptr(StoreCheckReport) report = NULL;
  StoreContent content;

  g_assert_true (store_contents_get (world->store, message->content_id, &content, NULL));
  overwrite (path, (long) content.place.offset + 300, "damage", 6);
  assert_problem (world, words);
  report = check (world);
  g_assert_cmpuint (report->n_problems, ==, 1);
  g_assert_cmpuint (report->bytes_free, ==, content.place.size);
}

static void
test_missing_segment (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autofree char *path = g_build_filename (world->dir, "raw", "00000001.segment", NULL);
  g_autoptr(StoreCheckReport) report = NULL;

  unlink (path);
  report = check (world);
  g_assert_cmpuint (report->n_problems, ==, N_MESSAGES - 1);
}

/* Pages of mail.db overwritten in turn: never a crash, and what SQLite sees is a problem or an error of its
 * own. */
static void
test_damaged_pages (void)
{
  g_autoptr(World) world = filled_world_new ();
  g_autofree char *path = g_build_filename (world->dir, "mail.db", NULL), *whole = NULL;
  gsize size;
  guint seen = 0;

  run (world, "UPDATE meta SET value = value");
  world_stop_ingest (world);
  g_assert_true (g_file_get_contents (path, &whole, &size, NULL));
  for (gsize page = 1; page < size / 4096; page += 3)
    {
      g_autoptr(Store) store = NULL;
      g_autoptr(StoreCheckReport) report = NULL;
      g_autoptr(GError) error = NULL;
      guint8 rubbish[512];

      for (gsize i = 0; i < sizeof rubbish; i++)
        rubbish[i] = (guint8) g_test_rand_int ();
      overwrite (path, (long) (page * 4096), rubbish, sizeof rubbish);
      store = store_open (world->dir, STORE_WRITER, &error);
      if (store != NULL)
        report = store_check_run (store, NULL, NULL, NULL, &error);
      seen += report == NULL || report->n_problems > 0;
      g_clear_pointer (&store, store_close);
      overwrite (path, (long) (page * 4096), whole + page * 4096, sizeof rubbish);
    }
  g_assert_cmpuint (seen, >, size / 4096 / 3 / 2);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ingest/check/whole-store-is-clean", test_whole_store_is_clean);
  g_test_add_func ("/ingest/check/cancelled", test_cancelled);
  g_test_add_func ("/ingest/check/damaged-rows", test_damaged_rows);
  g_test_add_func ("/ingest/check/broken-reference", test_broken_reference);
  g_test_add_func ("/ingest/check/damaged-sector", test_damaged_sector);
  g_test_add_func ("/ingest/check/missing-segment", test_missing_segment);
  g_test_add_func ("/ingest/check/damaged-pages", test_damaged_pages);
  return g_test_run ();
}
