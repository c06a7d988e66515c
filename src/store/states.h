/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/states.h - what the worker last knew of an account, for everyone to show.
 *
 * The settings are in desk.db (accounts.h); this is news: activity, the problem it has, quota.
 *
 * Threads: the handle's.  Writing needs store_begin().
 */
#pragma once

#include "store/store.h"

typedef enum {
  STORE_ACTIVITY_IDLE,
  STORE_ACTIVITY_CONNECTING,
  STORE_ACTIVITY_CHECKING,
  STORE_ACTIVITY_FETCHING,
  STORE_ACTIVITY_SENDING,
  STORE_ACTIVITY_WAITING,               /* for next_try_at */
  STORE_ACTIVITY_STOPPED,               /* until a person does something */
} StoreActivity;

const char   *store_activity_to_string   (StoreActivity activity);

typedef struct {
  gint64         account_id;
  StoreActivity  activity;
  gint64         last_ok_at;            /* times: 0 is never */
  gint64         next_try_at;
  char          *problem;               /* this and the next two: or NULL */
  char          *problem_text;
  char          *server_words;
  gint64         problem_at;
  char          *capabilities;          /* or NULL */
  char          *server_name;           /* or NULL */
  gint64         quota_used;            /* this and the next three: STORE_NONE if the server does not say */
  gint64         quota_limit;
  gint64         expire_days;           /* G_MAXINT64: never */
  gint64         login_delay_s;
  gint64         refused_day;           /* password sends refused on that day */
  gint64         refused_count;
  gint64         rev;
} StoreAccountState;

void               store_account_state_free (StoreAccountState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreAccountState, store_account_state_free)

/* Never NULL without error: an account without row is idle. */
StoreAccountState *store_states_get         (Store                    *store,
                                             gint64                    account_id,
                                             GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of StoreAccountState. */
GPtrArray         *store_states_list_since  (Store                    *store,
                                             gint64                    rev,
                                             GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
/* Writes all of it; a state that says nothing new is not written. */
gboolean           store_states_set         (Store                    *store,
                                             const StoreAccountState  *state,
                                             GError                  **error);
gboolean           store_states_remove      (Store                    *store,
                                             gint64                    account_id,
                                             GError                  **error);
