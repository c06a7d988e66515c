/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/repair.h - mail.db made anew from the raw mail alone.
 *
 * Every message whose bytes are whole comes back under its id, in the folder where it arrived, with the flags and the
 * server's name that it had then; the next round of the account matches it instead of fetching it.  What was purged
 * stays away, what had no server copy any more comes back as mail of this computer.  A message whose place is not
 * known, or whose account is gone, comes into the folder Recovered of On This Computer.
 * Messages of which only the header was here come back from their servers.  Flags that only this computer knew, tags,
 * history and moves within this computer are lost.
 *
 * Threads: any; the process holds worker.lock, and no other handle on the store is open in it.
 * Errors: STORE_ERROR; damaged raw mail is no error but counted.  G_IO_ERROR_CANCELLED: run it again.
 */
#pragma once

#include "store/check.h"

typedef struct {
  guint64  messages;                     /* came back */
  guint64  recovered;                    /* of these, in the folder Recovered */
  guint64  damaged;                      /* records whose bytes are wrong */
  guint64  bytes_lost;                   /* between records, readable for nobody */
  char    *kept_as;                      /* where the old mail.db lies now; NULL: there was none */
} IngestRepairReport;

void                ingest_repair_report_free (IngestRepairReport *report);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (IngestRepairReport, ingest_repair_report_free)

/* Puts mail.db aside and makes a new one.  progress and cancellable may be NULL. */
IngestRepairReport *ingest_repair_run         (const char         *data_dir,
                                               StoreCheckProgress  progress,
                                               gpointer            user_data,
                                               GCancellable       *cancellable,
                                               GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Fills the new mail.db that store_open() made beside an older desk.db; does nothing for any other.  store is a writer
 * without a transaction. */
gboolean            ingest_repair_fill        (Store              *store,
                                               IngestRepairReport *report,
                                               StoreCheckProgress  progress,
                                               gpointer            user_data,
                                               GCancellable       *cancellable,
                                               GError            **error);
