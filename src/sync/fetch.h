/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/fetch.h - gets messages of the selected folder into the store, whole or by their headers.
 *
 * It pipelines: the next batch is asked for before the last one has come.  It decides nothing but the size of batches.
 *
 * Threads: the lane's.
 */
#pragma once

#include "store/policies.h"
#include "sync/context.h"
#include "sync/match.h"

#define SYNC_FETCH_ROWS 200                    /* messages described by one command */

/* Where what is fetched goes, and how much of it is wanted. */
typedef struct {
  const StoreFolder *folder;
  IngestStream      *stream;
  gint64             whole_since;       /* messages that arrived then or later are fetched whole; G_MAXINT64: headers only */
  gint64             announced_at;      /* 0: they count as new mail */
  SyncMatcher       *matcher;           /* or NULL; with one only headers are fetched */
  IngestTicket       last;              /* set: everything put so far is durable with it */
  guint64            n_put;             /* set: messages put */
  guint64            n_skipped;         /* set: messages that are on the server and could not be had, not even the header */
} SyncFetch;

/* The description of the messages is asked for now, and read by sync_fetch_finish(). */
SyncTicket *sync_fetch_start  (SyncContext      *context,
                               const SyncFetch  *fetch,
                               const ImapUidset *uids) G_GNUC_WARN_UNUSED_RESULT;
/* Takes ticket.  Puts all of uids; what one message does wrong is noted in the summary and skipped. */
gboolean    sync_fetch_finish (SyncContext      *context,
                               SyncFetch        *fetch,
                               const ImapUidset *uids,
                               SyncTicket       *ticket,
                               GError          **error);
/* Puts rows that came with their headers. */
gboolean    sync_fetch_put    (SyncContext      *context,
                               SyncFetch        *fetch,
                               GArray           *rows,          /* of SessionImapRow */
                               GError          **error);
/* What the offline policy says of now: see SyncFetch.whole_since. */
gint64      sync_fetch_get_whole_since (const StoreEffectivePolicy *policy);
