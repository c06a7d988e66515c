/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/smtp-core.h - what the files of the SMTP session share: replies in, refusals out.  For
 * session/smtp*.c only. */
#pragma once

#include "session/link.h"
#include "session/smtp.h"
#include "smtp/engine.h"

struct _SessionSmtp {
  SessionLink       link;
  SmtpEngine       *engine;
  SmtpCapabilities *capabilities;
  char             *user;              /* or NULL */
  BaseSecret       *password;
  BaseSecret       *oauth_token;
  gboolean          may_send_clear;
  gboolean          is_in_mail;        /* MAIL was said and neither taken nor taken back */
};

/* What has come already, without waiting; *reply is NULL when there is nothing whole. */
gboolean   session_smtp_take_reply (SessionSmtp  *session,
                                    SmtpTicket   *ticket,
                                    SmtpReply   **reply,
                                    GError      **error);
/* Waits for the reply to ticket, the oldest open one.  NULL also when the server says good-bye instead (421):
 * SMTP_ERROR_TEMPORARY. */
SmtpReply *session_smtp_wait_reply (SessionSmtp  *session,
                                    SmtpTicket    ticket,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same, but what the server said before it was asked is no reply. */
SmtpReply *session_smtp_get_reply  (SessionSmtp  *session,
                                    SmtpTicket    ticket,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* Sends line and waits for its reply. */
SmtpReply *session_smtp_run        (SessionSmtp      *session,
                                    SmtpCommandKind   kind,
                                    const char       *line,
                                    GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* The server said no, or something that is no answer; the connection goes on.  format: what cannot be done.
 * Always FALSE. */
gboolean   session_smtp_refuse     (SessionSmtp      *session,
                                    SmtpError         code,
                                    const SmtpReply  *reply,
                                    GError          **error,
                                    const char       *format,
                                    ...) G_GNUC_PRINTF (5, 6);
/* What a reply means that is not the one hoped for: a refusal, or no SMTP. */
SmtpError  session_smtp_judge      (const SmtpReply *reply);
/* The connection is no longer good.  Always FALSE. */
gboolean   session_smtp_break_off  (SessionSmtp      *session,
                                    SmtpError         code,
                                    const char       *message,
                                    GError          **error);
