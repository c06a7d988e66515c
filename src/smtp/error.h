/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp/error.h - why a mail was not sent, one code per thing a caller does differently.
 *
 * The message is ours; the server's words and its code travel beside it, for the details view.
 */
#pragma once

#include "smtp/reply.h"

#define SMTP_ERROR (smtp_error_quark ())
GQuark smtp_error_quark (void);

/* All but UNKNOWN mean: this mail was not taken. */
typedef enum {
  SMTP_ERROR_AUTH_REJECTED,        /* name and password are not taken, or are wanted: ask the user */
  SMTP_ERROR_NO_TLS,               /* the line cannot be made safe, so nothing secret was sent */
  SMTP_ERROR_TEMPORARY,            /* 4xx: may be tried again later */
  SMTP_ERROR_PERMANENT,            /* 5xx: will not work as it is */
  SMTP_ERROR_TOO_BIG,              /* above what the server takes */
  SMTP_ERROR_RECIPIENTS_REFUSED,   /* see the result of each recipient */
  SMTP_ERROR_BAD_ADDRESS,          /* an address that cannot be written into a command */
  SMTP_ERROR_NEEDS_SMTPUTF8,       /* an address with letters that this server cannot take */
  SMTP_ERROR_NEEDS_ENCODING,       /* 8-bit bytes, NUL or long lines that this server cannot take */
  SMTP_ERROR_PROTOCOL,             /* this is not SMTP, or the server broke its rules */
  SMTP_ERROR_UNKNOWN,              /* all was handed over and no answer came: sent or not, nobody knows */
} SmtpError;

/* reply: or NULL. */
void        smtp_error_set            (GError          **error,
                                       SmtpError         code,
                                       const SmtpReply  *reply,
                                       const char       *format,
                                       ...) G_GNUC_PRINTF (4, 5);
void        smtp_error_set_words      (GError          **error,
                                       SmtpError         code,
                                       const char       *words,
                                       const char       *format,
                                       ...) G_GNUC_PRINTF (4, 5);
/* What the server said, with its codes, or NULL; for errors of any domain. */
const char *smtp_error_peek_text      (const GError *error);

/* What a refusal (4xx, 5xx) says about itself. */
SmtpError   smtp_judge_refusal        (const SmtpReply *reply);
