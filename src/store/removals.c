/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/removals.h"

#include "store/sql.h"
#include "base/clock.h"

#include <string.h>

static const char *const state_names[] = {
  [STORE_REMOVAL_INTENDED] = "intended",
  [STORE_REMOVAL_SENT] = "sent",
  [STORE_REMOVAL_DONE] = "done",
  [STORE_REMOVAL_UNKNOWN] = "unknown",
  [STORE_REMOVAL_REFUSED] = "refused",
};

/* A word that this version does not know is the one that makes callers look. */
static StoreRemovalState
state_from_string (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (strcmp (name, state_names[i]) == 0)
      return (StoreRemovalState) i;
  return STORE_REMOVAL_UNKNOWN;
}

void
store_removal_free (StoreRemoval *removal)
{
  if (removal == NULL)
    return;
  g_free (removal->rule);
  g_free (removal->server_words);
  g_free (removal);
}

gint64
store_removals_intend (Store         *store,
                       gint64         location_id,
                       const char    *rule,
                       const guint8   sha256[32],
                       GError       **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 id;

  if (!store_sql_get_int (mail, "SELECT id FROM removal WHERE location_id = ? AND state <> 'done'",
                          BIND (INT (location_id)), 0, &id, error))
    return 0;
  if (id != 0)
    return id;
  if (!store_sql_run (mail, "INSERT INTO removal (location_id, account_id, rule, sha256, intended_at, state)"
                      " SELECT l.id, m.account_id, ?, ?, ?, ? FROM location l JOIN message m"
                      " ON m.id = l.message_id"
                      " WHERE l.id = ?",
                      BIND (TEXT (rule), BLOB (sha256, 32), INT (base_clock_now ()),
                            TEXT (state_names[STORE_REMOVAL_INTENDED]), INT (location_id)), error))
    return 0;
  if (store_sql_changed (mail) > 0)
    return store_sql_last_id (mail);
  store_sql_set_missing (error, "place", location_id);
  return 0;
}

static gboolean
check_found (Store   *store,
             gint64   id,
             GError **error)
{
  return store_sql_changed (store_peek_mail (store)) > 0 || store_sql_set_missing (error, "removal", id);
}

gboolean
store_removals_set_state (Store              *store,
                          gint64              id,
                          StoreRemovalState   state,
                          const char         *server_words,
                          GError            **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE removal SET state = ?, server_words = coalesce (?, server_words) WHERE id = ?",
                        BIND (TEXT (state_names[state]), TEXT (server_words), INT (id)), error) &&
         check_found (store, id, error);
}

gboolean
store_removals_count_round (Store   *store,
                            gint64   id,
                            GError **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE removal SET state = ?, rounds = rounds + 1 WHERE id = ?",
                        BIND (TEXT (state_names[STORE_REMOVAL_INTENDED]), INT (id)), error) &&
         check_found (store, id, error);
}

#define COLUMNS "id, location_id, account_id, rule, sha256, intended_at, state, rounds, server_words"

static StoreRemoval *
from_row (StoreStatement *rows)
{
  StoreRemoval *removal = g_new0 (StoreRemoval, 1);
  BaseSlice sha256 = store_sql_bytes (rows, 4);

  removal->id = store_sql_int (rows, 0);
  removal->location_id = store_sql_int (rows, 1);
  removal->account_id = store_sql_int (rows, 2);
  removal->rule = store_sql_dup_text (rows, 3);
  memcpy (removal->sha256, sha256.data, MIN (sha256.size, sizeof removal->sha256));
  removal->intended_at = store_sql_int (rows, 5);
  removal->state = state_from_string (store_sql_text (rows, 6));
  removal->rounds = (guint) store_sql_int (rows, 7);
  removal->server_words = store_sql_dup_text (rows, 8);
  return removal;
}

StoreRemoval *
store_removals_find_last (Store   *store,
                          gint64   location_id,
                          GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT " COLUMNS " FROM removal WHERE location_id = ? ORDER BY id DESC LIMIT 1",
    BIND (INT (location_id)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return from_row (rows);
  store_sql_end (rows, error);
  return NULL;
}

GPtrArray *
store_removals_list_open (Store   *store,
                          gint64   account_id,
                          GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT " COLUMNS " FROM removal WHERE account_id = ? AND state <> 'done' ORDER BY id",
    BIND (INT (account_id)), error);
  g_autoptr(GPtrArray) removals = g_ptr_array_new_with_free_func ((GDestroyNotify) store_removal_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (removals, from_row (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&removals) : NULL;
}
