/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/outbox.h"

#include "base/clock.h"
#include "store/desk.h"
#include "store/folders.h"
#include "store/objects.h"

#define SENT_DAYS 30

static const char * const state_words[STORE_N_OUTBOX_STATES] = {
  "queued", "running", "sent", "failed", "unknown", "cancelled",
};
static const char * const copy_words[] = { "wanted", "done", "none", "failed" };

#define TO(state) (1u << STORE_OUTBOX_##state)

static const guint transitions[STORE_N_OUTBOX_STATES] = {
  [STORE_OUTBOX_QUEUED]    = TO (RUNNING) | TO (FAILED) | TO (CANCELLED),
  [STORE_OUTBOX_RUNNING]   = TO (SENT) | TO (FAILED) | TO (UNKNOWN) | TO (QUEUED),
  [STORE_OUTBOX_SENT]      = 0,
  [STORE_OUTBOX_FAILED]    = TO (QUEUED) | TO (CANCELLED),
  [STORE_OUTBOX_UNKNOWN]   = TO (SENT) | TO (QUEUED) | TO (CANCELLED),
  [STORE_OUTBOX_CANCELLED] = 0,
};

const char *
store_outbox_state_to_string (StoreOutboxState state)
{
  return state_words[state];
}

gboolean
store_outbox_may_become (StoreOutboxState from,
                         StoreOutboxState to)
{
  return (transitions[from] & (1u << to)) != 0;
}

/* --- reading -------------------------------------------------------------------------------------------- */

#define SELECT_OUTBOX \
  "SELECT id, account_id, identity_id, draft_id, object_id, sent_object_id, message_id, sender, " \
  "recipients, subject, size, state, source_location, source_flag, created_at, not_before, tries, " \
  "next_try_at, sent_at, refused, " \
  "problem_text, server_words, sent_copy, rev FROM outbox "

void
store_outbox_free (StoreOutbox *entry)
{
  if (entry == NULL)
    return;
  g_free (entry->message_id);
  g_free (entry->sender);
  g_strfreev (entry->recipients);
  g_free (entry->subject);
  g_free (entry->refused);
  g_free (entry->problem_text);
  g_free (entry->server_words);
  g_free (entry);
}

/* A state that this version does not know is unknown: nothing sends that by itself. */
static StoreOutboxState
read_state (const char *word)
{
  int found = STORE_WORDS_FIND (state_words, word);

  return found < 0 ? STORE_OUTBOX_UNKNOWN : (StoreOutboxState) found;
}

static StoreOutbox *
read_entry (StoreStatement *rows)
{
  StoreOutbox *entry = g_new0 (StoreOutbox, 1);
  g_autofree char *recipients = store_desk_dup_text (rows, 8);
  int copy = STORE_WORDS_FIND (copy_words, store_sql_text (rows, 22));

  entry->id = store_sql_int (rows, 0);
  entry->account_id = store_sql_int (rows, 1);
  entry->identity_id = store_sql_int (rows, 2);
  entry->draft_id = store_sql_int (rows, 3);
  entry->object_id = store_sql_int (rows, 4);
  entry->sent_object_id = store_sql_int (rows, 5);
  entry->message_id = store_desk_dup_text (rows, 6);
  entry->sender = store_desk_dup_text (rows, 7);
  entry->recipients = g_strsplit (recipients, "\n", -1);
  entry->subject = store_desk_dup_text (rows, 9);
  entry->size = store_sql_int (rows, 10);
  entry->state = read_state (store_sql_text (rows, 11));
  entry->source_location = store_sql_int (rows, 12);
  entry->source_flag = (guint) store_sql_int (rows, 13);
  entry->created_at = store_sql_int (rows, 14);
  entry->not_before = store_sql_int (rows, 15);
  entry->tries = (guint) store_sql_int (rows, 16);
  entry->next_try_at = store_sql_int (rows, 17);
  entry->sent_at = store_sql_int (rows, 18);
  entry->refused = store_sql_dup_text (rows, 19);
  entry->problem_text = store_sql_dup_text (rows, 20);
  entry->server_words = store_sql_dup_text (rows, 21);
  entry->sent_copy = copy < 0 ? STORE_SENT_COPY_FAILED : (StoreSentCopy) copy;
  entry->rev = store_sql_int (rows, 23);
  return entry;
}

static GPtrArray *
list_entries (Store             *store,
              const char        *sql,
              const StoreValue  *values,
              GError           **error)
{
  g_autoptr(GPtrArray) entries = g_ptr_array_new_with_free_func ((GDestroyNotify) store_outbox_free);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), sql, values, error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_ptr_array_add (entries, read_entry (rows));
  return store_sql_end (rows, error) ? g_steal_pointer (&entries) : NULL;
}

StoreOutbox *
store_outbox_get (Store   *store,
                  gint64   id,
                  GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), SELECT_OUTBOX "WHERE id = ?",
                                                    BIND (INT (id)), error);

  if (rows == NULL)
    return NULL;
  if (store_sql_next (rows))
    return read_entry (rows);
  if (store_sql_end (rows, error))
    store_sql_set_missing (error, "outgoing message", id);
  return NULL;
}

/* The words of the index outbox_open. */
#define IS_OPEN "(state NOT IN ('sent', 'cancelled') OR sent_copy = 'wanted')"

GPtrArray *
store_outbox_list_open (Store   *store,
                        gint64   account_id,
                        GError **error)
{
  return list_entries (store, SELECT_OUTBOX "WHERE " IS_OPEN " AND (?1 = -1 OR account_id = ?1) ORDER BY id",
                       BIND (INT (account_id)), error);
}

GPtrArray *
store_outbox_list_since (Store   *store,
                         gint64   rev,
                         GError **error)
{
  return list_entries (store, SELECT_OUTBOX "WHERE rev > ? ORDER BY rev, id", BIND (INT (rev)), error);
}

GPtrArray *
store_outbox_list_sent (Store   *store,
                        gint64   since,
                        GError **error)
{
  return list_entries (store,
                       SELECT_OUTBOX "WHERE state = 'sent' AND sent_at >= ? ORDER BY sent_at DESC, id DESC",
                       BIND (INT (since)), error);
}

GPtrArray *
store_outbox_list_due (Store   *store,
                       gint64   account_id,
                       gint64   now,
                       GError **error)
{
  return list_entries (store, SELECT_OUTBOX "WHERE " IS_OPEN " AND account_id = ?1 AND state = 'queued'"
                       " AND not_before <= ?2 AND coalesce (next_try_at, 0) <= ?2 ORDER BY id",
                       BIND (INT (account_id), INT (now)), error);
}

GPtrArray *
store_outbox_list_copies (Store   *store,
                          gint64   account_id,
                          GError **error)
{
  return list_entries (store, SELECT_OUTBOX "WHERE " IS_OPEN " AND account_id = ? AND state = 'sent'"
                       " AND sent_copy = 'wanted' ORDER BY id", BIND (INT (account_id)), error);
}

gint64
store_outbox_get_next_time (Store   *store,
                            gint64   account_id,
                            GError **error)
{
  gint64 when;

  if (!store_sql_get_int (store_peek_desk (store),
                          "SELECT min (max (created_at, not_before, coalesce (next_try_at, 0)))"
                          " FROM outbox WHERE " IS_OPEN " AND (?1 = -1 OR account_id = ?1)"
                          " AND state = 'queued'",
                          BIND (INT (account_id)), 0, &when, error))
    return -1;
  return when;
}

/* --- queueing ------------------------------------------------------------------------------------------- */

typedef struct {
  const StoreSending *sending;
  char               *recipients;
  gint64              size;
  gint64              id;
} Queueing;

static gboolean
queue_draft_row (StoreDb  *db,
                 gint64    draft_id,
                 GError  **error)
{
  if (draft_id == 0)
    return TRUE;
  if (!store_sql_run (db,
                      "UPDATE draft SET state = 'queued', rev = " DESK_REV " WHERE id = ? AND state = 'open'",
                      BIND (INT (draft_id)), error))
    return FALSE;
  return store_sql_changed (db) > 0
    || store_desk_set_state_error (error, "draft", draft_id, "not open", "queued");
}

static gboolean
queue (Store     *store,
       gpointer   data,
       GError   **error)
{
  Queueing *queueing = data;
  const StoreSending *s = queueing->sending;
  StoreDb *db = store_peek_desk (store);

  if (!queue_draft_row (db, s->draft_id, error))
    return FALSE;
  if (!store_sql_run (db, "INSERT INTO outbox (account_id, identity_id, draft_id, object_id, sent_object_id, "
                          "message_id, "
                      "sender, recipients, subject, size, source_location, source_flag, created_at, "
                      "not_before, "
                      "sent_copy, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, " DESK_REV ")",
                      BIND (INT (s->account_id), INT_UNLESS (0, s->identity_id), INT_UNLESS (0, s->draft_id),
                            INT (s->object_id), INT_UNLESS (0, s->sent_object_id), TEXT (s->message_id),
                            TEXT (s->sender), TEXT (queueing->recipients), TEXT (s->subject),
                            INT (queueing->size),
                            INT_UNLESS (0, s->source_location), INT (s->source_flag), INT (base_clock_now ()),
                            INT (s->not_before), TEXT (copy_words[s->sent_copy])), error))
    return FALSE;
  queueing->id = store_sql_last_id (db);
  return TRUE;
}

gint64
store_outbox_queue (Store               *store,
                    const StoreSending  *sending,
                    GError             **error)
{
  g_autofree char *recipients = g_strjoinv ("\n", (char **) sending->recipients);
  Queueing queueing = { .sending = sending, .recipients = recipients };

  if ((queueing.size = store_objects_get_size (store, sending->object_id, error)) < 0)
    return 0;
  return store_desk_write (store, queue, &queueing, error) ? queueing.id : 0;
}

/* --- the one setter ------------------------------------------------------------------------------------- */

typedef struct {
  gint64                 id;
  StoreOutboxState       to;
  const StoreOutboxNews *news;
  gboolean               is_postponing;          /* queued stays queued */
} Setting;

static gboolean
settle_draft (StoreDb           *db,
              const StoreOutbox *entry,
              StoreOutboxState   to,
              GError           **error)
{
  if (entry->draft_id == 0 || (to != STORE_OUTBOX_SENT && to != STORE_OUTBOX_CANCELLED))
    return TRUE;
  return store_sql_run (db, "UPDATE draft SET state = ?, saved_at = ?, rev = " DESK_REV " WHERE id = ? AND"
                        " state = 'queued'",
                        BIND (TEXT (to == STORE_OUTBOX_SENT ? "discarded" : "open"), INT (base_clock_now ()),
                              INT (entry->draft_id)), error);
}

static gboolean
set_state (Store     *store,
           gpointer   data,
           GError   **error)
{
  const Setting *setting = data;
  static const StoreOutboxNews no_news = { 0 };
  const StoreOutboxNews *news = setting->news != NULL ? setting->news : &no_news;
  g_autoptr(StoreOutbox) entry = store_outbox_get (store, setting->id, error);
  StoreDb *db = store_peek_desk (store);
  StoreOutboxState to = setting->to;
  gboolean is_put_back;

  if (entry == NULL)
    return FALSE;
  if (setting->is_postponing
      ? entry->state != STORE_OUTBOX_QUEUED : !store_outbox_may_become (entry->state, to))
    return store_desk_set_state_error (error, "outgoing message", entry->id, state_words[entry->state],
                                       state_words[to]);

  is_put_back = setting->is_postponing || (entry->state == STORE_OUTBOX_RUNNING && to == STORE_OUTBOX_QUEUED);
  if (!setting->is_postponing)
    g_info ("Outgoing message %" G_GINT64_FORMAT ": %s -> %s", entry->id, state_words[entry->state],
            state_words[to]);
  return store_sql_run (db, "UPDATE outbox SET state = ?, tries = tries + ?, next_try_at = ?, "
                        "sent_at = ?, refused = nullif (coalesce (?, refused), ''), problem_text = ?, "
                        "server_words = ?, "
                        "sent_copy = iif (?, 'none', sent_copy), rev = " DESK_REV " WHERE id = ?",
                        BIND (TEXT (state_words[to]), INT (is_put_back), INT_UNLESS (0, news->next_try_at),
                              INT_UNLESS (0, to == STORE_OUTBOX_SENT ? base_clock_now () : 0),
                              TEXT (news->refused),
                              TEXT (news->problem_text), TEXT (news->server_words),
                              INT (to == STORE_OUTBOX_CANCELLED), INT (entry->id)), error)
    && settle_draft (db, entry, to, error);
}

gboolean
store_outbox_set_state (Store                  *store,
                        gint64                  id,
                        StoreOutboxState        to,
                        const StoreOutboxNews  *news,
                        GError                **error)
{
  Setting setting = { .id = id, .to = to, .news = news };

  return store_desk_write (store, set_state, &setting, error);
}

gboolean
store_outbox_postpone (Store                  *store,
                       gint64                  id,
                       const StoreOutboxNews  *news,
                       GError                **error)
{
  Setting setting = { .id = id, .to = STORE_OUTBOX_QUEUED, .news = news, .is_postponing = TRUE };

  return store_desk_write (store, set_state, &setting, error);
}

gboolean
store_outbox_set_copy (Store          *store,
                       gint64          id,
                       StoreSentCopy   copy,
                       GError        **error)
{
  return store_desk_run_one (store, "UPDATE outbox SET sent_copy = ?, rev = " DESK_REV " WHERE id = ?",
                             BIND (TEXT (copy_words[copy]), INT (id)), "outgoing message", id, error);
}

gint
store_outbox_recover (Store   *store,
                      GError **error)
{
  gint64 n_changed;

  if (!store_desk_run (store, "UPDATE outbox SET state = 'unknown', problem_text = "
                       "'The program ended before the server had answered', rev = " DESK_REV
                       " WHERE " IS_OPEN " AND state = 'running'", NULL, &n_changed, error))
    return -1;
  return (gint) n_changed;
}

gboolean
store_outbox_sweep (Store   *store,
                    GError **error)
{
  return store_desk_run (store,
                         "DELETE FROM outbox WHERE state IN ('sent', 'cancelled') AND sent_copy <> 'wanted' "
                         "AND coalesce (sent_at, created_at) < ?",
                         BIND (INT (base_clock_now () - SENT_DAYS * 24 * 60 * 60)), NULL, error);
}
