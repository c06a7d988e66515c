/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/world.h"

#include "store/fixture.h"
#include "store/sql.h"

#include <string.h>

static gboolean
add_folders (Store     *store,
             gpointer   user_data,
             GError   **error)
{
  StoreFolderInfo infos[] = {
    { BASE_SLICE_LITERAL ("INBOX"), "INBOX", "/", STORE_ROLE_INBOX, 0, NULL },
    { BASE_SLICE_LITERAL ("Archive"), "Archive", "/", STORE_ROLE_ARCHIVE, 0, NULL },
  };
  g_autoptr(StoreFolder) inbox = store_folders_find_raw (store, 1, infos[0].raw_name, NULL);

  /* Opened again: the server may have more of them by now. */
  return inbox != NULL || store_folders_apply_list (store, 1, infos, G_N_ELEMENTS (infos), NULL, error);
}

static gint64
find_folder (World      *world,
             const char *raw_name)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreFolder) folder = store_folders_find_raw (world->store, 1, base_slice_from_string (raw_name), &error);

  g_assert_no_error (error);
  return folder != NULL ? folder->id : 0;
}

static gboolean
try_start (World   *world,
           GError **error)
{
  if ((world->lock = store_worker_lock_take (world->dir, NULL, "test", error)) == NULL ||
      (world->ingest = ingest_new (world->dir, error)) == NULL ||
      !ingest_write (world->ingest, add_folders, NULL, error) ||
      (world->store = store_open (world->dir, STORE_READER, error)) == NULL)
    return FALSE;
  world->raw = store_raw_new (world->dir);
  world->account_id = 1;
  world->inbox = find_folder (world, "INBOX");
  world->archive = find_folder (world, "Archive");
  return TRUE;
}

static void
start (World *world)
{
  g_autoptr(GError) error = NULL;

  try_start (world, &error);
  g_assert_no_error (error);
}

void
world_stop_ingest (World *world)
{
  g_clear_pointer (&world->store, store_close);
  g_clear_pointer (&world->raw, store_raw_free);
  g_clear_pointer (&world->ingest, ingest_free);
}

static void
stop (World *world)
{
  world_stop_ingest (world);
  g_clear_pointer (&world->lock, store_worker_lock_free);
}

World *
world_open (const char *dir)
{
  World *world = g_new0 (World, 1);

  world->dir = g_strdup (dir);
  start (world);
  return world;
}

World *
world_try_open (const char *dir)
{
  World *world = g_new0 (World, 1);

  world->dir = g_strdup (dir);
  if (try_start (world, NULL))
    return world;
  world_close (world);
  return NULL;
}

World *
world_new (void)
{
  g_autofree char *dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);

  return world_open (dir);
}

void
world_close (World *world)
{
  stop (world);
  g_free (world->dir);
  g_free (world);
}

void
world_free (World *world)
{
  g_autofree char *dir = g_strdup (world->dir);

  world_close (world);
  store_fixture_remove_dir (dir);
}

void
world_restart (World *world)
{
  stop (world);
  start (world);
}

GBytes *
world_message (guint number,
               gsize size)
{
  GString *text = g_string_new (NULL);
  g_autoptr(GRand) random = g_rand_new_with_seed (number);

  g_string_printf (text, "Message-ID: <m%u@example.org>\r\nFrom: Anna <anna@example.org>\r\nTo: ben@example.net\r\n"
                   "Date: Thu, 1 Jan 2026 00:%02u:%02u +0000\r\nSubject: Message number%u\r\n%s\r\nword%u ",
                   number, number / 60 % 60, number % 60, number,
                   size > 100000 ? "Content-Type: application/octet-stream\r\n" : "", number);
  while (size > 0)
    {
      gsize n = MIN (size, 70);

      for (gsize i = 0; i < n; i++)
        g_string_append_c (text, (char) ('a' + g_rand_int_range (random, 0, 26)));
      g_string_append (text, "\r\n");
      size -= n;
    }
  return g_string_free_to_bytes (text);
}

BaseSlice
world_header (GBytes *message)
{
  BaseSlice bytes = base_slice_from_bytes (message);
  const guint8 *end = memmem (bytes.data, bytes.size, "\r\n\r\n", 4);

  return base_slice_sub (bytes, 0, (gsize) (end - bytes.data) + 4);
}

IngestRow
world_row (const World *world,
           guint32      uid)
{
  return (IngestRow) { .account_id = world->account_id, .folder_id = world->inbox, .uid = uid, .uidvalidity = 7,
                       .arrived_at = 1700000000 + uid };
}

IngestTicket
world_put_row (IngestStream *stream,
               IngestRow     row,
               GBytes       *message)
{
  g_autoptr(GError) error = NULL;
  IngestTicket ticket;

  row.header = world_header (message);
  row.size = (gint64) g_bytes_get_size (message);
  ticket = ingest_put_row (stream, &row, NULL, &error);
  g_assert_no_error (error);
  return ticket;
}

IngestTicket
world_put_body (IngestStream *stream,
                IngestRow     row,
                GBytes       *message)
{
  g_autoptr(GError) error = NULL;
  IngestBody *body = ingest_body_begin (stream, &row);
  BaseSlice bytes = base_slice_from_bytes (message);
  IngestTicket ticket;

  for (gsize at = 0; at < bytes.size; at += 10007)
    {
      ingest_body_append (body, base_slice_sub (bytes, at, 10007), &error);
      g_assert_no_error (error);
    }
  ticket = ingest_body_finish (body, NULL, &error);
  g_assert_no_error (error);
  return ticket;
}

void
world_wait (IngestStream *stream,
            IngestTicket  ticket)
{
  g_autoptr(GError) error = NULL;

  ingest_stream_wait (stream, ticket, NULL, &error);
  g_assert_no_error (error);
}

StoreLocation *
world_find (const World *world,
            guint32      uid)
{
  g_autoptr(GError) error = NULL;
  StoreLocation *location = store_locations_find_uid (world->store, world->inbox, 7, uid, &error);

  g_assert_no_error (error);
  return location;
}

void
world_assert_holds (const World *world,
                    guint32      uid,
                    GBytes      *message)
{
  g_autoptr(StoreLocation) location = world_find (world, uid);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) bytes = NULL;

  g_assert_nonnull (location);
  bytes = store_contents_read (world->store, world->raw, location->message_id, &error);
  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (bytes, message));
}

gint64
world_count (const World *world,
             const char  *sql)
{
  g_autoptr(GError) error = NULL;
  gint64 value;

  store_sql_get_int (store_peek_mail (world->store), sql, NULL, -1, &value, &error);
  g_assert_no_error (error);
  return value;
}
