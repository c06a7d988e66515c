/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/outbox.h"

#include "account/secrets.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "mime/seven-bit.h"
#include "store/changes.h"
#include "store/objects.h"
#include "store/outbox.h"

#define FIRST_WAIT_S   60
#define LONGEST_WAIT_S (60 * 60)
#define NAMES_SHOWN    3               /* refused recipients in a sentence */
#define ENCODED_MAX    (64 * 1024 * 1024)      /* larger ones are not encoded again for old servers */

/* --- deciding --- */

static SyncOutboxVerdict
judge_smtp (SmtpError        code,
            SyncOutboxStage  stage)
{
  switch (code)
    {
    case SMTP_ERROR_AUTH_REJECTED:
    case SMTP_ERROR_NO_TLS:
      return SYNC_OUTBOX_STOPPED;
    case SMTP_ERROR_UNKNOWN:
      return SYNC_OUTBOX_UNKNOWN;
    case SMTP_ERROR_PROTOCOL:
      return SYNC_OUTBOX_AWAY;
    case SMTP_ERROR_TEMPORARY:
      return stage == SYNC_OUTBOX_OPENING ? SYNC_OUTBOX_AWAY : SYNC_OUTBOX_LATER;
    case SMTP_ERROR_PERMANENT:
    case SMTP_ERROR_TOO_BIG:
    case SMTP_ERROR_RECIPIENTS_REFUSED:
    case SMTP_ERROR_BAD_ADDRESS:
    case SMTP_ERROR_NEEDS_SMTPUTF8:
    case SMTP_ERROR_NEEDS_ENCODING:
      return stage == SYNC_OUTBOX_OPENING ? SYNC_OUTBOX_AWAY : SYNC_OUTBOX_FAILED;
    }
  return SYNC_OUTBOX_AWAY;
}

SyncOutboxVerdict
sync_outbox_judge (const GError    *error,
                   SyncOutboxStage  stage)
{
  if (error->domain == SMTP_ERROR)
    return judge_smtp ((SmtpError) error->code, stage);
  if (g_error_matches (error, STORE_ERROR, STORE_ERROR_STATE))
    return SYNC_OUTBOX_PASSED_OVER;
  /* Its bytes are gone or damaged. */
  if (g_error_matches (error, STORE_ERROR, STORE_ERROR_CORRUPT)
      || g_error_matches (error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return SYNC_OUTBOX_FAILED;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      || g_error_matches (error, NET_ERROR, NET_ERROR_STOPPED)
      || error->domain == STORE_ERROR || error->domain == SASL_ERROR || error->domain == ACCOUNT_ERROR)
    return SYNC_OUTBOX_STOPPED;
  return SYNC_OUTBOX_AWAY;
}

/* --- telling --- */

typedef struct {
  SyncContext       *context;
  const StoreOutbox *entry;
  gboolean           is_running;       /* as the row says */
} Sending;

/* "address TAB words", one a line; NULL: nobody was refused. */
static char *
dup_refused (const SessionSmtpResult *result)
{
  g_autoptr(GString) lines = g_string_new (NULL);

  for (guint i = 0; result != NULL && i < result->recipients->len; i++)
    {
      const SessionSmtpRecipient *recipient = result->recipients->pdata[i];

      if (recipient->fate == SESSION_SMTP_REFUSED || recipient->fate == SESSION_SMTP_REFUSED_NOW)
        g_string_append_printf (lines, "%s%s\t%s", lines->len > 0 ? "\n" : "", recipient->address,
                                recipient->words != NULL ? recipient->words : "");
    }
  return lines->len > 0 ? g_strdup (lines->str) : NULL;
}

static char *
dup_problem (const GError            *error,
             const SessionSmtpResult *result)
{
  g_autoptr(GString) text = g_string_new (error->message);
  guint n_named = 0;

  for (guint i = 0; result != NULL && i < result->recipients->len; i++)
    {
      const SessionSmtpRecipient *recipient = result->recipients->pdata[i];

      if (recipient->fate != SESSION_SMTP_REFUSED && recipient->fate != SESSION_SMTP_REFUSED_NOW)
        continue;
      if (n_named == NAMES_SHOWN)
        {
          g_string_append (text, ", …");
          break;
        }
      g_string_append_printf (text, "%s%s", n_named++ == 0 ? ": " : ", ", recipient->address);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* What the server said to the mail, or to the first recipient whom it refused. */
static const char *
peek_words (const GError            *error,
            const SessionSmtpResult *result)
{
  const char *words = smtp_error_peek_text (error);

  for (guint i = 0; words == NULL && result != NULL && i < result->recipients->len; i++)
    {
      const SessionSmtpRecipient *recipient = result->recipients->pdata[i];

      if (recipient->fate == SESSION_SMTP_REFUSED || recipient->fate == SESSION_SMTP_REFUSED_NOW)
        words = recipient->words;
    }
  return words;
}

static void
note_in_summary (Sending    *sending,
                 const char *problem)
{
  g_autofree char *what = g_strdup_printf ("Message \"%s\"", sending->entry->subject);

  sync_summary_fail (sending->context->summary, what,
                     g_error_new_literal (SMTP_ERROR, SMTP_ERROR_PERMANENT, problem));
}

static gint64
get_next_try (const StoreOutbox *entry)
{
  BaseBackoff backoff = { FIRST_WAIT_S, LONGEST_WAIT_S, entry->tries };

  return base_clock_now () + base_backoff_fail (&backoff, g_random_double ()) / 1000;
}

static gboolean
put_back (Sending          *sending,
          StoreOutboxNews  *news,
          GError          **error)
{
  Store *store = sending->context->store;

  news->next_try_at = get_next_try (sending->entry);
  return sending->is_running
         ? store_outbox_set_state (store, sending->entry->id, STORE_OUTBOX_QUEUED, news, error)
                             : store_outbox_postpone (store, sending->entry->id, news, error);
}

/* Writes down what an error means for the mail. */
static gboolean
settle (Sending                  *sending,
        SyncOutboxVerdict         verdict,
        const GError             *failure,
        const SessionSmtpResult  *result,
        GError                  **error)
{
  Store *store = sending->context->store;
  g_autofree char *problem = dup_problem (failure, result);
  g_autofree char *refused = dup_refused (result);
  StoreOutboxNews news = { .problem_text = problem, .server_words = peek_words (failure, result),
                           .refused = refused };

  switch (verdict)
    {
    case SYNC_OUTBOX_AWAY:
      return put_back (sending, &news, error);
    case SYNC_OUTBOX_LATER:
      note_in_summary (sending, problem);
      return put_back (sending, &news, error);
    case SYNC_OUTBOX_FAILED:
      note_in_summary (sending, problem);
      return store_outbox_set_state (store, sending->entry->id, STORE_OUTBOX_FAILED, &news, error);
    case SYNC_OUTBOX_UNKNOWN:
      note_in_summary (sending, problem);
      return store_outbox_set_state (store, sending->entry->id, STORE_OUTBOX_UNKNOWN, &news, error);
    case SYNC_OUTBOX_STOPPED:
      return !sending->is_running || put_back (sending, &news, error);
    case SYNC_OUTBOX_PASSED_OVER:
      return TRUE;
    }
  g_assert_not_reached ();
}

/* The message that was answered or forwarded says so from now on. */
static gboolean
flag_source (SyncContext        *context,
             const StoreOutbox  *entry,
             GError            **error)
{
  StoreWish wish = { .kind = STORE_CHANGE_FLAG, .flags_add = entry->source_flag };
  g_autoptr(GArray) changes = NULL;

  if (entry->source_location == 0 || entry->source_flag == 0)
    return TRUE;
  changes = store_changes_record (context->store, &wish, &entry->source_location, 1, error);
  return changes != NULL;
}

gboolean
sync_outbox_note_sent (SyncContext        *context,
                       const StoreOutbox  *entry,
                       GError            **error)
{
  static const StoreOutboxNews all_got_it = { .refused = "" };

  return store_outbox_set_state (context->store, entry->id, STORE_OUTBOX_SENT, &all_got_it, error)
         && flag_source (context, entry, error);
}

/* --- sending --- */

static gboolean
about_to_commit (gpointer   data,
                 GError   **error)
{
  Sending *sending = data;

  return sending->is_running = store_outbox_set_state (sending->context->store, sending->entry->id,
                                                       STORE_OUTBOX_RUNNING, NULL, error);
}

static gboolean
hand_over_stream (Sending            *sending,
                  SyncPost           *post,
                  GInputStream       *message,
                  SessionSmtpResult **result,
                  GError            **error)
{
  const StoreOutbox *entry = sending->entry;
  SessionSmtpMail mail = {
    .from = entry->sender, .to = (const char * const *) entry->recipients, .message = message,
    .refused = SESSION_SMTP_ALL_OR_NONE, .about_to_commit = about_to_commit, .data = sending,
  };

  return post->verbs->send (post, &mail, result, error);
}

static gboolean
append_piece (BaseSlice   piece,
              gpointer    user_data,
              GError    **error)
{
  g_byte_array_append (user_data, piece.data, (guint) piece.size);
  return TRUE;
}

/* For a server that takes 7-bit bytes only.  The copy in Sent stays as it was written. */
static GInputStream *
encode_message (Sending  *sending,
                GError  **error)
{
  g_autoptr(GBytes) message = store_objects_read (sending->context->store, sending->entry->object_id,
                                                  ENCODED_MAX, error);
  GByteArray *encoded;

  if (message == NULL)
    return NULL;
  encoded = g_byte_array_new ();
  if (mime_seven_bit_write (message, append_piece, encoded, error))
    {
      g_autoptr(GBytes) bytes = g_byte_array_free_to_bytes (encoded);

      return g_memory_input_stream_new_from_bytes (bytes);
    }
  g_byte_array_unref (encoded);
  return NULL;
}

static gboolean
hand_over (Sending            *sending,
           SyncPost           *post,
           SessionSmtpResult **result,
           GError            **error)
{
  g_autoptr(GInputStream) message = store_objects_open_stream (sending->context->store,
                                                               sending->entry->object_id, error);
  g_autoptr(GInputStream) encoded = NULL;
  g_autoptr(GError) failure = NULL;

  if (message == NULL)
    return FALSE;
  if (hand_over_stream (sending, post, message, result, &failure))
    return TRUE;
  if (!g_error_matches (failure, SMTP_ERROR, SMTP_ERROR_NEEDS_ENCODING)
      || (encoded = encode_message (sending, NULL)) == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  g_clear_pointer (result, session_smtp_result_free);
  return hand_over_stream (sending, post, encoded, result, error);
}

/* *verdict: what kept it from being sent.  FALSE: the run ends. */
static gboolean
send_entry (SyncContext        *context,
            SyncPost           *post,
            const StoreOutbox  *entry,
            SyncOutboxVerdict  *verdict,
            GError            **error)
{
  Sending sending = { context, entry, FALSE };
  g_autoptr(SessionSmtpResult) result = NULL;
  g_autoptr(GError) failure = NULL;

  if (!post->verbs->open (post, &failure))
    *verdict = sync_outbox_judge (failure, SYNC_OUTBOX_OPENING);
  else if (!hand_over (&sending, post, &result, &failure))
    /* Past the final dot only the server's word counts. */
    *verdict = sending.is_running && failure->domain != SMTP_ERROR ? SYNC_OUTBOX_UNKNOWN
                                                                   : sync_outbox_judge (failure,
                                                                                        SYNC_OUTBOX_SENDING);
  else
    return sync_outbox_note_sent (context, entry, error);

  if (!settle (&sending, *verdict, failure, result, error))
    return FALSE;
  if (*verdict != SYNC_OUTBOX_AWAY && *verdict != SYNC_OUTBOX_STOPPED)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* --- the run --- */

/* Those that a person wants to be tried now wait for nothing but the time in which they can be taken back. */
static GPtrArray *
list_entries (SyncContext  *context,
              GError      **error)
{
  gint64 now = base_clock_now ();
  GPtrArray *entries;

  if (context->when == SYNC_WHEN_DUE)
    return store_outbox_list_due (context->store, context->account->id, now, error);
  if ((entries = store_outbox_list_open (context->store, context->account->id, error)) == NULL)
    return NULL;
  for (guint i = entries->len; i > 0; i--)
    {
      const StoreOutbox *entry = entries->pdata[i - 1];

      if (entry->state != STORE_OUTBOX_QUEUED || entry->not_before > now)
        g_ptr_array_remove_index (entries, i - 1);
    }
  return entries;
}

/* Nobody could ever send it. */
static gboolean
refuse (SyncContext        *context,
        const StoreOutbox  *entry,
        GError            **error)
{
  Sending sending = { context, entry, FALSE };
  g_autoptr(GError) failure = NULL;

  g_set_error (&failure, SMTP_ERROR, SMTP_ERROR_PERMANENT, "The account %s has no server for outgoing mail",
               context->account->name);
  return settle (&sending, SYNC_OUTBOX_FAILED, failure, NULL, error);
}

/* The server is away for all that come behind, too. */
static void
put_back_from (SyncContext  *context,
               GPtrArray    *entries,
               guint         first,
               const GError *failure)
{
  for (guint i = first; i < entries->len; i++)
    {
      Sending sending = { context, entries->pdata[i], FALSE };
      g_autoptr(GError) problem = NULL;

      if (!settle (&sending, SYNC_OUTBOX_AWAY, failure, NULL, &problem))
        g_info ("%s", problem->message);
    }
}

gboolean
sync_outbox_run (SyncContext  *context,
                 SyncPost     *post,
                 GError      **error)
{
  g_autoptr(GPtrArray) entries = list_entries (context, error);
  gboolean can_send = *context->account->outgoing.host != '\0';

  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len && !sync_context_should_yield (context); i++)
    {
      const StoreOutbox *entry = entries->pdata[i];
      SyncOutboxVerdict verdict = SYNC_OUTBOX_STOPPED;
      GError *failure = NULL;

      if (can_send
          ? send_entry (context, post, entry, &verdict, &failure) : refuse (context, entry, &failure))
        continue;
      if (verdict == SYNC_OUTBOX_AWAY)
        put_back_from (context, entries, i + 1, failure);
      g_propagate_error (error, failure);
      return FALSE;
    }
  return TRUE;
}
