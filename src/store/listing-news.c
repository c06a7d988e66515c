/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of listing.h that says what changed. */
#include "store/listing-private.h"

void
store_news_free (StoreNews *news)
{
  if (news == NULL)
    return;
  g_array_unref (news->changed);
  g_array_unref (news->gone);
  g_free (news);
}

static StoreNews *
news_new (gint64 rev)
{
  StoreNews *news = g_new0 (StoreNews, 1);

  news->rev = rev;
  news->changed = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  news->gone = g_array_new (FALSE, FALSE, sizeof (gint64));
  return news;
}

static void
set_too_much (StoreNews *news)
{
  news->is_too_much = TRUE;
  g_array_set_size (news->changed, 0);
  g_array_set_size (news->gone, 0);
}

/* --- messages ------------------------------------------------------------------------------------------- */

typedef struct {
  gint64 id;
  gint64 message_id;
  gint64 folder_id;
  guint  flags;
  gint64 thread_id;
} Touched;

/* Locations with a newer row of their own or of their message. */
#define LIST_TOUCHED \
  "SELECT l.id, l.message_id, l.folder_id, l.flags, m.thread_id FROM location l JOIN message m" \
  " ON m.id = l.message_id" \
  " WHERE l.rev > ?1" \
  " UNION SELECT l.id, l.message_id, l.folder_id, l.flags, m.thread_id FROM message m JOIN location l" \
  " ON l.message_id = m.id WHERE m.rev > ?1 LIMIT ?2"

static GArray *
list_touched (Store   *store,
              gint64   since_rev,
              guint    limit,
              GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), LIST_TOUCHED,
                                                    BIND (INT (since_rev), INT ((gint64) limit + 1)), error);
  g_autoptr(GArray) touched = g_array_new (FALSE, FALSE, sizeof (Touched));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      Touched one = { store_sql_int (rows, 0), store_sql_int (rows, 1), store_sql_int (rows, 2),
                      (guint) store_sql_int (rows, 3), store_sql_int (rows, 4) };

      g_array_append_val (touched, one);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&touched) : NULL;
}

/* In a merged view another place of the same message may now be the one that is shown. */
static gboolean
judge_merged (Store             *store,
              const StoreScope  *scope,
              gint64             message_id,
              gint64             touched_id,
              StoreNews         *news,
              GError           **error)
{
  g_autoptr(GArray) places = NULL;
  StoreEntry entry;

  if (!store_scope_find_message (store, scope, message_id, &entry, error))
    return FALSE;
  if (entry.id != 0)
    g_array_append_val (news->changed, entry);
  if (touched_id != 0 && touched_id != entry.id)
    g_array_append_val (news->gone, touched_id);
  places = store_sql_list_ints (store_peek_mail (store),
                                "SELECT id FROM location WHERE message_id = ?1 AND id NOT IN (?2, ?3)",
                                BIND (INT (message_id), INT (entry.id), INT (touched_id)), error);
  if (places == NULL)
    return FALSE;
  g_array_append_vals (news->gone, places->data, places->len);
  return TRUE;
}

static gboolean
judge_touched (Store             *store,
               const StoreScope  *scope,
               const Touched     *touched,
               StoreNews         *news,
               GError           **error)
{
  StoreEntry entry = { touched->message_id, touched->id };

  if (scope->is_merged)
    return judge_merged (store, scope, touched->message_id, touched->id, news, error);
  if (store_scope_shows (scope, touched->message_id, touched->folder_id, touched->flags))
    g_array_append_val (news->changed, entry);
  else
    g_array_append_val (news->gone, touched->id);
  return TRUE;
}

static gboolean
add_ended (Store             *store,
           const StoreScope  *scope,
           gint64             since_rev,
           guint              limit,
           StoreNews         *news,
           GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT location_id, message_id FROM tombstone WHERE rev > ? LIMIT ?",
    BIND (INT (since_rev), INT ((gint64) limit + 1)), error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      gint64 location_id = store_sql_int (rows, 0);

      g_array_append_val (news->gone, location_id);
      if (scope->is_merged && !judge_merged (store, scope, store_sql_int (rows, 1), 0, news, error))
        return FALSE;
    }
  return store_sql_end (rows, error);
}

static gboolean
add_messages (Store             *store,
              const StoreScope  *scope,
              gint64             since_rev,
              guint              limit,
              StoreNews         *news,
              GError           **error)
{
  g_autoptr(GArray) touched = list_touched (store, since_rev, limit, error);

  if (touched == NULL)
    return FALSE;
  if (touched->len > limit)
    {
      set_too_much (news);
      return TRUE;
    }
  for (guint i = 0; i < touched->len; i++)
    if (!judge_touched (store, scope, &g_array_index (touched, Touched, i), news, error))
      return FALSE;
  return add_ended (store, scope, since_rev, limit, news, error);
}

/* --- conversations -------------------------------------------------------------------------------------- */

/* thread_folder tells of all but what its sums do not hold: subjects, previews, answered marks. */
#define LIST_TOUCHED_THREADS \
  "SELECT thread_id FROM thread_folder WHERE rev > ?1" \
  " UNION SELECT m.thread_id FROM message m WHERE m.rev > ?1" \
  " UNION SELECT m.thread_id FROM location l JOIN message m ON m.id = l.message_id WHERE l.rev > ?1 LIMIT ?2"

static gboolean
add_conversations (Store             *store,
                   const StoreScope  *scope,
                   gint64             since_rev,
                   guint              limit,
                   StoreNews         *news,
                   GError           **error)
{
  g_autoptr(GArray) threads = store_sql_list_ints (store_peek_mail (store), LIST_TOUCHED_THREADS,
                                                   BIND (INT (since_rev), INT ((gint64) limit + 1)), error);

  if (threads == NULL)
    return FALSE;
  if (threads->len > limit)
    {
      set_too_much (news);
      return TRUE;
    }
  for (guint i = 0; i < threads->len; i++)
    {
      gint64 thread_id = g_array_index (threads, gint64, i);
      StoreConversation sums;

      if (!store_scope_find_thread (store, scope, thread_id, &sums, error))
        return FALSE;
      if (sums.n_messages > 0)
        {
          StoreEntry entry = { sums.newest, thread_id };

          g_array_append_val (news->changed, entry);
        }
      else
        g_array_append_val (news->gone, thread_id);
    }
  return TRUE;
}

/* --- both ----------------------------------------------------------------------------------------------- */

static void
drop_equal (GArray *entries)
{
  guint n_kept = 0;

  for (guint i = 0; i < entries->len; i++)
    if (n_kept == 0 || store_entry_compare (&g_array_index (entries, StoreEntry, n_kept - 1),
                                            &g_array_index (entries, StoreEntry, i)) != 0)
      g_array_index (entries, StoreEntry, n_kept++) = g_array_index (entries, StoreEntry, i);
  g_array_set_size (entries, n_kept);
}

StoreNews *
store_listing_get_news (Store             *store,
                        const StoreView   *view,
                        gint64             since_rev,
                        guint              limit,
                        GError           **error)
{
  g_autoptr(StoreScope) scope = store_scope_new (store, view, error);
  g_autoptr(StoreNews) news = NULL;
  gint64 rev;

  /* Read first: what is committed meanwhile is told twice rather than never. */
  if (scope == NULL || (rev = store_get_mail_rev (store, error)) == 0)
    return NULL;
  news = news_new (rev);
  if (rev == since_rev)
    return g_steal_pointer (&news);
  if (view->unit == STORE_LIST_CONVERSATIONS
      ? !add_conversations (store, scope, since_rev, limit, news, error) :
                                               !add_messages (store, scope, since_rev, limit, news, error))
    return NULL;
  g_array_sort (news->changed, store_entry_compare);
  drop_equal (news->changed);
  if (news->changed->len + news->gone->len > 2 * (gsize) limit)
    set_too_much (news);
  return g_steal_pointer (&news);
}
