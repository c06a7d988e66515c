/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/pop3-core.h - what the files of the POP3 session share: events in, refusals out.  For
 * session/pop3*.c only. */
#pragma once

#include "pop3/engine.h"
#include "session/link.h"
#include "session/pop3.h"

#define POP3_NO_WORDS ((BaseSlice) { NULL, 0 })

struct _SessionPop3 {
  SessionLink       link;
  Pop3Engine       *engine;
  Pop3Capabilities *capabilities;
  gboolean          knows_capa;
  char             *user;
  BaseSecret       *password;
  BaseSecret       *oauth_token;
  gboolean          may_send_clear;
};

/* What has come already, without waiting; after MORE it is worth to wait. */
Pop3EventKind session_pop3_take_event (SessionPop3  *session,
                                       Pop3Event    *event,
                                       GError      **error);
/* Waits.  Slices of the event are valid until the next call. */
gboolean      session_pop3_next_event (SessionPop3  *session,
                                       Pop3Event    *event,
                                       GError      **error);
/* Waits for the first answer to ticket, which must be the oldest one that somebody waits for. */
gboolean      session_pop3_get_status (SessionPop3  *session,
                                       Pop3Ticket    ticket,
                                       Pop3Event    *event,
                                       GError      **error);
/* Sends line and waits for the first answer. */
gboolean      session_pop3_run        (SessionPop3    *session,
                                       Pop3ReplyForm   form,
                                       const char     *line,
                                       Pop3Event      *event,
                                       GError        **error);

/* The server said no; the connection goes on.  otherwise: the error when the answer has no code that names
 * one. format: what cannot be done.  Always FALSE. */
gboolean      session_pop3_refuse     (SessionPop3      *session,
                                       Pop3Error         otherwise,
                                       const Pop3Status *status,
                                       GError          **error,
                                       const char       *format,
                                       ...) G_GNUC_PRINTF (5, 6);
/* The connection is no longer good.  Always FALSE. */
gboolean      session_pop3_break_off  (SessionPop3  *session,
                                       Pop3Error     code,
                                       BaseSlice     words,
                                       const char   *message,
                                       GError      **error);
