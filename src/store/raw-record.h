/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/raw-record.h - the form of segment files: what stands before the bytes of each message.
 *
 * A segment is a head, twice, and records one after another.  A record is a header and the stored bytes of
 * one message, or a header alone that says something about a message.  Headers describe themselves, so that
 * mail.db can be rebuilt from them.  Each carries a check that is keyed with the segment's random salt: a
 * message that quotes a record, or was made to look like one, is never taken for it when damage is skipped.
 * Numbers are little-endian.  It reads and writes no files.
 *
 * Threads: any.  Limits: names of STORE_RAW_NAME_MAX bytes; longer ones are left out.  Errors: none, FALSE is
 * damage.
 */
#pragma once

#include "base/bytes.h"

#define STORE_RAW_VERSION        1
#define STORE_RAW_NAME_MAX       8192
#define STORE_RAW_SALT_SIZE      16
#define STORE_RAW_HEAD_SIZE      64          /* of one copy of a segment's head */
#define STORE_RAW_HEAD_COPY      4096        /* where the second one is: no sector holds both */
#define STORE_RAW_FIRST_RECORD   8192
#define STORE_RAW_HEADER_MIN     144         /* of a record without names */
#define STORE_RAW_HEADER_MAX     (STORE_RAW_HEADER_MIN + 2 * STORE_RAW_NAME_MAX)

typedef enum {                 /* the values are stored: never renumber */
  STORE_RAW_BODY      = 1,     /* a message with its bytes */
  STORE_RAW_REFERENCE = 2,     /* another message with the same bytes */
  STORE_RAW_CONTENT   = 3,     /* bytes without a message of their own: the one that brought them was
                                * purged */
  STORE_RAW_TOMBSTONE = 4,     /* the message was purged */
  STORE_RAW_DETACHED  = 5,     /* the message has no server copy any more: it lives here alone */
} StoreRawKind;

/* The other kinds are headers alone; the size and hash of a reference are those of the bytes it refers to. */
gboolean store_raw_kind_has_bytes (StoreRawKind kind);

typedef enum {
  STORE_RAW_PLAIN = 0,
  STORE_RAW_ZSTD  = 1,
} StoreRawEncoding;

typedef enum {
  STORE_RAW_ON_SERVER,         /* folder is as the server spells it */
  STORE_RAW_HERE,              /* folder is the path of a folder on this computer */
} StoreRawPlacement;

/* Which message it is and where it was filed when it arrived. */
typedef struct {
  gint64            message_id;
  gint64            account_id;
  gint64            arrived_at;
  gint64            stored_at;
  StoreRawPlacement placement;
  BaseSlice         folder;
  guint32           flags;               /* of StoreFlags */
  guint32           uid;                 /* 0: none */
  guint32           uidvalidity;
  BaseSlice         uidl;                /* empty: none */
  guint32           occurrence;
} StoreRawOrigin;

typedef struct {
  StoreRawKind     kind;
  StoreRawEncoding encoding;
  gsize            header_size;
  guint64          size;                 /* of the bytes as received */
  guint64          stored_size;          /* of what follows the header */
  guint8           sha256[32];           /* of the bytes as received */
  guint64          durable_to;           /* everything below was synced when this record was written */
  guint32          born_in;              /* a tombstone: the segment it was first written to */
  StoreRawOrigin   origin;
} StoreRawHeader;

typedef struct {
  guint32 number;
  guint8  salt[STORE_RAW_SALT_SIZE];
} StoreRawHead;

void     store_raw_head_write    (const StoreRawHead  *head,
                                  guint8               buffer[STORE_RAW_HEAD_SIZE]);
gboolean store_raw_head_parse    (StoreRawHead        *head,
                                  const guint8         buffer[STORE_RAW_HEAD_SIZE]);

/* Appends it and sets header_size. */
void     store_raw_header_write  (StoreRawHeader      *header,
                                  const guint8         salt[STORE_RAW_SALT_SIZE],
                                  GByteArray          *buffer);

typedef enum {
  STORE_RAW_PARSED,
  STORE_RAW_SHORT,                       /* give up to STORE_RAW_HEADER_MAX bytes */
  STORE_RAW_NO_HEADER,                   /* not one of ours, damaged, or of a version that is not known */
} StoreRawParse;

/* Names are slices of bytes. */
StoreRawParse store_raw_header_parse (StoreRawHeader  *header,
                                      BaseSlice        bytes,
                                      const guint8     salt[STORE_RAW_SALT_SIZE]);
/* Where in bytes a header may begin: the offset of the next magic number from offset on, or size if there is
 * none. */
gsize    store_raw_header_find   (BaseSlice            bytes,
                                  gsize                offset);
