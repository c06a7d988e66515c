/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/bus.h - the worker as a window sees it: whether it is there, what its jobs do, and asking it for
 * things.
 *
 * It starts the worker where none runs and comes back to it when it went away; meanwhile everything that is
 * only a row of the store goes on.  What the worker tells about the store becomes a look of ModelStore.  It
 * knows nothing of mail.
 *
 * Signals: "state-changed"; "job" (const BusJob *) for each piece of news of any job; "needs-user" (question,
 * account, kind) when a row of the table question waits for a person.
 *
 * Threads: main; nothing blocks.  Errors: as bus/client.h; a job that failed is an answer, not an error.
 */
#pragma once

#include "bus/client.h"
#include "model/store.h"

#define MODEL_TYPE_BUS (model_bus_get_type ())
G_DECLARE_FINAL_TYPE (ModelBus, model_bus, MODEL, BUS, GObject)

typedef enum {
  MODEL_BUS_CONNECTING,
  MODEL_BUS_CONNECTED,
  MODEL_BUS_AWAY,              /* tried again by itself */
  MODEL_BUS_NEWER_WORKER,      /* this program is to be restarted; not tried again */
} ModelBusState;

/* version: of this program.  Connects at once. */
ModelBus      *model_bus_new          (ModelStore  *store,
                                       const char  *version,
                                       BusOpen      how) G_GNUC_WARN_UNUSED_RESULT;
ModelBusState  model_bus_get_state    (ModelBus    *self);
/* Why it is away: a sentence, or NULL. */
const char    *model_bus_peek_problem (ModelBus    *self);
/* A person wants it now: tries at once where it is away. */
void           model_bus_retry        (ModelBus    *self);

/* desk.db has something new.  Cheap, and needs no worker: it will find the row. */
void           model_bus_nudge        (ModelBus    *self);

/* Ends the worker: for the end of the program, when no mail is wanted in the background.  Blocks until it has
 * gone, at most as long as bus_client_quit(). */
void           model_bus_quit         (ModelBus    *self);

typedef void (* ModelBusProgress) (const BusJob *job,
                                   gpointer      data);
/* Starts a job and waits for its end.  While connecting it waits for the connection.  arguments: a{sv}, sunk;
 * NULL: none.  progress may be NULL, and gets user_data.  Cancelling cancels the job. */
void           model_bus_run_async    (ModelBus            *self,
                                       const char          *kind,
                                       GVariant            *arguments,
                                       ModelBusProgress     progress,
                                       GCancellable        *cancellable,
                                       GAsyncReadyCallback  callback,
                                       gpointer             user_data);
/* The ended job, whose state may be failed or cancelled; NULL with error when it never ran or nobody knows
 * its end. */
BusJob        *model_bus_run_finish   (ModelBus      *self,
                                       GAsyncResult  *result,
                                       GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* Not waited for; "job" tells about it. */
void           model_bus_start        (ModelBus    *self,
                                       const char  *kind,
                                       GVariant    *arguments);
void           model_bus_cancel       (ModelBus    *self,
                                       guint64      job);

/* secret may be NULL: forget it. */
void           model_bus_set_secret_async  (ModelBus            *self,
                                            const char          *account_uuid,
                                            const char          *purpose,
                                            BaseSecret          *secret,
                                            GCancellable        *cancellable,
                                            GAsyncReadyCallback  callback,
                                            gpointer             user_data);
gboolean       model_bus_set_secret_finish (ModelBus      *self,
                                            GAsyncResult  *result,
                                            GError       **error);
