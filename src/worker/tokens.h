/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/tokens.h - one token for each folder of an account: who passes over a folder holds it, so that two
 * lanes never write one folder's state.
 *
 * Bodies need none.  Nobody holds two at once.
 *
 * Threads: any; the lock guards only who holds what.
 */
#pragma once

#include <gio/gio.h>

typedef struct _WorkerTokens WorkerTokens;

WorkerTokens *worker_tokens_new       (void) G_GNUC_WARN_UNUSED_RESULT;
void          worker_tokens_free      (WorkerTokens *tokens);
/* Waits for it.  FALSE: cancelled. */
gboolean      worker_tokens_hold      (WorkerTokens *tokens,
                                       gint64        folder_id,
                                       GCancellable *cancellable);
void          worker_tokens_let_go    (WorkerTokens *tokens,
                                       gint64        folder_id);
/* Somebody waits for a token: whoever holds one for long yields. */
gboolean      worker_tokens_is_wanted (WorkerTokens *tokens);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerTokens, worker_tokens_free)
