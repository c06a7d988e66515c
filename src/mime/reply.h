/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/reply.h - who gets an answer, under which subject, and the quoted text.
 *
 * From the header of the message answered alone.  It writes no words of its own: "On Monday, Ada wrote:"
 * comes from the caller in the user's language; "Re:" and "Fwd:" stay as they are in every language, as mail
 * programs expect.
 *
 * Threads: any.  Errors: none.
 */
#pragma once

#include "mime/address.h"
#include "mime/text.h"

typedef enum {
  MIME_REPLY_SENDER,
  MIME_REPLY_ALL,
  MIME_REPLY_LIST,             /* falls back to MIME_REPLY_SENDER where the mail is from no list */
  MIME_REPLY_FORWARD,          /* no recipients */
} MimeReplyKind;

typedef struct {
  GPtrArray  *addresses;       /* of MimeAddress, To and Cc, each mailbox once, without own ones */
  char       *identity;        /* the own address it was sent to, or NULL if none of them is named */
  char       *subject;
  char      **in_reply_to;     /* for MimeDraft; NULL where the message has no id, or for a forward */
  char      **references;
} MimeReply;

/* own: all own addresses, NULL-terminated.  An answer to own mail goes to its recipients. */
MimeReply *mime_reply_new           (BaseSlice           message,
                                     MimeReplyKind       kind,
                                     const char *const  *own) G_GNUC_WARN_UNUSED_RESULT;
void       mime_reply_free          (MimeReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeReply, mime_reply_free)

/* intro, a blank line's worth of nothing, then text quoted one level deeper, without its signature. */
char      *mime_reply_dup_quote     (const char *text,
                                     MimeFlow    flow,
                                     const char *intro) G_GNUC_WARN_UNUSED_RESULT;
