/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pop3/parser.h - what the lines of a POP3 server mean (RFC 1939, 2449, 3206, 5034, 6856).
 *
 * Status lines with response codes, the rows of CAPA, LIST and UIDL, the answer to STAT.  It knows nothing of
 * commands or of the order of things.  Slices point into the line that was parsed.
 *
 * Limits: POP3_NUMBER_MAX messages, POP3_UIDL_MAX bytes of a unique id, POP3_MECHANISMS_MAX sign-in
 * mechanisms; sizes saturate.  What is outside is no row.
 */
#pragma once

#include "base/bytes.h"
#include "pop3/error.h"

#define POP3_NUMBER_MAX     10000000
#define POP3_UIDL_MAX       512       /* RFC 1939 says 70; servers say more */
#define POP3_MECHANISMS_MAX 64

typedef enum {
  POP3_CODE_NONE,
  POP3_CODE_IN_USE,
  POP3_CODE_LOGIN_DELAY,
  POP3_CODE_SYS_TEMP,
  POP3_CODE_SYS_PERM,
  POP3_CODE_AUTH,
  POP3_CODE_OTHER,
} Pop3Code;

typedef struct {
  gboolean  is_ok;
  Pop3Code  code;
  BaseSlice words;       /* all after +OK or -ERR, with the code */
} Pop3Status;

/* FALSE when the line is neither +OK nor -ERR. */
gboolean  pop3_parse_status      (BaseSlice   line,
                                  Pop3Status *status);

/* What a refusal says about itself by its code; otherwise when it has none. */
Pop3Error pop3_judge_refusal     (const Pop3Status *status,
                                  Pop3Error         otherwise);
/* What a refusal of name and password means.  Without a code its words are looked at; names_auth: the server
 * listed AUTH-RESP-CODE, so a refusal without [AUTH] is not about name and password (RFC 3206 section 6). */
Pop3Error pop3_judge_sign_in     (const Pop3Status *status,
                                  gboolean          names_auth);

typedef enum {
  POP3_EXPIRE_UNKNOWN,
  POP3_EXPIRE_NEVER,
  POP3_EXPIRE_DAYS,      /* 0: a message may vanish once it was fetched */
} Pop3Expire;

typedef struct {
  gboolean   has_top;
  gboolean   has_uidl;
  gboolean   has_user;
  gboolean   has_stls;
  gboolean   has_pipelining;
  gboolean   has_utf8;
  gboolean   has_auth_resp_code;
  Pop3Expire expire;
  guint      expire_days;
  guint      login_delay;          /* seconds between sign-ins, 0 when not told */
  GPtrArray *mechanisms;           /* char *, NULL-terminated */
} Pop3Capabilities;

Pop3Capabilities *pop3_capabilities_new     (void) G_GNUC_WARN_UNUSED_RESULT;
void              pop3_capabilities_free    (Pop3Capabilities *capabilities);
/* Rows that are unknown or wrong are passed over. */
void              pop3_capabilities_add_row (Pop3Capabilities *capabilities,
                                             BaseSlice         row);

/* "2 120", as rows of LIST and as the words of STAT and LIST 2.  A size that is no number is 0: it only
 * serves progress. */
gboolean  pop3_parse_size_row    (BaseSlice  row,
                                  guint32   *number,
                                  guint64   *size);
/* "2 whqtswO00WBw418f9t5JxYwZ".  The id is opaque: any bytes but control characters. */
gboolean  pop3_parse_uidl_row    (BaseSlice  row,
                                  guint32   *number,
                                  BaseSlice *uidl);

/* Whether text can stand in a command: no control character. */
gboolean  pop3_is_argument       (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pop3Capabilities, pop3_capabilities_free)
