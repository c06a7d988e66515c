/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/link.h - a signed-in IMAP connection of an account, with all that has to live as long as it.
 *
 * Threads: the one that opened it.
 */
#pragma once

#include "sync/context.h"
#include "worker/round.h"

typedef struct _WorkerLink WorkerLink;

/* Of tools: store, secrets and signals. */
WorkerLink  *worker_link_open         (const WorkerTools   *tools,
                                       const StoreAccount  *account,
                                       GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Says good-bye if it is still good. */
void         worker_link_close        (WorkerLink          *link);

/* Opens one, fetches the bodies of these messages of account, and closes it.  What cannot be had is noted in
 * summary. */
gboolean     worker_link_fetch        (const WorkerTools   *tools,
                                       const StoreAccount  *account,
                                       const gint64        *message_ids,
                                       gsize                n_messages,
                                       SyncSummary         *summary,
                                       GError             **error);

SessionImap *worker_link_peek_session (WorkerLink          *link);
SyncRemote  *worker_link_peek_remote  (WorkerLink          *link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerLink, worker_link_close)
