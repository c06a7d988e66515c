/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/imap-core.h - what the files of the IMAP session share.  For session/imap*.c only.
 *
 * Every command belongs to a ticket, also those of verbs that wait at once.  session_imap_pump() is one turn:
 * send what may be sent, wait, take what came.  What came goes to the ticket it answers, to the verb that
 * collects, or to the news.
 */
#pragma once

#include "imap/engine.h"
#include "session/imap.h"
#include "session/log.h"

typedef enum {
  TICKET_PLAIN,
  TICKET_ROWS,
  TICKET_BODIES,
  TICKET_STORE,
  TICKET_COPY,
} TicketKind;

struct _SessionImapTicket {
  TicketKind             kind;
  SessionImap           *session;        /* NULL when it is gone */
  char                  *purpose;        /* "Cannot open folder Archive" */
  guint                  n_open;         /* commands not answered */
  gboolean               is_dropped;     /* nobody holds the ticket any more */
  GError                *error;          /* the first refusal */
  ImapCode               code;           /* of the last answer */
  guint64                weight;         /* bytes that may still come */

  ImapUidset            *uids;           /* asked for; or NULL and numbers */
  guint32                first_number;
  guint32                last_number;
  SessionImapItems       items;
  gboolean               takes_vanished;
  GArray                *rows;           /* SessionImapRow */
  ImapUidset            *vanished;
  guint                  unreadable;
  const SessionImapSink *sink;
  gpointer               sink_data;
  ImapUidset            *modified;
  ImapUidMap            *map;
  guint32                uidvalidity;    /* of APPENDUID */
  guint32                uid;
};

/* A long literal that is coming in. */
typedef struct {
  gboolean           is_active;
  SessionImapTicket *ticket;        /* whose sink takes it; NULL: nobody's */
  GByteArray        *header;        /* or it is a header, kept here; or NULL */
  guint64            size;
  guint64            left;
} ImapStream;

typedef struct {
  char                 *raw_name;      /* NULL: none is selected */
  gboolean              is_opening;    /* SELECT is on its way: what comes belongs to opening */
  gboolean              awaits_closed; /* "[CLOSED]" has not come: it may be about the folder before */
  SessionImapBox       *opening;
  SessionImapNews       news;
} ImapSelected;

typedef void (*ImapCollector) (SessionImap        *session,
                               const ImapResponse *response,
                               gpointer            user_data);

struct _SessionImap {
  GThread       *owner;
  char          *host;
  guint16        port;
  NetSecurity    security;
  char          *user;
  BaseSecret    *password;
  BaseSecret    *oauth_token;
  gboolean       may_send_clear;
  guint          timeout_s;

  NetWire       *wire;
  NetSignals     signals;
  int            cancel_fd;         /* of signals.cancellable, or -1 */
  SessionLog    *log;
  GString       *sent_line;         /* for the log: what of a line was sent */
  gboolean       sent_secret;
  ImapEngine    *engine;
  gboolean       is_good;
  GError        *failure;           /* why it is not */
  gint64         deadline;          /* so long nothing need come */
  guint64        literal_progress;  /* bytes since the deadline was moved */
  gboolean       is_leaving;        /* LOGOUT is on its way */
  gboolean       is_uploading;      /* a message is on its way, or its answer */

  gboolean       is_greeted;
  gboolean       is_preauth;
  gboolean       is_signed_in;
  gboolean       has_qresync;       /* confirmed by ENABLED */
  gboolean       has_condstore;
  gboolean       has_utf8;
  char          *server;
  char          *prefix;
  char           delimiter;
  GQueue         alerts;            /* char * */

  GPtrArray     *tickets;           /* that have open commands, oldest first; owned when dropped */
  GArray        *open;              /* OpenCommand */
  ImapStream     stream;
  ImapSelected   selected;
  ImapCollector  collector;         /* of the verb that waits */
  gpointer       collector_data;
  guint          waiting_tag;       /* AUTHENTICATE or IDLE: */
  gboolean       may_continue;      /* its "+" came */
  GBytes        *challenge;         /* with it; or NULL */
};

/* --- imap-core.c --- */

/* FALSE when the session is broken or the job was cancelled. */
gboolean           session_imap_is_ready    (SessionImap  *session,
                                             GError      **error);
/* Breaks the session for good; takes failure.  Always FALSE. */
gboolean           session_imap_break       (SessionImap  *session,
                                             GError       *failure,
                                             GError      **error);
gboolean           session_imap_pump        (SessionImap  *session,
                                             GError      **error);
/* Hands queued commands to the wire. */
void               session_imap_send        (SessionImap *session);
/* Takes what came without waiting. */
gboolean           session_imap_take_input  (SessionImap  *session,
                                             GError      **error);

void               session_imap_move_deadline (SessionImap *session);

ImapWriter        *session_imap_new_writer  (SessionImap *session) G_GNUC_WARN_UNUSED_RESULT;
SessionImapTicket *session_imap_ticket_new  (SessionImap *session,
                                             TicketKind   kind,
                                             const char  *format,
                                             ...) G_GNUC_PRINTF (3, 4) G_GNUC_WARN_UNUSED_RESULT;
/* Takes writer. */
guint              session_imap_ticket_add  (SessionImapTicket *ticket,
                                             ImapWriter        *writer,
                                             ImapCommandKind    kind);
/* One command for each part of uids that fits into a line: before SET after. */
void               session_imap_ticket_add_for_set (SessionImapTicket *ticket,
                                                    const ImapUidset  *uids,
                                                    const char        *before,
                                                    const char        *after);
/* The same: before SET folder. */
void               session_imap_ticket_add_for_folder (SessionImapTicket *ticket,
                                                       const ImapUidset  *uids,
                                                       const char        *before,
                                                       const char        *raw_folder);
/* Waits until all its commands are answered; FALSE with the first refusal too. */
gboolean           session_imap_ticket_wait (SessionImapTicket  *ticket,
                                             GError            **error);
/* Starts one command and waits; what comes meanwhile also goes to collector, which may be NULL.  Takes
 * writer. */
gboolean           session_imap_run         (SessionImap        *session,
                                             ImapWriter         *writer,
                                             ImapCommandKind     kind,
                                             ImapCollector       collector,
                                             gpointer            user_data,
                                             GError            **error,
                                             const char         *format,
                                             ...) G_GNUC_PRINTF (7, 8);

/* --- imap-box.c: the selected folder --- */

void               session_imap_box_take    (SessionImap        *session,
                                             const ImapResponse *response);
/* Flags of a message that nobody asked for. */
void               session_imap_box_take_flags (SessionImap        *session,
                                                const ImapResponse *response);

/* --- imap-fetch.c --- */

SessionImapRow     session_imap_row_make    (SessionImap        *session,
                                             const ImapResponse *response);
void               session_imap_fetch_take  (SessionImap        *session,
                                             const ImapResponse *response);
/* TRUE when a fetch of changes waits for it. */
gboolean           session_imap_fetch_take_vanished (SessionImap        *session,
                                                     const ImapResponse *response);
void               session_imap_fetch_note_unreadable (SessionImap *session);
void               session_imap_stream_begin (SessionImap        *session,
                                              const ImapResponse *head,
                                              guint64             size);
void               session_imap_stream_data (SessionImap *session,
                                             BaseSlice    data);
/* The stream ends without being a message: its sink is told.  only_of: NULL, or the ticket that goes. */
void               session_imap_stream_drop (SessionImap             *session,
                                             const SessionImapTicket *only_of);
