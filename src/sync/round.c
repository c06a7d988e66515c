/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/round.h"

#include "sync/bodies.h"
#include "sync/pass.h"
#include "sync/push.h"
#include "sync/tree.h"

typedef struct {
  gint64  account_id;
  GArray *infos;
} ListWork;

static gboolean
list_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  ListWork *work = data;

  return store_folders_apply_list (store, work->account_id, (StoreFolderInfo *) work->infos->data,
                                   work->infos->len, NULL, error);
}

/* What the user said a folder is for goes over the server's word; nobody else keeps that role then. */
static gboolean
apply_chosen_roles (SyncContext  *context,
                    GArray       *infos,
                    GError      **error)
{
  g_autoptr(GPtrArray) policies = store_policies_list (context->store, context->account->id, error);

  if (policies == NULL)
    return FALSE;
  for (guint i = 0; i < policies->len; i++)
    {
      const StorePolicy *policy = policies->pdata[i];
      BaseSlice raw_name = base_slice_from_bytes (policy->raw_name);

      for (guint n = 0; policy->role != STORE_AS_ACCOUNT && n < infos->len; n++)
        {
          StoreFolderInfo *info = &g_array_index (infos, StoreFolderInfo, n);

          if (base_slice_equal (info->raw_name, raw_name))
            info->role = (StoreRole) policy->role;
          else if (info->role == (StoreRole) policy->role)
            info->role = STORE_ROLE_NONE;
        }
    }
  return TRUE;
}

gboolean
sync_round_list_folders (SyncContext  *context,
                         GPtrArray   **folders,
                         GError      **error)
{
  g_autoptr(GPtrArray) said = context->remote->verbs->list (context->remote, SESSION_IMAP_NAMES_AND_STATUS,
                                                            error);
  g_autoptr(GArray) infos = NULL;
  ListWork work = { context->account->id, NULL };

  if (said == NULL)
    return FALSE;
  infos = sync_tree_build (said);
  work.infos = infos;
  if (!apply_chosen_roles (context, infos, error) || !ingest_write (context->ingest, list_work, &work, error))
    return FALSE;
  if (folders != NULL)
    *folders = g_steal_pointer (&said);
  return TRUE;
}

gboolean
sync_round_needs_pass (const StoreFolder       *folder,
                       const SessionImapFolder *said)
{
  if (folder->gone_at != STORE_NONE || folder->raw_name == NULL
      || (folder->attributes & STORE_FOLDER_NO_SELECT) != 0)
    return FALSE;
  if (said == NULL || !said->has_status || said->highestmodseq == 0 || folder->highestmodseq <= 0)
    return TRUE;
  return folder->listed_from_uid != 1 || folder->uidvalidity != (gint64) said->uidvalidity
         || folder->uidnext != (gint64) said->uidnext || folder->highestmodseq != (gint64) said->highestmodseq
         || folder->server_total != (gint64) said->messages;
}

static const SessionImapFolder *
find_said (GPtrArray         *said,
           const StoreFolder *folder)
{
  for (guint i = 0; folder->raw_name != NULL && i < said->len; i++)
    if (base_slice_equal (base_slice_from_string (((SessionImapFolder *) said->pdata[i])->raw_name),
                          base_slice_from_bytes (folder->raw_name)))
      return said->pdata[i];
  return NULL;
}

static int
get_rank (const StoreFolder *folder)
{
  switch (folder->role)
    {
    case STORE_ROLE_INBOX:     return 0;
    case STORE_ROLE_DRAFTS:
    case STORE_ROLE_SENT:      return 1;
    case STORE_ROLE_NONE:
    case STORE_ROLE_ARCHIVE:
    case STORE_ROLE_IMPORTANT:
    case STORE_ROLE_FLAGGED:
    case STORE_ROLE_OUTBOX:
    case STORE_ROLE_RECOVERED: return 2;
    case STORE_ROLE_ALL:       return 3;
    case STORE_ROLE_JUNK:
    case STORE_ROLE_TRASH:     return 4;
    }
  g_assert_not_reached ();
}

static int
compare_ranks (gconstpointer one,
               gconstpointer other)
{
  const StoreFolder *a = *(StoreFolder * const *) one;
  const StoreFolder *b = *(StoreFolder * const *) other;

  return get_rank (a) != get_rank (b) ? get_rank (a) - get_rank (b) : g_strcmp0 (a->path, b->path);
}

/* The server refused this folder, or tells nonsense about it: the others may still be good. */
static gboolean
is_folder_trouble (const GError *error)
{
  return g_error_matches (error, IMAP_ERROR, IMAP_ERROR_NO)
         || g_error_matches (error, IMAP_ERROR, IMAP_ERROR_BAD)
         || g_error_matches (error, IMAP_ERROR, IMAP_ERROR_UNSUPPORTED);
}

typedef SyncPassResult (* FolderWork) (SyncContext                 *context,
                                       gint64                       folder_id,
                                       const StoreEffectivePolicy  *policy,
                                       GError                     **error);

static SyncPassResult
work_with_token (SyncContext                 *context,
                 gint64                       folder_id,
                 const StoreEffectivePolicy  *policy,
                 FolderWork                   work,
                 GError                     **error)
{
  SyncPassResult result;

  if (context->hold == NULL)
    return work (context, folder_id, policy, error);
  if (!context->hold (folder_id, context->data))
    return SYNC_PASS_YIELDED;
  result = work (context, folder_id, policy, error);
  context->let_go (folder_id, context->data);
  return result;
}

/* FALSE: the round ends, with error, or without because somebody else waits. */
static gboolean
do_folder (SyncContext  *context,
           StoreFolder  *folder,
           FolderWork    work,
           GError      **error)
{
  g_autoptr(StorePolicy) policy = store_policies_get (context->store, context->account->id, folder->raw_name,
                                                      error);
  StoreEffectivePolicy effective;
  GError *failure = NULL;

  if (policy == NULL)
    return FALSE;
  effective = store_policy_effective (context->account, policy, folder->role);
  switch (work_with_token (context, folder->id, &effective, work, &failure))
    {
    case SYNC_PASS_DONE:
      return TRUE;
    case SYNC_PASS_YIELDED:
      return !sync_context_should_yield (context);
    case SYNC_PASS_FAILED:
      break;
    }
  if (!is_folder_trouble (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }
  sync_summary_fail (context->summary, folder->name, failure);
  return TRUE;
}

gboolean
sync_round_look (SyncContext  *context,
                 gboolean     *has_news,
                 GError      **error)
{
  g_autoptr(GPtrArray) said = NULL;
  g_autoptr(GPtrArray) folders = NULL;

  *has_news = FALSE;
  if (!sync_round_list_folders (context, &said, error)
      || (folders = store_folders_list (context->store, context->account->id, STORE_FOLDERS_LIVE,
                                        error)) == NULL)
    return FALSE;
  for (guint i = 0; i < folders->len && !*has_news; i++)
    *has_news = sync_round_needs_pass (folders->pdata[i], find_said (said, folders->pdata[i]));
  return TRUE;
}

gboolean
sync_round_folder (SyncContext  *context,
                   gint64        folder_id,
                   GError      **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (context->store, folder_id, error);

  return folder != NULL && do_folder (context, folder, sync_pass_folder, error);
}

gboolean
sync_round_imap (SyncContext  *context,
                 GError      **error)
{
  g_autoptr(GPtrArray) said = NULL;
  g_autoptr(GPtrArray) folders = NULL;
  g_autoptr(GError) failure = NULL;

  /* First: what the passes see then is what people wanted. */
  if (!sync_push (context, error) || !sync_round_list_folders (context, &said, error))
    return FALSE;
  if ((folders = store_folders_list (context->store, context->account->id, STORE_FOLDERS_LIVE,
                                     error)) == NULL)
    return FALSE;
  g_ptr_array_sort (folders, compare_ranks);
  context->summary->folders += folders->len;

  for (guint i = 0; i < folders->len; i++)
    if (sync_round_needs_pass (folders->pdata[i], find_said (said, folders->pdata[i]))
        && !do_folder (context, folders->pdata[i], sync_pass_folder, &failure))
      break;
  for (guint i = 0; failure == NULL && i < folders->len && !sync_context_should_yield (context); i++)
    if (((StoreFolder *) folders->pdata[i])->raw_name != NULL
        && !do_folder (context, folders->pdata[i], sync_bodies_folder, &failure))
      break;
  if (failure == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}
