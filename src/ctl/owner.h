/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/owner.h - doing the worker's work in penfoldctl's own process, when no worker owns the store. */
#pragma once

#include "account/secrets.h"
#include "ctl/ctl.h"
#include "ingest/ingest.h"
#include "net/trust.h"
#include "session/imap.h"
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

/* The certificates that an account believes, with those its user accepted. */
NetTrust  *ctl_owner_new_trust (CtlOwner            *owner,
                                const StoreAccount  *account,
                                GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* NULL with error; ACCOUNT_ERROR_INVALID when there is none. */
BaseSecret *ctl_owner_get_secret (CtlOwner            *owner,
                                  const StoreAccount  *account,
                                  AccountPurpose       purpose,
                                  GError             **error) G_GNUC_WARN_UNUSED_RESULT;

NetSecurity ctl_owner_get_security (StoreSecurity security);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CtlOwner, ctl_owner_clear)
