/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/questions.h"

#include "store/sql.h"
#include "base/clock.h"

#define SELECT_QUESTION "SELECT id, account_id, kind, subject_id, details, asked_at, closed_at, rev" \
  " FROM question "

void
store_question_free (StoreQuestion *question)
{
  if (question == NULL)
    return;
  g_free (question->kind);
  g_free (question->details);
  g_free (question);
}

static GPtrArray *
list_questions (Store             *store,
                const char        *sql,
                const StoreValue  *values,
                GError           **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), sql, values, error);
  g_autoptr(GPtrArray) questions = g_ptr_array_new_with_free_func ((GDestroyNotify) store_question_free);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreQuestion *question = g_new0 (StoreQuestion, 1);

      question->id = store_sql_int (rows, 0);
      question->account_id = store_sql_int (rows, 1);
      question->kind = store_sql_dup_text (rows, 2);
      question->subject_id = store_sql_int (rows, 3);
      question->details = store_sql_dup_text (rows, 4);
      question->asked_at = store_sql_int (rows, 5);
      question->closed_at = store_sql_int (rows, 6);
      question->rev = store_sql_int (rows, 7);
      g_ptr_array_add (questions, question);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&questions) : NULL;
}

StoreQuestion *
store_questions_get (Store   *store,
                     gint64   id,
                     GError **error)
{
  g_autoptr(GPtrArray) questions = list_questions (store, SELECT_QUESTION "WHERE id = ?", BIND (INT (id)),
                                                   error);

  if (questions == NULL)
    return NULL;
  if (questions->len > 0)
    return g_ptr_array_steal_index (questions, 0);
  store_sql_set_missing (error, "question", id);
  return NULL;
}

GPtrArray *
store_questions_list_open (Store   *store,
                           GError **error)
{
  return list_questions (store, SELECT_QUESTION "WHERE closed_at IS NULL ORDER BY id", NULL, error);
}

GPtrArray *
store_questions_list_since (Store   *store,
                            gint64   rev,
                            GError **error)
{
  return list_questions (store, SELECT_QUESTION "WHERE rev > ? ORDER BY id", BIND (INT (rev)), error);
}

gint64
store_questions_ask (Store       *store,
                     gint64       account_id,
                     const char  *kind,
                     gint64       subject_id,
                     const char  *details,
                     GError     **error)
{
  StoreDb *mail = store_peek_mail (store);
  gint64 id;

  if (!store_sql_get_int (mail, "SELECT id FROM question WHERE account_id = ? AND kind = ?"
                          " AND coalesce (subject_id, 0) = ? AND closed_at IS NULL",
                          BIND (INT (account_id), TEXT (kind), INT (subject_id)), 0, &id, error))
    return 0;
  if (id != 0)
    return store_sql_run (mail, "UPDATE question SET details = ?1, rev = ?2 WHERE id = ?3 AND details <> ?1",
                          BIND (TEXT (details), INT (store_mail_rev (store)), INT (id)), error) ? id : 0;
  if (!store_sql_run (mail, "INSERT INTO question (account_id, kind, subject_id, details, asked_at, rev)"
                      " VALUES (?, ?, ?, ?, ?, ?)",
                      BIND (INT (account_id), TEXT (kind), INT_UNLESS (0, subject_id), TEXT (details),
                            INT (base_clock_now ()), INT (store_mail_rev (store))), error))
    return 0;
  return store_sql_last_id (mail);
}

gboolean
store_questions_close (Store   *store,
                       gint64   id,
                       GError **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE question SET closed_at = ?, rev = ? WHERE id = ? AND closed_at IS NULL",
                        BIND (INT (base_clock_now ()), INT (store_mail_rev (store)), INT (id)), error);
}

gboolean
store_questions_close_kind (Store       *store,
                            gint64       account_id,
                            const char  *kind,
                            GError     **error)
{
  return store_sql_run (store_peek_mail (store),
                        "UPDATE question SET closed_at = ?, rev = ? WHERE account_id = ? AND kind = ?"
                        " AND closed_at IS NULL",
                        BIND (INT (base_clock_now ()), INT (store_mail_rev (store)), INT (account_id),
                              TEXT (kind)), error);
}
