/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/saving.h - parts of a message as files of the user's.
 *
 * A file appears whole or not at all: written beside its place, synced, renamed.  No file is ever made
 * executable.  Names come from mime/filename.h, which took out whatever could lead to another folder.
 *
 * Threads: main; the writing is done on others.
 * Errors: those of base/files.h, G_IO_ERROR_CANCELLED, G_IO_ERROR_NOT_SUPPORTED for places that are no files
 * here.
 */
#pragma once

#include "model/reading.h"

#define MODEL_SAVING_MESSAGE G_MAXUINT     /* instead of a part: the whole message, as it came */

/* Over what is there: whoever chose the file said so. */
void     model_saving_save_async     (ModelReading         *reading,
                                      guint                 part,
                                      GFile                *file,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
gboolean model_saving_save_finish    (ModelReading         *reading,
                                      GAsyncResult         *result,
                                      GError              **error);

/* Every attachment, none over what is there: "plan (2).pdf". */
void     model_saving_all_async      (ModelReading         *reading,
                                      GFile                *folder,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
/* How many were saved, -1 on error; those before it stay. */
int      model_saving_all_finish     (ModelReading         *reading,
                                      GAsyncResult         *result,
                                      GError              **error);

/* A copy to open with another program: read-only, in a folder of its own that nobody else may enter.  Copies
 * of the days before are removed. */
void     model_saving_copy_async     (ModelReading         *reading,
                                      const ModelAttachment *attachment,
                                      GCancellable         *cancellable,
                                      GAsyncReadyCallback   callback,
                                      gpointer              user_data);
GFile   *model_saving_copy_finish    (ModelReading         *reading,
                                      GAsyncResult         *result,
                                      GError              **error) G_GNUC_WARN_UNUSED_RESULT;

/* "Mooring at pier 4.eml" */
char    *model_saving_dup_name       (ModelReading         *reading) G_GNUC_WARN_UNUSED_RESULT;
