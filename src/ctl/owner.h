/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/owner.h - doing the worker's work in penfoldctl's own process, when no worker owns the store. */
#pragma once

#include "account/secrets.h"
#include "ctl/ctl.h"
#include "ingest/ingest.h"
#include "store/accounts.h"
#include "store/locks.h"

typedef struct {
  StoreWorkerLock *lock;
  Ingest          *ingest;       /* holds the writer */
  Store           *store;        /* a reader */
  AccountSecrets  *secrets;
} CtlOwner;

/* Takes worker.lock, makes or migrates the store, starts its writer.  STORE_ERROR_LOCKED: a worker owns it. */
gboolean   ctl_owner_begin     (CtlOwner  *owner,
                                Ctl       *ctl,
                                GError   **error);
void       ctl_owner_clear     (CtlOwner  *owner);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CtlOwner, ctl_owner_clear)
