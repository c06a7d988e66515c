/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/desk.h"

typedef struct {
  const char       *sql;
  const StoreValue *values;
  gint64            n_changed;
  gint64            id;
} Run;

static gboolean
run_statement (Store     *store,
               gpointer   data,
               GError   **error)
{
  StoreDb *db = store_peek_desk (store);
  Run *run = data;

  if (!store_sql_run (db, run->sql, run->values, error))
    return FALSE;
  run->n_changed = store_sql_changed (db);
  run->id = store_sql_last_id (db);
  return TRUE;
}

gboolean
store_desk_run (Store             *store,
                const char        *sql,
                const StoreValue  *values,
                gint64            *n_changed,
                GError           **error)
{
  Run run = { .sql = sql, .values = values };

  if (!store_desk_write (store, run_statement, &run, error))
    return FALSE;
  if (n_changed != NULL)
    *n_changed = run.n_changed;
  return TRUE;
}

gboolean
store_desk_run_one (Store             *store,
                    const char        *sql,
                    const StoreValue  *values,
                    const char        *what,
                    gint64             id,
                    GError           **error)
{
  gint64 n_changed;

  return store_desk_run (store, sql, values, &n_changed, error)
    && (n_changed > 0 || store_sql_set_missing (error, what, id));
}

gint64
store_desk_insert (Store             *store,
                   const char        *sql,
                   const StoreValue  *values,
                   GError           **error)
{
  Run run = { .sql = sql, .values = values };

  return store_desk_write (store, run_statement, &run, error) ? run.id : 0;
}

int
store_words_find (const char *const *words,
                  gsize              n_words,
                  const char        *word)
{
  for (gsize i = 0; i < n_words; i++)
    if (g_strcmp0 (words[i], word) == 0)
      return (int) i;
  return -1;
}

char *
store_desk_dup_text (StoreStatement *rows,
                     int             column)
{
  const char *text = store_sql_text (rows, column);

  return g_strdup (text != NULL ? text : "");
}

gboolean
store_desk_set_state_error (GError     **error,
                            const char  *what,
                            gint64       id,
                            const char  *state,
                            const char  *wanted)
{
  g_set_error (error, STORE_ERROR, STORE_ERROR_STATE,
               "The %s %" G_GINT64_FORMAT " is %s and cannot become %s", what, id, state, wanted);
  return FALSE;
}
