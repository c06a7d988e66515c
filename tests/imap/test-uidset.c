/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/uidset.h"

static void
test_sets_are_sorted_and_merged (void)
{
  static const struct { const char *text; const char *same; guint64 count; } cases[] = {
    { "1", "1", 1 },
    { "1:5", "1:5", 5 },
    { "5:1", "1:5", 5 },
    { "1,2,3", "1:3", 3 },
    { "3,1,2,9", "1:3,9", 4 },
    { "1:10,5:7", "1:10", 10 },
    { "10,1:20,30:25", "1:20,25:30", 26 },
    { "4294967294", "4294967294", 1 },
    { "1:4294967295", "1:*", G_MAXUINT32 },
    { "4294967295,1", "1,*", 2 },
    { "0:3", "1:3", 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(ImapUidset) set = imap_uidset_parse (base_slice_from_string (cases[i].text), 10);
      g_autofree char *text = NULL;

      g_assert_nonnull (set);
      text = imap_uidset_to_string (set);
      g_assert_cmpstr (text, ==, cases[i].same);
      g_assert_cmpuint (imap_uidset_count (set), ==, cases[i].count);
    }
}

static void
test_what_is_no_set_is_refused (void)
{
  static const char * const cases[] = {
    "", ",", "1,", ",1", "1,,2", "a", "1:", ":1", "1:2:3", "-1", "1 2", "*", "1:*", "4294967296",
    "1:4294967296", "99999999999999999999999", "0", "1.5", "$", "+1", " 1",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_null (imap_uidset_parse (base_slice_from_string (cases[i]), 10));
  g_assert_null (imap_uidset_parse (base_slice_new (NULL, 0), 10));
}

static void
test_number_of_ranges_is_limited (void)
{
  for (gsize max = 3; max <= 5; max++)
    {
      g_autoptr(ImapUidset) set = imap_uidset_parse (BASE_SLICE_LITERAL ("1,3,5,7"), max);

      g_assert_cmpint (set != NULL, ==, max >= 4);
    }
}

/* The same operations on a set and on an array of truth values. */
static void
test_operations_agree_with_a_table (void)
{
  enum { N = 64 };

  for (guint round = 0; round < 2000; round++)
    {
      g_autoptr(GRand) rand = g_rand_new_with_seed (round);
      g_autoptr(ImapUidset) a = imap_uidset_new ();
      g_autoptr(ImapUidset) b = imap_uidset_new ();
      gboolean in_a[N] = { FALSE }, in_b[N] = { FALSE };
      const ImapUidRange *ranges;
      gsize n_ranges;
      guint64 count = 0;

      for (guint i = 0; i < 12; i++)
        {
          gboolean is_a = g_rand_boolean (rand);
          guint32 first = (guint32) g_rand_int_range (rand, 1, N);
          guint32 last = first + (guint32) g_rand_int_range (rand, 0, 9);

          last = MIN (last, N - 1);
          imap_uidset_add (is_a ? a : b, last, first);
          for (guint32 uid = first; uid <= last; uid++)
            (is_a ? in_a : in_b)[uid] = TRUE;
        }
      if (g_rand_boolean (rand))
        imap_uidset_add_set (a, b);
      else
        {
          imap_uidset_remove_set (a, b);
          for (guint i = 0; i < N; i++)
            {
              in_a[i] = in_a[i] && !in_b[i];
              in_b[i] = FALSE;
            }
        }

      for (guint32 uid = 0; uid < N; uid++)
        {
          g_assert_cmpint (imap_uidset_contains (a, uid), ==, in_a[uid] || in_b[uid]);
          count += in_a[uid] || in_b[uid];
        }
      g_assert_cmpuint (imap_uidset_count (a), ==, count);
      ranges = imap_uidset_peek_ranges (a, &n_ranges);
      for (gsize i = 1; i < n_ranges; i++)
        g_assert_cmpuint (ranges[i].first, >, ranges[i - 1].last + 1);
    }
}

static void
test_removing_up_to_the_last_uid (void)
{
  g_autoptr(ImapUidset) set = imap_uidset_new_range (1, G_MAXUINT32);
  g_autoptr(ImapUidset) less = imap_uidset_new_range (10, G_MAXUINT32);
  g_autofree char *text = NULL;

  imap_uidset_remove_set (set, less);
  text = imap_uidset_to_string (set);
  g_assert_cmpstr (text, ==, "1:9");
  imap_uidset_add (set, G_MAXUINT32, G_MAXUINT32);
  imap_uidset_add (set, G_MAXUINT32, 12);
  g_assert_cmpuint (imap_uidset_count (set), ==, 9 + (guint64) G_MAXUINT32 - 11);
}

static void
test_long_sets_are_written_in_pieces (void)
{
  g_autoptr(ImapUidset) set = imap_uidset_new ();

  for (guint32 uid = 1; uid <= 2001; uid += 2)
    imap_uidset_add (set, uid, uid);
  for (gsize max = 1; max <= 100; max++)
    {
      g_autoptr(ImapUidset) back = imap_uidset_new ();
      gsize start = 0;

      while (TRUE)
        {
          g_autoptr(GString) text = g_string_new ("UID FETCH ");
          g_autoptr(ImapUidset) piece = NULL;

          if (!imap_uidset_write_some (set, max, &start, text))
            break;
          g_assert_true (text->len - 10 <= MAX (max, 4));
          piece = imap_uidset_parse (base_slice_new (text->str + 10, text->len - 10), 1000);
          g_assert_nonnull (piece);
          imap_uidset_add_set (back, piece);
        }
      g_assert_cmpuint (imap_uidset_count (back), ==, 1001);
    }
}

/* A server that names four thousand million UIDs in a dozen bytes costs a dozen bytes (Net::IMAP
 * CVE-2025-25186). */
static void
test_huge_ranges_stay_ranges (void)
{
  g_autoptr(ImapUidset) set = imap_uidset_parse (BASE_SLICE_LITERAL ("1:4294967294"), 10);
  gsize n_ranges;

  imap_uidset_peek_ranges (set, &n_ranges);
  g_assert_cmpuint (n_ranges, ==, 1);
  g_assert_true (imap_uidset_contains (set, 3000000000u));
  g_assert_false (imap_uidset_contains (set, G_MAXUINT32));
}

static void
test_copyuid_maps_in_order (void)
{
  /* RFC 4315 section 4, and one that is not ascending. */
  g_autoptr(ImapUidMap) map = imap_uidmap_parse (38505, BASE_SLICE_LITERAL ("304,319:320"),
                                                 BASE_SLICE_LITERAL ("3956:3958"));
  g_autoptr(ImapUidMap) other = imap_uidmap_parse (38505, BASE_SLICE_LITERAL ("9,3,5:6"),
                                                   BASE_SLICE_LITERAL ("20,10:11,30"));

  g_assert_cmpuint (imap_uidmap_find (map, 304), ==, 3956);
  g_assert_cmpuint (imap_uidmap_find (map, 319), ==, 3957);
  g_assert_cmpuint (imap_uidmap_find (map, 320), ==, 3958);
  g_assert_cmpuint (imap_uidmap_find (map, 305), ==, 0);

  g_assert_cmpuint (imap_uidmap_find (other, 9), ==, 20);
  g_assert_cmpuint (imap_uidmap_find (other, 3), ==, 10);
  g_assert_cmpuint (imap_uidmap_find (other, 5), ==, 11);
  g_assert_cmpuint (imap_uidmap_find (other, 6), ==, 30);

  imap_uidmap_add (map, other);
  g_assert_cmpuint (imap_uidmap_find (map, 320), ==, 3958);
  g_assert_cmpuint (imap_uidmap_find (map, 6), ==, 30);
}

/* mbsync CVE-2021-3578 believed sets of unequal length. */
static void
test_copyuid_that_cannot_be_is_ignored (void)
{
  static const struct { guint32 uidvalidity; const char *from, *to; } cases[] = {
    { 0, "1", "2" },
    { 1, "1:2", "5" },
    { 1, "1", "5:6" },
    { 1, "1,1", "5:6" },
    { 1, "1:2", "5,5" },
    { 1, "1:3,2:4", "5:10" },
    { 1, "", "" },
    { 1, "1", "" },
    { 1, "1:*", "5:*" },
    { 1, "1:4294967295", "1" },
    { 1, "x", "1" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_null (imap_uidmap_parse (cases[i].uidvalidity, base_slice_from_string (cases[i].from),
                                      base_slice_from_string (cases[i].to)));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/uidset/sets-are-sorted-and-merged", test_sets_are_sorted_and_merged);
  g_test_add_func ("/imap/uidset/what-is-no-set-is-refused", test_what_is_no_set_is_refused);
  g_test_add_func ("/imap/uidset/number-of-ranges-is-limited", test_number_of_ranges_is_limited);
  g_test_add_func ("/imap/uidset/operations-agree-with-a-table", test_operations_agree_with_a_table);
  g_test_add_func ("/imap/uidset/removing-up-to-the-last-uid", test_removing_up_to_the_last_uid);
  g_test_add_func ("/imap/uidset/long-sets-are-written-in-pieces", test_long_sets_are_written_in_pieces);
  g_test_add_func ("/imap/uidset/huge-ranges-stay-ranges", test_huge_ranges_stay_ranges);
  g_test_add_func ("/imap/uidset/copyuid-maps-in-order", test_copyuid_maps_in_order);
  g_test_add_func ("/imap/uidset/copyuid-that-cannot-be-is-ignored", test_copyuid_that_cannot_be_is_ignored);
  return g_test_run ();
}
