/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/plan.h - what a folder pass has to do, decided from what is known here and what the server shows.
 *
 * Nothing here asks a server or writes a row: each decision is a function that a table can test.
 *
 * Threads: any.
 */
#pragma once

#include "imap/uidset.h"
#include "store/locations.h"

/* From two ascending lists: what the store knows (StoreKnownUid) and what the server has (uid and flags).  A
 * uid that the server shows twice counts once. */
typedef struct {
  ImapUidset *added;         /* there, not known here */
  ImapUidset *gone;          /* known here, not there */
  ImapUidset *changed;       /* in both, with other flags */
} SyncDifference;

void        sync_difference_clear        (SyncDifference       *difference);
/* seen: of StoreKnownUid too.  Fills difference; only uids in [first, last] are compared. */
void        sync_plan_compare            (GArray               *known,
                                          GArray               *seen,
                                          guint32               first,
                                          guint32               last,
                                          SyncDifference       *difference);

/* Takes at most n of the highest uids out of uids. */
ImapUidset *sync_plan_take_newest        (ImapUidset           *uids,
                                          guint                 n) G_GNUC_WARN_UNUSED_RESULT;

/* One message whose body is to be fetched. */
typedef struct {
  guint32 uid;
  guint64 size;              /* the server's word; only for planning */
} SyncBody;

/* How many of the bodies from start on make one batch: at most max_n, and no more bytes than max_bytes but
 * for a single large one. */
guint       sync_plan_count_batch        (GArray               *bodies,        /* of SyncBody */
                                          guint                 start,
                                          guint                 max_n,
                                          guint64               max_bytes);

/* So many messages that vanished at once are looked at twice, and asked about: over 500, or over 50 and more
 * than a fifth of the folder (DESIGN 4 rule 3). */
gboolean    sync_plan_is_mass_vanishing  (guint64               n_gone,
                                          guint64               n_known);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (SyncDifference, sync_difference_clear)
