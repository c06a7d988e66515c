/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pop3/framer.h - cuts a stream of bytes into status lines, rows of lists and bodies of messages.
 *
 * Give it bytes in any portions; say before each answer what to expect.  Bodies are not collected: they come
 * out in pieces as they go in, without the dots that RFC 1939 section 3 put in front of lines, and otherwise
 * byte for byte. It does not know what a line means, and it never waits.
 *
 * A line may end with LF alone.  In a body that counts only when the status line ended so too: a server that
 * speaks CRLF does not put dots in front of lines that a sender ended with LF, and LF . LF inside a message
 * must not end it.
 *
 * Limits: a line of POP3_LINE_MAX bytes with its end.
 * Errors: POP3_ERROR_TOO_LONG, after which only free() works.
 */
#pragma once

#include "base/bytes.h"

#define POP3_LINE_MAX 8192

typedef struct _Pop3Framer Pop3Framer;

typedef enum {
  POP3_EXPECT_STATUS,    /* one line */
  POP3_EXPECT_ROWS,      /* lines up to the dot */
  POP3_EXPECT_BODY,      /* bytes up to the dot */
} Pop3Expect;

typedef enum {
  POP3_FRAME_FAILED,     /* error is set */
  POP3_FRAME_MORE,       /* all input was taken */
  POP3_FRAME_LINE,       /* piece is a whole line without its end */
  POP3_FRAME_DATA,       /* piece is the next part of the body, never empty */
  POP3_FRAME_END,        /* the line with the dot came */
} Pop3Frame;

Pop3Framer *pop3_framer_new    (void) G_GNUC_WARN_UNUSED_RESULT;
void        pop3_framer_free   (Pop3Framer *framer);

/* Between answers only: after LINE with POP3_EXPECT_STATUS (which lasts until changed), after END. */
void        pop3_framer_expect (Pop3Framer *framer,
                                Pop3Expect  expect);
/* Takes bytes from the front of input.  piece is valid until the next call or until the input's memory goes.
 * */
Pop3Frame   pop3_framer_take   (Pop3Framer  *framer,
                                BaseSlice   *input,
                                BaseSlice   *piece,
                                GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pop3Framer, pop3_framer_free)
