/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/history.h"

#include "store/folders.h"
#include "store/sql.h"
#include "base/clock.h"

#include <string.h>

#define SELECT_EVENT \
  "SELECT id, at, account_id, message_id, location_id, event, by, rule, folder_from, folder_to," \
  " server_words, subject," \
  " sender, date FROM history "

static const char *const cause_names[] = {
  [STORE_BY_USER] = "user",
  [STORE_BY_RULE] = "rule",
  [STORE_BY_ELSEWHERE] = "elsewhere",
  [STORE_BY_MOVE] = "moved",
  [STORE_BY_RENUMBERING] = "renumbered",
  [STORE_BY_ACCOUNT] = "account",
  [STORE_BY_PENFOLD] = "penfold",
};

static const char *const event_names[] = {
  [STORE_EVENT_STORED] = "stored",
  [STORE_EVENT_VERIFIED] = "verified",
  [STORE_EVENT_MOVED] = "moved",
  [STORE_EVENT_COPIED] = "copied",
  [STORE_EVENT_REMOVED] = "removed",
  [STORE_EVENT_RENUMBERED] = "renumbered",
  [STORE_EVENT_KEPT] = "kept",
  [STORE_EVENT_RESTORED] = "restored",
  [STORE_EVENT_PURGED] = "purged",
};

static guint
find_name (const char *const  *names,
           guint               n_names,
           const char         *name,
           guint               fallback)
{
  for (guint i = 0; i < n_names; i++)
    if (strcmp (names[i], name) == 0)
      return i;
  return fallback;
}

const char *
store_cause_to_string (StoreCause cause)
{
  return cause_names[cause];
}

StoreCause
store_cause_from_string (const char *name)
{
  return (StoreCause) find_name (cause_names, G_N_ELEMENTS (cause_names), name, STORE_BY_PENFOLD);
}

const char *
store_event_to_string (StoreEventKind kind)
{
  return event_names[kind];
}

StoreEventKind
store_event_from_string (const char *name)
{
  return (StoreEventKind) find_name (event_names, G_N_ELEMENTS (event_names), name, STORE_EVENT_STORED);
}

gboolean
store_history_add (Store             *store,
                   const StoreEvent  *event,
                   GError           **error)
{
  return store_sql_run (store_peek_mail (store),
    "INSERT INTO history (at, account_id, message_id, location_id, event, by, rule, folder_from, folder_to,"
    " server_words, subject, sender, date)"
    " SELECT ?, account_id, id, ?, ?, ?, ?, ?, ?, ?, subject, from_address, date FROM message WHERE id = ?",
    BIND (INT (event->at != 0 ? event->at : base_clock_now ()), INT_UNLESS (0, event->location_id),
          TEXT (store_event_to_string (event->kind)), TEXT (store_cause_to_string (event->by)),
          TEXT (event->rule),
          TEXT (event->folder_from), TEXT (event->folder_to), TEXT (event->server_words),
          INT (event->message_id)), error);
}

static GPtrArray *
list_events (Store             *store,
             const char        *sql,
             const StoreValue  *values,
             GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), sql, values, error);
  g_autoptr(GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) store_event_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreEvent *event = g_new0 (StoreEvent, 1);

      event->id = store_sql_int (rows, 0);
      event->at = store_sql_int (rows, 1);
      event->account_id = store_sql_int (rows, 2);
      event->message_id = store_sql_int (rows, 3);
      event->location_id = store_sql_int (rows, 4);
      event->kind = store_event_from_string (store_sql_text (rows, 5));
      event->by = store_cause_from_string (store_sql_text (rows, 6));
      event->rule = store_sql_dup_text (rows, 7);
      event->folder_from = store_sql_dup_text (rows, 8);
      event->folder_to = store_sql_dup_text (rows, 9);
      event->server_words = store_sql_dup_text (rows, 10);
      event->subject = store_sql_dup_text (rows, 11);
      event->sender = store_sql_dup_text (rows, 12);
      event->date = store_sql_int (rows, 13);
      g_ptr_array_add (events, event);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&events) : NULL;
}

void
store_event_free (StoreEvent *event)
{
  if (event == NULL)
    return;
  g_free ((gpointer) event->rule);
  g_free ((gpointer) event->folder_from);
  g_free ((gpointer) event->folder_to);
  g_free ((gpointer) event->server_words);
  g_free ((gpointer) event->subject);
  g_free ((gpointer) event->sender);
  g_free (event);
}

GPtrArray *
store_history_list_message (Store   *store,
                            gint64   message_id,
                            GError **error)
{
  return list_events (store, SELECT_EVENT "WHERE message_id = ? ORDER BY id", BIND (INT (message_id)), error);
}

GPtrArray *
store_history_list (Store   *store,
                    gint64   account_id,
                    gint64   before_id,
                    guint    limit,
                    GError **error)
{
  return list_events (store,
                      SELECT_EVENT "WHERE id < ?1 AND (?2 = -1 OR account_id = ?2) ORDER BY id DESC LIMIT ?3",
                      BIND (INT (before_id != 0 ? before_id : G_MAXINT64), INT (account_id), INT (limit)),
                      error);
}
