/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/folders.h"

static const struct {
  const char *path;
  StoreRole   role;
} usual[] = {
  { "Inbox", STORE_ROLE_INBOX },
  { "Drafts", STORE_ROLE_DRAFTS },
  { "Sent", STORE_ROLE_SENT },
  { "Archive", STORE_ROLE_ARCHIVE },
  { "Junk", STORE_ROLE_JUNK },
  { "Trash", STORE_ROLE_TRASH },
};

static gboolean
make_work (Store     *store,
           gpointer   data,
           GError   **error)
{
  const gint64 *account_id = data;

  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    if (store_folders_add_local (store, *account_id, usual[i].path, usual[i].role, error) == 0)
      return FALSE;
  return TRUE;
}

gboolean
worker_folders_ensure_local (Ingest  *ingest,
                             Store   *store,
                             gint64   account_id,
                             GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
    {
      g_autoptr(GError) failure = NULL;
      g_autoptr(StoreFolder) folder = store_folders_find_role (store, account_id, usual[i].role, &failure);

      if (folder == NULL && failure == NULL)
        return ingest_write (ingest, make_work, &account_id, error);
      if (failure != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&failure));
          return FALSE;
        }
    }
  return TRUE;
}
