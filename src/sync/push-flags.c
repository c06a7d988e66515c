/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that changes flags and keywords.  Repeating it does no harm: a flag is added or removed,
 * never set to what was seen here. */
#include "sync/push-private.h"

#include "sync/rows.h"

/* One STORE: what the server lets us change of a wish. */
typedef struct {
  ImapFlags  flags;
  GPtrArray *keywords;          /* of const char, NULL-terminated */
  gboolean   is_whole;          /* nothing was left out */
} Order;

static void
order_clear (Order *order)
{
  g_clear_pointer (&order->keywords, g_ptr_array_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Order, order_clear)

static gboolean
takes_keyword (const SessionImapBox *box,
               const char           *keyword)
{
  for (guint i = 0; box->keywords != NULL && box->keywords[i] != NULL; i++)
    if (g_ascii_strcasecmp (box->keywords[i], keyword) == 0)
      return TRUE;
  return FALSE;
}

static void
add_keyword (Order                *order,
             const SessionImapBox *box,
             gboolean              takes_all,
             const char           *keyword)
{
  if (imap_flags_is_keyword (keyword) && (takes_all || takes_keyword (box, keyword)))
    g_ptr_array_add (order->keywords, (gpointer) keyword);
  else
    order->is_whole = FALSE;
}

/* RFC 9051 section 7.1: without PERMANENTFLAGS all flags can be changed; with them, only those, and new
 * keywords only with \*. */
static void
order_fill (Order                *order,
            const SessionImapBox *box,
            guint                 flags,
            char                **keywords)
{
  gboolean knows_none = box->permanent_flags == 0 && box->keywords == NULL;
  gboolean takes_all = knows_none || (box->permanent_flags & IMAP_FLAG_ANY) != 0;
  const char *for_flags[16];
  gsize n_for_flags;
  ImapFlags wanted = sync_rows_to_imap (flags, for_flags, &n_for_flags);

  order->flags = knows_none ? wanted : wanted & box->permanent_flags;
  order->is_whole = order->flags == wanted;
  order->keywords = g_ptr_array_new ();
  for (gsize i = 0; i < n_for_flags; i++)
    add_keyword (order, box, takes_all, for_flags[i]);
  for (guint i = 0; keywords[i] != NULL; i++)
    add_keyword (order, box, takes_all, keywords[i]);
  g_ptr_array_add (order->keywords, NULL);
}

static gboolean
send_order (SyncPush          *push,
            const ImapUidset  *uids,
            SessionImapStore   how,
            const Order       *order,
            GError           **error)
{
  SyncRemote *remote = push->context->remote;

  if (order->flags == 0 && order->keywords->pdata[0] == NULL)
    return TRUE;
  return remote->verbs->store (remote, uids, how, order->flags, (const char * const *) order->keywords->pdata,
                               0, NULL, error);
}

static gboolean
settle_all (SyncPush  *push,
            GPtrArray *items,
            gboolean   is_whole,
            GError   **error)
{
  for (guint i = 0; i < items->len; i++)
    sync_push_settle (push, items->pdata[i], STORE_ITEM_DONE, 0, 0, NULL);
  /* What the server cannot keep stays a fact of this computer; the next pass tells what the server has of
   * it. */
  return is_whole ? sync_push_confirm (push, error) : sync_push_note (push, error);
}

gboolean
sync_push_flags (SyncPush             *push,
                 const SyncPushGroup  *group,
                 GError              **error)
{
  const StoreChange *change = push->change;
  g_autoptr(ImapUidset) uids = sync_push_dup_uids (group->items);
  g_auto(Order) add = { 0 };
  g_auto(Order) remove = { 0 };
  GError *failure = NULL;

  if (group->folder_id == 0)
    return settle_all (push, group->items, FALSE, error);
  switch (sync_push_open (push, group, error))
    {
    case SYNC_PUSH_READY:
      break;
    case SYNC_PUSH_SETTLED:
      return sync_push_note (push, error);
    case SYNC_PUSH_BROKEN:
      return FALSE;
    }
  order_fill (&add, push->box, change->flags_add, change->keywords_add);
  order_fill (&remove, push->box, change->flags_remove, change->keywords_remove);
  if (send_order (push, uids, SESSION_IMAP_ADD, &add, &failure)
      && send_order (push, uids, SESSION_IMAP_REMOVE, &remove, &failure))
    return settle_all (push, group->items, add.is_whole && remove.is_whole, error);
  return sync_push_refused (push, group->items, failure, error) && sync_push_note (push, error);
}
