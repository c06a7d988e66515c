/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp/engine.h - which reply belongs to which command, and which commands may leave now (RFC 2920).
 *
 * Commands go in, lines to send come out; bytes of the server go in, replies come out in the order of the
 * commands. It knows nothing of connections, waiting, or what a mail is.
 *
 * Limits: see smtp/reply.h.
 * Errors: SMTP_ERROR_PROTOCOL, after which only free() works.
 */
#pragma once

#include "base/secret.h"
#include "smtp/reply.h"

typedef struct _SmtpEngine SmtpEngine;

/* Names one command. */
typedef guint SmtpTicket;

#define SMTP_GREETING 0u
#define SMTP_UNASKED  G_MAXUINT      /* nobody waited for it: 421, or a refusal while the message goes out */

typedef enum {
  SMTP_IN_GROUP,         /* MAIL, RCPT, RSET: others may follow before the reply (with PIPELINING) */
  SMTP_ENDS_GROUP,       /* EHLO, DATA, QUIT and all others: nothing follows before the reply */
  SMTP_SECRET,           /* ends a group too, and is masked in the log */
} SmtpCommandKind;

/* Expects the greeting first. */
SmtpEngine *smtp_engine_new        (void) G_GNUC_WARN_UNUSED_RESULT;
void        smtp_engine_free       (SmtpEngine *engine);

/* How many commands of a group may be unanswered at once; 1 before it is called. */
void        smtp_engine_set_window (SmtpEngine *engine,
                                    guint       commands);

/* line: without its end, without control characters. */
SmtpTicket  smtp_engine_add        (SmtpEngine      *engine,
                                    SmtpCommandKind  kind,
                                    const char      *line);
/* The next line that may leave, with CRLF, or NULL. */
BaseSecret *smtp_engine_take_line  (SmtpEngine *engine,
                                    gboolean   *is_secret) G_GNUC_WARN_UNUSED_RESULT;
/* Takes bytes from the front of input up to the end of one reply; *reply is NULL when more are needed. */
gboolean    smtp_engine_take_reply (SmtpEngine  *engine,
                                    BaseSlice   *input,
                                    SmtpTicket  *ticket,
                                    SmtpReply  **reply,
                                    GError     **error);
/* Commands that have left and are not answered. */
guint       smtp_engine_count_sent (SmtpEngine *engine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SmtpEngine, smtp_engine_free)
