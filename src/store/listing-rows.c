/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of listing.h that reads what rows show. */
#include "store/listing-private.h"

#include "mime/summary.h"

#include <string.h>

/* Names of a conversation, and messages looked at for them. */
#define SENDERS_MAX        4
#define SENDERS_LOOKED_AT 20

#define SELECT_ROW \
  "SELECT l.id, m.id, l.folder_id, m.account_id, m.thread_id, m.subject, m.from_name, m.from_address," \
  " m.to_text, m.date," \
  " m.arrived_at, m.size, m.preview, m.attachments, m.facts, l.flags, m.content_id IS NOT NULL," \
  " l.on_server," \
  " l.remove_after, l.pinned, max (l.rev, m.rev) FROM location l JOIN message m ON m.id = l.message_id "

void
store_row_free (StoreRow *row)
{
  if (row == NULL)
    return;
  g_free (row->subject);
  g_free (row->from_name);
  g_free (row->from_address);
  g_free (row->to_text);
  g_free (row->senders);
  g_free (row->preview);
  g_free (row);
}

static StoreWhere
judge_where (gboolean is_here,
             gboolean is_on_server)
{
  if (is_here)
    return is_on_server ? STORE_WHERE_BOTH : STORE_WHERE_HERE;
  return is_on_server ? STORE_WHERE_SERVER : STORE_WHERE_NOWHERE;
}

static StoreRow *
row_from_statement (StoreStatement *statement)
{
  StoreRow *row = g_new0 (StoreRow, 1);

  row->id = row->location_id = store_sql_int (statement, 0);
  row->message_id = store_sql_int (statement, 1);
  row->folder_id = store_sql_int (statement, 2);
  row->account_id = store_sql_int (statement, 3);
  row->thread_id = store_sql_int (statement, 4);
  row->subject = store_sql_dup_text (statement, 5);
  row->from_name = store_sql_dup_text (statement, 6);
  row->from_address = store_sql_dup_text (statement, 7);
  row->to_text = store_sql_dup_text (statement, 8);
  row->date = store_sql_int_or (statement, 9, MIME_DATE_NONE);
  row->arrived_at = store_sql_int (statement, 10);
  row->size = store_sql_int (statement, 11);
  row->preview = store_sql_dup_text (statement, 12);
  row->attachments = (guint) store_sql_int (statement, 13);
  row->facts = (guint) store_sql_int (statement, 14);
  row->flags = (guint) store_sql_int (statement, 15);
  row->where = judge_where (store_sql_int (statement, 16) != 0, store_sql_int (statement, 17) != 0);
  row->remove_after = store_sql_int (statement, 18);
  row->is_pinned = store_sql_int (statement, 19) != 0;
  row->rev = store_sql_int (statement, 20);
  row->n_messages = 1;
  row->n_unread = (row->flags & STORE_FLAG_SEEN) == 0;
  return row;
}

/* *row is NULL when there is none any more. */
static gboolean
read_row (Store             *store,
          const char        *sql,
          const StoreValue  *values,
          StoreRow         **row,
          GError           **error)
{
  g_autoptr(StoreStatement) statement = store_sql_query (store_peek_mail (store), sql, values, error);

  *row = NULL;
  if (statement == NULL)
    return FALSE;
  if (!store_sql_next (statement))
    return store_sql_end (statement, error);
  *row = row_from_statement (statement);
  return TRUE;
}

static gboolean
is_among (GPtrArray  *names,
          const char *name)
{
  for (guint i = 0; i < names->len; i++)
    if (strcmp (names->pdata[i], name) == 0)
      return TRUE;
  return FALSE;
}

static char *
dup_senders (Store   *store,
             gint64   thread_id,
             GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT iif (from_name <> '', from_name, from_address) FROM message WHERE thread_id = ?"
    " ORDER BY id DESC LIMIT ?",
    BIND (INT (thread_id), INT (SENDERS_LOOKED_AT)), error);
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    if (names->len < SENDERS_MAX && !is_among (names, store_sql_text (rows, 0)))
      g_ptr_array_add (names, store_sql_dup_text (rows, 0));
  g_ptr_array_add (names, NULL);
  return store_sql_end (rows, error) ? g_strjoinv (", ", (char **) names->pdata) : NULL;
}

static gboolean
read_conversation (Store             *store,
                   const StoreScope  *scope,
                   const StoreEntry  *entry,
                   StoreRow         **row,
                   GError           **error)
{
  StoreConversation sums;

  *row = NULL;
  if (!store_scope_find_thread (store, scope, entry->id, &sums, error))
    return FALSE;
  if (sums.n_messages == 0)
    return TRUE;
  if (!read_row (store, SELECT_ROW "WHERE l.message_id = ? AND l.folder_id = ? ORDER BY l.id DESC LIMIT 1",
                 BIND (INT (sums.newest), INT (sums.folder_id)), row, error))
    return FALSE;
  if (*row == NULL)
    return TRUE;
  (*row)->id = entry->id;
  (*row)->n_messages = sums.n_messages;
  (*row)->n_unread = sums.n_unread;
  (*row)->attachments = sums.n_attachments;
  (*row)->flags &= ~(guint) (STORE_FLAG_SEEN | STORE_FLAG_FLAGGED);
  (*row)->flags |= (sums.n_unread == 0 ? STORE_FLAG_SEEN : 0) | (sums.n_flagged > 0 ? STORE_FLAG_FLAGGED : 0);
  (*row)->rev = MAX ((*row)->rev, sums.rev);
  (*row)->senders = dup_senders (store, entry->id, error);
  return (*row)->senders != NULL;
}

GPtrArray *
store_listing_get_rows (Store             *store,
                        const StoreView   *view,
                        const StoreEntry  *entries,
                        gsize              n_entries,
                        GError           **error)
{
  g_autoptr(StoreScope) scope = store_scope_new (store, view, error);
  g_autoptr(GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) store_row_free);

  if (scope == NULL)
    return NULL;
  for (gsize i = 0; i < n_entries; i++)
    {
      StoreRow *row;
      gboolean is_read = view->unit == STORE_LIST_CONVERSATIONS ?
        read_conversation (store, scope, &entries[i], &row, error) :
        read_row (store, SELECT_ROW "WHERE l.id = ?", BIND (INT (entries[i].id)), &row, error);

      g_ptr_array_add (rows, row);
      if (!is_read)
        return NULL;
    }
  return g_steal_pointer (&rows);
}
