/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/messages.h"

#include "model/merge.h"

#define FIRST_PAGE 60          /* rows that come with the list itself: more than a window shows */
#define PAGE 60                /* rows read at once around one that became visible */
#define NEWS_LIMIT 5000        /* more news than this: the list is read again */
#define STEPS_MAX 20           /* more than this are joined where nobody looks */

struct _ModelMessages {
  GObject             parent_instance;

  ModelStore         *store;
  StoreView           view;
  ModelPeople         people;
  GCancellable       *cancellable;

  ModelMessagesState  state;
  char               *problem;
  GArray             *entries;      /* of StoreEntry */
  GArray             *hidden;       /* of StoreEntry: in mail.db, but wished away; sorted as the others */
  gint64              held;         /* an entry that stays; 0: none */
  GArray             *leaving;      /* of gint64: no longer in the view, but held when that became known */
  guint               leaving_idle;
  gint64              rev;          /* the list is as of this revision */
  GHashTable         *items;        /* entry id -> ModelMessage, not owned: those alive */
  GHashTable         *wanted;       /* set of entry ids whose rows are to be read */
  guint               wanted_idle;
  gboolean            is_reading_rows;
  gboolean            is_reading_news;
  gboolean            has_more_news;
};

static void model_messages_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ModelMessages, model_messages, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, model_messages_list_model_init))

enum { STATE_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

/* --- what the store thread finds --- */

typedef struct {
  StoreView  view;
  gint64     since;           /* news: since this revision */
  GArray    *entries;         /* rows: of StoreEntry, those wanted */
} Ask;

typedef struct {
  GArray       *entries;      /* the whole list; NULL when only rows or news were asked */
  StoreNews    *news;
  GArray       *row_entries;  /* the entries of rows */
  GPtrArray    *rows;         /* of StoreRow or NULL */
  StoreOverlay *overlay;
  gint64        rev;
} Found;

static StoreView
view_copy (const StoreView *view)
{
  StoreView copy = *view;

  copy.message_ids = g_memdup2 (view->message_ids, view->n_message_ids * sizeof (gint64));
  return copy;
}

static void
view_clear (StoreView *view)
{
  g_free ((gpointer) view->message_ids);
}

static Ask *
ask_new (ModelMessages *self)
{
  Ask *ask = g_new0 (Ask, 1);

  ask->view = view_copy (&self->view);
  ask->since = self->rev;
  return ask;
}

static void
ask_free (Ask *ask)
{
  view_clear (&ask->view);
  g_clear_pointer (&ask->entries, g_array_unref);
  g_free (ask);
}

static void
found_free (Found *found)
{
  g_clear_pointer (&found->entries, g_array_unref);
  g_clear_pointer (&found->news, store_news_free);
  g_clear_pointer (&found->row_entries, g_array_unref);
  g_clear_pointer (&found->rows, g_ptr_array_unref);
  g_clear_pointer (&found->overlay, store_overlay_free);
  g_free (found);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Found, found_free)

static gboolean
find_rows (Store            *store,
           const StoreView  *view,
           GArray           *entries,
           Found            *found,
           GError          **error)
{
  found->row_entries = g_array_ref (entries);
  found->rows = store_listing_get_rows (store, view, (const StoreEntry *) entries->data, entries->len, error);
  if (found->rows == NULL)
    return FALSE;
  return (found->overlay = store_changes_get_overlay (store, error)) != NULL;
}

static gpointer
ask_list (Store     *store,
          gpointer   data,
          GError   **error)
{
  Ask *ask = data;
  g_autoptr(Found) found = g_new0 (Found, 1);
  g_autoptr(GArray) first = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  g_autoptr(StoreTransaction) transaction = store_begin_read (store, error);

  if (transaction == NULL || (found->rev = store_get_mail_rev (store, error)) == 0)
    return NULL;
  if ((found->entries = store_listing_list (store, &ask->view, NULL, 0, error)) == NULL)
    return NULL;
  if (found->entries->len > 0)
    g_array_append_vals (first, found->entries->data, MIN (found->entries->len, FIRST_PAGE));
  if (!find_rows (store, &ask->view, first, found, error))
    return NULL;
  return g_steal_pointer (&found);
}

static gpointer
ask_rows (Store     *store,
          gpointer   data,
          GError   **error)
{
  Ask *ask = data;
  g_autoptr(Found) found = g_new0 (Found, 1);

  return find_rows (store, &ask->view, ask->entries, found, error) ? g_steal_pointer (&found) : NULL;
}

/* What is new, or the whole list where that is too much. */
static gpointer
ask_news (Store     *store,
          gpointer   data,
          GError   **error)
{
  Ask *ask = data;
  g_autoptr(Found) found = g_new0 (Found, 1);

  if ((found->news = store_listing_get_news (store, &ask->view, ask->since, NEWS_LIMIT, error)) == NULL)
    return NULL;
  if (found->news->is_too_much)
    return ask_list (store, data, error);
  if ((found->overlay = store_changes_get_overlay (store, error)) == NULL)
    return NULL;
  found->rev = found->news->rev;
  return g_steal_pointer (&found);
}

/* --- items --- */

static void
item_gone (gpointer  data,
           GObject  *item)
{
  GHashTable *items = data;
  GHashTableIter iter;
  gpointer value;

  /* Few are alive at any time: as many as a list view keeps. */
  g_hash_table_iter_init (&iter, items);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    if (value == item)
      {
        g_hash_table_iter_remove (&iter);
        break;
      }
  g_hash_table_unref (items);
}

static gint64 *
dup_id (gint64 id)
{
  return g_memdup2 (&id, sizeof id);
}

static ModelMessage *
item_new (ModelMessages    *self,
          const StoreEntry *entry)
{
  ModelMessage *item = model_message_new (entry);

  g_hash_table_insert (self->items, dup_id (entry->id), item);
  g_object_weak_ref (G_OBJECT (item), item_gone, g_hash_table_ref (self->items));
  return item;
}

static const StoreOverlayItem *
peek_overlay (const Found    *found,
              const StoreRow *row)
{
  return found->overlay != NULL ? store_overlay_peek (found->overlay, row->location_id) : NULL;
}

/* Hands the rows found to the items that are alive; with keep, makes items for the rest. */
static void
fill_items (ModelMessages *self,
            Found         *found,
            GPtrArray     *keep)
{
  for (guint i = 0; i < found->rows->len; i++)
    {
      StoreRow *row = g_steal_pointer (&g_ptr_array_index (found->rows, i));
      const StoreEntry *entry = &g_array_index (found->row_entries, StoreEntry, i);
      ModelMessage *item = g_hash_table_lookup (self->items, &entry->id);

      if (row == NULL)
        continue;
      if (item == NULL && keep != NULL)
        {
          item = item_new (self, entry);
          g_ptr_array_add (keep, item);
        }
      if (item != NULL)
        model_message_take_row (item, row, peek_overlay (found, row),
                                self->people == MODEL_PEOPLE_RECIPIENTS);
      else
        store_row_free (row);
    }
}

static void read_wanted_rows (ModelMessages *self);

static void
rows_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr(ModelMessages) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Found) found = model_store_ask_finish (MODEL_STORE (object), result, &error);

  self->is_reading_rows = FALSE;
  if (found == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_warning ("Cannot read rows of the list: %s", error->message);
      return;
    }
  fill_items (self, found, NULL);
  if (g_hash_table_size (self->wanted) > 0)
    read_wanted_rows (self);
}

static void
read_wanted_rows (ModelMessages *self)
{
  Ask *ask;
  GHashTableIter iter;
  gpointer id;

  if (self->is_reading_rows)
    return;
  ask = ask_new (self);
  ask->entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  g_hash_table_iter_init (&iter, self->wanted);
  while (ask->entries->len < PAGE && g_hash_table_iter_next (&iter, &id, NULL))
    {
      ModelMessage *item = g_hash_table_lookup (self->items, id);

      if (item != NULL)
        g_array_append_vals (ask->entries, model_message_get_entry (item), 1);
      g_hash_table_iter_remove (&iter);
    }
  self->is_reading_rows = TRUE;
  model_store_ask (self->store, MODEL_SOON, ask_rows, ask, (GDestroyNotify) ask_free,
                   (GDestroyNotify) found_free, self->cancellable, rows_cb, g_object_ref (self));
}

static gboolean
wanted_cb (gpointer data)
{
  ModelMessages *self = data;

  self->wanted_idle = 0;
  read_wanted_rows (self);
  return G_SOURCE_REMOVE;
}

/* Collected until the list view has asked for all that it shows. */
static void
want_row (ModelMessages *self,
          gint64         id)
{
  g_hash_table_add (self->wanted, dup_id (id));
  if (self->wanted_idle == 0)
    self->wanted_idle = g_idle_add_full (G_PRIORITY_DEFAULT, wanted_cb, self, NULL);
}

/* --- the list --- */

static void
set_state (ModelMessages      *self,
           ModelMessagesState  state,
           const char         *problem)
{
  self->state = state;
  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_signal_emit (self, signals[STATE_CHANGED], 0);
}

/* An item whose place changed keeps its identity; its entry follows. */
static void
update_item_entries (ModelMessages *self,
                     GArray        *changed)
{
  for (guint i = 0; i < changed->len; i++)
    {
      const StoreEntry *entry = &g_array_index (changed, StoreEntry, i);
      ModelMessage *item = g_hash_table_lookup (self->items, &entry->id);

      if (item == NULL)
        continue;
      model_message_set_entry (item, entry);
      want_row (self, entry->id);
    }
}

static int
compare_positions (gconstpointer one,
                   gconstpointer other)
{
  guint a = *(const guint *) one, b = *(const guint *) other;

  return a < b ? -1 : a > b;
}

static guint
find_entry (GArray           *entries,
            const StoreEntry *wanted)
{
  guint low = 0, high = entries->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (model_merge_compare (&g_array_index (entries, StoreEntry, middle), wanted) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

/* Where in that list the rows are that somebody holds: those a window shows, and the one that is read. */
static GArray *
list_live_positions (ModelMessages *self,
                     GArray        *entries)
{
  GArray *positions = g_array_new (FALSE, FALSE, sizeof (guint));
  GHashTableIter iter;
  gpointer item;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, NULL, &item))
    {
      guint position = find_entry (entries, model_message_get_entry (item));

      g_array_append_val (positions, position);
    }
  g_array_sort (positions, compare_positions);
  return positions;
}

/* Announces each step while the list is just as that step has left it, as a list model must. */
static void
replace_entries (ModelMessages *self,
                 GArray        *after)
{
  g_autoptr(GArray) steps = NULL;

  if (after == self->entries)
    return;
  steps = model_merge_steps (self->entries, after);
  if (steps->len > STEPS_MAX)
    {
      g_autoptr(GArray) live = list_live_positions (self, after);

      model_merge_join (steps, live);
    }
  for (guint i = 0; i < steps->len; i++)
    {
      const ModelStep *step = &g_array_index (steps, ModelStep, i);

      if (step->n_removed > 0)
        g_array_remove_range (self->entries, step->position, step->n_removed);
      if (step->n_added > 0)
        g_array_insert_vals (self->entries, step->position,
                             &g_array_index (after, StoreEntry, step->position), step->n_added);
      g_list_model_items_changed (G_LIST_MODEL (self), step->position, step->n_removed, step->n_added);
    }
}

static gboolean
hides (ModelMessages          *self,
       const StoreOverlayItem *wish)
{
  if (wish->is_gone)
    return TRUE;
  return wish->folder_id != 0
         && (self->view.kind != STORE_VIEW_FOLDER || wish->folder_id != self->view.folder_id);
}

/* Set of ids of locations, owned by array. */
static GHashTable *
find_hidden (ModelMessages      *self,
             const StoreOverlay *overlay,
             GArray             *wished)
{
  GHashTable *hidden = g_hash_table_new (g_int64_hash, g_int64_equal);

  for (guint i = 0; i < wished->len; i++)
    {
      gint64 *id = &g_array_index (wished, gint64, i);

      if (hides (self, store_overlay_peek (overlay, *id)))
        g_hash_table_add (hidden, id);
    }
  return hidden;
}

/* The list as mail.db has it. */
static GArray *
dup_base (ModelMessages *self)
{
  StoreNews back = { .changed = self->hidden };
  g_autoptr(GArray) none = g_array_new (FALSE, FALSE, sizeof (gint64));

  if (self->hidden->len == 0)
    return g_array_ref (self->entries);
  back.gone = none;
  return model_merge_apply (self->entries, &back);
}

/* Shows what mail.db has, without what is wished away. */
static void
show_base (ModelMessages      *self,
           GArray             *base,
           const StoreOverlay *overlay)
{
  g_autoptr(GArray) wished = store_overlay_list (overlay);
  g_autoptr(GHashTable) hidden = find_hidden (self, overlay, wished);
  g_autoptr(GArray) visible = NULL;

  g_array_set_size (self->hidden, 0);
  if (g_hash_table_size (hidden) == 0)
    {
      replace_entries (self, base);
      return;
    }
  visible = g_array_sized_new (FALSE, FALSE, sizeof (StoreEntry), base->len);
  for (guint i = 0; i < base->len; i++)
    {
      const StoreEntry *entry = &g_array_index (base, StoreEntry, i);

      g_array_append_vals (g_hash_table_contains (hidden, &entry->id) ? self->hidden : visible, entry, 1);
    }
  replace_entries (self, visible);
}

static void
refresh_all_items (ModelMessages *self)
{
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, self->items);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    want_row (self, *(gint64 *) id);
}

static void
list_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr(ModelMessages) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Found) found = model_store_ask_finish (MODEL_STORE (object), result, &error);
  g_autoptr(GPtrArray) keep = g_ptr_array_new_with_free_func (g_object_unref);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (found == NULL)
    {
      set_state (self, MODEL_MESSAGES_FAILED, error->message);
      return;
    }
  self->rev = found->rev;
  /* The first rows are there before the list view asks for them. */
  fill_items (self, found, keep);
  show_base (self, found->entries, found->overlay);
  set_state (self, MODEL_MESSAGES_READY, NULL);
}

/* Takes the held entry out of what is gone, to go when it is let go. */
static void
keep_held (ModelMessages *self,
           StoreNews     *news)
{
  for (guint i = 0; i < news->gone->len; i++)
    if (g_array_index (news->gone, gint64, i) == self->held)
      {
        g_array_remove_index_fast (news->gone, i);
        g_array_append_val (self->leaving, self->held);
        return;
      }
}

static gboolean
leaving_cb (gpointer data)
{
  ModelMessages *self = data;
  g_autoptr(GArray) none = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  g_autoptr(GArray) after = NULL;
  StoreNews news = { .changed = none, .gone = self->leaving };

  self->leaving_idle = 0;
  after = model_merge_apply (self->entries, &news);
  g_array_set_size (self->leaving, 0);
  replace_entries (self, after);
  return G_SOURCE_REMOVE;
}

/* Later: whoever lets go is in the middle of a change of the selection. */
void
model_messages_hold (ModelMessages *self,
                     gint64         entry_id)
{
  if (self->held == entry_id)
    return;
  self->held = entry_id;
  if (self->leaving->len > 0 && self->leaving_idle == 0)
    self->leaving_idle = g_idle_add (leaving_cb, self);
}

static void read_news (ModelMessages *self);

static void
news_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr(ModelMessages) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(Found) found = model_store_ask_finish (MODEL_STORE (object), result, &error);

  self->is_reading_news = FALSE;
  if (found == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_warning ("Cannot read what is new in the list: %s", error->message);
      return;
    }
  self->rev = found->rev;
  if (found->news != NULL)
    {
      g_autoptr(GArray) base = dup_base (self);
      g_autoptr(GArray) after = NULL;

      keep_held (self, found->news);
      after = model_merge_apply (base, found->news);
      update_item_entries (self, found->news->changed);
      show_base (self, after, found->overlay);
    }
  else
    {
      show_base (self, found->entries, found->overlay);
    }
  /* A wish of desk.db changes no row of mail.db: all that is visible is laid over anew. */
  refresh_all_items (self);
  if (self->has_more_news)
    read_news (self);
}

static void
read_news (ModelMessages *self)
{
  if (self->state != MODEL_MESSAGES_READY)
    return;
  self->has_more_news = self->is_reading_news;
  if (self->is_reading_news)
    return;
  self->is_reading_news = TRUE;
  model_store_ask (self->store, MODEL_SOON, ask_news, ask_new (self), (GDestroyNotify) ask_free,
                   (GDestroyNotify) found_free, self->cancellable, news_cb, g_object_ref (self));
}

static void
read_list (ModelMessages *self)
{
  model_store_ask (self->store, MODEL_SOON, ask_list, ask_new (self), (GDestroyNotify) ask_free,
                   (GDestroyNotify) found_free, self->cancellable, list_cb, g_object_ref (self));
}

static void
on_news (ModelMessages *self)
{
  if (self->state == MODEL_MESSAGES_FAILED)
    read_list (self);
  else
    read_news (self);
}

static GType
model_messages_get_item_type (GListModel *model)
{
  return MODEL_TYPE_MESSAGE;
}

static guint
model_messages_get_n_items (GListModel *model)
{
  return MODEL_MESSAGES (model)->entries->len;
}

static gpointer
model_messages_get_item (GListModel *model,
                         guint       position)
{
  ModelMessages *self = MODEL_MESSAGES (model);
  const StoreEntry *entry = model_messages_peek_entry (self, position);
  ModelMessage *item;

  if (entry == NULL)
    return NULL;
  if ((item = g_hash_table_lookup (self->items, &entry->id)) != NULL)
    return g_object_ref (item);
  item = item_new (self, entry);
  want_row (self, entry->id);
  return item;
}

static void
model_messages_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = model_messages_get_item_type;
  iface->get_n_items = model_messages_get_n_items;
  iface->get_item = model_messages_get_item;
}

ModelMessagesState
model_messages_get_state (ModelMessages *self)
{
  return self->state;
}

const char *
model_messages_peek_problem (ModelMessages *self)
{
  return self->problem;
}

const StoreView *
model_messages_peek_view (ModelMessages *self)
{
  return &self->view;
}

const StoreEntry *
model_messages_peek_entry (ModelMessages *self,
                           guint          position)
{
  return position < self->entries->len ? &g_array_index (self->entries, StoreEntry, position) : NULL;
}

guint
model_messages_find_message (ModelMessages *self,
                             gint64         message_id)
{
  guint low = 0, high = self->entries->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (self->entries, StoreEntry, middle).message_id > message_id)
        low = middle + 1;
      else
        high = middle;
    }
  if (low < self->entries->len && g_array_index (self->entries, StoreEntry, low).message_id == message_id)
    return low;
  return G_MAXUINT;
}

ModelMessages *
model_messages_new (ModelStore      *store,
                    const StoreView *view,
                    ModelPeople      people)
{
  ModelMessages *self = g_object_new (MODEL_TYPE_MESSAGES, NULL);

  self->store = g_object_ref (store);
  self->view = view_copy (view);
  self->people = people;
  g_signal_connect_object (store, "news", G_CALLBACK (on_news), self, G_CONNECT_SWAPPED);
  read_list (self);
  return self;
}

static void
model_messages_dispose (GObject *object)
{
  ModelMessages *self = MODEL_MESSAGES (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->wanted_idle, g_source_remove);
  g_clear_handle_id (&self->leaving_idle, g_source_remove);
  G_OBJECT_CLASS (model_messages_parent_class)->dispose (object);
}

static void
model_messages_finalize (GObject *object)
{
  ModelMessages *self = MODEL_MESSAGES (object);

  view_clear (&self->view);
  g_object_unref (self->store);
  g_object_unref (self->cancellable);
  g_array_unref (self->entries);
  g_array_unref (self->hidden);
  g_array_unref (self->leaving);
  g_hash_table_unref (self->items);
  g_hash_table_unref (self->wanted);
  g_free (self->problem);
  G_OBJECT_CLASS (model_messages_parent_class)->finalize (object);
}

static void
model_messages_class_init (ModelMessagesClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = model_messages_dispose;
  object_class->finalize = model_messages_finalize;
  signals[STATE_CHANGED] = g_signal_new ("state-changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
model_messages_init (ModelMessages *self)
{
  self->cancellable = g_cancellable_new ();
  self->entries = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  self->hidden = g_array_new (FALSE, FALSE, sizeof (StoreEntry));
  self->leaving = g_array_new (FALSE, FALSE, sizeof (gint64));
  self->items = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->wanted = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}
