/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/build.h - a draft into the bytes of a new message.
 *
 * Writes what any server and reader takes: CRLF, lines below 998 bytes, format=flowed text, encoded words,
 * RFC 2231 names.  It names no program, host or locale.  What would smuggle a second field into a header is
 * refused.  It knows nothing of accounts, sending or drafts on disk.
 *
 * Threads: any.  Limits: memory for one attachment's buffer, whatever the attachments' sizes.
 * Errors: MIME_ERROR_REFUSED; those of attachment readers and of the sink.
 */
#pragma once

#include "mime/address.h"
#include "mime/error.h"
#include "mime/tree.h"

/* Reads up to size bytes into buffer: 0 at the end, -1 with error. */
typedef gssize (*MimeReader) (gpointer  user_data,
                              guint8   *buffer,
                              gsize     size,
                              GError  **error);

typedef struct {
  char           *name;        /* as the recipient shall see it */
  char           *type;        /* "image/png"; NULL: application/octet-stream */
  char           *content_id;  /* without <>; NULL if nothing refers to it */
  GBytes         *bytes;       /* the content, or NULL: then it is read from reader, once for each build */
  MimeReader      reader;
  gpointer        reader_data;
} MimeAttachment;

typedef struct {
  GPtrArray  *addresses;       /* of MimeAddress; exactly one with MIME_ROLE_FROM */
  char       *subject;
  char       *text;            /* UTF-8, one paragraph a line, quotes begin with ">" */
  char       *message_id;      /* without <>; mime_message_id_new() */
  char      **in_reply_to;     /* ids without <>, or NULL */
  char      **references;
  gint64      date;            /* seconds since 1970 */
  gint32      date_zone;       /* seconds east of UTC */
  GPtrArray  *attachments;     /* of MimeAttachment */
} MimeDraft;

typedef enum {
  MIME_BUILD_TO_SEND   = 0,         /* 7-bit only, no Bcc */
  MIME_BUILD_8BIT      = 1 << 0,    /* the server takes 8BITMIME */
  MIME_BUILD_WITH_BCC  = 1 << 1,    /* for the copy in Sent and for drafts */
  MIME_BUILD_UTF8      = 1 << 2,    /* the server takes SMTPUTF8: addresses outside ASCII stand as they are */
  MIME_BUILD_UNSENT    = 1 << 3,    /* a draft: recipients may be missing or not yet valid */
} MimeBuildFlags;

MimeDraft      *mime_draft_new             (void) G_GNUC_WARN_UNUSED_RESULT;
void            mime_draft_free            (MimeDraft *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeDraft, mime_draft_free)
/* The draft's own from here on; fill the fields in. */
MimeAttachment *mime_draft_add_attachment  (MimeDraft  *draft,
                                            const char *name,
                                            const char *type);

/* Whether an address in it cannot be sent without SMTPUTF8: its local part is not ASCII. */
gboolean        mime_draft_needs_smtputf8  (const MimeDraft *draft);
/* A new random id on the domain of address; tells nothing of this computer. */
char           *mime_message_id_new        (const char *address) G_GNUC_WARN_UNUSED_RESULT;

gboolean        mime_build                 (const MimeDraft *draft,
                                            guint            flags,
                                            MimeSink         sink,
                                            gpointer         user_data,
                                            GError         **error);
GBytes         *mime_build_bytes           (const MimeDraft *draft,
                                            guint            flags,
                                            GError         **error) G_GNUC_WARN_UNUSED_RESULT;
