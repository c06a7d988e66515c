/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/error.h - why an IMAP server did not do what was asked, and the response codes it says it with.
 *
 * The message is ours; the server's own words and its response code travel with the error for the details
 * view and for callers that branch on them.
 */
#pragma once

#include "base/bytes.h"

#define IMAP_ERROR (imap_error_quark ())
GQuark imap_error_quark (void);

typedef enum {
  IMAP_ERROR_NO,               /* refused, the connection is good; imap_error_get_code() */
  IMAP_ERROR_BAD,              /* not understood, or not now (Exchange throttles so) */
  IMAP_ERROR_BYE,              /* the server says good-bye; the connection is closed */
  IMAP_ERROR_PROTOCOL,         /* what came is not IMAP, or lost step; the connection is closed */
  IMAP_ERROR_TOO_LONG,         /* an answer above the limits; the connection is closed */
  IMAP_ERROR_NO_TLS,           /* STARTTLS refused, or PREAUTH before it; nothing went in clear */
  IMAP_ERROR_AUTH_REJECTED,    /* the server does not take this name and password, or token */
  IMAP_ERROR_UNSUPPORTED,      /* without an extension it would not be safe; nothing was sent */
} ImapError;

/* RFC 3501, 9051, 5530 and the extensions in use here. */
typedef enum {
  IMAP_CODE_NONE,
  IMAP_CODE_UNKNOWN,
  IMAP_CODE_ALERT,
  IMAP_CODE_ALREADYEXISTS,
  IMAP_CODE_APPENDUID,
  IMAP_CODE_AUTHENTICATIONFAILED,
  IMAP_CODE_AUTHORIZATIONFAILED,
  IMAP_CODE_BADCHARSET,
  IMAP_CODE_CANNOT,
  IMAP_CODE_CAPABILITY,
  IMAP_CODE_CLIENTBUG,
  IMAP_CODE_CLOSED,
  IMAP_CODE_CONTACTADMIN,
  IMAP_CODE_COPYUID,
  IMAP_CODE_CORRUPTION,
  IMAP_CODE_EXPIRED,
  IMAP_CODE_EXPUNGEISSUED,
  IMAP_CODE_HASCHILDREN,
  IMAP_CODE_HIGHESTMODSEQ,
  IMAP_CODE_INUSE,
  IMAP_CODE_LIMIT,
  IMAP_CODE_MAILBOXID,
  IMAP_CODE_MODIFIED,
  IMAP_CODE_NOMODSEQ,
  IMAP_CODE_NONEXISTENT,
  IMAP_CODE_NOPERM,
  IMAP_CODE_OVERQUOTA,
  IMAP_CODE_PARSE,
  IMAP_CODE_PERMANENTFLAGS,
  IMAP_CODE_PRIVACYREQUIRED,
  IMAP_CODE_READ_ONLY,
  IMAP_CODE_READ_WRITE,
  IMAP_CODE_SERVERBUG,
  IMAP_CODE_TOOBIG,
  IMAP_CODE_TRYCREATE,
  IMAP_CODE_UIDNEXT,
  IMAP_CODE_UIDNOTSTICKY,
  IMAP_CODE_UIDVALIDITY,
  IMAP_CODE_UNAVAILABLE,
  IMAP_CODE_UNSEEN,
} ImapCode;

/* code: case does not matter; IMAP_CODE_UNKNOWN for one that is not in the list. */
ImapCode    imap_code_parse         (BaseSlice name);
/* The atom as the RFC spells it; "" for NONE and UNKNOWN. */
const char *imap_code_get_name      (ImapCode code);

/* text: the server's words, made safe to print; what: "Cannot open folder Archive" without a full stop. */
void        imap_error_set          (GError     **error,
                                     ImapError    error_code,
                                     ImapCode     code,
                                     BaseSlice    text,
                                     const char  *format,
                                     ...) G_GNUC_PRINTF (5, 6);
/* Of an error of this domain; IMAP_CODE_NONE and NULL for any other. */
ImapCode    imap_error_get_code     (const GError *error);
const char *imap_error_peek_text    (const GError *error);
