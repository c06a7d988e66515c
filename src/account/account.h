/* SPDX-License-Identifier: GPL-3.0-or-later */
/* account/account.h - whether the settings of an account can work, said in sentences.
 *
 * It looks at the settings only: no name is resolved and no server is asked (probe/ does that).
 *
 * Threads: any, it is pure.  Limits: hosts of 253 bytes, user names of 998, ACCOUNT_DAYS_MAX days.
 * Errors: ACCOUNT_ERROR_INVALID.
 */
#pragma once

#include "account/secrets.h"
#include "store/accounts.h"

#define ACCOUNT_DAYS_MAX         3650
#define ACCOUNT_CHECK_INTERVAL_S 60     /* nobody checks more often */

/* What a window marks when a sentence is about it. */
typedef enum {
  ACCOUNT_FIELD_EMAIL,
  ACCOUNT_FIELD_INCOMING_HOST,
  ACCOUNT_FIELD_INCOMING_PORT,
  ACCOUNT_FIELD_INCOMING_USER,
  ACCOUNT_FIELD_OUTGOING_HOST,
  ACCOUNT_FIELD_OUTGOING_PORT,
  ACCOUNT_FIELD_OUTGOING_USER,
  ACCOUNT_FIELD_CA_FILE,
  ACCOUNT_FIELD_OFFLINE,
  ACCOUNT_FIELD_LEAVE,
  ACCOUNT_FIELD_KEEP_NEWEST,
  ACCOUNT_FIELD_WHEN_FULL,
  ACCOUNT_FIELD_CHECK_INTERVAL,
} AccountField;

/* The first thing that cannot work; field (may be NULL) says where it stands. */
gboolean account_check (const StoreAccount  *account,
                        AccountField        *field,
                        GError             **error);
