/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/watch.h"

#include "base/backoff.h"
#include "base/clock.h"
#include "store/folders.h"
#include "sync/bodies.h"
#include "sync/round.h"
#include "worker/judge.h"
#include "worker/link.h"
#include "worker/schedule.h"

#define IDLE_US   (14 * 60 * G_USEC_PER_SEC)     /* RFC 2177 allows 29; many routers forget a quiet line after
                                                  * 15 */
#define POLL_US   (60 * G_USEC_PER_SEC)          /* without IDLE */
#define STABLE_US (60 * G_USEC_PER_SEC)          /* a connection that lived so long was a good one */

struct _WorkerWatch {
  const WorkerMeans     *means;
  WorkerTokens          *tokens;
  const WorkerWatchTold *told;
  gpointer               data;
  WorkerLane            *lane;
  gint                   is_watching;    /* atomic */
  gint                   is_in_trouble;  /* atomic: waits before the next try */
  gint                   is_hurried;     /* atomic: no more of that */

  /* of the lane's thread */
  StoreAccount          *settings;
  WorkerLink            *link;           /* or NULL */
  gint64                 linked_us;
  BaseBackoff            backoff;
  gint64                 retry_at;
  gboolean               is_current;     /* the inbox was passed over since something was heard */
};

/* --- telling the main thread ---------------------------------------------------------------------------- */

static void
on_lost (gpointer owner,
         gpointer data)
{
  WorkerWatch *watch = owner;

  watch->told->lost (watch->data);
}

static void
on_refused (gpointer owner,
            gpointer data)
{
  WorkerWatch *watch = owner;

  watch->told->refused (data, watch->data);
}

static void
on_looked (gpointer owner,
           gpointer data)
{
  WorkerWatch *watch = owner;

  watch->told->looked (GPOINTER_TO_INT (data), watch->data);
}

/* --- the connection ------------------------------------------------------------------------------------- */

static NetSignals
get_signals (WorkerWatch  *watch,
             GCancellable *cancellable)
{
  NetSignals signals = *worker_lane_get_signals (watch->lane);

  signals.wake_fd = -1;
  if (cancellable != NULL)
    signals.cancellable = cancellable;
  return signals;
}

static gboolean
ensure_link (WorkerWatch       *watch,
             Store             *store,
             const NetSignals  *signals,
             GError           **error)
{
  const WorkerTools tools = {
    .store = store, .ingest = watch->means->ingest, .secrets = watch->means->secrets, .signals = signals,
  };

  if (watch->link != NULL && session_imap_is_good (worker_link_peek_session (watch->link)))
    {
      session_imap_set_signals (worker_link_peek_session (watch->link), signals);
      return TRUE;
    }
  g_clear_pointer (&watch->link, worker_link_close);
  watch->is_current = FALSE;
  watch->linked_us = base_clock_steady_us ();
  watch->link = worker_link_open (&tools, watch->settings, error);
  if (watch->link != NULL)
    g_atomic_int_set (&watch->is_in_trouble, 0);
  return watch->link != NULL;
}

static void
tell_refused (WorkerWatch  *watch,
              const GError *error)
{
  g_atomic_int_set (&watch->is_watching, 0);
  worker_means_tell (watch->means, on_refused, watch, g_error_copy (error), (GDestroyNotify) g_error_free);
}

/* A watch that fails tries again by itself, except where sending the password once more could do harm. */
static void
recover (WorkerWatch *watch,
         GError      *error)
{
  guint failures;

  if (base_clock_steady_us () - watch->linked_us > STABLE_US)
    base_backoff_reset (&watch->backoff);
  failures = watch->backoff.failures;
  g_info ("Watching %s: %s", watch->settings->name, error->message);
  g_clear_pointer (&watch->link, worker_link_close);
  switch (worker_judge_error (error, failures))
    {
    case WORKER_VERDICT_NOTHING:
      break;
    case WORKER_VERDICT_RECONNECT:
      base_backoff_fail (&watch->backoff, g_random_double ());
      break;
    case WORKER_VERDICT_SKIP_MESSAGE:
    case WORKER_VERDICT_SKIP_FOLDER:
    case WORKER_VERDICT_WAIT:
    case WORKER_VERDICT_TELL_USER:
      g_atomic_int_set (&watch->is_in_trouble, 1);
      watch->retry_at = base_clock_steady_us () + (gint64) base_backoff_fail (&watch->backoff,
                                                                              g_random_double ()) * 1000;
      if (failures == 0)
        worker_means_tell (watch->means, on_lost, watch, NULL, NULL);
      break;
    case WORKER_VERDICT_ASK_PASSWORD:
    case WORKER_VERDICT_STOP_ACCOUNT:
      tell_refused (watch, error);
      break;
    }
  g_clear_error (&error);
}

/* --- passing over the inbox ----------------------------------------------------------------------------- */

static gboolean
should_yield (gpointer data)
{
  return worker_lane_has_work (((WorkerWatch *) data)->lane);
}

static gboolean
hold (gint64   folder_id,
      gpointer data)
{
  WorkerWatch *watch = data;

  return worker_tokens_hold (watch->tokens, folder_id, worker_lane_get_signals (watch->lane)->cancellable);
}

static void
let_go (gint64   folder_id,
        gpointer data)
{
  worker_tokens_let_go (((WorkerWatch *) data)->tokens, folder_id);
}

static SyncContext
get_context (WorkerWatch  *watch,
             Store        *store,
             GCancellable *cancellable,
             SyncSummary  *summary)
{
  return (SyncContext) {
    .store = store, .ingest = watch->means->ingest, .remote = worker_link_peek_remote (watch->link),
    .account = watch->settings, .cancellable = cancellable, .summary = summary, .should_yield = should_yield,
               .hold = hold,
    .let_go = let_go, .data = watch,
  };
}

/* What one message does wrong is found and told by the rounds. */
static gboolean
pass_over_inbox (WorkerWatch  *watch,
                 Store        *store,
                 GError      **error)
{
  GCancellable *cancellable = worker_lane_get_signals (watch->lane)->cancellable;
  g_autoptr(StoreFolder) inbox = store_folders_find_role (store, watch->settings->id, STORE_ROLE_INBOX, NULL);
  g_auto(SyncSummary) summary = { 0 };
  SyncContext context;
  g_autoptr(GError) failure = NULL;

  if (inbox == NULL)
    {
      g_set_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND, "%s has no inbox", watch->settings->name);
      return FALSE;
    }
  sync_summary_init (&summary);
  context = get_context (watch, store, cancellable, &summary);
  watch->is_current = sync_round_folder (&context, inbox->id, &failure);
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* The handle lives as long as the pass: a lane that idles holds no cache. */
static gboolean
ensure_current (WorkerWatch  *watch,
                GError      **error)
{
  const NetSignals signals = get_signals (watch, NULL);
  g_autoptr(Store) store = NULL;

  if (watch->is_current && watch->link != NULL
      && session_imap_is_good (worker_link_peek_session (watch->link)))
    return TRUE;
  store = store_open (watch->means->data_dir, STORE_READER, error);
  return store != NULL && ensure_link (watch, store, &signals, error)
         && pass_over_inbox (watch, store, error);
}

/* --- waiting -------------------------------------------------------------------------------------------- */

static SessionImapIdle
look_later (WorkerWatch  *watch,
            SessionImap  *session,
            GError      **error)
{
  const NetSignals signals = get_signals (watch, NULL);

  switch (worker_lane_wait (watch->lane, base_clock_steady_us () + POLL_US))
    {
    case WORKER_LANE_WOKEN:
      return IMAP_IDLE_WOKEN;
    case WORKER_LANE_EXPIRED:
      break;
    }
  session_imap_set_signals (session, &signals);
  if (!session_imap_noop (session, error))
    return IMAP_IDLE_FAILED;
  return session_imap_has_news (session) ? IMAP_IDLE_NEWS : IMAP_IDLE_EXPIRED;
}

static SessionImapIdle
idle (WorkerWatch  *watch,
      GError      **error)
{
  SessionImap *session = worker_link_peek_session (watch->link);
  NetSignals signals = *worker_lane_get_signals (watch->lane);

  if (!session_imap_can (session, IMAP_CAN_IDLE))
    return look_later (watch, session, error);
  signals.cancellable = NULL;
  session_imap_set_signals (session, &signals);
  return session_imap_idle (session, base_clock_steady_us () + IDLE_US, error);
}

static void
watch_inbox (WorkerWatch *watch)
{
  GError *error = NULL;

  if (!ensure_current (watch, &error))
    {
      recover (watch, error);
      return;
    }
  if (!watch->is_current)                /* it yielded */
    return;
  switch (idle (watch, &error))
    {
    case IMAP_IDLE_NEWS:
      watch->is_current = FALSE;
      break;
    case IMAP_IDLE_WOKEN:
      worker_lane_drain_wake (watch->lane);
      break;
    case IMAP_IDLE_EXPIRED:
      break;
    case IMAP_IDLE_FAILED:
      recover (watch, error);
      break;
    }
}

static void
rest (WorkerLane *lane,
      gpointer    data)
{
  WorkerWatch *watch = data;

  if (g_atomic_int_compare_and_exchange (&watch->is_hurried, 1, 0))
    watch->retry_at = 0;
  if (!g_atomic_int_get (&watch->is_watching))
    {
      g_clear_pointer (&watch->link, worker_link_close);
      worker_lane_wait (lane, 0);
    }
  else if (watch->retry_at > base_clock_steady_us ())
    worker_lane_wait (lane, watch->retry_at);
  else
    watch_inbox (watch);
}

/* --- looking over all folders --------------------------------------------------------------------------- */

static gboolean
look (WorkerWatch  *watch,
      gboolean     *has_news,
      GError      **error)
{
  const NetSignals signals = get_signals (watch, NULL);
  g_autoptr(Store) store = store_open (watch->means->data_dir, STORE_READER, error);
  g_auto(SyncSummary) summary = { 0 };
  SyncContext context;

  sync_summary_init (&summary);
  if (store == NULL)
    return FALSE;
  session_imap_set_signals (worker_link_peek_session (watch->link), &signals);
  context = get_context (watch, store, signals.cancellable, &summary);
  return sync_round_look (&context, has_news, error);
}

static void
look_on_lane (WorkerLane *lane,
              gpointer    data)
{
  WorkerWatch *watch = data;
  gboolean has_news = TRUE;
  GError *error = NULL;

  if (watch->link != NULL && session_imap_is_good (worker_link_peek_session (watch->link))
      && !look (watch, &has_news, &error))
    {
      has_news = TRUE;
      recover (watch, error);
    }
  worker_means_tell (watch->means, on_looked, watch, GINT_TO_POINTER (has_news), NULL);
}

void
worker_watch_look (WorkerWatch *watch)
{
  worker_lane_push (watch->lane, look_on_lane, watch, NULL);
}

static void
end (WorkerLane *lane,
     gpointer    data)
{
  g_clear_pointer (&((WorkerWatch *) data)->link, worker_link_close);
}

/* --- bodies that somebody waits for --------------------------------------------------------------------- */

typedef struct {
  WorkerWatch *watch;
  WorkerFetch  fetch;
  GPtrArray   *failed;
  GError      *error;
} Order;

typedef struct {
  WorkerFetch fetch;
  guint64     done;
  guint64     total;
} Progress;

static void
order_free (gpointer data)
{
  Order *order = data;

  g_array_unref (order->fetch.message_ids);
  g_object_unref (order->fetch.cancellable);
  g_clear_pointer (&order->failed, g_ptr_array_unref);
  g_clear_error (&order->error);
  g_free (order);
}

static void
on_fetched (gpointer owner,
            gpointer data)
{
  Order *order = data;

  order->fetch.ended (order->failed, order->error, order->fetch.data);
}

static void
on_fetch_progress (gpointer owner,
                   gpointer data)
{
  Progress *progress = data;

  progress->fetch.progress (progress->done, progress->total, progress->fetch.data);
}

static void
tell_fetch_progress (guint64  done,
                     guint64  total,
                     gpointer data)
{
  Order *order = data;
  Progress progress = { order->fetch, done, total };

  worker_means_tell (order->watch->means, on_fetch_progress, order->watch,
                     g_memdup2 (&progress, sizeof progress), g_free);
}

static gboolean
fetch (Order        *order,
       SyncSummary  *summary,
       GError      **error)
{
  WorkerWatch *watch = order->watch;
  const NetSignals signals = get_signals (watch, order->fetch.cancellable);
  g_autoptr(Store) store = store_open (watch->means->data_dir, STORE_READER, error);
  SyncContext context;

  if (store == NULL || !ensure_link (watch, store, &signals, error))
    return FALSE;
  context = get_context (watch, store, order->fetch.cancellable, summary);
  context.should_yield = NULL;
  context.progress = tell_fetch_progress;
  context.data = order;
  watch->is_current = FALSE;
  return sync_bodies_messages (&context, (const gint64 *) order->fetch.message_ids->data,
                               order->fetch.message_ids->len, error);
}

static gboolean
needs_person (const GError *error)
{
  WorkerVerdict verdict = worker_judge_error (error, 0);

  return verdict == WORKER_VERDICT_ASK_PASSWORD || verdict == WORKER_VERDICT_STOP_ACCOUNT;
}

static void
fetch_on_lane (WorkerLane *lane,
               gpointer    data)
{
  Order *order = *(Order **) data;
  g_auto(SyncSummary) summary = { 0 };

  *(Order **) data = NULL;
  sync_summary_init (&summary);
  /* The line may have died in silence since it was last used: then once more on a new one. */
  if (!fetch (order, &summary, &order->error)
      && worker_judge_error (order->error, 0) == WORKER_VERDICT_RECONNECT)
    {
      g_clear_error (&order->error);
      fetch (order, &summary, &order->error);
    }
  if (order->error != NULL && needs_person (order->error))
    tell_refused (order->watch, order->error);
  order->failed = g_ptr_array_ref (summary.failed);
  worker_means_tell (order->watch->means, on_fetched, order->watch, order, order_free);
}

static void
drop_order (gpointer data)
{
  g_clear_pointer ((Order **) data, order_free);
  g_free (data);
}

void
worker_watch_fetch (WorkerWatch       *watch,
                    const WorkerFetch *wish)
{
  Order *order = g_new0 (Order, 1);

  order->watch = watch;
  order->fetch = *wish;
  g_object_ref (wish->cancellable);
  worker_lane_push (watch->lane, fetch_on_lane, g_memdup2 (&order, sizeof order), drop_order);
}

/* --- life ----------------------------------------------------------------------------------------------- */

WorkerWatch *
worker_watch_new (const WorkerMeans     *means,
                  WorkerTokens          *tokens,
                  const StoreAccount    *settings,
                  const WorkerWatchTold *told,
                  gpointer               data)
{
  WorkerWatch *watch = g_new0 (WorkerWatch, 1);

  watch->means = means;
  watch->tokens = tokens;
  watch->told = told;
  watch->data = data;
  watch->settings = store_account_copy (settings);
  watch->backoff = (BaseBackoff) BASE_BACKOFF_INIT (WORKER_RETRY_FIRST_S, WORKER_RETRY_CEILING_S);
  watch->lane = worker_lane_new ("watch", rest, end, watch);
  return watch;
}

void
worker_watch_stop (WorkerWatch *watch)
{
  worker_lane_stop (watch->lane);
}

void
worker_watch_free (WorkerWatch *watch)
{
  worker_lane_free (watch->lane);
  worker_means_forget (watch->means, watch);
  store_account_free (watch->settings);
  g_free (watch);
}

void
worker_watch_begin (WorkerWatch *watch)
{
  /* One that idles is not woken for nothing. */
  if (g_atomic_int_get (&watch->is_watching) && !g_atomic_int_get (&watch->is_in_trouble))
    return;
  g_atomic_int_set (&watch->is_watching, 1);
  g_atomic_int_set (&watch->is_hurried, 1);
  worker_lane_wake (watch->lane);
}

void
worker_watch_rest (WorkerWatch *watch)
{
  if (g_atomic_int_compare_and_exchange (&watch->is_watching, 1, 0))
    worker_lane_wake (watch->lane);
}
