/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/threads-private.h"

#include "store/sql.h"

#include <stdlib.h>

/* Conversations of one subject within the window that are looked at, and messages of each. */
#define SUBJECT_THREADS_MAX  8
#define SUBJECT_MESSAGES_MAX 50

/* --- what folders show ---------------------------------------------------------------------------------- */

typedef struct {
  gint64 folder_id;
  gint64 thread_id;
} Place;

struct _StoreThreadsDirty {
  GHashTable *places;                   /* set of Place */
};

static guint
place_hash (gconstpointer key)
{
  const Place *place = key;
  guint64 mixed =
    ((guint64) place->thread_id ^ (guint64) place->folder_id << 40) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);

  return (guint) (mixed >> 32);
}

static gboolean
place_equal (gconstpointer a,
             gconstpointer b)
{
  const Place *left = a, *right = b;

  return left->folder_id == right->folder_id && left->thread_id == right->thread_id;
}

StoreThreadsDirty *
store_threads_dirty_new (void)
{
  StoreThreadsDirty *dirty = g_new0 (StoreThreadsDirty, 1);

  dirty->places = g_hash_table_new_full (place_hash, place_equal, g_free, NULL);
  return dirty;
}

void
store_threads_dirty_free (StoreThreadsDirty *dirty)
{
  g_hash_table_destroy (dirty->places);
  g_free (dirty);
}

void
store_threads_dirty_clear (StoreThreadsDirty *dirty)
{
  g_hash_table_remove_all (dirty->places);
}

void
store_threads_mark (Store  *store,
                    gint64  folder_id,
                    gint64  thread_id)
{
  Place place = { folder_id, thread_id };
  GHashTable *places = store_peek_dirty (store)->places;

  if (!g_hash_table_contains (places, &place))
    g_hash_table_add (places, g_memdup2 (&place, sizeof place));
}

gboolean
store_threads_mark_message (Store   *store,
                            gint64   message_id,
                            GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT l.folder_id, m.thread_id FROM message m JOIN location l ON l.message_id = m.id WHERE m.id = ?",
    BIND (INT (message_id)), error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    store_threads_mark (store, store_sql_int (rows, 0), store_sql_int (rows, 1));
  return store_sql_end (rows, error);
}

/* Counted anew rather than kept by differences: one truth, and one count for all rows of a transaction.
 * CROSS JOIN: SQLite would start from the folder. */
static gboolean
settle_place (Store        *store,
              const Place  *place,
              GError      **error)
{
  StoreDb *mail = store_peek_mail (store);
  g_autoptr(StoreStatement) sums = store_sql_query (mail,
    "SELECT count(*), max(m.id), sum((l.flags & 1) = 0), sum((l.flags & 4) <> 0), sum(m.attachments > 0)"
    " FROM message m CROSS JOIN location l ON l.message_id = m.id WHERE m.thread_id = ? AND l.folder_id = ?",
    BIND (INT (place->thread_id), INT (place->folder_id)), error);

  if (sums == NULL)
    return FALSE;
  if (!store_sql_next (sums))
    return store_sql_end (sums, error);
  if (store_sql_int (sums, 0) == 0)
    return store_sql_run (mail,
      "UPDATE thread_folder SET total = 0, unread = 0, flagged = 0, attachments = 0, rev = ?"
      " WHERE folder_id = ? AND thread_id = ? AND total <> 0",
      BIND (INT (store_mail_rev (store)), INT (place->folder_id), INT (place->thread_id)), error);
  return store_sql_run (mail,
    "INSERT INTO thread_folder (folder_id, thread_id, newest, total, unread, flagged, attachments, rev)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE"
    " SET newest = excluded.newest, total = excluded.total,"
    " unread = excluded.unread, flagged = excluded.flagged, attachments = excluded.attachments, rev ="
    " excluded.rev"
    " WHERE newest <> excluded.newest OR total <> excluded.total OR unread <> excluded.unread"
    " OR flagged <> excluded.flagged OR attachments <> excluded.attachments",
    BIND (INT (place->folder_id), INT (place->thread_id), INT (store_sql_int (sums, 1)),
          INT (store_sql_int (sums, 0)),
          INT (store_sql_int (sums, 2)), INT (store_sql_int (sums, 3)), INT (store_sql_int (sums, 4)),
          INT (store_mail_rev (store))), error);
}

static int
compare_places (gconstpointer a,
                gconstpointer b)
{
  const Place *x = *(const Place *const *) a, *y = *(const Place *const *) b;

  if (x->folder_id != y->folder_id)
    return x->folder_id < y->folder_id ? -1 : 1;
  return x->thread_id < y->thread_id ? -1 : x->thread_id > y->thread_id;
}

/* In the order of the tables: a transaction may have touched more than fits into the cache. */
gboolean
store_threads_settle (Store   *store,
                      GError **error)
{
  guint n;
  g_autofree gpointer *places = g_hash_table_get_keys_as_array (store_peek_dirty (store)->places, &n);

  qsort (places, n, sizeof *places, compare_places);
  for (guint i = 0; i < n; i++)
    if (!settle_place (store, places[i], error))
      return FALSE;
  store_threads_dirty_clear (store_peek_dirty (store));
  return TRUE;
}

/* --- which conversation --------------------------------------------------------------------------------- */

static void
add_unique (GArray *ids,
            gint64  id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, gint64, i) == id)
      return;
  g_array_append_val (ids, id);
}

/* Everything that has this key, as its own or as an ancestor, is one conversation already: the first hit
 * stands for all of them. */
static gboolean
add_thread_of_key (Store   *store,
                   gint64   key,
                   GArray  *threads,
                   GError **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 thread_id = 0;

  if (!store_sql_get_int (mail, "SELECT thread_id FROM message WHERE message_key = ? LIMIT 1",
                          BIND (INT (key)), 0, &thread_id, error))
    return FALSE;
  if (thread_id == 0 &&
      !store_sql_get_int (mail, "SELECT thread_id FROM message WHERE id ="
                          " (SELECT message_id FROM reference WHERE key = ? LIMIT 1)", BIND (INT (key)), 0,
                          &thread_id, error))
    return FALSE;
  if (thread_id != 0)
    add_unique (threads, thread_id);
  return TRUE;
}

static gboolean
has_address (const MimeSummary *summary,
             MimeRole           role,
             MimeRole           other_role,
             const char        *address)
{
  for (guint i = 0; address[0] != '\0' && i < summary->addresses->len; i++)
    {
      const MimeAddress *candidate = summary->addresses->pdata[i];

      if ((candidate->role == role || candidate->role == other_role) &&
          g_ascii_strcasecmp (candidate->address, address) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The message is a reply that names nobody: was it written to the author of an earlier message of this
 * thread? */
static gboolean
answers_thread (Store                  *store,
                const StoreThreadsNew  *message,
                gint64                  thread_id,
                gboolean               *answers,
                GError                **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT from_address FROM message WHERE thread_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
    BIND (INT (thread_id), INT (message->id), INT (SUBJECT_MESSAGES_MAX)), error);

  *answers = FALSE;
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (has_address (message->summary, MIME_ROLE_TO, MIME_ROLE_CC, store_sql_text (rows, 0)))
      {
        *answers = TRUE;
        return TRUE;
      }
  return store_sql_end (rows, error);
}

/* The other way round, for mail that is fetched newest first: the thread begins with a reply that names
 * nobody and was written to this message's author. */
static gboolean
is_answered_by (Store                  *store,
                const StoreThreadsNew  *message,
                gint64                  thread_id,
                gboolean               *answers,
                GError                **error)
{
  const int bare_reply = STORE_FACT_REPLY | STORE_FACT_NO_REFERENCES;
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT a.email FROM message m JOIN message_address ma ON ma.message_id = m.id JOIN address a"
    " ON a.id = ma.address_id"
    " WHERE m.id = ?1 AND m.facts & ?2 = ?2 AND ma.role IN (?3, ?4)",
    BIND (INT (thread_id), INT (bare_reply), INT (MIME_ROLE_TO), INT (MIME_ROLE_CC)), error);

  *answers = FALSE;
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (has_address (message->summary, MIME_ROLE_FROM, MIME_ROLE_FROM, store_sql_text (rows, 0)))
      {
        *answers = TRUE;
        return TRUE;
      }
  return store_sql_end (rows, error);
}

static gboolean
add_threads_of_subject (Store                  *store,
                        const StoreThreadsNew  *message,
                        GArray                 *threads,
                        GError                **error)
{
  const gint64 window = (gint64) STORE_SUBJECT_WINDOW_S << 20;
  g_autoptr(GArray) candidates = store_sql_list_ints (store_peek_mail (store),
    "SELECT id FROM thread WHERE subject_key = ? AND id BETWEEN ? AND ? ORDER BY id DESC LIMIT ?",
    BIND (INT (message->subject_key), INT (message->id - window), INT (message->id + window),
          INT (SUBJECT_THREADS_MAX)), error);

  if (candidates == NULL)
    return FALSE;
  for (guint i = 0; i < candidates->len; i++)
    {
      gint64 thread_id = g_array_index (candidates, gint64, i);
      gboolean answers = FALSE;

      if (thread_id > message->id && !is_answered_by (store, message, thread_id, &answers, error))
        return FALSE;
      if (!answers && message->is_bare_reply && thread_id < message->id &&
          !answers_thread (store, message, thread_id, &answers, error))
        return FALSE;
      if (answers)
        add_unique (threads, thread_id);
    }
  return TRUE;
}

/* The largest takes in the others, so that a chain that grows at either end costs each message few moves. */
static gboolean
choose_survivor (Store        *store,
                 GArray       *threads,
                 gint64       *survivor,
                 GError      **error)
{
  gint64 most = -1;

  for (guint i = 0; i < threads->len; i++)
    {
      gint64 id = g_array_index (threads, gint64, i);
      gint64 messages = 0;

      if (!store_sql_get_int (store_peek_mail (store), "SELECT messages FROM thread WHERE id = ?",
                              BIND (INT (id)), 0, &messages, error))
        return FALSE;
      if (messages > most || (messages == most && id < *survivor))
        {
          most = messages;
          *survivor = id;
        }
    }
  return TRUE;
}

static gboolean
mark_move (Store   *store,
           gint64   from,
           gint64   into,
           GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT DISTINCT l.folder_id FROM message m JOIN location l ON l.message_id = m.id WHERE m.thread_id = ?",
    BIND (INT (from)), error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      store_threads_mark (store, store_sql_int (rows, 0), from);
      store_threads_mark (store, store_sql_int (rows, 0), into);
    }
  return store_sql_end (rows, error);
}

static gboolean
move_all (Store   *store,
          gint64   from,
          gint64   into,
          GError **error)
{
  StoreDb *mail = store_peek_mail (store);

  return mark_move (store, from, into, error) &&
         store_sql_run (mail, "UPDATE message SET thread_id = ?, rev = ? WHERE thread_id = ?",
                        BIND (INT (into), INT (store_mail_rev (store)), INT (from)), error) &&
         store_sql_run (mail,
                        "UPDATE thread SET messages = messages + (SELECT messages FROM thread WHERE id = ?)"
                        " WHERE id = ?", BIND (INT (from), INT (into)), error) &&
         store_sql_run (mail, "DELETE FROM thread WHERE id = ?", BIND (INT (from)), error);
}

static gint64
found_thread (Store                  *store,
              const StoreThreadsNew  *message,
              GError                **error)
{
  return store_sql_run (store_peek_mail (store),
                        "INSERT INTO thread (id, subject_key, messages) VALUES (?, ?, 1)",
                        BIND (INT (message->id), INT_UNLESS (0, message->subject_key)), error)
                          ? message->id : 0;
}

static gint64
join_threads (Store   *store,
              GArray  *threads,
              GError **error)
{
  gint64 survivor = g_array_index (threads, gint64, 0);

  if (threads->len > 1 && !choose_survivor (store, threads, &survivor, error))
    return 0;
  for (guint i = 0; i < threads->len; i++)
    if (g_array_index (threads, gint64, i) != survivor &&
        !move_all (store, g_array_index (threads, gint64, i), survivor, error))
      return 0;
  return store_sql_run (store_peek_mail (store), "UPDATE thread SET messages = messages + 1 WHERE id = ?",
                        BIND (INT (survivor)), error) ? survivor : 0;
}

gint64
store_threads_place (Store                  *store,
                     const StoreThreadsNew  *message,
                     GError                **error)
{
  g_autoptr(GArray) threads = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (!add_thread_of_key (store, message->key, threads, error))
    return 0;
  for (gsize i = 0; i < message->n_references; i++)
    if (!add_thread_of_key (store, message->references[i], threads, error))
      return 0;
  if (message->subject_key != 0 && !add_threads_of_subject (store, message, threads, error))
    return 0;
  return threads->len == 0 ? found_thread (store, message, error) : join_threads (store, threads, error);
}

GArray *
store_threads_list_messages (Store   *store,
                             gint64   thread_id,
                             GError **error)
{
  return store_sql_list_ints (store_peek_mail (store),
                              "SELECT id FROM message WHERE thread_id = ? ORDER BY id",
                              BIND (INT (thread_id)), error);
}
