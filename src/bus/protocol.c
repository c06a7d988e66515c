/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bus/protocol.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.h"

G_DEFINE_QUARK (penfold-bus-error, bus_error)

#define LOCK_FILE        "worker.lock"       /* written by store/locks.c */
#define LOCK_KEY         "socket="
#define HASH_CHARACTERS  20                  /* 80 bits of the path's SHA-256 */

static const char * const job_states[] = {
  [BUS_JOB_QUEUED] = "queued",
  [BUS_JOB_RUNNING] = "running",
  [BUS_JOB_DONE] = "done",
  [BUS_JOB_FAILED] = "failed",
  [BUS_JOB_CANCELLED] = "cancelled",
};

const char *
bus_job_state_name (BusJobState state)
{
  return job_states[state];
}

gboolean
bus_job_state_parse (const char  *name,
                     BusJobState *state)
{
  for (guint i = 0; i < G_N_ELEMENTS (job_states); i++)
    if (g_str_equal (name, job_states[i]))
      {
        *state = i;
        return TRUE;
      }
  return FALSE;
}

gboolean
bus_job_state_is_end (BusJobState state)
{
  switch (state)
    {
    case BUS_JOB_QUEUED:
    case BUS_JOB_RUNNING:
      return FALSE;
    case BUS_JOB_DONE:
    case BUS_JOB_FAILED:
    case BUS_JOB_CANCELLED:
      return TRUE;
    }
  g_assert_not_reached ();
}

BusJob *
bus_job_new (guint64      id,
             const char  *kind,
             BusJobState  state,
             guint64      done,
             guint64      total,
             GVariant    *details)
{
  BusJob *job = g_new0 (BusJob, 1);

  if (details == NULL)
    details = g_variant_new ("a{sv}", NULL);
  job->id = id;
  job->kind = g_strdup (kind);
  job->state = state;
  job->done = done;
  job->total = total;
  job->details = g_variant_ref_sink (details);
  return job;
}

void
bus_job_free (BusJob *job)
{
  g_free (job->kind);
  g_variant_unref (job->details);
  g_free (job);
}

/* Dotted numbers; what follows them ("-rc1") does not count. */
static int
compare_versions (const char *a,
                  const char *b)
{
  while (g_ascii_isdigit (*a) || g_ascii_isdigit (*b))
    {
      char *a_end, *b_end;
      guint64 x = g_ascii_strtoull (a, &a_end, 10);
      guint64 y = g_ascii_strtoull (b, &b_end, 10);

      if (x != y)
        return x < y ? -1 : 1;
      a = *a_end == '.' ? a_end + 1 : a_end;
      b = *b_end == '.' ? b_end + 1 : b_end;
    }
  return 0;
}

BusPeer
bus_hello_compare (const BusHello *mine,
                   const BusHello *theirs)
{
  if (theirs->protocol > mine->protocol || theirs->schema > mine->schema)
    return BUS_PEER_NEWER;
  if (theirs->protocol < mine->protocol || theirs->schema < mine->schema)
    return BUS_PEER_OLDER;
  return compare_versions (theirs->version, mine->version) < 0 ? BUS_PEER_OUTDATED : BUS_PEER_SAME;
}

/* Only a directory of our own that nobody else can enter: in /tmp somebody may have made one of that name
 * before. */
static gboolean
is_private_dir (const char *path)
{
  struct stat info;

  return lstat (path, &info) == 0 && S_ISDIR (info.st_mode) && info.st_uid == geteuid ()
    && (info.st_mode & 077) == 0;
}

static char *
dup_private_dir_in_tmp (GError **error)
{
  g_autofree char *dir = g_strdup_printf ("/tmp/penfold-%u", (guint) geteuid ());
  g_autofree char *template = g_strdup_printf ("/tmp/penfold-%u-XXXXXX", (guint) geteuid ());

  if (mkdir (dir, 0700) == 0 || is_private_dir (dir))
    return g_steal_pointer (&dir);
  if (mkdtemp (template) != NULL)
    return g_steal_pointer (&template);
  base_files_set_error (error, "create folder", template);
  return NULL;
}

/* $XDG_RUNTIME_DIR itself is the session's to make; GLib's own fallback, the cache directory, is no place for
 * a socket. */
static char *
dup_private_dir_of_session (void)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  g_autofree char *dir = NULL;

  if (runtime == NULL || !g_path_is_absolute (runtime))
    return NULL;
  dir = g_build_filename (runtime, "penfold", NULL);
  if (strlen (dir) + 1 + HASH_CHARACTERS > BUS_SOCKET_PATH_MAX)
    return NULL;
  if (mkdir (dir, 0700) != 0 && errno != EEXIST)
    return NULL;
  return is_private_dir (dir) ? g_steal_pointer (&dir) : NULL;
}

char *
bus_socket_path_new (const char  *data_dir,
                     GError     **error)
{
  g_autofree char *dir = dup_private_dir_of_session ();
  g_autofree char *hash = NULL;
  char *real = realpath (data_dir, NULL);

  if (real == NULL)
    {
      base_files_set_error (error, "find folder", data_dir);
      return NULL;
    }
  hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, real, -1);
  hash[HASH_CHARACTERS] = '\0';
  free (real);

  if (dir == NULL && (dir = dup_private_dir_in_tmp (error)) == NULL)
    return NULL;
  return g_build_filename (dir, hash, NULL);
}

char *
bus_socket_path_read (const char *data_dir)
{
  g_autofree char *file = g_build_filename (data_dir, LOCK_FILE, NULL);
  g_autofree char *text = NULL;
  const char *path;
  char *end;

  if (!g_file_get_contents (file, &text, NULL, NULL) || !g_str_has_prefix (text, LOCK_KEY))
    return NULL;
  path = text + strlen (LOCK_KEY);
  if ((end = strchr (text, '\n')) == NULL)           /* still being written */
    return NULL;
  *end = '\0';
  if (!g_path_is_absolute (path) || strlen (path) > BUS_SOCKET_PATH_MAX)
    return NULL;
  return g_strdup (path);
}
