/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/removal.h - takes an account out of the store: its mail goes to On This Computer or goes, then its
 * folders, its wishes and unsent mail, its secrets, and at last its settings.
 *
 * Nothing is done on its servers.  Mail of which only the header is here stays where it is, on the server.
 * Unsent mail becomes drafts again.  It works in short transactions and may be interrupted and repeated at
 * any point: what is wished is noted with the account first.
 *
 * Threads: any but the writer's; run() blocks.  Errors: STORE_ERROR, ACCOUNT_ERROR, G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "account/secrets.h"
#include "ingest/ingest.h"

typedef enum {
  WORKER_REMOVAL_KEEP_MAIL,
  WORKER_REMOVAL_DELETE_MAIL,
} WorkerRemoval;

/* Notes the wish; from here on nothing of the account syncs. */
gboolean worker_removal_begin (Store           *store,
                               gint64           account_id,
                               WorkerRemoval    how,
                               GError         **error);
/* Does what was begun.  No lane of the account runs any more. */
gboolean worker_removal_run   (Ingest          *ingest,
                               Store           *store,         /* a reader of this thread */
                               AccountSecrets  *secrets,
                               gint64           account_id,
                               GCancellable    *cancellable,   /* or NULL */
                               GError         **error);
