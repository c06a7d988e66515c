/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/log.h - the one place that prints what goes over a connection.  IMAP, POP3 and SMTP sessions use
 * it.
 *
 *   imap#3 mail.example.org C: A1 LOGIN ann ***
 *
 * Lines go to debug messages of the domain penfold-session, cut, escaped and without secrets: what may hold
 * one is handed over as such and only counted.  Message text is not printed either.  The last lines are also
 * kept for the report that a person copies from an error.
 *
 * Threads: the session's.
 */
#pragma once

#include "base/bytes.h"

typedef struct _SessionLog SessionLog;

typedef enum {
  SESSION_LOG_CLIENT,
  SESSION_LOG_SERVER,
} SessionLogSide;

/* protocol: "imap".  Each log gets the next number of the process. */
SessionLog *session_log_new        (const char *protocol,
                                    const char *host) G_GNUC_WARN_UNUSED_RESULT;
void        session_log_free       (SessionLog *log);

/* Prints one line; an ending CRLF is left out. */
void        session_log_line       (SessionLog     *log,
                                    SessionLogSide  side,
                                    BaseSlice       line);
/* Prints head, a command or tag without anything secret, and "***" for what follows it. */
void        session_log_secret     (SessionLog     *log,
                                    SessionLogSide  side,
                                    const char     *head);
/* Prints "(N bytes)" for message text. */
void        session_log_data       (SessionLog     *log,
                                    SessionLogSide  side,
                                    guint64         size);
/* Prints what the session itself did: "connected", "switched to TLS". */
void        session_log_note       (SessionLog *log,
                                    const char *format,
                                    ...) G_GNUC_PRINTF (2, 3);

/* The last lines, one a line, for a report. */
char       *session_log_dup_recent (SessionLog *log) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionLog, session_log_free)
