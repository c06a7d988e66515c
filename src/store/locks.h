/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/locks.h - who owns a data directory.
 *
 * worker.lock: one worker for each store.  Its holder writes into it where it can be reached.
 * store.lock: shared by every open handle, exclusive for making and migrating the files.
 * Locks are flock(): they end with the process, whatever its end.  No pid is ever judged.
 *
 * Threads: any.  Errors: STORE_ERROR_LOCKED, _BUSY, _READ_ONLY, _NETWORK_FILE_SYSTEM, _FAILED.
 */
#pragma once

#include "store/store.h"

typedef struct {
  char   *socket_path;         /* where the worker listens; "" if it does not */
  char   *version;             /* of the program */
  gint64  schema;
  gint64  pid;                 /* for people to read, never to judge by */
} StoreWorkerInfo;

void              store_worker_info_free   (StoreWorkerInfo *info);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreWorkerInfo, store_worker_info_free)

typedef struct _StoreWorkerLock StoreWorkerLock;

/* Makes dir (0700) where it is missing.  socket_path may be NULL.  STORE_ERROR_LOCKED: another process has
 * it. */
StoreWorkerLock  *store_worker_lock_take   (const char   *dir,
                                            const char   *socket_path,
                                            const char   *version,
                                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;
void              store_worker_lock_free   (StoreWorkerLock *lock);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreWorkerLock, store_worker_lock_free)
/* Whether this process holds it. */
gboolean          store_worker_lock_is_ours (const char  *dir);

/* What the holder, or the last one that was killed, wrote; STORE_ERROR_NOT_FOUND if nobody did.  Whether it
 * still lives shows when its socket answers. */
StoreWorkerInfo  *store_worker_lock_read   (const char   *dir,
                                            GError      **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  STORE_LOCK_SHARED,
  STORE_LOCK_EXCLUSIVE,
} StoreLockKind;

/* store.lock, for store_open().  Does not wait: STORE_ERROR_BUSY.  Returns the descriptor that holds it, -1
 * on error. */
int               store_locks_take_store   (const char     *dir,
                                            StoreLockKind   kind,
                                            GError        **error);

/* SQLite's shared memory does not work over a network, and flock() may lie there. */
gboolean          store_locks_check_file_system (const char  *dir,
                                                 GError     **error);
/* By the name that /proc/self/mountinfo gives: "nfs4", "fuse.sshfs". */
gboolean          store_locks_is_network_type   (const char  *type);
