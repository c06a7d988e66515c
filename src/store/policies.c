/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/policies.h"

#include "store/desk.h"

StorePolicy *
store_policy_new (gint64  account_id,
                  GBytes *raw_name)
{
  StorePolicy *policy = g_new0 (StorePolicy, 1);

  policy->account_id = account_id;
  policy->raw_name = g_bytes_ref (raw_name);
  policy->role = STORE_AS_ACCOUNT;
  policy->offline = STORE_AS_ACCOUNT;
  policy->vanished = STORE_AS_ACCOUNT;
  policy->leave_days = STORE_AS_ACCOUNT;
  policy->notify = STORE_AS_ACCOUNT;
  return policy;
}

void
store_policy_free (StorePolicy *policy)
{
  if (policy == NULL)
    return;
  g_bytes_unref (policy->raw_name);
  g_free (policy);
}

static gboolean
chooses_nothing (const StorePolicy *policy)
{
  return policy->role == STORE_AS_ACCOUNT && policy->offline == STORE_AS_ACCOUNT
    && policy->vanished == STORE_AS_ACCOUNT && policy->leave_days == STORE_AS_ACCOUNT
    && policy->notify == STORE_AS_ACCOUNT && !policy->is_hidden;
}

#define POLICY_COLUMNS "account_id, raw_name, role, offline, offline_days, vanished, leave_days, notify, " \
  "is_hidden, rev"

/* An unknown word is no choice. */
static StorePolicy *
read_policy (StoreStatement *rows)
{
  g_autoptr(GBytes) raw_name = store_sql_dup_bytes (rows, 1);
  StorePolicy *policy = store_policy_new (store_sql_int (rows, 0), raw_name);
  const char *text;
  StoreOffline offline;
  StoreVanished vanished;
  StoreNotify notify;

  if ((text = store_sql_text (rows, 2)) != NULL)
    policy->role = store_role_from_string (text);
  if ((text = store_sql_text (rows, 3)) != NULL && store_offline_parse (text, &offline))
    policy->offline = offline;
  policy->offline_days = (gint) store_sql_int (rows, 4);
  if ((text = store_sql_text (rows, 5)) != NULL && store_vanished_parse (text, &vanished))
    policy->vanished = vanished;
  policy->leave_days = (gint) store_sql_int_or (rows, 6, STORE_AS_ACCOUNT);
  if ((text = store_sql_text (rows, 7)) != NULL && store_notify_parse (text, &notify))
    policy->notify = notify;
  policy->is_hidden = store_sql_int (rows, 8) != 0;
  policy->rev = store_sql_int (rows, 9);
  return policy;
}

GPtrArray *
store_policies_list (Store   *store,
                     gint64   account_id,
                     GError **error)
{
  g_autoptr(GPtrArray) policies = g_ptr_array_new_with_free_func ((GDestroyNotify) store_policy_free);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT " POLICY_COLUMNS
                                                    " FROM folder_policy WHERE account_id = ?",
                                                    BIND (INT (account_id)), error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (policies, read_policy (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&policies) : NULL;
}

StorePolicy *
store_policies_get (Store   *store,
                    gint64   account_id,
                    GBytes  *raw_name,
                    GError **error)
{
  BaseSlice name = base_slice_from_bytes (raw_name);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT " POLICY_COLUMNS
                                                    " FROM folder_policy WHERE account_id = ?"
                                                    " AND raw_name = ?",
                                                    BIND (INT (account_id), BLOB (name.data, name.size)),
                                                    error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_policy (rows);
  return store_sql_end (rows, error) ? store_policy_new (account_id, raw_name) : NULL;
}

gboolean
store_policies_set (Store              *store,
                    const StorePolicy  *policy,
                    GError            **error)
{
  BaseSlice name = base_slice_from_bytes (policy->raw_name);
  const char *role = policy->role < 0 ? NULL : store_role_to_string (policy->role);
  const char *offline = policy->offline < 0 ? NULL : store_offline_to_string (policy->offline);
  const char *vanished = policy->vanished < 0 ? NULL : store_vanished_to_string (policy->vanished);
  const char *notify = policy->notify < 0 ? NULL : store_notify_to_string (policy->notify);

  if (chooses_nothing (policy))
    return store_desk_run (store, "DELETE FROM folder_policy WHERE account_id = ? AND raw_name = ?",
                           BIND (INT (policy->account_id), BLOB (name.data, name.size)), NULL, error);
  return store_desk_run (store, "INSERT OR REPLACE INTO folder_policy (" POLICY_COLUMNS ") "
                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, " DESK_REV ")",
                         BIND (INT (policy->account_id), BLOB (name.data, name.size), TEXT (role),
                               TEXT (offline), INT (policy->offline_days), TEXT (vanished),
                               INT_UNLESS (STORE_AS_ACCOUNT, policy->leave_days), TEXT (notify),
                               INT (policy->is_hidden)), NULL, error);
}

static gboolean
is_waste (StoreRole role)
{
  return role == STORE_ROLE_TRASH || role == STORE_ROLE_JUNK;
}

static gboolean
is_announced (const StoreAccount *account,
              const StorePolicy  *policy,
              StoreRole           role)
{
  StoreNotify notify = policy->notify < 0 ? account->notify : (StoreNotify) policy->notify;

  if (is_waste (role) || role == STORE_ROLE_SENT || role == STORE_ROLE_DRAFTS || role == STORE_ROLE_OUTBOX)
    return FALSE;
  switch (notify)
    {
    case STORE_NOTIFY_INBOX:
      return role == STORE_ROLE_INBOX;
    case STORE_NOTIFY_ALL:
      return TRUE;
    case STORE_NOTIFY_NONE:
      return FALSE;
    }
  g_assert_not_reached ();
}

StoreEffectivePolicy
store_policy_effective (const StoreAccount *account,
                        const StorePolicy  *policy,
                        StoreRole           role)
{
  StoreEffectivePolicy effective = {
    .offline = account->offline,
    .offline_days = account->offline_days,
    .vanished = account->vanished,
    .leave_on_server = account->leave_on_server,
    .leave_days = account->leave_days,
    .notifies = is_announced (account, policy, role),
  };

  if (policy->offline >= 0)
    {
      effective.offline = (StoreOffline) policy->offline;
      effective.offline_days = policy->offline_days;
    }
  if (policy->leave_days >= 0)
    {
      effective.leave_on_server = policy->leave_days == 0 ? STORE_LEAVE_REMOVE : STORE_LEAVE_DAYS;
      effective.leave_days = policy->leave_days;
    }
  if (policy->vanished >= 0)
    effective.vanished = (StoreVanished) policy->vanished;
  if (is_waste (role))
    effective.vanished = STORE_VANISHED_FOLLOW;
  return effective;
}
