/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that turns wishes into rows: takes the state as shown, decides for each location who
 * has to do something about it, and writes one change for each way of doing it. */
#include "store/changes-private.h"

#include "base/clock.h"
#include "store/accounts.h"

#include <string.h>

/* How a change is done; items that agree in all of it are one change. */
typedef struct {
  StoreChangeKind  kind;
  gint64           account_id;
  gboolean         is_local;
  gint64           folder_id;           /* target; 0: none */
  guint            flags_add;
  guint            flags_remove;
  char            *keywords_add;        /* joined, or NULL */
  char            *keywords_remove;
  char            *path;                /* folder kinds */
  char            *path_before;
  gint64           depends_on;          /* folder kinds: the change recorded before */
  gboolean         depends_on_previous; /* folder kinds: on the group before this one */
  gint64           undoes;
  GArray          *items;               /* of StoreSnapshot */
} Group;

struct _StoreRecording {
  Store        *store;
  GHashTable   *folders;                /* gint64 -> StoreFolder */
  GHashTable   *accounts;               /* gint64 -> StoreAccount */
  StoreOverlay *overlay;
  gboolean      has_open;               /* some change is open: ask for dependencies */
  GPtrArray    *groups;                 /* of Group, in order */
  GArray       *ids;                    /* of gint64: written */
};

static void
snapshot_clear (gpointer data)
{
  StoreSnapshot *snapshot = data;

  g_clear_pointer (&snapshot->uidl, g_bytes_unref);
  g_free (snapshot->keywords);
}

static void
group_free (gpointer data)
{
  Group *group = data;

  g_free (group->keywords_add);
  g_free (group->keywords_remove);
  g_free (group->path);
  g_free (group->path_before);
  g_array_unref (group->items);
  g_free (group);
}

StoreRecording *
store_recording_new (Store   *store,
                     GError **error)
{
  g_autoptr(StoreRecording) recording = g_new0 (StoreRecording, 1);
  g_autoptr(GPtrArray) accounts = NULL;
  gint64 n_open;

  recording->store = store;
  recording->folders = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                              (GDestroyNotify) store_folder_free);
  recording->accounts = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                               (GDestroyNotify) store_account_free);
  recording->groups = g_ptr_array_new_with_free_func (group_free);
  recording->ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  if ((accounts = store_accounts_list (store, STORE_ACCOUNTS_ALL, error)) == NULL
      || (recording->overlay = store_changes_get_overlay (store, error)) == NULL
      || !store_sql_get_int (store_peek_desk (store),
                             "SELECT count (*) FROM change WHERE " STORE_CHANGE_IS_OPEN
                             " AND ended_at IS NULL AND is_local = 0", NULL, 0, &n_open, error))
    return NULL;

  recording->has_open = n_open > 0;
  g_ptr_array_set_free_func (accounts, NULL);
  for (guint i = 0; i < accounts->len; i++)
    g_hash_table_insert (recording->accounts, &((StoreAccount *) accounts->pdata[i])->id, accounts->pdata[i]);
  return g_steal_pointer (&recording);
}

void
store_recording_free (StoreRecording *recording)
{
  if (recording == NULL)
    return;
  g_hash_table_unref (recording->folders);
  g_hash_table_unref (recording->accounts);
  g_clear_pointer (&recording->overlay, store_overlay_free);
  g_ptr_array_unref (recording->groups);
  g_array_unref (recording->ids);
  g_free (recording);
}

static const StoreFolder *
peek_folder (StoreRecording *recording,
             gint64          id,
             GError        **error)
{
  StoreFolder *folder = g_hash_table_lookup (recording->folders, &id);

  if (folder == NULL && (folder = store_folders_get (recording->store, id, error)) != NULL)
    g_hash_table_insert (recording->folders, &folder->id, folder);
  return folder;
}

static gboolean
is_imap (StoreRecording *recording,
         gint64          account_id)
{
  const StoreAccount *account = g_hash_table_lookup (recording->accounts, &account_id);

  return account != NULL && account->protocol == STORE_PROTOCOL_IMAP;
}

/* --- the state as shown --------------------------------------------------------------------------------- */

static void
lay_over (StoreSnapshot          *snapshot,
          const StoreOverlayItem *wish)
{
  snapshot->flags = (snapshot->flags | wish->flags_add) & ~wish->flags_remove;
  if (wish->folder_id != 0)
    snapshot->folder_id = wish->folder_id;
  if (wish->pinned >= 0)
    snapshot->is_pinned = wish->pinned;
}

static gboolean
find_dependency (StoreRecording  *recording,
                 StoreSnapshot   *snapshot,
                 GError         **error)
{
  if (!recording->has_open)
    return TRUE;
  /* CROSS JOIN: open copies are few, items many. */
  return store_sql_get_int (store_peek_desk (recording->store),
    "SELECT max (id) FROM (SELECT c.id FROM change_item i JOIN change c ON c.id = i.change_id"
    " WHERE i.location_id = ?1 AND c.ended_at IS NULL AND c.is_local = 0"
    " UNION ALL SELECT c.id FROM change c CROSS JOIN change_item i ON i.change_id = c.id"
    " WHERE (c.ended_at IS NULL OR c.state = 'failed') AND c.ended_at IS NULL AND c.kind = 'copy'"
    " AND i.result_location = ?1)",
    BIND (INT (snapshot->location_id)), 0, &snapshot->depends_on, error);
}

typedef enum {
  TAKEN,
  NOTHING_TO_TAKE,                      /* it does not exist, or not for the user */
  TAKING_FAILED,
} Taken;

static Taken
take_snapshot (StoreRecording  *recording,
               gint64           location_id,
               StoreSnapshot   *snapshot,
               GError         **error)
{
  const StoreOverlayItem *wish = store_overlay_peek (recording->overlay, location_id);
  g_autoptr(StoreStatement) row = store_sql_query (store_peek_mail (recording->store),
    "SELECT l.message_id, l.folder_id, l.flags, l.pinned, m.content_id IS NOT NULL,"
    " (SELECT group_concat (k.name, ' ') FROM location_keyword lk JOIN keyword k ON k.id = lk.keyword_id"
    "  WHERE lk.location_id = l.id AND lk.is_here),"
    " iif (l.on_server, coalesce (l.server_folder, l.folder_id), 0), l.uidvalidity, l.uid, l.uidl,"
    " l.occurrence"
    ", m.account_id FROM location l JOIN message m ON m.id = l.message_id WHERE l.id = ?",
    BIND (INT (location_id)), error);

  if (row == NULL)
    return TAKING_FAILED;
  if (!store_sql_next (row))
    return store_sql_end (row, error) ? NOTHING_TO_TAKE : TAKING_FAILED;
  if (wish != NULL && wish->is_gone)
    return NOTHING_TO_TAKE;

  *snapshot = (StoreSnapshot) { .location_id = location_id };
  snapshot->message_id = store_sql_int (row, 0);
  snapshot->folder_id = store_sql_int (row, 1);
  snapshot->flags = (guint) store_sql_int (row, 2);
  snapshot->is_pinned = store_sql_int (row, 3) != 0;
  snapshot->has_content = store_sql_int (row, 4) != 0;
  if ((snapshot->server_folder_id = store_sql_int (row, 6)) != 0)
    {
      snapshot->uidvalidity = (guint32) store_sql_int (row, 7);
      snapshot->uid = (guint32) store_sql_int (row, 8);
      snapshot->uidl = store_sql_dup_bytes (row, 9);
      snapshot->occurrence = (guint) store_sql_int (row, 10);
    }
  snapshot->keywords = store_sql_dup_text (row, 5);
  snapshot->account_id = store_sql_int (row, 11);
  if (wish != NULL)
    lay_over (snapshot, wish);
  if (find_dependency (recording, snapshot, error))
    return TAKEN;
  snapshot_clear (snapshot);
  return TAKING_FAILED;
}

/* --- deciding ------------------------------------------------------------------------------------------- */

/* The account whose server has, or waits for, the copy of this location.  POP3 has no folders: a UIDL is the
 * account's, wherever the mail is filed here. */
static gint64
account_of_copy (StoreRecording      *recording,
                 const StoreSnapshot *snapshot,
                 GError             **error)
{
  gint64 folder_id = snapshot->server_folder_id != 0 ? snapshot->server_folder_id : snapshot->folder_id;
  const StoreFolder *folder = peek_folder (recording, folder_id, error);

  if (folder == NULL)
    return STORE_NONE;
  return snapshot->uidl != NULL ? snapshot->account_id : folder->account_id;
}

/* On an IMAP server now, or as soon as what it depends on is done. */
static gboolean
is_on_imap (const StoreSnapshot *snapshot,
            gboolean             account_is_imap)
{
  return snapshot->uid != 0 || (account_is_imap && snapshot->depends_on != 0);
}

static gboolean
has_all_keywords (const StoreSnapshot *snapshot,
                  const StoreWish     *wish)
{
  g_auto(GStrv) keywords = store_keywords_split (snapshot->keywords);

  for (guint i = 0; wish->keywords_add != NULL && wish->keywords_add[i] != NULL; i++)
    if (!store_keywords_contain ((const char *const *) keywords, wish->keywords_add[i]))
      return FALSE;
  for (guint i = 0; wish->keywords_remove != NULL && wish->keywords_remove[i] != NULL; i++)
    if (store_keywords_contain ((const char *const *) keywords, wish->keywords_remove[i]))
      return FALSE;
  return TRUE;
}

/* The Trash of the account, else that of this computer; 0 for a folder that is Trash itself. */
static gboolean
find_trash (StoreRecording     *recording,
            const StoreFolder  *folder,
            gint64             *trash_id,
            GError            **error)
{
  g_autoptr(StoreFolder) trash = NULL;
  g_autoptr(GError) problem = NULL;

  *trash_id = 0;
  if (folder->role == STORE_ROLE_TRASH)
    return TRUE;
  trash = store_folders_find_role (recording->store, folder->account_id, STORE_ROLE_TRASH, &problem);
  if (trash == NULL && problem == NULL)
    trash = store_folders_find_role (recording->store, STORE_ACCOUNT_LOCAL, STORE_ROLE_TRASH, &problem);
  if (problem != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  if (trash != NULL)
    *trash_id = trash->id;
  return TRUE;
}

/* These fill in how it is done, and whether anything has to be. */
static gboolean
decide_move (StoreRecording       *recording,
             const StoreSnapshot  *snapshot,
             Group                *way,
             gboolean             *is_needed,
             GError              **error)
{
  const StoreFolder *from = peek_folder (recording, snapshot->folder_id, error);
  const StoreFolder *to = from != NULL ? peek_folder (recording, way->folder_id, error) : NULL;
  gint64 owner = to != NULL ? account_of_copy (recording, snapshot, error) : STORE_NONE;
  gboolean is_upload;

  if (owner == STORE_NONE)
    return FALSE;
  *is_needed = way->kind == STORE_CHANGE_COPY || snapshot->folder_id != way->folder_id;
  if (way->kind == STORE_CHANGE_COPY)
    {
      /* To this computer there is nothing to do for a server but to give the bytes. */
      way->account_id = is_imap (recording, to->account_id) ? to->account_id : owner;
      way->is_local = !is_imap (recording, to->account_id)
                      && (snapshot->has_content || snapshot->server_folder_id == 0);
      return TRUE;
    }
  is_upload = is_imap (recording, to->account_id) && to->account_id != from->account_id;
  way->account_id = is_on_imap (snapshot, is_imap (recording, owner)) || !is_upload ? owner : to->account_id;
  way->is_local = !is_upload && !is_on_imap (snapshot, is_imap (recording, owner));
  return TRUE;
}

static gboolean
decide_delete (StoreRecording       *recording,
               const StoreSnapshot  *snapshot,
               StoreDelete           how,
               Group                *way,
               gboolean             *is_needed,
               GError              **error)
{
  const StoreFolder *folder = peek_folder (recording, snapshot->folder_id, error);
  gint64 owner = folder != NULL ? account_of_copy (recording, snapshot, error) : STORE_NONE;
  const StoreAccount *account = g_hash_table_lookup (recording->accounts, &owner);
  gboolean goes_from_pop;

  if (owner == STORE_NONE)
    return FALSE;
  if (how == STORE_DELETE_TO_TRASH && !find_trash (recording, folder, &way->folder_id, error))
    return FALSE;
  if (way->folder_id != 0)
    {
      way->kind = STORE_CHANGE_MOVE;
      return decide_move (recording, snapshot, way, is_needed, error);
    }
  goes_from_pop = snapshot->uidl != NULL && account != NULL && account->remove_when_deleted;
  way->account_id = owner;
  way->is_local = !is_on_imap (snapshot, is_imap (recording, owner)) && !goes_from_pop;
  *is_needed = TRUE;
  return TRUE;
}

static gboolean
decide_flag (StoreRecording       *recording,
             const StoreSnapshot  *snapshot,
             const StoreWish      *wish,
             Group                *way,
             gboolean             *is_needed,
             GError              **error)
{
  way->account_id = account_of_copy (recording, snapshot, error);
  way->is_local = !is_on_imap (snapshot, is_imap (recording, way->account_id));
  *is_needed = (snapshot->flags & wish->flags_add) != wish->flags_add
               || (snapshot->flags & wish->flags_remove) != 0
    || !has_all_keywords (snapshot, wish);
  return way->account_id != STORE_NONE;
}

static gboolean
decide_append (StoreRecording       *recording,
               const StoreSnapshot  *snapshot,
               Group                *way,
               gboolean             *is_needed,
               GError              **error)
{
  const StoreFolder *folder = peek_folder (recording, snapshot->folder_id, error);

  if (folder == NULL)
    return FALSE;
  way->account_id = folder->account_id;
  way->folder_id = folder->id;
  *is_needed = is_imap (recording, folder->account_id) && snapshot->server_folder_id == 0;
  return TRUE;
}

static gboolean
decide (StoreRecording       *recording,
        const StoreSnapshot  *snapshot,
        const StoreWish      *wish,
        Group                *way,
        gboolean             *is_needed,
        GError              **error)
{
  switch (wish->kind)
    {
    case STORE_CHANGE_FLAG:
      return decide_flag (recording, snapshot, wish, way, is_needed, error);
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
      return decide_move (recording, snapshot, way, is_needed, error);
    case STORE_CHANGE_DELETE:
      return decide_delete (recording, snapshot, wish->how, way, is_needed, error);
    case STORE_CHANGE_APPEND:
      return decide_append (recording, snapshot, way, is_needed, error);
    case STORE_CHANGE_PIN:
      way->account_id = account_of_copy (recording, snapshot, error);
      way->is_local = TRUE;
      *is_needed = snapshot->is_pinned != (wish->flags_add != 0);
      return way->account_id != STORE_NONE;
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
  g_assert_not_reached ();
}

/* --- grouping ------------------------------------------------------------------------------------------- */

static gboolean
is_same_way (const Group *a,
             const Group *b)
{
  return a->kind == b->kind && a->account_id == b->account_id && a->is_local == b->is_local
    && a->folder_id == b->folder_id && a->undoes == b->undoes && a->flags_add == b->flags_add
    && a->flags_remove == b->flags_remove && g_strcmp0 (a->keywords_add, b->keywords_add) == 0
    && g_strcmp0 (a->keywords_remove, b->keywords_remove) == 0;
}

static Group *
add_group (StoreRecording *recording,
           const Group    *way)
{
  Group *group = g_memdup2 (way, sizeof *way);

  group->keywords_add = g_strdup (way->keywords_add);
  group->keywords_remove = g_strdup (way->keywords_remove);
  group->path = g_strdup (way->path);
  group->path_before = g_strdup (way->path_before);
  group->items = g_array_new (FALSE, FALSE, sizeof (StoreSnapshot));
  g_array_set_clear_func (group->items, snapshot_clear);
  g_ptr_array_add (recording->groups, group);
  return group;
}

/* There are few: as many as accounts and ways. */
static Group *
get_group (StoreRecording *recording,
           const Group    *way)
{
  for (guint i = 0; i < recording->groups->len; i++)
    if (is_same_way (recording->groups->pdata[i], way))
      return recording->groups->pdata[i];
  return add_group (recording, way);
}

static gboolean
add_location (StoreRecording   *recording,
              const StoreWish  *wish,
              const Group      *usual_way,
              gint64            location_id,
              GError          **error)
{
  Group way = *usual_way;
  StoreSnapshot snapshot;
  gboolean is_needed = FALSE;
  gboolean is_decided;

  switch (take_snapshot (recording, location_id, &snapshot, error))
    {
    case TAKING_FAILED:
      return FALSE;
    case NOTHING_TO_TAKE:
      return TRUE;
    case TAKEN:
      break;
    }
  is_decided = decide (recording, &snapshot, wish, &way, &is_needed, error);
  if (is_decided && is_needed)
    g_array_append_val (get_group (recording, &way)->items, snapshot);
  else
    snapshot_clear (&snapshot);
  return is_decided;
}

static gboolean
add_locations (StoreRecording   *recording,
               const StoreWish  *wish,
               gint64            undoes,
               const gint64     *location_ids,
               gsize             n_locations,
               GError          **error)
{
  g_autofree char *keywords_add = store_keywords_join (wish->keywords_add);
  g_autofree char *keywords_remove = store_keywords_join (wish->keywords_remove);
  Group way = {
    .kind = wish->kind, .flags_add = wish->flags_add, .flags_remove = wish->flags_remove,
    .keywords_add = keywords_add, .keywords_remove = keywords_remove, .undoes = undoes,
  };

  if (wish->kind == STORE_CHANGE_MOVE || wish->kind == STORE_CHANGE_COPY)
    way.folder_id = wish->folder_id;
  for (gsize i = 0; i < n_locations; i++)
    if (!add_location (recording, wish, &way, location_ids[i], error))
      return FALSE;
  return TRUE;
}

/* --- folders -------------------------------------------------------------------------------------------- */

static gboolean
refuse (GError     **error,
        const char  *sentence)
{
  g_set_error_literal (error, STORE_ERROR, STORE_ERROR_FAILED, sentence);
  return FALSE;
}

static gboolean
is_good_component (const char *name)
{
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    if (g_unichar_iscntrl (g_utf8_get_char (c)))
      return FALSE;
  return *name != '\0';
}

static gboolean
check_new_path (StoreRecording  *recording,
                gint64           account_id,
                const char      *path,
                GError         **error)
{
  g_auto(GStrv) components = g_strsplit (path, STORE_PATH_SEPARATOR, -1);
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreFolder) known = NULL;

  for (guint i = 0; i < MAX (1, g_strv_length (components)); i++)
    if (components[i] == NULL || !g_utf8_validate (components[i], -1, NULL)
        || !is_good_component (components[i]))
      return refuse (error, "A folder needs a name without control characters");
  known = store_folders_find_path (recording->store, account_id, path, &problem);
  if (known != NULL)
    return refuse (error, "There is already a folder with this name");
  if (problem == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* Open wishes for the same folder go first. */
static gboolean
find_folder_dependency (StoreRecording  *recording,
                        Group           *way,
                        GError         **error)
{
  return store_sql_get_int (store_peek_desk (recording->store), "SELECT max (id) FROM change WHERE "
                            STORE_CHANGE_IS_OPEN " AND ended_at IS NULL AND account_id = ? AND is_local = 0"
                            " AND kind LIKE 'folder-%'", BIND (INT (way->account_id)), 0, &way->depends_on,
                            error);
}

static gboolean
add_folder_delete (StoreRecording     *recording,
                   const StoreFolder  *folder,
                   Group              *way,
                   GError            **error)
{
  StoreWish empty = { .kind = STORE_CHANGE_DELETE, .how = STORE_DELETE_TO_TRASH };
  g_autoptr(GArray) locations = NULL;
  guint n_before = recording->groups->len;
  gint64 n_children;

  if (!store_sql_get_int (store_peek_mail (recording->store),
                          "SELECT count (*) FROM folder WHERE parent_id = ?"
                          " AND gone_at IS NULL", BIND (INT (folder->id)), 0, &n_children, error))
    return FALSE;
  if (n_children > 0)
    return refuse (error, "The folder has other folders in it");
  locations = store_sql_list_ints (store_peek_mail (recording->store),
                                   "SELECT id FROM location WHERE folder_id = ?",
                                   BIND (INT (folder->id)), error);
  if (locations == NULL
      || !add_locations (recording, &empty, way->undoes, (gint64 *) (gpointer) locations->data,
                         locations->len, error))
    return FALSE;
  way->depends_on_previous = recording->groups->len > n_before;
  add_group (recording, way);
  return TRUE;
}

static gboolean
add_folder_wish (StoreRecording   *recording,
                 const StoreWish  *wish,
                 gint64            undoes,
                 GError          **error)
{
  Group way = { .kind = wish->kind, .account_id = wish->account_id, .path = (char *) wish->path,
                .undoes = undoes };
  const StoreFolder *folder = NULL;

  if (wish->kind != STORE_CHANGE_FOLDER_CREATE)
    {
      if ((folder = peek_folder (recording, wish->folder_id, error)) == NULL)
        return FALSE;
      if (folder->role == STORE_ROLE_INBOX)
        return refuse (error, "The inbox can be neither renamed nor deleted");
      way.account_id = folder->account_id;
      way.folder_id = folder->id;
    }
  way.is_local = !is_imap (recording, way.account_id);
  if (!find_folder_dependency (recording, &way, error))
    return FALSE;
  if (wish->kind == STORE_CHANGE_FOLDER_DELETE)
    return add_folder_delete (recording, folder, &way, error);
  if (folder != NULL)
    way.path_before = folder->path;
  if (!check_new_path (recording, way.account_id, wish->path, error))
    return FALSE;
  add_group (recording, &way);
  return TRUE;
}

/* --- wishes --------------------------------------------------------------------------------------------- */

gboolean
store_recording_add_wish (StoreRecording   *recording,
                          const StoreWish  *wish,
                          gint64            undoes,
                          const gint64     *location_ids,
                          gsize             n_locations,
                          GError          **error)
{
  switch (wish->kind)
    {
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      return add_folder_wish (recording, wish, undoes, error);
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
      if (peek_folder (recording, wish->folder_id, error) == NULL)
        return FALSE;
      break;
    case STORE_CHANGE_FLAG:
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_PIN:
      break;
    }
  return add_locations (recording, wish, undoes, location_ids, n_locations, error);
}

gboolean
store_recording_add_restore (StoreRecording         *recording,
                             const StoreChange      *change,
                             const StoreChangeItem  *item,
                             GError                **error)
{
  const StoreFolder *folder = peek_folder (recording, item->folder_id, error);
  Group way = { .kind = STORE_CHANGE_APPEND, .undoes = change->id, .folder_id = item->folder_id };
  StoreSnapshot snapshot = { .location_id = item->location_id, .message_id = item->message_id,
                             .folder_id = item->folder_id, .flags = item->flags_before,
                             .is_pinned = item->was_pinned };

  if (folder == NULL)
    return FALSE;
  way.account_id = folder->account_id;
  way.is_local = !is_imap (recording, folder->account_id);
  snapshot.keywords = store_keywords_join ((const char *const *) item->keywords_before);
  snapshot.depends_on = change->ended_at == 0 ? change->id : 0;
  g_array_append_val (get_group (recording, &way)->items, snapshot);
  return TRUE;
}

/* --- writing -------------------------------------------------------------------------------------------- */

static GBytes *
peek_raw_name (StoreRecording *recording,
               gint64          folder_id)
{
  const StoreFolder *folder = folder_id != 0 ? peek_folder (recording, folder_id, NULL) : NULL;

  return folder != NULL ? folder->raw_name : NULL;
}

static BaseSlice
slice_of (GBytes *bytes)
{
  return bytes != NULL ? base_slice_from_bytes (bytes) : base_slice_new (NULL, 0);
}

/* A folder that a server does not have yet must be made before anything goes there. */
static gboolean
find_target_dependency (StoreRecording  *recording,
                        const Group     *group,
                        gint64          *depends_on,
                        GError         **error)
{
  const StoreFolder *folder = group->folder_id != 0 ? peek_folder (recording, group->folder_id, NULL) : NULL;

  if (folder == NULL || folder->raw_name != NULL || !is_imap (recording, folder->account_id))
    return TRUE;
  return store_sql_get_int (store_peek_desk (recording->store),
                            "SELECT coalesce (max (id), ?1) FROM change WHERE "
                            STORE_CHANGE_IS_OPEN " AND ended_at IS NULL AND account_id = ?2"
                            " AND kind = 'folder-create'"
                            " AND name = ?3",
                            BIND (INT (*depends_on), INT (folder->account_id), TEXT (folder->path)),
                            *depends_on, depends_on, error);
}

static gboolean
write_change (StoreRecording  *recording,
              const Group     *group,
              gint64           previous_id,
              gint64          *id,
              GError         **error)
{
  StoreDb *db = store_peek_desk (recording->store);
  BaseSlice raw_name = slice_of (peek_raw_name (recording, group->folder_id));
  gint64 depends_on = group->depends_on_previous ? previous_id : group->depends_on;

  for (guint i = 0; i < group->items->len; i++)
    depends_on = MAX (depends_on, g_array_index (group->items, StoreSnapshot, i).depends_on);
  if (!find_target_dependency (recording, group, &depends_on, error)
      || !store_sql_run (db, "INSERT INTO change (account_id, kind, flags_add, flags_remove, keywords_add, "
                         "keywords_remove, folder_id, folder_raw, name, name_before, is_local, depends_on, "
                         "undoes, "
                         "created_at, rev) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                         BIND (INT (group->account_id), TEXT (store_change_kind_to_string (group->kind)),
                               INT (group->flags_add), INT (group->flags_remove), TEXT (group->keywords_add),
                               TEXT (group->keywords_remove), INT_UNLESS (0, group->folder_id),
                               BLOB (raw_name.data, raw_name.size), TEXT (group->path),
                               TEXT (group->path_before),
                               INT (group->is_local), INT_UNLESS (0, depends_on),
                               INT_UNLESS (0, group->undoes),
                               INT (base_clock_now ()), INT (store_desk_rev (recording->store))), error))
    return FALSE;
  *id = store_sql_last_id (db);
  return TRUE;
}

static gboolean
write_item (StoreRecording       *recording,
            gint64                change_id,
            gint64                position,
            const StoreSnapshot  *item,
            GError              **error)
{
  gint64 folder_id = item->server_folder_id != 0 ? item->server_folder_id : item->folder_id;
  BaseSlice raw_name = slice_of (peek_raw_name (recording, folder_id));
  BaseSlice uidl = slice_of (item->uidl);

  return store_sql_run (store_peek_desk (recording->store),
                        "INSERT INTO change_item (change_id, position, location_id, "
                        "message_id, folder_id, folder_raw, uid, uidvalidity, uidl, occurrence, "
                        "flags_before, "
                        "keywords_before, pinned_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        BIND (INT (change_id), INT (position), INT (item->location_id),
                              INT (item->message_id),
                              INT (item->folder_id), BLOB (raw_name.data, raw_name.size),
                              INT_UNLESS (0, item->uid),
                              INT_UNLESS (0, item->uidvalidity), BLOB (uidl.data, uidl.size),
                              INT_UNLESS (-1, item->uidl != NULL ? (gint64) item->occurrence : -1),
                              INT (item->flags), TEXT (item->keywords), INT (item->is_pinned)), error);
}

static gboolean
write_groups (Store     *store,
              gpointer   data,
              GError   **error)
{
  StoreRecording *recording = data;
  gint64 id = 0;

  g_array_set_size (recording->ids, 0);
  for (guint i = 0; i < recording->groups->len; i++)
    {
      const Group *group = recording->groups->pdata[i];

      if (!write_change (recording, group, id, &id, error))
        return FALSE;
      for (guint k = 0; k < group->items->len; k++)
        if (!write_item (recording, id, k, &g_array_index (group->items, StoreSnapshot, k), error))
          return FALSE;
      g_array_append_val (recording->ids, id);
    }
  return TRUE;
}

static gsize
count_items (const StoreRecording *recording)
{
  gsize n = 0;

  for (guint i = 0; i < recording->groups->len; i++)
    n += ((Group *) recording->groups->pdata[i])->items->len;
  return n;
}

GArray *
store_recording_write (StoreRecording *recording,
                       GError        **error)
{
  StoreDb *desk = store_peek_desk (recording->store);
  gint64 usual_kib = count_items (recording) < STORE_CHANGE_MANY
                     ? 0 : store_db_set_cache (desk, STORE_CHANGE_CACHE_KIB);
  gboolean is_written = recording->groups->len == 0
    || store_desk_write (recording->store, write_groups, recording, error);

  if (usual_kib > 0)
    store_db_set_cache (desk, usual_kib);
  return is_written ? g_array_ref (recording->ids) : NULL;
}

GArray *
store_changes_record (Store            *store,
                      const StoreWish  *wish,
                      const gint64     *location_ids,
                      gsize             n_locations,
                      GError          **error)
{
  g_autoptr(StoreTransaction) picture = store_begin_read (store, error);
  g_autoptr(StoreRecording) recording = picture != NULL ? store_recording_new (store, error) : NULL;

  if (recording == NULL || !store_recording_add_wish (recording, wish, 0, location_ids, n_locations, error))
    return NULL;
  return store_recording_write (recording, error);
}
