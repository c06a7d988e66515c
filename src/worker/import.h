/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/import.h - takes mail out of files into one folder: an mbox file, a Maildir, a folder of message
 * files, or one.
 *
 * Bytes, flags, keywords and dates come in as the files have them.  Mail for a folder of a server lies here
 * at once, and a change is recorded for each batch that uploads it.
 * It does not look for mail that is there already.
 *
 * Threads: any, with a store handle of its own.  Limits: memory for one message.  Errors: G_FILE_ERROR,
 * STORE_ERROR, G_IO_ERROR_CANCELLED; what was taken in before stays.
 */
#pragma once

#include "ingest/ingest.h"

typedef struct {
  Store         *store;          /* a reader of this thread */
  Ingest        *ingest;
  gint64         folder_id;
  GCancellable  *cancellable;    /* or NULL */
  guint64        n_messages;     /* taken in */
  GPtrArray     *failed;         /* of char: what was left out and why, a sentence each; the caller's */
} WorkerImport;

gboolean worker_import_run (WorkerImport  *import,
                            const char    *path,
                            GError       **error);
