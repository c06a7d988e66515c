/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pop3-headers.h"

#include "mime/summary.h"

#include <string.h>

#define COMMANDS_AHEAD 100
#define REFUSALS_MAX   3        /* in a row from the start: this server knows no TOP, and some hang up after
                                 * many errors */

#define OWN_UIDL_PREFIX "\001header:"

/* --- hashing --- */

typedef struct {
  SyncContext *context;
  GArray      *messages;
  GArray      *indexes;
  GArray      *headers;         /* of SyncPop3Header: those answered */
  GQueue       ahead;           /* of SyncPop3Ticket */
  guint        n_started;
  gboolean     is_proven;       /* the server gave one */
} Asking;

static void
start_one (Asking *asking)
{
  guint at = g_array_index (asking->indexes, guint, asking->n_started++);
  guint32 number = g_array_index (asking->messages, SessionPop3Message, at).number;
  SyncPop3Remote *remote = asking->context->pop3;

  g_queue_push_tail (&asking->ahead, remote->verbs->start_top (remote, number, 0));
}

static gboolean
finish_one (Asking  *asking,
            GError **error)
{
  SyncPop3Remote *remote = asking->context->pop3;
  SyncPop3Ticket *ticket = g_queue_pop_head (&asking->ahead);
  g_autoptr(GError) failure = NULL;
  g_autoptr(GBytes) text = remote->verbs->finish_top (remote, ticket, &failure);
  g_autoptr(MimeSummary) summary = NULL;
  SyncPop3Header header = { FALSE };

  remote->verbs->ticket_free (ticket);
  if (text == NULL && !g_error_matches (failure, POP3_ERROR, POP3_ERROR_REFUSED))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  if (text != NULL)
    {
      summary = mime_summary_new (base_slice_from_bytes (text));
      memcpy (header.hash, summary->header_hash, sizeof header.hash);
      header.is_told = asking->is_proven = TRUE;
    }
  g_array_append_val (asking->headers, header);
  return TRUE;
}

static gboolean
ask (Asking  *asking,
     GError **error)
{
  while (asking->headers->len < asking->indexes->len)
    {
      guint most = asking->is_proven ? COMMANDS_AHEAD : 1;

      if (!asking->is_proven && asking->headers->len == REFUSALS_MAX)
        break;
      while (asking->n_started < asking->indexes->len && g_queue_get_length (&asking->ahead) < most)
        start_one (asking);
      if (!finish_one (asking, error))
        return FALSE;
    }
  g_array_set_size (asking->headers, asking->indexes->len);
  return TRUE;
}

GArray *
sync_pop3_headers_hash (SyncContext  *context,
                        GArray       *messages,
                        GArray       *indexes,
                        GError      **error)
{
  g_autoptr(GArray) headers = g_array_new (FALSE, TRUE, sizeof (SyncPop3Header));
  Asking asking = { context, messages, indexes, headers, G_QUEUE_INIT, 0, FALSE };
  gboolean is_good = ask (&asking, error);

  while (!g_queue_is_empty (&asking.ahead))
    context->pop3->verbs->ticket_free (g_queue_pop_head (&asking.ahead));
  return is_good ? g_steal_pointer (&headers) : NULL;
}

/* --- names where the server has none --- */

static char *
dup_own_uidl (const SyncPop3Header *header)
{
  GString *text = g_string_new (OWN_UIDL_PREFIX);

  for (gsize i = 0; i < sizeof header->hash; i++)
    g_string_append_printf (text, "%02x", header->hash[i]);
  return g_string_free (text, FALSE);
}

/* What has no header that the server would give keeps no name: it is left out of the list. */
static void
name_by_header (GArray *messages,
                GArray *headers)
{
  g_autoptr(GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      SessionPop3Message *message = &g_array_index (messages, SessionPop3Message, i);
      const SyncPop3Header *header = &g_array_index (headers, SyncPop3Header, i);

      if (!header->is_told)
        continue;
      message->uidl = dup_own_uidl (header);
      message->occurrence = GPOINTER_TO_UINT (g_hash_table_lookup (seen, message->uidl));
      g_hash_table_insert (seen, g_strdup (message->uidl), GUINT_TO_POINTER (message->occurrence + 1));
    }
  for (guint i = messages->len; i-- > 0;)
    if (g_array_index (messages, SessionPop3Message, i).uidl == NULL)
      g_array_remove_index (messages, i);
}

static gboolean
give_names (SyncContext  *context,
            GArray       *messages,
            GError      **error)
{
  g_autoptr(GArray) all = g_array_new (FALSE, FALSE, sizeof (guint));
  g_autoptr(GArray) headers = NULL;
  guint n = messages->len;

  for (guint i = 0; i < n; i++)
    g_array_append_val (all, i);
  if ((headers = sync_pop3_headers_hash (context, messages, all, error)) == NULL)
    return FALSE;
  name_by_header (messages, headers);
  if (messages->len > 0)
    return TRUE;
  pop3_error_set (error, POP3_ERROR_PERMANENT, base_slice_new (NULL, 0),
                  "%s gives its messages neither names (UIDL) nor headers (TOP), so mail cannot be collected "
                  "and left there",
                  context->account->incoming.host);
  return FALSE;
}

GArray *
sync_pop3_open_and_list (SyncContext  *context,
                         GError      **error)
{
  SyncPop3Remote *remote = context->pop3;
  g_autoptr(GArray) messages = NULL;

  if (!remote->verbs->open (remote, error) || (messages = remote->verbs->list (remote, error)) == NULL)
    return NULL;
  if (messages->len > 0 && g_array_index (messages, SessionPop3Message, 0).uidl == NULL
      && !give_names (context, messages, error))
    return NULL;
  return g_steal_pointer (&messages);
}
