/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/check.h"

#include "store/contents.h"
#include "store/sql.h"

#include <string.h>

typedef struct {
  Store              *store;
  StoreRaw           *raw;
  StoreCheckReport   *report;
  StoreCheckProgress  progress;
  gpointer            user_data;
  GCancellable       *cancellable;
  guint64             done;
  guint64             total;

  /* of the segment being walked */
  GArray             *rows;              /* of StoreContent, by offset */
  guint               next;
} Check;

static void G_GNUC_PRINTF (2, 3)
add_problem (Check      *check,
             const char *format,
             ...)
{
  va_list arguments;

  if (check->report->n_problems++ >= STORE_CHECK_PROBLEMS_MAX)
    return;
  va_start (arguments, format);
  g_ptr_array_add (check->report->problems, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

void
store_check_report_free (StoreCheckReport *report)
{
  if (report == NULL)
    return;
  g_ptr_array_unref (report->problems);
  g_free (report);
}

/* --- databases ------------------------------------------------------------------------------------------ */

static gboolean
check_database (Check       *check,
                StoreDb     *db,
                const char  *name,
                GError     **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (db, "PRAGMA integrity_check (100)", NULL, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (g_strcmp0 (store_sql_text (rows, 0), "ok") != 0)
      add_problem (check, "%s is damaged: %s", name, store_sql_text (rows, 0));
  return store_sql_end (rows, error);
}

static gboolean
check_references (Check       *check,
                  StoreDb     *db,
                  const char  *name,
                  GError     **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (db, "PRAGMA foreign_key_check", NULL, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    add_problem (check, "%s: row %" G_GINT64_FORMAT " of %s names something in %s that is not there", name,
                 store_sql_int (rows, 1), store_sql_text (rows, 0), store_sql_text (rows, 2));
  return store_sql_end (rows, error);
}

/* A query that gives one row, with what to say, for each problem. */
static gboolean
check_query (Check       *check,
             const char  *sql,
             GError     **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (check->store), sql, NULL, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    add_problem (check, "%s", store_sql_text (rows, 0));
  return store_sql_end (rows, error);
}

static gboolean
check_counters (Check   *check,
                GError **error)
{
  return check_query (check,
      "SELECT 'The counters of folder ' || name || ' are wrong' FROM folder f"
      " WHERE total <> (SELECT count(*) FROM location WHERE folder_id = f.id)"
      " OR unread <> (SELECT count(*) FROM location WHERE folder_id = f.id AND (flags & 1) = 0)", error) &&
    check_query (check,
      "SELECT 'Conversation ' || id || ' counts ' || messages || ' messages and has others' FROM thread t"
      " WHERE messages <> (SELECT count(*) FROM message WHERE thread_id = t.id)", error) &&
    check_query (check,
      "SELECT 'Message ' || id || ' belongs to a conversation that is not there' FROM message"
      " WHERE thread_id NOT IN (SELECT id FROM thread)", error);
}

/* --- the index ------------------------------------------------------------------------------------------ */

/* Reading it is an INSERT in the eyes of SQLite. */
static gboolean
examine_index (Check       *check,
               const char  *table,
               GError     **error)
{
  g_autofree char *sql = g_strdup_printf ("INSERT INTO %s (%s) VALUES ('integrity-check')", table, table);
  g_autoptr(GError) reason = NULL;

  if (store_sql_run (store_peek_mail (check->store), sql, NULL, &reason))
    return TRUE;
  if (!g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  add_problem (check, "The search index (%s) is damaged", table);
  return TRUE;
}

static gboolean
check_index (Check   *check,
             GError **error)
{
  if (store_get_mode (check->store) == STORE_WRITER &&
      (!examine_index (check, "search_head", error) || !examine_index (check, "search_body", error)))
    return FALSE;
  return check_query (check,
      "SELECT 'Message ' || id || ' is not in the search index' FROM message"
      " WHERE id NOT IN (SELECT message_id FROM text)", error) &&
    check_query (check,
      "SELECT 'The search index has no headers of message ' || message_id FROM"
      " (SELECT message_id FROM text EXCEPT SELECT id FROM search_head_docsize)", error) &&
    check_query (check,
      "SELECT 'The search index has headers of message ' || id || ', which is not there' FROM"
      " (SELECT id FROM search_head_docsize EXCEPT SELECT message_id FROM text)", error) &&
    check_query (check,
      "SELECT 'The search index has no text of message ' || message_id FROM"
      " (SELECT message_id FROM text WHERE body IS NOT NULL EXCEPT SELECT id FROM search_body_docsize)",
      error) &&
    check_query (check,
      "SELECT 'The search index has text of message ' || id || ', which is not there' FROM"
      " (SELECT id FROM search_body_docsize EXCEPT SELECT message_id FROM text WHERE body IS NOT NULL)",
      error);
}

/* --- raw mail ------------------------------------------------------------------------------------------- */

static gboolean
list_rows (Check    *check,
           guint32   segment,
           GError  **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (check->store),
                                                    "SELECT id, sha256, size, offset, stored_size"
                                                    " FROM content"
                                                    " WHERE segment = ? ORDER BY offset",
                                                    BIND (INT (segment)), error);

  g_array_set_size (check->rows, 0);
  check->next = 0;
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      StoreContent row = { .id = store_sql_int (rows, 0), .size = store_sql_int (rows, 2) };

      memcpy (row.sha256, store_sql_bytes (rows, 1).data, sizeof row.sha256);
      row.place = (StoreRawPlace) { segment, (guint64) store_sql_int (rows, 3),
                                    (guint64) store_sql_int (rows, 4) };
      g_array_append_val (check->rows, row);
    }
  return store_sql_end (rows, error);
}

/* Asked once more, by its row as it is now: compaction may have moved it while the segment was walked. */
static gboolean
look_again (Check   *check,
            gint64   content_id,
            GError **error)
{
  g_autoptr(GError) reason = NULL;
  StoreContent content;
  gint64 message_id;

  if (store_contents_get (check->store, content_id, &content, &reason) &&
      store_raw_verify (check->raw, &content.place, (guint64) content.size, content.sha256, &reason))
    {
      check->report->bytes += (guint64) content.size;
      return TRUE;
    }
  if (!store_sql_get_int (store_peek_mail (check->store),
                          "SELECT id FROM message WHERE content_id = ? LIMIT 1",
                          BIND (INT (content_id)), 0, &message_id, error))
    return FALSE;
  if (message_id != 0)
    add_problem (check, "Message %" G_GINT64_FORMAT " cannot be read: %s", message_id, reason->message);
  return TRUE;
}

/* Rows that lie before offset were not met: nothing right lies there. */
static gboolean
look_again_before (Check    *check,
                   guint64   offset,
                   GError  **error)
{
  for (; check->next < check->rows->len; check->next++)
    {
      const StoreContent *row = &g_array_index (check->rows, StoreContent, check->next);

      if (row->place.offset >= offset)
        break;
      if (!look_again (check, row->id, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_row_of (const StoreContent *row,
           const StoreRawItem *item)
{
  return item->state == STORE_RAW_FOUND && store_raw_kind_has_bytes (item->header.kind) &&
         row->place.offset == item->place.offset && row->place.size == item->place.size &&
         (guint64) row->size == item->header.size && memcmp (row->sha256, item->header.sha256, 32) == 0;
}

static gboolean
check_item (const StoreRawItem  *item,
            gpointer             user_data,
            GError             **error)
{
  Check *check = user_data;

  if (g_cancellable_set_error_if_cancelled (check->cancellable, error) ||
      !look_again_before (check, item->place.offset, error))
    return FALSE;
  check->done += item->place.size;
  if (check->progress != NULL)
    check->progress (check->done, MAX (check->total, check->done), check->user_data);
  if (check->next < check->rows->len
      && is_row_of (&g_array_index (check->rows, StoreContent, check->next), item))
    {
      check->next++;
      check->report->bytes += item->header.size;
    }
  else if (item->state != STORE_RAW_FOUND || store_raw_kind_has_bytes (item->header.kind))
    check->report->bytes_free += item->place.size;
  return TRUE;
}

/* One that went meanwhile was compacted, and its rows point elsewhere now. */
static gboolean
check_segment (Check    *check,
               guint32   segment,
               GError  **error)
{
  g_autoptr(GError) reason = NULL;

  if (!list_rows (check, segment, error))
    return FALSE;
  if (!store_raw_scan (check->raw, segment, STORE_RAW_HEADERS_AND_BYTES, check_item, check, &reason) &&
      !g_error_matches (reason, STORE_ERROR, STORE_ERROR_NOT_FOUND) &&
      !g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  return look_again_before (check, G_MAXUINT64, error);
}

/* Those that are there, and those that rows name. */
static GArray *
list_segments (Check   *check,
               GError **error)
{
  g_autoptr(GArray) files = store_raw_list_segments (check->raw, error);
  g_autoptr(GArray) named = NULL, segments = g_array_new (FALSE, FALSE, sizeof (guint32));
  guint f = 0;

  named = store_sql_list_ints (store_peek_mail (check->store),
                               "SELECT DISTINCT segment FROM content ORDER BY segment", NULL, error);
  if (files == NULL || named == NULL)
    return NULL;
  for (guint n = 0; f < files->len || n < named->len; )
    {
      guint32 file = f < files->len ? g_array_index (files, guint32, f) : G_MAXUINT32;
      guint32 name = n < named->len ? (guint32) g_array_index (named, gint64, n) : G_MAXUINT32;
      guint32 segment = MIN (file, name);

      f += f < files->len && file == segment;
      n += n < named->len && name == segment;
      g_array_append_val (segments, segment);
    }
  return g_steal_pointer (&segments);
}

static gboolean
check_raw (Check   *check,
           GError **error)
{
  g_autoptr(GArray) segments = list_segments (check, error);
  guint64 size;

  if (segments == NULL)
    return FALSE;
  for (guint i = 0; i < segments->len; i++)
    if (store_raw_get_segment_size (check->raw, g_array_index (segments, guint32, i), &size, NULL))
      check->total += size;
  for (guint i = 0; i < segments->len; i++)
    if (!check_segment (check, g_array_index (segments, guint32, i), error))
      return FALSE;
  return TRUE;
}

/* --- all of it ------------------------------------------------------------------------------------------ */

static gboolean
count (Check       *check,
       const char  *sql,
       guint64     *number,
       GError     **error)
{
  gint64 value;

  if (!store_sql_get_int (store_peek_mail (check->store), sql, NULL, 0, &value, error))
    return FALSE;
  *number = (guint64) value;
  return TRUE;
}

static gboolean
check_all (Check   *check,
           GError **error)
{
  StoreCheckReport *report = check->report;

  return count (check, "SELECT count(*) FROM message", &report->messages, error) &&
         count (check, "SELECT count(DISTINCT content_id) FROM message", &report->contents, error) &&
         check_database (check, store_peek_mail (check->store), "mail.db", error) &&
         check_database (check, store_peek_desk (check->store), "desk.db", error) &&
         check_references (check, store_peek_mail (check->store), "mail.db", error) &&
         check_references (check, store_peek_desk (check->store), "desk.db", error) &&
         check_counters (check, error) && check_index (check, error) && check_raw (check, error);
}

/* A damaged page may end a query with an error before integrity_check has said its word. */
static gboolean
take_damage (Check   *check,
             GError  *reason,
             GError **error)
{
  if (g_error_matches (reason, STORE_ERROR, STORE_ERROR_CORRUPT))
    {
      add_problem (check, "%s", reason->message);
      return TRUE;
    }
  g_propagate_error (error, g_error_copy (reason));
  return FALSE;
}

StoreCheckReport *
store_check_run (Store               *store,
                 StoreCheckProgress   progress,
                 gpointer             user_data,
                 GCancellable        *cancellable,
                 GError             **error)
{
  g_autoptr(StoreRaw) raw = store_raw_new (store_get_dir (store));
  g_autoptr(StoreCheckReport) report = g_new0 (StoreCheckReport, 1);
  g_autoptr(GArray) rows = g_array_new (FALSE, FALSE, sizeof (StoreContent));
  g_autoptr(GError) reason = NULL;
  Check check = { store, raw, report, progress, user_data, cancellable, 0, 0, rows, 0 };

  report->problems = g_ptr_array_new_with_free_func (g_free);
  if (!check_all (&check, &reason) && !take_damage (&check, reason, error))
    return NULL;
  return g_steal_pointer (&report);
}
