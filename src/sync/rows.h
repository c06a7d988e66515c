/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/rows.h - what a server tells of a message, in the words of the store.
 *
 * Threads: any.
 */
#pragma once

#include "ingest/ingest.h"
#include "session/imap.h"

/* System flags and the keywords that the store keeps as flags ($Forwarded and its like). */
guint              sync_rows_get_flags    (const SessionImapRow *row);
/* The other keywords, NULL-terminated; strings of row. */
char             **sync_rows_dup_keywords (const SessionImapRow *row) G_GNUC_WARN_UNUSED_RESULT;
/* The IMAP flags and the keywords that stand for flags of the store; keywords: set to what is left as
 * keywords (free the array only). */
ImapFlags          sync_rows_to_imap      (guint                flags,
                                           const char         **keywords,
                                           gsize               *n_keywords);

/* Of StoreKnownUid, ascending, each once: rows that have flags. */
GArray            *sync_rows_dup_uids     (GArray               *rows) G_GNUC_WARN_UNUSED_RESULT;
/* Strings and the header are borrowed from row; keywords must live as long as the result. */
IngestRow          sync_rows_to_ingest    (const SessionImapRow *row,
                                           const StoreFolder    *folder,
                                           char                **keywords);
