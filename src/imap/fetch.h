/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/fetch.h - the data of a FETCH response, and lists of flags.  Part of the parser.
 *
 * Threads, limits, errors: as imap/parser.h; FALSE means unreadable.
 */
#pragma once

#include "imap/response.h"

/* "(UID 4 FLAGS (\Seen) ...)".  In a head it ends at the literal.  Keywords go to words, Gmail's labels to
 * labels. */
gboolean imap_fetch_take       (ImapLexer *lexer,
                                ImapFetch *fetch,
                                ImapFlags *flags,
                                GArray    *words,
                                GArray    *labels);
/* "(\Seen $Forwarded)" */
gboolean imap_fetch_take_flags (ImapLexer *lexer,
                                ImapFlags *flags,
                                GArray    *words);
