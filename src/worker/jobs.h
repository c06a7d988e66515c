/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/jobs.h - the jobs that were started: their state, what they found, and how to stop them.
 *
 * A job consists of parts, one for each account that has a share in it; it ends with its last part.  It
 * failed when one of them did.  It knows nothing of lanes, or of what is done.
 *
 * Threads: the main one; the cancellable may be watched by any.
 */
#pragma once

#include "bus/protocol.h"

typedef struct _WorkerJobs WorkerJobs;

/* Takes job: its whole state. */
typedef void (* WorkerJobsTell) (BusJob   *job,
                                 gpointer  data);

WorkerJobs   *worker_jobs_new          (WorkerJobsTell  tell,
                                        gpointer        data) G_GNUC_WARN_UNUSED_RESULT;
void          worker_jobs_free         (WorkerJobs     *jobs);

/* Queued, and told.  Without parts it is done at once.  Never 0. */
guint64       worker_jobs_begin        (WorkerJobs     *jobs,
                                        const char     *kind,
                                        guint           n_parts);
/* All of these ignore a job that has ended. */
void          worker_jobs_set_running  (WorkerJobs     *jobs,
                                        guint64         id);
void          worker_jobs_set_progress (WorkerJobs     *jobs,
                                        guint64         id,
                                        guint64         done,
                                        guint64         total);
/* value sunk; replaces what the key had. */
void          worker_jobs_set_detail   (WorkerJobs     *jobs,
                                        guint64         id,
                                        const char     *key,
                                        GVariant       *value);
/* value (a{sv}, sunk) goes to the end of the list at key (aa{sv}). */
void          worker_jobs_add_detail   (WorkerJobs     *jobs,
                                        guint64         id,
                                        const char     *key,
                                        GVariant       *value);
/* error NULL: this part is done.  G_IO_ERROR_CANCELLED cancels the job. */
void          worker_jobs_end_part     (WorkerJobs     *jobs,
                                        guint64         id,
                                        const GError   *error);
/* Ends it as cancelled, now: what is under way is told by the cancellable. */
void          worker_jobs_cancel       (WorkerJobs     *jobs,
                                        guint64         id);
gboolean      worker_jobs_is_open      (WorkerJobs     *jobs,
                                        guint64         id);
/* NULL when it has ended. */
GCancellable *worker_jobs_peek_cancellable (WorkerJobs *jobs,
                                        guint64         id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerJobs, worker_jobs_free)
