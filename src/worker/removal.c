/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/removal.h"

#include "store/accounts.h"
#include "store/changes.h"
#include "store/messages.h"
#include "store/outbox.h"
#include "store/questions.h"
#include "store/states.h"

#define BATCH 200

#define KEEP   "keep"
#define DELETE "delete"

typedef struct {
  Ingest             *ingest;
  const StoreAccount *account;
  WorkerRemoval       how;
  StoreFolder        *folder;          /* that is emptied now */
  gboolean            is_empty;        /* set: nothing is left in it */
} Removal;

static char *
make_key (gint64 account_id)
{
  return g_strdup_printf ("removal.%" G_GINT64_FORMAT, account_id);
}

gboolean
worker_removal_begin (Store          *store,
                      gint64          account_id,
                      WorkerRemoval   how,
                      GError        **error)
{
  g_autofree char *key = make_key (account_id);

  return store_desk_set_meta (store, key, how == WORKER_REMOVAL_KEEP_MAIL ? KEEP : DELETE, error)
         && store_accounts_remove (store, account_id, error);
}

/* --- mail --- */

/* On This Computer: the account's name, and below it the folders as they were.  0 on error. */
static gint64
make_local_folder (Store    *store,
                   Removal  *removal,
                   GError  **error)
{
  g_autofree char *name = g_strdelimit (g_strdup (removal->account->name), STORE_PATH_SEPARATOR, ' ');
  g_autofree char *path = g_strjoin (STORE_PATH_SEPARATOR, name, removal->folder->path, NULL);

  if (store_folders_add_local (store, STORE_ACCOUNT_LOCAL, name, STORE_ROLE_NONE, error) == 0)
    return 0;
  return store_folders_add_local (store, STORE_ACCOUNT_LOCAL, path, STORE_ROLE_NONE, error);
}

static gboolean
keep (Store                *store,
      Removal              *removal,
      const StoreLocation  *location,
      GError              **error)
{
  gint64 folder_id;

  if (store_location_has_server (location)
      && !ingest_drop_server (removal->ingest, store, location->id, STORE_BY_ACCOUNT, NULL, NULL, error))
    return FALSE;
  if (location->folder_id != removal->folder->id)      /* a move out of the account that was still to come */
    return TRUE;
  return (folder_id = make_local_folder (store, removal, error)) != 0
         && store_locations_move (store, location->id, folder_id, STORE_BY_ACCOUNT, error);
}

static gboolean
empty_location (Store    *store,
                Removal  *removal,
                gint64    location_id,
                GError  **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, location_id, error);
  g_autoptr(StoreMessage) message = NULL;

  if (location == NULL || (message = store_messages_get (store, location->message_id, error)) == NULL)
    return FALSE;
  if (message->content_id != 0
      && (removal->how == WORKER_REMOVAL_KEEP_MAIL || location->folder_id != removal->folder->id))
    return keep (store, removal, location, error);
  return store_locations_end (store, location_id, STORE_BY_ACCOUNT,
                              store_location_has_server (location)
                              ? STORE_SERVER_COPY_MAY_REMAIN : STORE_SERVER_COPY_GONE, NULL,
                              error);
}

static gboolean
empty_work (Store     *store,
            gpointer   data,
            GError   **error)
{
  Removal *removal = data;
  g_autoptr(GArray) ids = store_locations_list_folder (store, removal->folder->id, BATCH, error);

  if (ids == NULL)
    return FALSE;
  for (guint i = 0; i < ids->len; i++)
    if (!empty_location (store, removal, g_array_index (ids, gint64, i), error))
      return FALSE;
  removal->is_empty = ids->len < BATCH;
  return !removal->is_empty || store_folders_remove (store, removal->folder->id, error);
}

static gboolean
remove_folders (Removal       *removal,
                Store         *store,
                GCancellable  *cancellable,
                GError       **error)
{
  g_autoptr(GPtrArray) folders = store_folders_list (store, removal->account->id, STORE_FOLDERS_ALL, error);

  if (folders == NULL)
    return FALSE;
  for (guint i = 0; i < folders->len; i++)
    {
      removal->folder = folders->pdata[i];
      removal->is_empty = FALSE;
      while (!removal->is_empty)
        if (g_cancellable_set_error_if_cancelled (cancellable, error)
            || !ingest_write (removal->ingest, empty_work, removal, error))
          return FALSE;
    }
  return TRUE;
}

/* --- wishes and unsent mail --- */

/* What has begun goes on being unknown, and is forgotten with time. */
static gboolean
cancel_changes (Store   *store,
                gint64   account_id,
                GError **error)
{
  g_autoptr(GPtrArray) changes = store_changes_list (store, STORE_CHANGES_WAITING, account_id, 0, error);

  for (guint i = 0; changes != NULL && i < changes->len; i++)
    {
      const StoreChange *change = changes->pdata[i];

      if (store_change_may_become (change->state, STORE_CHANGE_STATE_CANCELLED))
        store_changes_cancel (store, change->id, NULL);
    }
  return changes != NULL;
}

static gboolean
take_back_letters (Store   *store,
                   gint64   account_id,
                   GError **error)
{
  g_autoptr(GPtrArray) letters = store_outbox_list_open (store, account_id, error);

  for (guint i = 0; letters != NULL && i < letters->len; i++)
    store_outbox_set_state (store, ((StoreOutbox *) letters->pdata[i])->id, STORE_OUTBOX_CANCELLED, NULL,
                            NULL);
  return letters != NULL;
}

static gboolean
catch_up_work (Store     *store,
               gpointer   data,
               GError   **error)
{
  return store_changes_catch_up (store, NULL, error);
}

static gboolean
forget_state_work (Store     *store,
                   gpointer   data,
                   GError   **error)
{
  const Removal *removal = data;
  g_autoptr(GPtrArray) open = store_questions_list_open (store, error);

  if (open == NULL)
    return FALSE;
  for (guint i = 0; i < open->len; i++)
    {
      const StoreQuestion *question = open->pdata[i];

      if (question->account_id == removal->account->id && !store_questions_close (store, question->id, error))
        return FALSE;
    }
  return store_states_remove (store, removal->account->id, error);
}

/* --- all of it --- */

gboolean
worker_removal_run (Ingest          *ingest,
                    Store           *store,
                    AccountSecrets  *secrets,
                    gint64           account_id,
                    GCancellable    *cancellable,
                    GError         **error)
{
  g_autoptr(StoreAccount) account = store_accounts_get (store, account_id, error);
  g_autofree char *key = make_key (account_id);
  g_autofree char *wish = account != NULL ? store_desk_dup_meta (store, key, NULL) : NULL;
  Removal removal = { .ingest = ingest, .account = account };

  if (account == NULL)
    return FALSE;
  /* Where nothing is noted nothing is thrown away. */
  removal.how = g_strcmp0 (wish, DELETE) == 0 ? WORKER_REMOVAL_DELETE_MAIL : WORKER_REMOVAL_KEEP_MAIL;
  return cancel_changes (store, account_id, error) && ingest_write_alone (ingest, catch_up_work, NULL, error)
         && take_back_letters (store, account_id, error)
         && remove_folders (&removal, store, cancellable, error)
         && ingest_write (ingest, forget_state_work, &removal, error)
         && account_secrets_forget (secrets, account->uuid, error)
         && store_accounts_forget (store, account_id, error);
}
