/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/importing.h"

#include "bus/jobs.h"
#include "worker/import.h"

struct _WorkerImporting {
  const WorkerMeans *means;
  WorkerJobs        *jobs;
  GPtrArray         *takings;      /* of Taking */
};

/* One job.  Its thread touches nothing else. */
typedef struct {
  WorkerImporting *importing;
  guint64          job;
  GCancellable    *cancellable;
  GThread         *thread;
  char            *path;
  gint64           folder_id;
  guint64          n_messages;
  GPtrArray       *failed;
  GError          *error;
} Taking;

static void
taking_free (gpointer data)
{
  Taking *taking = data;

  if (taking->thread != NULL)
    g_thread_join (taking->thread);
  g_clear_object (&taking->cancellable);
  g_free (taking->path);
  g_ptr_array_unref (taking->failed);
  g_clear_error (&taking->error);
  g_free (taking);
}

WorkerImporting *
worker_importing_new (const WorkerMeans *means,
                      WorkerJobs        *jobs)
{
  WorkerImporting *importing = g_new0 (WorkerImporting, 1);

  importing->means = means;
  importing->jobs = jobs;
  importing->takings = g_ptr_array_new_with_free_func (taking_free);
  return importing;
}

void
worker_importing_free (WorkerImporting *importing)
{
  for (guint i = 0; i < importing->takings->len; i++)
    g_cancellable_cancel (((Taking *) importing->takings->pdata[i])->cancellable);
  g_ptr_array_unref (importing->takings);
  worker_means_forget (importing->means, importing);
  g_free (importing);
}

/* On the main thread, as the thread's last word. */
static void
take_end (gpointer owner,
          gpointer data)
{
  WorkerImporting *importing = owner;
  Taking *taking = data;
  GVariantBuilder failed;

  g_variant_builder_init (&failed, G_VARIANT_TYPE ("as"));
  for (guint i = 0; i < taking->failed->len; i++)
    g_variant_builder_add (&failed, "s", taking->failed->pdata[i]);
  worker_jobs_set_detail (importing->jobs, taking->job, BUS_KEY_FAILED, g_variant_builder_end (&failed));
  worker_jobs_set_detail (importing->jobs, taking->job, BUS_KEY_IMPORTED,
                          g_variant_new_uint64 (taking->n_messages));
  worker_jobs_end_part (importing->jobs, taking->job, taking->error);
  g_ptr_array_remove_fast (importing->takings, taking);
}

static gpointer
run (gpointer data)
{
  Taking *taking = data;
  const WorkerMeans *means = taking->importing->means;
  WorkerImport import = {
    .ingest = means->ingest, .folder_id = taking->folder_id, .cancellable = taking->cancellable,
              .failed = taking->failed,
  };
  g_autoptr(Store) store = store_open (means->data_dir, STORE_READER, &taking->error);

  import.store = store;
  if (store != NULL)
    worker_import_run (&import, taking->path, &taking->error);
  taking->n_messages = import.n_messages;
  worker_means_tell (means, take_end, taking->importing, taking, NULL);
  return NULL;
}

guint64
worker_importing_start (WorkerImporting  *importing,
                        GVariant         *arguments,
                        GError          **error)
{
  const char *path = NULL;
  gint64 folder_id = 0;
  Taking *taking;

  if (!g_variant_lookup (arguments, BUS_KEY_PATH, "^&ay", &path) || !g_path_is_absolute (path)
      || !g_variant_lookup (arguments, BUS_KEY_FOLDER, "x", &folder_id))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                           "An import needs a whole path and a folder");
      return 0;
    }
  taking = g_new0 (Taking, 1);
  taking->importing = importing;
  taking->path = g_strdup (path);
  taking->folder_id = folder_id;
  taking->failed = g_ptr_array_new_with_free_func (g_free);
  taking->job = worker_jobs_begin (importing->jobs, BUS_JOB_IMPORT, 1);
  taking->cancellable = g_object_ref (worker_jobs_peek_cancellable (importing->jobs, taking->job));
  worker_jobs_set_running (importing->jobs, taking->job);
  g_ptr_array_add (importing->takings, taking);
  taking->thread = g_thread_new ("import", run, taking);
  return taking->job;
}
