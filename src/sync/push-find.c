/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that finds out under which uid a message lies in a folder: by its header, which is the
 * same in every copy.  A server's SEARCH only says where to look. */
#include "sync/push-private.h"

#include "store/messages.h"

#define CANDIDATES_MAX 100               /* of one message */

typedef struct {
  SyncPush          *push;
  const StoreFolder *folder;
  guint32            since;
  SyncPushSeek       seek;
  GHashTable        *by_hash;            /* GBytes -> GArray of guint32: what was seen and is not given away
                                          * yet */
} Finding;

static void
add_rows (Finding *finding,
          GArray  *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const SessionImapRow *row = &g_array_index (rows, SessionImapRow, i);
      g_autoptr(MimeSummary) summary = NULL;
      g_autoptr(GBytes) key = NULL;
      GArray *uids;

      if (row->header == NULL || row->uid == 0 || row->uid < finding->since)
        continue;
      summary = mime_summary_new (base_slice_from_bytes (row->header));
      key = g_bytes_new (summary->header_hash, sizeof summary->header_hash);
      if ((uids = g_hash_table_lookup (finding->by_hash, key)) == NULL)
        {
          uids = g_array_new (FALSE, FALSE, sizeof (guint32));
          g_hash_table_insert (finding->by_hash, g_steal_pointer (&key), uids);
        }
      g_array_append_val (uids, row->uid);
    }
}

static gboolean
look_at (Finding           *finding,
         const ImapUidset  *uids,
         GError           **error)
{
  SyncRemote *remote = finding->push->context->remote;
  SyncTicket *ticket =
    remote->verbs->start_fetch (remote, uids, (SessionImapItems) (SESSION_IMAP_FLAGS | SESSION_IMAP_HEADER));
  g_autoptr(SessionImapRows) rows = remote->verbs->finish_fetch (remote, ticket, error);

  remote->verbs->ticket_free (ticket);
  if (rows == NULL)
    return FALSE;
  add_rows (finding, rows->rows);
  return TRUE;
}

/* What came since the last pass, or since the mark, in one go. */
static gboolean
look_at_new (Finding  *finding,
             GError  **error)
{
  const SessionImapBox *box = finding->push->box;
  gboolean is_listed = finding->folder->uidnext > 0
                       && finding->folder->uidvalidity == (gint64) box->uidvalidity;
  guint32 first = finding->since != 0 ? finding->since : is_listed ? (guint32) finding->folder->uidnext : 0;
  g_autoptr(ImapUidset) uids = NULL;

  if (first == 0 || box->exists == 0 || (box->uidnext != 0 && first >= box->uidnext))
    return TRUE;
  uids = imap_uidset_new_range (first, G_MAXUINT32);
  return look_at (finding, uids, error);
}

/* Everywhere, for one message. */
static gboolean
look_for (Finding             *finding,
          const StoreMessage  *message,
          GError             **error)
{
  SyncRemote *remote = finding->push->context->remote;
  g_autoptr(ImapUidset) found = NULL;
  g_autoptr(ImapUidset) newest = NULL;
  gsize n_ranges;
  const ImapUidRange *ranges;

  if (message->message_id == NULL || finding->since != 0 || finding->push->box->exists == 0)
    return TRUE;
  if ((found = remote->verbs->search_message_id (remote, message->message_id, error)) == NULL)
    return FALSE;
  newest = imap_uidset_new ();
  ranges = imap_uidset_peek_ranges (found, &n_ranges);
  for (gsize i = n_ranges; i > 0 && imap_uidset_count (newest) < CANDIDATES_MAX; i--)
    imap_uidset_add (newest, MAX (ranges[i - 1].first,
                                  ranges[i - 1].last - MIN (ranges[i - 1].last, CANDIDATES_MAX - 1)),
                     ranges[i - 1].last);
  return imap_uidset_is_empty (newest) || look_at (finding, newest, error);
}

static gboolean
is_known (Finding   *finding,
          gint64     location_id,
          guint32    uid,
          gboolean  *is_other,
          GError   **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreLocation) location = store_locations_find_uid (finding->push->context->store,
                                                                finding->folder->id,
                                                                finding->push->box->uidvalidity, uid,
                                                                &failure);

  *is_other = location != NULL && location->id != location_id;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* Places of uids in order: of the highest that no location has, and of the highest that one has; -1: there is
 * none. */
typedef struct {
  gint  unknown;
  gint  known;
  guint n_unknown;
} Choice;

static gboolean
choose (Finding                *finding,
        const StoreChangeItem  *item,
        GArray                 *uids,
        Choice                 *choice,
        GError                **error)
{
  *choice = (Choice) { -1, -1, 0 };
  for (gint i = 0; uids != NULL && i < (gint) uids->len; i++)
    {
      gboolean is_other;

      if (!is_known (finding, item->location_id, g_array_index (uids, guint32, i), &is_other, error))
        return FALSE;
      *(is_other ? &choice->known : &choice->unknown) = i;
      choice->n_unknown += !is_other;
    }
  return TRUE;
}

/* It is not given again. */
static gboolean
take (Finding             *finding,
      const StoreMessage  *message,
      StoreChangeItem     *item,
      guint32             *uid,
      GError             **error)
{
  g_autoptr(GBytes) key = g_bytes_new (message->header_hash, sizeof message->header_hash);
  GArray *uids = g_hash_table_lookup (finding->by_hash, key);
  Choice choice;
  gint chosen;

  *uid = 0;
  if (!choose (finding, item, uids, &choice, error))
    return FALSE;
  chosen = choice.unknown;
  if (finding->seek == SYNC_PUSH_KNOWN_TOO && chosen < 0)
    chosen = choice.known;
  if (finding->seek == SYNC_PUSH_ONLY_ONE && choice.n_unknown > 1)
    {
      item->state = STORE_ITEM_FAILED;
      return TRUE;
    }
  if (chosen < 0)
    return TRUE;
  *uid = g_array_index (uids, guint32, chosen);
  g_array_remove_index (uids, (guint) chosen);
  return TRUE;
}

static gboolean
find_one (Finding          *finding,
          StoreChangeItem  *item,
          GError          **error)
{
  g_autoptr(GError) failure = NULL;
  g_autoptr(StoreMessage) message = store_messages_get (finding->push->context->store, item->message_id,
                                                        &failure);
  guint32 uid;

  if (message == NULL && g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    return TRUE;
  if (message == NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }
  /* What looks alike may lie anywhere: the search comes first then. */
  if (finding->seek == SYNC_PUSH_ONLY_ONE && !look_for (finding, message, error))
    return FALSE;
  if (!take (finding, message, item, &uid, error)
      || (uid == 0 && item->state != STORE_ITEM_FAILED && finding->seek != SYNC_PUSH_ONLY_ONE
          && (!look_for (finding, message, error) || !take (finding, message, item, &uid, error))))
    return FALSE;
  if (uid == 0)
    return TRUE;
  item->result_uid = uid;
  item->result_uidvalidity = finding->push->box->uidvalidity;
  return TRUE;
}

gboolean
sync_push_find (SyncPush           *push,
                const StoreFolder  *folder,
                guint32             since,
                SyncPushSeek        seek,
                GPtrArray          *items,
                GError            **error)
{
  g_autoptr(GHashTable) by_hash = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
                                                         (GDestroyNotify) g_bytes_unref,
                                                         (GDestroyNotify) g_array_unref);
  Finding finding = { push, folder, since, seek, by_hash };

  if (items->len == 0)
    return TRUE;
  g_clear_pointer (&push->box, session_imap_box_free);       /* it has to see what came meanwhile */
  if (!sync_push_select (push, folder, SESSION_IMAP_READ_ONLY, error) || !look_at_new (&finding, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    if (!find_one (&finding, items->pdata[i], error))
      return FALSE;
  return TRUE;
}

/* One mark serves all: it is the lowest. */
gboolean
sync_push_find_sent (SyncPush   *push,
                     GPtrArray  *items,
                     GError    **error)
{
  guint32 since = G_MAXUINT32;
  gboolean is_same = TRUE;

  if (items->len == 0)
    return TRUE;
  g_clear_pointer (&push->box, session_imap_box_free);
  if (!sync_push_select (push, push->target, SESSION_IMAP_READ_ONLY, error))
    return FALSE;
  for (guint i = 0; i < items->len; i++)
    {
      const StoreChangeItem *item = items->pdata[i];

      is_same = is_same && item->target_uidnext > 0 && item->result_uidvalidity == push->box->uidvalidity;
      since = MIN (since, (guint32) MAX (item->target_uidnext, 1));
    }
  if (is_same)
    return sync_push_find (push, push->target, since, SYNC_PUSH_KNOWN_TOO, items, error);
  return sync_push_find (push, push->target, 0, SYNC_PUSH_UNKNOWN_ONLY, items, error);
}
