/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/locks.h"

#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#define INFO_MAX 4096

struct _StoreWorkerLock {
  char *path;
  int   fd;
};

/* Which locks this process holds: store_open() refuses to write without one.  A mutex, for threads of one
 * process share what flock() keeps apart only between descriptors. */
static GMutex held_mutex;
static GHashTable *held_paths;

static char *
lock_path (const char *dir)
{
  return g_build_filename (dir, "worker.lock", NULL);
}

static void
set_held (const char *path,
          gboolean    is_held)
{
  g_mutex_lock (&held_mutex);
  if (held_paths == NULL)
    held_paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (is_held)
    g_hash_table_add (held_paths, g_strdup (path));
  else
    g_hash_table_remove (held_paths, path);
  g_mutex_unlock (&held_mutex);
}

gboolean
store_worker_lock_is_ours (const char *dir)
{
  g_autofree char *path = lock_path (dir);
  gboolean is_ours;

  g_mutex_lock (&held_mutex);
  is_ours = held_paths != NULL && g_hash_table_contains (held_paths, path);
  g_mutex_unlock (&held_mutex);
  return is_ours;
}

static int
open_lock_file (const char  *path,
                GError     **error)
{
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    g_set_error (error, STORE_ERROR, errno == ENOSPC || errno == EDQUOT
                 ? STORE_ERROR_FULL : STORE_ERROR_READ_ONLY,
                 "Cannot create %s: %s", path, g_strerror (errno));
  return fd;
}

/* One write, so that a reader sees the old text or the new one; the last line tells it from a torn one. */
static gboolean
write_info (StoreWorkerLock  *lock,
            const char       *socket_path,
            const char       *version,
            GError          **error)
{
  g_autofree char *text = g_strdup_printf ("socket=%s\nversion=%s\nschema=%d\npid=%ld\nend\n",
                                           socket_path != NULL ? socket_path : "", version, STORE_SCHEMA,
                                           (long) getpid ());

  return base_files_pwrite_all (lock->fd, text, strlen (text), 0, error) &&
         (ftruncate (lock->fd, (off_t) strlen (text)) == 0
          || base_files_set_error (error, "write", lock->path));
}

StoreWorkerLock *
store_worker_lock_take (const char  *dir,
                        const char  *socket_path,
                        const char  *version,
                        GError     **error)
{
  g_autoptr(StoreWorkerLock) lock = NULL;
  g_autofree char *path = lock_path (dir);
  int fd;

  if (!base_files_make_private_dir (dir, error) || !store_locks_check_file_system (dir, error))
    return NULL;
  if ((fd = open_lock_file (path, error)) < 0)
    return NULL;
  if (flock (fd, LOCK_EX | LOCK_NB) != 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_LOCKED, "The mail in %s is in use by another Penfold",
                   dir);
      close (fd);
      return NULL;
    }
  lock = g_new0 (StoreWorkerLock, 1);
  lock->path = g_steal_pointer (&path);
  lock->fd = fd;
  set_held (lock->path, TRUE);
  if (!write_info (lock, socket_path, version, error))
    return NULL;
  return g_steal_pointer (&lock);
}

void
store_worker_lock_free (StoreWorkerLock *lock)
{
  if (lock == NULL)
    return;
  set_held (lock->path, FALSE);
  /* A worker that ended in order leaves no address; failing to say so costs a caller one refused
   * connection. */
  if (ftruncate (lock->fd, 0) != 0)
    g_debug ("Cannot clear %s: %s", lock->path, g_strerror (errno));
  close (lock->fd);
  g_free (lock->path);
  g_free (lock);
}

void
store_worker_info_free (StoreWorkerInfo *info)
{
  if (info == NULL)
    return;
  g_free (info->socket_path);
  g_free (info->version);
  g_free (info);
}

static StoreWorkerInfo *
parse_info (const char *text)
{
  g_autoptr(StoreWorkerInfo) info = g_new0 (StoreWorkerInfo, 1);
  g_auto(GStrv) lines = g_strsplit (text, "\n", 8);

  if (!g_str_has_suffix (text, "\nend\n"))
    return NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *value = strchr (lines[i], '=');

      if (g_str_has_prefix (lines[i], "socket=") && info->socket_path == NULL)
        info->socket_path = g_strdup (value + 1);
      else if (g_str_has_prefix (lines[i], "version=") && info->version == NULL)
        info->version = g_strdup (value + 1);
      else if (g_str_has_prefix (lines[i], "schema="))
        info->schema = g_ascii_strtoll (value + 1, NULL, 10);
      else if (g_str_has_prefix (lines[i], "pid="))
        info->pid = g_ascii_strtoll (value + 1, NULL, 10);
    }
  return info->socket_path != NULL && info->version != NULL ? g_steal_pointer (&info) : NULL;
}

StoreWorkerInfo *
store_worker_lock_read (const char  *dir,
                        GError     **error)
{
  g_autofree char *path = lock_path (dir);
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  char text[INFO_MAX];
  ssize_t size = fd >= 0 ? pread (fd, text, sizeof text - 1, 0) : -1;
  StoreWorkerInfo *info;

  if (fd >= 0)
    close (fd);
  text[MAX (size, 0)] = '\0';
  if (!(info = parse_info (text)))
    g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "No worker has left its address in %s", path);
  return info;
}

int
store_locks_take_store (const char     *dir,
                        StoreLockKind   kind,
                        GError        **error)
{
  g_autofree char *path = g_build_filename (dir, "store.lock", NULL);
  int fd = open_lock_file (path, error);

  if (fd < 0)
    return -1;
  if (flock (fd, (kind == STORE_LOCK_EXCLUSIVE ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0)
    return fd;
  g_set_error (error, STORE_ERROR, STORE_ERROR_BUSY, kind == STORE_LOCK_EXCLUSIVE ?
               "The mail in %s must be brought up to date, but another program has it open" :
               "The mail in %s is being brought up to date", dir);
  close (fd);
  return -1;
}

gboolean
store_locks_is_network_type (const char *type)
{
  static const char *const types[] = {
    "nfs", "nfs3", "nfs4", "cifs", "smb2", "smb3", "smbfs", "ncpfs", "afs", "coda", "ceph", "glusterfs",
    "lustre", "davfs", "fuse.sshfs", "fuse.glusterfs", "fuse.ceph-fuse", "fuse.rclone", "fuse.s3fs",
    "fuse.davfs2", "fuse.curlftpfs", "fuse.gvfsd-fuse", "fuse.smbnetfs", "fuse.moosefs", "fuse.juicefs",
    "fuse.google-drive-ocamlfuse", "fuse.onedriver",
  };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (strcmp (type, types[i]) == 0)
      return TRUE;
  return FALSE;
}

/* Finds "MAJOR:MINOR" among the mounts; the type is the first word after " - ".  NULL if it is not there
 * (btrfs). */
static char *
dup_mount_type (dev_t device)
{
  g_autofree char *wanted = g_strdup_printf (" %u:%u ", major (device), minor (device));
  g_autofree char *mounts = NULL;
  g_auto(GStrv) lines = NULL;

  if (!g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL))
    return NULL;
  lines = g_strsplit (mounts, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      const char *type = strstr (lines[i], " - ");

      if (type != NULL && strstr (lines[i], wanted) != NULL)
        return g_strndup (type + 3, strcspn (type + 3, " "));
    }
  return NULL;
}

static const char *
name_of_magic (unsigned long magic)
{
  switch (magic)
    {
    case NFS_SUPER_MAGIC:  return "nfs";
    case SMB_SUPER_MAGIC:  return "smbfs";
    case CIFS_SUPER_MAGIC: return "cifs";
    case SMB2_SUPER_MAGIC: return "smb2";
    case CODA_SUPER_MAGIC: return "coda";
    case AFS_SUPER_MAGIC:
    case AFS_FS_MAGIC:     return "afs";
    case CEPH_SUPER_MAGIC: return "ceph";
    default:               return NULL;
    }
}

gboolean
store_locks_check_file_system (const char  *dir,
                               GError     **error)
{
  g_autofree char *type = NULL;
  struct statfs fs;
  struct stat st;

  if (statfs (dir, &fs) != 0 || stat (dir, &st) != 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "Cannot look at folder %s: %s", dir,
                   g_strerror (errno));
      return FALSE;
    }
  type = g_strdup (name_of_magic ((unsigned long) (guint32) fs.f_type));
  if (type == NULL && (guint32) fs.f_type == FUSE_SUPER_MAGIC)
    type = dup_mount_type (st.st_dev);
  if (type == NULL || !store_locks_is_network_type (type))
    return TRUE;
  g_set_error (error, STORE_ERROR, STORE_ERROR_NETWORK_FILE_SYSTEM,
               "Penfold cannot keep mail in %s: it is on a network file system (%s), where several programs "
               "cannot "
               "safely share a database. Choose a folder on a disk of this computer", dir, type);
  return FALSE;
}
