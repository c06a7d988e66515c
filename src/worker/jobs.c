/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/jobs.h"

#include "bus/jobs.h"
#include "worker/judge.h"

typedef struct {
  guint64       id;
  char         *kind;
  BusJobState   state;
  guint64       done;
  guint64       total;
  GHashTable   *details;        /* key -> GVariant */
  guint         n_parts;        /* that have not ended */
  gboolean      has_failed;
  GCancellable *cancellable;
} Job;

struct _WorkerJobs {
  GHashTable     *open;         /* of Job */
  guint64         last_id;
  WorkerJobsTell  tell;
  gpointer        data;
};

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->kind);
  g_hash_table_unref (job->details);
  g_object_unref (job->cancellable);
  g_free (job);
}

WorkerJobs *
worker_jobs_new (WorkerJobsTell tell,
                 gpointer       data)
{
  WorkerJobs *jobs = g_new0 (WorkerJobs, 1);

  jobs->open = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, job_free);
  jobs->tell = tell;
  jobs->data = data;
  return jobs;
}

void
worker_jobs_free (WorkerJobs *jobs)
{
  g_hash_table_unref (jobs->open);
  g_free (jobs);
}

static Job *
find (WorkerJobs *jobs,
      guint64     id)
{
  return g_hash_table_lookup (jobs->open, &id);
}

static GVariant *
make_details (const Job *job)
{
  GHashTableIter iter;
  gpointer key, value;
  GVariantDict dict;

  g_variant_dict_init (&dict, NULL);
  g_hash_table_iter_init (&iter, job->details);
  while (g_hash_table_iter_next (&iter, &key, &value))
    g_variant_dict_insert_value (&dict, key, value);
  return g_variant_dict_end (&dict);
}

static void
tell (WorkerJobs *jobs,
      const Job  *job)
{
  jobs->tell (bus_job_new (job->id, job->kind, job->state, job->done, job->total, make_details (job)),
              jobs->data);
}

/* The one setter of a job's state. */
static void
set_state (WorkerJobs  *jobs,
           Job         *job,
           BusJobState  state)
{
  g_debug ("Job %" G_GUINT64_FORMAT " (%s): %s", job->id, job->kind, bus_job_state_name (state));
  job->state = state;
  tell (jobs, job);
  if (bus_job_state_is_end (state))
    g_hash_table_remove (jobs->open, &job->id);
}

guint64
worker_jobs_begin (WorkerJobs *jobs,
                   const char *kind,
                   guint       n_parts)
{
  Job *job = g_new0 (Job, 1);
  guint64 id = ++jobs->last_id;

  job->id = id;
  job->kind = g_strdup (kind);
  job->details = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_variant_unref);
  job->n_parts = n_parts;
  job->cancellable = g_cancellable_new ();
  g_hash_table_insert (jobs->open, &job->id, job);
  set_state (jobs, job, n_parts > 0 ? BUS_JOB_QUEUED : BUS_JOB_DONE);
  return id;
}

void
worker_jobs_set_running (WorkerJobs *jobs,
                         guint64     id)
{
  Job *job = find (jobs, id);

  if (job != NULL && job->state == BUS_JOB_QUEUED)
    set_state (jobs, job, BUS_JOB_RUNNING);
}

void
worker_jobs_set_progress (WorkerJobs *jobs,
                          guint64     id,
                          guint64     done,
                          guint64     total)
{
  Job *job = find (jobs, id);

  if (job == NULL)
    return;
  job->done = done;
  job->total = total;
  tell (jobs, job);
}

void
worker_jobs_set_detail (WorkerJobs *jobs,
                        guint64     id,
                        const char *key,
                        GVariant   *value)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (value);
  Job *job = find (jobs, id);

  if (job == NULL)
    return;
  g_hash_table_insert (job->details, g_strdup (key), g_steal_pointer (&sunk));
  tell (jobs, job);
}

void
worker_jobs_add_detail (WorkerJobs *jobs,
                        guint64     id,
                        const char *key,
                        GVariant   *value)
{
  g_autoptr(GVariant) sunk = g_variant_ref_sink (value);
  Job *job = find (jobs, id);
  GVariant *before = job != NULL ? g_hash_table_lookup (job->details, key) : NULL;
  GVariantBuilder builder;

  if (job == NULL)
    return;
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (gsize i = 0; before != NULL && i < g_variant_n_children (before); i++)
    {
      g_autoptr(GVariant) child = g_variant_get_child_value (before, i);

      g_variant_builder_add_value (&builder, child);
    }
  g_variant_builder_add_value (&builder, sunk);
  worker_jobs_set_detail (jobs, id, key, g_variant_builder_end (&builder));
}

/* The first one's; what happened in the other parts is told by what they left in the details. */
static void
note_failure (Job          *job,
              const GError *error)
{
  const char *words = worker_judge_peek_words (error);

  if (job->has_failed)
    return;
  job->has_failed = TRUE;
  g_hash_table_insert (job->details, g_strdup (BUS_KEY_TEXT),
                       g_variant_ref_sink (g_variant_new_string (error->message)));
  if (words != NULL)
    g_hash_table_insert (job->details, g_strdup (BUS_KEY_WORDS),
                         g_variant_ref_sink (g_variant_new_string (words)));
}

void
worker_jobs_end_part (WorkerJobs   *jobs,
                      guint64       id,
                      const GError *error)
{
  Job *job = find (jobs, id);

  if (job == NULL)
    return;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      worker_jobs_cancel (jobs, id);
      return;
    }
  if (error != NULL)
    note_failure (job, error);
  if (--job->n_parts == 0)
    set_state (jobs, job, job->has_failed ? BUS_JOB_FAILED : BUS_JOB_DONE);
}

void
worker_jobs_cancel (WorkerJobs *jobs,
                    guint64     id)
{
  Job *job = find (jobs, id);
  g_autoptr(GCancellable) cancellable = NULL;

  if (job == NULL)
    return;
  cancellable = g_object_ref (job->cancellable);
  set_state (jobs, job, BUS_JOB_CANCELLED);
  g_cancellable_cancel (cancellable);
}

gboolean
worker_jobs_is_open (WorkerJobs *jobs,
                     guint64     id)
{
  return find (jobs, id) != NULL;
}

GCancellable *
worker_jobs_peek_cancellable (WorkerJobs *jobs,
                              guint64     id)
{
  Job *job = find (jobs, id);

  return job != NULL ? job->cancellable : NULL;
}
