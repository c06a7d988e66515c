/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account/secrets.h - where the passwords and tokens of a store lie, and getting them.
 *
 * The place is a fact of the store, chosen when it is made: the Secret Service (keyring), this session only
 * (in this process's memory), or a file of mode 0600 in the data directory, not encrypted and called so.
 * Nothing here ever prompts: a keyring that is locked is an error.  Secrets are named by the store's and the
 * account's uuid, so that another copy of a store never gets them by chance.
 *
 * Threads: any; the calls block.  Errors: ACCOUNT_ERROR.
 */
#pragma once

#include "base/secret.h"
#include "store/store.h"

#define ACCOUNT_ERROR (account_error_quark ())
GQuark account_error_quark (void);

typedef enum {
  ACCOUNT_ERROR_NO_SERVICE,      /* no Secret Service answers */
  ACCOUNT_ERROR_LOCKED,          /* it is locked, and nobody is asked to unlock it */
  ACCOUNT_ERROR_FAILED,
  ACCOUNT_ERROR_INVALID,         /* settings that cannot work; the text says which */
} AccountError;

typedef enum {
  ACCOUNT_SECRETS_KEYRING,
  ACCOUNT_SECRETS_SESSION,
  ACCOUNT_SECRETS_FILE,
} AccountSecretsPlace;

typedef enum {
  ACCOUNT_SECRET_INCOMING,
  ACCOUNT_SECRET_OUTGOING,       /* where there is none the incoming one is used */
  ACCOUNT_SECRET_OAUTH,
} AccountPurpose;

const char *account_secrets_place_to_string (AccountSecretsPlace  place);
gboolean    account_secrets_place_parse     (const char          *name,
                                             AccountSecretsPlace *place);
/* As the bus spells it: "incoming". */
const char *account_purpose_to_string       (AccountPurpose       purpose);
gboolean    account_purpose_parse           (const char          *name,
                                             AccountPurpose      *purpose);

typedef struct _AccountSecrets AccountSecrets;

/* place: what the store was made with, or is made with now; see account_secrets_get_place(). */
AccountSecrets *account_secrets_new   (const char          *data_dir,
                                       const char          *store_uuid,
                                       AccountSecretsPlace  place) G_GNUC_WARN_UNUSED_RESULT;
void            account_secrets_free  (AccountSecrets      *secrets);

/* NULL without error: there is none. */
BaseSecret     *account_secrets_get   (AccountSecrets      *secrets,
                                       const char          *account_uuid,
                                       AccountPurpose       purpose,
                                       GError             **error) G_GNUC_WARN_UNUSED_RESULT;
/* secret NULL: forget it. */
gboolean        account_secrets_set   (AccountSecrets      *secrets,
                                       const char          *account_uuid,
                                       AccountPurpose       purpose,
                                       const char          *label,        /* for keyring programs */
                                       BaseSecret          *secret,
                                       GError             **error);
/* All of an account. */
gboolean        account_secrets_forget (AccountSecrets     *secrets,
                                        const char         *account_uuid,
                                        GError            **error);

/* The place the store was made with; keyring where none was ever chosen. */
AccountSecretsPlace account_secrets_get_place (Store                *store);
/* Chooses the place for good.  FALSE when another one was chosen before. */
gboolean            account_secrets_choose    (Store                *store,
                                               AccountSecretsPlace   place,
                                               GError              **error);
/* Goes on with the place that the store has now: one may be chosen while the worker runs. */
void                account_secrets_follow    (AccountSecrets       *secrets,
                                               Store                *store);
/* Chooses, if word (as --secrets says it) is not NULL, and opens what was chosen. */
AccountSecrets     *account_secrets_open      (Store                *store,
                                               const char           *word,
                                               GError              **error) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AccountSecrets, account_secrets_free)
