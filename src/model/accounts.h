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
#include "store/shares.h"
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

/* What the account page shows. */
typedef struct {
  StoreAccount      *account;
  StoreIdentity     *identity;         /* the usual one; or NULL */
  StoreAccountState *state;
  StoreShares        shares;
  GPtrArray         *pins;             /* of char *: fingerprints that were accepted */
} ModelAccountDetails;

void     model_account_details_free  (ModelAccountDetails *details);
void     model_accounts_load_async   (ModelStore          *store,
                                      gint64               account_id,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
/* STORE_ERROR_NOT_FOUND: it was removed. */
ModelAccountDetails *
         model_accounts_load_finish  (ModelStore          *store,
                                      GAsyncResult        *result,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes account, identity; each may be NULL.  Their rows are replaced. */
void     model_accounts_save_async   (ModelStore          *store,
                                      StoreAccount        *account,
                                      StoreIdentity       *identity,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
gboolean model_accounts_save_finish  (ModelStore          *store,
                                      GAsyncResult        *result,
                                      GError             **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelAccountDetails, model_account_details_free)
