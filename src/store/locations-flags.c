/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of locations.h about flags and keywords. */
#include "store/locations.h"

#include "store/sql.h"
#include "store/threads-private.h"

#include <string.h>

typedef struct {
  gint64  id;
  gint64  folder_id;
  gint64  thread_id;
  guint   flags;
  guint   server_flags;
  guint64 modseq;
} Flagged;

static void
flagged_read (Flagged        *flagged,
              StoreStatement *row)
{
  flagged->id = store_sql_int (row, 0);
  flagged->folder_id = store_sql_int (row, 1);
  flagged->thread_id = store_sql_int (row, 2);
  flagged->flags = (guint) store_sql_int (row, 3);
  flagged->server_flags = (guint) store_sql_int (row, 4);
  flagged->modseq = (guint64) store_sql_int (row, 5);
}

static gboolean
write_flags (Store          *store,
             const Flagged  *before,
             guint           flags,
             guint           server_flags,
             guint64         modseq,
             GError        **error)
{
  if ((before->flags ^ flags) & (STORE_FLAG_SEEN | STORE_FLAG_FLAGGED))
    store_threads_mark (store, before->folder_id, before->thread_id);
  return store_sql_run (store_peek_mail (store),
                        "UPDATE location SET flags = ?, server_flags = ?, modseq = ?, rev = ? WHERE id = ?",
                        BIND (INT (flags), INT (server_flags), INT_UNLESS (0, modseq),
                              INT (store_mail_rev (store)), INT (before->id)), error);
}

static StoreStatement *
query_flags (Store   *store,
             gint64   id,
             GError **error)
{
  return store_sql_query (store_peek_mail (store),
    "SELECT l.id, l.folder_id, m.thread_id, l.flags, l.server_flags, l.modseq"
    " FROM location l JOIN message m ON m.id = l.message_id WHERE l.id = ?", BIND (INT (id)), error);
}

gboolean
store_locations_confirm_flags (Store   *store,
                               gint64   id,
                               guint    add,
                               guint    remove,
                               guint    standing,
                               GError **error)
{
  g_autoptr(StoreStatement) row = query_flags (store, id, error);
  Flagged before;
  guint flags, server_flags;

  if (row == NULL)
    return FALSE;
  if (!store_sql_next (row))
    return store_sql_end (row, error);
  flagged_read (&before, row);
  server_flags = (before.server_flags | add) & ~remove;
  flags = store_flags_merge (before.server_flags, before.flags, server_flags);
  flags = (flags & ~standing) | (before.flags & standing);
  return (flags == before.flags && server_flags == before.server_flags)
         || write_flags (store, &before, flags, server_flags, before.modseq, error);
}

gboolean
store_locations_set_flags (Store   *store,
                           gint64   id,
                           guint    add,
                           guint    remove,
                           GError **error)
{
  g_autoptr(StoreStatement) row = query_flags (store, id, error);
  Flagged before;
  guint flags;

  if (row == NULL)
    return FALSE;
  if (!store_sql_next (row))
    return store_sql_end (row, error) && store_sql_set_missing (error, "place", id);
  flagged_read (&before, row);
  flags = (before.flags | add) & ~remove;
  return flags == before.flags
         || write_flags (store, &before, flags, before.server_flags, before.modseq, error);
}

/* --- keywords ------------------------------------------------------------------------------------------- */

char **
store_locations_list_keywords (Store   *store,
                               gint64   id,
                               GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT k.name FROM location_keyword lk JOIN keyword k ON k.id = lk.keyword_id"
    " WHERE lk.location_id = ? AND lk.is_here ORDER BY k.name", BIND (INT (id)), error);
  g_autoptr(GStrvBuilder) names = g_strv_builder_new ();

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    g_strv_builder_add (names, store_sql_text (rows, 0));
  return store_sql_end (rows, error) ? g_strv_builder_end (names) : NULL;
}

static gboolean
find_keyword (Store       *store,
              const char  *name,
              gint64      *id,
              GError     **error)
{
  StoreDb *mail = store_peek_mail (store);

  if (!store_sql_get_int (mail, "SELECT id FROM keyword WHERE name = ?", BIND (TEXT (name)), 0, id, error))
    return FALSE;
  if (*id != 0)
    return TRUE;
  if (!store_sql_run (mail, "INSERT INTO keyword (name) VALUES (?)", BIND (TEXT (name)), error))
    return FALSE;
  *id = store_sql_last_id (mail);
  return TRUE;
}

static gboolean
stamp (Store   *store,
       gint64   id,
       GError **error)
{
  return store_sql_run (store_peek_mail (store), "UPDATE location SET rev = ? WHERE id = ?",
                        BIND (INT (store_mail_rev (store)), INT (id)), error);
}

/* A keyword that neither side has is not kept. */
static gboolean
write_keyword (Store     *store,
               gint64     id,
               gint64     keyword_id,
               gboolean   is_here,
               gboolean   is_on_server,
               GError   **error)
{
  StoreDb *mail = store_peek_mail (store);

  if (!is_here && !is_on_server)
    return store_sql_run (mail, "DELETE FROM location_keyword WHERE location_id = ? AND keyword_id = ?",
                          BIND (INT (id), INT (keyword_id)), error);
  return store_sql_run (mail, "INSERT INTO location_keyword VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE"
                        " SET is_here = excluded.is_here, is_on_server = excluded.is_on_server",
                        BIND (INT (id), INT (keyword_id), INT (is_here), INT (is_on_server)), error);
}

static gboolean
wish_keyword (Store       *store,
              gint64       id,
              const char  *name,
              gboolean     is_here,
              GError     **error)
{
  gint64 keyword_id, is_on_server;

  return find_keyword (store, name, &keyword_id, error) &&
         store_sql_get_int (store_peek_mail (store),
                            "SELECT is_on_server FROM location_keyword WHERE location_id = ?"
                            " AND keyword_id = ?",
                            BIND (INT (id), INT (keyword_id)), 0, &is_on_server, error) &&
         write_keyword (store, id, keyword_id, is_here, is_on_server != 0, error);
}

gboolean
store_locations_set_keywords (Store              *store,
                              gint64              id,
                              const char *const  *add,
                              const char *const  *remove,
                              GError            **error)
{
  for (guint i = 0; add != NULL && add[i] != NULL; i++)
    if (!wish_keyword (store, id, add[i], TRUE, error))
      return FALSE;
  for (guint i = 0; remove != NULL && remove[i] != NULL; i++)
    if (!wish_keyword (store, id, remove[i], FALSE, error))
      return FALSE;
  return stamp (store, id, error);
}

typedef struct {
  gint64   keyword_id;
  gboolean is_here;
  gboolean is_on_server;
} Known;

static gboolean
has_keyword (const char *const *keywords,
             const char        *name)
{
  for (guint i = 0; keywords[i] != NULL; i++)
    if (g_ascii_strcasecmp (keywords[i], name) == 0)
      return TRUE;
  return FALSE;
}

/* Those known of the location that the server now says something else about. */
static GArray *
list_differing (Store              *store,
                gint64              id,
                const char *const  *keywords,
                guint              *n_on_server,
                GError            **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store),
    "SELECT lk.keyword_id, lk.is_here, lk.is_on_server, k.name FROM location_keyword lk"
    " JOIN keyword k ON k.id = lk.keyword_id WHERE lk.location_id = ?", BIND (INT (id)), error);
  g_autoptr(GArray) differing = g_array_new (FALSE, FALSE, sizeof (Known));

  if (rows == NULL)
    return NULL;
  *n_on_server = 0;
  while (store_sql_next (rows))
    {
      Known known = { store_sql_int (rows, 0), store_sql_int (rows, 1) != 0, store_sql_int (rows, 2) != 0 };
      gboolean says = has_keyword (keywords, store_sql_text (rows, 3));

      *n_on_server += says;
      if (says == known.is_on_server)
        continue;
      /* As with flags: where the user changed it, the user's choice stands. */
      known.is_here = known.is_here == known.is_on_server ? says : known.is_here;
      known.is_on_server = says;
      g_array_append_val (differing, known);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&differing) : NULL;
}

static gboolean
add_new_keywords (Store              *store,
                  gint64              id,
                  const char *const  *keywords,
                  GError            **error)
{
  for (guint i = 0; keywords[i] != NULL; i++)
    {
      gint64 keyword_id;

      if (!find_keyword (store, keywords[i], &keyword_id, error) ||
          !store_sql_run (store_peek_mail (store),
                          "INSERT OR IGNORE INTO location_keyword VALUES (?, ?, 1, 1)",
                          BIND (INT (id), INT (keyword_id)), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
apply_keywords (Store              *store,
                gint64              id,
                const char *const  *keywords,
                gboolean           *is_changed,
                GError            **error)
{
  guint n_known;
  g_autoptr(GArray) differing = list_differing (store, id, keywords, &n_known, error);

  if (differing == NULL)
    return FALSE;
  for (guint i = 0; i < differing->len; i++)
    {
      const Known *known = &g_array_index (differing, Known, i);

      if (!write_keyword (store, id, known->keyword_id, known->is_here, known->is_on_server, error))
        return FALSE;
    }
  *is_changed = differing->len > 0 || n_known < g_strv_length ((char **) keywords);
  if (!*is_changed)
    return TRUE;
  return add_new_keywords (store, id, keywords, error) && stamp (store, id, error);
}

/* --- the server's word ---------------------------------------------------------------------------------- */

static gboolean
apply_row (Store                   *store,
           gint64                   server_folder_id,
           guint32                  uidvalidity,
           const StoreServerFlags  *row,
           gboolean                *is_changed,
           GError                 **error)
{
  StoreDb *mail = store_peek_mail (store);
  g_autoptr(StoreStatement) known = store_sql_query (mail,
    "SELECT l.id, l.folder_id, m.thread_id, l.flags, l.server_flags, l.modseq"
    " FROM location l JOIN message m ON m.id = l.message_id"
    " WHERE coalesce (l.server_folder, l.folder_id) = ? AND l.uidvalidity = ? AND l.uid = ?",
    BIND (INT (server_folder_id), INT (uidvalidity), INT (row->uid)), error);
  Flagged before;
  guint flags;
  guint64 modseq;

  if (known == NULL)
    return FALSE;
  if (!store_sql_next (known))
    return store_sql_end (known, error);
  flagged_read (&before, known);
  flags = store_flags_merge (before.server_flags, before.flags, row->flags);
  modseq = row->modseq != 0 ? row->modseq : before.modseq;
  *is_changed = flags != before.flags || row->flags != before.server_flags;
  if (*is_changed && !write_flags (store, &before, flags, row->flags, modseq, error))
    return FALSE;
  /* A new modseq alone is nothing that anybody sees. */
  if (!*is_changed && modseq != before.modseq &&
      !store_sql_run (mail, "UPDATE location SET modseq = ? WHERE id = ?",
                      BIND (INT (modseq), INT (before.id)), error))
    return FALSE;
  if (row->keywords != NULL)
    {
      gboolean has_new_keywords;

      if (!apply_keywords (store, before.id, row->keywords, &has_new_keywords, error))
        return FALSE;
      *is_changed = *is_changed || has_new_keywords;
    }
  return TRUE;
}

gboolean
store_locations_apply_flags (Store                   *store,
                             gint64                   server_folder_id,
                             guint32                  uidvalidity,
                             const StoreServerFlags  *rows,
                             gsize                    n_rows,
                             guint                   *n_changed,
                             GError                 **error)
{
  guint changed = 0;

  for (gsize i = 0; i < n_rows; i++)
    {
      gboolean is_changed = FALSE;

      if (!apply_row (store, server_folder_id, uidvalidity, &rows[i], &is_changed, error))
        return FALSE;
      changed += is_changed;
    }
  if (n_changed != NULL)
    *n_changed = changed;
  return TRUE;
}
