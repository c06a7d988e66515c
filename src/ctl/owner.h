/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/owner.h - doing the worker's work in penfoldctl's own process when no worker owns the store, else
 * asking the worker.
 *
 * Another penfoldctl that owns the store is waited for: it will be done with it.
 */
#pragma once

#include "account/secrets.h"
#include "bus/client.h"
#include "ctl/ctl.h"
#include "ingest/ingest.h"
#include "store/accounts.h"
#include "store/locks.h"

typedef struct {
  BusClient       *worker;       /* set: it owns the store; then there is a reader, and nothing else */
  StoreWorkerLock *lock;
  Ingest          *ingest;       /* holds the writer */
  Store           *store;        /* a reader */
  AccountSecrets  *secrets;
} CtlOwner;

/* worker.lock.  STORE_ERROR_LOCKED: a worker owns the store. */
StoreWorkerLock *ctl_owner_take_lock (Ctl       *ctl,
                                      GError   **error) G_GNUC_WARN_UNUSED_RESULT;
/* The worker that owns the store.  BUS_ERROR_NO_ANSWER: it does not answer. */
BusClient *ctl_owner_call_worker (Ctl       *ctl,
                                  GError   **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes worker.lock, makes or migrates the store, starts its writer.  STORE_ERROR_LOCKED: a worker owns
 * it. */
gboolean   ctl_owner_begin     (CtlOwner  *owner,
                                Ctl       *ctl,
                                GError   **error);
/* The same, or calls the worker that owns it. */
gboolean   ctl_owner_begin_or_call (CtlOwner  *owner,
                                    Ctl       *ctl,
                                    GError   **error);
void       ctl_owner_clear     (CtlOwner  *owner);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CtlOwner, ctl_owner_clear)
