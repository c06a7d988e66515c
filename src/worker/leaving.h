/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/leaving.h - accounts that are being removed, one after the other on a lane: asked for by a job, by
 * penfoldctl, or left over from a worker that was killed.
 *
 * Threads: the main one.
 */
#pragma once

#include "worker/jobs.h"
#include "worker/means.h"

typedef struct _WorkerLeaving WorkerLeaving;

WorkerLeaving *worker_leaving_new   (const WorkerMeans  *means,
                                     WorkerJobs         *jobs) G_GNUC_WARN_UNUSED_RESULT;
void           worker_leaving_stop  (WorkerLeaving      *leaving);
void           worker_leaving_free  (WorkerLeaving      *leaving);

/* Notes the wish of BUS_JOB_REMOVE_ACCOUNT; worker_leaving_look() takes it up.  0: error. */
guint64        worker_leaving_start (WorkerLeaving      *leaving,
                                     Store              *store,
                                     GVariant           *arguments,
                                     GError            **error);
/* Takes up what is marked as removed.  Its lanes have ended. */
void           worker_leaving_look  (WorkerLeaving      *leaving,
                                     Store              *store);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerLeaving, worker_leaving_free)
