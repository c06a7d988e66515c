/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/tree.h - the parts of a message, as one flat list, and their decoded contents.
 *
 * Parts are found in the message's own bytes and nothing is copied until a part is asked for, so a message of
 * any size may be a mapped file.  A broken message has parts too: what cannot be read is one text or one
 * attachment.  It shows nothing, fetches nothing, checks no signature and never unpacks archives.
 *
 * Threads: a tree never changes; any number may read it.
 * Limits: MIME_DEPTH_MAX levels and MIME_PARTS_MAX parts; what lies deeper or beyond is one raw attachment
 * each.
 * Errors: MIME_ERROR_TOO_BIG.
 */
#pragma once

#include "mime/error.h"
#include "base/bytes.h"

#define MIME_DEPTH_MAX 100
#define MIME_PARTS_MAX 10000

typedef enum {
  MIME_ENCODING_IDENTITY,      /* 7bit, 8bit, binary, and what is not known */
  MIME_ENCODING_BASE64,
  MIME_ENCODING_QUOTED_PRINTABLE,
  MIME_ENCODING_UUENCODE,
} MimeEncoding;

typedef enum {
  MIME_DISPOSITION_NONE,
  MIME_DISPOSITION_INLINE,
  MIME_DISPOSITION_ATTACHMENT,
} MimeDisposition;

typedef enum {
  MIME_PART_IS_MULTIPART     = 1 << 0,
  MIME_PART_IS_MESSAGE       = 1 << 1,      /* message/rfc822 and message/global: its parts follow as
                                             * children */
  MIME_PART_IS_TEXT          = 1 << 2,
  MIME_PART_IS_ATTACHMENT    = 1 << 3,      /* belongs into the list of attachments */
  MIME_PART_IS_INLINE_IMAGE  = 1 << 4,      /* shown in the text, not listed */
  MIME_PART_IN_MESSAGE       = 1 << 5,      /* inside an attached message: not part of this one's text or
                                             * attachments */
  MIME_PART_IS_RAW           = 1 << 6,      /* a limit was met here: the rest, undivided */
  MIME_PART_IS_FLOWED        = 1 << 7,      /* format=flowed */
  MIME_PART_DELETES_SPACES   = 1 << 8,      /* DelSp=yes */
  MIME_PART_IS_CALENDAR      = 1 << 9,
  MIME_PART_IS_SIGNATURE     = 1 << 10,     /* a detached signature or an encryption envelope: not for
                                             * people */
} MimePartFlags;

typedef struct {
  const char      *type;       /* lower case, "text" */
  const char      *subtype;    /* lower case, "plain" */
  char            *section;    /* as IMAP numbers it: "1", "2.1"; a multipart without number is "TEXT" or
                                * "2.TEXT" */
  char            *charset;    /* as declared, or NULL */
  char            *filename;   /* safe to show and to write; NULL if none and the part is no attachment */
  char            *content_id; /* without <>, or NULL */
  gint32           parent;     /* index, -1 for the first */
  guint32          depth;
  guint32          end;        /* index after the last part inside this one */
  guint32          flags;      /* of MimePartFlags */
  MimeEncoding     encoding;
  MimeDisposition  disposition;
  gsize            header_offset;
  gsize            body_offset;
  gsize            body_size;
  gsize            decoded_size;            /* an estimate that is never far below the truth */
} MimePart;

typedef struct _MimeTree MimeTree;

/* Keeps a reference to message. */
MimeTree       *mime_tree_new              (GBytes *message) G_GNUC_WARN_UNUSED_RESULT;
void            mime_tree_free             (MimeTree *tree);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeTree, mime_tree_free)

GBytes         *mime_tree_peek_message     (const MimeTree *tree);
guint           mime_tree_get_n_parts      (const MimeTree *tree);          /* at least 1 */
const MimePart *mime_tree_get_part         (const MimeTree *tree,
                                            guint           index);
/* -1 if none.  A Content-ID may be given with or without <>. */
gint            mime_tree_find_section     (const MimeTree *tree,
                                            const char     *section);
gint            mime_tree_find_content_id  (const MimeTree *tree,
                                            const char     *content_id);
gboolean        mime_part_is_type          (const MimePart *part,
                                            const char     *type,
                                            const char     *subtype);       /* NULL: any */

typedef enum {
  MIME_PREFER_HTML,
  MIME_PREFER_PLAIN,
} MimePreference;

/* The parts that make up the text of the message, in order: texts, one version of each alternative, and
 * images that stand between texts by themselves.  Empty when the message has only attachments.  Indexes as
 * guint. */
GArray         *mime_tree_list_body        (const MimeTree *tree,
                                            MimePreference  preference) G_GNUC_WARN_UNUSED_RESULT;
/* The parts with MIME_PART_IS_ATTACHMENT that belong to this message.  Indexes as guint. */
GArray         *mime_tree_list_attachments (const MimeTree *tree) G_GNUC_WARN_UNUSED_RESULT;

/* The decoded content, or MIME_ERROR_TOO_BIG beyond limit.  A multipart gives its raw bytes. */
GBytes         *mime_tree_dup_part         (const MimeTree *tree,
                                            guint           index,
                                            gsize           limit,
                                            GError        **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same in pieces, for what does not fit into memory.  A sink that returns FALSE ends it with its
 * error. */
typedef gboolean (*MimeSink) (BaseSlice  piece,
                              gpointer   user_data,
                              GError   **error);
gboolean        mime_tree_write_part       (const MimeTree *tree,
                                            guint           index,
                                            MimeSink        sink,
                                            gpointer        user_data,
                                            GError        **error);
/* A text part as valid UTF-8 with \n line ends, cut at limit bytes: by its charset, by what the bytes are
 * where it is wrong or unknown.  Never NULL. */
char           *mime_tree_dup_text         (const MimeTree *tree,
                                            guint           index,
                                            gsize           limit) G_GNUC_WARN_UNUSED_RESULT;
/* The message inside a part with MIME_PART_IS_MESSAGE, for a tree and summary of its own.  Shares the bytes
 * where it can. */
GBytes         *mime_tree_dup_message      (const MimeTree *tree,
                                            guint           index) G_GNUC_WARN_UNUSED_RESULT;
