/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/spool.h"

#include "store/file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct _StoreSpool {
  int     fd;
  char   *path;                          /* of the folder it lies in, for errors */
  guint64 size;
};

typedef struct {
  void  *data;
  gsize  size;
} Mapping;

static int
open_nameless (const char *dir)
{
  g_autofree char *template = NULL;
  int fd = open (dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL))
    return fd;
  /* A file system without nameless files. */
  template = g_build_filename (dir, "spool-XXXXXX", NULL);
  if ((fd = g_mkstemp_full (template, O_RDWR | O_CLOEXEC, 0600)) >= 0)
    g_unlink (template);
  return fd;
}

StoreSpool *
store_spool_new (const char  *dir,
                 GError     **error)
{
  StoreSpool *spool;
  int fd = open_nameless (dir);

  if (fd < 0)
    {
      store_file_set_error (error, "create a file in", dir);
      return NULL;
    }
  spool = g_new0 (StoreSpool, 1);
  spool->fd = fd;
  spool->path = g_strdup (dir);
  return spool;
}

void
store_spool_free (StoreSpool *spool)
{
  if (spool == NULL)
    return;
  close (spool->fd);
  g_free (spool->path);
  g_free (spool);
}

gboolean
store_spool_append (StoreSpool  *spool,
                    BaseSlice    bytes,
                    GError     **error)
{
  if (!store_file_write (spool->fd, spool->path, bytes, spool->size, error))
    return FALSE;
  spool->size += bytes.size;
  return TRUE;
}

guint64
store_spool_get_size (const StoreSpool *spool)
{
  return spool->size;
}

static void
unmap (gpointer data)
{
  Mapping *mapping = data;

  munmap (mapping->data, mapping->size);
  g_free (mapping);
}

GBytes *
store_spool_map (StoreSpool  *spool,
                 GError     **error)
{
  Mapping *mapping;
  void *data;

  if (spool->size == 0)
    return g_bytes_new (NULL, 0);
  data = mmap (NULL, spool->size, PROT_READ, MAP_SHARED, spool->fd, 0);
  if (data == MAP_FAILED)
    {
      store_file_set_error (error, "map a file in", spool->path);
      return NULL;
    }
  mapping = g_new (Mapping, 1);
  *mapping = (Mapping) { data, spool->size };
  return g_bytes_new_with_free_func (data, spool->size, unmap, mapping);
}
