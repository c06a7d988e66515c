/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/serve.h - the worker on its socket: what clients ask goes to worker.h, what it tells goes to them.
 *
 * Threads: the main one.  Errors: those of worker_new() and bus_server_new().
 */
#pragma once

#include "worker/worker.h"

typedef struct _WorkerServe WorkerServe;

/* reason: as Quit says it; "vanished": the store is gone.  Called from a main loop; free() later, not from
 * within. */
typedef void (* WorkerServeEnd) (const char *reason,
                                 gpointer    data);

typedef struct {
  const char *data_dir;
  const char *socket_path;       /* as worker.lock tells it */
  const char *secrets;           /* as --secrets says it, or NULL */
  const char *version;           /* of the program */
} WorkerServeSetup;

/* Opens the store, then the socket: who gets an answer finds everything ready. */
WorkerServe *worker_serve_new  (const WorkerServeSetup  *setup,
                                WorkerServeEnd           end,
                                gpointer                 data,
                                GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
/* Ends the work, then closes the connections. */
void         worker_serve_free (WorkerServe *serve);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WorkerServe, worker_serve_free)
