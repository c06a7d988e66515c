/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/round.h - one complete round of one account: signs in, and does whatever is to be done on its
 * servers.
 *
 * The bulk lane runs it, and penfoldctl when no worker owns the store; what a round does is in sync/.  It
 * knows nothing of queues, of time-tables, or of who asked.
 *
 * Threads: the lane's, whose own the store handle is.  It blocks.
 */
#pragma once

#include "account/secrets.h"
#include "net/meter.h"
#include "net/wire.h"
#include "sync/context.h"

typedef enum {
  WORKER_SENDING_ALLOWED,
  WORKER_SENDING_STOPPED,          /* the outbox waits: a refused password is not sent again */
} WorkerSending;

/* What it works with.  Functions as in sync/context.h. */
typedef struct {
  Store            *store;         /* a reader of this thread */
  Ingest           *ingest;
  AccountSecrets   *secrets;
  const NetSignals *signals;       /* stop, cancel; NULL: none */
  SyncWhen          when;
  WorkerSending     sending;
  gboolean       (* should_yield) (gpointer data);
  gboolean       (* hold)         (gint64   folder_id,
                                   gpointer data);
  void           (* let_go)       (gint64   folder_id,
                                   gpointer data);
  void           (* progress)     (guint64  done,
                                   guint64  total,
                                   gpointer data);
  gpointer          data;
} WorkerTools;

/* What became of it.  With error set the counts are those up to there. */
typedef struct {
  gint64      account;
  SyncSummary summary;
  NetTraffic  traffic;
  guint       connections;
  double      seconds;
  GError     *error;
  GError     *sending_error;       /* of the outgoing server, which does not end the round */
} WorkerRound;

WorkerRound *worker_round_run  (const WorkerTools  *tools,
                                const StoreAccount *account) G_GNUC_WARN_UNUSED_RESULT;
void         worker_round_free (WorkerRound        *round);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerRound, worker_round_free)
