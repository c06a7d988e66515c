/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

static char *
reserve_path (const char *dir)
{
  return g_build_filename (dir, "reserve", NULL);
}

gboolean
store_reserve_is_spent (const char *dir)
{
  g_autofree char *path = reserve_path (dir);
  struct stat st;

  return stat (path, &st) != 0 || st.st_size < STORE_RESERVE_SIZE;
}

static gboolean
set_full (GError     **error,
          const char  *dir)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_FULL, "The disk with %s is almost full", dir);
  return FALSE;
}

/* Written, not only sized: a hole would hold nothing back.  Zeros, where the file system cannot allocate. */
static int
allocate (int fd)
{
  int code = posix_fallocate (fd, 0, STORE_RESERVE_SIZE);

  return code == 0 && fdatasync (fd) != 0 ? errno : code;
}

gboolean
store_reserve_make (const char  *dir,
                    GError     **error)
{
  g_autofree char *path = reserve_path (dir);
  struct statvfs fs;
  int fd, code;

  if (!store_reserve_is_spent (dir))
    return TRUE;
  if (statvfs (dir, &fs) == 0 && fs.f_bavail * fs.f_frsize < STORE_RESERVE_SIZE + STORE_RESERVE_MARGIN)
    return set_full (error, dir);
  if ((fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "Cannot create %s: %s", path, g_strerror (errno));
      return FALSE;
    }
  code = allocate (fd);
  close (fd);
  if (code == 0)
    return TRUE;
  g_unlink (path);
  if (code == ENOSPC || code == EDQUOT || code == EFBIG)
    return set_full (error, dir);
  g_set_error (error, STORE_ERROR, STORE_ERROR_FAILED, "Cannot write %s: %s", path, g_strerror (code));
  return FALSE;
}

void
store_reserve_free (const char *dir)
{
  g_autofree char *path = reserve_path (dir);

  if (g_unlink (path) == 0)
    g_message ("The disk is full: the reserve in %s was freed", dir);
}
