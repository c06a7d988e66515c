/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/purge.h"

#include "store/history.h"
#include "store/sql.h"
#include "store/text.h"
#include "base/clock.h"

#define DAY_S ((gint64) 24 * 60 * 60)

void
store_purged_free (StorePurged *purged)
{
  if (purged == NULL)
    return;
  g_array_unref (purged->messages);
  g_array_unref (purged->contents);
  g_free (purged);
}

/* The clock of the orphan is asked together with its locations: a row that says orphan is not believed
 * alone. */
static GArray *
list_orphans (Store   *store,
              guint    limit,
              GError **error)
{
  return store_sql_list_ints (store_peek_mail (store),
    "SELECT id FROM message m INDEXED BY message_orphaned WHERE orphaned_at <= ?"
    " AND NOT EXISTS (SELECT 1 FROM location WHERE message_id = m.id) ORDER BY orphaned_at LIMIT ?",
    BIND (INT (base_clock_now () - STORE_ORPHAN_DAYS * DAY_S), INT (limit)), error);
}

static gboolean
leave_thread (Store   *store,
              gint64   thread_id,
              GError **error)
{
  StoreDb *mail = store_peek_mail (store);

  return store_sql_run (mail, "UPDATE thread SET messages = messages - 1 WHERE id = ?",
                        BIND (INT (thread_id)), error) &&
         store_sql_run (mail, "DELETE FROM thread WHERE id = ? AND messages = 0", BIND (INT (thread_id)),
                        error);
}

static gboolean
add_content_if_unused (Store        *store,
                       gint64        content_id,
                       StorePurged  *purged,
                       GError      **error)
{
  gint64 uses;

  if (content_id == 0)
    return TRUE;
  if (!store_sql_get_int (store_peek_mail (store), "SELECT count(*) FROM message WHERE content_id = ?",
                          BIND (INT (content_id)), 0, &uses, error))
    return FALSE;
  if (uses == 0)
    g_array_append_val (purged->contents, content_id);
  return TRUE;
}

static gboolean
purge_message (Store        *store,
               gint64        id,
               StorePurged  *purged,
               GError      **error)
{
  StoreDb *mail = store_peek_mail (store);
  StoreEvent event = { .message_id = id, .kind = STORE_EVENT_PURGED, .by = STORE_BY_PENFOLD };
  StorePurgedMessage message = { .message_id = id };
  gint64 thread_id;

  if (!store_sql_get_int (mail, "SELECT thread_id FROM message WHERE id = ?", BIND (INT (id)), 0, &thread_id,
                          error) ||
      !store_sql_get_int (mail, "SELECT content_id FROM message WHERE id = ?", BIND (INT (id)), 0,
                          &message.content_id, error))
    return FALSE;
  g_array_append_val (purged->messages, message);
  return store_history_add (store, &event, error) &&
         store_text_remove (store, id, error) &&
         store_sql_run (mail, "DELETE FROM message WHERE id = ?", BIND (INT (id)), error) &&
         leave_thread (store, thread_id, error) &&
         add_content_if_unused (store, message.content_id, purged, error);
}

/* A tombstone whose UIDL or UID the server may list again is the only thing that keeps that mail from coming
 * twice. */
static gboolean
forget_old (Store   *store,
            GError **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 now = base_clock_now ();

  return store_sql_run (mail, "DELETE FROM history WHERE at < ?",
                        BIND (INT (now - STORE_HISTORY_DAYS * DAY_S)), error) &&
         store_sql_run (mail, "DELETE FROM tombstone WHERE ended_at < ? AND (on_server = 0"
                              " OR (uidl IS NULL AND uid IS NULL))",
                        BIND (INT (now - STORE_TOMBSTONE_DAYS * DAY_S)), error) &&
         store_sql_run (mail, "DELETE FROM thread_folder WHERE total = 0"
                              " AND thread_id NOT IN (SELECT id FROM thread)",
                        NULL, error) &&
         store_sql_run (mail, "DELETE FROM question WHERE closed_at < ?",
                        BIND (INT (now - STORE_HISTORY_DAYS * DAY_S)), error);
}

StorePurged *
store_purge_step (Store   *store,
                  guint    limit,
                  GError **error)
{
  g_autoptr(StorePurged) purged = g_new0 (StorePurged, 1);
  g_autoptr(GArray) orphans = NULL;

  purged->messages = g_array_new (FALSE, FALSE, sizeof (StorePurgedMessage));
  purged->contents = g_array_new (FALSE, FALSE, sizeof (gint64));
  if (!(orphans = list_orphans (store, limit, error)))
    return NULL;
  for (guint i = 0; i < orphans->len; i++)
    if (!purge_message (store, g_array_index (orphans, gint64, i), purged, error))
      return NULL;
  return forget_old (store, error) ? g_steal_pointer (&purged) : NULL;
}

StorePurged *
store_purge_run (Store   *store,
                 guint    limit,
                 GError **error)
{
  g_autoptr(StoreTransaction) transaction = store_begin (store, error);
  g_autoptr(StorePurged) purged = NULL;

  if (transaction == NULL || (purged = store_purge_step (store, limit, error)) == NULL ||
      !store_commit (g_steal_pointer (&transaction), error))
    return NULL;
  return g_steal_pointer (&purged);
}
