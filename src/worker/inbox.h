/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/inbox.h - what lanes and the writer thread have to tell the main thread, opened there in order.
 *
 * It knows nothing of what a letter says.
 *
 * Threads: put from any; the rest on the one that made it, whose default main context opens the letters.
 */
#pragma once

#include <glib.h>

typedef struct _WorkerInbox WorkerInbox;

/* Takes letter. */
typedef void (* WorkerInboxOpen) (gpointer letter,
                                  gpointer data);

/* discard frees a letter that is no longer opened. */
WorkerInbox *worker_inbox_new  (WorkerInboxOpen  open,
                                gpointer         data,
                                GDestroyNotify   discard) G_GNUC_WARN_UNUSED_RESULT;
/* Nobody may put any more. */
void         worker_inbox_free (WorkerInbox *inbox);
/* Takes letter. */
void         worker_inbox_put  (WorkerInbox *inbox,
                                gpointer     letter);
/* Discards what is not to be opened any more: from those who will put no more. */
void         worker_inbox_drop (WorkerInbox *inbox,
                                gboolean  (* is_dropped) (gpointer letter,
                                                          gpointer data),
                                gpointer     data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerInbox, worker_inbox_free)
