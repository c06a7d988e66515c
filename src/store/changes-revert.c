/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of changes.h that takes the effect on one item, or one folder, back. */
#include "store/changes-private.h"

#include "base/clock.h"
#include "store/applied.h"
#include "store/threads-private.h"

/* --- locations that come back --------------------------------------------------------------------------- */

/* What a server has is the server's word, with the wishes that are under way: others, which the item's state
 * before still shows, may have failed since. */
static gboolean
find_flags (Store                  *store,
            const StoreChangeItem  *item,
            StoreComeBack                how,
            guint                  *flags,
            GError                **error)
{
  g_autoptr(StoreStatement) rows = NULL;
  gint64 by_server;

  *flags = item->flags_before;
  if (how == STORE_COME_BACK_ONLY_HERE)
    return TRUE;
  if (!store_sql_get_int (store_peek_mail (store), "SELECT server_flags FROM tombstone WHERE location_id = ?"
                          " AND uid IS NOT NULL", BIND (INT (item->location_id)), -1, &by_server, error))
    return FALSE;
  if (by_server < 0)
    return TRUE;

  *flags = (guint) by_server;
  rows = store_sql_query (store_peek_desk (store), "SELECT c.flags_add, c.flags_remove FROM change_item i"
                          " JOIN change c ON c.id = i.change_id WHERE i.location_id = ? AND c.kind = 'flag'"
                          " AND c.state IN ('accepted', 'running', 'unknown') AND i.state <> 'done'"
                          " ORDER BY c.id",
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
    "SELECT c.folder_id, i.folder_id, c.state IN ('failed', 'cancelled') AND i.state <> 'done'"
    " FROM change_item i"
    " JOIN change c ON c.id = i.change_id WHERE i.location_id = ? AND c.id < ? AND c.kind = 'move'"
    " ORDER BY c.id DESC",
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

/* The row as it was; what was verified is void, the clock of retention begins anew, and nobody hears of it
 * again. */
static gboolean
insert_again (Store                  *store,
              const StoreChange      *change,
              const StoreChangeItem  *item,
              StoreComeBack                how,
              GError                **error)
{
  gint64 now = base_clock_now ();
  gint64 folder_id;
  guint flags;

  return find_flags (store, item, how, &flags, error) && find_folder (store, change, item, &folder_id, error)
    && store_sql_run (store_peek_mail (store),
    "INSERT INTO location (id, message_id, folder_id, flags, server_flags, uid, uidvalidity, server_folder,"
    " uidl, occurrence, stored_at, pinned, announced_at, removed_at, removed_by, rev)"
    " SELECT t.location_id, t.message_id, ?1, ?2, iif (?3, t.server_flags, 0), iif (?3, t.uid, NULL),"
    " iif (?3, t.uidvalidity, NULL),"
    " iif (?3 AND t.uid IS NOT NULL, nullif (coalesce (t.server_folder, t.folder_id), ?1), NULL), t.uidl,"
    " t.occurrence,"
    " iif (m.content_id IS NULL, NULL, ?4), ?5, ?4,"
    " iif (t.on_server AND (?3 OR t.uidl IS NOT NULL), NULL, ?4),"
    " iif (t.on_server AND (?3 OR t.uidl IS NOT NULL), NULL, 'user'), ?6"
    " FROM tombstone t JOIN message m ON m.id = t.message_id WHERE t.location_id = ?7",
    BIND (INT (folder_id), INT (flags), INT (how == STORE_COME_BACK_WITH_SERVER), INT (now),
          INT (item->was_pinned), INT (store_mail_rev (store)), INT (item->location_id)), error);
}

static gboolean
add_restored (Store                  *store,
              const StoreChangeItem  *item,
              GError                **error)
{
  StoreEvent event = { .message_id = item->message_id, .location_id = item->location_id,
                       .kind = STORE_EVENT_RESTORED,
                       .by = STORE_BY_USER };

  return store_history_add (store, &event, error);
}

/* is_back: whether there was anything to bring back.  A message that was purged is gone for good. */
gboolean
store_change_bring_back (Store                  *store,
            const StoreChange      *change,
            const StoreChangeItem  *item,
            StoreComeBack                how,
            gboolean               *is_back,
            GError                **error)
{
  StoreDb *mail = store_peek_mail (store);

  if (!insert_again (store, change, item, how, error))
    return FALSE;
  *is_back = store_sql_changed (mail) > 0;
  if (!*is_back)
    return TRUE;
  return store_sql_run (mail, "DELETE FROM tombstone WHERE location_id = ?", BIND (INT (item->location_id)),
                        error)
    && store_locations_set_keywords (store, item->location_id, (const char *const *) item->keywords_before,
                                     NULL, error)
    && store_threads_mark_message (store, item->message_id, error)
    && add_restored (store, item, error);
}

/* --- reverting one item --------------------------------------------------------------------------------- */

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

/* Back to what the server says, for another program may have changed it meanwhile; where an earlier wish
 * still waits, or no server has it, to what was before. */
static gboolean
revert_flags (Store                  *store,
              const StoreChange      *change,
              const StoreChangeItem  *item,
              GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = store_change_find_location (store, item->location_id, &problem);
  g_auto(Others) others = { 0 };
  guint mask, by_server, value;

  if (location == NULL)
    return store_change_pass_over_missing (&problem, error);
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
  g_autoptr(StoreLocation) location = store_change_find_location (store, item->location_id, &problem);
  gint64 folder_id;

  if (location == NULL || location->folder_id != change->folder_id)
    return store_change_pass_over_missing (&problem, error);
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
  if (id == 0 || (location = store_change_find_location (store, id, &problem)) == NULL
      || store_location_has_server (location))
    return store_change_pass_over_missing (&problem, error);
  return store_locations_end (store, id, STORE_BY_USER, STORE_SERVER_COPY_GONE, NULL, error);
}

/* An undo has brought the row back without a server side, and now the server has kept its copy after all.
 * Where an earlier move was under way, the uid noted may have gone since: the next pass matches it. */
static gboolean
give_uid_back (Store                  *store,
               const StoreChange      *change,
               const StoreChangeItem  *item,
               GError                **error)
{
  g_autoptr(StoreStatement) rows = store_sql_query (store_peek_desk (store),
                                                    "SELECT uid, uidvalidity, folder_raw FROM "
                                                    "change_item WHERE change_id = ? AND position = ?"
                                                    " AND uid IS NOT NULL"
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
    return store_change_pass_over_missing (&problem, error);
  if ((other = store_locations_find_uid (store, folder->id, uidvalidity, uid, &problem)) != NULL
      || problem != NULL)
    return store_change_pass_over_missing (&problem, error);
  return store_locations_set_uid (store, item->location_id, folder->id, uidvalidity, uid, error);
}

static gboolean
revert_delete (Store                  *store,
               const StoreChange      *change,
               const StoreChangeItem  *item,
               GError                **error)
{
  g_autoptr(GError) problem = NULL;
  g_autoptr(StoreLocation) location = store_change_find_location (store, item->location_id, &problem);
  gboolean is_back;

  if (problem != NULL)
    return store_change_pass_over_missing (&problem, error);
  if (location == NULL)
    return store_change_bring_back (store, change, item, STORE_COME_BACK_WITH_SERVER, &is_back, error);
  return store_location_has_server (location) || give_uid_back (store, change, item, error);
}

gboolean
store_change_revert_item (Store                  *store,
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
      return store_change_set_pin (store, item, item->was_pinned, error);
    case STORE_CHANGE_FOLDER_CREATE:
    case STORE_CHANGE_FOLDER_RENAME:
    case STORE_CHANGE_FOLDER_DELETE:
      break;
    }
  g_assert_not_reached ();
}

/* --- folders -------------------------------------------------------------------------------------------- */

/* The folder is taken away again if nothing was filed there. */
gboolean
store_change_revert_folder (Store              *store,
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
        return store_change_pass_over_missing (&problem, error);
      return store_folders_remove (store, folder->id, error);
    case STORE_CHANGE_FOLDER_RENAME:
      folder = store_folders_get (store, change->folder_id, &problem);
      if (folder == NULL || g_strcmp0 (folder->path, change->path) != 0)
        return store_change_pass_over_missing (&problem, error);
      return store_change_rename_paths (store, folder->id, change->path_before, error);
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
