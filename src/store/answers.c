/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/answers.h"

#include "base/clock.h"
#include "store/desk.h"

void
store_answer_free (StoreAnswer *answer)
{
  if (answer == NULL)
    return;
  g_free (answer->answer);
  g_free (answer);
}

gboolean
store_answers_give (Store       *store,
                    gint64       question_id,
                    const char  *answer,
                    GError     **error)
{
  return store_desk_run (store, "INSERT INTO answer VALUES (?, ?, ?, " DESK_REV ") ON CONFLICT DO UPDATE "
                         "SET answer = excluded.answer, at = excluded.at, rev = excluded.rev",
                         BIND (INT (question_id), TEXT (answer), INT (base_clock_now ())), NULL, error);
}

GPtrArray *
store_answers_list_since (Store   *store,
                          gint64   rev,
                          GError **error)
{
  g_autoptr(GPtrArray) answers = g_ptr_array_new_with_free_func ((GDestroyNotify) store_answer_free);
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
                                                    "SELECT question_id, answer, at, rev "
                                                    "FROM answer WHERE rev > ? ORDER BY rev",
                                                    BIND (INT (rev)), error);

  if (rows == NULL)
    return NULL;
  while (store_sql_next (rows))
    {
      StoreAnswer *answer = g_new0 (StoreAnswer, 1);

      answer->question_id = store_sql_int (rows, 0);
      answer->answer = store_desk_dup_text (rows, 1);
      answer->at = store_sql_int (rows, 2);
      answer->rev = store_sql_int (rows, 3);
      g_ptr_array_add (answers, answer);
    }
  return store_sql_end (rows, error) ? g_steal_pointer (&answers) : NULL;
}

gboolean
store_answers_forget (Store   *store,
                      gint64   question_id,
                      GError **error)
{
  return store_desk_run (store, "DELETE FROM answer WHERE question_id = ?", BIND (INT (question_id)), NULL,
                         error);
}
