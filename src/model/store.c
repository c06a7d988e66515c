/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/store.h"

struct _ModelStore {
  GObject      parent_instance;

  char        *dir;
  GThread     *thread;
  GAsyncQueue *questions;        /* of GTask; its task data is an Asked */
  gboolean     is_looking;
  gint64       mail_rev;         /* as last told by "news" */
  gint64       desk_rev;
};

G_DEFINE_FINAL_TYPE (ModelStore, model_store, G_TYPE_OBJECT)

enum { NEWS, N_SIGNALS };
static guint signals[N_SIGNALS];

typedef struct {
  ModelUrgency    urgency;
  guint64         number;        /* first asked, first answered */
  ModelQuestion   question;      /* NULL: the thread ends */
  gpointer        data;
  GDestroyNotify  free_data;
  GDestroyNotify  free_answer;
} Asked;

static void
asked_free (Asked *asked)
{
  if (asked->free_data != NULL)
    asked->free_data (asked->data);
  g_free (asked);
}

/* --- the store thread --- */

/* The queue and the directory outlive the object for as long as the thread needs them. */
typedef struct {
  GAsyncQueue *questions;
  char        *dir;
} Room;

static void
answer (GTask  *task,
        Store **store,
        Room   *room)
{
  Asked *asked = g_task_get_task_data (task);
  GError *error = NULL;
  gpointer found;

  if (g_task_return_error_if_cancelled (task))
    return;
  if (*store == NULL && (*store = store_open (room->dir, STORE_READER, &error)) == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  found = asked->question (*store, asked->data, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, found, asked->free_answer);
}

static gpointer
store_thread (gpointer data)
{
  Room *room = data;
  Store *store = NULL;

  for (;;)
    {
      g_autoptr(GTask) task = g_async_queue_pop (room->questions);
      Asked *asked = g_task_get_task_data (task);

      if (asked->question == NULL)
        break;
      answer (task, &store, room);
    }
  g_clear_pointer (&store, store_close);
  g_async_queue_unref (room->questions);
  g_free (room->dir);
  g_free (room);
  return NULL;
}

static int
compare_urgency (gconstpointer one,
                 gconstpointer other,
                 gpointer      data)
{
  const Asked *a = g_task_get_task_data ((GTask *) one);
  const Asked *b = g_task_get_task_data ((GTask *) other);

  if (a->urgency != b->urgency)
    return (int) a->urgency - (int) b->urgency;
  return a->number < b->number ? -1 : a->number > b->number;
}

static void
push (GAsyncQueue *questions,
      GTask       *task,
      Asked       *asked)
{
  static guint64 last_number;

  asked->number = ++last_number;
  g_task_set_task_data (task, asked, (GDestroyNotify) asked_free);
  g_async_queue_push_sorted (questions, task, compare_urgency, NULL);
}

/* --- the main thread --- */

void
model_store_ask (ModelStore          *self,
                 ModelUrgency         urgency,
                 ModelQuestion        question,
                 gpointer             data,
                 GDestroyNotify       free_data,
                 GDestroyNotify       free_answer,
                 GCancellable        *cancellable,
                 GAsyncReadyCallback  callback,
                 gpointer             user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  Asked *asked = g_new0 (Asked, 1);

  asked->urgency = urgency;
  asked->question = question;
  asked->data = data;
  asked->free_data = free_data;
  asked->free_answer = free_answer;
  g_task_set_source_tag (task, model_store_ask);
  push (self->questions, task, asked);
}

gpointer
model_store_ask_finish (ModelStore    *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_assert (g_task_is_valid (result, self));
  return g_task_propagate_pointer (G_TASK (result), error);
}

typedef struct {
  gint64 mail;
  gint64 desk;
} Revs;

static gpointer
ask_revs (Store     *store,
          gpointer   data,
          GError   **error)
{
  g_autofree Revs *revs = g_new0 (Revs, 1);

  if ((revs->mail = store_get_mail_rev (store, error)) == 0)
    return NULL;
  if ((revs->desk = store_get_desk_rev (store, error)) == 0)
    return NULL;
  return g_steal_pointer (&revs);
}

static void
revs_cb (GObject      *object,
         GAsyncResult *result,
         gpointer      data)
{
  ModelStore *self = MODEL_STORE (object);
  g_autofree Revs *revs = model_store_ask_finish (self, result, NULL);

  self->is_looking = FALSE;
  if (revs == NULL || (revs->mail == self->mail_rev && revs->desk == self->desk_rev))
    return;
  self->mail_rev = revs->mail;
  self->desk_rev = revs->desk;
  g_signal_emit (self, signals[NEWS], 0);
}

void
model_store_look (ModelStore *self)
{
  if (self->is_looking)
    return;
  self->is_looking = TRUE;
  model_store_ask (self, MODEL_SOON, ask_revs, NULL, NULL, g_free, NULL, revs_cb, NULL);
}

const char *
model_store_get_dir (ModelStore *self)
{
  return self->dir;
}

ModelStore *
model_store_new (const char *data_dir)
{
  ModelStore *self = g_object_new (MODEL_TYPE_STORE, NULL);
  Room *room = g_new0 (Room, 1);

  self->dir = g_strdup (data_dir);
  room->dir = g_strdup (data_dir);
  room->questions = g_async_queue_ref (self->questions);
  self->thread = g_thread_new ("store", store_thread, room);
  return self;
}

/* The thread holds no reference: a question under way is answered into its GTask, whose source object is this
 * one, so finalizing means that nobody waits any more. */
static void
model_store_finalize (GObject *object)
{
  ModelStore *self = MODEL_STORE (object);

  if (self->thread != NULL)
    {
      push (self->questions, g_task_new (NULL, NULL, NULL, NULL), g_new0 (Asked, 1));
      g_thread_unref (self->thread);
    }
  g_async_queue_unref (self->questions);
  g_free (self->dir);
  G_OBJECT_CLASS (model_store_parent_class)->finalize (object);
}

static void
model_store_class_init (ModelStoreClass *class)
{
  G_OBJECT_CLASS (class)->finalize = model_store_finalize;
  signals[NEWS] = g_signal_new ("news", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 0);
}

static void
model_store_init (ModelStore *self)
{
  self->questions = g_async_queue_new ();
}
