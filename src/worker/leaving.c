/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/leaving.h"

#include "bus/jobs.h"
#include "store/accounts.h"
#include "worker/lane.h"
#include "worker/removal.h"

struct _WorkerLeaving {
  const WorkerMeans *means;
  WorkerJobs        *jobs;
  WorkerLane        *lane;
  GHashTable        *known;              /* ids of accounts on their way out */
  GHashTable        *wanted;             /* account id -> job id */
};

typedef struct {
  WorkerLeaving *leaving;
  gint64         account_id;
  guint64        job;                    /* or 0 */
  GError        *error;
} Leave;

static void
leave_free (gpointer data)
{
  Leave *leave = data;

  g_clear_error (&leave->error);
  g_free (leave);
}

static void
on_left (gpointer owner,
         gpointer data)
{
  WorkerLeaving *leaving = owner;
  const Leave *leave = data;

  if (leave->error != NULL)
    g_warning ("Cannot remove account %" G_GINT64_FORMAT ": %s", leave->account_id, leave->error->message);
  if (leave->job != 0)
    worker_jobs_end_part (leaving->jobs, leave->job, leave->error);
  g_hash_table_remove (leaving->known, &leave->account_id);
}

static void
leave_on_lane (WorkerLane *lane,
               gpointer    data)
{
  Leave *leave = *(Leave **) data;
  const WorkerMeans *means = leave->leaving->means;
  g_autoptr(Store) store = store_open (means->data_dir, STORE_READER, &leave->error);

  *(Leave **) data = NULL;
  if (store != NULL)
    worker_removal_run (means->ingest, store, means->secrets, leave->account_id,
                        worker_lane_get_signals (lane)->cancellable, &leave->error);
  worker_means_tell (means, on_left, leave->leaving, leave, leave_free);
}

static void
drop_leave (gpointer data)
{
  g_clear_pointer ((Leave **) data, leave_free);
  g_free (data);
}

static guint64
take_job (WorkerLeaving *leaving,
          gint64         account_id)
{
  guint64 *job = g_hash_table_lookup (leaving->wanted, &account_id);
  guint64 id = job != NULL ? *job : 0;

  g_hash_table_remove (leaving->wanted, &account_id);
  if (id != 0)
    worker_jobs_set_running (leaving->jobs, id);
  return id;
}

static void
push (WorkerLeaving *leaving,
      gint64         account_id)
{
  Leave *leave = g_new0 (Leave, 1);

  leave->leaving = leaving;
  leave->account_id = account_id;
  leave->job = take_job (leaving, account_id);
  g_hash_table_add (leaving->known, g_memdup2 (&account_id, sizeof account_id));
  worker_lane_push (leaving->lane, leave_on_lane, g_memdup2 (&leave, sizeof leave), drop_leave);
}

void
worker_leaving_look (WorkerLeaving *leaving,
                     Store         *store)
{
  g_autoptr(GPtrArray) accounts = store_accounts_list (store, STORE_ACCOUNTS_ALL, NULL);

  for (guint i = 0; accounts != NULL && i < accounts->len; i++)
    {
      const StoreAccount *account = accounts->pdata[i];

      if (account->removed_at != 0 && !g_hash_table_contains (leaving->known, &account->id))
        push (leaving, account->id);
    }
}

guint64
worker_leaving_start (WorkerLeaving  *leaving,
                      Store          *store,
                      GVariant       *arguments,
                      GError        **error)
{
  gboolean keeps_mail = TRUE;
  gint64 account_id = 0;
  guint64 job;

  g_variant_lookup (arguments, BUS_KEY_KEEP_MAIL, "b", &keeps_mail);
  if (!g_variant_lookup (arguments, BUS_KEY_ACCOUNT, "x", &account_id))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "No account was named");
      return 0;
    }
  if (!worker_removal_begin (store, account_id, keeps_mail
                             ? WORKER_REMOVAL_KEEP_MAIL : WORKER_REMOVAL_DELETE_MAIL, error))
    return 0;
  job = worker_jobs_begin (leaving->jobs, BUS_JOB_REMOVE_ACCOUNT, 1);
  g_hash_table_insert (leaving->wanted, g_memdup2 (&account_id, sizeof account_id),
                       g_memdup2 (&job, sizeof job));
  return job;
}

WorkerLeaving *
worker_leaving_new (const WorkerMeans *means,
                    WorkerJobs        *jobs)
{
  WorkerLeaving *leaving = g_new0 (WorkerLeaving, 1);

  leaving->means = means;
  leaving->jobs = jobs;
  leaving->lane = worker_lane_new ("leaving", NULL, NULL, NULL);
  leaving->known = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  leaving->wanted = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  return leaving;
}

void
worker_leaving_stop (WorkerLeaving *leaving)
{
  worker_lane_stop (leaving->lane);
}

void
worker_leaving_free (WorkerLeaving *leaving)
{
  worker_lane_free (leaving->lane);
  worker_means_forget (leaving->means, leaving);
  g_hash_table_unref (leaving->known);
  g_hash_table_unref (leaving->wanted);
  g_free (leaving);
}
