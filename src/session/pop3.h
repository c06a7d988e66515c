/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/pop3.h - one POP3 connection as a lane uses it: blocking verbs, with tickets where answers may
 * overlap.
 *
 *   g_autoptr(SessionPop3) session = session_pop3_new (&login);
 *   session_pop3_set_signals (session, &signals);
 *   if (!session_pop3_open (session, error)) ...
 *   g_autoptr(GArray) messages = session_pop3_list (session, error);
 *   g_autoptr(SessionPop3Ticket) one = session_pop3_start_retr (session, 1, &sink, data);
 *   g_autoptr(SessionPop3Ticket) two = session_pop3_start_retr (session, 2, &sink, data);
 *   if (!session_pop3_finish_retr (session, one, error)) ...
 *   if (!session_pop3_quit (session, error)) ...
 *
 * start_* only queues bytes: it cannot fail; what is wrong is told by finish_*.  Tickets are finished in the
 * order in which they were started, or freed: then their answer is dropped when it comes.  With PIPELINING up
 * to 20 commands are on their way at once, else one.  The other verbs are for when no ticket is open, and all
 * tickets are gone before the session is freed.
 *
 * A deletion is a wish until session_pop3_quit() returned TRUE: a connection that ends in any other way
 * deletes nothing (RFC 1939 section 6).  It does not know what was stored, and it never repeats a command by
 * itself.
 *
 * Signals: set before each job; wake_fd is not looked at.  A cancelled or stopped job closes the connection.
 *
 * Threads: the one that made it; asserted.
 * Limits: those of pop3/framer.h and pop3/parser.h; SESSION_POP3_MESSAGES_MAX; SESSION_POP3_TOP_MAX.
 * Errors: NET_ERROR, SASL_ERROR, POP3_ERROR, G_IO_ERROR_CANCELLED.  session_pop3_is_good() says whether the
 * connection can still be used afterwards.
 */
#pragma once

#include "net/sasl.h"
#include "net/wire.h"
#include "pop3/error.h"
#include "pop3/parser.h"

#define SESSION_POP3_MESSAGES_MAX 1000000
#define SESSION_POP3_TOP_MAX      (1024 * 1024)

typedef struct _SessionPop3 SessionPop3;

typedef struct {
  NetWhere     where;
  const char  *user;
  BaseSecret  *password;         /* or NULL */
  BaseSecret  *oauth_token;      /* or NULL; when set only OAuth mechanisms are tried */
  gboolean     may_send_clear;   /* the user chose an unencrypted password in so many words */
  guint        timeout_s;        /* so long without progress is NET_ERROR_TIMEOUT; 0 = 60 */
} SessionPop3Login;

/* Copies login and refs its secrets; where.trust must outlive the session. */
SessionPop3 *session_pop3_new           (const SessionPop3Login *login) G_GNUC_WARN_UNUSED_RESULT;
/* Takes wire, which is connected: for tests and tunnels. */
SessionPop3 *session_pop3_new_on_wire   (const SessionPop3Login *login,
                                         NetWire                *wire) G_GNUC_WARN_UNUSED_RESULT;
void         session_pop3_free          (SessionPop3 *session);
/* Copied; the cancellable is referenced until the next call.  NULL for none. */
void         session_pop3_set_signals   (SessionPop3      *session,
                                         const NetSignals *signals);

/* Connects up to the capabilities, with TLS as asked, and sends no secret: a probe may stop here. */
gboolean     session_pop3_connect       (SessionPop3  *session,
                                         GError      **error);
/* Signs in by SASL or USER and PASS, and asks for the capabilities again. */
gboolean     session_pop3_sign_in       (SessionPop3  *session,
                                         GError      **error);
/* Both. */
gboolean     session_pop3_open          (SessionPop3  *session,
                                         GError      **error);

gboolean     session_pop3_is_good       (SessionPop3 *session);
/* What the server offers now, with its facts on expiry and the delay between sign-ins. */
const Pop3Capabilities *
             session_pop3_peek_capabilities (SessionPop3 *session);
NetTraffic   session_pop3_get_traffic   (SessionPop3 *session);
/* For what a failed handshake saw. */
NetWire     *session_pop3_peek_wire     (SessionPop3 *session);
/* The last lines of the conversation without secrets, for a report. */
char        *session_pop3_dup_log       (SessionPop3 *session) G_GNUC_WARN_UNUSED_RESULT;

/* Both numbers are the server's word: for display and progress only. */
gboolean     session_pop3_stat          (SessionPop3  *session,
                                         guint32      *messages,
                                         guint64      *size,
                                         GError      **error);

typedef struct {
  guint32  number;          /* in this session only */
  char    *uidl;            /* opaque; NULL when the server has no UIDL */
  guint32  occurrence;      /* 0 for the first message of the list with this uidl */
  guint64  size;            /* the server's word; 0 when not told */
} SessionPop3Message;

/* UIDL and LIST: a new array of SessionPop3Message that clears them, ascending by number.  UIDL is tried
 * whether or not it is offered; that no message has a uidl means that the server refused it as unknown. */
GArray      *session_pop3_list          (SessionPop3  *session,
                                         GError      **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct _SessionPop3Ticket SessionPop3Ticket;

/* ticket may be NULL. */
void         session_pop3_ticket_free   (SessionPop3Ticket *ticket);

/* Takes a message as it streams in.  Called within finish_retr() of that message. */
typedef struct {
  /* FALSE: it is not wanted; nothing more is called for it. */
  gboolean (*begin) (gpointer   data,
                     guint32    number);
  /* FALSE: no more of it is wanted; nothing more is called for it. */
  gboolean (*data)  (gpointer   data,
                     BaseSlice  bytes);
  /* The line with the dot came: the message is whole. */
  void     (*end)   (gpointer   data,
                     guint32    number);
  /* The connection ended first: what came since begin is not a message. */
  void     (*drop)  (gpointer   data);
} SessionPop3Sink;

/* sink and data must live until the ticket is freed. */
SessionPop3Ticket *
             session_pop3_start_retr    (SessionPop3           *session,
                                         guint32                number,
                                         const SessionPop3Sink *sink,
                                         gpointer               data) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE does not mean that the sink has it: its end() counts.  POP3_ERROR_REFUSED: not this one, the others go
 * on. */
gboolean     session_pop3_finish_retr   (SessionPop3        *session,
                                         SessionPop3Ticket  *ticket,
                                         GError            **error);

/* The header and so many lines of the body. */
SessionPop3Ticket *
             session_pop3_start_top     (SessionPop3 *session,
                                         guint32      number,
                                         guint        lines) G_GNUC_WARN_UNUSED_RESULT;
/* Cut at SESSION_POP3_TOP_MAX.  POP3_ERROR_REFUSED: not this one, or TOP is unknown. */
GBytes      *session_pop3_finish_top    (SessionPop3        *session,
                                         SessionPop3Ticket  *ticket,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* Marks a message for deletion. */
SessionPop3Ticket *
             session_pop3_start_dele    (SessionPop3 *session,
                                         guint32      number) G_GNUC_WARN_UNUSED_RESULT;
/* POP3_ERROR_REFUSED: not this one. */
gboolean     session_pop3_finish_dele   (SessionPop3        *session,
                                         SessionPop3Ticket  *ticket,
                                         GError            **error);

/* TRUE: the server said +OK, all that was marked is deleted.  POP3_ERROR_QUIT_UNKNOWN: nobody
 * knows.  NET_ERROR: nothing was deleted, QUIT did not leave.  Any other: the server said that it did not
 * delete all.  In each case the session is over and only free() is left. */
gboolean     session_pop3_quit          (SessionPop3  *session,
                                         GError      **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionPop3, session_pop3_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionPop3Ticket, session_pop3_ticket_free)
