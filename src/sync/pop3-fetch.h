/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/pop3-fetch.h - gets whole messages of the open POP3 session into the store.
 *
 * It pipelines: up to a window of commands and bytes is asked for before the first answer is read.  What the
 * server refuses is noted in the summary and skipped.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/context.h"

#define SYNC_POP3_WINDOW_COMMANDS 500
#define SYNC_POP3_WINDOW_BYTES    (4 * 1024 * 1024)

typedef struct {
  guint   commands;
  guint64 bytes;
} SyncPop3Window;

/* Where what is fetched goes. */
typedef struct {
  gint64          folder_id;
  gint64          announced_at;   /* 0: it counts as new mail */
  IngestStream   *stream;
  SyncPop3Window  window;
  GHashTable     *same_headers;   /* or NULL: header hash (GBytes) -> location id (gint64); what has such a
                                   * header is that place */
  IngestTicket    last;           /* set: everything put so far is durable with it */
  guint64         n_put;          /* set */
} SyncPop3Fetch;

/* In the order of indexes.  Stops without error when somebody else waits. */
gboolean sync_pop3_fetch (SyncContext    *context,
                          SyncPop3Fetch  *fetch,
                          GArray         *messages,        /* of SessionPop3Message, with uidl */
                          GArray         *indexes,         /* of guint */
                          GError        **error);
