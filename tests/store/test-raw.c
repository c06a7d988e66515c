/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-segment.h"

#include "store/fixture.h"
#include "store/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  char        *dir;
  StoreRaw    *raw;
  StorePacker *packer;
} Fixture;

typedef struct {
  StoreRawPlace place;
  guint64       size;
  guint8        sha256[32];
} Stored;

static void
open_raw (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  fixture->raw = store_raw_new (fixture->dir);
  g_assert_true (store_raw_begin_appending (fixture->raw, NULL, NULL, &error));
  g_assert_no_error (error);
}

static void
close_raw (Fixture *fixture)
{
  g_clear_pointer (&fixture->raw, store_raw_free);
}

static Fixture *
fixture_new (void)
{
  Fixture *fixture = g_new0 (Fixture, 1);

  fixture->dir = g_dir_make_tmp ("penfold-XXXXXX", NULL);
  fixture->packer = store_packer_new (fixture->dir);
  open_raw (fixture);
  return fixture;
}

static void
fixture_free (Fixture *fixture)
{
  close_raw (fixture);
  store_packer_free (fixture->packer);
  store_fixture_remove_dir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Fixture, fixture_free)

typedef enum {
  TEXT,                        /* zstd takes it together */
  NOISE,                       /* it does not */
} Kind;

static GBytes *
make_message (Kind    kind,
              gsize   size,
              guint32 seed)
{
  g_autoptr(GRand) random = g_rand_new_with_seed (seed);
  guint8 *data = g_malloc (size + 1);

  for (gsize i = 0; i < size; i++)
    data[i] = kind == NOISE
              ? (guint8) g_rand_int (random) : (guint8) ("Received: by mail "[i % 18] + seed % 3);
  return g_bytes_new_take (data, size);
}

static void
hash (GBytes *bytes,
      guint8  sha256[32])
{
  g_autoptr(GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  BaseSlice slice = base_slice_from_bytes (bytes);
  gsize size = 32;

  g_checksum_update (checksum, slice.data, (gssize) slice.size);
  g_checksum_get_digest (checksum, sha256, &size);
}

static gboolean
try_append (Fixture  *fixture,
            GBytes   *message,
            gint64    id,
            Stored   *stored,
            GError  **error)
{
  StoreRawHeader header = {
    .kind = STORE_RAW_BODY, .size = g_bytes_get_size (message),
    .origin = { .message_id = id, .account_id = 1, .folder = BASE_SLICE_LITERAL ("../../etc/INBOX"),
                .uid = (guint32) id, .uidvalidity = 9 },
  };
  g_autoptr(GBytes) packed = store_packer_pack (fixture->packer, message, &header.encoding, error);

  if (packed == NULL)
    return FALSE;
  hash (message, header.sha256);
  stored->size = header.size;
  memcpy (stored->sha256, header.sha256, 32);
  return store_raw_append (fixture->raw, &header, packed, &stored->place, error);
}

static Stored
append (Fixture *fixture,
        GBytes  *message,
        gint64   id)
{
  g_autoptr(GError) error = NULL;
  Stored stored = { 0 };

  g_assert_true (try_append (fixture, message, id, &stored, &error));
  g_assert_no_error (error);
  return stored;
}

static void
sync_raw (Fixture *fixture)
{
  g_autoptr(GError) error = NULL;

  g_assert_true (store_raw_sync (fixture->raw, &error));
  g_assert_no_error (error);
}

static void
assert_holds (Fixture      *fixture,
              const Stored *stored,
              GBytes       *message)
{
  g_autoptr(StoreRaw) reader = store_raw_new (fixture->dir);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) read = store_raw_read (reader, &stored->place, stored->sha256, &error);

  g_assert_no_error (error);
  g_assert_true (g_bytes_equal (read, message));
  g_assert_true (store_raw_verify (reader, &stored->place, stored->size, stored->sha256, &error));
  g_assert_no_error (error);
}

/* --- walking -------------------------------------------------------------------------------------------- */

typedef struct {
  GArray *ids;                 /* of gint64, of records that are right */
  guint   broken;
  guint   gaps;
} Walk;

static gboolean
count_item (const StoreRawItem  *item,
            gpointer             user_data,
            GError             **error)
{
  Walk *walk = user_data;

  switch (item->state)
    {
    case STORE_RAW_FOUND:
      g_array_append_val (walk->ids, item->header.origin.message_id);
      break;
    case STORE_RAW_BROKEN:
      walk->broken++;
      break;
    case STORE_RAW_GAP:
      walk->gaps++;
      break;
    }
  return TRUE;
}

static Walk
walk (const char    *dir,
      guint32        segment,
      StoreRawDepth  depth)
{
  g_autoptr(StoreRaw) raw = store_raw_new (dir);
  g_autoptr(GError) error = NULL;
  Walk result = { g_array_new (FALSE, FALSE, sizeof (gint64)) };

  g_assert_true (store_raw_scan (raw, segment, depth, count_item, &result, &error));
  g_assert_no_error (error);
  return result;
}

static char *
segment_path (Fixture *fixture,
              guint32  number)
{
  g_autofree char *dir = g_build_filename (fixture->dir, "raw", NULL);

  return store_segment_dup_path (dir, number);
}

static guint64
file_size (const char *path)
{
  struct stat status;

  g_assert_cmpint (stat (path, &status), ==, 0);
  return (guint64) status.st_size;
}

static void
overwrite (const char *path,
           guint64     offset,
           const void *data,
           gsize       size)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  g_assert_cmpint (pwrite (fd, data, size, (off_t) offset), ==, (gssize) size);
  close (fd);
}

/* --- tests ---------------------------------------------------------------------------------------------- */

static void
test_gives_back_every_size (void)
{
  static const gsize sizes[] = { 0, 1, 100, 128 * 1024 - 1, 128 * 1024, 128 * 1024 + 1, 256 * 1024,
                                 1024 * 1024,
                                 STORE_RAW_IN_MEMORY_MAX - 1, STORE_RAW_IN_MEMORY_MAX,
                                 STORE_RAW_IN_MEMORY_MAX + 1, 2 * STORE_RAW_IN_MEMORY_MAX };
  g_autoptr(Fixture) fixture = fixture_new ();
  Stored stored[2 * G_N_ELEMENTS (sizes)];
  GBytes *messages[2 * G_N_ELEMENTS (sizes)];

  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    {
      messages[i] = make_message (i % 2 == 0 ? TEXT : NOISE, sizes[i / 2], i);
      stored[i] = append (fixture, messages[i], i + 1);
    }
  sync_raw (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    assert_holds (fixture, &stored[i], messages[i]);
  close_raw (fixture);
  open_raw (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    {
      assert_holds (fixture, &stored[i], messages[i]);
      g_bytes_unref (messages[i]);
    }
}

static void
test_text_is_packed_and_noise_is_not (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(GBytes) text = make_message (TEXT, 100000, 1), noise = make_message (NOISE, 100000, 1);

  g_assert_cmpuint (append (fixture, text, 1).place.size, <, 5000);
  g_assert_cmpuint (append (fixture, noise, 2).place.size, <, 100000 + 300);
}

static void
test_one_appender (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(StoreRaw) second = store_raw_new (fixture->dir);
  g_autoptr(GError) error = NULL;

  g_assert_false (store_raw_begin_appending (second, NULL, NULL, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_LOCKED);
}

static void
test_empty_store_has_no_segments (void)
{
  g_autoptr(StoreRaw) raw = store_raw_new ("/nonexistent");
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) segments = store_raw_list_segments (raw, &error);
  StoreRawPlace place = { 1, STORE_RAW_FIRST_RECORD, 1000 };

  g_assert_no_error (error);
  g_assert_cmpuint (segments->len, ==, 0);
  g_assert_null (store_raw_reader_new (raw, &place, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void
test_taken_back_leaves_nothing (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(GBytes) small = make_message (TEXT, 1000, 1), large = make_message (NOISE, 3000000, 2);
  g_autofree char *path = segment_path (fixture, 1);
  Stored first = append (fixture, small, 1), again;
  guint64 size;

  sync_raw (fixture);
  size = file_size (path);
  append (fixture, large, 2);
  append (fixture, small, 3);
  g_assert_cmpuint (file_size (path), >, size);
  store_raw_take_back (fixture->raw);
  g_assert_cmpuint (file_size (path), ==, size);
  again = append (fixture, large, 4);
  sync_raw (fixture);
  assert_holds (fixture, &first, small);
  assert_holds (fixture, &again, large);
  g_assert_cmpuint (again.place.offset, ==, size);
}

static void
test_segments_are_closed_when_full (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  GBytes *messages[12];
  Stored stored[12];
  g_autoptr(GArray) segments = NULL;
  guint64 last_segment = 0;

  store_raw_set_segment_max (fixture->raw, 100000);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      /* One of them is larger than a segment, and has one for itself. */
      messages[i] = make_message (NOISE, i == 5 ? 150000 : 30000, i);
      stored[i] = append (fixture, messages[i], i + 1);
    }
  sync_raw (fixture);
  g_assert_cmpuint (stored[5].place.segment, ==, stored[4].place.segment + 1);
  g_assert_cmpuint (stored[6].place.segment, ==, stored[5].place.segment + 1);
  segments = store_raw_list_segments (fixture->raw, NULL);
  g_assert_cmpuint (segments->len, ==, 5);
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *path = segment_path (fixture, stored[i].place.segment);

      g_assert_cmpuint (stored[i].place.segment, >=, last_segment);
      last_segment = stored[i].place.segment;
      if (i != 5)
        g_assert_cmpuint (file_size (path), <=, 100000);
      assert_holds (fixture, &stored[i], messages[i]);
      g_bytes_unref (messages[i]);
    }
}

/* Three synced batches and a fourth that was not: every way in which the fourth can be torn leaves the three
 * whole, and what comes next is stored behind them. */
static void
test_torn_tail_at_every_cut (void)
{
  static const enum { CUT, ZEROS, RUBBISH } ways[] = { CUT, ZEROS, RUBBISH };
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1), *whole = NULL;
  g_autoptr(GBytes) message = make_message (NOISE, 40, 1);
  Stored stored[8];
  guint64 ends[8];
  gsize size;

  for (guint i = 0; i < 8; i++)
    {
      stored[i] = append (fixture, message, i + 1);
      ends[i] = stored[i].place.offset + stored[i].place.size;
      if (i % 2 == 1)
        sync_raw (fixture);
    }
  close_raw (fixture);
  g_assert_true (g_file_get_contents (path, &whole, &size, NULL));
  g_assert_cmpuint (size, ==, ends[7]);

  for (gsize way = 0; way < G_N_ELEMENTS (ways); way++)
    for (gsize cut = ends[5]; cut < size; cut += ways[way] == CUT ? 1 : 11)
      {
        g_autofree char *torn = g_memdup2 (whole, size);
        guint64 expected = cut < ends[6] ? ends[5] : ends[6];
        Stored next;
        Walk found;

        for (gsize i = cut; i < size; i++)
          torn[i] = ways[way] == ZEROS ? 0 : (char) (torn[i] + 1);
        g_assert_true (g_file_set_contents (path, torn, (gssize) (ways[way] == CUT ? cut : size), NULL));
        open_raw (fixture);
        next = append (fixture, message, 100);
        sync_raw (fixture);
        g_assert_cmpuint (next.place.offset, ==, expected);
        close_raw (fixture);
        found = walk (fixture->dir, 1, STORE_RAW_HEADERS_AND_BYTES);
        g_assert_cmpuint (found.broken + found.gaps, ==, 0);
        g_assert_cmpuint (found.ids->len, ==, cut < ends[6] ? 7 : 8);
        g_array_unref (found.ids);
      }
}

/* A record without bytes at the end of the file is as good as any. */
static void
test_note_at_the_end_is_kept (void)
{
  static const StoreRawKind kinds[] = { STORE_RAW_REFERENCE, STORE_RAW_TOMBSTONE, STORE_RAW_DETACHED };
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(GBytes) message = make_message (NOISE, 40, 1);
  Walk found;

  append (fixture, message, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      StoreRawHeader header = { .kind = kinds[i], .size = 40, .origin = { .message_id = (gint64) i + 2 } };

      g_assert_true (store_raw_append (fixture->raw, &header, NULL, NULL, NULL));
      sync_raw (fixture);
      close_raw (fixture);
      open_raw (fixture);
      found = walk (fixture->dir, 1, STORE_RAW_HEADERS_AND_BYTES);
      g_assert_cmpuint (found.broken + found.gaps, ==, 0);
      g_assert_cmpuint (found.ids->len, ==, i + 2);
      g_array_unref (found.ids);
    }
}

typedef struct {
  guint64 end;
  guint   asked;
} Known;

static gboolean
say_known_end (guint32    segment,
               guint64   *end,
               gpointer   user_data,
               GError   **error)
{
  Known *known = user_data;

  g_assert_cmpuint (segment, ==, 1);
  known->asked++;
  *end = known->end;
  return TRUE;
}

/* A row of the database is proof that bytes were acknowledged: damaged or not, they are not cut off. */
static void
test_acknowledged_bytes_are_never_cut (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1);
  g_autoptr(GBytes) message = make_message (NOISE, 5000, 1);
  Stored first, second, third;
  Known known = { 0 };

  first = append (fixture, message, 1);
  second = append (fixture, message, 2);
  sync_raw (fixture);
  close_raw (fixture);
  overwrite (path, second.place.offset + 1000, "damage", 6);
  known.end = second.place.offset + second.place.size;

  fixture->raw = store_raw_new (fixture->dir);
  g_assert_true (store_raw_begin_appending (fixture->raw, say_known_end, &known, NULL));
  g_assert_cmpuint (known.asked, ==, 1);
  third = append (fixture, message, 3);
  sync_raw (fixture);
  g_assert_cmpuint (third.place.offset, ==, known.end);
  assert_holds (fixture, &first, message);
  assert_holds (fixture, &third, message);

  /* Rows for more than there is: the file was cut by someone else.  It is left alone. */
  close_raw (fixture);
  known.end = third.place.offset + third.place.size + 1;
  fixture->raw = store_raw_new (fixture->dir);
  g_assert_true (store_raw_begin_appending (fixture->raw, say_known_end, &known, NULL));
  g_assert_cmpuint (append (fixture, message, 4).place.segment, ==, 2);
}

/* Each sector of a segment in turn: only the records that lie in it are lost, and the loss is seen. */
static void
test_damaged_sector_loses_what_lies_in_it (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1);
  GBytes *messages[20];
  Stored stored[20];
  guint64 size;

  for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
    {
      messages[i] = make_message (i % 2 == 0 ? NOISE : TEXT, 100 + i * 150, i);
      stored[i] = append (fixture, messages[i], i);
    }
  sync_raw (fixture);
  size = file_size (path);

  for (guint64 sector = 0; sector < size; sector += 512)
    {
      g_autofree guint8 *saved = g_malloc (512), *zeros = g_malloc0 (512);
      gsize n = MIN (512, size - sector), next = 0;
      int fd = open (path, O_RDONLY | O_CLOEXEC);
      Walk found;

      g_assert_cmpint (pread (fd, saved, n, (off_t) sector), ==, (gssize) n);
      close (fd);
      overwrite (path, sector, zeros, n);
      found = walk (fixture->dir, 1, STORE_RAW_HEADERS_AND_BYTES);
      for (guint i = 0; i < G_N_ELEMENTS (stored); i++)
        {
          gboolean is_hit = stored[i].place.offset < sector + n
                            && stored[i].place.offset + stored[i].place.size > sector;
          gboolean is_found = next < found.ids->len && g_array_index (found.ids, gint64, next) == i;
          g_autoptr(StoreRaw) reader = store_raw_new (fixture->dir);
          g_autoptr(GError) error = NULL;
          g_autoptr(GBytes) read = store_raw_read (reader, &stored[i].place, stored[i].sha256, &error);

          g_assert_true (is_found != is_hit);
          g_assert_true (is_hit ? g_error_matches (error, STORE_ERROR, STORE_ERROR_CORRUPT)
                                : g_bytes_equal (read, messages[i]));
          next += is_found;
        }
      g_assert_true ((found.broken + found.gaps > 0) == (sector >= STORE_RAW_FIRST_RECORD));
      g_array_unref (found.ids);
      overwrite (path, sector, saved, n);
    }
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    g_bytes_unref (messages[i]);
}

static void
test_flipped_byte_is_found (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1);
  g_autoptr(GBytes) noise = make_message (NOISE, 6000000, 1), text = make_message (TEXT, 5000, 1);
  Stored stored[2] = { append (fixture, noise, 1), append (fixture, text, 2) };

  sync_raw (fixture);
  for (guint i = 0; i < 2; i++)
    {
      guint64 at = stored[i].place.offset + stored[i].place.size - 3;
      g_autoptr(GError) error = NULL;
      guint8 byte;
      int fd = open (path, O_RDONLY | O_CLOEXEC);

      g_assert_true (store_raw_verify (fixture->raw, &stored[i].place, stored[i].size, stored[i].sha256,
                                       NULL));
      g_assert_cmpint (pread (fd, &byte, 1, (off_t) at), ==, 1);
      byte ^= 0x20;
      overwrite (path, at, &byte, 1);
      close (fd);
      g_assert_false (store_raw_verify (fixture->raw, &stored[i].place, stored[i].size, stored[i].sha256,
                                        &error));
      g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
      g_clear_error (&error);
      g_assert_null (store_raw_read (fixture->raw, &stored[i].place, stored[i].sha256, &error));
      g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
    }
}

static void
test_other_message_is_not_given (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(GBytes) a = make_message (TEXT, 5000, 1), b = make_message (TEXT, 5000, 2);
  Stored first = append (fixture, a, 1), second = append (fixture, b, 2);
  g_autoptr(GError) error = NULL;

  sync_raw (fixture);
  g_assert_null (store_raw_read (fixture->raw, &first.place, second.sha256, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
  g_clear_error (&error);
  g_assert_false (store_raw_verify (fixture->raw, &first.place, 4999, first.sha256, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
}

/* A message that holds a record of another store: where its own header is damaged, nothing of it passes for a
 * record. */
static void
test_message_that_looks_like_records (void)
{
  g_autoptr(Fixture) fixture = fixture_new (), other = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1), *other_path = segment_path (other, 1), *data = NULL;
  g_autoptr(GBytes) noise = make_message (NOISE, 5000, 1), forged = NULL;
  Stored first, last;
  gsize size;
  Walk found;

  append (other, noise, 666);
  sync_raw (other);
  g_assert_true (g_file_get_contents (other_path, &data, &size, NULL));
  forged = g_bytes_new (data + STORE_RAW_FIRST_RECORD, size - STORE_RAW_FIRST_RECORD);

  first = append (fixture, forged, 1);
  g_assert_cmpuint (first.place.size, >, g_bytes_get_size (forged));       /* as it is, not packed */
  last = append (fixture, noise, 2);
  sync_raw (fixture);
  overwrite (path, first.place.offset, "####", 4);
  found = walk (fixture->dir, 1, STORE_RAW_HEADERS_AND_BYTES);
  g_assert_cmpuint (found.ids->len, ==, 1);
  g_assert_cmpint (g_array_index (found.ids, gint64, 0), ==, 2);
  g_assert_cmpuint (found.gaps, ==, 1);
  g_array_unref (found.ids);
  assert_holds (fixture, &last, noise);
}

static void
test_both_heads_damaged (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1);
  g_autoptr(GBytes) message = make_message (TEXT, 5000, 1);
  g_autoptr(GError) error = NULL;
  Stored first = append (fixture, message, 1), second;

  sync_raw (fixture);
  close_raw (fixture);
  overwrite (path, 3, "#", 1);
  assert_holds (fixture, &first, message);
  overwrite (path, STORE_RAW_HEAD_COPY + 20, "#", 1);
  g_test_expect_message ("penfold-store", G_LOG_LEVEL_WARNING, "*head*damaged*");
  open_raw (fixture);
  g_test_assert_expected_messages ();
  g_assert_null (store_raw_read (fixture->raw, &first.place, first.sha256, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_CORRUPT);
  second = append (fixture, message, 2);
  sync_raw (fixture);
  g_assert_cmpuint (second.place.segment, ==, 2);
  assert_holds (fixture, &second, message);
}

/* The file cannot grow at each size in turn; afterwards it can, and all goes on. */
static void
test_full_disk_keeps_what_was_synced (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autofree char *path = segment_path (fixture, 1);
  g_autoptr(GBytes) small = make_message (NOISE, 3000, 1), large = make_message (NOISE, 400000, 2);
  Stored first = append (fixture, small, 1), next = { 0 };
  struct rlimit unlimited, limit;
  guint64 end;

  sync_raw (fixture);
  end = file_size (path);
  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &unlimited), ==, 0);
  for (guint64 room = 0; room < 450000; room += 7919)
    {
      g_autoptr(GError) error = NULL;
      gboolean kept;

      limit = (struct rlimit) { end + room, unlimited.rlim_max };
      g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &limit), ==, 0);
      kept = try_append (fixture, small, 2, &next, &error) && try_append (fixture, large, 3, &next, &error) &&
             store_raw_sync (fixture->raw, &error);
      setrlimit (RLIMIT_FSIZE, &unlimited);
      g_assert_cmpint (kept, ==, room >= 403000 + 400);
      if (kept)
        break;
      g_assert_error (error, STORE_ERROR, STORE_ERROR_FULL);
      g_assert_cmpuint (file_size (path), ==, end);
    }
  assert_holds (fixture, &first, small);
  assert_holds (fixture, &next, large);
}

static void
test_removed_segment_is_not_found (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(GBytes) message = make_message (NOISE, 60000, 1);
  g_autoptr(StoreRaw) reader = store_raw_new (fixture->dir), late = store_raw_new (fixture->dir);
  g_autoptr(GBytes) read = NULL;
  g_autoptr(GError) error = NULL;
  Stored first, second;

  store_raw_set_segment_max (fixture->raw, 100000);
  first = append (fixture, message, 1);
  second = append (fixture, message, 2);
  sync_raw (fixture);
  g_assert_cmpuint (second.place.segment, ==, 2);
  /* Who has it open may go on reading. */
  read = store_raw_read (reader, &first.place, first.sha256, &error);
  g_assert_true (store_raw_remove_segment (fixture->raw, 1, &error));
  g_clear_pointer (&read, g_bytes_unref);
  read = store_raw_read (reader, &first.place, first.sha256, &error);
  g_assert_true (g_bytes_equal (read, message));
  g_assert_null (store_raw_read (late, &first.place, first.sha256, &error));
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
  close_raw (fixture);
  open_raw (fixture);
  assert_holds (fixture, &second, message);
}

static void
test_names_of_segments (void)
{
  static const struct { const char *name; guint32 number; } cases[] = {
    { "00000001.segment", 1 }, { "ffffffff.segment", 0xffffffff }, { "0000000a.segment", 10 },
    { "0000000A.segment", 0 }, { "00000000.segment", 0 }, { "1.segment", 0 }, { "000000001.segmen", 0 },
    { "0000000x.segment", 0 }, { "lock", 0 }, { "new", 0 }, { "", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpuint (store_segment_parse_name (cases[i].name), ==, cases[i].number);
}

static guint64
private_kilobytes (void)
{
  g_autofree char *status = NULL;
  char *line;

  g_assert_true (g_file_get_contents ("/proc/self/status", &status, NULL, NULL));
  line = strstr (status, "RssAnon:");
  return line != NULL ? g_ascii_strtoull (line + strlen ("RssAnon:"), NULL, 10) : 0;
}

/* 200 MB come in pieces, are packed, stored, read back and verified without being in memory. */
static void
test_large_message_in_bounded_memory (void)
{
  g_autoptr(Fixture) fixture = fixture_new ();
  g_autoptr(StoreSpool) spool = store_spool_new (fixture->dir, NULL);
  g_autoptr(GBytes) piece = make_message (TEXT, 1000000, 1), message = NULL, read = NULL;
  g_autoptr(GError) error = NULL;
  guint64 before = private_kilobytes ();
  Stored stored;

  for (guint i = 0; i < 200; i++)
    g_assert_true (store_spool_append (spool, base_slice_from_bytes (piece), &error));
  message = store_spool_map (spool, &error);
  g_assert_no_error (error);
  stored = append (fixture, message, 1);
  sync_raw (fixture);
  read = store_raw_read (fixture->raw, &stored.place, stored.sha256, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (read), ==, 200000000);
  g_assert_true (store_raw_verify (fixture->raw, &stored.place, stored.size, stored.sha256, &error));
#if !defined (__SANITIZE_ADDRESS__) && !defined (__SANITIZE_THREAD__)
  g_assert_cmpuint (private_kilobytes () - before, <, 16 * 1024);
#else
  g_test_message ("%" G_GUINT64_FORMAT " kB more", private_kilobytes () - before);
#endif
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/raw/gives-back-every-size", test_gives_back_every_size);
  g_test_add_func ("/store/raw/text-is-packed-and-noise-is-not", test_text_is_packed_and_noise_is_not);
  g_test_add_func ("/store/raw/one-appender", test_one_appender);
  g_test_add_func ("/store/raw/empty-store-has-no-segments", test_empty_store_has_no_segments);
  g_test_add_func ("/store/raw/taken-back-leaves-nothing", test_taken_back_leaves_nothing);
  g_test_add_func ("/store/raw/segments-are-closed-when-full", test_segments_are_closed_when_full);
  g_test_add_func ("/store/raw/torn-tail-at-every-cut", test_torn_tail_at_every_cut);
  g_test_add_func ("/store/raw/note-at-the-end-is-kept", test_note_at_the_end_is_kept);
  g_test_add_func ("/store/raw/acknowledged-bytes-are-never-cut", test_acknowledged_bytes_are_never_cut);
  g_test_add_func ("/store/raw/damaged-sector-loses-what-lies-in-it",
                   test_damaged_sector_loses_what_lies_in_it);
  g_test_add_func ("/store/raw/flipped-byte-is-found", test_flipped_byte_is_found);
  g_test_add_func ("/store/raw/other-message-is-not-given", test_other_message_is_not_given);
  g_test_add_func ("/store/raw/message-that-looks-like-records", test_message_that_looks_like_records);
  g_test_add_func ("/store/raw/both-heads-damaged", test_both_heads_damaged);
  g_test_add_func ("/store/raw/full-disk-keeps-what-was-synced", test_full_disk_keeps_what_was_synced);
  g_test_add_func ("/store/raw/removed-segment-is-not-found", test_removed_segment_is_not_found);
  g_test_add_func ("/store/raw/names-of-segments", test_names_of_segments);
  g_test_add_func ("/store/raw/large-message-in-bounded-memory", test_large_message_in_bounded_memory);
  return g_test_run ();
}
