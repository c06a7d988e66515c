/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/outbox.h - sends what waits in the outbox of one account: in order, each once, and never twice by
 * itself.
 *
 * The row says running before the final dot leaves, so that after a crash it is known that nobody knows.
 * Everything that goes wrong before it leaves the mail queued; after it only the server's answer counts, and
 * where none came the row says unknown until a person decides.  One refused recipient, and nobody gets the
 * mail: then it can be mended and sent to all.
 * It puts no copy into Sent: sync/sent.h.
 *
 * Threads: the lane's.
 */
#pragma once

#include "store/outbox.h"
#include "sync/context.h"
#include "sync/post.h"

/* What an error of the server's, met with one mail, means for it. */
typedef enum {
  SYNC_OUTBOX_LATER,           /* a refusal that passes: this mail waits, the next one may go */
  SYNC_OUTBOX_FAILED,          /* it will not work as it is */
  SYNC_OUTBOX_UNKNOWN,         /* sent or not, nobody knows */
  SYNC_OUTBOX_PASSED_OVER,     /* somebody took it back meanwhile */
  SYNC_OUTBOX_AWAY,            /* the server cannot be worked with now: this mail waits, and the run ends */
  SYNC_OUTBOX_STOPPED,         /* not about the mail, which stays as it is, and the run ends */
} SyncOutboxVerdict;

typedef enum {
  SYNC_OUTBOX_OPENING,         /* connecting, signing in */
  SYNC_OUTBOX_SENDING,
} SyncOutboxStage;

/* Pure. */
SyncOutboxVerdict sync_outbox_judge (const GError     *error,
                                     SyncOutboxStage   stage);

/* context needs no remote.  FALSE with error when the run ended early: what is left stays queued, after a
 * refused sign-in as due as before, so that the caller stops the account.  What became of single
 * mails is in their rows, and in the summary where it needs a person. */
gboolean          sync_outbox_run   (SyncContext      *context,
                                     SyncPost         *post,
                                     GError          **error);
/* It was sent, as the server or the folder for sent mail tells; what it answers or forwards is marked so. */
gboolean          sync_outbox_note_sent (SyncContext        *context,
                                         const StoreOutbox  *entry,
                                         GError            **error);
