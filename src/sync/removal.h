/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/removal.h - takes copies away from a POP3 server: those in the journal, and those that people deleted
 * for good.
 *
 * Each was written down before: by sync/leaving.h, after it was read back and compared, or as a change.  In a
 * fresh listing it is found again by its name, here and not there, and only then deleted, a hundred in a
 * session.  It counts as done when QUIT was answered with +OK; where no answer came the next listing tells.
 * A server that says yes and lists a message again is tried once more, and then a person is told.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/context.h"

/* Opens sessions only when there is something to do; n_sessions: set to how many went well.  A mailbox that
 * is in use or not free again so soon is no error: it waits for the next round. */
gboolean sync_removal_run       (SyncContext          *context,
                                 guint                *n_sessions,
                                 GError              **error);

/* Pure: a rule may take its server copy away by now. */
gboolean sync_removal_may_go    (const StoreLocation  *location,
                                 gint64                now);          /* on the store's clock */

/* For a writer: the server lists a copy that had left it by a rule.  is_ours: it was so, and has been dealt
 * with. */
gboolean sync_removal_note_back (Store                *store,
                                 gint64                account_id,
                                 const StoreLocation  *location,
                                 gboolean             *is_ours,
                                 GError              **error);
