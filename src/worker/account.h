/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/account.h - one account at work: its lanes, when its next round is due, and who waits for it.
 *
 * Only complete rounds run on the bulk lane, one at a time; what asks for one while it runs makes it yield
 * and gets the next.  What a round came to is judged here, kept as rows (standing.h), and told to the jobs
 * that waited for it.
 *
 * Threads: the main one.
 */
#pragma once

#include "store/accounts.h"
#include "worker/jobs.h"
#include "worker/means.h"
#include "worker/watch.h"

typedef struct _WorkerAccount WorkerAccount;

/* Called when the time of the next round has changed. */
typedef void (* WorkerAccountMoved) (gpointer data);

/* Copies settings; the others outlive it. */
WorkerAccount      *worker_account_new           (const WorkerMeans  *means,
                                                  WorkerJobs         *jobs,
                                                  const StoreAccount *settings,
                                                  WorkerAccountMoved  moved,
                                                  gpointer            data) G_GNUC_WARN_UNUSED_RESULT;
/* Stops what runs; raise worker_account_stop() on all of them first, so that they end at the same time. */
void                worker_account_free          (WorkerAccount      *account);
void                worker_account_stop          (WorkerAccount      *account);

const StoreAccount *worker_account_peek_settings (WorkerAccount      *account);

/* job: 0, or one whose part ends with the next complete round.  The first also wakes an account that was
 * stopped. */
void                worker_account_run_for       (WorkerAccount      *account,
                                                  guint64             job);
/* Something of it waits for the server: a round soon, unless the account is stopped or waits after trouble.
 * wishes is another number whenever other things wait. */
void                worker_account_push          (WorkerAccount      *account,
                                                  guint64             wishes);
/* FALSE: its outgoing server has refused the password. */
gboolean            worker_account_may_send      (WorkerAccount      *account);
/* A job was cancelled: a round that only served it ends. */
void                worker_account_cancel_unwanted (WorkerAccount    *account);
/* Bodies that somebody waits for.  FALSE: the protocol fetches whole messages only, with its rounds. */
gboolean            worker_account_fetch         (WorkerAccount      *account,
                                                  const WorkerFetch  *fetch);
/* The world has changed: what waits after trouble is tried at once. */
void                worker_account_hurry         (WorkerAccount      *account);
/* There is a new password. */
void                worker_account_unlock        (WorkerAccount      *account);

/* base_clock_steady_us() when check() wants to be called; G_MAXINT64: never. */
gint64              worker_account_get_next      (WorkerAccount      *account);
typedef enum {
  WORKER_WISHES_NONE,
  WORKER_WISHES_SOME,                    /* something waits for the server */
} WorkerWishes;

/* Starts the round that is due, or will be soon: accounts that are looked at together wake the machine once.
 * Where nothing is wished only the list of folders is looked at, most of the time. */
void                worker_account_check         (WorkerAccount      *account,
                                                  gint64              now_us,
                                                  WorkerWishes        wishes);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerAccount, worker_account_free)
