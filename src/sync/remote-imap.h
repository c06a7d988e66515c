/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/remote-imap.h - a SyncRemote on an IMAP session.
 *
 * Threads: the session's.
 */
#pragma once

#include "sync/remote.h"

/* session must outlive it. */
SyncRemote *sync_remote_imap_new  (SessionImap *session) G_GNUC_WARN_UNUSED_RESULT;
void        sync_remote_imap_free (SyncRemote  *remote);
