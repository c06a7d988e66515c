/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/framer.h - cuts a stream of bytes into whole IMAP responses.
 *
 * Give it bytes in any portions, take out complete responses.  Short literals come inside their response; the
 * bytes of long ones, the mail itself, are handed through as they arrive and never kept. It does not know
 * what a response means, apart from this: status responses and continuations have no literals, so that a text
 * ending in "{5}" does not swallow what follows.
 *
 * Threads: one at a time.  Limits: ImapLimits.  Errors: IMAP_ERROR_TOO_LONG, after which only free() works.
 */
#pragma once

#include "base/bytes.h"

typedef struct {
  gsize   response;         /* text and short literals of one response together */
  gsize   short_literal;    /* longer ones are handed through */
  guint64 literal;          /* longer ones are an error */
} ImapLimits;

/* 1 MiB holds the longest list that is not an attack: VANISHED for more than 100,000 scattered UIDs. */
#define IMAP_LIMITS_DEFAULT ((ImapLimits) { 1024 * 1024, 64 * 1024, G_GUINT64_CONSTANT (1) << 30 })

/* A literal whose bytes were handed through: they are missing in the text at offset. */
typedef struct {
  gsize   offset;
  guint64 size;
} ImapGap;

/* One response without its last CRLF: lines, "{5}" CRLF and five bytes for each short literal, gaps for long
 * ones. */
typedef struct {
  BaseSlice      text;
  const ImapGap *gaps;      /* ascending */
  gsize          n_gaps;
  gboolean       is_head;   /* only what came before a long literal, which is the last gap */
} ImapFrame;

typedef enum {
  IMAP_PIECE_NONE,            /* the input is used up */
  IMAP_PIECE_RESPONSE,        /* frame */
  IMAP_PIECE_LITERAL_BEGIN,   /* frame is a head; literal_size bytes of data will follow */
  IMAP_PIECE_LITERAL_DATA,    /* data */
} ImapPieceKind;

typedef struct {
  ImapPieceKind kind;
  ImapFrame     frame;
  guint64       literal_size;
  BaseSlice     data;
} ImapPiece;

typedef struct _ImapFramer ImapFramer;

ImapFramer *imap_framer_new   (const ImapLimits *limits) G_GNUC_WARN_UNUSED_RESULT;
void        imap_framer_free  (ImapFramer *framer);
/* Forgets a half response. */
void        imap_framer_reset (ImapFramer *framer);

/* Takes one piece off the front of input, and the bytes that make it.  A piece is valid until the next call
 * and as long as the memory of input. */
gboolean    imap_framer_take  (ImapFramer  *framer,
                               BaseSlice   *input,
                               ImapPiece   *piece,
                               GError     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapFramer, imap_framer_free)
