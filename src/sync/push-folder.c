/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of push.h that makes, renames and deletes folders.  What an earlier try did shows in the server's
 * list. */
#include "sync/push-private.h"

#include <string.h>

/* --- names ---------------------------------------------------------------------------------------------- */

/* Each level encoded, joined by the delimiter; NULL when a level holds the delimiter itself. */
static char *
dup_encoded (const char *path,
             char        delimiter)
{
  g_auto(GStrv) levels = g_strsplit (path, STORE_PATH_SEPARATOR, -1);
  const char joint[] = { delimiter, '\0' };

  if (delimiter == '\0' && levels[0] != NULL && levels[1] != NULL)
    return NULL;
  for (guint i = 0; levels[i] != NULL; i++)
    {
      g_autofree char *level = levels[i];

      levels[i] = session_imap_encode_name (level);
      if (*level == '\0' || (delimiter != '\0' && strchr (level, delimiter) != NULL))
        return NULL;
    }
  return g_strjoinv (joint, levels);
}

/* Below a folder that is there, else in the personal namespace.  NULL without error: the server has no such
 * names. */
static char *
dup_raw_name (SyncPush    *push,
              const char  *path,
              GError     **error)
{
  SyncRemote *remote = push->context->remote;
  const char *last = strrchr (path, *STORE_PATH_SEPARATOR);
  g_autofree char *above = last != NULL ? g_strndup (path, (gsize) (last - path)) : NULL;
  g_autoptr(StoreFolder) parent = NULL;
  g_autoptr(GError) failure = NULL;
  g_autofree char *name = NULL;
  g_autofree char *parent_raw = NULL;
  char delimiter;
  const char *prefix = remote->verbs->peek_prefix (remote, &delimiter);

  if (above != NULL)
    parent = store_folders_find_path (push->context->store, push->change->account_id, above, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }
  if (parent == NULL || parent->raw_name == NULL)
    {
      name = dup_encoded (path, delimiter);
      return name != NULL ? g_strconcat (prefix, name, NULL) : NULL;
    }
  delimiter = parent->delimiter != NULL ? parent->delimiter[0] : '\0';
  if (delimiter == '\0' || (name = dup_encoded (last + 1, delimiter)) == NULL)
    return NULL;
  parent_raw = base_slice_dup_string (base_slice_from_bytes (parent->raw_name));
  return g_strdup_printf ("%s%c%s", parent_raw, delimiter, name);
}

/* Whether the server lists it now. */
static gboolean
is_listed (SyncPush    *push,
           const char  *raw_name,
           gboolean    *is_so,
           GError     **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(GPtrArray) folders = remote->verbs->list (remote, SESSION_IMAP_NAMES, error);

  *is_so = FALSE;
  for (guint i = 0; folders != NULL && i < folders->len; i++)
    *is_so = *is_so || strcmp (((SessionImapFolder *) folders->pdata[i])->raw_name, raw_name) == 0;
  return folders != NULL;
}

/* --- settling ------------------------------------------------------------------------------------------- */

typedef struct {
  gint64  change_id;
  GBytes *raw_name;             /* or NULL */
} Confirming;

static gboolean
confirm_work (Store     *store,
              gpointer   data,
              GError   **error)
{
  const Confirming *confirming = data;

  return store_changes_confirm_folder (store, confirming->change_id, confirming->raw_name, error);
}

static gboolean
confirm (SyncPush    *push,
         const char  *raw_name,      /* or NULL */
         GError     **error)
{
  g_autoptr(GBytes) bytes = raw_name != NULL ? g_bytes_new (raw_name, strlen (raw_name)) : NULL;
  Confirming confirming = { push->change->id, bytes };

  return ingest_write_alone (push->context->ingest, confirm_work, &confirming, error);
}

static gboolean
fail (SyncPush   *push,
      const char *why)
{
  sync_push_note_problem (push, why, NULL);
  push->n_failed++;
  return TRUE;
}

/* Takes failure. */
static gboolean
refused (SyncPush  *push,
         GError    *failure,
         GError   **error)
{
  g_autoptr(GPtrArray) nothing = g_ptr_array_new ();

  if (!sync_push_refused (push, nothing, failure, error))
    return FALSE;
  push->n_failed += !push->is_put_back;
  return TRUE;
}

/* --- kinds ---------------------------------------------------------------------------------------------- */

static gboolean
create (SyncPush  *push,
        GError   **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(GError) failure = NULL;
  g_autofree char *raw_name = dup_raw_name (push, push->change->path, &failure);

  if (raw_name == NULL && failure == NULL)
    return fail (push, "The server takes no folder of this name here");
  if (raw_name != NULL
      && (remote->verbs->create (remote, raw_name, IMAP_ROLE_NONE, &failure)
          || imap_error_get_code (failure) == IMAP_CODE_ALREADYEXISTS))
    return confirm (push, raw_name, error);
  return refused (push, g_steal_pointer (&failure), error);
}

static gboolean
rename_folder (SyncPush    *push,
               const char  *raw_name,
               GError     **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(GError) failure = NULL;
  g_autofree char *raw_new_name = dup_raw_name (push, push->change->path, &failure);
  gboolean has_old = TRUE, has_new = FALSE;

  if (raw_new_name == NULL && failure == NULL)
    return fail (push, "The server takes no folder of this name here");
  if (raw_new_name == NULL)
    return refused (push, g_steal_pointer (&failure), error);
  if (strcmp (raw_name, raw_new_name) == 0
      || remote->verbs->rename (remote, raw_name, raw_new_name, &failure))
    return confirm (push, raw_new_name, error);
  if (!g_error_matches (failure, IMAP_ERROR, IMAP_ERROR_NO))
    return refused (push, g_steal_pointer (&failure), error);
  if (!is_listed (push, raw_name, &has_old, error) || !is_listed (push, raw_new_name, &has_new, error))
    return FALSE;
  return !has_old && has_new
         ? confirm (push, raw_new_name, error) : refused (push, g_steal_pointer (&failure), error);
}

/* Marked messages that the server cannot remove one by one do not count. */
static gboolean
is_empty (SyncPush           *push,
          const StoreFolder  *folder,
          gboolean           *is_so,
          GError            **error)
{
  g_autoptr(GArray) leaving = NULL;

  if (!sync_push_select (push, folder, SESSION_IMAP_READ_ONLY, error))
    return FALSE;
  leaving = store_changes_list_leaving (push->context->store, folder->id, push->box->uidvalidity, error);
  if (leaving == NULL)
    return FALSE;
  *is_so = push->box->exists <= leaving->len;
  return TRUE;
}

static gboolean
delete_folder (SyncPush    *push,
               const char  *raw_name,
               GError     **error)
{
  SyncRemote *remote = push->context->remote;
  g_autoptr(GError) failure = NULL;
  gboolean is_there, is_so;

  if (!is_listed (push, raw_name, &is_there, error))
    return FALSE;
  if (!is_there)
    return confirm (push, NULL, error);
  if (!is_empty (push, push->target, &is_so, &failure))
    return refused (push, g_steal_pointer (&failure), error);
  if (!is_so)
    return fail (push, "The folder is not empty on the server");

  /* Some servers do not delete the folder that is selected. */
  g_clear_pointer (&push->box, session_imap_box_free);
  if ((push->box = remote->verbs->select (remote, "INBOX", SESSION_IMAP_READ_ONLY, NULL, &failure)) == NULL
      || !remote->verbs->delete (remote, raw_name, &failure))
    return refused (push, g_steal_pointer (&failure), error);
  return confirm (push, NULL, error);
}

gboolean
sync_push_folder (SyncPush  *push,
                  GError   **error)
{
  if (push->change->kind == STORE_CHANGE_FOLDER_CREATE)
    return create (push, error);
  if (push->target_raw == NULL)
    return push->change->kind == STORE_CHANGE_FOLDER_DELETE ? confirm (push, NULL, error)
                                                            : fail (push, "The folder is not on the server");
  return push->change->kind == STORE_CHANGE_FOLDER_RENAME ? rename_folder (push, push->target_raw, error)
                                                          : delete_folder (push, push->target_raw, error);
}
