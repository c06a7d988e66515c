/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/search.h"

#include "store/folders.h"
#include "store/sql.h"
#include "store/tokenizer.h"

#include <string.h>

#define ID_SHIFT   20                    /* message ids begin with the second of arrival */
#define NOT_BEGUN  G_MAXINT64
#define STEPS_MAX  40                    /* rows to step over before looking for the place anew */

typedef enum {
  HITS_ROWS,                             /* of a statement */
  HITS_ALL,                              /* in every child */
  HITS_ANY,                              /* in any child */
  HITS_OUTSIDE,                          /* not in the child: any number, also of no message */
  HITS_BELOW,                            /* any number below bound */
  HITS_FROM,                             /* any number from bound on */
} HitsKind;

/* Descending ids, one at a time. */
typedef struct {
  HitsKind        kind;
  gint64          current;               /* NOT_BEGUN; 0: over */
  const char     *sql;                   /* HITS_ROWS; its last parameter is the highest id wanted */
  char           *match;                 /* its first parameter, or NULL */
  gint64          folder_id;             /* its first parameter where it has no match, or 0 */
  StoreStatement *rows;
  gint64          bound;
  GPtrArray      *children;
} Hits;

typedef struct {
  Store          *store;
  StoreTokenizer *tokenizer;
} Search;

static const char head_sql[] = "SELECT rowid FROM search_head WHERE search_head MATCH ?"
                               " AND rowid <= ? ORDER BY rowid DESC";
static const char body_sql[] = "SELECT rowid FROM search_body WHERE search_body MATCH ?"
                               " AND rowid <= ? ORDER BY rowid DESC";
static const char folder_sql[] = "SELECT message_id FROM location WHERE folder_id = ? AND message_id <= ? "
                                 "ORDER BY message_id DESC";
static const char unread_sql[] = "SELECT message_id FROM location INDEXED BY location_unread"
                                 " WHERE folder_id = ? "
                                 "AND (flags & 1) = 0 AND message_id <= ? ORDER BY message_id DESC";
static const char starred_sql[] = "SELECT message_id FROM location INDEXED BY location_flagged"
                                  " WHERE (flags & 4) <> 0 "
                                  "AND message_id <= ? ORDER BY message_id DESC";
static const char attachment_sql[] = "SELECT id FROM message INDEXED BY message_attachments"
                                     " WHERE attachments > 0 "
                                     "AND id <= ? ORDER BY id DESC";
static const char message_sql[] = "SELECT id FROM message WHERE id <= ? ORDER BY id DESC";

static void
hits_free (Hits *hits)
{
  if (hits == NULL)
    return;
  store_sql_done (hits->rows);
  g_ptr_array_unref (hits->children);
  g_free (hits->match);
  g_free (hits);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Hits, hits_free)

static Hits *
hits_new (HitsKind kind)
{
  Hits *hits = g_new0 (Hits, 1);

  hits->kind = kind;
  hits->current = NOT_BEGUN;
  hits->children = g_ptr_array_new_with_free_func ((GDestroyNotify) hits_free);
  return hits;
}

static Hits *
hits_new_rows (const char *sql,
               const char *match,
               gint64      folder_id)
{
  Hits *hits = hits_new (HITS_ROWS);

  hits->sql = sql;
  hits->match = g_strdup (match);
  hits->folder_id = folder_id;
  return hits;
}

/* --- moving on ------------------------------------------------------------------------------------------ */

static gboolean hits_seek (Search  *search,
                           Hits    *hits,
                           gint64   at_most,
                           GError **error);

static gboolean
begin_rows (Search  *search,
            Hits    *hits,
            gint64   at_most,
            GError **error)
{
  StoreDb *db = store_peek_mail (search->store);

  g_clear_pointer (&hits->rows, store_sql_done);
  if (hits->match != NULL)
    hits->rows = store_sql_query (db, hits->sql, BIND (TEXT (hits->match), INT (at_most)), error);
  else if (hits->folder_id != 0)
    hits->rows = store_sql_query (db, hits->sql, BIND (INT (hits->folder_id), INT (at_most)), error);
  else
    hits->rows = store_sql_query (db, hits->sql, BIND (INT (at_most)), error);
  return hits->rows != NULL;
}

static gboolean
step_rows (Hits    *hits,
           GError **error)
{
  if (store_sql_next (hits->rows))
    {
      hits->current = store_sql_int (hits->rows, 0);
      return TRUE;
    }
  hits->current = 0;
  return store_sql_end (hits->rows, error);
}

static gboolean
seek_rows (Search  *search,
           Hits    *hits,
           gint64   at_most,
           GError **error)
{
  if (hits->current != NOT_BEGUN)
    for (guint i = 0; i < STEPS_MAX && hits->current > at_most; i++)
      if (!step_rows (hits, error))
        return FALSE;
  if (hits->current <= at_most)
    return TRUE;
  return begin_rows (search, hits, at_most, error) && step_rows (hits, error);
}

static gboolean
seek_all (Search  *search,
          Hits    *hits,
          gint64   at_most,
          GError **error)
{
  guint agreed = 0;

  for (guint i = 0; agreed < hits->children->len && at_most > 0; i = (i + 1) % hits->children->len)
    {
      Hits *child = hits->children->pdata[i];

      if (!hits_seek (search, child, at_most, error))
        return FALSE;
      agreed = child->current == at_most ? agreed + 1 : 1;
      at_most = child->current;
    }
  hits->current = at_most;
  return TRUE;
}

static gboolean
seek_any (Search  *search,
          Hits    *hits,
          gint64   at_most,
          GError **error)
{
  hits->current = 0;
  for (guint i = 0; i < hits->children->len; i++)
    {
      Hits *child = hits->children->pdata[i];

      if (!hits_seek (search, child, at_most, error))
        return FALSE;
      hits->current = MAX (hits->current, child->current);
    }
  return TRUE;
}

static gboolean
seek_outside (Search  *search,
              Hits    *hits,
              gint64   at_most,
              GError **error)
{
  Hits *child = hits->children->pdata[0];

  for (; at_most > 0; at_most--)
    {
      if (!hits_seek (search, child, at_most, error))
        return FALSE;
      if (child->current != at_most)
        break;
    }
  hits->current = at_most;
  return TRUE;
}

/* current becomes the highest id that is not above at_most.  at_most never rises. */
static gboolean
hits_seek (Search  *search,
           Hits    *hits,
           gint64   at_most,
           GError **error)
{
  if (hits->current <= at_most)
    return TRUE;
  switch (hits->kind)
    {
    case HITS_ROWS:
      return seek_rows (search, hits, at_most, error);
    case HITS_ALL:
      return seek_all (search, hits, at_most, error);
    case HITS_ANY:
      return seek_any (search, hits, at_most, error);
    case HITS_OUTSIDE:
      return seek_outside (search, hits, at_most, error);
    case HITS_BELOW:
      hits->current = MAX (0, MIN (at_most, hits->bound - 1));
      return TRUE;
    case HITS_FROM:
      hits->current = at_most >= hits->bound ? at_most : 0;
      return TRUE;
    }
  g_assert_not_reached ();
}

/* --- from the query ------------------------------------------------------------------------------------- */

typedef struct {
  guint    n_words;
  gboolean can_go_on;                    /* the last one is long enough to be the beginning of others */
  gboolean is_single;
} Words;

static int
count_word (const StoreToken *token,
            gpointer          user_data)
{
  Words *words = user_data;

  words->n_words++;
  words->is_single = token->is_single;
  words->can_go_on = g_utf8_strlen ((const char *) token->word.data,
                                    (gssize) token->word.size) >= STORE_SEARCH_PREFIX_MIN;
  return SQLITE_OK;
}

static char *
dup_match (const char       *columns,
           const StoreQuery *query,
           const Words      *words)
{
  g_autoptr(GString) quoted = g_string_new (query->text);
  gboolean is_prefix = words->is_single || (query->is_prefix && words->can_go_on);

  g_string_replace (quoted, "\"", "\"\"", 0);
  return g_strdup_printf ("%s\"%s\"%s", columns, quoted->str, is_prefix ? " *" : "");
}

/* NULL where the text has no words. */
static Hits *
hits_of_text (Search           *search,
              const StoreQuery *query)
{
  static const struct { const char *head, *body; } columns[] = {
    [STORE_QUERY_ANYWHERE] = { "", "" },
    [STORE_QUERY_FROM]     = { "sender : ", NULL },
    [STORE_QUERY_TO]       = { "recipients : ", NULL },
    [STORE_QUERY_SUBJECT]  = { "subject : ", NULL },
    [STORE_QUERY_LIST]     = { "list : ", NULL },
    [STORE_QUERY_BODY]     = { NULL, "body : " },
    [STORE_QUERY_FILENAME] = { NULL, "filename : " },
  };
  g_autofree char *head = NULL, *body = NULL;
  Words words = { 0 };
  Hits *hits;

  store_tokenizer_split (search->tokenizer, STORE_TOKENIZE_QUERY, base_slice_from_string (query->text),
                         count_word, &words);
  if (words.n_words == 0)
    return NULL;
  hits = hits_new (HITS_ANY);
  if (columns[query->field].head != NULL)
    {
      head = dup_match (columns[query->field].head, query, &words);
      g_ptr_array_add (hits->children, hits_new_rows (head_sql, head, 0));
    }
  if (columns[query->field].body != NULL)
    {
      body = dup_match (columns[query->field].body, query, &words);
      g_ptr_array_add (hits->children, hits_new_rows (body_sql, body, 0));
    }
  return hits;
}

static gboolean
add_folders (Search      *search,
             const char  *sql,
             const char  *rows_sql,
             Hits        *hits,
             GError     **error)
{
  g_autoptr(GArray) ids = store_sql_list_ints (store_peek_mail (search->store), sql, NULL, error);

  if (ids == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    g_ptr_array_add (hits->children, hits_new_rows (rows_sql, NULL, g_array_index (ids, gint64, i)));
  return TRUE;
}

static char *
dup_folded (const char *text)
{
  g_autofree char *composed = g_utf8_normalize (text, -1, G_NORMALIZE_ALL);

  return g_utf8_casefold (composed != NULL ? composed : text, -1);
}

/* By role, by its name, or by its path with "/" between the names. */
static gboolean
is_meant (StoreStatement *folder,
          const char     *wanted)
{
  g_autofree char *name = dup_folded (store_sql_text (folder, 1));
  g_autoptr(GString) path = g_string_new (NULL);
  g_autofree char *folded = dup_folded (store_sql_text (folder, 2));

  g_string_append (path, folded);
  g_string_replace (path, STORE_PATH_SEPARATOR, "/", 0);
  return strcmp (name, wanted) == 0 || strcmp (path->str, wanted) == 0
         || strcmp (store_sql_text (folder, 3), wanted) == 0;
}

static gboolean
add_named_folders (Search      *search,
                   const char  *text,
                   Hits        *hits,
                   GError     **error)
{
  g_autofree char *wanted = dup_folded (text);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (search->store),
                                                    "SELECT id, name, path, role FROM folder", NULL, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (is_meant (rows, wanted))
      g_ptr_array_add (hits->children, hits_new_rows (folder_sql, NULL, store_sql_int (rows, 0)));
  return store_sql_end (rows, error);
}

static Hits *
hits_of_bound (HitsKind kind,
               gint64   time)
{
  Hits *hits = hits_new (kind);

  hits->bound = CLAMP (time, 0, G_MAXINT64 >> ID_SHIFT) << ID_SHIFT;
  return hits;
}

/* NOT is carried down to the leaves: outside of rows is nearly everything, so its own outside could not be
 * walked. */
typedef enum {
  SENSE_WANTED,
  SENSE_UNWANTED,
} Sense;

static Sense
turn (Sense sense)
{
  return sense == SENSE_WANTED ? SENSE_UNWANTED : SENSE_WANTED;
}

/* Takes rows, which may be NULL. */
static Hits *
hits_in_sense (Hits  *rows,
               Sense  sense)
{
  Hits *outside;

  if (rows == NULL || sense == SENSE_WANTED)
    return rows;
  outside = hits_new (HITS_OUTSIDE);
  g_ptr_array_add (outside->children, rows);
  return outside;
}

static gboolean hits_of_query (Search            *search,
                               const StoreQuery  *query,
                               Sense              sense,
                               Hits             **result,
                               GError           **error);

static gboolean
hits_of_children (Search            *search,
                  const StoreQuery  *query,
                  HitsKind           kind,
                  Sense              sense,
                  Hits             **result,
                  GError           **error)
{
  g_autoptr(Hits) hits = hits_new (kind);

  for (guint i = 0; i < query->children->len; i++)
    {
      Hits *child = NULL;

      if (!hits_of_query (search, query->children->pdata[i], sense, &child, error))
        return FALSE;
      if (child != NULL)
        g_ptr_array_add (hits->children, child);
    }
  if (hits->children->len > 0)
    *result = g_steal_pointer (&hits);
  return TRUE;
}

static gboolean
hits_of_folders (Search            *search,
                 const StoreQuery  *query,
                 Sense              sense,
                 Hits             **result,
                 GError           **error)
{
  g_autoptr(Hits) hits = hits_new (HITS_ANY);
  gboolean found = query->kind == STORE_QUERY_IN ?
    add_named_folders (search, query->text, hits, error) :
    add_folders (search, "SELECT id FROM folder WHERE unread > 0", unread_sql, hits, error);

  if (found)
    *result = hits_in_sense (g_steal_pointer (&hits), sense);
  return found;
}

/* result stays NULL where the query says nothing. */
static gboolean
hits_of_query (Search            *search,
               const StoreQuery  *query,
               Sense              sense,
               Hits             **result,
               GError           **error)
{
  gboolean is_wanted = sense == SENSE_WANTED;

  switch (query->kind)
    {
    case STORE_QUERY_AND:
      return hits_of_children (search, query, is_wanted ? HITS_ALL : HITS_ANY, sense, result, error);
    case STORE_QUERY_OR:
      return hits_of_children (search, query, is_wanted ? HITS_ANY : HITS_ALL, sense, result, error);
    case STORE_QUERY_NOT:
      return hits_of_query (search, query->children->pdata[0], turn (sense), result, error);
    case STORE_QUERY_TEXT:
      *result = hits_in_sense (hits_of_text (search, query), sense);
      return TRUE;
    case STORE_QUERY_UNREAD:
    case STORE_QUERY_IN:
      return hits_of_folders (search, query, sense, result, error);
    case STORE_QUERY_READ:
      return hits_of_folders (search, query, turn (sense), result, error);
    case STORE_QUERY_STARRED:
      *result = hits_in_sense (hits_new_rows (starred_sql, NULL, 0), sense);
      return TRUE;
    case STORE_QUERY_ATTACHMENT:
      *result = hits_in_sense (hits_new_rows (attachment_sql, NULL, 0), sense);
      return TRUE;
    case STORE_QUERY_BEFORE:
      *result = hits_of_bound (is_wanted ? HITS_BELOW : HITS_FROM, query->time);
      return TRUE;
    case STORE_QUERY_AFTER:
      *result = hits_of_bound (is_wanted ? HITS_FROM : HITS_BELOW, query->time);
      return TRUE;
    }
  g_assert_not_reached ();
}

/* Whether it gives only ids of messages, so that going through it comes to an end. */
static gboolean
is_bounded (const Hits *hits)
{
  gboolean all = TRUE, any = FALSE;

  for (guint i = 0; i < hits->children->len; i++)
    {
      gboolean is_child_bounded = is_bounded (hits->children->pdata[i]);

      all = all && is_child_bounded;
      any = any || is_child_bounded;
    }
  switch (hits->kind)
    {
    case HITS_ROWS:
      return TRUE;
    case HITS_ALL:
      return any;
    case HITS_ANY:
      return all;
    case HITS_OUTSIDE:
    case HITS_BELOW:
    case HITS_FROM:
      break;
    }
  return FALSE;
}

/* --- results -------------------------------------------------------------------------------------------- */

static gboolean
is_in_sight (Search    *search,
             gint64     id,
             gint64     account_id,
             gboolean  *in_sight,
             GError   **error)
{
  gint64 count;

  if (!store_sql_get_int (store_peek_mail (search->store),
                          "SELECT 1 FROM message WHERE id = ?1 AND (?2 = -1 OR account_id = ?2) "
                          "AND EXISTS (SELECT 1 FROM location WHERE message_id = ?1)",
                          BIND (INT (id), INT (account_id)), 0, &count, error))
    return FALSE;
  *in_sight = count != 0;
  return TRUE;
}

static GArray *
collect (Search   *search,
         Hits     *hits,
         gint64    account_id,
         gint64    before_id,
         guint     limit,
         GError  **error)
{
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  gint64 at_most = before_id > 0 ? before_id - 1 : G_MAXINT64 - 1;
  gboolean in_sight;

  for (; ids->len < limit; at_most = hits->current - 1)
    {
      if (!hits_seek (search, hits, at_most, error))
        return NULL;
      if (hits->current == 0)
        break;
      if (!is_in_sight (search, hits->current, account_id, &in_sight, error))
        return NULL;
      if (in_sight)
        g_array_append_val (ids, hits->current);
    }
  return g_steal_pointer (&ids);
}

GArray *
store_search_run (Store             *store,
                  const StoreQuery  *query,
                  gint64             account_id,
                  gint64             before_id,
                  guint              limit,
                  GError           **error)
{
  g_autoptr(StoreTokenizer) tokenizer = store_tokenizer_new ();
  Search search = { store, tokenizer };
  g_autoptr(Hits) hits = NULL;

  if (!hits_of_query (&search, query, SENSE_WANTED, &hits, error))
    return NULL;
  if (hits == NULL)
    return g_array_new (FALSE, FALSE, sizeof (gint64));
  if (!is_bounded (hits))
    {
      Hits *bounded = hits_new (HITS_ALL);

      g_ptr_array_add (bounded->children, hits_new_rows (message_sql, NULL, 0));
      g_ptr_array_add (bounded->children, g_steal_pointer (&hits));
      hits = bounded;
    }
  return collect (&search, hits, account_id, before_id, limit, error);
}
