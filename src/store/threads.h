/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/threads.h - which messages are one conversation.
 *
 * Messages that name each other or a common ancestor belong together, in whatever order they arrive; a
 * missing link that arrives late joins what it connects.  Only ids are compared, nothing is followed, so
 * loops and chains of any length are harmless.  A reply that names nobody joins by subject, when it was
 * written to the author within a month.  Conversations span accounts.  What each folder shows of one is kept
 * in thread_folder, brought up to date when the transaction commits.
 *
 * Threads: the handle's.  Limits: STORE_REFERENCES_MAX references of a message are kept: the first and the
 * last ones.
 */
#pragma once

#include "store/messages.h"

#define STORE_REFERENCES_MAX   32
#define STORE_SUBJECT_WINDOW_S (30 * 24 * 60 * 60)

/* Message ids of gint64, oldest first. */
GArray  *store_threads_list_messages (Store   *store,
                                      gint64   thread_id,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
