/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/gone.h - what to do about messages that a server no longer has.
 *
 * What another program has moved is followed where it came up already; what comes up later is recognised by ingest.
 * By policy the place of the others ends here too, with a tombstone and a history row, and the message can be restored for 30 days;
 * or it stays here as mail that is only on this computer.  When very many vanish at once nothing is done but to ask.
 *
 * Threads: the lane's.
 */
#pragma once

#include "store/policies.h"
#include "sync/context.h"

typedef struct {
  const StoreFolder *folder;
  StoreVanished      policy;
  guint64            n_known;          /* messages of the folder that had a server side */
} SyncGone;

/* Those of uids whose place may end: not where a move of ours took the message away, or will; its proof tells what became
 * of it.  NULL with error. */
ImapUidset *sync_gone_dup_ended (SyncContext        *context,
                                 const StoreFolder  *folder,
                                 const ImapUidset   *uids,
                                 GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether so many may go without asking, or a person has already said what to do.  FALSE without error: they stay as
 * they are, and the question is asked.  policy is set to what the person said. */
gboolean sync_gone_may_go     (SyncContext       *context,
                               SyncGone          *gone,
                               guint64            n_gone,
                               GError           **error);
/* A pass over the folder found nothing to ask about: a question that is still open has answered itself. */
gboolean sync_gone_settle     (SyncContext       *context,
                               const StoreFolder *folder,
                               GError           **error);
/* Puts it into the stream, by uid under the folder's present uidvalidity. */
gboolean sync_gone_put        (SyncContext       *context,
                               const SyncGone    *gone,
                               IngestStream      *stream,
                               const ImapUidset  *uids,
                               GError           **error);
/* The same for locations, of gint64: those that were not recognised after the folder was renumbered. */
gboolean sync_gone_put_places (SyncContext       *context,
                               const SyncGone    *gone,
                               IngestStream      *stream,
                               GArray            *location_ids,
                               GError           **error);
