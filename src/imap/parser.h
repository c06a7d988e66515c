/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/parser.h - one framed response into what it says.
 *
 * Takes what real servers send: any case and order, missing text, extra blanks, items nobody asked for.  A
 * response that cannot be read is told as such and costs only itself, since the framer keeps step. It does
 * not know what was asked.
 *
 * Threads: one at a time.  Limits: IMAP_WORDS_MAX flags or names, IMAP_NAME_MAX for folder names,
 * IMAP_NESTING_MAX, IMAP_UIDSET_RANGES_MAX; what is above them is unreadable.  Errors: none.
 */
#pragma once

#include "imap/response.h"

#define IMAP_WORDS_MAX 1000

typedef struct _ImapParser ImapParser;

ImapParser         *imap_parser_new  (void) G_GNUC_WARN_UNUSED_RESULT;
void                imap_parser_free (ImapParser *parser);

/* Valid until the next call and as long as the frame.  Of a head only a FETCH can be read, up to the
 * literal. */
const ImapResponse *imap_parser_read (ImapParser      *parser,
                                      const ImapFrame *frame);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapParser, imap_parser_free)
