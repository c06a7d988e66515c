/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/check.h - is everything still as it was stored: both databases, every raw message, the search index.
 *
 * It changes nothing, and takes bounded memory.  With a reader it may run beside a busy worker; the index
 * itself can be examined by a writer only, a reader compares which messages it holds.  Rebuilding is
 * ingest/repair.h's.
 *
 * Threads: the handle's.  Limits: STORE_CHECK_PROBLEMS_MAX sentences; further problems are only counted.
 * Errors: as met while reading; damage is no error but a problem.  G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "store/raw.h"

#define STORE_CHECK_PROBLEMS_MAX 1000

typedef struct {
  guint64    messages;
  guint64    contents;                  /* messages whose bytes are here, each counted once */
  guint64    bytes;                     /* read and compared, as they were received */
  guint64    bytes_free;                /* on the disk, but of no message: compaction gives them back */
  guint64    n_problems;
  GPtrArray *problems;                  /* sentences for people */
} StoreCheckReport;

void              store_check_report_free (StoreCheckReport   *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreCheckReport, store_check_report_free)

/* Bytes of raw mail that were looked at, and of all.  Called often. */
typedef void    (*StoreCheckProgress)     (guint64             done,
                                           guint64             total,
                                           gpointer            user_data);

/* progress and cancellable may be NULL. */
StoreCheckReport *store_check_run         (Store              *store,
                                           StoreCheckProgress  progress,
                                           gpointer            user_data,
                                           GCancellable       *cancellable,
                                           GError            **error) G_GNUC_WARN_UNUSED_RESULT;
