/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/text.h"

#include "store/sql.h"
#include "store/tokenizer.h"

#include <string.h>
#include <zstd.h>

#define HEAD_COLUMNS 4
#define BODY_COLUMNS 2
#define LEVEL        3
#define PACKED_MAX   (HEAD_COLUMNS * (STORE_TEXT_MAX + 1))
#define META_KEY     "tokenizer"

/* One side of a message's text: the columns of search_head, or those of search_body. */
typedef struct {
  const char *table;
  const char *insert;
  const char *remove;
  int         n_columns;
} Side;

static const Side head_side = {
  "search_head",
  "INSERT INTO search_head (rowid, subject, sender, recipients, list) VALUES (?, ?, ?, ?, ?)",
  "INSERT INTO search_head (search_head, rowid, subject, sender, recipients, list) VALUES ('delete', ?, ?, ?, ?, ?)",
  HEAD_COLUMNS,
};
static const Side body_side = {
  "search_body",
  "INSERT INTO search_body (rowid, body, filename) VALUES (?, ?, ?)",
  "INSERT INTO search_body (search_body, rowid, body, filename) VALUES ('delete', ?, ?, ?)",
  BODY_COLUMNS,
};

/* --- packing ---------------------------------------------------------------------------------------------------- */

static void
free_context (gpointer context)
{
  ZSTD_freeCCtx (context);
}

/* Making one costs more than packing a short text with it. */
static ZSTD_CCtx *
get_context (void)
{
  static GPrivate private = G_PRIVATE_INIT (free_context);
  ZSTD_CCtx *context = g_private_get (&private);

  if (context == NULL)
    g_private_set (&private, context = ZSTD_createCCtx ());
  return context;
}

static void
append_column (GByteArray *joined,
               const char *text)
{
  gsize size = text != NULL ? strlen (text) : 0;

  if (size > STORE_TEXT_MAX)
    for (size = STORE_TEXT_MAX; size > 0 && ((guchar) text[size] & 0xC0) == 0x80; size--)
      ;
  if (size > 0)
    g_byte_array_append (joined, (const guint8 *) text, (guint) size);
  g_byte_array_append (joined, (const guint8 *) "", 1);
}

static GBytes *
pack (const GByteArray *joined)
{
  gsize bound = ZSTD_compressBound (joined->len);
  guint8 *packed = g_malloc (bound);
  gsize size = ZSTD_compressCCtx (get_context (), packed, bound, joined->data, joined->len, LEVEL);

  g_assert (!ZSTD_isError (size));       /* the buffer is large enough, so nothing can fail */
  return g_bytes_new_take (g_realloc (packed, size), size);
}

static void
join_head (GByteArray          *joined,
           const StoreTextHead *head)
{
  append_column (joined, head->subject);
  append_column (joined, head->sender);
  append_column (joined, head->recipients);
  append_column (joined, head->list);
}

static void
join_body (GByteArray          *joined,
           const StoreTextBody *body)
{
  append_column (joined, body->body);
  append_column (joined, body->filenames);
}

GBytes *
store_text_pack_body (const StoreTextBody *body)
{
  g_autoptr(GByteArray) joined = g_byte_array_new ();

  join_body (joined, body);
  return pack (joined);
}

/* NUL-terminated columns one after another, or NULL where they are damaged. */
static char *
unpack (BaseSlice packed,
        int       n_columns,
        gsize    *size)
{
  unsigned long long announced = ZSTD_getFrameContentSize (packed.data, packed.size);
  g_autofree char *joined = NULL;
  int n = 0;

  if (announced == ZSTD_CONTENTSIZE_UNKNOWN || announced == ZSTD_CONTENTSIZE_ERROR || announced > PACKED_MAX)
    return NULL;
  joined = g_malloc (announced + 1);
  *size = ZSTD_decompress (joined, announced, packed.data, packed.size);
  if (ZSTD_isError (*size))
    return NULL;
  for (gsize i = 0; i < *size; i++)
    n += joined[i] == '\0';
  return n == n_columns && joined[*size - 1] == '\0' ? g_steal_pointer (&joined) : NULL;
}

/* --- the index -------------------------------------------------------------------------------------------------- */

static gboolean
run_side (StoreDb     *db,
          const char  *sql,
          gint64       message_id,
          const char  *joined,
          int          n_columns,
          GError     **error)
{
  StoreValue values[HEAD_COLUMNS + 2] = { INT (message_id) };

  for (int i = 0; i < n_columns; i++, joined += strlen (joined) + 1)
    values[i + 1] = (StoreValue) TEXT (joined);
  values[n_columns + 1].kind = STORE_VALUE_END;
  return store_sql_run (db, sql, values, error);
}

/* Takes out what was indexed from this text. */
static gboolean
remove_side (StoreDb     *db,
             const Side  *side,
             gint64       message_id,
             BaseSlice    packed,
             GError     **error)
{
  gsize size;
  g_autofree char *joined = NULL;

  if (packed.data == NULL)
    return TRUE;
  if ((joined = unpack (packed, side->n_columns, &size)) != NULL)
    return run_side (db, side->remove, message_id, joined, side->n_columns, error);
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "The kept text of message %" G_GINT64_FORMAT " is damaged", message_id);
  return FALSE;
}

static gboolean
remove_known (StoreDb   *db,
              gint64     message_id,
              gboolean   has_head,
              gboolean   has_body,
              gboolean  *is_known,
              GError   **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (db, "SELECT head, body FROM text WHERE message_id = ?",
                                                    BIND (INT (message_id)), error);

  if (rows == NULL)
    return FALSE;
  *is_known = store_sql_next (rows);
  if (!*is_known)
    return store_sql_end (rows, error);
  return (!has_head || remove_side (db, &head_side, message_id, store_sql_bytes (rows, 0), error)) &&
         (!has_body || remove_side (db, &body_side, message_id, store_sql_bytes (rows, 1), error));
}

static gboolean
keep_text (StoreDb   *db,
           gint64     message_id,
           gboolean   is_known,
           GBytes    *head,
           GBytes    *body,
           GError   **error)
{
  BaseSlice head_bytes = head != NULL ? base_slice_from_bytes (head) : base_slice_new (NULL, 0);
  BaseSlice body_bytes = body != NULL ? base_slice_from_bytes (body) : base_slice_new (NULL, 0);

  if (!is_known)
    return store_sql_run (db, "INSERT INTO text (message_id, tokenizer, head, body) VALUES (?, ?, ?, ?)",
                          BIND (INT (message_id), INT (STORE_TOKENIZER_VERSION), BLOB (head_bytes.data, head_bytes.size),
                                BLOB (body_bytes.data, body_bytes.size)), error);
  return store_sql_run (db, "UPDATE text SET head = coalesce (?, head), body = coalesce (?, body) WHERE message_id = ?",
                        BIND (BLOB (head_bytes.data, head_bytes.size), BLOB (body_bytes.data, body_bytes.size),
                              INT (message_id)), error);
}

static gboolean
apply_one (StoreDb             *db,
           const StoreTextNew  *item,
           GError             **error)
{
  static const StoreTextHead no_head;
  g_autoptr(GByteArray) head_text = g_byte_array_new (), body_text = g_byte_array_new ();
  g_autoptr(GBytes) head = NULL, body = NULL;
  const StoreTextHead *new_head = item->head;
  gboolean is_known;

  if (!remove_known (db, item->message_id, new_head != NULL, item->body != NULL, &is_known, error))
    return FALSE;
  if (new_head == NULL && !is_known)
    new_head = &no_head;
  if (new_head != NULL)
    {
      join_head (head_text, new_head);
      head = pack (head_text);
    }
  if (item->body != NULL)
    {
      join_body (body_text, item->body);
      body = item->packed_body != NULL ? g_bytes_ref (item->packed_body) : pack (body_text);
    }
  return keep_text (db, item->message_id, is_known, head, body, error) &&
         (head == NULL || run_side (db, head_side.insert, item->message_id, (const char *) head_text->data, HEAD_COLUMNS,
                                    error)) &&
         (body == NULL || run_side (db, body_side.insert, item->message_id, (const char *) body_text->data, BODY_COLUMNS,
                                    error));
}

static int
compare_messages (const void *a,
                  const void *b)
{
  gint64 first = ((const StoreTextNew *) a)->message_id, second = ((const StoreTextNew *) b)->message_id;

  return first < second ? -1 : first > second;
}

gboolean
store_text_apply (Store         *store,
                  StoreTextNew  *items,
                  gsize          n_items,
                  GError       **error)
{
  if (n_items > 1)
    qsort (items, n_items, sizeof *items, compare_messages);
  for (gsize i = 0; i < n_items; i++)
    if (!apply_one (store_peek_mail (store), &items[i], error))
      return FALSE;
  return TRUE;
}

gboolean
store_text_remove (Store   *store,
                   gint64   message_id,
                   GError **error)
{
  StoreDb *db = store_peek_mail (store);
  gboolean is_known;

  return remove_known (db, message_id, TRUE, TRUE, &is_known, error) &&
         (!is_known || store_sql_run (db, "DELETE FROM text WHERE message_id = ?", BIND (INT (message_id)), error));
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static gboolean
take_columns (BaseSlice   packed,
              int         n_columns,
              char      **columns[])
{
  gsize size;
  g_autofree char *joined = unpack (packed, n_columns, &size);
  const char *column = joined;

  for (int i = 0; joined != NULL && i < n_columns; i++, column += strlen (column) + 1)
    *columns[i] = g_strdup (column);
  return joined != NULL;
}

StoreText *
store_text_get (Store   *store,
                gint64   message_id,
                GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
                                                    "SELECT head, body FROM text WHERE message_id = ?",
                                                    BIND (INT (message_id)), error);
  g_autoptr(StoreText) text = NULL;
  BaseSlice body;

  if (rows == NULL)
    return NULL;
  if (!store_sql_next (rows))
    {
      store_sql_end (rows, error);
      return NULL;
    }
  text = g_new0 (StoreText, 1);
  text->message_id = message_id;
  body = store_sql_bytes (rows, 1);
  if (take_columns (store_sql_bytes (rows, 0), HEAD_COLUMNS,
                    (char **[]) { &text->subject, &text->sender, &text->recipients, &text->list }) &&
      (body.data == NULL || take_columns (body, BODY_COLUMNS, (char **[]) { &text->body, &text->filenames })))
    return g_steal_pointer (&text);
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "The kept text of message %" G_GINT64_FORMAT " is damaged", message_id);
  return NULL;
}

void
store_text_free (StoreText *text)
{
  if (text == NULL)
    return;
  g_free (text->subject);
  g_free (text->sender);
  g_free (text->recipients);
  g_free (text->list);
  g_free (text->body);
  g_free (text->filenames);
  g_free (text);
}

/* --- building anew ---------------------------------------------------------------------------------------------- */

static gboolean
insert_again (StoreDb         *db,
              const Side      *side,
              StoreStatement  *rows,
              int              column,
              GError         **error)
{
  gsize size;
  g_autofree char *joined = NULL;
  BaseSlice packed = store_sql_bytes (rows, column);

  if (packed.data == NULL)
    return TRUE;
  if ((joined = unpack (packed, side->n_columns, &size)) != NULL)
    return run_side (db, side->insert, store_sql_int (rows, 0), joined, side->n_columns, error);
  g_set_error (error, STORE_ERROR, STORE_ERROR_CORRUPT, "The kept text of message %" G_GINT64_FORMAT " is damaged",
               store_sql_int (rows, 0));
  return FALSE;
}

gboolean
store_text_rebuild (Store   *store,
                    GError **error)
{
  StoreDb *db = store_peek_mail (store);
  g_autoptr(StoreStatement) rows = NULL;

  if (!store_sql_run (db, "INSERT INTO search_head (search_head) VALUES ('delete-all')", NULL, error) ||
      !store_sql_run (db, "INSERT INTO search_body (search_body) VALUES ('delete-all')", NULL, error))
    return FALSE;
  rows = store_sql_query (db, "SELECT message_id, head, body FROM text ORDER BY message_id", NULL, error);
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (!insert_again (db, &head_side, rows, 1, error) || !insert_again (db, &body_side, rows, 2, error))
      return FALSE;
  return store_sql_end (rows, error) &&
         store_sql_run (db, "UPDATE text SET tokenizer = ?1 WHERE tokenizer <> ?1", BIND (INT (STORE_TOKENIZER_VERSION)),
                        error);
}

gboolean
store_text_ensure_current (Store   *store,
                           GError **error)
{
  g_autofree char *current = g_strdup_printf ("%d", STORE_TOKENIZER_VERSION);
  g_autofree char *known = NULL;
  g_autoptr(StoreTransaction) transaction = store_begin (store, error);
  g_autoptr(GError) reason = NULL;

  if (transaction == NULL)
    return FALSE;
  if ((known = store_dup_meta (store, META_KEY, &reason)) == NULL && reason != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&reason));
      return FALSE;
    }
  if (g_strcmp0 (known, current) == 0)
    return TRUE;
  if (known != NULL && !store_text_rebuild (store, error))
    return FALSE;
  return store_set_meta (store, META_KEY, current, error) && store_commit (g_steal_pointer (&transaction), error);
}
