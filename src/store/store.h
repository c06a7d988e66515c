/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/store.h - one thread's handle on the two database files, and transactions on either.
 *
 * mail.db holds what is true, desk.db what people want.  No transaction ever covers both.  The tables have
 * modules of their own (folders.h, messages.h, locations.h, listing.h, changes.h, ...), whose functions take
 * this handle.  It knows nothing of protocols, accounts or windows.
 *
 * Threads: a handle belongs to the thread that opened it, and every function asserts so.
 * Errors: STORE_ERROR.  After any error inside a transaction the only way on is to roll it back.
 */
#pragma once

#include "base/bytes.h"

#define STORE_SCHEMA 1                  /* of both files; Hello() and worker.lock carry it */

#define STORE_ACCOUNT_LOCAL 0           /* On This Computer: the account of folders that no server has */
#define STORE_ACCOUNT_ANY   (-1)
#define STORE_NONE          (-1)        /* a number that is not known, where 0 is one */

#define STORE_ERROR (store_error_quark ())
GQuark store_error_quark (void);

typedef enum {
  STORE_ERROR_FAILED,                   /* everything that nobody branches on */
  STORE_ERROR_NOT_FOUND,                /* no such row; store_open(): no store here yet, start the worker */
  STORE_ERROR_FULL,                     /* the disk is full or over quota; nothing of the transaction was
                                         * kept */
  STORE_ERROR_READ_ONLY,                /* the files or the disk cannot be written */
  STORE_ERROR_BUSY,                     /* another process holds it for longer than the time-out: try again */
  STORE_ERROR_LOCKED,                   /* another worker owns the store */
  STORE_ERROR_OLDER_SCHEMA,             /* a worker of this version must migrate it first */
  STORE_ERROR_NEWER_SCHEMA,             /* made by a newer Penfold; it was not touched */
  STORE_ERROR_CORRUPT,                  /* damaged, or not a file of ours */
  STORE_ERROR_NETWORK_FILE_SYSTEM,
  STORE_ERROR_STATE,                    /* the row is no longer in a state that allows it: somebody was
                                         * faster */
} StoreError;

typedef enum {
  STORE_READER,                         /* mail.db read-only; desk.db for short single transactions */
  STORE_WRITER,                         /* both; makes and migrates them.  The process holds worker.lock
                                         * (locks.h) */
} StoreMode;

typedef struct _Store Store;

/* dir is the data directory.  A writer makes it and what is missing in it. */
Store      *store_open                 (const char  *dir,
                                        StoreMode    mode,
                                        GError     **error) G_GNUC_WARN_UNUSED_RESULT;
void        store_close                (Store       *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Store, store_close)

const char *store_get_dir              (const Store *store);
const char *store_get_uuid             (const Store *store);      /* the same in both files */
StoreMode   store_get_mode             (const Store *store);

/* One at a time on each file; leaving the scope without commit rolls back:
 *
 *   g_autoptr(StoreTransaction) transaction = store_begin (store, error);
 *
 *   if (transaction == NULL || !store_folders_set_role (store, id, role, error))
 *     return FALSE;
 *   return store_commit (g_steal_pointer (&transaction), error);
 */
typedef struct _StoreTransaction StoreTransaction;

StoreTransaction *store_begin          (Store             *store,
                                        /* mail.db */
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;
StoreTransaction *store_desk_begin     (Store             *store,
                                        /* desk.db */
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* One picture of mail.db over several queries.  Never kept over a turn of a main loop. */
StoreTransaction *store_begin_read     (Store             *store,
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends it in any case; FALSE: nothing of it was kept.  One that changed nothing leaves no trace, not even in
 * rev. */
gboolean          store_commit         (StoreTransaction  *transaction,
                                        GError           **error);
void              store_rollback       (StoreTransaction  *transaction);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreTransaction, store_rollback)

/* Runs work in a transaction on desk.db.  When the disk is full it frees the reserve (reserve.h) and runs
 * work once more: work must have no other effects than its rows. */
typedef gboolean (*StoreWork)          (Store             *store,
                                        gpointer           user_data,
                                        GError           **error);
gboolean          store_desk_write     (Store             *store,
                                        StoreWork          work,
                                        gpointer           user_data,
                                        GError           **error);

/* rev: every row carries the number of the transaction that last changed it.  0 on error. */
gint64            store_get_mail_rev   (Store             *store,
                                        GError           **error);
gint64            store_get_desk_rev   (Store             *store,
                                        GError           **error);
/* Differs from its last value when another handle has committed to either file: cheap, for finding lost
 * signals. */
gint64            store_get_data_version (Store           *store,
                                          GError         **error);

/* A value of mail.db's meta table, or NULL without error if there is none. */
char             *store_dup_meta       (Store             *store,
                                        const char        *key,
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean          store_set_meta       (Store             *store,
                                        const char        *key,
                                        const char        *value,
                                        GError           **error);

/* The same of desk.db, whose facts outlive a rebuilt mail.db. */
char             *store_desk_dup_meta  (Store             *store,
                                        const char        *key,
                                        GError           **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean          store_desk_set_meta  (Store             *store,
                                        const char        *key,
                                        const char        *value,
                                        GError           **error);

/* Gives back page caches and truncates a large write-ahead log.  For quiet moments of a writer. */
gboolean          store_rest           (Store             *store,
                                        GError           **error);
