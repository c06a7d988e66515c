/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/gone.h"

#include "store/answers.h"
#include "store/questions.h"
#include "sync/plan.h"

#include <string.h>

static const char mass_kind[] = "mass-disappearance";

/* --- asking --- */

static StoreQuestion *
find_question (Store   *store,
               gint64   account_id,
               gint64   folder_id,
               GError **error)
{
  g_autoptr(GPtrArray) open = store_questions_list_open (store, error);

  for (guint i = 0; open != NULL && i < open->len; i++)
    {
      StoreQuestion *question = open->pdata[i];

      if (question->account_id == account_id && question->subject_id == folder_id && strcmp (question->kind, mass_kind) == 0)
        return store_questions_get (store, question->id, error);
    }
  return NULL;
}

static char *
dup_answer (Store   *store,
            gint64   question_id,
            GError **error)
{
  g_autoptr(GPtrArray) answers = store_answers_list_since (store, 0, error);

  for (guint i = 0; answers != NULL && i < answers->len; i++)
    {
      const StoreAnswer *answer = answers->pdata[i];

      if (answer->question_id == question_id)
        return g_strdup (answer->answer);
    }
  return NULL;
}

typedef struct {
  gint64 account_id;
  gint64 folder_id;
  gint64 question_id;
  char  *details;
} Asking;

static gboolean
ask_work (Store     *store,
          gpointer   data,
          GError   **error)
{
  Asking *asking = data;

  return store_questions_ask (store, asking->account_id, mass_kind, asking->folder_id, asking->details, error) != 0;
}

static gboolean
close_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  Asking *asking = data;

  return store_questions_close (store, asking->question_id, error);
}

static gboolean
ask (SyncContext     *context,
     const SyncGone  *gone,
     guint64          n_gone,
     GError         **error)
{
  Asking asking = { gone->folder->account_id, gone->folder->id, 0, NULL };
  gboolean is_asked;

  asking.details = g_strdup_printf ("{\"gone\":%" G_GUINT64_FORMAT ",\"known\":%" G_GUINT64_FORMAT "}", n_gone, gone->n_known);
  is_asked = ingest_write (context->ingest, ask_work, &asking, error);
  g_free (asking.details);
  return is_asked;
}

gboolean
sync_gone_may_go (SyncContext  *context,
                  SyncGone     *gone,
                  guint64       n_gone,
                  GError      **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreQuestion) question = NULL;
  g_autofree char *answer = NULL;
  Asking asking = { 0 };

  if (!sync_plan_is_mass_vanishing (n_gone, gone->n_known))
    return TRUE;
  question = find_question (context->store, gone->folder->account_id, gone->folder->id, &failure);
  if (question != NULL)
    answer = dup_answer (context->store, question->id, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (answer == NULL)
    {
      ask (context, gone, n_gone, error);
      return FALSE;
    }
  gone->policy = strcmp (answer, "remove") == 0 ? STORE_VANISHED_FOLLOW : STORE_VANISHED_KEEP;
  asking.question_id = question->id;
  return ingest_write (context->ingest, close_work, &asking, error)
         && store_answers_forget (context->store, question->id, error);
}

gboolean
sync_gone_settle (SyncContext        *context,
                  const StoreFolder  *folder,
                  GError            **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreQuestion) question = find_question (context->store, folder->account_id, folder->id, &failure);
  Asking asking = { 0 };

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (question == NULL)
    return TRUE;
  asking.question_id = question->id;
  return ingest_write (context->ingest, close_work, &asking, error)
         && store_answers_forget (context->store, question->id, error);
}

/* --- choosing --- */

static gboolean
is_on_its_way (SyncContext        *context,
               const StoreFolder  *folder,
               guint32             uid,
               gboolean           *is_moving,
               GError            **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreLocation) location = store_locations_find_uid (context->store, folder->id, (guint32) folder->uidvalidity, uid,
                                                                &failure);

  *is_moving = location != NULL && location->folder_id != folder->id;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

ImapUidset *
sync_gone_dup_ended (SyncContext        *context,
                     const StoreFolder  *folder,
                     const ImapUidset   *uids,
                     GError            **error)
{
  g_autoptr(ImapUidset) ended = imap_uidset_copy (uids);
  gsize n_ranges;
  const ImapUidRange *ranges = imap_uidset_peek_ranges (uids, &n_ranges);

  for (gsize i = 0; i < n_ranges; i++)
    for (guint64 uid = ranges[i].first; uid <= ranges[i].last; uid++)
      {
        g_autoptr(ImapUidset) one = NULL;
        gboolean is_moving;

        if (!is_on_its_way (context, folder, (guint32) uid, &is_moving, error))
          return NULL;
        if (!is_moving)
          continue;
        one = imap_uidset_new_range ((guint32) uid, (guint32) uid);
        imap_uidset_remove_set (ended, one);
      }
  return g_steal_pointer (&ended);
}

/* --- doing --- */

typedef struct {
  Ingest        *ingest;
  StoreVanished  policy;
  gint64         folder_id;
  guint32        uidvalidity;
  ImapUidset    *uids;             /* or NULL, and */
  GArray        *location_ids;     /* of gint64 */
} Ending;

static void
ending_free (Ending *ending)
{
  g_clear_pointer (&ending->uids, imap_uidset_free);
  g_clear_pointer (&ending->location_ids, g_array_unref);
  g_free (ending);
}

static gboolean
end_place (Ending    *ending,
           Store     *store,
           gint64     location_id,
           GError   **error)
{
  gint64 twin_id;

  if (!store_locations_find_twin (store, location_id, &twin_id, error))
    return FALSE;
  if (twin_id != 0)
    return store_locations_follow (store, location_id, twin_id, error);
  if (ending->policy == STORE_VANISHED_KEEP)
    return ingest_drop_server (ending->ingest, store, location_id, STORE_BY_ELSEWHERE, NULL, NULL, error);
  return store_locations_end (store, location_id, STORE_BY_ELSEWHERE, STORE_SERVER_COPY_GONE, NULL, error);
}

static gboolean
end_uid (Ending   *ending,
         Store    *store,
         guint32   uid,
         GError  **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreLocation) location = store_locations_find_uid (store, ending->folder_id, ending->uidvalidity, uid, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return location == NULL || end_place (ending, store, location->id, error);
}

static gboolean
end_work (Store     *store,
          gpointer   data,
          GError   **error)
{
  Ending *ending = data;
  gsize n_ranges = 0;
  const ImapUidRange *ranges = ending->uids != NULL ? imap_uidset_peek_ranges (ending->uids, &n_ranges) : NULL;

  for (gsize i = 0; i < n_ranges; i++)
    for (guint64 uid = ranges[i].first; uid <= ranges[i].last; uid++)
      if (!end_uid (ending, store, (guint32) uid, error))
        return FALSE;
  for (guint i = 0; ending->location_ids != NULL && i < ending->location_ids->len; i++)
    if (!end_place (ending, store, g_array_index (ending->location_ids, gint64, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
put_ending (SyncContext     *context,
            const SyncGone  *gone,
            IngestStream    *stream,
            Ending          *ending,
            GError         **error)
{
  ending->ingest = context->ingest;
  ending->policy = gone->policy;
  ending->folder_id = gone->folder->id;
  ending->uidvalidity = (guint32) gone->folder->uidvalidity;
  return ingest_put_work (stream, end_work, ending, (GDestroyNotify) ending_free, context->cancellable, error) != 0;
}

gboolean
sync_gone_put (SyncContext       *context,
               const SyncGone    *gone,
               IngestStream      *stream,
               const ImapUidset  *uids,
               GError           **error)
{
  Ending *ending = g_new0 (Ending, 1);

  ending->uids = imap_uidset_copy (uids);
  context->summary->messages_gone += imap_uidset_count (uids);
  return put_ending (context, gone, stream, ending, error);
}

gboolean
sync_gone_put_places (SyncContext     *context,
                      const SyncGone  *gone,
                      IngestStream    *stream,
                      GArray          *location_ids,
                      GError         **error)
{
  Ending *ending = g_new0 (Ending, 1);

  ending->location_ids = g_array_ref (location_ids);
  context->summary->messages_gone += location_ids->len;
  return put_ending (context, gone, stream, ending, error);
}
