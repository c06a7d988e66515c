/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/raw.h - the messages as received: append-only segment files in the folder "raw" of the data
 * directory.
 *
 * One process appends, any number read.  What was appended counts after store_raw_sync() only: bytes that
 * were not synced may be cut off at the next start.  Nothing is ever changed in place; space comes back by
 * compaction (raw-compact.h).  The files describe themselves (raw-record.h).  Names come from numbers, never
 * from a server.  It knows nothing of the database: callers keep the places.
 *
 * Threads: one at a time.  Limits: segments of STORE_RAW_SEGMENT_MAX, but a larger message has one for
 * itself; reading and writing take bounded memory.
 * Errors: STORE_ERROR_FULL, _READ_ONLY, _LOCKED (another process appends), _CORRUPT (bytes are not what was
 * stored), _NOT_FOUND (no such segment: compacted meanwhile, ask the database again), _FAILED.
 */
#pragma once

#include "store/raw-record.h"
#include "store/store.h"

#define STORE_RAW_SEGMENT_MAX (256 * 1024 * 1024)

typedef struct {
  guint32 segment;
  guint64 offset;              /* of the record */
  guint64 size;                /* of the whole record */
} StoreRawPlace;

typedef struct _StoreRaw StoreRaw;

/* For reading.  A data directory without raw mail is an empty one. */
StoreRaw      *store_raw_new               (const char            *data_dir) G_GNUC_WARN_UNUSED_RESULT;
void           store_raw_free              (StoreRaw              *raw);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreRaw, store_raw_free)

/* Numbers, ascending, of guint32. */
GArray        *store_raw_list_segments     (StoreRaw              *raw,
                                            GError               **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean       store_raw_get_segment_size  (StoreRaw              *raw,
                                            guint32                segment,
                                            guint64               *size,
                                            GError               **error);

/* --- appending ------------------------------------------------------------------------------------------ */

/* Says up to where the newest segment must not be cut, for the rows that the database holds: usually the end
 * of the last record it knows there, 0 if none. */
typedef gboolean (*StoreRawKnownEnd)       (guint32                segment,
                                            guint64               *end,
                                            gpointer               user_data,
                                            GError               **error);

/* Becomes the one appender and cuts off what the last one did not finish.  known_end may be NULL. */
gboolean       store_raw_begin_appending   (StoreRaw              *raw,
                                            StoreRawKnownEnd       known_end,
                                            gpointer               user_data,
                                            GError               **error);
/* header: kind, encoding, size, sha256 and origin.  stored: what store_packer_pack() gave; NULL for a record
 * without bytes.  place may be NULL.  After an error nothing since the last sync is kept. */
gboolean       store_raw_append            (StoreRaw              *raw,
                                            const StoreRawHeader  *header,
                                            GBytes                *stored,
                                            StoreRawPlace         *place,
                                            GError               **error);
/* After it returned TRUE all that was appended survives a power cut. */
gboolean       store_raw_sync              (StoreRaw              *raw,
                                            GError               **error);
/* Forgets what was appended since the last sync. */
void           store_raw_take_back         (StoreRaw              *raw);
/* Deletes a segment that no row points to any more and that is not the newest. */
gboolean       store_raw_remove_segment    (StoreRaw              *raw,
                                            guint32                segment,
                                            GError               **error);

/* --- reading -------------------------------------------------------------------------------------------- */

typedef struct _StoreRawReader StoreRawReader;

StoreRawReader *store_raw_reader_new       (StoreRaw              *raw,          /* outlives the reader */
                                            const StoreRawPlace   *place,
                                            GError               **error) G_GNUC_WARN_UNUSED_RESULT;
void           store_raw_reader_free       (StoreRawReader        *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreRawReader, store_raw_reader_free)

const StoreRawHeader *store_raw_reader_peek_header (const StoreRawReader *reader);
/* 0 at the end, and only when length and SHA-256 of everything read were right; -1 on error. */
gssize         store_raw_reader_read       (StoreRawReader        *reader,
                                            guint8                *buffer,
                                            gsize                  size,
                                            GError               **error);

/* The whole message, its length and SHA-256 compared with what was noted when it was received.  Large ones
 * are mapped from a spool in the data directory and take no private memory. */
GBytes        *store_raw_read              (StoreRaw              *raw,
                                            const StoreRawPlace   *place,
                                            const guint8           sha256[32],
                                            GError               **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same without the message, and from the disk: what the system still holds of it in memory is dropped
 * before. */
gboolean       store_raw_verify            (StoreRaw              *raw,
                                            const StoreRawPlace   *place,
                                            guint64                size,
                                            const guint8           sha256[32],
                                            GError               **error);

/* --- everything ----------------------------------------------------------------------------------------- */

typedef enum {
  STORE_RAW_FOUND,             /* a record; when its bytes were asked for, they are right */
  STORE_RAW_BROKEN,            /* a record whose header is right, but not its bytes */
  STORE_RAW_GAP,               /* bytes that belong to no record: damage, or a batch that was never
                                * finished */
} StoreRawState;

typedef struct {
  StoreRawState  state;
  StoreRawPlace  place;
  StoreRawHeader header;       /* unless it is a gap; its names are valid during the call */
} StoreRawItem;

typedef gboolean (*StoreRawFunc)           (const StoreRawItem    *item,
                                            gpointer               user_data,
                                            GError               **error);

typedef enum {
  STORE_RAW_HEADERS,
  STORE_RAW_HEADERS_AND_BYTES,
} StoreRawDepth;

/* Walks one segment in order, over any damage.  A func that returns FALSE ends it. */
gboolean       store_raw_scan              (StoreRaw              *raw,
                                            guint32                segment,
                                            StoreRawDepth          depth,
                                            StoreRawFunc           func,
                                            gpointer               user_data,
                                            GError               **error);
