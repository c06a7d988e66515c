/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/states.h"

#include "store/sql.h"

#include <string.h>

#define SELECT_STATE \
  "SELECT account_id, activity, last_ok_at, next_try_at, problem, problem_text, server_words, problem_at," \
  " capabilities, server_name, quota_used, quota_limit, expire_days, login_delay_s, refused_day," \
  " refused_count, rev" \
  " FROM account_state "

static const char *const activity_names[] = {
  [STORE_ACTIVITY_IDLE] = "idle",
  [STORE_ACTIVITY_CONNECTING] = "connecting",
  [STORE_ACTIVITY_CHECKING] = "checking",
  [STORE_ACTIVITY_FETCHING] = "fetching",
  [STORE_ACTIVITY_SENDING] = "sending",
  [STORE_ACTIVITY_WAITING] = "waiting",
  [STORE_ACTIVITY_STOPPED] = "stopped",
};

const char *
store_activity_to_string (StoreActivity activity)
{
  return activity_names[activity];
}

static StoreActivity
activity_from_string (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (activity_names); i++)
    if (strcmp (name, activity_names[i]) == 0)
      return (StoreActivity) i;
  return STORE_ACTIVITY_IDLE;
}

void
store_account_state_free (StoreAccountState *state)
{
  if (state == NULL)
    return;
  g_free (state->problem);
  g_free (state->problem_text);
  g_free (state->server_words);
  g_free (state->capabilities);
  g_free (state->server_name);
  g_free (state);
}

static StoreAccountState *
state_from_row (StoreStatement *row)
{
  StoreAccountState *state = g_new0 (StoreAccountState, 1);

  state->account_id = store_sql_int (row, 0);
  state->activity = activity_from_string (store_sql_text (row, 1));
  state->last_ok_at = store_sql_int (row, 2);
  state->next_try_at = store_sql_int (row, 3);
  state->problem = store_sql_dup_text (row, 4);
  state->problem_text = store_sql_dup_text (row, 5);
  state->server_words = store_sql_dup_text (row, 6);
  state->problem_at = store_sql_int (row, 7);
  state->capabilities = store_sql_dup_text (row, 8);
  state->server_name = store_sql_dup_text (row, 9);
  state->quota_used = store_sql_int_or (row, 10, STORE_NONE);
  state->quota_limit = store_sql_int_or (row, 11, STORE_NONE);
  state->expire_days = store_sql_int_or (row, 12, STORE_NONE);
  state->login_delay_s = store_sql_int_or (row, 13, STORE_NONE);
  state->refused_day = store_sql_int (row, 14);
  state->refused_count = store_sql_int (row, 15);
  state->rev = store_sql_int (row, 16);
  return state;
}

StoreAccountState *
store_states_get (Store   *store,
                  gint64   account_id,
                  GError **error)
{
  g_autoptr(StoreStatement) row = store_sql_query (store_peek_mail (store),
                                                   SELECT_STATE "WHERE account_id = ?",
                                                   BIND (INT (account_id)), error);
  StoreAccountState *state;

  if (row == NULL)
    return NULL;
  if (store_sql_next (row))
    return state_from_row (row);
  if (!store_sql_end (row, error))
    return NULL;
  state = g_new0 (StoreAccountState, 1);
  state->account_id = account_id;
  state->quota_used = state->quota_limit = state->expire_days = state->login_delay_s = STORE_NONE;
  return state;
}

GPtrArray *
store_states_list_since (Store   *store,
                         gint64   rev,
                         GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
                                                    SELECT_STATE "WHERE rev > ? ORDER BY account_id",
                                                    BIND (INT (rev)), error);
  g_autoptr(GPtrArray) states = g_ptr_array_new_with_free_func ((GDestroyNotify) store_account_state_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (states, state_from_row (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&states) : NULL;
}

static gboolean
says_the_same (const StoreAccountState *a,
               const StoreAccountState *b)
{
  return a->activity == b->activity && a->last_ok_at == b->last_ok_at && a->next_try_at == b->next_try_at &&
         g_strcmp0 (a->problem, b->problem) == 0 && g_strcmp0 (a->problem_text, b->problem_text) == 0 &&
         g_strcmp0 (a->server_words, b->server_words) == 0 && a->problem_at == b->problem_at &&
         g_strcmp0 (a->capabilities, b->capabilities) == 0 && g_strcmp0 (a->server_name, b->server_name) == 0
           &&
         a->quota_used == b->quota_used && a->quota_limit == b->quota_limit
           && a->expire_days == b->expire_days &&
         a->login_delay_s == b->login_delay_s && a->refused_day == b->refused_day &&
         a->refused_count == b->refused_count;
}

gboolean
store_states_set (Store                    *store,
                  const StoreAccountState  *state,
                  GError                  **error)
{
  g_autoptr(StoreAccountState) known = store_states_get (store, state->account_id, error);

  if (known == NULL)
    return FALSE;
  if (known->rev != 0 && says_the_same (known, state))
    return TRUE;
  return store_sql_run (store_peek_mail (store),
    "INSERT OR REPLACE INTO account_state (account_id, activity, last_ok_at, next_try_at, problem,"
    " problem_text, server_words, problem_at, capabilities, server_name, quota_used, quota_limit,"
    " expire_days, login_delay_s, refused_day,"
    " refused_count, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    BIND (INT (state->account_id), TEXT (store_activity_to_string (state->activity)),
          INT_UNLESS (0, state->last_ok_at),
          INT_UNLESS (0, state->next_try_at), TEXT (state->problem), TEXT (state->problem_text),
          TEXT (state->server_words), INT_UNLESS (0, state->problem_at), TEXT (state->capabilities),
          TEXT (state->server_name), INT_UNLESS (STORE_NONE, state->quota_used),
          INT_UNLESS (STORE_NONE, state->quota_limit), INT_UNLESS (STORE_NONE, state->expire_days),
          INT_UNLESS (STORE_NONE, state->login_delay_s), INT_UNLESS (0, state->refused_day),
          INT (state->refused_count), INT (store_mail_rev (store))), error);
}

gboolean
store_states_remove (Store   *store,
                     gint64   account_id,
                     GError **error)
{
  return store_sql_run (store_peek_mail (store), "DELETE FROM account_state WHERE account_id = ?",
                        BIND (INT (account_id)), error);
}
