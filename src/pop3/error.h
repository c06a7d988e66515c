/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pop3/error.h - why a POP3 server or its words stopped us, one code per thing a caller does differently.
 *
 * The message is ours; what the server said travels beside it, for the details view.
 */
#pragma once

#include "base/bytes.h"

#define POP3_ERROR (pop3_error_quark ())
GQuark pop3_error_quark (void);

typedef enum {
  POP3_ERROR_AUTH_REJECTED,   /* the server says that name or password are wrong: ask the user */
  POP3_ERROR_AUTH_UNCLEAR,    /* sign-in refused without a reason: ask the user only when it repeats */
  POP3_ERROR_IN_USE,          /* another session holds the mailbox: wait quietly */
  POP3_ERROR_LOGIN_DELAY,     /* too soon after the last session: wait longer */
  POP3_ERROR_TEMPORARY,       /* the server has a trouble that passes */
  POP3_ERROR_PERMANENT,       /* refused whatever the password: POP is switched off, the account closed */
  POP3_ERROR_NO_TLS,          /* the line cannot be made safe, so nothing secret was sent */
  POP3_ERROR_PROTOCOL,        /* this is not POP3, or the server broke its rules; the session is over */
  POP3_ERROR_TOO_LONG,        /* a line or a list above the limits; the session is over */
  POP3_ERROR_REFUSED,         /* -ERR to this one command; the session goes on */
  POP3_ERROR_QUIT_UNKNOWN,    /* QUIT was sent and no answer came: deletions may have happened or not */
} Pop3Error;

/* words: what the server said, or an empty slice; they are made harmless and cut. */
void        pop3_error_set       (GError     **error,
                                  Pop3Error    code,
                                  BaseSlice    words,
                                  const char  *format,
                                  ...) G_GNUC_PRINTF (4, 5);
/* What the server said, or NULL; for errors of any domain. */
const char *pop3_error_peek_text (const GError *error);
