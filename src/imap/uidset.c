/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/uidset.h"

#include <string.h>

struct _ImapUidset {
  GArray *ranges;              /* ImapUidRange, ascending, at least one UID between two of them */
};

static ImapUidRange *
get_range (const ImapUidset *set,
           gsize             i)
{
  return &g_array_index (set->ranges, ImapUidRange, i);
}

ImapUidset *
imap_uidset_new (void)
{
  ImapUidset *set = g_new (ImapUidset, 1);

  set->ranges = g_array_new (FALSE, FALSE, sizeof (ImapUidRange));
  return set;
}

ImapUidset *
imap_uidset_new_range (guint32 first,
                       guint32 last)
{
  ImapUidset *set = imap_uidset_new ();

  imap_uidset_add (set, first, last);
  return set;
}

ImapUidset *
imap_uidset_copy (const ImapUidset *set)
{
  ImapUidset *copy = g_new (ImapUidset, 1);

  copy->ranges = g_array_copy (set->ranges);
  return copy;
}

void
imap_uidset_free (ImapUidset *set)
{
  g_array_unref (set->ranges);
  g_free (set);
}

/* Index of the first range that ends at uid or above; the length when there is none. */
static gsize
find_range (const ImapUidset *set,
            guint32           uid)
{
  gsize low = 0, high = set->ranges->len;

  while (low < high)
    {
      gsize middle = (low + high) / 2;

      if (get_range (set, middle)->last < uid)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* 0 is no UID: it is taken out of the range, and G_MAXUINT32 + 1 does not exist. */
static gboolean
tidy_range (ImapUidRange *range)
{
  if (range->first > range->last)
    *range = (ImapUidRange) { range->last, range->first };
  range->first = MAX (range->first, 1);
  return range->last > 0;
}

void
imap_uidset_add (ImapUidset *set,
                 guint32     first,
                 guint32     last)
{
  ImapUidRange range = { first, last };
  gsize at, end;

  if (!tidy_range (&range))
    return;

  /* All ranges that touch the new one, neighbours included, become part of it. */
  at = find_range (set, range.first - 1);
  for (end = at; end < set->ranges->len; end++)
    {
      const ImapUidRange *old = get_range (set, end);

      if (range.last != G_MAXUINT32 && old->first > range.last + 1)
        break;
      range.first = MIN (range.first, old->first);
      range.last = MAX (range.last, old->last);
    }
  if (end == at)
    g_array_insert_val (set->ranges, at, range);
  else
    {
      *get_range (set, at) = range;
      g_array_remove_range (set->ranges, at + 1, end - at - 1);
    }
}

static int
compare_ranges (gconstpointer a,
                gconstpointer b)
{
  guint32 first_a = ((const ImapUidRange *) a)->first, first_b = ((const ImapUidRange *) b)->first;

  return (first_a > first_b) - (first_a < first_b);
}

/* Takes ranges, tidy but in any order and overlapping. */
static ImapUidset *
new_from_ranges (GArray *ranges)
{
  ImapUidset *set = g_new (ImapUidset, 1);
  gsize n = 0;

  set->ranges = ranges;
  g_array_sort (ranges, compare_ranges);
  for (gsize i = 0; i < ranges->len; i++)
    {
      ImapUidRange range = *get_range (set, i);
      ImapUidRange *last = n > 0 ? get_range (set, n - 1) : NULL;

      if (last != NULL && (last->last == G_MAXUINT32 || range.first <= last->last + 1))
        last->last = MAX (last->last, range.last);
      else
        *get_range (set, n++) = range;
    }
  g_array_set_size (ranges, (guint) n);
  return set;
}

void
imap_uidset_add_set (ImapUidset       *set,
                     const ImapUidset *more)
{
  GArray *ranges = g_array_copy (set->ranges);
  ImapUidset *sum;

  g_array_append_vals (ranges, more->ranges->data, more->ranges->len);
  sum = new_from_ranges (ranges);
  g_array_unref (set->ranges);
  set->ranges = sum->ranges;
  g_free (sum);
}

void
imap_uidset_remove_set (ImapUidset       *set,
                        const ImapUidset *less)
{
  GArray *left = g_array_new (FALSE, FALSE, sizeof (ImapUidRange));
  gsize next = 0;

  for (gsize i = 0; i < set->ranges->len; i++)
    {
      ImapUidRange range = *get_range (set, i);
      gboolean is_used_up = FALSE;

      while (next < less->ranges->len && get_range (less, next)->last < range.first)
        next++;
      for (gsize k = next; !is_used_up && k < less->ranges->len; k++)
        {
          const ImapUidRange *cut = get_range (less, k);

          if (cut->first > range.last)
            break;
          if (cut->first > range.first)
            {
              ImapUidRange before = { range.first, cut->first - 1 };

              g_array_append_val (left, before);
            }
          is_used_up = cut->last >= range.last;
          range.first = is_used_up ? range.first : cut->last + 1;
        }
      if (!is_used_up)
        g_array_append_val (left, range);
    }
  g_array_unref (set->ranges);
  set->ranges = left;
}

gboolean
imap_uidset_contains (const ImapUidset *set,
                      guint32           uid)
{
  gsize i = find_range (set, uid);

  return uid != 0 && i < set->ranges->len && get_range (set, i)->first <= uid;
}

gboolean
imap_uidset_is_empty (const ImapUidset *set)
{
  return set->ranges->len == 0;
}

static guint64
count_ranges (const GArray *ranges)
{
  guint64 count = 0;

  for (gsize i = 0; i < ranges->len; i++)
    {
      const ImapUidRange *range = &g_array_index (ranges, ImapUidRange, i);

      count += (guint64) range->last - range->first + 1;
    }
  return count;
}

guint64
imap_uidset_count (const ImapUidset *set)
{
  return count_ranges (set->ranges);
}

const ImapUidRange *
imap_uidset_peek_ranges (const ImapUidset *set,
                         gsize            *n_ranges)
{
  *n_ranges = set->ranges->len;
  return (const ImapUidRange *) set->ranges->data;
}

static gboolean
parse_range (BaseSlice     text,
             ImapUidRange *range)
{
  const guint8 *colon = text.size > 0 ? memchr (text.data, ':', text.size) : NULL;
  gsize size = colon != NULL ? (gsize) (colon - text.data) : text.size;
  guint64 first, last;

  if (!base_slice_parse_uint (base_slice_sub (text, 0, size), G_MAXUINT32, &first))
    return FALSE;
  last = first;
  if (colon != NULL
      && !base_slice_parse_uint (base_slice_sub (text, size + 1, text.size), G_MAXUINT32, &last))
    return FALSE;
  *range = (ImapUidRange) { (guint32) first, (guint32) last };
  return tidy_range (range);
}

/* In the order of the text; NULL when it is not a set. */
static GArray *
parse_ranges (BaseSlice text,
              gsize     max_ranges)
{
  g_autoptr(GArray) ranges = g_array_new (FALSE, FALSE, sizeof (ImapUidRange));

  do
    {
      const guint8 *comma = text.size > 0 ? memchr (text.data, ',', text.size) : NULL;
      gsize size = comma != NULL ? (gsize) (comma - text.data) : text.size;
      ImapUidRange range;

      if (ranges->len == max_ranges || !parse_range (base_slice_sub (text, 0, size), &range))
        return NULL;
      g_array_append_val (ranges, range);
      if (comma == NULL)
        return g_steal_pointer (&ranges);
      text = base_slice_sub (text, size + 1, text.size);
    }
  while (TRUE);
}

ImapUidset *
imap_uidset_parse (BaseSlice text,
                   gsize     max_ranges)
{
  GArray *ranges = parse_ranges (text, max_ranges);

  return ranges != NULL ? new_from_ranges (ranges) : NULL;
}

static gsize
print_range (const ImapUidRange *range,
             char                text[32])
{
  if (range->first == range->last && range->last != G_MAXUINT32)
    return (gsize) g_snprintf (text, 32, "%u", range->first);
  if (range->first == G_MAXUINT32)
    return (gsize) g_snprintf (text, 32, "*");
  if (range->last == G_MAXUINT32)
    return (gsize) g_snprintf (text, 32, "%u:*", range->first);
  return (gsize) g_snprintf (text, 32, "%u:%u", range->first, range->last);
}

gboolean
imap_uidset_write_some (const ImapUidset *set,
                        gsize             max_size,
                        gsize            *start,
                        GString          *text)
{
  gsize before = text->len, first = *start;

  for (; *start < set->ranges->len; (*start)++)
    {
      char range[32];
      gsize size = print_range (get_range (set, *start), range);

      if (*start > first && text->len - before + 1 + size > max_size)
        break;
      if (*start > first)
        g_string_append_c (text, ',');
      g_string_append_len (text, range, (gssize) size);
    }
  return *start > first;
}

char *
imap_uidset_to_string (const ImapUidset *set)
{
  GString *text = g_string_new (NULL);
  gsize start = 0;

  imap_uidset_write_some (set, G_MAXSIZE, &start, text);
  return g_string_free (text, FALSE);
}

static gboolean
has_doubles (const GArray *ranges)
{
  g_autoptr(ImapUidset) set = new_from_ranges (g_array_copy ((GArray *) ranges));

  return imap_uidset_count (set) != count_ranges (ranges);
}

ImapUidMap *
imap_uidmap_parse (guint32   uidvalidity,
                   BaseSlice from,
                   BaseSlice to)
{
  g_autoptr(GArray) from_ranges = parse_ranges (from, IMAP_UIDSET_RANGES_MAX);
  g_autoptr(GArray) to_ranges = parse_ranges (to, IMAP_UIDSET_RANGES_MAX);
  ImapUidMap *map;

  if (uidvalidity == 0 || from_ranges == NULL || to_ranges == NULL
      || count_ranges (from_ranges) != count_ranges (to_ranges)
      || has_doubles (from_ranges) || has_doubles (to_ranges))
    return NULL;

  map = g_new (ImapUidMap, 1);
  map->uidvalidity = uidvalidity;
  map->from = g_steal_pointer (&from_ranges);
  map->to = g_steal_pointer (&to_ranges);
  return map;
}

void
imap_uidmap_free (ImapUidMap *map)
{
  g_array_unref (map->from);
  g_array_unref (map->to);
  g_free (map);
}

void
imap_uidmap_add (ImapUidMap       *map,
                 const ImapUidMap *more)
{
  if (map->uidvalidity != more->uidvalidity)
    return;
  g_array_append_vals (map->from, more->from->data, more->from->len);
  g_array_append_vals (map->to, more->to->data, more->to->len);
}

/* The UID at a position counted over all ranges, which exists. */
static guint32
get_nth (const GArray *ranges,
         guint64       n)
{
  for (gsize i = 0;; i++)
    {
      const ImapUidRange *range = &g_array_index (ranges, ImapUidRange, i);
      guint64 size = (guint64) range->last - range->first + 1;

      if (n < size)
        return (guint32) (range->first + n);
      n -= size;
    }
}

guint32
imap_uidmap_find (const ImapUidMap *map,
                  guint32           uid)
{
  guint64 n = 0;

  for (gsize i = 0; i < map->from->len; i++)
    {
      const ImapUidRange *range = &g_array_index (map->from, ImapUidRange, i);

      if (range->first <= uid && uid <= range->last)
        return get_nth (map->to, n + (uid - range->first));
      n += (guint64) range->last - range->first + 1;
    }
  return 0;
}
