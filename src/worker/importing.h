/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/importing.h - the jobs that take mail out of files (import.h), each on a thread of its own.
 *
 * Threads: the main one.
 */
#pragma once

#include "worker/jobs.h"
#include "worker/means.h"

typedef struct _WorkerImporting WorkerImporting;

/* means and jobs must outlive it, and so must the ingest. */
WorkerImporting *worker_importing_new   (const WorkerMeans *means,
                                         WorkerJobs        *jobs) G_GNUC_WARN_UNUSED_RESULT;
/* Cancels what runs and waits for it. */
void             worker_importing_free  (WorkerImporting   *importing);

/* BUS_JOB_IMPORT, as bus/jobs.h has it.  0 with error: the arguments make no sense. */
guint64          worker_importing_start (WorkerImporting   *importing,
                                         GVariant          *arguments,
                                         GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerImporting, worker_importing_free)
