/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/mailto.h - mailto: URIs (RFC 6068) that anyone on the Web may have written.
 *
 * Only recipients, subject, text and what it answers are taken; attachments, senders and every other field
 * are ignored and named, so that the window can say so.
 *
 * Threads: any.  Limits: 64 KiB, 200 recipients.  Errors: MIME_ERROR_REFUSED.
 */
#pragma once

#include "mime/address.h"
#include "mime/error.h"

typedef struct {
  GPtrArray  *addresses;       /* of MimeAddress: To, Cc, Bcc */
  char       *subject;         /* one harmless line, "" if none */
  char       *body;            /* \n line ends, "" if none */
  char      **in_reply_to;     /* or NULL */
  char      **references;
  char      **ignored;         /* names of fields that were not taken, lower case */
} MimeMailto;

MimeMailto *mime_mailto_parse (const char  *uri,
                               GError     **error) G_GNUC_WARN_UNUSED_RESULT;
void        mime_mailto_free  (MimeMailto *mailto);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MimeMailto, mime_mailto_free)
