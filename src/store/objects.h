/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/objects.h - large bytes in desk.db, in pieces: attachments of drafts, messages to send or to upload.
 *
 * Written piece by piece, each in a transaction of its own, so that a window never holds the file up; an
 * object counts only once it is finished, with its length and SHA-256.  Reading compares both.
 * An object that nothing names is swept away after a day.
 *
 * Threads: the handle's.  Limits: STORE_OBJECT_PIECE in memory, STORE_OBJECT_MAX in all.
 * Errors: STORE_ERROR_NOT_FOUND for an unknown or unfinished object, STORE_ERROR_CORRUPT when the bytes are
 * not what was written.
 */
#pragma once

#include "store/store.h"

#define STORE_OBJECT_PIECE (1024 * 1024)
#define STORE_OBJECT_MAX   (G_GINT64_CONSTANT (1) << 32)
#define STORE_OBJECT_SPARE_S (24 * 60 * 60)          /* an unnamed one lives so long */

typedef struct _StoreObjectWriter StoreObjectWriter;

StoreObjectWriter *store_objects_begin   (Store              *store,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean           store_object_writer_add (StoreObjectWriter *writer,
                                          const void         *data,
                                          gsize               size,
                                          GError            **error);
/* Ends the writer in any case.  0 on error. */
gint64             store_object_writer_finish (StoreObjectWriter *writer,
                                          GError            **error);
/* What was written so far is taken away. */
void               store_object_writer_abandon (StoreObjectWriter *writer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreObjectWriter, store_object_writer_abandon)

/* The whole stream becomes an object.  0 on error. */
gint64             store_objects_add_stream (Store           *store,
                                          GInputStream       *stream,
                                          GCancellable       *cancellable,
                                          GError            **error);
gint64             store_objects_add     (Store              *store,
                                          BaseSlice           bytes,
                                          GError            **error);

typedef struct _StoreObjectReader StoreObjectReader;

StoreObjectReader *store_objects_open    (Store              *store,
                                          gint64              id,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
gint64             store_object_reader_get_size (const StoreObjectReader *reader);
/* The next piece; NULL at the end, which was compared, and on error. */
GBytes            *store_object_reader_next (StoreObjectReader *reader,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
void               store_object_reader_free (StoreObjectReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreObjectReader, store_object_reader_free)

/* The same as a GInputStream, which can be set back to its beginning; the store must outlive it.  The read
 * that reaches the end compares. */
GInputStream      *store_objects_open_stream (Store          *store,
                                          gint64              id,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whole, if it is not larger than limit; else STORE_ERROR_FAILED. */
GBytes            *store_objects_read    (Store              *store,
                                          gint64              id,
                                          gsize               limit,
                                          GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* -1 on error. */
gint64             store_objects_get_size (Store             *store,
                                          gint64              id,
                                          GError            **error);
gboolean           store_objects_sweep   (Store              *store,
                                          GError            **error);
