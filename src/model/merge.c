/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/merge.h"

int
model_merge_compare (const StoreEntry *a,
                     const StoreEntry *b)
{
  if (a->message_id != b->message_id)
    return a->message_id > b->message_id ? -1 : 1;
  if (a->id != b->id)
    return a->id > b->id ? -1 : 1;
  return 0;
}

/* Ids that leave their place: those gone, and those that may have moved. */
static GHashTable *
get_leaving (const StoreNews *news)
{
  GHashTable *leaving = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < news->gone->len; i++)
    g_hash_table_add (leaving, &g_array_index (news->gone, gint64, i));
  for (guint i = 0; i < news->changed->len; i++)
    g_hash_table_add (leaving, &g_array_index (news->changed, StoreEntry, i).id);
  return leaving;
}

GArray *
model_merge_apply (GArray          *entries,
                   const StoreNews *news)
{
  GArray *after = g_array_sized_new (FALSE, FALSE, sizeof (StoreEntry), entries->len + news->changed->len);
  g_autoptr(GHashTable) leaving = get_leaving (news);
  guint next = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      const StoreEntry *entry = &g_array_index (entries, StoreEntry, i);

      if (g_hash_table_contains (leaving, &entry->id))
        continue;
      while (next < news->changed->len
             && model_merge_compare (&g_array_index (news->changed, StoreEntry, next), entry) < 0)
        g_array_append_val (after, g_array_index (news->changed, StoreEntry, next++));
      g_array_append_val (after, *entry);
    }
  if (next < news->changed->len)
    g_array_append_vals (after, &g_array_index (news->changed, StoreEntry, next), news->changed->len - next);
  return after;
}

/* How many entries from i on stand before limit (NULL: all of them). */
static guint
count_before (GArray           *entries,
              guint             i,
              const StoreEntry *limit)
{
  guint n = 0;

  while (i + n < entries->len
         && (limit == NULL || model_merge_compare (&g_array_index (entries, StoreEntry, i + n), limit) < 0))
    n++;
  return n;
}

static const StoreEntry *
peek (GArray *entries,
      guint   i)
{
  return i < entries->len ? &g_array_index (entries, StoreEntry, i) : NULL;
}

/* Also when both lists are at their end. */
static gboolean
is_same (const StoreEntry *a,
         const StoreEntry *b)
{
  return (a == NULL && b == NULL) || (a != NULL && b != NULL && model_merge_compare (a, b) == 0);
}

GArray *
model_merge_steps (GArray *before,
                   GArray *after)
{
  GArray *steps = g_array_new (FALSE, FALSE, sizeof (ModelStep));
  guint old = 0, new = 0;

  while (old < before->len || new < after->len)
    {
      ModelStep step = { new, 0, 0 };

      if (is_same (peek (before, old), peek (after, new)))
        {
          old++;
          new++;
          continue;
        }
      /* A run of differences ends where both lists have the same entry again. */
      do
        {
          step.n_removed += count_before (before, old + step.n_removed, peek (after, new + step.n_added));
          step.n_added += count_before (after, new + step.n_added, peek (before, old + step.n_removed));
        }
      while (!is_same (peek (before, old + step.n_removed), peek (after, new + step.n_added)));
      g_array_append_val (steps, step);
      old += step.n_removed;
      new += step.n_added;
    }
  return steps;
}

/* Whether keep has a position in [from, to).  next is where to look on: asked with ascending ranges. */
static gboolean
is_kept (GArray *keep,
         guint   from,
         guint   to,
         guint  *next)
{
  while (*next < keep->len && g_array_index (keep, guint, *next) < from)
    (*next)++;
  return *next < keep->len && g_array_index (keep, guint, *next) < to;
}

void
model_merge_join (GArray *steps,
                  GArray *keep)
{
  guint n_joined = 0, next = 0;

  for (guint i = 1; i < steps->len; i++)
    {
      ModelStep *last = &g_array_index (steps, ModelStep, n_joined);
      const ModelStep *step = &g_array_index (steps, ModelStep, i);
      guint end = last->position + last->n_added;
      guint between = step->position - end;

      if (is_kept (keep, end, step->position, &next))
        {
          g_array_index (steps, ModelStep, ++n_joined) = *step;
          continue;
        }
      last->n_removed += between + step->n_removed;
      last->n_added += between + step->n_added;
    }
  if (steps->len > 0)
    g_array_set_size (steps, n_joined + 1);
}
