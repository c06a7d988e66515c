/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/writer.h - one command as bytes, with the places where the server must be asked before going on.
 *
 *   ImapWriter *writer = imap_writer_new (IMAP_LITERAL_PLUS, IMAP_NAMES_UTF7);
 *   imap_writer_text (writer, "SELECT ");
 *   imap_writer_folder (writer, raw_name);
 *
 * Strings are quoted where they can be and literals where they must.  The tag and the final CRLF are the
 * engine's. It does not know when the bytes are sent.
 *
 * Threads: one at a time.  Limits: none of its own.
 */
#pragma once

#include "imap/flags.h"
#include "imap/uidset.h"

typedef enum {
  IMAP_LITERAL_ASK,         /* every literal waits for "+" */
  IMAP_LITERAL_MINUS,       /* RFC 7888: up to 4096 bytes without asking */
  IMAP_LITERAL_PLUS,        /* none asks */
} ImapLiteralMode;

typedef enum {
  IMAP_NAMES_UTF7,
  IMAP_NAMES_UTF8,          /* after ENABLE UTF8=ACCEPT */
} ImapNameMode;

typedef struct {
  GByteArray *bytes;
  gboolean    is_secret;    /* never to be printed; wiped */
  gboolean    asks;         /* ends in a literal's head: "+" must come before the next piece */
  guint64     upload_size;  /* not 0: no bytes, but so many from elsewhere */
} ImapWriterPiece;

typedef struct _ImapWriter ImapWriter;

ImapWriter *imap_writer_new    (ImapLiteralMode  literals,
                                ImapNameMode     names) G_GNUC_WARN_UNUSED_RESULT;
void        imap_writer_free   (ImapWriter *writer);

/* Protocol text as it stands; no user data. */
void        imap_writer_text   (ImapWriter *writer,
                                const char *text);
void        imap_writer_printf (ImapWriter *writer,
                                const char *format,
                                ...) G_GNUC_PRINTF (2, 3);
void        imap_writer_string (ImapWriter *writer,
                                const char *string);
void        imap_writer_secret (ImapWriter *writer,
                                const char *string);
/* Base64 of SASL, as it stands. */
void        imap_writer_secret_text (ImapWriter *writer,
                                     const char *text);
void        imap_writer_folder (ImapWriter *writer,
                                const char *raw_name);
/* "(\Seen $Forwarded)"; what may not be sent is left out.  keywords: NULL-terminated, or NULL. */
void        imap_writer_flags  (ImapWriter         *writer,
                                ImapFlags           flags,
                                const char * const *keywords);
/* A literal of size bytes that the engine asks for when its turn comes. */
void        imap_writer_upload (ImapWriter *writer,
                                guint64     size);

/* The pieces in order; the array owns them.  The writer is empty afterwards. */
GPtrArray  *imap_writer_steal  (ImapWriter *writer) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapWriter, imap_writer_free)
