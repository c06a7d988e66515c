/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/file.h"

#include <errno.h>
#include <unistd.h>

static StoreError
judge_errno (int reason)
{
  switch (reason)
    {
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return STORE_ERROR_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
      return STORE_ERROR_READ_ONLY;
    case ENOENT:
      return STORE_ERROR_NOT_FOUND;
    default:
      return STORE_ERROR_FAILED;
    }
}

gboolean
store_file_set_error (GError     **error,
                      const char  *verb,
                      const char  *path)
{
  int reason = errno;
  StoreError code = judge_errno (reason);

  g_set_error (error, STORE_ERROR, (int) code, "Cannot %s %s: %s", verb, path,
               code == STORE_ERROR_FULL ? "the disk is full" : g_strerror (reason));
  return FALSE;
}

gboolean
store_file_write (int          fd,
                  const char  *path,
                  BaseSlice    bytes,
                  guint64      offset,
                  GError     **error)
{
  while (bytes.size > 0)
    {
      ssize_t written = pwrite (fd, bytes.data, bytes.size, (off_t) offset);

      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        return store_file_set_error (error, "write", path);
      bytes = base_slice_sub (bytes, (gsize) written, bytes.size);
      offset += (guint64) written;
    }
  return TRUE;
}
