/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pop3/engine.h - which answer belongs to which command, and which commands may leave now.
 *
 * Commands go in, lines to send come out; bytes of the server go in, events come out in the order of the
 * commands. With a window above one command several are on their way at once (RFC 2449 section 6.6). It knows
 * nothing of connections, waiting, or what a session wants.
 *
 * Limits: see pop3/framer.h.
 * Errors: POP3_ERROR_PROTOCOL, POP3_ERROR_TOO_LONG, after which only free() works.
 */
#pragma once

#include "base/secret.h"
#include "pop3/parser.h"

typedef struct _Pop3Engine Pop3Engine;

/* Names one command; never 0. */
typedef guint Pop3Ticket;

#define POP3_GREETING 0u

typedef enum {
  POP3_REPLY_STATUS,   /* one line */
  POP3_REPLY_ROWS,     /* and after +OK lines up to a dot */
  POP3_REPLY_BODY,     /* and after +OK bytes up to a dot */
  POP3_REPLY_SASL,     /* one line, before it any number of challenges */
} Pop3ReplyForm;

typedef enum {
  POP3_EVENT_FAILED,     /* error is set */
  POP3_EVENT_MORE,       /* all input was taken */
  POP3_EVENT_STATUS,     /* status */
  POP3_EVENT_CHALLENGE,  /* piece: base64 as it came; pop3_engine_answer() is due */
  POP3_EVENT_ROW,        /* piece: a line without its end */
  POP3_EVENT_DATA,       /* piece: some of the body */
  POP3_EVENT_END,        /* the rows or the body are complete */
} Pop3EventKind;

typedef struct {
  Pop3EventKind kind;
  Pop3Ticket    ticket;     /* the command that is answered, or POP3_GREETING */
  gboolean      is_last;    /* nothing more will come for this ticket */
  Pop3Status    status;     /* its words and piece are valid until the next call or the input goes */
  BaseSlice     piece;
} Pop3Event;

/* Expects the greeting first.  One command at a time until set_window(). */
Pop3Engine   *pop3_engine_new        (void) G_GNUC_WARN_UNUSED_RESULT;
void          pop3_engine_free       (Pop3Engine *engine);

/* How many commands, and how many bytes of them, may be unanswered at once; one command always may. */
void          pop3_engine_set_window (Pop3Engine *engine,
                                      guint       commands,
                                      gsize       bytes);

/* line: without its end, for which pop3_is_argument() holds.  A secret one is masked in the log. */
Pop3Ticket    pop3_engine_add        (Pop3Engine    *engine,
                                      Pop3ReplyForm  form,
                                      const char    *line);
Pop3Ticket    pop3_engine_add_secret (Pop3Engine    *engine,
                                      Pop3ReplyForm  form,
                                      const char    *line);
void          pop3_engine_answer     (Pop3Engine       *engine,
                                      const BaseSecret *answer);
/* Nobody waits for it any more: not sent if it has not left yet, else its answer is swallowed. */
void          pop3_engine_abandon    (Pop3Engine *engine,
                                      Pop3Ticket  ticket);

/* The next line that may leave, with CRLF, or NULL. */
BaseSecret   *pop3_engine_take_line  (Pop3Engine *engine,
                                      gboolean   *is_secret) G_GNUC_WARN_UNUSED_RESULT;
/* Takes bytes from the front of input up to the end of one event. */
Pop3EventKind pop3_engine_take_event (Pop3Engine  *engine,
                                      BaseSlice   *input,
                                      Pop3Event   *event,
                                      GError     **error);
/* Commands that have left and are not wholly answered. */
guint         pop3_engine_count_sent (Pop3Engine *engine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pop3Engine, pop3_engine_free)
