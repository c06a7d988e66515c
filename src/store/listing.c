/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/listing-private.h"

#include <string.h>

/* --- what belongs to a view ----------------------------------------------------------------------------- */

static GArray *
list_view_folders (Store            *store,
                   const StoreView  *view,
                   GError          **error)
{
  static const char *const conditions[] = {
    [STORE_VIEW_FOLDER] = "id = ?2 AND ?1 = ?1",
    [STORE_VIEW_INBOXES] = "role = 'inbox' AND gone_at IS NULL AND (?1 = -1 OR account_id = ?1) AND ?2 = ?2",
    [STORE_VIEW_UNREAD] = ("role NOT IN ('trash', 'junk', 'drafts', 'sent', 'outbox') AND gone_at IS NULL"
                           " AND (?1 = -1 OR account_id = ?1) AND ?2 = ?2"),
    [STORE_VIEW_STARRED] = "role NOT IN ('trash', 'junk') AND gone_at IS NULL AND (?1 = -1"
                           " OR account_id = ?1) AND ?2 = ?2",
    [STORE_VIEW_MESSAGES] = "0 AND ?1 = ?2",
  };
  g_autofree char *sql = g_strdup_printf ("SELECT id FROM folder WHERE %s ORDER BY id",
                                          conditions[view->kind]);

  return store_sql_list_ints (store_peek_mail (store), sql,
                              BIND (INT (view->account_id), INT (view->folder_id)), error);
}

StoreScope *
store_scope_new (Store            *store,
                 const StoreView  *view,
                 GError          **error)
{
  g_autoptr(StoreScope) scope = g_new0 (StoreScope, 1);

  g_assert (view->unit == STORE_LIST_MESSAGES ||
            (view->kind != STORE_VIEW_STARRED && view->kind != STORE_VIEW_MESSAGES));
  scope->view = view;
  scope->is_merged = view->kind != STORE_VIEW_FOLDER;
  scope->only_unread = view->show == STORE_SHOW_UNREAD || view->kind == STORE_VIEW_UNREAD;
  scope->only_flagged = view->show == STORE_SHOW_FLAGGED || view->kind == STORE_VIEW_STARRED;
  if (!(scope->folder_ids = list_view_folders (store, view, error)))
    return NULL;
  if (view->kind != STORE_VIEW_MESSAGES)
    return g_steal_pointer (&scope);
  scope->message_ids = g_hash_table_new (g_int64_hash, g_int64_equal);
  for (gsize i = 0; i < view->n_message_ids; i++)
    g_hash_table_add (scope->message_ids, (gpointer) &view->message_ids[i]);
  return g_steal_pointer (&scope);
}

void
store_scope_free (StoreScope *scope)
{
  if (scope == NULL)
    return;
  g_clear_pointer (&scope->folder_ids, g_array_unref);
  g_clear_pointer (&scope->message_ids, g_hash_table_destroy);
  g_free (scope);
}

static int
compare_ids (gconstpointer a,
             gconstpointer b)
{
  gint64 left = *(const gint64 *) a, right = *(const gint64 *) b;

  return left < right ? -1 : left > right;
}

gboolean
store_scope_has_folder (const StoreScope *scope,
                        gint64            folder_id)
{
  return g_array_binary_search (scope->folder_ids, &folder_id, compare_ids, NULL);
}

gboolean
store_scope_shows (const StoreScope *scope,
                   gint64            message_id,
                   gint64            folder_id,
                   guint             flags)
{
  if (scope->only_unread && (flags & STORE_FLAG_SEEN))
    return FALSE;
  if (scope->only_flagged && !(flags & STORE_FLAG_FLAGGED))
    return FALSE;
  if (scope->message_ids != NULL)
    return g_hash_table_contains (scope->message_ids, &message_id);
  return store_scope_has_folder (scope, folder_id);
}

/* Where a search found a message in several folders, trash and junk are not the ones to show. */
gboolean
store_scope_find_message (Store             *store,
                          const StoreScope  *scope,
                          gint64             message_id,
                          StoreEntry        *entry,
                          GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT l.id, l.folder_id, l.flags FROM location l JOIN folder f ON f.id = l.folder_id"
    " WHERE l.message_id = ?"
    " ORDER BY f.role IN ('trash', 'junk'), l.id DESC", BIND (INT (message_id)), error);

  *entry = (StoreEntry) { message_id, 0 };
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (store_scope_shows (scope, message_id, store_sql_int (rows, 1), (guint) store_sql_int (rows, 2)))
      {
        entry->id = store_sql_int (rows, 0);
        return TRUE;
      }
  return store_sql_end (rows, error);
}

gboolean
store_scope_find_thread (Store              *store,
                         const StoreScope   *scope,
                         gint64              thread_id,
                         StoreConversation  *conversation,
                         GError            **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT folder_id, newest, total, unread, flagged, attachments, rev FROM thread_folder"
    " WHERE thread_id = ? AND total > 0", BIND (INT (thread_id)), error);

  *conversation = (StoreConversation) { 0 };
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      if (!store_scope_has_folder (scope, store_sql_int (rows, 0)) ||
          (scope->only_unread && store_sql_int (rows, 3) == 0)
          || (scope->only_flagged && store_sql_int (rows, 4) == 0))
        continue;
      if (store_sql_int (rows, 1) > conversation->newest)
        {
          conversation->newest = store_sql_int (rows, 1);
          conversation->folder_id = store_sql_int (rows, 0);
        }
      conversation->n_messages += (guint) store_sql_int (rows, 2);
      conversation->n_unread += (guint) store_sql_int (rows, 3);
      conversation->n_flagged += (guint) store_sql_int (rows, 4);
      conversation->n_attachments += (guint) store_sql_int (rows, 5);
      conversation->rev = MAX (conversation->rev, store_sql_int (rows, 6));
    }
  return store_sql_end (rows, error);
}

int
store_entry_compare (gconstpointer a,
                     gconstpointer b)
{
  const StoreEntry *left = a, *right = b;

  if (left->message_id != right->message_id)
    return left->message_id > right->message_id ? -1 : 1;
  return left->id > right->id ? -1 : left->id < right->id;
}

/* --- listing -------------------------------------------------------------------------------------------- */

/* The index is named, for without statistics SQLite may take another one and sort. */
#define LIST_LOCATIONS(index, condition) \
  "SELECT message_id, id FROM location INDEXED BY " index " WHERE folder_id = ?1 AND " condition \
  " AND message_id <= ?2 AND (message_id < ?2 OR id < ?3) ORDER BY message_id DESC, id DESC LIMIT ?4"
#define LIST_THREADS(condition) \
  "SELECT newest, thread_id FROM thread_folder INDEXED BY thread_folder_newest WHERE folder_id = ?1 AND " condition \
  " AND newest <= ?2 AND (newest < ?2 OR thread_id < ?3) ORDER BY newest DESC, thread_id DESC LIMIT ?4"

static const char *
choose_folder_sql (const StoreScope *scope)
{
  static const char *const messages[2][2] = {          /* only unread, only flagged */
    { LIST_LOCATIONS ("location_list", "1"), LIST_LOCATIONS ("location_flagged", "(flags & 4) <> 0") },
    { LIST_LOCATIONS ("location_unread", "(flags & 1) = 0"),
      LIST_LOCATIONS ("location_unread", "(flags & 1) = 0 AND (flags & 4) <> 0") },
  };
  static const char *const threads[2][2] = {
    { LIST_THREADS ("total > 0"), LIST_THREADS ("total > 0 AND flagged > 0") },
    { LIST_THREADS ("total > 0 AND unread > 0"), LIST_THREADS ("total > 0 AND unread > 0 AND flagged > 0") },
  };

  return scope->view->unit == STORE_LIST_MESSAGES ? messages[scope->only_unread][scope->only_flagged] :
                                                    threads[scope->only_unread][scope->only_flagged];
}

static gboolean
append_entries (GArray          *entries,
                StoreStatement  *rows,
                GError         **error)
{
  while (store_sql_next (rows))
    {
      StoreEntry entry = { store_sql_int (rows, 0), store_sql_int (rows, 1) };

      g_array_append_val (entries, entry);
    }
  return store_sql_end (rows, error);
}

static gboolean
append_folder (Store             *store,
               const StoreScope  *scope,
               gint64             folder_id,
               const StoreEntry  *after,
               gsize              limit,
               GArray            *entries,
               GError           **error)
{
  gint64 rows_limit = limit == 0 ? -1 : (gint64) limit;
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), choose_folder_sql (scope),
    BIND (INT (folder_id), INT (after != NULL ? after->message_id : G_MAXINT64),
          INT (after != NULL ? after->id : G_MAXINT64), INT (rows_limit)), error);

  return rows != NULL && append_entries (entries, rows, error);
}

/* Messages follow their doubles, conversations may be anywhere below. */
static void
drop_doubles (const StoreScope *scope,
              GArray           *entries)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  guint n_kept = 0;

  for (guint i = 0; i < entries->len; i++)
    {
      StoreEntry entry = g_array_index (entries, StoreEntry, i);
      gboolean is_double;

      if (scope->view->unit == STORE_LIST_CONVERSATIONS)
        is_double = !g_hash_table_add (seen, g_memdup2 (&entry.id, sizeof entry.id));
      else
        is_double = n_kept > 0
                    && g_array_index (entries, StoreEntry, n_kept - 1).message_id == entry.message_id;
      if (!is_double)
        g_array_index (entries, StoreEntry, n_kept++) = entry;
    }
  g_array_set_size (entries, n_kept);
}

static void
cut (GArray *entries,
     gsize   limit)
{
  if (limit != 0 && entries->len > limit)
    g_array_set_size (entries, (guint) limit);
}

/* The newest of each folder, in one order.  Below the last entry of a folder that has more, others may be
 * missing: is_complete is FALSE when dropping doubles left fewer than limit above that. */
static GArray *
merge_folders (Store             *store,
               const StoreScope  *scope,
               gsize              limit,
               gsize              folder_limit,
               gboolean          *is_complete,
               GError           **error)
{
  g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  StoreEntry border = { 0, 0 };
  guint n_sure = 0;

  for (guint i = 0; i < scope->folder_ids->len; i++)
    {
      guint before = entries->len;

      if (!append_folder (store, scope, g_array_index (scope->folder_ids, gint64, i), NULL, folder_limit,
                          entries, error))
        return NULL;
      if (folder_limit != 0 && entries->len - before == folder_limit &&
          store_entry_compare (&g_array_index (entries, StoreEntry, entries->len - 1), &border) < 0)
        border = g_array_index (entries, StoreEntry, entries->len - 1);
    }
  g_array_sort (entries, store_entry_compare);
  drop_doubles (scope, entries);
  while (n_sure < entries->len
         && store_entry_compare (&g_array_index (entries, StoreEntry, n_sure), &border) <= 0)
    n_sure++;
  *is_complete = limit == 0 || border.id == 0 || n_sure >= limit;
  return g_steal_pointer (&entries);
}

static GArray *
list_merged (Store             *store,
             const StoreScope  *scope,
             gsize              limit,
             GError           **error)
{
  for (gsize folder_limit = limit; ; folder_limit *= 2)
    {
      gboolean is_complete;
      g_autoptr(GArray) entries = merge_folders (store, scope, limit, folder_limit, &is_complete, error);

      if (entries == NULL || is_complete)
        return g_steal_pointer (&entries);
    }
}

static GArray *
list_starred (Store             *store,
              const StoreScope  *scope,
              GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT message_id, id, folder_id, flags FROM location INDEXED BY location_flagged WHERE (flags & 4) <> 0", NULL, error);
  g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreEntry entry = { store_sql_int (rows, 0), store_sql_int (rows, 1) };

      if (store_scope_shows (scope, entry.message_id, store_sql_int (rows, 2),
                             (guint) store_sql_int (rows, 3)))
        g_array_append_val (entries, entry);
    }
  g_array_sort (entries, store_entry_compare);
  drop_doubles (scope, entries);
  return store_sql_end (rows, error) ? g_steal_pointer (&entries) : NULL;
}

static GArray *
list_given (Store             *store,
            const StoreScope  *scope,
            GError           **error)
{
  g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  GHashTableIter iter;
  gpointer message_id;

  g_hash_table_iter_init (&iter, scope->message_ids);
  while (g_hash_table_iter_next (&iter, &message_id, NULL))
    {
      StoreEntry entry;

      if (!store_scope_find_message (store, scope, *(const gint64 *) message_id, &entry, error))
        return NULL;
      if (entry.id != 0)
        g_array_append_val (entries, entry);
    }
  g_array_sort (entries, store_entry_compare);
  return g_steal_pointer (&entries);
}

static void
drop_up_to (GArray           *entries,
            const StoreEntry *after)
{
  guint n = 0;

  while (n < entries->len && store_entry_compare (&g_array_index (entries, StoreEntry, n), after) <= 0)
    n++;
  if (n > 0)
    g_array_remove_range (entries, 0, n);
}

/* A merged view that goes on after an entry is listed whole: what was dropped as a double above decides
 * below. */
static GArray *
list_scope (Store             *store,
            const StoreScope  *scope,
            const StoreEntry  *after,
            gsize              limit,
            GError           **error)
{
  switch (scope->view->kind)
    {
    case STORE_VIEW_FOLDER:
      {
        g_autoptr(GArray) entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));

        return append_folder (store, scope, scope->view->folder_id, after, limit, entries, error) ?
               g_steal_pointer (&entries) : NULL;
      }
    case STORE_VIEW_INBOXES:
    case STORE_VIEW_UNREAD:
      return list_merged (store, scope, after != NULL ? 0 : limit, error);
    case STORE_VIEW_STARRED:
      return list_starred (store, scope, error);
    case STORE_VIEW_MESSAGES:
      return list_given (store, scope, error);
    }
  g_assert_not_reached ();
}

GArray *
store_listing_list (Store             *store,
                    const StoreView   *view,
                    const StoreEntry  *after,
                    gsize              limit,
                    GError           **error)
{
  g_autoptr(StoreScope) scope = store_scope_new (store, view, error);
  g_autoptr(GArray) entries = scope != NULL ? list_scope (store, scope, after, limit, error) : NULL;

  if (entries == NULL)
    return NULL;
  if (after != NULL && scope->is_merged)
    drop_up_to (entries, after);
  cut (entries, limit);
  return g_steal_pointer (&entries);
}

/* A folder knows its numbers; what is merged has to be listed, for doubles count once. */
gboolean
store_listing_count (Store            *store,
                     const StoreView  *view,
                     gsize            *count,
                     GError          **error)
{
  g_autoptr(GArray) entries = NULL;
  gint64 number;

  if (view->kind == STORE_VIEW_FOLDER && view->unit == STORE_LIST_MESSAGES
      && view->show != STORE_SHOW_FLAGGED)
    {
      if (!store_sql_get_int (store_peek_mail (store),
                              "SELECT iif (?, unread, total) FROM folder WHERE id = ?",
                              BIND (INT (view->show == STORE_SHOW_UNREAD), INT (view->folder_id)), 0, &number,
                              error))
        return FALSE;
      *count = (gsize) number;
      return TRUE;
    }
  if (!(entries = store_listing_list (store, view, NULL, 0, error)))
    return FALSE;
  *count = entries->len;
  return TRUE;
}
