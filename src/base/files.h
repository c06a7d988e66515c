/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/files.h - the few file operations whose durability matters, each with its sync.
 *
 * It knows nothing of what the files hold.
 * Threads: any.  Errors: G_IO_ERROR by errno, the text names the file.
 */
#pragma once

#include <gio/gio.h>

/* Makes path and its missing parents, each 0700.  An existing directory is left as it is. */
gboolean base_files_make_private_dir (const char  *path,
                                      GError     **error);
/* Syncs the directory itself, so that names created or renamed in it survive a power cut. */
gboolean base_files_sync_dir         (const char  *path,
                                      GError     **error);
/* Replaces path by data, mode 0600: written beside it, synced, renamed, directory synced. */
gboolean base_files_replace          (const char  *path,
                                      const void  *data,
                                      gsize        size,
                                      GError     **error);
/* Writes all of data at offset of fd, or fails. */
gboolean base_files_pwrite_all       (int          fd,
                                      const void  *data,
                                      gsize        size,
                                      goffset      offset,
                                      GError     **error);
/* Reads exactly size bytes at offset of fd; fewer is G_IO_ERROR_PARTIAL_INPUT. */
gboolean base_files_pread_all        (int          fd,
                                      void        *data,
                                      gsize        size,
                                      goffset      offset,
                                      GError     **error);
/* Sets error from errno: "Cannot VERB PATH: reason".  Always returns FALSE. */
gboolean base_files_set_error        (GError     **error,
                                      const char  *verb,
                                      const char  *path);
