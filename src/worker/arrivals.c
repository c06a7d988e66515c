/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/arrivals.h"

#include "base/clock.h"
#include "store/flags.h"
#include "store/listing.h"
#include "store/locations.h"
#include "store/messages.h"
#include "store/policies.h"

#define ID_SHIFT 20            /* of a message's id: the seconds of its arrival stand above */

/* --- which folders --- */

static gboolean
does_announce (Store              *store,
               const StoreAccount *account,
               const StoreFolder  *folder)
{
  g_autoptr(StorePolicy) policy = NULL;

  if (folder->raw_name == NULL)
    return folder->role == STORE_ROLE_INBOX && account->protocol == STORE_PROTOCOL_POP3;
  policy = store_policies_get (store, account->id, folder->raw_name, NULL);
  return policy != NULL && store_policy_effective (account, policy, folder->role).notifies;
}

/* --- which mail --- */

typedef struct {
  Store              *store;
  const StoreAccount *account;
  GHashTable         *own;         /* addresses of every identity, lower case */
  gint64              oldest_id;
  GPtrArray          *mails;
} Search;

static TrayMail *
mail_new (Search         *search,
          const StoreRow *row)
{
  g_autoptr(StoreMessage) message = store_messages_get (search->store, row->message_id, NULL);
  g_autofree char *address = g_utf8_strdown (row->from_address != NULL ? row->from_address : "", -1);
  TrayMail *mail = g_new0 (TrayMail, 1);

  mail->location_id = row->location_id;
  mail->account_id = search->account->id;
  mail->message_key = message != NULL ? message->message_key : 0;
  mail->arrived_at = row->arrived_at;
  mail->is_read = (row->flags & STORE_FLAG_SEEN) != 0;
  mail->is_own = g_hash_table_contains (search->own, address);
  mail->account = g_strdup (search->account->name);
  mail->sender = g_strdup (row->from_name != NULL && *row->from_name != '\0'
                           ? row->from_name : row->from_address);
  mail->subject = g_strdup (row->subject);
  mail->preview = g_strdup (row->preview != NULL ? row->preview : "");
  if (mail->sender == NULL)
    mail->sender = g_strdup ("");
  return mail;
}

static gboolean
is_untold (Store            *store,
           const StoreEntry *entry)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, entry->id, NULL);

  return location != NULL && location->announced_at == 0;
}

static gboolean
search_folder (Search            *search,
               const StoreFolder *folder,
               GError           **error)
{
  const StoreView view = { .kind = STORE_VIEW_FOLDER, .unit = STORE_LIST_MESSAGES, .show = STORE_SHOW_UNREAD,
                           .folder_id = folder->id };
  g_autoptr(GArray) entries = store_listing_list (search->store, &view, NULL, WORKER_ARRIVALS_MAX, error);
  g_autoptr(GArray) untold = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  g_autoptr(GPtrArray) rows = NULL;

  if (entries == NULL)
    return FALSE;
  for (guint i = 0; i < entries->len; i++)
    {
      const StoreEntry *entry = &g_array_index (entries, StoreEntry, i);

      if (entry->message_id < search->oldest_id)
        break;
      if (is_untold (search->store, entry))
        g_array_append_vals (untold, entry, 1);
    }
  if (untold->len == 0)
    return TRUE;
  rows = store_listing_get_rows (search->store, &view, (const StoreEntry *) untold->data, untold->len, error);
  for (guint i = 0; rows != NULL && i < rows->len; i++)
    if (rows->pdata[i] != NULL)
      g_ptr_array_add (search->mails, mail_new (search, rows->pdata[i]));
  return rows != NULL;
}

static gboolean
search_account (Search  *search,
                GError **error)
{
  g_autoptr(GPtrArray) folders = store_folders_list (search->store, search->account->id, STORE_FOLDERS_LIVE,
                                                     error);

  for (guint i = 0; folders != NULL && i < folders->len; i++)
    if (does_announce (search->store, search->account, folders->pdata[i])
        && !search_folder (search, folders->pdata[i], error))
      return FALSE;
  return folders != NULL;
}

static GHashTable *
list_own (Store     *store,
          GPtrArray *accounts)
{
  GHashTable *own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  for (guint i = 0; i < accounts->len; i++)
    {
      g_autoptr(GPtrArray) identities =
        store_identities_list (store, ((StoreAccount *) accounts->pdata[i])->id, NULL);

      for (guint n = 0; identities != NULL && n < identities->len; n++)
        g_hash_table_add (own, g_utf8_strdown (((StoreIdentity *) identities->pdata[n])->email, -1));
    }
  return own;
}

GPtrArray *
worker_arrivals_list (Store   *store,
                      gint64   now,
                      GError **error)
{
  g_autoptr(GPtrArray) accounts = store_accounts_list (store, STORE_ACCOUNTS_LIVE, error);
  g_autoptr(GPtrArray) mails = g_ptr_array_new_with_free_func ((GDestroyNotify) tray_mail_free);
  g_autoptr(GHashTable) own = NULL;

  if (accounts == NULL)
    return NULL;
  own = list_own (store, accounts);
  for (guint i = 0; i < accounts->len; i++)
    {
      Search search = { store, accounts->pdata[i], own, (now - TRAY_ANNOUNCE_MAX_AGE) << ID_SHIFT, mails };

      if (!search_account (&search, error))
        return NULL;
    }
  return g_steal_pointer (&mails);
}

/* --- telling --- */

static gboolean
mark_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  const GArray *ids = data;
  StoreLocation location = { .announced_at = base_clock_now () };

  for (guint i = 0; i < ids->len; i++)
    {
      g_autoptr(GError) failure = NULL;

      location.id = g_array_index (ids, gint64, i);
      /* One that ended meanwhile needs no mark. */
      if (!store_locations_set_state (store, &location, STORE_LOCATION_ANNOUNCED_AT, &failure)
          && !g_error_matches (failure, STORE_ERROR, STORE_ERROR_NOT_FOUND))
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
    }
  return TRUE;
}

void
worker_arrivals_mark (Ingest    *ingest,
                      GPtrArray *mails)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < mails->len; i++)
    g_array_append_val (ids, ((TrayMail *) mails->pdata[i])->location_id);
  ingest_write_later (ingest, mark_work, ids, (GDestroyNotify) g_array_unref);
}

gboolean
worker_arrivals_is_unread (Store  *store,
                           gint64  location_id)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, location_id, NULL);

  return location != NULL && (location->flags & STORE_FLAG_SEEN) == 0;
}
