/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/pass.h - brings what is known of one IMAP folder up to date: what is new, what changed, what is gone.
 *
 * Newest first, and safe to interrupt at any point: every batch is stored whole, with how far the listing got, and the
 * modseq is stored only behind all that it covers.  A second pass changes nothing.
 *
 *   first:  the newest SYNC_FIRST_ROWS by number, right after SELECT
 *   then:   flags and vanished messages by QRESYNC, else CONDSTORE, else by listing the uids and flags of what is known
 *   then:   everything else newest first; whole where the offline policy wants the bodies, else headers
 *
 * Another UIDVALIDITY: the folder is listed anew, and what is here already is recognised (sync/match.h); nothing is lost
 * and nothing that is recognised is fetched again.
 *
 * Threads: the lane's, which holds the folder's token.
 */
#pragma once

#include "store/policies.h"
#include "sync/context.h"

#define SYNC_FIRST_ROWS 200

typedef enum {
  SYNC_PASS_FAILED,       /* error is set */
  SYNC_PASS_DONE,
  SYNC_PASS_YIELDED,      /* somebody else waits: take it up again */
} SyncPassResult;

SyncPassResult sync_pass_folder (SyncContext                 *context,
                                 gint64                       folder_id,
                                 const StoreEffectivePolicy  *policy,
                                 GError                     **error);
