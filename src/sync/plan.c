/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/plan.h"

#define MASS_COUNT 500
#define MASS_SMALL_COUNT 50
#define MASS_SHARE 5            /* a fifth */

void
sync_difference_clear (SyncDifference *difference)
{
  g_clear_pointer (&difference->added, imap_uidset_free);
  g_clear_pointer (&difference->gone, imap_uidset_free);
  g_clear_pointer (&difference->changed, imap_uidset_free);
}

static guint
skip_below (GArray  *uids,
            guint32  first)
{
  guint low = 0, high = uids->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (uids, StoreKnownUid, middle).uid < first)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static const StoreKnownUid *
peek (GArray  *uids,
      guint    i,
      guint32  last)
{
  const StoreKnownUid *uid = i < uids->len ? &g_array_index (uids, StoreKnownUid, i) : NULL;

  return uid != NULL && uid->uid <= last ? uid : NULL;
}

static void
add_one (ImapUidset *uids,
         guint32     uid)
{
  imap_uidset_add (uids, uid, uid);
}

static guint
skip_same (GArray *uids,
           guint   i)
{
  guint32 uid = g_array_index (uids, StoreKnownUid, i).uid;

  while (i < uids->len && g_array_index (uids, StoreKnownUid, i).uid == uid)
    i++;
  return i;
}

void
sync_plan_compare (GArray         *known,
                   GArray         *seen,
                   guint32         first,
                   guint32         last,
                   SyncDifference *difference)
{
  guint i = skip_below (known, first), j = skip_below (seen, first);
  const StoreKnownUid *here, *there;

  difference->added = imap_uidset_new ();
  difference->gone = imap_uidset_new ();
  difference->changed = imap_uidset_new ();
  for (;;)
    {
      here = peek (known, i, last);
      there = peek (seen, j, last);
      if (here == NULL && there == NULL)
        return;
      if (there == NULL || (here != NULL && here->uid < there->uid))
        {
          add_one (difference->gone, here->uid);
          i++;
          continue;
        }
      if (here == NULL || there->uid < here->uid)
        add_one (difference->added, there->uid);
      else if (here->server_flags != there->server_flags)
        add_one (difference->changed, here->uid);
      if (here != NULL && here->uid == there->uid)
        i++;
      j = skip_same (seen, j);
    }
}

ImapUidset *
sync_plan_take_newest (ImapUidset *uids,
                       guint       n)
{
  ImapUidset *newest = imap_uidset_new ();
  gsize n_ranges;
  const ImapUidRange *ranges = imap_uidset_peek_ranges (uids, &n_ranges);

  for (gsize i = n_ranges; i > 0 && n > 0; i--)
    {
      guint32 count = MIN (n, ranges[i - 1].last - ranges[i - 1].first + 1);

      imap_uidset_add (newest, ranges[i - 1].last - count + 1, ranges[i - 1].last);
      n -= count;
    }
  imap_uidset_remove_set (uids, newest);
  return newest;
}

guint
sync_plan_count_batch (GArray  *bodies,
                       guint    start,
                       guint    max_n,
                       guint64  max_bytes)
{
  guint64 bytes = 0;
  guint n = 0;

  while (start + n < bodies->len && n < max_n)
    {
      guint64 size = g_array_index (bodies, SyncBody, start + n).size;

      if (n > 0 && (size > max_bytes || bytes > max_bytes - size))
        break;
      bytes += MIN (size, max_bytes);
      n++;
    }
  return n;
}

gboolean
sync_plan_is_mass_vanishing (guint64 n_gone,
                             guint64 n_known)
{
  return n_gone > MASS_COUNT || (n_gone > MASS_SMALL_COUNT && n_gone > n_known / MASS_SHARE);
}
