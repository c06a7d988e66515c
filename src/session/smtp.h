/* SPDX-License-Identifier: GPL-3.0-or-later */
/* session/smtp.h - one connection to a submission server as a lane uses it: sign in, send, once and never
 * twice.
 *
 *   g_autoptr(SessionSmtp) session = session_smtp_new (&login);
 *   session_smtp_set_signals (session, &signals);
 *   if (!session_smtp_open (session, error)) ...
 *   if (!session_smtp_send (session, &mail, &result, error)) ...
 *   session_smtp_quit (session);
 *
 * The point of no return is the line with the final dot.  Before it every failure means: not sent; a
 * cancelled job closes the connection and the server throws away what it has.  Just before it leaves,
 * about_to_commit is called, so that the caller has it on disk that a send is running.  After it only the
 * server's answer tells; when none comes, for whatever reason, the error is SMTP_ERROR_UNKNOWN, and nothing
 * here tries again.
 *
 * It hands over the bytes as they are, with canonical line ends.  That they hold no Bcc is the caller's
 * matter.
 *
 * Signals: set before each job; wake_fd is not looked at.  A cancelled or stopped job closes the connection;
 * once the final dot has left cancelling has no effect.
 *
 * Threads: the one that made it; asserted.
 * Limits: those of smtp/reply.h; SESSION_SMTP_RECIPIENTS_MAX.
 * Errors: NET_ERROR, SASL_ERROR, SMTP_ERROR, G_IO_ERROR.  session_smtp_is_good() says whether the connection
 * can still be used afterwards.
 */
#pragma once

#include "net/sasl.h"
#include "net/wire.h"
#include "smtp/capabilities.h"
#include "smtp/error.h"

#define SESSION_SMTP_RECIPIENTS_MAX 10000

typedef struct _SessionSmtp SessionSmtp;

typedef struct {
  NetWhere     where;
  const char  *user;             /* or NULL: the server wants no sign-in */
  BaseSecret  *password;         /* or NULL */
  BaseSecret  *oauth_token;      /* or NULL; when set only OAuth mechanisms are tried */
  gboolean     may_send_clear;   /* the user chose an unencrypted password in so many words */
  guint        timeout_s;        /* so long without progress is NET_ERROR_TIMEOUT; 0 = 60 */
} SessionSmtpLogin;

/* Copies login and refs its secrets; where.trust must outlive the session. */
SessionSmtp *session_smtp_new           (const SessionSmtpLogin *login) G_GNUC_WARN_UNUSED_RESULT;
/* Takes wire, which is connected: for tests and tunnels. */
SessionSmtp *session_smtp_new_on_wire   (const SessionSmtpLogin *login,
                                         NetWire                *wire) G_GNUC_WARN_UNUSED_RESULT;
void         session_smtp_free          (SessionSmtp *session);
/* Copied; the cancellable is referenced until the next call.  NULL for none. */
void         session_smtp_set_signals   (SessionSmtp      *session,
                                         const NetSignals *signals);

/* Connects up to the capabilities, with TLS as asked, and sends no secret: a probe may stop here. */
gboolean     session_smtp_connect       (SessionSmtp  *session,
                                         GError      **error);
/* Does nothing when the login has no user. */
gboolean     session_smtp_sign_in       (SessionSmtp  *session,
                                         GError      **error);
/* Both. */
gboolean     session_smtp_open          (SessionSmtp  *session,
                                         GError      **error);
/* Says QUIT and waits a moment for the answer; never fails.  Only free() is left. */
void         session_smtp_quit          (SessionSmtp *session);

gboolean     session_smtp_is_good       (SessionSmtp *session);
const SmtpCapabilities *
             session_smtp_peek_capabilities (SessionSmtp *session);
NetTraffic   session_smtp_get_traffic   (SessionSmtp *session);
/* For what a failed handshake saw. */
NetWire     *session_smtp_peek_wire     (SessionSmtp *session);
/* The last lines of the conversation without secrets, for a report. */
char        *session_smtp_dup_log       (SessionSmtp *session) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  SESSION_SMTP_ALL_OR_NONE,      /* one refused recipient, and nobody gets it */
  SESSION_SMTP_SKIP_REFUSED,     /* those who are accepted get it */
} SessionSmtpRefused;

typedef struct {
  const char          *from;
  const char * const  *to;           /* all recipients, Bcc too; NULL-terminated, at least one */
  GInputStream        *message;      /* seekable: it is read twice, from its beginning */
  SessionSmtpRefused   refused;

  /* Called once, when only the final dot is left to be sent.  FALSE with an error: it is not sent.  Or NULL.
   * */
  gboolean           (*about_to_commit) (gpointer   data,
                                         GError   **error);
  /* Bytes of the message handed over so far, and all of them.  Or NULL. */
  void               (*progress)        (gpointer   data,
                                         guint64    done,
                                         guint64    total);
  gpointer             data;
} SessionSmtpMail;

typedef enum {
  SESSION_SMTP_UNTRIED,
  SESSION_SMTP_ACCEPTED,
  SESSION_SMTP_REFUSED_NOW,          /* 4xx: may work later */
  SESSION_SMTP_REFUSED,              /* 5xx */
} SessionSmtpFate;

typedef struct {
  char            *address;
  SessionSmtpFate  fate;             /* accepted: if the mail as a whole was taken */
  char            *words;            /* what the server said to it, with its codes; or NULL */
} SessionSmtpRecipient;

typedef struct {
  gboolean   is_sent;                /* the server took the mail for all accepted recipients */
  GPtrArray *recipients;             /* SessionSmtpRecipient, as in the mail */
  char      *words;                  /* the server's last answer; or NULL */
} SessionSmtpResult;

void         session_smtp_result_free   (SessionSmtpResult *result);

/* result: what each recipient was told, also after an error; never NULL afterwards.  RECIPIENTS_REFUSED when
 * one was refused for good and the mail is not sent, TEMPORARY when all refusals may pass. */
gboolean     session_smtp_send          (SessionSmtp            *session,
                                         const SessionSmtpMail  *mail,
                                         SessionSmtpResult     **result,
                                         GError                **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionSmtp, session_smtp_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SessionSmtpResult, session_smtp_result_free)
