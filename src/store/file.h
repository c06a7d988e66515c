/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/file.h - writing files whose failing has to be told apart: a full disk from a broken one.
 *
 * Threads: any.  Errors: STORE_ERROR_FULL, _READ_ONLY, _NOT_FOUND, _FAILED.
 */
#pragma once

#include "store/store.h"

/* Writes all of bytes at offset.  path is for the error's text. */
gboolean store_file_write     (int          fd,
                               const char  *path,
                               BaseSlice    bytes,
                               guint64      offset,
                               GError     **error);
/* Sets error from errno: "Cannot VERB PATH: reason".  Always FALSE. */
gboolean store_file_set_error (GError     **error,
                               const char  *verb,
                               const char  *path);
