/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/raw-record.h"

#include <string.h>

static const guint8 salt[STORE_RAW_SALT_SIZE] = { 1, 2, 3 };

static StoreRawHeader
make_header (gsize folder_size,
             gsize uidl_size)
{
  static guint8 names[STORE_RAW_NAME_MAX + 1];

  memset (names, 'n', sizeof names);
  return (StoreRawHeader) {
    .kind = STORE_RAW_BODY, .encoding = STORE_RAW_ZSTD, .size = 70000000000, .stored_size = 5,
            .sha256 = { 9, 8, 7 },
    .durable_to = 8192, .born_in = 3,
    .origin = {
      .message_id = 1700000000000001, .account_id = 2, .arrived_at = 1700000000, .stored_at = 1700000001,
      .placement = STORE_RAW_HERE, .folder = base_slice_new (names, folder_size), .flags = 5,
                   .uid = 4294967295u,
      .uidvalidity = 77, .uidl = base_slice_new (names, uidl_size), .occurrence = 2,
    },
  };
}

static void
assert_equal (const StoreRawHeader *a,
              const StoreRawHeader *b)
{
  g_assert_cmpint (a->kind, ==, b->kind);
  g_assert_cmpint (a->encoding, ==, b->encoding);
  g_assert_cmpuint (a->header_size, ==, b->header_size);
  g_assert_cmpuint (a->size, ==, b->size);
  g_assert_cmpuint (a->stored_size, ==, b->stored_size);
  g_assert_cmpmem (a->sha256, 32, b->sha256, 32);
  g_assert_cmpuint (a->durable_to, ==, b->durable_to);
  g_assert_cmpuint (a->born_in, ==, b->born_in);
  g_assert_cmpint (a->origin.message_id, ==, b->origin.message_id);
  g_assert_cmpint (a->origin.account_id, ==, b->origin.account_id);
  g_assert_cmpint (a->origin.arrived_at, ==, b->origin.arrived_at);
  g_assert_cmpint (a->origin.stored_at, ==, b->origin.stored_at);
  g_assert_cmpint (a->origin.placement, ==, b->origin.placement);
  g_assert_true (base_slice_equal (a->origin.folder, b->origin.folder));
  g_assert_cmpuint (a->origin.flags, ==, b->origin.flags);
  g_assert_cmpuint (a->origin.uid, ==, b->origin.uid);
  g_assert_cmpuint (a->origin.uidvalidity, ==, b->origin.uidvalidity);
  g_assert_true (base_slice_equal (a->origin.uidl, b->origin.uidl));
  g_assert_cmpuint (a->origin.occurrence, ==, b->origin.occurrence);
}

static void
test_gives_back_what_was_written (void)
{
  static const gsize sizes[] = { 0, 1, 70, STORE_RAW_NAME_MAX - 1, STORE_RAW_NAME_MAX };

  for (gsize f = 0; f < G_N_ELEMENTS (sizes); f++)
    for (gsize u = 0; u < G_N_ELEMENTS (sizes); u++)
      {
        StoreRawHeader header = make_header (sizes[f], sizes[u]), parsed;
        g_autoptr(GByteArray) bytes = g_byte_array_new ();

        store_raw_header_write (&header, salt, bytes);
        g_assert_cmpuint (bytes->len, ==, STORE_RAW_HEADER_MIN + sizes[f] + sizes[u]);
        g_assert_cmpint (store_raw_header_parse (&parsed, base_slice_new (bytes->data, bytes->len), salt), ==,
                         STORE_RAW_PARSED);
        assert_equal (&parsed, &header);
      }
}

static void
test_too_long_names_are_left_out (void)
{
  StoreRawHeader header = make_header (STORE_RAW_NAME_MAX + 1, 3), parsed;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  store_raw_header_write (&header, salt, bytes);
  g_assert_cmpint (store_raw_header_parse (&parsed, base_slice_new (bytes->data, bytes->len), salt), ==,
                   STORE_RAW_PARSED);
  g_assert_cmpuint (parsed.origin.folder.size, ==, 0);
  g_assert_cmpuint (parsed.origin.uidl.size, ==, 3);
}

static void
test_every_cut_is_short (void)
{
  StoreRawHeader header = make_header (20, 10), parsed;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  store_raw_header_write (&header, salt, bytes);
  for (gsize cut = 0; cut < bytes->len; cut++)
    g_assert_cmpint (store_raw_header_parse (&parsed, base_slice_new (bytes->data, cut), salt), ==,
                     STORE_RAW_SHORT);
}

static void
test_every_flipped_bit_is_found (void)
{
  StoreRawHeader header = make_header (20, 10), parsed;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  store_raw_header_write (&header, salt, bytes);
  for (gsize bit = 0; bit < bytes->len * 8; bit++)
    {
      bytes->data[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_cmpint (store_raw_header_parse (&parsed, base_slice_new (bytes->data, bytes->len), salt), ==,
                       STORE_RAW_NO_HEADER);
      bytes->data[bit / 8] ^= (guint8) (1 << bit % 8);
    }
}

/* A mail may hold a copy of a record, even of this very store: without the segment's salt it is only text. */
static void
test_other_salt_is_no_header (void)
{
  static const guint8 other[STORE_RAW_SALT_SIZE] = { 1, 2, 4 };
  StoreRawHeader header = make_header (20, 10), parsed;
  g_autoptr(GByteArray) bytes = g_byte_array_new ();

  store_raw_header_write (&header, other, bytes);
  g_assert_cmpint (store_raw_header_parse (&parsed, base_slice_new (bytes->data, bytes->len), salt), ==,
                   STORE_RAW_NO_HEADER);
}

static void
test_unknown_kind_is_no_header (void)
{
  static const struct { int kind, encoding; StoreRawParse result; } cases[] = {
    { 0, 0, STORE_RAW_NO_HEADER },
    { 1, 0, STORE_RAW_PARSED },
    { 3, 1, STORE_RAW_PARSED },
    { 5, 0, STORE_RAW_NO_HEADER },      /* a note that has bytes */
    { 6, 0, STORE_RAW_NO_HEADER },
    { 1, 2, STORE_RAW_NO_HEADER },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      StoreRawHeader header = make_header (1, 1), parsed;
      g_autoptr(GByteArray) bytes = g_byte_array_new ();

      header.kind = (StoreRawKind) cases[i].kind;
      header.encoding = (StoreRawEncoding) cases[i].encoding;
      store_raw_header_write (&header, salt, bytes);
      g_assert_cmpint (store_raw_header_parse (&parsed, base_slice_new (bytes->data, bytes->len), salt), ==,
                       cases[i].result);
    }
}

static void
test_find_stops_at_each_magic (void)
{
  StoreRawHeader header = make_header (0, 0);
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  BaseSlice slice;

  g_byte_array_append (bytes, (const guint8 *) "abc", 3);
  store_raw_header_write (&header, salt, bytes);
  slice = base_slice_new (bytes->data, bytes->len);
  g_assert_cmpuint (store_raw_header_find (slice, 0), ==, 3);
  g_assert_cmpuint (store_raw_header_find (slice, 3), ==, 3);
  g_assert_cmpuint (store_raw_header_find (slice, 4), ==, bytes->len);
  g_assert_cmpuint (store_raw_header_find (slice, bytes->len), ==, bytes->len);
}

static void
test_head_gives_itself_back (void)
{
  StoreRawHead head = { 77, { 5, 6, 7 } }, parsed;
  guint8 buffer[STORE_RAW_HEAD_SIZE];

  store_raw_head_write (&head, buffer);
  g_assert_true (store_raw_head_parse (&parsed, buffer));
  g_assert_cmpuint (parsed.number, ==, 77);
  g_assert_cmpmem (parsed.salt, sizeof parsed.salt, head.salt, sizeof head.salt);
  for (gsize bit = 0; bit < sizeof buffer * 8; bit++)
    {
      buffer[bit / 8] ^= (guint8) (1 << bit % 8);
      g_assert_false (store_raw_head_parse (&parsed, buffer));
      buffer[bit / 8] ^= (guint8) (1 << bit % 8);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/raw-record/gives-back-what-was-written", test_gives_back_what_was_written);
  g_test_add_func ("/store/raw-record/too-long-names-are-left-out", test_too_long_names_are_left_out);
  g_test_add_func ("/store/raw-record/every-cut-is-short", test_every_cut_is_short);
  g_test_add_func ("/store/raw-record/every-flipped-bit-is-found", test_every_flipped_bit_is_found);
  g_test_add_func ("/store/raw-record/other-salt-is-no-header", test_other_salt_is_no_header);
  g_test_add_func ("/store/raw-record/unknown-kind-is-no-header", test_unknown_kind_is_no_header);
  g_test_add_func ("/store/raw-record/find-stops-at-each-magic", test_find_stops_at_each_magic);
  g_test_add_func ("/store/raw-record/head-gives-itself-back", test_head_gives_itself_back);
  return g_test_run ();
}
