/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/tidying.h"

#include "store/changes.h"
#include "store/drafts.h"
#include "store/objects.h"
#include "store/outbox.h"
#include "worker/lane.h"

#include <malloc.h>

#define FIRST_US (10 * 60 * G_USEC_PER_SEC)
#define THEN_US  (24 * 60 * 60 * (gint64) G_USEC_PER_SEC)

struct _WorkerTidying {
  const WorkerMeans *means;
  WorkerLane        *lane;
  gint64             next_at;
};

static gboolean
sweep_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  return store_changes_sweep (store, error) && store_outbox_sweep (store, error) && store_drafts_sweep (store, error)
         && store_objects_sweep (store, error);
}

gboolean
worker_tidying_run (Ingest        *ingest,
                    GCancellable  *cancellable,
                    GError       **error)
{
  return ingest_write_alone (ingest, sweep_work, NULL, error) && ingest_tidy (ingest, cancellable, error);
}

static void
tidy_on_lane (WorkerLane *lane,
              gpointer    data)
{
  const WorkerMeans *means = data;
  g_autoptr(GError) error = NULL;

  if (!worker_tidying_run (means->ingest, worker_lane_get_signals (lane)->cancellable, &error)
      && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_warning ("Cannot tidy up: %s", error->message);
  malloc_trim (0);
}

WorkerTidying *
worker_tidying_new (const WorkerMeans *means,
                    gint64             now_us)
{
  WorkerTidying *tidying = g_new0 (WorkerTidying, 1);

  tidying->means = means;
  tidying->lane = worker_lane_new ("tidying", NULL, NULL, NULL);
  tidying->next_at = now_us + FIRST_US;
  return tidying;
}

void
worker_tidying_stop (WorkerTidying *tidying)
{
  worker_lane_stop (tidying->lane);
}

void
worker_tidying_free (WorkerTidying *tidying)
{
  worker_lane_free (tidying->lane);
  g_free (tidying);
}

gint64
worker_tidying_get_next (WorkerTidying *tidying)
{
  return tidying->next_at;
}

void
worker_tidying_check (WorkerTidying *tidying,
                      gint64         now_us)
{
  if (now_us < tidying->next_at)
    return;
  tidying->next_at = now_us + THEN_US;
  worker_lane_push (tidying->lane, tidy_on_lane, (gpointer) tidying->means, NULL);
}
