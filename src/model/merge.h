/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/merge.h - from one sorted list of entries to the next in few, small steps.
 *
 * Entries are sorted by (message_id, id), descending, each id once.  Threads: any.
 */
#pragma once

#include "store/listing.h"

/* At position, n_removed entries go and n_added come; positions count in the list as the steps before have
 * left it. */
typedef struct {
  guint position;
  guint n_removed;
  guint n_added;
} ModelStep;

/* Negative when a stands before b. */
int     model_merge_compare (const StoreEntry *a,
                             const StoreEntry *b);
/* The list after news: gone ids leave, changed ones move or come.  Of StoreEntry. */
GArray *model_merge_apply   (GArray          *entries,
                             const StoreNews *news) G_GNUC_WARN_UNUSED_RESULT;
/* Of ModelStep, in order of position.  One step for each run of differences. */
GArray *model_merge_steps   (GArray *before,
                             GArray *after) G_GNUC_WARN_UNUSED_RESULT;
/* Joins neighbouring steps into one that takes out and puts back what stands between, unless one of the
 * positions in keep does: of guint, in the list after all steps, ascending.  A list view works at each step,
 * so a thousand small ones hold up the window for seconds. */
void    model_merge_join    (GArray           *steps,
                             GArray           *keep);
