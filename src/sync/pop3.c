/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pop3.h"

#include "base/clock.h"
#include "store/states.h"
#include "sync/leaving.h"
#include "sync/plan.h"
#include "sync/pop3-fetch.h"
#include "sync/pop3-headers.h"
#include "sync/pop3-plan.h"
#include "sync/removal.h"

#define SESSIONS_MAX  20        /* of one pass */
#define FEW_AT_A_TIME 200       /* Gmail and WildDuck list some 250 messages a session: after so many there
                                 * may be more */

typedef struct {
  SyncContext    *context;
  gint64          inbox_id;
  GArray         *messages;       /* of the present session */
  GPtrArray      *known;
  SyncPop3Proof   proof;
  SyncPop3Plan   *plan;
  GHashTable     *same_headers;   /* see SyncPop3Fetch; NULL where it is not needed */
  SyncPop3Window  window;
  guint64         n_put;          /* by this session */
} Pass;

static void
pass_clear (Pass *pass)
{
  g_clear_pointer (&pass->plan, sync_pop3_plan_free);
  g_clear_pointer (&pass->known, g_ptr_array_unref);
  g_clear_pointer (&pass->messages, g_array_unref);
  g_clear_pointer (&pass->same_headers, g_hash_table_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Pass, pass_clear)

static gboolean
make_plan (Pass    *pass,
           GError **error)
{
  g_clear_pointer (&pass->plan, sync_pop3_plan_free);
  g_clear_pointer (&pass->known, g_ptr_array_unref);
  pass->known = store_locations_list_uidls (pass->context->store, pass->context->account->id, error);
  if (pass->known == NULL)
    return FALSE;
  pass->plan = sync_pop3_plan_new (pass->messages, pass->known, pass->proof);
  return TRUE;
}

/* --- the inbox --- */

static gboolean
add_inbox_work (Store     *store,
                gpointer   data,
                GError   **error)
{
  Pass *pass = data;

  pass->inbox_id = store_folders_add_local (store, pass->context->account->id, "Inbox", STORE_ROLE_INBOX,
                                            error);
  return pass->inbox_id != 0;
}

static gboolean
find_inbox (Pass    *pass,
            GError **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreFolder) inbox = store_folders_find_role (pass->context->store, pass->context->account->id,
                                                          STORE_ROLE_INBOX, &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (inbox == NULL)
    return ingest_write (pass->context->ingest, add_inbox_work, pass, error);
  pass->inbox_id = inbox->id;
  return TRUE;
}

/* --- renumbered mailboxes --- */

static GBytes *
hash_bytes_new (const guint8 hash[32])
{
  return g_bytes_new (hash, 32);
}

/* What is known and not listed, by header: places on the server first, then those that had left it, then
 * those that ended.  Messages with the same header are taken in order. */
static GHashTable *
list_candidates (Pass *pass)
{
  g_autoptr(GHashTable) table = sync_pop3_known_table (pass->known);
  g_autoptr(GHashTable) listed = g_hash_table_new (NULL, NULL);
  GHashTable *candidates = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                                  (GDestroyNotify) g_queue_free);

  for (guint i = 0; i < pass->messages->len; i++)
    g_hash_table_add (listed,
                      (gpointer) sync_pop3_known_lookup (table, &g_array_index (pass->messages,
                                                                                SessionPop3Message, i)));
  for (StoreUidlState state = STORE_UIDL_LIVE; state <= STORE_UIDL_ENDED; state++)
    for (guint i = 0; i < pass->known->len; i++)
      {
        StoreKnownUidl *known = pass->known->pdata[i];
        g_autoptr(GBytes) hash = hash_bytes_new (known->header_hash);
        GQueue *same = g_hash_table_lookup (candidates, hash);

        if (known->state != state || g_hash_table_contains (listed, known))
          continue;
        if (same == NULL)
          g_hash_table_insert (candidates, g_bytes_ref (hash), same = g_queue_new ());
        g_queue_push_tail (same, known);
      }
  return candidates;
}

typedef struct {
  const StoreKnownUidl     *known;
  const SessionPop3Message *message;
} Match;

static gboolean
rename_work (Store     *store,
             gpointer   data,
             GError   **error)
{
  GArray *matches = data;

  for (guint i = 0; i < matches->len; i++)
    {
      const Match *match = &g_array_index (matches, Match, i);
      BaseSlice uidl = base_slice_from_string (match->message->uidl);
      g_autoptr(GError) failure = NULL;
      gboolean is_done = match->known->state == STORE_UIDL_ENDED
        ? store_locations_rematch_ended (store, match->known->location_id, uidl, match->message->occurrence,
                                         &failure)
        : store_locations_rematch_uidl (store, match->known->location_id, uidl, match->message->occurrence,
                                        &failure);

      /* It ended meanwhile. */
      if (!is_done && !g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
    }
  return TRUE;
}

static GArray *
match_headers (Pass   *pass,
               GArray *headers)
{
  g_autoptr(GHashTable) candidates = list_candidates (pass);
  GArray *matches = g_array_new (FALSE, FALSE, sizeof (Match));

  for (guint i = headers->len; i-- > 0;)
    {
      const SyncPop3Header *header = &g_array_index (headers, SyncPop3Header, i);
      g_autoptr(GBytes) hash = hash_bytes_new (header->hash);
      GQueue *same = header->is_told ? g_hash_table_lookup (candidates, hash) : NULL;
      Match match = { same != NULL ? g_queue_pop_head (same) : NULL,
                      &g_array_index (pass->messages, SessionPop3Message,
                                      g_array_index (pass->plan->fresh, guint, i)) };

      if (match.known != NULL)
        g_array_append_val (matches, match);
    }
  return matches;
}

/* Without TOP each message has to be fetched to be recognised. */
static void
match_while_fetching (Pass *pass)
{
  pass->same_headers = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref,
                                              g_free);
  for (guint i = 0; i < pass->known->len; i++)
    {
      const StoreKnownUidl *known = pass->known->pdata[i];

      if (known->state != STORE_UIDL_ENDED)
        g_hash_table_replace (pass->same_headers, hash_bytes_new (known->header_hash),
                              g_memdup2 (&known->location_id, sizeof known->location_id));
    }
}

static gboolean
is_any_told (GArray *headers)
{
  for (guint i = 0; i < headers->len; i++)
    if (g_array_index (headers, SyncPop3Header, i).is_told)
      return TRUE;
  return FALSE;
}

static gboolean
recognise (Pass    *pass,
           GError **error)
{
  g_autoptr(GArray) headers = sync_pop3_headers_hash (pass->context, pass->messages, pass->plan->fresh,
                                                      error);
  g_autoptr(GArray) matches = NULL;

  if (headers == NULL)
    return FALSE;
  if (!is_any_told (headers))
    {
      match_while_fetching (pass);
      return TRUE;
    }
  matches = match_headers (pass, headers);
  if (matches->len == 0)
    return TRUE;
  g_message ("%s gave its messages new names: %u of %u were recognised",
             pass->context->account->incoming.host, matches->len, pass->plan->fresh->len);
  return ingest_write (pass->context->ingest, rename_work, matches, error) && make_plan (pass, error);
}

/* --- what the server says of itself --- */

typedef struct {
  gint64 account_id;
  gint64 expire_days;
  gint64 login_delay_s;
} Offers;

static gboolean
has_offers (const StoreAccountState *state,
            const Offers            *offers)
{
  return state->expire_days == offers->expire_days && state->login_delay_s == offers->login_delay_s;
}

static gboolean
offers_work (Store     *store,
             gpointer   data,
             GError   **error)
{
  const Offers *offers = data;
  g_autoptr(StoreAccountState) state = store_states_get (store, offers->account_id, error);

  if (state == NULL)
    return FALSE;
  state->expire_days = offers->expire_days;
  state->login_delay_s = offers->login_delay_s;
  return store_states_set (store, state, error);
}

/* How long the server itself keeps mail, and how often it lets somebody in. */
static gboolean
note_offers (Pass    *pass,
             GError **error)
{
  SyncContext *context = pass->context;
  const Pop3Capabilities *capabilities = context->pop3->verbs->peek_capabilities (context->pop3);
  g_autoptr(StoreAccountState) state = store_states_get (context->store, context->account->id, error);
  Offers offers = { context->account->id, STORE_NONE, STORE_NONE };

  if (state == NULL)
    return FALSE;
  if (capabilities != NULL && capabilities->expire == POP3_EXPIRE_NEVER)
    offers.expire_days = G_MAXINT64;
  else if (capabilities != NULL && capabilities->expire == POP3_EXPIRE_DAYS)
    offers.expire_days = capabilities->expire_days;
  if (capabilities != NULL && capabilities->login_delay > 0)
    offers.login_delay_s = capabilities->login_delay;
  return has_offers (state, &offers) || ingest_write (context->ingest, offers_work, &offers, error);
}

/* --- what left the server, and what came back --- */

typedef struct {
  Ingest    *ingest;
  gint64     account_id;
  char      *key;              /* of the note that very many were missing */
  gboolean   is_mass;
  GPtrArray *gone;
  GPtrArray *back;
} News;

/* *location stays NULL when it ended meanwhile. */
static gboolean
get_place (Store                 *store,
           const StoreKnownUidl  *known,
           StoreLocation        **location,
           GError               **error)
{
  g_autoptr(GError) failure = NULL;

  *location = store_locations_get (store, known->location_id, &failure);
  if (*location != NULL || g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

static gboolean
take_gone (News                  *news,
           Store                 *store,
           const StoreKnownUidl  *known,
           GError               **error)
{
  g_autoptr(StoreLocation) location = NULL;

  if (!get_place (store, known, &location, error))
    return FALSE;
  return location == NULL || !store_location_has_server (location)
         || ingest_drop_server (news->ingest, store, location->id, STORE_BY_ELSEWHERE, NULL, NULL, error);
}

static gboolean
take_back (News                  *news,
           Store                 *store,
           const StoreKnownUidl  *known,
           GError               **error)
{
  g_autoptr(StoreLocation) location = NULL;
  gboolean is_settled;

  if (!get_place (store, known, &location, error))
    return FALSE;
  if (location == NULL || store_location_has_server (location))
    return TRUE;
  return sync_removal_note_back (store, news->account_id, location, &is_settled, error)
         && (is_settled || store_locations_find_again (store, location->id, STORE_COPY_UNPROVEN, error));
}

/* A listing that lacks very many is believed only when the next one lacks them too (DESIGN 4 rule 3). */
static gboolean
believe (News      *news,
         Store     *store,
         gboolean  *is_believed,
         GError   **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *noted = store_dup_meta (store, news->key, &failure);
  const char *wanted = "0";

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  *is_believed = !news->is_mass || g_strcmp0 (noted, "1") == 0;
  if (!*is_believed)
    wanted = "1";
  return g_strcmp0 (noted != NULL ? noted : "0", wanted) == 0
         || store_set_meta (store, news->key, wanted, error);
}

static gboolean
news_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  News *news = data;
  gboolean is_believed = FALSE;

  if (!believe (news, store, &is_believed, error))
    return FALSE;
  for (guint i = 0; is_believed && i < news->gone->len; i++)
    if (!take_gone (news, store, news->gone->pdata[i], error))
      return FALSE;
  for (guint i = 0; i < news->back->len; i++)
    if (!take_back (news, store, news->back->pdata[i], error))
      return FALSE;
  return TRUE;
}

static gboolean
note_whereabouts (Pass    *pass,
                  GError **error)
{
  SyncContext *context = pass->context;
  gboolean is_hidden = sync_pop3_hides_fetched (context->account->incoming.host);
  g_autofree char *key = g_strdup_printf ("pop3-short-listing-%" G_GINT64_FORMAT, context->account->id);
  News news = { context->ingest, context->account->id, key,
                sync_plan_is_mass_vanishing (pass->plan->gone->len, pass->plan->n_known),
                pass->plan->gone, pass->plan->back };

  if (is_hidden)
    g_ptr_array_set_size (news.gone, 0);
  if (news.gone->len == 0 && news.back->len == 0)
    return TRUE;
  if (!news.is_mass)
    context->summary->messages_gone += news.gone->len;
  return ingest_write (context->ingest, news_work, &news, error);
}

/* --- fetching --- */

/* Also after a failure: what came whole is stored, and known to the next session. */
static gboolean
wait_for_stored (Pass           *pass,
                 SyncPop3Fetch  *fetch,
                 gboolean        is_good,
                 GError        **error)
{
  g_autoptr(GError) failure = NULL;

  if (fetch->last == 0)
    return is_good;
  if (!ingest_stream_wait (fetch->stream, fetch->last, NULL, is_good ? error : &failure))
    return FALSE;
  pass->n_put = fetch->n_put;
  return is_good;
}

static gboolean
fetch_new (Pass    *pass,
           GError **error)
{
  g_autoptr(IngestStream) stream = ingest_stream_new (pass->context->ingest);
  SyncPop3Fetch fetch = { .folder_id = pass->inbox_id, .stream = stream, .window = pass->window,
                          .same_headers = pass->same_headers };
  gboolean is_good, was_collected;
  guint64 n_new;

  /* Of an account that was just set up nothing is news. */
  if (!sync_leaving_has_line (pass->context->store, pass->context->account, &was_collected, error))
    return FALSE;
  if (!was_collected)
    fetch.announced_at = base_clock_now ();
  is_good = sync_pop3_fetch (pass->context, &fetch, pass->messages, pass->plan->fresh, error);
  n_new = fetch.n_put;
  is_good = is_good && sync_pop3_fetch (pass->context, &fetch, pass->messages, pass->plan->again, error);
  if (!wait_for_stored (pass, &fetch, is_good, error))
    return FALSE;
  pass->context->summary->messages_new += n_new;
  return TRUE;
}

/* QUIT comes behind the receipt: some servers hide or drop what was fetched in a session that ended well. */
static gboolean
run_session (Pass    *pass,
             GError **error)
{
  SyncContext *context = pass->context;

  pass_clear (pass);
  pass->n_put = 0;
  if ((pass->messages = sync_pop3_open_and_list (context, error)) == NULL || !note_offers (pass, error)
      || !make_plan (pass, error))
    return FALSE;
  if (sync_pop3_plan_is_renumbered (pass->plan, pass->messages->len) && !recognise (pass, error))
    return FALSE;
  if (!note_whereabouts (pass, error) || !fetch_new (pass, error))
    return FALSE;
  return context->pop3->verbs->quit (context->pop3, error);
}

/* The connection broke, and not the server's or the store's rules. */
static gboolean
is_worth_another (Pass         *pass,
                  const GError *error)
{
  return error->domain == NET_ERROR && pass->n_put > 0 && !sync_context_should_yield (pass->context);
}

/* The mailbox is not free again so soon: what is left comes with the next round. */
static gboolean
is_too_soon (const GError *error)
{
  return g_error_matches (error, POP3_ERROR, POP3_ERROR_LOGIN_DELAY)
         || g_error_matches (error, POP3_ERROR, POP3_ERROR_IN_USE);
}

static gboolean
collect (Pass    *pass,
         GError **error)
{
  for (guint n = 1;; n++)
    {
      g_autoptr(GError) failure = NULL;
      gboolean is_done = run_session (pass, &failure);

      pass->context->pop3->verbs->close (pass->context->pop3);
      if (is_done
          && (pass->n_put < FEW_AT_A_TIME || n == SESSIONS_MAX || sync_context_should_yield (pass->context)))
        return TRUE;
      if (n > 1 && is_too_soon (failure))
        return TRUE;
      if (!is_done && (n == SESSIONS_MAX || !is_worth_another (pass, failure)))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
      if (!is_done)
        {
          pass->window.commands = MAX (1, pass->window.commands / 2);
          pass->window.bytes /= 2;
        }
    }
}

gboolean
sync_pop3_collect (SyncContext  *context,
                   GError      **error)
{
  g_auto(Pass) pass = { .context = context, .window = { SYNC_POP3_WINDOW_COMMANDS, SYNC_POP3_WINDOW_BYTES } };

  SyncRetention retention = sync_retention_new (context->account);

  pass.proof = sync_retention_has_rule (&retention) ? SYNC_POP3_PROOF_WANTED : SYNC_POP3_NO_PROOF;
  context->summary->folders += 1;
  return find_inbox (&pass, error) && collect (&pass, error)
         && (sync_context_should_yield (context)
             || sync_leaving_draw_line (context->store, context->account, SYNC_OLDER_FIRST, error));
}
