/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/lexer.h - reads the words of one framed response: atoms, quoted strings, literals, NIL, lists.
 *
 * Generous where servers are known to be careless (blanks, case, control characters in atoms), strict where a
 * mistake would shift what follows.  It does not know what a response means.
 *
 * Threads: one at a time.  Limits: IMAP_NESTING_MAX.  Errors: functions return FALSE; the response is then
 * unreadable.
 */
#pragma once

#include "imap/framer.h"

#define IMAP_NESTING_MAX 64

typedef enum {
  IMAP_VALUE_NONE,          /* not told */
  IMAP_VALUE_NIL,
  IMAP_VALUE_BYTES,
  IMAP_VALUE_HANDED_OVER,   /* a long literal: its bytes went through the framer */
} ImapValueKind;

typedef struct {
  ImapValueKind kind;
  gboolean      is_atom;
  BaseSlice     bytes;
  guint64       size;       /* of the long literal, else of bytes */
} ImapValue;

typedef struct {
  const ImapFrame *frame;
  BaseSlice        rest;
  gsize            next_gap;
  GPtrArray       *scraps;      /* owns unescaped strings */
} ImapLexer;

/* Values are lent: they live as long as the frame and scraps (an array with g_free). */
void      imap_lexer_init          (ImapLexer       *lexer,
                                    const ImapFrame *frame,
                                    GPtrArray       *scraps);
gboolean  imap_lexer_is_at_end     (ImapLexer *lexer);
/* Skips blanks, then takes c if it is next. */
gboolean  imap_lexer_take_char     (ImapLexer *lexer,
                                    char       c);
/* Up to a blank or parenthesis; FALSE when empty. */
gboolean  imap_lexer_take_atom     (ImapLexer *lexer,
                                    BaseSlice *atom);
/* An atom that may hold "[...]" with blanks, as BODY[HEADER.FIELDS (DATE)]<0>. */
gboolean  imap_lexer_take_item     (ImapLexer *lexer,
                                    BaseSlice *item);
/* Digits; what follows them may touch. */
gboolean  imap_lexer_take_number   (ImapLexer *lexer,
                                    guint64    max,
                                    guint64   *number);
/* Atom, string or NIL. */
gboolean  imap_lexer_take_value    (ImapLexer *lexer,
                                    ImapValue *value);
/* A value or a list, however deep up to the limit. */
gboolean  imap_lexer_skip_value    (ImapLexer *lexer);
/* Everything left, trimmed. */
BaseSlice imap_lexer_take_rest     (ImapLexer *lexer);
