/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

gboolean
base_files_set_error (GError     **error,
                      const char  *verb,
                      const char  *path)
{
  int saved_errno = errno;

  g_set_error (error, G_IO_ERROR, (int) g_io_error_from_errno (saved_errno), "Cannot %s %s: %s",
               verb, path, g_strerror (saved_errno));
  return FALSE;
}

gboolean
base_files_make_private_dir (const char  *path,
                             GError     **error)
{
  if (g_mkdir_with_parents (path, 0700) != 0)
    return base_files_set_error (error, "create folder", path);
  return TRUE;
}

gboolean
base_files_sync_dir (const char  *path,
                     GError     **error)
{
  int fd = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean synced = fd >= 0 && fsync (fd) == 0;

  if (!synced)
    base_files_set_error (error, "sync folder", path);
  if (fd >= 0)
    close (fd);
  return synced;
}

gboolean
base_files_pwrite_all (int          fd,
                       const void  *data,
                       gsize        size,
                       goffset      offset,
                       GError     **error)
{
  const char *rest = data;

  while (size > 0)
    {
      ssize_t written = pwrite (fd, rest, size, offset);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return base_files_set_error (error, "write", "file");
      rest += written;
      size -= (gsize) written;
      offset += written;
    }
  return TRUE;
}

gboolean
base_files_pread_all (int          fd,
                      void        *data,
                      gsize        size,
                      goffset      offset,
                      GError     **error)
{
  char *rest = data;

  while (size > 0)
    {
      ssize_t got = pread (fd, rest, size, offset);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        return base_files_set_error (error, "read", "file");
      if (got == 0)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT,
                       "File ends %" G_GSIZE_FORMAT " bytes early", size);
          return FALSE;
        }
      rest += got;
      size -= (gsize) got;
      offset += got;
    }
  return TRUE;
}

static gboolean
write_synced (const char  *path,
              const void  *data,
              gsize        size,
              GError     **error)
{
  int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  gboolean written;

  if (fd < 0)
    return base_files_set_error (error, "create", path);
  written = base_files_pwrite_all (fd, data, size, 0, error);
  if (written && fdatasync (fd) != 0)
    written = base_files_set_error (error, "sync", path);
  close (fd);
  return written;
}

gboolean
base_files_replace (const char  *path,
                    const void  *data,
                    gsize        size,
                    GError     **error)
{
  g_autofree char *beside = g_strconcat (path, ".new", NULL);
  g_autofree char *dir = g_path_get_dirname (path);

  if (!write_synced (beside, data, size, error))
    {
      g_unlink (beside);
      return FALSE;
    }
  if (g_rename (beside, path) != 0)
    return base_files_set_error (error, "replace", path);
  return base_files_sync_dir (dir, error);
}
