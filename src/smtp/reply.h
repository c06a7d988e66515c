/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp/reply.h - a reply of an SMTP server (RFC 5321 section 4.2), and the framer that cuts replies out of
 * bytes.
 *
 * Give the framer bytes in any portions, take out whole replies with all their lines.
 * It does not know which command a reply belongs to, and it never waits.
 *
 * Limits: SMTP_REPLY_LINE_MAX bytes in a line with its end, SMTP_REPLY_LINES_MAX lines, SMTP_REPLY_MAX bytes.
 * Errors: SMTP_ERROR_PROTOCOL, also above the limits; after that only free() works.
 */
#pragma once

#include "base/bytes.h"

#define SMTP_REPLY_LINE_MAX  16384      /* RFC 4954 section 4 wants 12288 for challenges */
#define SMTP_REPLY_LINES_MAX 512
#define SMTP_REPLY_MAX       65536

typedef struct {
  guint      code;            /* 200 to 599 */
  guint      enhanced[3];     /* RFC 2034: 5.7.8 is { 5, 7, 8 }; all 0 when there is none */
  GPtrArray *lines;           /* char *, at least one: what stands behind the code, made harmless */
} SmtpReply;

void  smtp_reply_free     (SmtpReply *reply);
/* All lines, with blanks between. */
char *smtp_reply_dup_text (const SmtpReply *reply) G_GNUC_WARN_UNUSED_RESULT;

typedef struct _SmtpFramer SmtpFramer;

SmtpFramer *smtp_framer_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void        smtp_framer_free (SmtpFramer *framer);
/* Takes bytes from the front of input, up to the end of one reply; *reply is NULL when more are needed. */
gboolean    smtp_framer_take (SmtpFramer  *framer,
                              BaseSlice   *input,
                              SmtpReply  **reply,
                              GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SmtpReply, smtp_reply_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SmtpFramer, smtp_framer_free)
