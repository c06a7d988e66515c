/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/merge.h"

#include <stdlib.h>
#include <string.h>

static GArray *
entries_new (void)
{
  return g_array_new (FALSE, FALSE, sizeof (StoreEntry));
}

static int
compare_cb (gconstpointer a,
            gconstpointer b)
{
  return model_merge_compare (a, b);
}

static gboolean
is_equal (GArray *a,
          GArray *b)
{
  return a->len == b->len && (a->len == 0 || memcmp (a->data, b->data, a->len * sizeof (StoreEntry)) == 0);
}

/* Applies the steps to before as a list view would, taking what comes from after. */
static void
assert_these_lead_to (GArray *steps,
                      GArray *before,
                      GArray *after)
{
  g_autoptr(GArray) list = g_array_copy (before);

  for (guint i = 0; i < steps->len; i++)
    {
      const ModelStep *step = &g_array_index (steps, ModelStep, i);

      g_assert_cmpuint (step->n_removed + step->n_added, >, 0);
      g_assert_cmpuint (step->position + step->n_removed, <=, list->len);
      if (step->n_removed > 0)
        g_array_remove_range (list, step->position, step->n_removed);
      if (step->n_added > 0)
        g_array_insert_vals (list, step->position, &g_array_index (after, StoreEntry, step->position),
                             step->n_added);
    }
  g_assert_true (is_equal (list, after));
}

static void
assert_steps_lead_to (GArray *before,
                      GArray *after)
{
  g_autoptr(GArray) steps = model_merge_steps (before, after);

  assert_these_lead_to (steps, before, after);
}

static GArray *
random_entries (GRand *rand,
                guint  max)
{
  GArray *entries = entries_new ();
  guint n = (guint) g_rand_int_range (rand, 0, (gint32) max);
  g_autoptr(GHashTable) ids = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < n; i++)
    {
      StoreEntry entry = { g_rand_int_range (rand, 1, 40), g_rand_int_range (rand, 1, 60) };

      if (g_hash_table_add (ids, GINT_TO_POINTER ((gint) entry.id)))
        g_array_append_val (entries, entry);
    }
  g_array_sort (entries, compare_cb);
  return entries;
}

static void
test_random_lists (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr(GArray) before = random_entries (rand, 20);
      g_autoptr(GArray) after = random_entries (rand, 20);

      assert_steps_lead_to (before, after);
    }
}

/* What stood on a kept position and did not change is taken out by no step. */
static void
assert_kept (GArray *joined,
             GArray *steps,
             guint   position)
{
  gboolean was_new = FALSE;

  for (guint i = 0; i < steps->len; i++)
    {
      const ModelStep *step = &g_array_index (steps, ModelStep, i);

      was_new = was_new || (position >= step->position && position < step->position + step->n_added);
    }
  for (guint i = 0; i < joined->len && !was_new; i++)
    {
      const ModelStep *step = &g_array_index (joined, ModelStep, i);

      g_assert_false (position >= step->position && position < step->position + step->n_added);
    }
}

static void
test_joined_steps_lead_there_too (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (3);

  for (guint round = 0; round < 20000; round++)
    {
      g_autoptr(GArray) before = random_entries (rand, 30);
      g_autoptr(GArray) after = random_entries (rand, 30);
      g_autoptr(GArray) steps = model_merge_steps (before, after);
      g_autoptr(GArray) joined = g_array_copy (steps);
      g_autoptr(GArray) keep = g_array_new (FALSE, FALSE, sizeof (guint));

      for (guint position = 0; position < after->len; position++)
        if (g_rand_int_range (rand, 0, 4) == 0)
          g_array_append_val (keep, position);
      model_merge_join (joined, keep);
      g_assert_cmpuint (joined->len, <=, keep->len + 1);
      assert_these_lead_to (joined, before, after);
      for (guint i = 0; i < keep->len; i++)
        assert_kept (joined, steps, g_array_index (keep, guint, i));
    }
}

static StoreEntry *
find_id (GArray *entries,
         gint64  id)
{
  for (guint i = 0; i < entries->len; i++)
    if (g_array_index (entries, StoreEntry, i).id == id)
      return &g_array_index (entries, StoreEntry, i);
  return NULL;
}

/* News made from two lists leads from one to the other, whether or not what is gone was ever there. */
static void
test_news_leads_there (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (2);

  for (guint round = 0; round < 5000; round++)
    {
      g_autoptr(GArray) before = random_entries (rand, 30);
      g_autoptr(GArray) wanted = random_entries (rand, 30);
      g_autoptr(GArray) changed = entries_new ();
      g_autoptr(GArray) gone = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_autoptr(GArray) after = NULL;
      StoreNews news = { 1, FALSE, changed, gone };
      gint64 never = 1000;

      for (guint i = 0; i < before->len; i++)
        if (find_id (wanted, g_array_index (before, StoreEntry, i).id) == NULL)
          g_array_append_val (gone, g_array_index (before, StoreEntry, i).id);
      g_array_append_val (gone, never);
      for (guint i = 0; i < wanted->len; i++)
        {
          const StoreEntry *entry = &g_array_index (wanted, StoreEntry, i);
          const StoreEntry *old = find_id (before, entry->id);

          /* An unchanged entry may be named too: its row is another. */
          if (old == NULL || old->message_id != entry->message_id || g_rand_boolean (rand))
            g_array_append_val (changed, *entry);
        }
      after = model_merge_apply (before, &news);
      g_assert_true (is_equal (after, wanted));
    }
}

/* Longer than the blocks in which equal entries are passed. */
static void
test_long_lists (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (4);

  for (guint round = 0; round < 200; round++)
    {
      g_autoptr(GArray) before = entries_new ();
      g_autoptr(GArray) after = entries_new ();

      for (gint64 i = 3000; i > 0; i--)
        {
          StoreEntry entry = { i, i };

          if (g_rand_int_range (rand, 0, 500) != 0)
            g_array_append_val (before, entry);
          if (g_rand_int_range (rand, 0, 500) != 0)
            g_array_append_val (after, entry);
        }
      assert_steps_lead_to (before, after);
    }
}

static void
test_one_new_message_is_one_step (void)
{
  g_autoptr(GArray) before = entries_new ();
  g_autoptr(GArray) after = NULL;
  g_autoptr(GArray) steps = NULL;
  StoreEntry new = { 2000, 2000 };

  for (gint64 i = 1000; i > 0; i--)
    {
      StoreEntry entry = { i, i };

      g_array_append_val (before, entry);
    }
  after = g_array_copy (before);
  g_array_prepend_val (after, new);
  steps = model_merge_steps (before, after);
  g_assert_cmpuint (steps->len, ==, 1);
  g_assert_cmpuint (g_array_index (steps, ModelStep, 0).position, ==, 0);
  g_assert_cmpuint (g_array_index (steps, ModelStep, 0).n_added, ==, 1);
  g_assert_cmpuint (g_array_index (steps, ModelStep, 0).n_removed, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/merge/random-lists", test_random_lists);
  g_test_add_func ("/model/merge/long-lists", test_long_lists);
  g_test_add_func ("/model/merge/joined-steps-lead-there-too", test_joined_steps_lead_there_too);
  g_test_add_func ("/model/merge/news-leads-there", test_news_leads_there);
  g_test_add_func ("/model/merge/one-new-message-is-one-step", test_one_new_message_is_one_step);
  return g_test_run ();
}
