/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/worker.h - the background worker of one store: accounts at work, jobs, what people want done, news.
 *
 * It makes lanes as accounts come and ends them as they go, accepts what is wanted as soon as it hears of it,
 * and tells its listener what others should hear.  It knows nothing of the bus, the tray or the process.
 *
 * Threads: the main one, with the default main context.  Errors: STORE_ERROR, ACCOUNT_ERROR.
 */
#pragma once

#include "base/secret.h"
#include "bus/protocol.h"
#include "ingest/ingest.h"

typedef struct _Worker Worker;

typedef struct {
  void (* news)       (guint64     rev,
                       gpointer    data);
  void (* job)        (BusJob     *job,           /* taken */
                       gpointer    data);
  void (* needs_user) (gint64      question,
                       gint64      account,
                       const char *kind,
                       gpointer    data);
  void (* vanished)   (gpointer    data);         /* the store was removed or moved away: end */
} WorkerListener;

/* The process holds worker.lock of data_dir.  secrets: where the store keeps its secrets, as --secrets says
 * it; NULL: as it was made.  listener is kept, not copied.  Nothing is told before this returns. */
Worker  *worker_new         (const char            *data_dir,
                             const char            *secrets,
                             const WorkerListener  *listener,
                             gpointer               data,
                             GError               **error) G_GNUC_WARN_UNUSED_RESULT;
/* For what else lives on the main thread, as long as worker does. */
Store   *worker_peek_store  (Worker                *worker);
Ingest  *worker_peek_ingest (Worker                *worker);
/* Ends what runs, wherever it is, and stores what was received. */
void     worker_free        (Worker                *worker);

/* desk.db has news. */
void     worker_nudge       (Worker                *worker);
/* The kinds and arguments of bus/jobs.h.  0: error. */
guint64  worker_start_job   (Worker                *worker,
                             const char            *kind,
                             GVariant              *arguments,
                             GError               **error);
void     worker_cancel_job  (Worker                *worker,
                             guint64                job);

/* error is NULL when it is kept. */
typedef void (* WorkerSecretKept) (const GError    *error,
                                   gpointer         data);
/* kept is called once, unless the worker ends first. */
void     worker_set_secret  (Worker                *worker,
                             const char            *account_uuid,
                             const char            *purpose,
                             BaseSecret            *secret,       /* NULL: forget it */
                             WorkerSecretKept       kept,
                             gpointer               data);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Worker, worker_free)
