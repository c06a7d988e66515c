/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/spool.h - a private file without a name, for bytes that are too many for memory.
 *
 * It is gone with its last holder, also when the process is killed.  It knows nothing of what it holds.
 *
 * Threads: one at a time.  Errors: STORE_ERROR_FULL, _READ_ONLY, _FAILED.
 */
#pragma once

#include "store/store.h"

typedef struct _StoreSpool StoreSpool;

/* In dir, so that it takes the same disk as what it becomes. */
StoreSpool *store_spool_new    (const char  *dir,
                                GError     **error) G_GNUC_WARN_UNUSED_RESULT;
void        store_spool_free   (StoreSpool  *spool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreSpool, store_spool_free)

gboolean    store_spool_append (StoreSpool  *spool,
                                BaseSlice    bytes,
                                GError     **error);
guint64     store_spool_get_size (const StoreSpool *spool);
/* All of it, mapped: it takes no private memory.  Nothing may be appended any more. */
GBytes     *store_spool_map    (StoreSpool  *spool,
                                GError     **error) G_GNUC_WARN_UNUSED_RESULT;
