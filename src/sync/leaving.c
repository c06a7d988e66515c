/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/leaving.h"

#include "base/clock.h"
#include "store/answers.h"
#include "store/clock.h"
#include "store/contents.h"
#include "store/messages.h"
#include "store/questions.h"
#include "store/removals.h"
#include "store/states.h"
#include "sync/removal.h"

#include <string.h>

#define VERIFY_AT_ONCE 100
#define DUE_AT_ONCE    2000      /* of one round: each hundred is a session */

static const char older_kind[] = "older-mail", first_kind[] = "first-removal";

/* --- mail from before the rule --- */

static char *
dup_line_key (const StoreAccount *account)
{
  return g_strdup_printf ("older-mail-until-%s", account->uuid);
}

/* The time until which mail is from before the rule; G_MAXINT64: no line is drawn yet, all of it is. */
static gboolean
get_line (Store              *store,
          const StoreAccount *account,
          gint64             *line,
          GError            **error)
{
  g_autofree char *key = dup_line_key (account);
  g_autoptr(GError) failure = NULL;
  g_autofree char *text = store_desk_dup_meta (store, key, &failure);

  *line = text != NULL ? g_ascii_strtoll (text, NULL, 10) : G_MAXINT64;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
sync_leaving_has_line (Store               *store,
                       const StoreAccount  *account,
                       gboolean            *has_line,
                       GError             **error)
{
  gint64 line;

  if (!get_line (store, account, &line, error))
    return FALSE;
  *has_line = line != G_MAXINT64;
  return TRUE;
}

gboolean
sync_leaving_draw_line (Store               *store,
                        const StoreAccount  *account,
                        SyncOlder            how,
                        GError             **error)
{
  g_autofree char *key = dup_line_key (account);
  g_autofree char *text = NULL;
  g_autoptr(GArray) copies = NULL;
  gboolean has_line;
  gint64 newest = 0;

  if (!sync_leaving_has_line (store, account, &has_line, error))
    return FALSE;
  if (has_line != (how == SYNC_OLDER_ANEW))
    return TRUE;
  if ((copies = store_locations_list_copies (store, account->id, error)) == NULL)
    return FALSE;
  for (guint i = 0; i < copies->len; i++)
    newest = MAX (newest, g_array_index (copies, StoreKeptCopy, i).stored_at);
  text = g_strdup_printf ("%" G_GINT64_FORMAT, newest);
  return store_desk_set_meta (store, key, text, error);
}

/* --- copies and rules --- */

static GArray *
list_copies (GArray *kept,
             gint64  line)
{
  GArray *copies = g_array_sized_new (FALSE, FALSE, sizeof (SyncCopy), kept->len);

  for (guint i = 0; i < kept->len; i++)
    {
      const StoreKeptCopy *one = &g_array_index (kept, StoreKeptCopy, i);
      SyncCopy copy = { one->location_id, one->message_id, one->size, one->verified_at, one->is_pinned,
                        one->stored_at <= line };

      g_array_append_val (copies, copy);
    }
  return copies;
}

static gboolean
get_retention (Store               *store,
               const StoreAccount  *account,
               SyncRetention       *retention,
               GError             **error)
{
  g_autoptr(StoreAccountState) state = store_states_get (store, account->id, error);

  if (state == NULL)
    return FALSE;
  *retention = sync_retention_new (account);
  retention->quota_limit = MAX (state->quota_limit, 0);
  return TRUE;
}

GArray *
sync_leaving_preview (Store               *store,
                      const StoreAccount  *account,
                      GError             **error)
{
  g_autoptr(GArray) kept = store_locations_list_copies (store, account->id, error);
  g_autoptr(GArray) copies = NULL;
  gint64 now = kept != NULL ? store_clock_get (store, error) : 0, line;
  SyncRetention retention;

  if (now == 0 || !get_line (store, account, &line, error)
      || !get_retention (store, account, &retention, error))
    return NULL;
  for (guint i = 0; i < kept->len; i++)
    {
      StoreKeptCopy *copy = &g_array_index (kept, StoreKeptCopy, i);

      if (copy->verified_at == 0 && copy->fetched_at != 0)
        copy->verified_at = now;
    }
  copies = list_copies (kept, line);
  retention.spares_older = account->older_mail == STORE_OLDER_MAIL_KEEP;
  return sync_retention_plan (&retention, copies, now);
}

/* --- proving --- */

/* What was not fetched from this very copy is fetched by the next pass (pop3.h). */
static void
tell_damaged (SyncContext *context,
              gint64       message_id)
{
  g_autofree char *what = g_strdup_printf ("Message %" G_GINT64_FORMAT, message_id);

  sync_summary_fail (context->summary, what,
                     g_error_new_literal (STORE_ERROR, STORE_ERROR_CORRUPT,
                                          "the disk does not give back what was stored; it "
                                          "stays on the server and is fetched again"));
}

static gboolean
verify_some (SyncContext  *context,
             GArray       *ids,
             GArray       *message_ids,
             GError      **error)
{
  g_autofree IngestVerdict *verdicts = g_new0 (IngestVerdict, ids->len + 1);

  if (ids->len == 0)
    return TRUE;
  if (!ingest_verify (context->ingest, (const gint64 *) ids->data, ids->len, verdicts, error))
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (verdicts[i] == INGEST_DAMAGED)
      tell_damaged (context, g_array_index (message_ids, gint64, i));
  g_array_set_size (ids, 0);
  g_array_set_size (message_ids, 0);
  return TRUE;
}

static gboolean
verify_new (SyncContext  *context,
            GArray       *kept,
            gboolean     *is_changed,
            GError      **error)
{
  g_autoptr(GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr(GArray) message_ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  *is_changed = FALSE;
  for (guint i = 0; i < kept->len && !sync_context_should_yield (context); i++)
    {
      const StoreKeptCopy *copy = &g_array_index (kept, StoreKeptCopy, i);

      if (copy->fetched_at == 0 || copy->verified_at != 0)
        continue;
      *is_changed = TRUE;
      g_array_append_val (ids, copy->location_id);
      g_array_append_val (message_ids, copy->message_id);
      if (ids->len == VERIFY_AT_ONCE && !verify_some (context, ids, message_ids, error))
        return FALSE;
    }
  return verify_some (context, ids, message_ids, error);
}

/* --- questions --- */

/* The answer to an open question of that kind; NULL without error if nobody answered.  question_id: 0 if none
 * is open. */
static char *
dup_answer (SyncContext  *context,
            const char   *kind,
            gint64       *question_id,
            GError      **error)
{
  g_autoptr(GPtrArray) open = store_questions_list_open (context->store, error);
  g_autoptr(GPtrArray) answers = open != NULL ? store_answers_list_since (context->store, 0, error) : NULL;

  *question_id = 0;
  if (answers == NULL)
    return NULL;
  for (guint i = 0; i < open->len; i++)
    {
      const StoreQuestion *question = open->pdata[i];

      if (question->account_id == context->account->id && strcmp (question->kind, kind) == 0)
        *question_id = question->id;
    }
  for (guint i = 0; i < answers->len; i++)
    {
      const StoreAnswer *answer = answers->pdata[i];

      if (*question_id != 0 && answer->question_id == *question_id)
        return g_strdup (answer->answer);
    }
  return NULL;
}

static gboolean
close_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  return store_questions_close (store, *(const gint64 *) data, error);
}

static gboolean
settle (SyncContext   *context,
        StoreAccount  *account,
        gint64         question_id,
        GError       **error)
{
  return store_accounts_update (context->store, account, error)
         && ingest_write (context->ingest, close_work, &question_id, error)
         && store_answers_forget (context->store, question_id, error);
}

/* account: brought up to date, here and in its row. */
static gboolean
take_answer (SyncContext   *context,
             StoreAccount  *account,
             const char    *kind,
             GError       **error)
{
  g_autoptr(GError) failure = NULL;
  gint64 question_id;
  g_autofree char *answer = dup_answer (context, kind, &question_id, &failure);
  gboolean is_yes = g_strcmp0 (answer, "remove") == 0;

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (answer == NULL)
    return TRUE;
  if (kind == older_kind)
    account->older_mail = is_yes ? STORE_OLDER_MAIL_REMOVE : STORE_OLDER_MAIL_KEEP;
  else if (is_yes)
    account->removals_confirmed = TRUE;
  else
    {
      /* Whoever does not want the removal does not want the rule. */
      account->leave_on_server = STORE_LEAVE_FOREVER;
      account->keep_newest_count = account->keep_newest_bytes = account->when_full_percent = STORE_NO_RULE;
    }
  return settle (context, account, question_id, error);
}

typedef struct {
  gint64      account_id;
  const char *kind;
  gboolean    is_needed;
  char       *details;
} Asking;

static gboolean
ask_work (Store     *store,
          gpointer   data,
          GError   **error)
{
  const Asking *asking = data;

  if (asking->is_needed)
    return store_questions_ask (store, asking->account_id, asking->kind, 0, asking->details, error) != 0;
  return store_questions_close_kind (store, asking->account_id, asking->kind, error);
}

/* A question that has lost its reason is closed. */
static gboolean
ask (SyncContext  *context,
     const char   *kind,
     guint         n_messages,
     GError      **error)
{
  g_autofree char *details = g_strdup_printf ("{\"messages\":%u}", n_messages);
  Asking asking = { context->account->id, kind, n_messages > 0, details };

  return ingest_write (context->ingest, ask_work, &asking, error);
}

/* --- writing it down --- */

typedef struct {
  GHashTable *due_at;            /* location id -> gint64 * */
  GArray     *kept;
} Dates;

static gboolean
dates_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  Dates *dates = data;

  for (guint i = 0; i < dates->kept->len; i++)
    {
      const StoreKeptCopy *copy = &g_array_index (dates->kept, StoreKeptCopy, i);
      const gint64 *due_at = g_hash_table_lookup (dates->due_at, &copy->location_id);
      StoreLocation state = { .id = copy->location_id, .remove_after = due_at != NULL ? *due_at : 0 };
      g_autoptr(GError) failure = NULL;

      if (copy->remove_after == state.remove_after
          || store_locations_set_state (store, &state, STORE_LOCATION_REMOVE_AFTER, &failure)
          || g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        continue;
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

static gboolean
note_dates (SyncContext  *context,
            GArray       *kept,
            GArray       *plan,
            GError      **error)
{
  g_autoptr(GHashTable) due_at = g_hash_table_new (g_int64_hash, g_int64_equal);
  Dates dates = { due_at, kept };
  gboolean is_changed = FALSE;

  for (guint i = 0; i < plan->len; i++)
    {
      SyncDue *due = &g_array_index (plan, SyncDue, i);

      g_hash_table_insert (due_at, &due->location_id, &due->due_at);
    }
  for (guint i = 0; i < kept->len && !is_changed; i++)
    {
      const StoreKeptCopy *copy = &g_array_index (kept, StoreKeptCopy, i);
      const gint64 *at = g_hash_table_lookup (due_at, &copy->location_id);

      is_changed = copy->remove_after != (at != NULL ? *at : 0);
    }
  return !is_changed || ingest_write (context->ingest, dates_work, &dates, error);
}

/* Without a rule nothing is due: a quick look tells whether there are dates from an earlier one. */
static gboolean
forget_dates (SyncContext  *context,
              GError      **error)
{
  g_autoptr(GArray) dated = store_locations_list_due (context->store, context->account->id, G_MAXINT64, 1,
                                                      error);
  g_autoptr(GArray) nothing = g_array_new (FALSE, FALSE, sizeof (SyncDue));
  g_autoptr(GArray) kept = NULL;

  if (dated == NULL)
    return FALSE;
  if (dated->len == 0)
    return TRUE;
  kept = store_locations_list_copies (context->store, context->account->id, error);
  return kept != NULL && note_dates (context, kept, nothing, error);
}

/* Looked at again under the writer's own eyes: since it was planned it may have been moved, pinned or matched
 * anew. */
static gboolean
intend (Store          *store,
        const SyncDue  *due,
        GError        **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreLocation) location = store_locations_get (store, due->location_id, &failure);
  g_autoptr(StoreMessage) message = NULL;
  StoreContent content;
  gint64 now;

  if (location == NULL && g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  if (location == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  now = store_clock_get (store, error);
  if (now == 0 || !sync_removal_may_go (location, now))
    return now != 0;
  return (message = store_messages_get (store, location->message_id, error)) != NULL
         && store_contents_get (store, message->content_id, &content, error)
         && store_removals_intend (store, location->id, sync_rule_to_string (due->rule), content.sha256,
                                   error) != 0;
}

static gboolean
intend_work (Store     *store,
             gpointer   data,
             GError   **error)
{
  GArray *due = data;

  for (guint i = 0; i < due->len; i++)
    if (!intend (store, &g_array_index (due, SyncDue, i), error))
      return FALSE;
  return TRUE;
}

/* --- deciding --- */

/* plan: what nobody has to be asked about stays in it. */
static gboolean
ask_about (SyncContext         *context,
           const StoreAccount  *account,
           GArray              *plan,
           GArray              *due,
           gint64               now,
           GError             **error)
{
  guint n_older = 0, n_left = 0;

  for (guint i = 0; i < plan->len; i++)
    {
      SyncDue one = g_array_index (plan, SyncDue, i);

      if (one.is_older && account->older_mail == STORE_OLDER_MAIL_ASK)
        {
          n_older += one.due_at <= now;
          continue;
        }
      if (one.due_at <= now)
        g_array_append_val (due, one);
      g_array_index (plan, SyncDue, n_left++) = one;
    }
  g_array_set_size (plan, n_left);
  return ask (context, older_kind, n_older, error)
         && ask (context, first_kind, account->removals_confirmed ? 0 : due->len, error);
}

static gboolean
plan_and_intend (SyncContext         *context,
                 const StoreAccount  *account,
                 GArray              *kept,
                 gint64               now,
                 GError             **error)
{
  g_autoptr(GArray) copies = NULL;
  g_autoptr(GArray) plan = NULL;
  g_autoptr(GArray) due = g_array_new (FALSE, FALSE, sizeof (SyncDue));
  SyncRetention retention;
  gint64 line;

  if (!get_line (context->store, account, &line, error)
      || !get_retention (context->store, account, &retention, error))
    return FALSE;
  copies = list_copies (kept, line);
  retention.spares_older = account->older_mail == STORE_OLDER_MAIL_KEEP;
  plan = sync_retention_plan (&retention, copies, now);
  if (!ask_about (context, account, plan, due, now, error) || !note_dates (context, kept, plan, error))
    return FALSE;
  if (due->len == 0 || !account->removals_confirmed)
    return TRUE;
  if (due->len > DUE_AT_ONCE)
    g_array_set_size (due, DUE_AT_ONCE);
  return ingest_write (context->ingest, intend_work, due, error);
}

typedef struct {
  gint64 now;
} Clock;

static gboolean
clock_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  Clock *clock = data;

  clock->now = store_clock_advance (store, error);
  return clock->now != 0;
}

gboolean
sync_leaving_decide (SyncContext  *context,
                     GError      **error)
{
  g_autoptr(StoreAccount) account = store_accounts_get (context->store, context->account->id, error);
  g_autoptr(GArray) kept = NULL;
  SyncRetention retention;
  gboolean is_changed;
  Clock clock = { 0 };

  if (account == NULL || !take_answer (context, account, older_kind, error)
      || !take_answer (context, account, first_kind, error))
    return FALSE;
  retention = sync_retention_new (account);
  if (!sync_retention_has_rule (&retention))
    return forget_dates (context, error);
  if ((kept = store_locations_list_copies (context->store, account->id, error)) == NULL)
    return FALSE;
  if (!verify_new (context, kept, &is_changed, error)
      || !ingest_write (context->ingest, clock_work, &clock, error))
    return FALSE;
  if (is_changed)
    {
      g_array_unref (kept);
      if ((kept = store_locations_list_copies (context->store, account->id, error)) == NULL)
        return FALSE;
    }
  return plan_and_intend (context, account, kept, clock.now, error);
}
