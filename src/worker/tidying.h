/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/tidying.h - what nobody waits for: old memories go, purged mail and the room it took; ten minutes
 * after the start, then once a day.
 *
 * Threads: the main one; the work is done on a lane of its own.
 */
#pragma once

#include "worker/means.h"

typedef struct _WorkerTidying WorkerTidying;

WorkerTidying *worker_tidying_new      (const WorkerMeans *means,
                                        gint64             now_us) G_GNUC_WARN_UNUSED_RESULT;
void           worker_tidying_stop     (WorkerTidying     *tidying);
void           worker_tidying_free     (WorkerTidying     *tidying);

/* base_clock_steady_us() when check() wants to be called. */
gint64         worker_tidying_get_next (WorkerTidying     *tidying);
void           worker_tidying_check    (WorkerTidying     *tidying,
                                        gint64             now_us);

/* All of it at once; blocks. */
gboolean       worker_tidying_run      (Ingest            *ingest,
                                        GCancellable      *cancellable,
                                        GError           **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerTidying, worker_tidying_free)
