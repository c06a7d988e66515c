/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/policies.h - what the user chose for single folders, over what the account says.
 *
 * A folder is named by account and raw name, so that the choice survives a rebuilt mail.db; folders on this
 * computer have no policy.  effective() joins both to what holds.
 *
 * Threads: the handle's; each call is one short transaction.
 */
#pragma once

#include "store/accounts.h"
#include "store/folders.h"

#define STORE_AS_ACCOUNT (-1)

typedef struct {
  gint64    account_id;
  GBytes   *raw_name;
  gint      role;                       /* StoreRole, or STORE_AS_ACCOUNT: as the server says */
  gint      offline;                    /* StoreOffline, or STORE_AS_ACCOUNT */
  gint      offline_days;
  gint      vanished;                   /* StoreVanished, or STORE_AS_ACCOUNT */
  gint      leave_days;                 /* or STORE_AS_ACCOUNT */
  gint      notify;                     /* StoreNotify, or STORE_AS_ACCOUNT */
  gboolean  is_hidden;
  gint64    rev;
} StorePolicy;

/* One that chooses nothing. */
StorePolicy *store_policy_new         (gint64              account_id,
                                       GBytes             *raw_name) G_GNUC_WARN_UNUSED_RESULT;
void         store_policy_free        (StorePolicy        *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StorePolicy, store_policy_free)

/* Of StorePolicy. */
GPtrArray   *store_policies_list      (Store              *store,
                                       gint64              account_id,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Never NULL without error: a folder without row chooses nothing. */
StorePolicy *store_policies_get       (Store              *store,
                                       gint64              account_id,
                                       GBytes             *raw_name,
                                       GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* One that chooses nothing takes the row away. */
gboolean     store_policies_set       (Store              *store,
                                       const StorePolicy  *policy,
                                       GError            **error);

/* What holds for a folder. */
typedef struct {
  StoreOffline   offline;
  gint           offline_days;
  StoreVanished  vanished;
  StoreLeave     leave_on_server;
  gint           leave_days;
  gboolean       notifies;              /* new mail in it is announced */
} StoreEffectivePolicy;

/* Pure.  role: what the folder is for, after the user's own choice.  Trash and Junk always follow the server,
 * and are never announced. */
StoreEffectivePolicy store_policy_effective (const StoreAccount *account,
                                             const StorePolicy  *policy,
                                             StoreRole           role);
