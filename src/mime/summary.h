/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/summary.h - what lists, threads and matching need to know of a message, from its header alone.
 *
 * Give it the header or the whole message.  It never fails: a message without any header has an empty
 * summary.  It knows nothing of parts, folders or accounts.
 *
 * Threads: any.  Limits: those of mime/header.h and mime/address.h; MIME_REFERENCES_MAX references, ids of
 * 998 bytes.
 */
#pragma once

#include "mime/address.h"

#define MIME_REFERENCES_MAX 200
#define MIME_DATE_NONE      G_MININT64

typedef enum {
  MIME_SUMMARY_IS_REPLY       = 1 << 0,     /* the subject has a reply prefix, or the header In-Reply-To or
                                             * References */
  MIME_SUMMARY_IS_FORWARD     = 1 << 1,     /* the subject has a forward prefix */
  MIME_SUMMARY_IS_LIST        = 1 << 2,     /* List-Id, List-Post or Precedence: list */
  MIME_SUMMARY_IS_BULK        = 1 << 3,     /* Precedence: bulk or junk, or List-Unsubscribe */
  MIME_SUMMARY_IS_AUTOMATIC   = 1 << 4,     /* Auto-Submitted other than no, or a report */
  MIME_SUMMARY_MANY_FROM      = 1 << 5,     /* several From fields or mailboxes: nobody can say who sent it */
  MIME_SUMMARY_IS_MULTIPART   = 1 << 6,
  MIME_SUMMARY_MAY_ATTACH     = 1 << 7,     /* the outermost type suggests attachments, before the parts are
                                             * known */
  MIME_SUMMARY_HAS_CALENDAR   = 1 << 8,     /* the outermost type is text/calendar */
  MIME_SUMMARY_IS_SIGNED      = 1 << 9,     /* multipart/signed or S/MIME; not checked here */
  MIME_SUMMARY_IS_ENCRYPTED   = 1 << 10,
  MIME_SUMMARY_IS_IMPORTANT   = 1 << 11,    /* Importance, X-Priority */
  MIME_SUMMARY_WANTS_RECEIPT  = 1 << 12,    /* Disposition-Notification-To and relatives */
} MimeSummaryFlags;

typedef struct {
  char       *message_id;      /* without <>, or NULL if none */
  char      **references;      /* NULL-terminated, oldest first, the direct parent last; never the own id */
  char       *subject;         /* decoded, harmless, "" if none */
  char       *subject_base;    /* without reply and forward prefixes and list tags, case kept: the same in
                                * every language */
  GPtrArray  *addresses;       /* of MimeAddress, by field order; the first with MIME_ROLE_FROM is the author
                                * shown */
  gint64      date;            /* Date: as seconds since 1970, or MIME_DATE_NONE if absent or absurd */
  gint32      date_zone;       /* its zone, seconds east of UTC */
  gint64      received;        /* the topmost Received:, or MIME_DATE_NONE */
  char       *list_id;         /* the identifier of List-Id without <>, or NULL */
  guint8      header_hash[32]; /* SHA-256 of the header without what servers add or change: the same over POP
                                * and IMAP */
  guint       flags;           /* of MimeSummaryFlags */
  gsize       body_offset;     /* where the body begins in the bytes given */
} MimeSummary;

MimeSummary       *mime_summary_new          (BaseSlice header_or_message) G_GNUC_WARN_UNUSED_RESULT;
void               mime_summary_free         (MimeSummary *summary);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeSummary, mime_summary_free)

/* The author to show, or NULL if none.  With MIME_SUMMARY_MANY_FROM there are more. */
const MimeAddress *mime_summary_peek_from    (const MimeSummary *summary);

/* The base of any subject; is_reply and is_forward may be NULL. */
char              *mime_subject_dup_base     (const char *subject,
                                              gboolean   *is_reply,
                                              gboolean   *is_forward) G_GNUC_WARN_UNUSED_RESULT;
