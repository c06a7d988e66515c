/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe/measure.h - signs in to one mail server and says how much lies there and what it can: for the advice
 * on POP and IMAP.
 *
 * Nothing is read, marked or changed.  What a server only claims is called so: sizes and counts are for
 * display and advice, never for a decision on a message.
 *
 * Threads: any; it blocks.  Errors: those of the sessions; PROBE_NEEDS_CONSENT as in probe/check.h.
 */
#pragma once

#include "net/pause.h"
#include "probe/verdict.h"

#define PROBE_UNKNOWN G_MAXUINT64

typedef struct {
  guint64  messages;         /* IMAP: of all folders; POP3: of the one mailbox */
  guint64  bytes;            /* or PROBE_UNKNOWN */
  guint64  inbox_messages;
  guint    folders;          /* POP3: 1 */
  guint64  quota_used;       /* bytes, or PROBE_UNKNOWN; POP3 never tells */
  guint64  quota_limit;      /* bytes, or PROBE_UNKNOWN */
  gboolean has_uidl;         /* POP3: mail can stay on the server without coming again; IMAP: TRUE */
  gboolean has_idle;         /* IMAP: new mail is told at once */
  gint     expire_days;      /* POP3: the server removes mail by itself after so many days; -1: never, or not
                              * told */
  guint    login_delay;      /* POP3: seconds between sign-ins */
} ProbeMeasure;

/* login->protocol: DISCOVER_IMAP or DISCOVER_POP3.  verdict gets what went wrong, with its sentence; NULL:
 * nobody asks. */
gboolean probe_measure (const ProbeServer  *login,
                        NetTrust           *trust,
                        const NetSignals   *signals,
                        ProbeMeasure       *measure,
                        ProbeVerdict      **verdict);
