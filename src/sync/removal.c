/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/removal.h"

#include "base/clock.h"
#include "store/changes.h"
#include "store/clock.h"
#include "store/questions.h"
#include "store/removals.h"
#include "sync/pop3-headers.h"
#include "sync/pop3-plan.h"

#include <string.h>

#define DELES_PER_SESSION 100
#define SESSIONS_MAX      50
#define ROUNDS_MAX        2          /* so often a server may say yes and list it again */

static const char ignored_kind[] = "server-keeps";

gboolean
sync_removal_may_go (const StoreLocation *location,
                     gint64               now)
{
  return store_location_has_server (location) && location->uidl != NULL && !location->is_pinned
         && location->fetched_at != 0 && location->verified_at != 0
         && location->remove_after != 0 && location->remove_after <= now;
}

/* --- what is to go --- */

typedef enum {
  TARGET_OPEN,
  TARGET_ASKED,            /* DELE was answered with +OK */
  TARGET_DONE,             /* it is gone, by us */
  TARGET_GONE,             /* it is gone, and was before we tried */
  TARGET_UNKNOWN,          /* nobody knows */
  TARGET_REFUSED,
  TARGET_DROPPED,          /* nobody wants it any more, or nobody can tell which one it is */
} TargetState;

typedef struct {
  StoreKnownUidl   name;            /* uidl and occurrence, as in pop3-plan.h */
  StoreRemoval    *removal;         /* or NULL, and */
  gint64           change_id;
  gint64           position;        /* of its item */
  gboolean         was_sent;        /* in an earlier session */
  gboolean         may_go;          /* still wanted, and still proven */
  guint32          number;          /* in this session */
  TargetState      state;
  char            *words;           /* the server's, or NULL */
} Target;

static void
target_free (gpointer data)
{
  Target *target = data;

  g_bytes_unref (target->name.uidl);
  g_clear_pointer (&target->removal, store_removal_free);
  g_free (target->words);
  g_free (target);
}

typedef struct {
  SyncContext *context;
  GPtrArray   *targets;             /* of Target */
  GArray      *changes;             /* of gint64: those that run */
  guint        n_sessions;
  gint64       now;                 /* on the store's clock */
  gboolean     is_confirmed;        /* somebody agreed to the rule */
} Removing;

static void
removing_clear (Removing *removing)
{
  g_clear_pointer (&removing->targets, g_ptr_array_unref);
  g_clear_pointer (&removing->changes, g_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Removing, removing_clear)

static void
add_journalled (Removing            *removing,
                StoreRemoval        *removal,
                const StoreLocation *location)
{
  Target *target = g_new0 (Target, 1);
  static const guint8 none[1];

  target->was_sent = removal->state == STORE_REMOVAL_SENT || removal->state == STORE_REMOVAL_UNKNOWN;
  if (location != NULL && location->uidl != NULL)
    target->name = (StoreKnownUidl) { .uidl = g_bytes_ref (location->uidl),
                                      .occurrence = location->occurrence };
  else
    target->name.uidl = g_bytes_new_static (none, 0);
  /* What was sent has to be followed up; but nothing is sent again that is not wanted and proven by then. */
  target->may_go = location != NULL && removing->is_confirmed
                   && sync_removal_may_go (location, removing->now);
  if (location == NULL || !store_location_has_server (location) || (!target->was_sent && !target->may_go))
    target->state = TARGET_DROPPED;
  target->removal = removal;
  g_ptr_array_add (removing->targets, target);
}

static gboolean
list_journalled (Removing  *removing,
                 GError   **error)
{
  Store *store = removing->context->store;
  g_autoptr(StoreAccount) account = store_accounts_get (store, removing->context->account->id, error);
  g_autoptr(GPtrArray) open = account != NULL ? store_removals_list_open (store, account->id, error) : NULL;

  if (open == NULL || (removing->now = store_clock_get (store, error)) == 0)
    return FALSE;
  removing->is_confirmed = account->removals_confirmed;
  g_ptr_array_set_free_func (open, NULL);
  for (guint i = 0; i < open->len; i++)
    {
      g_autoptr(StoreRemoval) removal = open->pdata[i];
      g_autoptr(GError) failure = NULL;
      g_autoptr(StoreLocation) location = NULL;

      if (removal->state == STORE_REMOVAL_REFUSED && removal->rounds >= ROUNDS_MAX)
        continue;
      location = store_locations_get (store, removal->location_id, &failure);
      if (location == NULL && !g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          for (guint n = i + 1; n < open->len; n++)
            store_removal_free (open->pdata[n]);
          return FALSE;
        }
      add_journalled (removing, g_steal_pointer (&removal), location);
    }
  return TRUE;
}

static void
add_item (Removing              *removing,
          gint64                 change_id,
          const StoreChangeItem *item)
{
  Target *target = g_new0 (Target, 1);

  target->name.uidl = g_bytes_ref (item->uidl);
  target->name.occurrence = item->occurrence;
  target->change_id = change_id;
  target->position = item->position;
  target->was_sent = item->state == STORE_ITEM_SENT;
  target->may_go = TRUE;
  g_ptr_array_add (removing->targets, target);
}

static gboolean
confirm (Removing    *removing,
         gint64       change_id,
         const StoreItemResult *results,
         gsize        n_results,
         GError     **error);

/* The items of one change; what has no server copy is done. */
static gboolean
list_items (Removing  *removing,
            gint64     change_id,
            GError   **error)
{
  g_autoptr(GPtrArray) items = store_changes_list_items (removing->context->store, change_id, 0, G_MAXINT,
                                                         error);
  g_autoptr(GArray) here = g_array_new (FALSE, FALSE, sizeof (StoreItemResult));

  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      const StoreChangeItem *item = items->pdata[i];
      StoreItemResult result = { .position = item->position, .state = STORE_ITEM_DONE };

      if (item->state == STORE_ITEM_DONE || item->state == STORE_ITEM_FAILED)
        continue;
      if (item->uidl != NULL && item->server_folder_id != 0)
        add_item (removing, change_id, item);
      else
        g_array_append_val (here, result);
    }
  return here->len == 0 || confirm (removing, change_id, (StoreItemResult *) here->data, here->len, error);
}

/* What was running when its program died may have been done: the listing tells. */
static gboolean
recover_changes (SyncContext  *context,
                 GError      **error)
{
  g_autoptr(GPtrArray) waiting = store_changes_list (context->store, STORE_CHANGES_WAITING,
                                                     context->account->id, 0, error);

  for (guint i = 0; waiting != NULL && i < waiting->len; i++)
    {
      const StoreChange *change = waiting->pdata[i];

      if (change->state == STORE_CHANGE_STATE_RUNNING
          && !store_changes_set_state (context->store, change->id, STORE_CHANGE_STATE_UNKNOWN, NULL, error))
        return FALSE;
    }
  return waiting != NULL;
}

static gboolean
list_deleted (Removing  *removing,
              GError   **error)
{
  SyncContext *context = removing->context;
  g_autoptr(GArray) due = NULL;

  if (!recover_changes (context, error)
      || (due = store_changes_list_due (context->store, context->account->id, base_clock_now (),
                                        error)) == NULL)
    return FALSE;
  for (guint i = 0; i < due->len; i++)
    {
      gint64 id = g_array_index (due, gint64, i);
      g_autoptr(StoreChange) change = store_changes_get (context->store, id, error);

      if (change == NULL)
        return FALSE;
      if (change->kind != STORE_CHANGE_DELETE)
        continue;
      if (!store_changes_set_state (context->store, id, STORE_CHANGE_STATE_RUNNING, NULL, error))
        return FALSE;
      g_array_append_val (removing->changes, id);
      if (!list_items (removing, id, error))
        return FALSE;
    }
  return TRUE;
}

/* --- writing down what became of it --- */

typedef struct {
  gint64                 change_id;
  const StoreItemResult *results;
  gsize                  n_results;
} Confirming;

static gboolean
confirm_work (Store     *store,
              gpointer   data,
              GError   **error)
{
  Confirming *confirming = data;

  return store_changes_confirm_items (store, confirming->change_id, confirming->results,
                                      confirming->n_results, error);
}

static gboolean
confirm (Removing              *removing,
         gint64                 change_id,
         const StoreItemResult *results,
         gsize                  n_results,
         GError               **error)
{
  Confirming confirming = { change_id, results, n_results };

  return ingest_write_alone (removing->context->ingest, confirm_work, &confirming, error);
}

/* The mail stays here, and its server copy is gone. */
static gboolean
drop_server (Ingest        *ingest,
             Store         *store,
             const Target  *target,
             StoreCause     by,
             GError       **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreLocation) location = store_locations_get (store, target->removal->location_id, &failure);

  if (location == NULL && g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  if (location == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (!store_location_has_server (location) || location->uidl == NULL
      || !g_bytes_equal (location->uidl, target->name.uidl)
      || location->occurrence != target->name.occurrence)
    return TRUE;
  return ingest_drop_server (ingest, store, location->id, by, by == STORE_BY_RULE
                             ? target->removal->rule : NULL,
                             target->words, error);
}

static gboolean
note_refusal (Store         *store,
              const Target  *target,
              GError       **error)
{
  return store_removals_count_round (store, target->removal->id, error)
         && store_removals_set_state (store, target->removal->id, STORE_REMOVAL_REFUSED, target->words,
                                      error);
}

static gboolean
note_journalled (Ingest        *ingest,
                 Store         *store,
                 const Target  *target,
                 GError       **error)
{
  gint64 id = target->removal->id;

  switch (target->state)
    {
    case TARGET_OPEN:
      return store_removals_set_state (store, id, STORE_REMOVAL_INTENDED, NULL, error);
    case TARGET_ASKED:
    case TARGET_UNKNOWN:
      return store_removals_set_state (store, id, STORE_REMOVAL_UNKNOWN, target->words, error);
    case TARGET_REFUSED:
      return note_refusal (store, target, error);
    case TARGET_DONE:
      return store_removals_set_state (store, id, STORE_REMOVAL_DONE, target->words, error)
             && drop_server (ingest, store, target, STORE_BY_RULE, error);
    case TARGET_GONE:
      return store_removals_set_state (store, id, STORE_REMOVAL_DONE, NULL, error)
             && drop_server (ingest, store, target, STORE_BY_ELSEWHERE, error);
    case TARGET_DROPPED:
      return store_removals_set_state (store, id, STORE_REMOVAL_DONE, NULL, error);
    }
  g_assert_not_reached ();
}

typedef struct {
  Ingest    *ingest;
  GPtrArray *targets;
} Noting;

static gboolean
note_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  Noting *noting = data;

  for (guint i = 0; i < noting->targets->len; i++)
    {
      const Target *target = noting->targets->pdata[i];

      if (target->removal != NULL && !note_journalled (noting->ingest, store, target, error))
        return FALSE;
    }
  return TRUE;
}

static StoreItemResult
get_result (const Target *target)
{
  StoreItemResult result = { .position = target->position, .server_words = target->words };

  switch (target->state)
    {
    case TARGET_OPEN:
      result.state = STORE_ITEM_OPEN;
      break;
    case TARGET_ASKED:
    case TARGET_UNKNOWN:
      result.state = STORE_ITEM_SENT;
      break;
    case TARGET_REFUSED:
      result.state = STORE_ITEM_FAILED;
      break;
    case TARGET_DONE:
    case TARGET_GONE:
    case TARGET_DROPPED:
      result.state = STORE_ITEM_DONE;
      break;
    }
  return result;
}

static gboolean
note_items (Removing   *removing,
            GPtrArray  *targets,
            gint64      change_id,
            GError    **error)
{
  g_autoptr(GArray) proven = g_array_new (FALSE, FALSE, sizeof (StoreItemResult));
  g_autoptr(GArray) others = g_array_new (FALSE, FALSE, sizeof (StoreItemResult));

  for (guint i = 0; i < targets->len; i++)
    {
      const Target *target = targets->pdata[i];
      StoreItemResult result;

      if (target->removal != NULL || target->change_id != change_id)
        continue;
      result = get_result (target);
      g_array_append_val (result.state == STORE_ITEM_DONE ? proven : others, result);
    }
  return (others->len == 0
          || store_changes_note_items (removing->context->store, change_id, (StoreItemResult *) others->data,
                                                        others->len, error))
         && (proven->len == 0
             || confirm (removing, change_id, (StoreItemResult *) proven->data, proven->len, error));
}

static gboolean
note_outcome (Removing   *removing,
              GPtrArray  *targets,
              GError    **error)
{
  Noting noting = { removing->context->ingest, targets };

  if (targets->len == 0)
    return TRUE;
  if (!ingest_write (removing->context->ingest, note_work, &noting, error))
    return FALSE;
  for (guint i = 0; i < removing->changes->len; i++)
    if (!note_items (removing, targets, g_array_index (removing->changes, gint64, i), error))
      return FALSE;
  return TRUE;
}

/* Before the first DELE leaves: whatever happens from here on, it may have been deleted. */
static gboolean
sent_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  GPtrArray *batch = data;

  for (guint i = 0; i < batch->len; i++)
    {
      const Target *target = batch->pdata[i];

      if (target->removal != NULL
          && !store_removals_set_state (store, target->removal->id, STORE_REMOVAL_SENT, NULL, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
note_sent (Removing   *removing,
           GPtrArray  *batch,
           GError    **error)
{
  if (!ingest_write (removing->context->ingest, sent_work, batch, error))
    return FALSE;
  for (guint i = 0; i < batch->len; i++)
    {
      const Target *target = batch->pdata[i];
      StoreItemResult result = { .position = target->position, .state = STORE_ITEM_SENT };

      if (target->removal == NULL
          && !store_changes_note_items (removing->context->store, target->change_id, &result, 1, error))
        return FALSE;
    }
  return TRUE;
}

/* --- a session --- */

/* Several messages share the name: the server cannot be asked again after a lost answer, for the names may
 * have moved on to the others. */
typedef enum {
  NAME_CLEAR,
  NAME_SHARED,             /* by copies of one message, says the server */
  NAME_SHARED_OURS,        /* by messages with the same header: perhaps not the same mail */
} NameSort;

static NameSort
sort_name (GHashTable   *counts,
           const Target *target)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (target->name.uidl, &size);

  if (target->name.occurrence == 0 && GPOINTER_TO_UINT (g_hash_table_lookup (counts, target->name.uidl)) < 2)
    return NAME_CLEAR;
  return size > 0 && data[0] < ' ' ? NAME_SHARED_OURS : NAME_SHARED;
}

static GHashTable *
count_names (GArray *messages)
{
  GHashTable *counts = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                              NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      const char *uidl = g_array_index (messages, SessionPop3Message, i).uidl;
      g_autoptr(GBytes) name = g_bytes_new (uidl, strlen (uidl));
      guint n = GPOINTER_TO_UINT (g_hash_table_lookup (counts, name));

      g_hash_table_insert (counts, g_bytes_ref (name), GUINT_TO_POINTER (n + 1));
    }
  return counts;
}

/* By name -> number. */
static GHashTable *
list_numbers (GArray    *messages,
              GPtrArray *names)
{
  GHashTable *numbers;

  for (guint i = 0; i < messages->len; i++)
    {
      const SessionPop3Message *message = &g_array_index (messages, SessionPop3Message, i);
      StoreKnownUidl *name = g_new0 (StoreKnownUidl, 1);

      name->uidl = g_bytes_new (message->uidl, strlen (message->uidl));
      name->occurrence = message->occurrence;
      name->location_id = message->number;
      g_ptr_array_add (names, name);
    }
  numbers = sync_pop3_known_table (names);
  return numbers;
}

static void
name_free (gpointer data)
{
  StoreKnownUidl *name = data;

  g_bytes_unref (name->uidl);
  g_free (name);
}

/* A person is told; the rule only leaves it there. */
static void
tell_shared (Removing     *removing,
             const Target *target)
{
  g_autofree char *what = g_strdup_printf ("Message %u of the mailbox", target->number);

  if (target->removal == NULL)
    sync_summary_fail (removing->context->summary, what,
                       g_error_new_literal (POP3_ERROR, POP3_ERROR_REFUSED,
                                            "it stays on the server, which calls another message "
                                            "by the same name"));
}

static void
look_up (Target     *target,
         GHashTable *numbers,
         GHashTable *counts)
{
  const StoreKnownUidl *found = g_hash_table_lookup (numbers, &target->name);

  if (found == NULL)
    {
      target->state = target->was_sent ? TARGET_DONE : TARGET_GONE;
      return;
    }
  target->number = (guint32) found->location_id;
  if (!target->may_go || sort_name (counts, target) == NAME_SHARED_OURS
      || (target->was_sent && sort_name (counts, target) == NAME_SHARED))
    target->state = TARGET_DROPPED;
}

/* What the listing settles goes into settled, and what is to be deleted now into batch.  TRUE: there is
 * more. */
static gboolean
match (Removing  *removing,
       GArray    *messages,
       GPtrArray *settled,
       GPtrArray *batch)
{
  g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func (name_free);
  g_autoptr(GHashTable) numbers = list_numbers (messages, names);
  g_autoptr(GHashTable) counts = count_names (messages);
  gboolean is_more = FALSE;

  for (guint i = 0; i < removing->targets->len; i++)
    {
      Target *target = removing->targets->pdata[i];

      if (target->state != TARGET_OPEN)
        continue;
      look_up (target, numbers, counts);
      if (target->state == TARGET_DROPPED)
        tell_shared (removing, target);
      if (target->state != TARGET_OPEN)
        g_ptr_array_add (settled, target);
      else if (batch->len < DELES_PER_SESSION)
        g_ptr_array_add (batch, target);
      else
        is_more = TRUE;
    }
  return is_more;
}

static void
take_refusal (Removing *removing,
              Target   *target,
              GError   *failure)
{
  g_autofree char *what = g_strdup_printf ("Message %u of the mailbox", target->number);

  target->state = TARGET_REFUSED;
  target->words = g_strdup (pop3_error_peek_text (failure));
  sync_summary_fail (removing->context->summary, what, failure);
}

static gboolean
delete_batch (Removing   *removing,
              GPtrArray  *batch,
              GError    **error)
{
  SyncPop3Remote *remote = removing->context->pop3;
  GQueue ahead = G_QUEUE_INIT;
  GError *failure = NULL;

  for (guint i = 0; i < batch->len; i++)
    g_queue_push_tail (&ahead, remote->verbs->start_dele (remote, ((Target *) batch->pdata[i])->number));
  for (guint i = 0; i < batch->len; i++)
    {
      Target *target = batch->pdata[i];
      SyncPop3Ticket *ticket = g_queue_pop_head (&ahead);
      gboolean is_done = failure == NULL && remote->verbs->finish_dele (remote, ticket, &failure);

      remote->verbs->ticket_free (ticket);
      if (is_done)
        target->state = TARGET_ASKED;
      else if (g_error_matches (failure, POP3_ERROR, POP3_ERROR_REFUSED))
        take_refusal (removing, target, g_steal_pointer (&failure));
    }
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, failure);
  return FALSE;
}

static void
set_asked (GPtrArray   *batch,
           TargetState  state)
{
  for (guint i = 0; i < batch->len; i++)
    {
      Target *target = batch->pdata[i];

      if (target->state == TARGET_ASKED)
        target->state = state;
    }
}

/* TRUE: the session ended as it should.  Without QUIT nothing was deleted (RFC 1939 section 6). */
static gboolean
end_session (Removing   *removing,
             GPtrArray  *batch,
             gboolean    is_good,
             GError    **error)
{
  SyncPop3Remote *remote = removing->context->pop3;
  g_autoptr(GError) failure = NULL;

  if (!is_good)
    {
      set_asked (batch, TARGET_OPEN);
      return FALSE;
    }
  if (remote->verbs->quit (remote, &failure))
    {
      set_asked (batch, TARGET_DONE);
      return TRUE;
    }
  set_asked (batch, failure->domain == NET_ERROR ? TARGET_OPEN : TARGET_UNKNOWN);
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
run_session (Removing  *removing,
             gboolean  *is_more,
             GError   **error)
{
  g_autoptr(GArray) messages = sync_pop3_open_and_list (removing->context, error);
  g_autoptr(GPtrArray) settled = g_ptr_array_new ();
  g_autoptr(GPtrArray) batch = g_ptr_array_new ();
  gboolean is_good;

  if (messages == NULL)
    return FALSE;
  *is_more = match (removing, messages, settled, batch);
  if (!note_outcome (removing, settled, error) || !note_sent (removing, batch, error))
    return FALSE;
  is_good = delete_batch (removing, batch, error);
  is_good = end_session (removing, batch, is_good, error);
  return note_outcome (removing, batch, is_good ? error : NULL) && is_good;
}

/* --- the end --- */

/* What became of a change as a whole; one whose items are still open is tried again by the next round. */
static gboolean
finish_change (Removing  *removing,
               gint64     id,
               GError   **error)
{
  Store *store = removing->context->store;
  g_autoptr(GPtrArray) items = store_changes_list_items (store, id, 0, G_MAXINT, error);
  guint n_open = 0, n_sent = 0, n_failed = 0;
  StoreChangeNews news = { 0 };
  StoreChangeState state;

  if (items == NULL)
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      const StoreChangeItem *item = items->pdata[i];

      n_open += item->state == STORE_ITEM_OPEN;
      n_sent += item->state == STORE_ITEM_SENT;
      n_failed += item->state == STORE_ITEM_FAILED;
      if (item->state == STORE_ITEM_FAILED)
        news.server_words = item->server_words;
    }
  state = n_sent > 0 ? STORE_CHANGE_STATE_UNKNOWN : n_open > 0 ? STORE_CHANGE_STATE_ACCEPTED
          : n_failed > 0 ? STORE_CHANGE_STATE_FAILED : STORE_CHANGE_STATE_DONE;
  if (state == STORE_CHANGE_STATE_FAILED)
    news.problem_text = "The server does not delete it";
  return store_changes_set_state (store, id, state, &news, error);
}

static gboolean
finish_changes (Removing  *removing,
                GError   **error)
{
  for (guint i = 0; i < removing->changes->len; i++)
    if (!finish_change (removing, g_array_index (removing->changes, gint64, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
has_open (Removing *removing)
{
  for (guint i = 0; i < removing->targets->len; i++)
    if (((Target *) removing->targets->pdata[i])->state == TARGET_OPEN)
      return TRUE;
  return FALSE;
}

static gboolean
note_dropped (Removing  *removing,
              GError   **error)
{
  g_autoptr(GPtrArray) dropped = g_ptr_array_new ();

  for (guint i = 0; i < removing->targets->len; i++)
    if (((Target *) removing->targets->pdata[i])->state == TARGET_DROPPED)
      g_ptr_array_add (dropped, removing->targets->pdata[i]);
  return note_outcome (removing, dropped, error);
}

static gboolean
run_sessions (Removing  *removing,
              GError   **error)
{
  SyncPop3Remote *remote = removing->context->pop3;
  gboolean is_more = has_open (removing);

  for (guint n = 0; is_more && n < SESSIONS_MAX && !sync_context_should_yield (removing->context); n++)
    {
      g_autoptr(GError) failure = NULL;
      gboolean is_done = run_session (removing, &is_more, &failure);

      remote->verbs->close (remote);
      removing->n_sessions += is_done;
      if (is_done)
        continue;
      if (g_error_matches (failure, POP3_ERROR, POP3_ERROR_LOGIN_DELAY)
          || g_error_matches (failure, POP3_ERROR, POP3_ERROR_IN_USE))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  return TRUE;
}

gboolean
sync_removal_run (SyncContext  *context,
                  guint        *n_sessions,
                  GError      **error)
{
  g_auto(Removing) removing = {
    .context = context, .targets = g_ptr_array_new_with_free_func (target_free),
    .changes = g_array_new (FALSE, FALSE, sizeof (gint64)),
  };
  gboolean is_good = list_journalled (&removing, error) && list_deleted (&removing, error)
                     && note_dropped (&removing, error) && run_sessions (&removing, error);

  *n_sessions = removing.n_sessions;
  return finish_changes (&removing, is_good ? error : NULL) && is_good;
}

/* --- a server that only says so --- */

gboolean
sync_removal_note_back (Store                *store,
                        gint64                account_id,
                        const StoreLocation  *location,
                        gboolean             *is_ours,
                        GError              **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreRemoval) removal = NULL;

  *is_ours = FALSE;
  if (location->removed_at == 0 || location->removed_by != STORE_BY_RULE)
    return TRUE;
  removal = store_removals_find_last (store, location->id, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (removal == NULL || removal->state != STORE_REMOVAL_DONE)
    return TRUE;
  *is_ours = TRUE;
  if (!store_locations_find_again (store, location->id, STORE_COPY_AS_BEFORE, error)
      || !store_removals_count_round (store, removal->id, error))
    return FALSE;
  if (removal->rounds + 1 < ROUNDS_MAX)
    return TRUE;
  return store_removals_set_state (store, removal->id, STORE_REMOVAL_REFUSED, NULL, error)
         && store_questions_ask (store, account_id, ignored_kind, 0, "{}", error) != 0;
}
