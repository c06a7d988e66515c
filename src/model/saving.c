/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/saving.h"

#include "base/clock.h"
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAMES_MAX    10000             /* tried before giving up on "plan (2).pdf" */
#define COPY_DAYS    1
#define DAY_S        (24 * 60 * 60)

/* --- one file --- */

typedef struct {
  int            fd;
  const char    *path;
  GCancellable  *cancellable;
} Sink;

static gboolean
write_piece (BaseSlice   piece,
             gpointer    data,
             GError    **error)
{
  Sink *sink = data;
  gsize done = 0;

  if (g_cancellable_set_error_if_cancelled (sink->cancellable, error))
    return FALSE;
  while (done < piece.size)
    {
      gssize n = write (sink->fd, piece.data + done, piece.size - done);

      if (n < 0 && errno != EINTR)
        return base_files_set_error (error, "write", sink->path);
      done += n > 0 ? (gsize) n : 0;
    }
  return TRUE;
}

static gboolean
write_part (ModelReading  *reading,
            guint          part,
            Sink          *sink,
            GError       **error)
{
  if (part == MODEL_SAVING_MESSAGE)
    return write_piece (base_slice_from_bytes (model_reading_peek_bytes (reading)), sink, error);
  return mime_tree_write_part (model_reading_peek_tree (reading), part, write_piece, sink, error);
}

/* The name is hidden and unlike any other until the file is whole. */
static char *
write_beside (ModelReading  *reading,
              guint          part,
              const char    *path,
              GCancellable  *cancellable,
              GError       **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *beside = g_build_filename (folder, ".penfold-XXXXXX", NULL);
  Sink sink = { g_mkstemp_full (beside, O_RDWR | O_CLOEXEC, 0666), path, cancellable };
  gboolean is_written;

  if (sink.fd < 0)
    {
      base_files_set_error (error, "write", path);
      return NULL;
    }
  is_written = write_part (reading, part, &sink, error);
  if (is_written && fsync (sink.fd) != 0)
    is_written = base_files_set_error (error, "write", path);
  close (sink.fd);
  if (is_written)
    return g_steal_pointer (&beside);
  g_unlink (beside);
  return NULL;
}

static gboolean
save_over (ModelReading  *reading,
           guint          part,
           const char    *path,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autofree char *beside = write_beside (reading, part, path, cancellable, error);

  if (beside == NULL)
    return FALSE;
  if (g_rename (beside, path) == 0)
    return TRUE;
  base_files_set_error (error, "write", path);
  g_unlink (beside);
  return FALSE;
}

/* --- names --- */

static char *
dup_numbered (const char *name,
              guint       number)
{
  const char *dot = strrchr (name, '.');
  int length = dot != NULL && dot != name ? (int) (dot - name) : (int) strlen (name);

  if (number < 2)
    return g_strdup (name);
  return g_strdup_printf ("%.*s (%u)%s", length, name, number, name + length);
}

/* Takes the name by an empty file, so that whoever comes between finds it taken. */
static char *
reserve_name (const char  *folder,
              const char  *name,
              GError     **error)
{
  for (guint number = 1; number < NAMES_MAX; number++)
    {
      g_autofree char *numbered = dup_numbered (name, number);
      g_autofree char *path = g_build_filename (folder, numbered, NULL);
      int fd = g_open (path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);

      if (fd >= 0)
        {
          close (fd);
          return g_steal_pointer (&path);
        }
      if (errno == EEXIST)
        continue;
      base_files_set_error (error, "write", path);
      return NULL;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, _("There are too many files named %s"), name);
  return NULL;
}

char *
model_saving_dup_name (ModelReading *reading)
{
  const char *subject = model_reading_peek (reading)->subject;
  g_autofree char *wanted = g_strconcat (*subject != '\0' ? subject : "message", ".eml", NULL);

  return mime_filename_make_safe (wanted, "message.eml");
}

/* --- jobs --- */

typedef struct {
  guint  part;
  char  *path;
  char  *name;
} Job;

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->path);
  g_free (job->name);
  g_free (job);
}

static void
start (ModelReading        *reading,
       guint                part,
       GFile               *file,
       const char          *name,
       GTaskThreadFunc      work,
       GCancellable        *cancellable,
       GAsyncReadyCallback  callback,
       gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (reading, cancellable, callback, user_data);
  Job *job = g_new0 (Job, 1);

  job->part = part;
  job->path = file != NULL ? g_file_get_path (file) : NULL;
  job->name = g_strdup (name);
  g_task_set_task_data (task, job, job_free);
  if (file != NULL && job->path == NULL)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                             _("This place is not a folder on this computer"));
  else
    g_task_run_in_thread (task, work);
}

static void
save_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  Job *job = data;
  GError *error = NULL;

  if (save_over (MODEL_READING (source), job->part, job->path, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
model_saving_save_async (ModelReading        *reading,
                         guint                part,
                         GFile               *file,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  start (reading, part, file, NULL, save_thread, cancellable, callback, user_data);
}

gboolean
model_saving_save_finish (ModelReading  *reading,
                          GAsyncResult  *result,
                          GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* --- all of them --- */

static gboolean
save_beside (ModelReading           *reading,
             const ModelAttachment  *attachment,
             const char             *folder,
             GCancellable           *cancellable,
             GError                **error)
{
  g_autofree char *path = reserve_name (folder, attachment->name, error);

  if (path == NULL)
    return FALSE;
  if (save_over (reading, attachment->part, path, cancellable, error))
    return TRUE;
  g_unlink (path);
  return FALSE;
}

static void
all_thread (GTask        *task,
            gpointer      source,
            gpointer      data,
            GCancellable *cancellable)
{
  ModelReading *reading = MODEL_READING (source);
  GPtrArray *attachments = model_reading_peek (reading)->attachments;
  Job *job = data;
  GError *error = NULL;

  for (guint i = 0; i < attachments->len; i++)
    if (!save_beside (reading, attachments->pdata[i], job->path, cancellable, &error))
      {
        g_task_return_error (task, error);
        return;
      }
  g_task_return_int (task, attachments->len);
}

void
model_saving_all_async (ModelReading        *reading,
                        GFile               *folder,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  start (reading, 0, folder, NULL, all_thread, cancellable, callback, user_data);
}

int
model_saving_all_finish (ModelReading  *reading,
                         GAsyncResult  *result,
                         GError       **error)
{
  return (int) g_task_propagate_int (G_TASK (result), error);
}

/* --- copies to open --- */

static void
remove_folder (const char *path)
{
  g_autoptr(GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, name, NULL);

      g_unlink (file);
    }
  g_rmdir (path);
}

static void
remove_old_copies (const char *opened)
{
  g_autoptr(GDir) dir = g_dir_open (opened, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (opened, name, NULL);
      GStatBuf status;

      if (g_lstat (path, &status) == 0 && S_ISDIR (status.st_mode)
          && status.st_mtime < base_clock_now () - COPY_DAYS * DAY_S)
        remove_folder (path);
    }
}

static GFile *
make_copy (ModelReading  *reading,
           const Job     *job,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autofree char *opened = g_build_filename (g_get_user_cache_dir (), "penfold", "opened", NULL);
  g_autofree char *folder = g_build_filename (opened, "XXXXXX", NULL);
  g_autofree char *path = NULL;

  if (!base_files_make_private_dir (opened, error))
    return NULL;
  remove_old_copies (opened);
  if (g_mkdtemp_full (folder, 0700) == NULL)
    {
      base_files_set_error (error, "write", folder);
      return NULL;
    }
  path = g_build_filename (folder, job->name, NULL);
  if (!save_over (reading, job->part, path, cancellable, error))
    {
      g_rmdir (folder);
      return NULL;
    }
  g_chmod (path, 0400);
  return g_file_new_for_path (path);
}

static void
copy_thread (GTask        *task,
             gpointer      source,
             gpointer      data,
             GCancellable *cancellable)
{
  GError *error = NULL;
  GFile *copy = make_copy (MODEL_READING (source), data, cancellable, &error);

  if (copy != NULL)
    g_task_return_pointer (task, copy, g_object_unref);
  else
    g_task_return_error (task, error);
}

void
model_saving_copy_async (ModelReading          *reading,
                         const ModelAttachment *attachment,
                         GCancellable          *cancellable,
                         GAsyncReadyCallback    callback,
                         gpointer               user_data)
{
  start (reading, attachment->part, NULL, attachment->name, copy_thread, cancellable, callback, user_data);
}

GFile *
model_saving_copy_finish (ModelReading  *reading,
                          GAsyncResult  *result,
                          GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
