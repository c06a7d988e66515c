/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/standing.h"

#include "base/clock.h"
#include "store/questions.h"

#define DAY (24 * 60 * 60)

typedef struct {
  WorkerStanding  standing;
  char           *text;
  char           *words;
} Note;

static void
note_free (gpointer data)
{
  Note *note = data;

  g_free (note->text);
  g_free (note->words);
  g_free (note);
}

static void
count_refusal (StoreAccountState *state,
               gint64             now)
{
  if (state->refused_day != now / DAY)
    state->refused_count = 0;
  state->refused_day = now / DAY;
  state->refused_count++;
}

gboolean
worker_standing_is_exhausted (const StoreAccountState *state,
                              gint64                   now)
{
  return state->refused_day == now / DAY && state->refused_count >= WORKER_REFUSALS_A_DAY;
}

static void
set_problem (StoreAccountState *state,
             const char        *problem,
             const char        *text,
             const char        *words,
             gint64             since)
{
  g_free (state->problem);
  g_free (state->problem_text);
  g_free (state->server_words);
  state->problem = g_strdup (problem);
  state->problem_text = g_strdup (text);
  state->server_words = g_strdup (words);
  state->problem_at = since;
}

static gboolean
close_questions (Store   *store,
                 gint64   account_id,
                 GError **error)
{
  return store_questions_close_kind (store, account_id, WORKER_QUESTION_PASSWORD, error)
         && store_questions_close_kind (store, account_id, WORKER_QUESTION_CERTIFICATE, error);
}

static gboolean
note_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  const Note *note = data;
  const WorkerStanding *standing = &note->standing;
  g_autoptr(StoreAccountState) state = store_states_get (store, standing->account_id, error);
  gint64 now = base_clock_now ();

  if (state == NULL)
    return FALSE;
  state->activity = standing->activity;
  state->next_try_at = standing->next_try_at;
  if (standing->was_refused)
    count_refusal (state, now);
  switch (standing->kind)
    {
    case WORKER_STANDING_BUSY:
      break;
    case WORKER_STANDING_GOOD:
      state->last_ok_at = now;
      set_problem (state, NULL, NULL, NULL, 0);
      if (!close_questions (store, standing->account_id, error))
        return FALSE;
      break;
    case WORKER_STANDING_BAD:
      set_problem (state, standing->problem, note->text, note->words,
                   g_strcmp0 (state->problem, standing->problem) == 0 ? state->problem_at : now);
      if (standing->question != NULL
          && store_questions_ask (store, standing->account_id, standing->question, 0, "{}", error) == 0)
        return FALSE;
      break;
    }
  return store_states_set (store, state, error);
}

void
worker_standing_note (Ingest               *ingest,
                      const WorkerStanding *standing)
{
  Note *note = g_new0 (Note, 1);

  note->standing = *standing;
  note->text = g_strdup (standing->text);
  note->words = g_strdup (standing->words);
  ingest_write_later (ingest, note_work, note, note_free);
}

static gboolean
reset_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  const gint64 *account_id = data;
  g_autoptr(StoreAccountState) state = store_states_get (store, *account_id, error);

  if (state == NULL)
    return FALSE;
  state->refused_count = 0;
  return store_states_set (store, state, error)
         && store_questions_close_kind (store, *account_id, WORKER_QUESTION_PASSWORD, error);
}

void
worker_standing_reset (Ingest *ingest,
                       gint64  account_id)
{
  ingest_write_later (ingest, reset_work, g_memdup2 (&account_id, sizeof account_id), g_free);
}
