/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/pop3-headers.h - knows messages of a POP3 server by their headers, where its names for them do not
 * serve.
 *
 * The hash is that of mime/summary.h, which leaves out what servers add or change.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/context.h"

typedef struct {
  gboolean is_told;            /* FALSE: the server does not give this header */
  guint8   hash[32];
} SyncPop3Header;

/* One for each of the messages that indexes (of guint) names, in that order.  That none is told means that
 * the server knows no TOP. */
GArray   *sync_pop3_headers_hash (SyncContext  *context,
                                  GArray       *messages,      /* of SessionPop3Message */
                                  GArray       *indexes,
                                  GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens a session and lists the mailbox.  Every message has a uidl: on a server without them one is made of
 * the header, with a first byte that no server's can have.  POP3_ERROR_PERMANENT where there is neither. */
GArray   *sync_pop3_open_and_list (SyncContext  *context,
                                   GError      **error) G_GNUC_WARN_UNUSED_RESULT;
