/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/plan.h"

#include <stdio.h>

static GArray *
uids_new (const char *text)
{
  g_auto(GStrv) words = g_strsplit (text, " ", -1);
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (StoreKnownUid));

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      StoreKnownUid uid = { 0, 0 };

      g_assert_cmpint (sscanf (words[i], "%u/%u", &uid.uid, &uid.server_flags), >=, 1);
      g_array_append_val (uids, uid);
    }
  return uids;
}

static void
assert_set (const ImapUidset *set,
            const char       *expected)
{
  g_autofree char *text = imap_uidset_to_string (set);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_compare (void)
{
  static const struct {
    const char *known, *seen;
    guint32 first, last;
    const char *added, *gone, *changed;
  } cases[] = {
    { "", "", 1, G_MAXUINT32, "", "", "" },
    { "", "1 2 3", 1, G_MAXUINT32, "1:3", "", "" },
    { "1 2 3", "", 1, G_MAXUINT32, "", "1:3", "" },
    { "1 3 5", "1 2 5 6", 1, G_MAXUINT32, "2,6", "3", "" },
    { "1/0 2/1 3/4", "1/0 2/0 3/4", 1, G_MAXUINT32, "", "", "2" },
    { "1 2 3 9", "2 4 9", 2, 5, "4", "3", "" },
    { "5", "3 3 3 5/1 5/1", 1, G_MAXUINT32, "3", "", "5" },
    { "4294967294", "4294967293", 1, G_MAXUINT32, "4294967293", "4294967294", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GArray) known = uids_new (cases[i].known);
      g_autoptr(GArray) seen = uids_new (cases[i].seen);
      g_auto(SyncDifference) difference = { NULL };

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      sync_plan_compare (known, seen, cases[i].first, cases[i].last, &difference);
      assert_set (difference.added, cases[i].added);
      assert_set (difference.gone, cases[i].gone);
      assert_set (difference.changed, cases[i].changed);
    }
}

static void
test_take_newest (void)
{
  static const struct { const char *uids; guint n; const char *taken, *left; } cases[] = {
    { "", 5, "", "" },
    { "1:10", 3, "8:10", "1:7" },
    { "1:10", 10, "1:10", "" },
    { "1:10", 11, "1:10", "" },
    { "1:3,7,9:10", 4, "3,7,9:10", "1:2" },
    { "1:4294967294", 1, "4294967294", "1:4294967293" },
    { "5", 0, "", "5" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(ImapUidset) uids = *cases[i].uids != '\0'
                                   ? imap_uidset_parse (base_slice_from_string (cases[i].uids), 10)
                                   : imap_uidset_new ();
      g_autoptr(ImapUidset) taken = sync_plan_take_newest (uids, cases[i].n);

      assert_set (taken, cases[i].taken);
      assert_set (uids, cases[i].left);
    }
}

static void
test_batches (void)
{
  static const guint64 sizes[] = { 10, 10, 200, 10, 90, 1, G_MAXUINT64, 5 };
  static const guint expected[] = { 2, 1, 2, 1, 1, 1 };
  g_autoptr(GArray) bodies = g_array_new (FALSE, FALSE, sizeof (SyncBody));
  guint start = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      SyncBody body = { (guint32) i + 1, sizes[i] };

      g_array_append_val (bodies, body);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      guint n = sync_plan_count_batch (bodies, start, 50, 100);

      g_assert_cmpuint (n, ==, expected[i]);
      start += n;
    }
  g_assert_cmpuint (start, ==, bodies->len);
  g_assert_cmpuint (sync_plan_count_batch (bodies, start, 50, 100), ==, 0);
  g_assert_cmpuint (sync_plan_count_batch (bodies, 0, 1, 100), ==, 1);
}

static void
test_mass_vanishing (void)
{
  static const struct { guint64 gone, known; gboolean is_mass; } cases[] = {
    { 0, 0, FALSE }, { 1, 1, FALSE }, { 50, 50, FALSE }, { 51, 255, FALSE }, { 52, 255, TRUE },
    { 51, 254, TRUE }, { 500, 100000, FALSE }, { 501, 100000, TRUE }, { 51, 51, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sync_plan_is_mass_vanishing (cases[i].gone, cases[i].known), ==, cases[i].is_mass);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/plan/compare", test_compare);
  g_test_add_func ("/sync/plan/take-newest", test_take_newest);
  g_test_add_func ("/sync/plan/batches", test_batches);
  g_test_add_func ("/sync/plan/mass-vanishing", test_mass_vanishing);
  return g_test_run ();
}
