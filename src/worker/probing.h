/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/probing.h - the jobs that a new account needs: looking for servers, and trying a sign-in.
 *
 * Each runs on a thread of its own, needs no account in the store and touches none.
 *
 * Threads: the main one.
 */
#pragma once

#include "worker/jobs.h"
#include "worker/means.h"

typedef struct _WorkerProbing WorkerProbing;

/* means and jobs must outlive it. */
WorkerProbing *worker_probing_new         (const WorkerMeans *means,
                                           WorkerJobs        *jobs) G_GNUC_WARN_UNUSED_RESULT;
/* Cancels what runs and waits for it. */
void           worker_probing_free        (WorkerProbing     *probing);

/* BUS_JOB_FIND and BUS_JOB_CHECK, as bus/jobs.h has them.  0 with error: the arguments make no sense. */
guint64        worker_probing_start_find  (WorkerProbing     *probing,
                                           GVariant          *arguments,
                                           GError           **error);
guint64        worker_probing_start_check (WorkerProbing     *probing,
                                           GVariant          *arguments,
                                           GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerProbing, worker_probing_free)
