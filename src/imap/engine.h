/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/engine.h - the client's side of one IMAP connection, without the connection.
 *
 * Commands go in and come out as bytes, in order, several on their way at a time; received bytes go in and
 * come out as events.  It keeps tags, asks before literals, lets nothing overtake AUTHENTICATE, STARTTLS and
 * IDLE, swallows the answers of abandoned commands, and remembers the capabilities.  It does not know what a
 * folder is.
 *
 *   tag = imap_engine_start (engine, writer, IMAP_COMMAND_PLAIN);
 *   while (imap_engine_take_output (engine, &output)) ... send output.bytes ...
 *   while (imap_engine_take_event (engine, &input, &event, error) && event.kind != IMAP_EVENT_NONE) ...
 *
 * Threads: one at a time.  Limits: ImapLimits.
 * Errors: IMAP_ERROR_TOO_LONG, IMAP_ERROR_PROTOCOL, IMAP_ERROR_NO_TLS, IMAP_ERROR_BYE (instead of a
 * greeting); after any of them only free() works.  They carry the server's words only when the line is ready.
 */
#pragma once

#include "imap/capabilities.h"
#include "imap/response.h"
#include "imap/writer.h"

typedef enum {
  IMAP_LINE_READY,         /* encrypted, or meant to be plain: anything may be said */
  IMAP_LINE_NEEDS_TLS,     /* until imap_engine_begin_tls(): only what is harmless, and no PREAUTH */
} ImapLine;

typedef enum {
  IMAP_COMMAND_PLAIN,
  IMAP_COMMAND_HARMLESS,       /* may be sent on a line that still needs TLS: CAPABILITY, LOGOUT */
  IMAP_COMMAND_STARTTLS,       /* the last three let nothing overtake them and wait for what is on its way */
  IMAP_COMMAND_AUTHENTICATE,
  IMAP_COMMAND_IDLE,
} ImapCommandKind;

typedef struct {
  BaseSlice bytes;         /* valid until the next call */
  gboolean  is_secret;
} ImapOutput;

typedef enum {
  IMAP_EVENT_NONE,             /* the input is used up */
  IMAP_EVENT_GREETING,         /* response: OK or PREAUTH */
  IMAP_EVENT_UNTAGGED,         /* response */
  IMAP_EVENT_TAGGED,           /* tag, response */
  IMAP_EVENT_SWALLOWED,        /* tag: an abandoned command was answered */
  IMAP_EVENT_CONTINUE,         /* tag of the AUTHENTICATE or IDLE, response: status.text */
  IMAP_EVENT_LITERAL_BEGIN,    /* response: a FETCH up to a long literal of literal_size bytes */
  IMAP_EVENT_LITERAL_DATA,     /* data; when all came the FETCH follows as UNTAGGED, whole */
} ImapEventKind;

typedef struct {
  ImapEventKind       kind;
  guint               tag;
  const ImapResponse *response;      /* valid until the next call */
  BaseSlice           text;          /* the response as it came, its first line: for the log */
  guint64             literal_size;
  BaseSlice           data;
} ImapEvent;

typedef struct _ImapEngine ImapEngine;

ImapEngine *imap_engine_new         (const ImapLimits *limits,
                                     ImapLine          line) G_GNUC_WARN_UNUSED_RESULT;
void        imap_engine_free        (ImapEngine *engine);

/* Queues a command; takes writer.  Tags count from 1. */
guint       imap_engine_start       (ImapEngine      *engine,
                                     ImapWriter      *writer,
                                     ImapCommandKind  kind);
/* Its tagged answer will be swallowed.  TRUE: nothing was sent yet, it is dropped and will not be
 * answered. */
gboolean    imap_engine_abandon     (ImapEngine *engine,
                                     guint       tag);
/* Of those that are not answered, abandoned ones included. */
guint       imap_engine_count_commands (ImapEngine *engine);

/* The answer to a CONTINUE of AUTHENTICATE: base64, or NULL to give up. */
void        imap_engine_answer      (ImapEngine *engine,
                                     const char *base64);
/* Ends IDLE, once its CONTINUE came. */
void        imap_engine_end_idle    (ImapEngine *engine);

/* The next bytes to send; FALSE when there are none, or the server must speak first. */
gboolean    imap_engine_take_output (ImapEngine *engine,
                                     ImapOutput *output);
/* Bytes of an upload that must be sent now, from elsewhere, before take_output() goes on; 0 when it is not
 * the time. */
guint64     imap_engine_get_upload  (ImapEngine *engine);
void        imap_engine_note_upload (ImapEngine *engine,
                                     guint64     sent);

gboolean    imap_engine_take_event  (ImapEngine  *engine,
                                     BaseSlice   *input,
                                     ImapEvent   *event,
                                     GError     **error);

/* After the handshake: everything learnt before is forgotten (RFC 9051 section 6.2.1). */
void        imap_engine_begin_tls   (ImapEngine *engine);

ImapCapabilities *
            imap_engine_peek_capabilities   (ImapEngine *engine);
/* Before signing in: what is known afterwards came since. */
void        imap_engine_forget_capabilities (ImapEngine *engine);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapEngine, imap_engine_free)
