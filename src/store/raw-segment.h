/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/raw-segment.h - one segment file: its head, its headers, and the bytes behind them.  For raw*.c only.
 *
 * Threads: one at a time.  Errors: as raw.h.
 */
#pragma once

#include "store/raw-body.h"
#include "store/raw.h"

typedef struct {
  gatomicrefcount ref_count;
  guint32         number;
  int             fd;
  char           *path;
  guint8          salt[STORE_RAW_SALT_SIZE];
} StoreSegment;

typedef enum {
  STORE_SEGMENT_READ,
  STORE_SEGMENT_WRITE,
} StoreSegmentAccess;

/* dir is the folder of the segments. */
StoreSegment *store_segment_open          (const char          *dir,
                                           guint32              number,
                                           StoreSegmentAccess   access,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* Makes it with its head, under its name only when that is synced. */
StoreSegment *store_segment_create        (const char          *dir,
                                           guint32              number,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
StoreSegment *store_segment_ref           (StoreSegment        *segment);
void          store_segment_unref         (StoreSegment        *segment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreSegment, store_segment_unref)

char         *store_segment_dup_path      (const char          *dir,
                                           guint32              number) G_GNUC_WARN_UNUSED_RESULT;
/* The number in a file's name, or 0 if it is not one of ours. */
guint32       store_segment_parse_name    (const char          *name);
gboolean      store_segment_get_size      (StoreSegment        *segment,
                                           guint64             *size,
                                           GError             **error);

/* The header at offset into header, whose names lie in buffer.  Only STORE_RAW_PARSED means that it and its
 * stored bytes lie before end; STORE_RAW_SHORT that they do not.  STORE_RAW_NO_HEADER also where the disk
 * cannot be read. */
StoreRawParse store_segment_read_header   (StoreSegment        *segment,
                                           guint64              offset,
                                           guint64              end,
                                           GByteArray          *buffer,
                                           StoreRawHeader      *header);
/* The first offset in [from, to) where a whole record begins; to if there is none. */
guint64       store_segment_find_header   (StoreSegment        *segment,
                                           guint64              from,
                                           guint64              to,
                                           guint64              end);
/* Up to where the file is in order, judged from its tail: the end of the last whole record whose bytes are
 * right, and never below what was synced when it was written. */
guint64       store_segment_find_end      (StoreSegment        *segment,
                                           guint64              size);

/* Reads the bytes of one record and compares their length and SHA-256. */
StoreRawReader *store_segment_reader_new  (StoreSegment        *segment,
                                           guint64              offset,
                                           const StoreRawHeader *header) G_GNUC_WARN_UNUSED_RESULT;
/* The bytes of the record at offset are those that were stored, or it has none. */
gboolean      store_segment_is_right      (StoreSegment        *segment,
                                           guint64              offset,
                                           const StoreRawHeader *header);
/* reads to the end, drops the bytes */
gboolean      store_raw_reader_finish     (StoreRawReader      *reader,
                                           GError             **error);

/* Tests: segments end here instead of at STORE_RAW_SEGMENT_MAX. */
void          store_raw_set_segment_max   (StoreRaw            *raw,
                                           guint64              size);
/* From raw.c: the folder that holds "raw", and a segment for reading. */
const char   *store_raw_peek_data_dir     (const StoreRaw      *raw);
StoreSegment *store_raw_ref_segment       (StoreRaw            *raw,
                                           guint32              number,
                                           GError             **error) G_GNUC_WARN_UNUSED_RESULT;
