/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/places.h"

#include "store/drafts.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define N_VIEWS 3              /* that are always there, above the accounts */

struct _ModelPlaces {
  GObject       parent_instance;

  ModelStore   *store;
  GCancellable *cancellable;
  GPtrArray    *places;         /* of ModelPlace */
  guint         n_accounts;
  gboolean      is_loaded;
  gboolean      is_reading;
  gboolean      has_more_news;
};

static void model_places_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ModelPlaces, model_places, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_places_list_model_init))

enum { LOADED, UPDATED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- arranging, pure --- */

static int
get_role_rank (StoreRole role)
{
  switch (role)
    {
    case STORE_ROLE_INBOX:     return 0;
    case STORE_ROLE_FLAGGED:   return 1;
    case STORE_ROLE_IMPORTANT: return 2;
    case STORE_ROLE_DRAFTS:    return 3;
    case STORE_ROLE_OUTBOX:    return 4;
    case STORE_ROLE_SENT:      return 5;
    case STORE_ROLE_ARCHIVE:   return 6;
    case STORE_ROLE_ALL:       return 7;
    case STORE_ROLE_NONE:
    case STORE_ROLE_RECOVERED: return 8;
    case STORE_ROLE_JUNK:      return 9;
    case STORE_ROLE_TRASH:     return 10;
    }
  g_assert_not_reached ();
}

static const char *
get_role_title (StoreRole role)
{
  switch (role)
    {
    case STORE_ROLE_INBOX:     return _("Inbox");
    case STORE_ROLE_SENT:      return _("Sent");
    case STORE_ROLE_DRAFTS:    return _("Drafts");
    case STORE_ROLE_TRASH:     return _("Trash");
    case STORE_ROLE_JUNK:      return _("Junk");
    case STORE_ROLE_ARCHIVE:   return _("Archive");
    case STORE_ROLE_ALL:       return _("All Mail");
    case STORE_ROLE_FLAGGED:   return _("Starred");
    case STORE_ROLE_IMPORTANT: return _("Important");
    case STORE_ROLE_OUTBOX:    return _("Outbox");
    case STORE_ROLE_RECOVERED: return _("Recovered");
    case STORE_ROLE_NONE:      return NULL;
    }
  g_assert_not_reached ();
}

static int
compare_folders (gconstpointer one,
                 gconstpointer other)
{
  const StoreFolder *a = *(StoreFolder * const *) one;
  const StoreFolder *b = *(StoreFolder * const *) other;
  int rank_a = get_role_rank (a->role), rank_b = get_role_rank (b->role);

  return rank_a != rank_b ? rank_a - rank_b : g_utf8_collate (a->path, b->path);
}

static ModelPlaceFacts *
view_new (const char    *key,
          const char    *title,
          StoreViewKind  kind)
{
  ModelPlaceFacts *facts = g_new0 (ModelPlaceFacts, 1);

  facts->kind = MODEL_PLACE_VIEW;
  facts->key = g_strdup (key);
  facts->title = g_strdup (title);
  facts->view = (StoreView) { .kind = kind, .account_id = STORE_ACCOUNT_ANY };
  facts->is_selectable = TRUE;
  return facts;
}

static const StoreAccountState *
find_state (GPtrArray *states,
            gint64     account_id)
{
  for (guint i = 0; i < states->len; i++)
    if (((StoreAccountState *) states->pdata[i])->account_id == account_id)
      return states->pdata[i];
  return NULL;
}

static ModelPlaceFacts *
account_new (const StoreAccount      *account,
             const StoreAccountState *state)
{
  ModelPlaceFacts *facts = g_new0 (ModelPlaceFacts, 1);

  facts->kind = MODEL_PLACE_ACCOUNT;
  facts->key = g_strdup_printf ("account:%" G_GINT64_FORMAT, account->id);
  facts->title = g_strdup (account->name);
  facts->account_id = account->id;
  facts->protocol = account->protocol;
  facts->quota_used = facts->quota_limit = STORE_NONE;
  if (state == NULL)
    return facts;
  facts->activity = state->activity;
  facts->quota_used = state->quota_used;
  facts->quota_limit = state->quota_limit;
  facts->problem = g_strdup (state->problem);
  facts->problem_text = g_strdup (state->problem_text);
  facts->server_words = g_strdup (state->server_words);
  facts->last_ok_at = state->last_ok_at;
  return facts;
}

/* A folder is listed from its newest message down. */
static void
add_listing (ModelPlaceFacts   *facts,
             const StoreFolder *folder)
{
  if (folder->listed_from_uid <= 1 || folder->server_total <= 0)
    return;
  facts->listed += MIN (folder->total, folder->server_total);
  facts->expected += folder->server_total;
}

static ModelPlaceFacts *
folder_new (const StoreFolder  *folder,
            const StoreAccount *account)
{
  ModelPlaceFacts *facts = g_new0 (ModelPlaceFacts, 1);
  const char *role_title = get_role_title (folder->role);

  facts->kind = MODEL_PLACE_FOLDER;
  facts->key = g_strdup_printf ("folder:%" G_GINT64_FORMAT, folder->id);
  facts->title = g_strdup (role_title != NULL ? role_title : folder->name);
  facts->role = folder->role;
  facts->view = (StoreView) { .kind = STORE_VIEW_FOLDER, .folder_id = folder->id,
                              .account_id = STORE_ACCOUNT_ANY };
  facts->account_id = folder->account_id;
  facts->folder_id = folder->id;
  facts->total = folder->total;
  facts->unread = folder->role == STORE_ROLE_DRAFTS ? folder->total : folder->unread;
  facts->is_selectable = (folder->attributes & STORE_FOLDER_NO_SELECT) == 0;
  facts->is_here_only = account->id != STORE_ACCOUNT_LOCAL && folder->raw_name == NULL;
  facts->is_unseen = account->protocol == STORE_PROTOCOL_IMAP && folder->raw_name != NULL
                     && facts->is_selectable && folder->listed_from_uid == STORE_NONE;
  add_listing (facts, folder);
  return facts;
}

static gboolean
is_below (const char *path,
          const char *parent)
{
  return g_str_has_prefix (path, parent) && g_str_has_prefix (path + strlen (parent), STORE_PATH_SEPARATOR);
}

/* How many of the folders without a role that stand above it are its parents. */
static guint
get_depth (GPtrArray         *folders,
           const StoreFolder *folder)
{
  guint depth = 0;

  for (guint i = 0; i < folders->len && folder->role == STORE_ROLE_NONE; i++)
    {
      const StoreFolder *other = folders->pdata[i];

      if (other->role == STORE_ROLE_NONE && is_below (folder->path, other->path))
        depth++;
    }
  return depth;
}

/* Folders of this computer that hold nothing would only be in the way. */
static gboolean
is_shown (const StoreFolder *folder)
{
  return folder->gone_at == STORE_NONE && (folder->account_id != STORE_ACCOUNT_LOCAL || folder->total > 0);
}

static void
add_folders (GPtrArray          *facts,
             GPtrArray          *folders,
             const StoreAccount *account)
{
  g_autoptr(GPtrArray) own = g_ptr_array_new ();

  for (guint i = 0; i < folders->len; i++)
    {
      StoreFolder *folder = folders->pdata[i];

      if (folder->account_id == account->id && is_shown (folder))
        g_ptr_array_add (own, folder);
    }
  g_ptr_array_sort (own, compare_folders);
  for (guint i = 0; i < own->len; i++)
    {
      ModelPlaceFacts *place = folder_new (own->pdata[i], account);

      place->depth = get_depth (own, own->pdata[i]);
      g_ptr_array_add (facts, place);
    }
}

static void
count_views (GPtrArray *facts,
             GPtrArray *folders)
{
  ModelPlaceFacts *inboxes = facts->pdata[0];
  ModelPlaceFacts *unread = facts->pdata[1];

  for (guint i = 0; i < folders->len; i++)
    {
      const StoreFolder *folder = folders->pdata[i];

      if (folder->gone_at != STORE_NONE)
        continue;
      if (folder->role == STORE_ROLE_INBOX)
        {
          inboxes->unread += folder->unread;
          add_listing (inboxes, folder);
        }
      if (folder->role != STORE_ROLE_TRASH && folder->role != STORE_ROLE_JUNK
          && folder->role != STORE_ROLE_DRAFTS && folder->role != STORE_ROLE_SENT)
        unread->unread += folder->unread;
    }
}

GPtrArray *
model_places_arrange (GPtrArray *accounts,
                      GPtrArray *folders,
                      GPtrArray *states)
{
  GPtrArray *facts = g_ptr_array_new_with_free_func ((GDestroyNotify) model_place_facts_free);
  StoreAccount local = { .id = STORE_ACCOUNT_LOCAL, .name = (char *) _("On This Computer") };
  guint n_before;

  g_ptr_array_add (facts, view_new ("view:inboxes", _("All Inboxes"), STORE_VIEW_INBOXES));
  g_ptr_array_add (facts, view_new ("view:unread", _("Unread"), STORE_VIEW_UNREAD));
  g_ptr_array_add (facts, view_new ("view:starred", _("Starred"), STORE_VIEW_STARRED));
  count_views (facts, folders);
  for (guint i = 0; i < accounts->len; i++)
    {
      const StoreAccount *account = accounts->pdata[i];

      g_ptr_array_add (facts, account_new (account, find_state (states, account->id)));
      add_folders (facts, folders, account);
    }

  n_before = facts->len;
  add_folders (facts, folders, &local);
  if (facts->len > n_before)
    g_ptr_array_insert (facts, (gint) n_before, account_new (&local, NULL));
  return facts;
}

/* --- the store thread --- */

typedef struct {
  GPtrArray *facts;
  guint      n_accounts;
} Found;

static void
found_free (Found *found)
{
  g_clear_pointer (&found->facts, g_ptr_array_unref);
  g_free (found);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Found, found_free)

/* Letters being written are no mail yet and lie in no folder: an account may not even have one for drafts. */
static ModelPlaceFacts *
drafts_new (gint64 n)
{
  ModelPlaceFacts *facts = view_new ("view:drafts", _("Drafts"), STORE_VIEW_MESSAGES);

  facts->role = STORE_ROLE_DRAFTS;
  facts->unread = facts->total = n;
  return facts;
}

static gpointer
ask_places (Store     *store,
            gpointer   data,
            GError   **error)
{
  g_autoptr(Found) found = g_new0 (Found, 1);
  g_autoptr(GPtrArray) accounts = store_accounts_list (store, STORE_ACCOUNTS_LIVE, error);
  g_autoptr(GPtrArray) folders = NULL;
  g_autoptr(GPtrArray) states = NULL;
  gint64 n_drafts;

  if (accounts == NULL || (n_drafts = store_drafts_count (store, STORE_DRAFT_OPEN, error)) < 0)
    return NULL;
  if ((folders = store_folders_list (store, STORE_ACCOUNT_ANY, STORE_FOLDERS_LIVE, error)) == NULL)
    return NULL;
  if ((states = store_states_list_since (store, 0, error)) == NULL)
    return NULL;
  found->facts = model_places_arrange (accounts, folders, states);
  if (n_drafts > 0)
    g_ptr_array_insert (found->facts, N_VIEWS, drafts_new (n_drafts));
  found->n_accounts = accounts->len;
  return g_steal_pointer (&found);
}

/* --- the list --- */

ModelPlace *
model_places_find (ModelPlaces *self,
                   const char  *key)
{
  for (guint i = 0; i < self->places->len; i++)
    if (strcmp (model_place_peek (self->places->pdata[i])->key, key) == 0)
      return self->places->pdata[i];
  return NULL;
}

ModelPlace *
model_places_find_folder (ModelPlaces *self,
                          gint64       folder_id)
{
  g_autofree char *key = g_strdup_printf ("folder:%" G_GINT64_FORMAT, folder_id);

  return model_places_find (self, key);
}

ModelPlace *
model_places_find_role (ModelPlaces *self,
                        gint64       account_id,
                        StoreRole    role)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      const ModelPlaceFacts *facts = model_place_peek (self->places->pdata[i]);

      if (facts->kind == MODEL_PLACE_FOLDER && facts->account_id == account_id && facts->role == role)
        return self->places->pdata[i];
    }
  return NULL;
}

static gboolean
has_same_keys (GPtrArray *places,
               GPtrArray *facts)
{
  if (places->len != facts->len)
    return FALSE;
  for (guint i = 0; i < places->len; i++)
    if (strcmp (model_place_peek (places->pdata[i])->key, ((ModelPlaceFacts *) facts->pdata[i])->key) != 0)
      return FALSE;
  return TRUE;
}

/* Takes the facts out of the array. */
static void
replace_places (ModelPlaces *self,
                GPtrArray   *facts)
{
  g_autoptr(GPtrArray) places = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean is_same = has_same_keys (self->places, facts);
  guint n_before = self->places->len;

  for (guint i = 0; i < facts->len; i++)
    {
      ModelPlaceFacts *place_facts = g_steal_pointer (&g_ptr_array_index (facts, i));
      ModelPlace *place = model_places_find (self, place_facts->key);

      if (place != NULL)
        model_place_take (g_object_ref (place), place_facts);
      else
        place = model_place_new (place_facts);
      g_ptr_array_add (places, place);
    }
  if (is_same)
    return;
  g_ptr_array_unref (self->places);
  self->places = g_steal_pointer (&places);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_before, self->places->len);
}

static void read_places (ModelPlaces *self);

static void
places_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(ModelPlaces) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Found) found = model_store_ask_finish (MODEL_STORE (object), result, &error);

  self->is_reading = FALSE;
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (found != NULL)
    {
      self->n_accounts = found->n_accounts;
      replace_places (self, found->facts);
    }
  else if (!g_error_matches (error, STORE_ERROR, STORE_ERROR_NOT_FOUND))
    {
      g_warning ("Cannot read the folders: %s", error->message);
    }
  if (!self->is_loaded)
    {
      self->is_loaded = TRUE;
      g_signal_emit (self, signals[LOADED], 0);
    }
  g_signal_emit (self, signals[UPDATED], 0);
  if (self->has_more_news)
    read_places (self);
}

static void
read_places (ModelPlaces *self)
{
  self->has_more_news = self->is_reading;
  if (self->is_reading)
    return;
  self->is_reading = TRUE;
  model_store_ask (self->store, MODEL_SOON, ask_places, NULL, NULL, (GDestroyNotify) found_free,
                   self->cancellable, places_cb, g_object_ref (self));
}

gboolean
model_places_is_loaded (ModelPlaces *self)
{
  return self->is_loaded;
}

guint
model_places_get_n_accounts (ModelPlaces *self)
{
  return self->n_accounts;
}

static GType
model_places_get_item_type (GListModel *model)
{
  return MODEL_TYPE_PLACE;
}

static guint
model_places_get_n_items (GListModel *model)
{
  return MODEL_PLACES (model)->places->len;
}

static gpointer
model_places_get_item (GListModel *model,
                       guint       position)
{
  ModelPlaces *self = MODEL_PLACES (model);

  return position < self->places->len ? g_object_ref (self->places->pdata[position]) : NULL;
}

static void
model_places_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = model_places_get_item_type;
  iface->get_n_items = model_places_get_n_items;
  iface->get_item = model_places_get_item;
}

ModelPlaces *
model_places_new (ModelStore *store)
{
  ModelPlaces *self = g_object_new (MODEL_TYPE_PLACES, NULL);

  self->store = g_object_ref (store);
  g_signal_connect_object (store, "news", G_CALLBACK (read_places), self, G_CONNECT_SWAPPED);
  read_places (self);
  return self;
}

static void
model_places_dispose (GObject *object)
{
  g_cancellable_cancel (MODEL_PLACES (object)->cancellable);
  G_OBJECT_CLASS (model_places_parent_class)->dispose (object);
}

static void
model_places_finalize (GObject *object)
{
  ModelPlaces *self = MODEL_PLACES (object);

  g_object_unref (self->store);
  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->places);
  G_OBJECT_CLASS (model_places_parent_class)->finalize (object);
}

static void
model_places_class_init (ModelPlacesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = model_places_dispose;
  object_class->finalize = model_places_finalize;
  signals[LOADED] = g_signal_new ("loaded", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 0);
  signals[UPDATED] = g_signal_new ("updated", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
model_places_init (ModelPlaces *self)
{
  self->cancellable = g_cancellable_new ();
  self->places = g_ptr_array_new_with_free_func (g_object_unref);
}
