/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/merge.h"

#include <string.h>

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

/* Ids that leave their place: those gone, and those that may have moved.  The bits answer for most of a
 * million rows without a look into the table. */
#define FILTER_BITS (1u << 16)

typedef struct {
  GHashTable *ids;
  guint8      filter[FILTER_BITS / 8];
} Leaving;

static void
add_leaving (Leaving *leaving,
             gint64  *id)
{
  guint bit = (guint) (*id % FILTER_BITS);

  g_hash_table_add (leaving->ids, id);
  leaving->filter[bit / 8] |= (guint8) (1 << bit % 8);
}

static gboolean
is_leaving (const Leaving *leaving,
            const gint64  *id)
{
  guint bit = (guint) (*id % FILTER_BITS);

  return (leaving->filter[bit / 8] >> bit % 8 & 1) != 0 && g_hash_table_contains (leaving->ids, id);
}

static Leaving *
leaving_new (const StoreNews *news)
{
  Leaving *leaving = g_new0 (Leaving, 1);

  leaving->ids = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (guint i = 0; i < news->gone->len; i++)
    add_leaving (leaving, &g_array_index (news->gone, gint64, i));
  for (guint i = 0; i < news->changed->len; i++)
    add_leaving (leaving, &g_array_index (news->changed, StoreEntry, i).id);
  return leaving;
}

static void
leaving_free (Leaving *leaving)
{
  g_hash_table_unref (leaving->ids);
  g_free (leaving);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Leaving, leaving_free)

static void
append_range (GArray *to,
              GArray *from,
              guint   first,
              guint   end)
{
  if (end > first)
    g_array_append_vals (to, &g_array_index (from, StoreEntry, first), end - first);
}

GArray *
model_merge_apply (GArray          *entries,
                   const StoreNews *news)
{
  GArray *after = g_array_sized_new (FALSE, FALSE, sizeof (StoreEntry), entries->len + news->changed->len);
  g_autoptr(Leaving) leaving = leaving_new (news);
  guint next = 0, from = 0;      /* what stands from there on stays, and is appended in one go */

  for (guint i = 0; i < entries->len; i++)
    {
      const StoreEntry *entry = &g_array_index (entries, StoreEntry, i);
      guint first = next;

      if (is_leaving (leaving, &entry->id))
        {
          append_range (after, entries, from, i);
          from = i + 1;
          continue;
        }
      while (next < news->changed->len
             && model_merge_compare (&g_array_index (news->changed, StoreEntry, next), entry) < 0)
        next++;
      if (next == first)
        continue;
      append_range (after, entries, from, i);
      append_range (after, news->changed, first, next);
      from = i;
    }
  append_range (after, entries, from, entries->len);
  append_range (after, news->changed, next, news->changed->len);
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

/* How many entries from there on are the same in both lists, counted in blocks: an entry has no padding. */
#define BLOCK 256u

static guint
count_same (GArray *before,
            guint   old,
            GArray *after,
            guint   new)
{
  guint n = 0;

  while (old + n + BLOCK <= before->len && new + n + BLOCK <= after->len
         && memcmp (&g_array_index (before, StoreEntry, old + n), &g_array_index (after, StoreEntry, new + n),
                    BLOCK * sizeof (StoreEntry)) == 0)
    n += BLOCK;
  return n;
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
          guint n = MAX (count_same (before, old, after, new), 1);

          old += n;
          new += n;
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
