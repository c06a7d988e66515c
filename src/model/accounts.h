/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/accounts.h - adding, showing and changing accounts from a window; the store thread reads and writes.
 *
 * Passwords do not come here: model/bus.h hands them to the worker.
 *
 * Threads: main.  Errors: STORE_ERROR, ACCOUNT_ERROR, G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "account/account.h"
#include "model/store.h"
#include "store/states.h"

/* Takes account.  pins: of StorePin, whose account_id is filled in; taken. */
void     model_accounts_add_async    (ModelStore          *store,
                                      StoreAccount        *account,
                                      const char          *sender,
                                      GPtrArray           *pins,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
/* The uuid, by which its password is kept. */
char    *model_accounts_add_finish   (ModelStore          *store,
                                      GAsyncResult        *result,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* Chooses where the passwords of the store lie, for good. */
void     model_accounts_choose_async (ModelStore          *store,
                                      AccountSecretsPlace  place,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
gboolean model_accounts_choose_finish (ModelStore         *store,
                                      GAsyncResult        *result,
                                      GError             **error);
