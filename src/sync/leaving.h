/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/leaving.h - decides for a POP3 account which server copies leave, and writes that down before anything
 * is done.
 *
 * Whatever could ever leave is read back from the disk first, and what is damaged is fetched again.  Due
 * dates are kept with the places, so that everyone can show them.  Mail from before the rule is asked about
 * once, and so is the first removal of all; what nobody answered for stays.  What is due then goes into the
 * journal (store/removals.h), and sync/removal.h does it.
 *
 * Threads: the lane's.  No session is open meanwhile.
 */
#pragma once

#include "sync/context.h"
#include "sync/retention.h"

gboolean  sync_leaving_decide      (SyncContext         *context,
                                    GError             **error);

/* What would leave by these settings, and when: of SyncDue, soonest first.  What is whole here but was not
 * read back yet counts as proven now.  Mail from before the rule is told too, and is marked. */
GArray   *sync_leaving_preview     (Store               *store,
                                    const StoreAccount  *account,
                                    GError             **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  SYNC_OLDER_FIRST,            /* the mailbox was collected once: only where no line was drawn yet */
  SYNC_OLDER_ANEW,             /* the rule was changed: only where one was */
} SyncOlder;

/* Draws the line: what is here by now is mail from before the rule. */
gboolean  sync_leaving_draw_line   (Store               *store,
                                    const StoreAccount  *account,
                                    SyncOlder            how,
                                    GError             **error);
/* Whether there is one: until then the mailbox was never collected to its end. */
gboolean  sync_leaving_has_line    (Store               *store,
                                    const StoreAccount  *account,
                                    gboolean            *has_line,
                                    GError             **error);
