/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/bodies.h - fetches the bodies that an IMAP folder's offline policy wants and that are not here yet.
 *
 * Newest first, by uid, in pieces that are stored whole: safe to interrupt and to repeat, also beside a pass
 * over the same folder, for a body is known by uidvalidity and uid.
 *
 * Threads: the lane's.
 */
#pragma once

#include "sync/pass.h"

SyncPassResult sync_bodies_folder (SyncContext                 *context,
                                   gint64                       folder_id,
                                   const StoreEffectivePolicy  *policy,
                                   GError                     **error);

/* The bodies of just these messages, whatever the policy, for somebody who waits: folder by folder.  What
 * cannot be had is noted in the summary; context->progress counts messages.  Those that are here already
 * count as done. */
gboolean       sync_bodies_messages (SyncContext   *context,
                                     const gint64  *message_ids,
                                     gsize          n_messages,
                                     GError       **error);
