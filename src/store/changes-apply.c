/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that the writer of mail.db runs: accepting what is wanted, reverting what failed. */
#include "store/changes-private.h"

#include "base/clock.h"
#include "store/applied.h"
#include "store/messages.h"
#include "store/threads-private.h"

#include <string.h>

/* A location that ended meanwhile is passed over: there is nothing left to do here, and lanes see that too. */
static gboolean
pass_over_missing (GError **problem,
                   GError **error)
{
  if (*problem == NULL)
    return TRUE;
  if (g_error_matches (*problem, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    {
      g_clear_error (problem);
      return TRUE;
    }
  g_propagate_error (error, g_steal_pointer (problem));
  return FALSE;
}

/* NULL without error if it is gone. */
static StoreLocation *
find_location (Store   *store,
               gint64   id,
               GError **error)
{
  g_autoptr(GError) problem = NULL;
  StoreLocation *location = store_locations_get (store, id, &problem);

  pass_over_missing (&problem, error);
  return location;
}

/* --- locations that come back ----------------------------------------------------------------------------------- */

typedef enum {
  WITH_SERVER,                          /* its server copy was not touched */
  ONLY_HERE,
} ComeBack;

/* What a server has is the server's word, with the wishes that are under way: others, which the item's state before
 * still shows, may have failed since. */
static gboolean
find_flags (Store                  *store,
            const StoreChangeItem  *item,
            ComeBack                how,
            guint                  *flags,
            GError                **error)
{
  g_autoptr(StoreStatement) rows = NULL;
  gint64 by_server;

  *flags = item->flags_before;
  if (how == ONLY_HERE)
    return TRUE;
  if (!store_sql_get_int (store_peek_mail (store), "SELECT server_flags FROM tombstone WHERE location_id = ?"
                          " AND uid IS NOT NULL", BIND (INT (item->location_id)), -1, &by_server, error))
    return FALSE;
  if (by_server < 0)
    return TRUE;

  *flags = (guint) by_server;
  rows = store_sql_query (store_peek_desk (store), "SELECT c.flags_add, c.flags_remove FROM change_item i"
                          " JOIN change c ON c.id = i.change_id WHERE i.location_id = ? AND c.kind = 'flag'"
                          " AND c.state IN ('accepted', 'running', 'unknown') AND i.state <> 'done' ORDER BY c.id",
                          BIND (INT (item->location_id)), error);
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    *flags = (*flags | (guint) store_sql_int (rows, 0)) & ~(guint) store_sql_int (rows, 1);
  return store_sql_end (rows, error);
}

/* Where it was before, but not where only a move that failed since had brought it. */
static gboolean
find_folder (Store                  *store,
             const StoreChange      *change,
             const StoreChangeItem  *item,
             gint64                 *folder_id,
             GError                **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
    "SELECT c.folder_id, i.folder_id, c.state IN ('failed', 'cancelled') AND i.state <> 'done' FROM change_item i"
    " JOIN change c ON c.id = i.change_id WHERE i.location_id = ? AND c.id < ? AND c.kind = 'move' ORDER BY c.id DESC",
    BIND (INT (item->location_id), INT (change->id)), error);

  *folder_id = item->folder_id;
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      if (store_sql_int (rows, 0) != *folder_id)
        continue;
      if (!store_sql_int (rows, 2))
        return TRUE;
      *folder_id = store_sql_int (rows, 1);
    }
  return store_sql_end (rows, error);
}

/* The row as it was; what was verified is void, the clock of retention begins anew, and nobody hears of it again. */
static gboolean
insert_again (Store                  *store,
              const StoreChange      *change,
              const StoreChangeItem  *item,
              ComeBack                how,
              GError                **error)
{
  gint64 now = base_clock_now ();
  gint64 folder_id;
  guint flags;

  return find_flags (store, item, how, &flags, error) && find_folder (store, change, item, &folder_id, error)
    && store_sql_run (store_peek_mail (store),
    "INSERT INTO location (id, message_id, folder_id, flags, server_flags, uid, uidvalidity, server_folder, uidl, occurrence,"
    " stored_at, pinned, announced_at, removed_at, removed_by, rev)"
    " SELECT t.location_id, t.message_id, ?1, ?2, iif (?3, t.server_flags, 0), iif (?3, t.uid, NULL),"
    " iif (?3, t.uidvalidity, NULL),"
    " iif (?3 AND t.uid IS NOT NULL, nullif (coalesce (t.server_folder, t.folder_id), ?1), NULL), t.uidl, t.occurrence,"
    " iif (m.content_id IS NULL, NULL, ?4), ?5, ?4,"
    " iif (t.on_server AND (?3 OR t.uidl IS NOT NULL), NULL, ?4),"
    " iif (t.on_server AND (?3 OR t.uidl IS NOT NULL), NULL, 'user'), ?6"
    " FROM tombstone t JOIN message m ON m.id = t.message_id WHERE t.location_id = ?7",
    BIND (INT (folder_id), INT (flags), INT (how == WITH_SERVER), INT (now), INT (item->was_pinned),
          INT (store_mail_rev (store)), INT (item->location_id)), error);
}

static gboolean
add_restored (Store                  *store,
              const StoreChangeItem  *item,
              GError                **error)
{
  StoreEvent event = { .message_id = item->message_id, .location_id = item->location_id, .kind = STORE_EVENT_RESTORED,
                       .by = STORE_BY_USER };

  return store_history_add (store, &event, error);
}

/* is_back: whether there was anything to bring back.  A message that was purged is gone for good. */
static gboolean
bring_back (Store                  *store,
            const StoreChange      *change,
            const StoreChangeItem  *item,
            ComeBack                how,
            gboolean               *is_back,
            GError                **error)
{
  StoreDb *mail = store_peek_mail (store);

  if (!insert_again (store, change, item, how, error))
    return FALSE;
  *is_back = store_sql_changed (mail) > 0;
  if (!*is_back)
    return TRUE;
  return store_sql_run (mail, "DELETE FROM tombstone WHERE location_id = ?", BIND (INT (item->location_id)), error)
    && store_locations_set_keywords (store, item->location_id, (const char *const *) item->keywords_before, NULL, error)
    && store_threads_mark_message (store, item->message_id, error)
    && add_restored (store, item, error);
}

/* --- accepting one item ----------------------------------------------------------------------------------------- */

static gboolean
apply_flags (Store                  *store,
             const StoreChange      *change,
             const StoreChangeItem  *item,
             GError                **error)
{
  g_autoptr(GError) problem = NULL;

  if (store_locations_set_flags (store, item->location_id, change->flags_add, change->flags_remove, &problem)
      && (change->keywords_add[0] != NULL || change->keywords_remove[0] != NULL))
    store_locations_set_keywords (store, item->location_id, (const char *const *) change->keywords_add,
                                  (const char *const *) change->keywords_remove, &problem);
  return pass_over_missing (&problem, error);
}

static gboolean
apply_copy (Store                  *store,
            const StoreChange      *change,
            const StoreChangeItem  *item,
            GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) source = find_location (store, item->location_id, &problem);
  g_auto(GStrv) keywords = NULL;
  StoreLocationNew copy = { .folder_id = change->folder_id, .announced_at = base_clock_now () };
  gint64 id;

  if (source == NULL)
    return pass_over_missing (&problem, error);
  if ((keywords = store_locations_list_keywords (store, source->id, error)) == NULL)
    return FALSE;
  copy.message_id = source->message_id;
  copy.flags = source->flags;
  copy.keywords = (const char *const *) keywords;
  return (id = store_locations_insert (store, &copy, error)) != 0
    && store_applied_add_location (store, change->id, item->position, id, error);
}

static gboolean
apply_delete (Store                  *store,
              const StoreChangeItem  *item,
              GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = find_location (store, item->location_id, &problem);

  if (location == NULL)
    return pass_over_missing (&problem, error);
  return store_locations_end (store, location->id, STORE_BY_USER,
                              store_location_has_server (location) ? STORE_SERVER_COPY_MAY_REMAIN : STORE_SERVER_COPY_GONE,
                              NULL, error);
}

/* Mail that ingest has filed only waits for its upload; deleted mail comes back first. */
static gboolean
apply_append (Store                  *store,
              const StoreChange      *change,
              const StoreChangeItem  *item,
              GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = find_location (store, item->location_id, &problem);
  gboolean is_back;

  if (location != NULL || problem != NULL)
    return pass_over_missing (&problem, error);
  return bring_back (store, change, item, ONLY_HERE, &is_back, error)
    && (!is_back || store_applied_add_location (store, change->id, item->position, item->location_id, error));
}

static gboolean
apply_pin (Store                  *store,
           const StoreChangeItem  *item,
           gboolean                is_pinned,
           GError                **error)
{
  StoreLocation location = { .id = item->location_id, .is_pinned = is_pinned };
  g_autoptr(GError) problem = NULL;

  store_locations_set_state (store, &location, STORE_LOCATION_PINNED, &problem);
  return pass_over_missing (&problem, error);
}

static gboolean
apply_item (Store                  *store,
            const StoreChange      *change,
            const StoreChangeItem  *item,
            GError                **error)
{
  g_autoptr(GError) problem = NULL;

  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      return apply_flags (store, change, item, error);
    case STORE_CHANGE_MOVE:
      store_locations_move (store, item->location_id, change->folder_id, STORE_BY_USER, &problem);
      return pass_over_missing (&problem, error);
    case STORE_CHANGE_COPY:
      return apply_copy (store, change, item, error);
    case STORE_CHANGE_DELETE:
      return apply_delete (store, item, error);
    case STORE_CHANGE_APPEND:
      return apply_append (store, change, item, error);
    case STORE_CHANGE_PIN:
      return apply_pin (store, item, change->flags_add != 0, error);
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
  g_assert_not_reached ();
}

/* A missing folder fails the change as a whole; a missing location is only passed over. */
static gboolean
check_target (Store              *store,
              const StoreChange  *change,
              GError            **error)
{
  g_autoptr(StoreFolder) target = NULL;

  if (change->kind != STORE_CHANGE_MOVE && change->kind != STORE_CHANGE_COPY)
    return TRUE;
  return (target = store_folders_get (store, change->folder_id, error)) != NULL;
}

/* --- folders ---------------------------------------------------------------------------------------------------- */

/* Folders below it move along.  Their raw names are the server's business (changes-confirm.c). */
static gboolean
rename_paths (Store       *store,
              gint64       folder_id,
              const char  *path,
              GError     **error)
{
  g_autoptr(StoreFolder) folder = store_folders_get (store, folder_id, error);
  g_autoptr(GPtrArray) others = NULL;
  g_autofree char *below = NULL;

  if (folder == NULL || (others = store_folders_list (store, folder->account_id, STORE_FOLDERS_LIVE, error)) == NULL)
    return FALSE;
  below = g_strconcat (folder->path, STORE_PATH_SEPARATOR, NULL);
  for (guint i = 0; i < others->len; i++)
    {
      const StoreFolder *other = others->pdata[i];
      g_autofree char *moved = NULL;
      BaseSlice raw_name = other->raw_name != NULL ? base_slice_from_bytes (other->raw_name) : base_slice_new (NULL, 0);

      if (other->id == folder_id)
        moved = g_strdup (path);
      else if (g_str_has_prefix (other->path, below))
        moved = g_strconcat (path, STORE_PATH_SEPARATOR, other->path + strlen (below), NULL);
      if (moved != NULL && !store_folders_rename (store, other->id, raw_name, moved, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
apply_folder (Store              *store,
              const StoreChange  *change,
              GError            **error)
{
  switch (change->kind)
    {
    case STORE_CHANGE_FOLDER_CREATE:
      return store_folders_add_local (store, change->account_id, change->path, STORE_ROLE_NONE, error) != 0;
    case STORE_CHANGE_FOLDER_RENAME:
      return rename_paths (store, change->folder_id, change->path, error);
    case STORE_CHANGE_FOLDER_DELETE:
      return store_folders_mark_gone (store, change->folder_id, error);
    case STORE_CHANGE_FLAG:
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_PIN:
      break;
    }
  g_assert_not_reached ();
}

/* The folder is taken away again if nothing was filed there. */
static gboolean
revert_folder (Store              *store,
               const StoreChange  *change,
               GError            **error)
{
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(GError) problem = NULL;

  switch (change->kind)
    {
    case STORE_CHANGE_FOLDER_CREATE:
      folder = store_folders_find_path (store, change->account_id, change->path, &problem);
      if (folder == NULL || folder->raw_name != NULL || folder->total > 0)
        return pass_over_missing (&problem, error);
      return store_folders_remove (store, folder->id, error);
    case STORE_CHANGE_FOLDER_RENAME:
      folder = store_folders_get (store, change->folder_id, &problem);
      if (folder == NULL || g_strcmp0 (folder->path, change->path) != 0)
        return pass_over_missing (&problem, error);
      return rename_paths (store, folder->id, change->path_before, error);
    case STORE_CHANGE_FOLDER_DELETE:
      return store_sql_run (store_peek_mail (store), "UPDATE folder SET gone_at = NULL, rev = ? WHERE id = ?",
                            BIND (INT (store_mail_rev (store)), INT (change->folder_id)), error);
    case STORE_CHANGE_FLAG:
    case STORE_CHANGE_MOVE:
    case STORE_CHANGE_COPY:
    case STORE_CHANGE_DELETE:
    case STORE_CHANGE_APPEND:
    case STORE_CHANGE_PIN:
      break;
    }
  g_assert_not_reached ();
}

static gboolean
is_folder_kind (StoreChangeKind kind)
{
  return kind == STORE_CHANGE_FOLDER_CREATE || kind == STORE_CHANGE_FOLDER_RENAME || kind == STORE_CHANGE_FOLDER_DELETE;
}

/* --- reverting one item ----------------------------------------------------------------------------------------- */

/* Whose flags other wishes decide: the later ones', and those of earlier ones that still wait. */
typedef struct {
  guint     later;
  guint     earlier;
  GPtrArray *later_keywords;            /* of char * */
} Others;

static void
others_clear (Others *others)
{
  g_clear_pointer (&others->later_keywords, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Others, others_clear)

static void
add_keywords (GPtrArray  *names,
              const char *joined)
{
  g_auto(GStrv) keywords = store_keywords_split (joined);

  for (guint i = 0; keywords[i] != NULL; i++)
    g_ptr_array_add (names, g_strdup (keywords[i]));
}

static gboolean
find_others (Store                  *store,
             const StoreChange      *change,
             const StoreChangeItem  *item,
             Others                 *others,
             GError                **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
    "SELECT c.id, c.flags_add | c.flags_remove, c.keywords_add, c.keywords_remove FROM change_item i"
    " JOIN change c ON c.id = i.change_id WHERE i.location_id = ?1 AND c.kind = 'flag' AND c.id <> ?2"
    " AND c.state NOT IN ('failed', 'cancelled') AND (c.id > ?2 OR c.ended_at IS NULL)",
    BIND (INT (item->location_id), INT (change->id)), error);

  others->later_keywords = g_ptr_array_new_with_free_func (g_free);
  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (store_sql_int (rows, 0) < change->id)
      others->earlier |= (guint) store_sql_int (rows, 1);
    else
      {
        others->later |= (guint) store_sql_int (rows, 1);
        add_keywords (others->later_keywords, store_sql_text (rows, 2));
        add_keywords (others->later_keywords, store_sql_text (rows, 3));
      }
  g_ptr_array_add (others->later_keywords, NULL);
  return store_sql_end (rows, error);
}

static gboolean
revert_keywords (Store                  *store,
                 const StoreChange      *change,
                 const StoreChangeItem  *item,
                 const Others           *others,
                 GError                **error)
{
  const char *const *before = (const char *const *) item->keywords_before;
  const char *const *later = (const char *const *) others->later_keywords->pdata;
  g_autoptr(GStrvBuilder) add = g_strv_builder_new ();
  g_autoptr(GStrvBuilder) remove = g_strv_builder_new ();
  g_auto(GStrv) to_add = NULL;
  g_auto(GStrv) to_remove = NULL;

  for (guint i = 0; change->keywords_remove[i] != NULL; i++)
    if (store_keywords_contain (before, change->keywords_remove[i])
        && !store_keywords_contain (later, change->keywords_remove[i]))
      g_strv_builder_add (add, change->keywords_remove[i]);
  for (guint i = 0; change->keywords_add[i] != NULL; i++)
    if (!store_keywords_contain (before, change->keywords_add[i])
        && !store_keywords_contain (later, change->keywords_add[i]))
      g_strv_builder_add (remove, change->keywords_add[i]);
  to_add = g_strv_builder_end (add);
  to_remove = g_strv_builder_end (remove);
  return store_locations_set_keywords (store, item->location_id, (const char *const *) to_add,
                                       (const char *const *) to_remove, error);
}

/* Back to what the server says, for another program may have changed it meanwhile; where an earlier wish still waits,
 * or no server has it, to what was before. */
static gboolean
revert_flags (Store                  *store,
              const StoreChange      *change,
              const StoreChangeItem  *item,
              GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = find_location (store, item->location_id, &problem);
  g_auto(Others) others = { 0 };
  guint mask, by_server, value;

  if (location == NULL)
    return pass_over_missing (&problem, error);
  if (!find_others (store, change, item, &others, error))
    return FALSE;
  mask = (change->flags_add | change->flags_remove) & ~others.later;
  by_server = location->uid != 0 ? ~others.earlier : 0;
  value = (location->server_flags & by_server) | (item->flags_before & ~by_server);
  return store_locations_set_flags (store, location->id, value & mask, ~value & mask, error)
    && revert_keywords (store, change, item, &others, error);
}

static gboolean
revert_move (Store                  *store,
             const StoreChange      *change,
             const StoreChangeItem  *item,
             GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = find_location (store, item->location_id, &problem);
  gint64 folder_id;

  if (location == NULL || location->folder_id != change->folder_id)
    return pass_over_missing (&problem, error);
  return find_folder (store, change, item, &folder_id, error)
    && store_locations_move (store, location->id, folder_id, STORE_BY_PENFOLD, error);
}

/* Only what this change has made, and what no server has got meanwhile. */
static gboolean
end_made (Store                  *store,
          const StoreChange      *change,
          const StoreChangeItem  *item,
          GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = NULL;
  gint64 id;

  if (!store_applied_find_location (store, change->id, item->position, &id, error))
    return FALSE;
  if (id == 0 || (location = find_location (store, id, &problem)) == NULL || store_location_has_server (location))
    return pass_over_missing (&problem, error);
  return store_locations_end (store, id, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL, error);
}

/* An undo has brought the row back without a server side, and now the server has kept its copy after all.  Where an
 * earlier move was under way, the uid noted may have gone since: the next pass matches it. */
static gboolean
give_uid_back (Store                  *store,
               const StoreChange      *change,
               const StoreChangeItem  *item,
               GError                **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store), "SELECT uid, uidvalidity, folder_raw FROM "
                                                    "change_item WHERE change_id = ? AND position = ? AND uid IS NOT NULL"
                                                    " AND folder_raw IS NOT NULL",
                                                    BIND (INT (change->id), INT (item->position)), error);
  g_autoptr(StoreFolder) folder = NULL;
  g_autoptr(StoreLocation) other = NULL;
  g_autoptr(GError) problem = NULL;
  guint32 uid, uidvalidity;

  if (rows == NULL)
    return FALSE;
  if (change->depends_on != 0 || !store_sql_next (rows))
    return change->depends_on != 0 || store_sql_end (rows, error);
  uid = (guint32) store_sql_int (rows, 0);
  uidvalidity = (guint32) store_sql_int (rows, 1);
  folder = store_folders_find_raw (store, change->account_id, store_sql_bytes (rows, 2), &problem);
  if (folder == NULL || folder->uidvalidity != uidvalidity)
    return pass_over_missing (&problem, error);
  if ((other = store_locations_find_uid (store, folder->id, uidvalidity, uid, &problem)) != NULL || problem != NULL)
    return pass_over_missing (&problem, error);
  return store_locations_set_uid (store, item->location_id, folder->id, uidvalidity, uid, error);
}

static gboolean
revert_delete (Store                  *store,
               const StoreChange      *change,
               const StoreChangeItem  *item,
               GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = find_location (store, item->location_id, &problem);
  gboolean is_back;

  if (problem != NULL)
    return pass_over_missing (&problem, error);
  if (location == NULL)
    return bring_back (store, change, item, WITH_SERVER, &is_back, error);
  return store_location_has_server (location) || give_uid_back (store, change, item, error);
}

static gboolean
revert_item (Store                  *store,
             const StoreChange      *change,
             const StoreChangeItem  *item,
             GError                **error)
{
  switch (change->kind)
    {
    case STORE_CHANGE_FLAG:
      return revert_flags (store, change, item, error);
    case STORE_CHANGE_MOVE:
      return revert_move (store, change, item, error);
    case STORE_CHANGE_COPY:
      return end_made (store, change, item, error);
    case STORE_CHANGE_DELETE:
      return revert_delete (store, change, item, error);
    case STORE_CHANGE_APPEND:
      /* An upload that failed leaves the mail here; only who takes the undo back deletes it again. */
      return change->state != STORE_CHANGE_STATE_CANCELLED || end_made (store, change, item, error);
    case STORE_CHANGE_PIN:
      return apply_pin (store, item, item->was_pinned, error);
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
  g_assert_not_reached ();
}

/* --- whole changes ---------------------------------------------------------------------------------------------- */

typedef gboolean (* ItemWork) (Store                  *store,
                               const StoreChange      *change,
                               const StoreChangeItem  *item,
                               GError                **error);

/* What the server did already stays done. */
static gboolean
each_open_item (Store              *store,
                const StoreChange  *change,
                ItemWork            work,
                GError            **error)
{
  g_autoptr(StoreStatement) rows = store_change_items_query (store, change->id, 0, error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    {
      g_autoptr(StoreChangeItem) item = store_change_item_from_row (rows);

      if (item->state != STORE_ITEM_DONE && !work (store, change, item, error))
        return FALSE;
    }
  return store_sql_end (rows, error);
}

gboolean
store_changes_apply (Store   *store,
                     gint64   id,
                     GError **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  switch (store_applied_get (store, id, error))
    {
    case STORE_CHANGE_UNKNOWN:
      return FALSE;
    case STORE_CHANGE_WAS_APPLIED:
      return TRUE;
    case STORE_CHANGE_IS_NEW:
      break;
    }
  if (change->state != STORE_CHANGE_STATE_WANTED)
    return TRUE;
  return check_target (store, change, error) && store_applied_add (store, id, error)
    && (is_folder_kind (change->kind) ? apply_folder (store, change, error)
                                      : each_open_item (store, change, apply_item, error));
}

gboolean
store_changes_revert (Store   *store,
                      gint64   id,
                      GError **error)
{
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  switch (store_applied_get (store, id, error))
    {
    case STORE_CHANGE_UNKNOWN:
      return FALSE;
    case STORE_CHANGE_IS_NEW:
      return TRUE;
    case STORE_CHANGE_WAS_APPLIED:
      break;
    }
  if (change->state != STORE_CHANGE_STATE_FAILED && change->state != STORE_CHANGE_STATE_CANCELLED)
    return TRUE;
  return (is_folder_kind (change->kind) ? revert_folder (store, change, error)
                                        : each_open_item (store, change, revert_item, error))
    && store_applied_remove (store, id, error);
}

/* --- marking ---------------------------------------------------------------------------------------------------- */

static gboolean
note_made_locations (Store   *store,
                     gint64   id,
                     GError **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_mail (store), "SELECT position, location_id FROM "
                                                    "applied_location WHERE change_id = ?", BIND (INT (id)), error);

  if (rows == NULL)
    return FALSE;
  while (store_sql_next (rows))
    if (!store_sql_run (store_peek_desk (store), "UPDATE change_item SET result_location = ? WHERE change_id = ?"
                        " AND position = ?",
                        BIND (INT (store_sql_int (rows, 1)), INT (id), INT (store_sql_int (rows, 0))), error))
      return FALSE;
  return store_sql_end (rows, error);
}

/* Whoever cancelled it meanwhile has it reverted next. */
static gboolean
mark_accepted (Store     *store,
               gpointer   data,
               GError   **error)
{
  gint64 id = *(gint64 *) data;
  g_autoptr(StoreChange) change = store_changes_read (store, id, error);

  if (change == NULL)
    return FALSE;
  if (!note_made_locations (store, id, error))
    return FALSE;
  return change->state != STORE_CHANGE_STATE_WANTED
    || store_changes_become (store, id, change->is_local ? STORE_CHANGE_STATE_DONE : STORE_CHANGE_STATE_ACCEPTED, NULL,
                             error);
}

gboolean
store_changes_mark_accepted (Store   *store,
                             gint64   id,
                             GError **error)
{
  return store_desk_write (store, mark_accepted, &id, error);
}

gboolean
store_changes_mark_reverted (Store   *store,
                             gint64   id,
                             GError **error)
{
  return store_desk_run (store, "UPDATE change SET ended_at = ?, rev = " DESK_REV " WHERE id = ? AND ended_at IS NULL"
                         " AND state IN ('failed', 'cancelled')", BIND (INT (base_clock_now ()), INT (id)), NULL, error);
}

/* --- catching up ------------------------------------------------------------------------------------------------ */

static gboolean
in_transaction (Store     *store,
                gint64     id,
                gboolean (*work) (Store *, gint64, GError **),
                GError   **error)
{
  g_autoptr(StoreTransaction) transaction = store_begin (store, error);

  return transaction != NULL && work (store, id, error) && store_commit (g_steal_pointer (&transaction), error);
}

/* The store itself is in trouble: no fault of the change. */
static gboolean
is_trouble_of_store (const GError *error)
{
  return error->domain != STORE_ERROR
    || (error->code != STORE_ERROR_FAILED && error->code != STORE_ERROR_NOT_FOUND && error->code != STORE_ERROR_STATE);
}

/* What cannot be accepted (its folder is gone) must not hold up what comes after it. */
static gboolean
accept (Store   *store,
        gint64   id,
        GError **error)
{
  g_autoptr(GError) problem = NULL;
  StoreChangeNews news;

  if (in_transaction (store, id, store_changes_apply, &problem))
    return store_changes_mark_accepted (store, id, error);
  if (is_trouble_of_store (problem))
    {
      g_propagate_error (error, g_steal_pointer (&problem));
      return FALSE;
    }
  g_warning ("Change %" G_GINT64_FORMAT " cannot be accepted: %s", id, problem->message);
  news = (StoreChangeNews) { .problem_text = problem->message };
  return store_changes_set_state (store, id, STORE_CHANGE_STATE_FAILED, &news, error);
}

static gboolean
take_back (Store   *store,
           gint64   id,
           GError **error)
{
  return in_transaction (store, id, store_changes_revert, error) && store_changes_mark_reverted (store, id, error);
}

/* The newest are reverted first, so that each finds the state it left. */
gboolean
store_changes_catch_up (Store   *store,
                        guint   *n_changed,
                        GError **error)
{
  StoreDb *desk = store_peek_desk (store);
  g_autoptr(GArray) to_revert = store_sql_list_ints (desk, "SELECT id FROM change WHERE " STORE_CHANGE_IS_OPEN
                                                     " AND ended_at IS NULL AND state IN ('failed', 'cancelled')"
                                                     " ORDER BY id DESC", NULL, error);
  g_autoptr(GArray) wanted = NULL;

  if (n_changed != NULL)
    *n_changed = 0;
  if (to_revert == NULL)
    return FALSE;
  for (guint i = 0; i < to_revert->len; i++)
    if (!take_back (store, g_array_index (to_revert, gint64, i), error))
      return FALSE;

  wanted = store_sql_list_ints (desk, "SELECT id FROM change WHERE " STORE_CHANGE_IS_OPEN " AND state = 'wanted'"
                                " ORDER BY id", NULL, error);
  if (wanted == NULL)
    return FALSE;
  for (guint i = 0; i < wanted->len; i++)
    if (!accept (store, g_array_index (wanted, gint64, i), error))
      return FALSE;
  if (n_changed != NULL)
    *n_changed = to_revert->len + wanted->len;
  return TRUE;
}
