/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/queue.h"

#include "ingest/stream.h"

#include <sys/eventfd.h>

struct _IngestQueue {
  GMutex      lock;
  GCond       changed;                   /* for lanes and those who wait: room, tickets, waiters */
  GCond       has_new;
  GCond       has_ready;
  GQueue      new;                       /* of IngestItem */
  GQueue      ready;
  GQueue      urgent;
  gsize       weight;                    /* of everything between putting and storing */
  GPtrArray  *streams;
  gboolean    is_open;
  gboolean    is_new_over;
  gboolean    is_ready_over;
};

IngestQueue *
ingest_queue_new (void)
{
  IngestQueue *queue = g_new0 (IngestQueue, 1);

  g_mutex_init (&queue->lock);
  g_cond_init (&queue->changed);
  g_cond_init (&queue->has_new);
  g_cond_init (&queue->has_ready);
  queue->streams = g_ptr_array_new ();
  return queue;
}

void
ingest_queue_free (IngestQueue *queue)
{
  g_assert (queue->new.length + queue->ready.length + queue->urgent.length == 0);
  g_ptr_array_unref (queue->streams);
  g_mutex_clear (&queue->lock);
  g_cond_clear (&queue->changed);
  g_cond_clear (&queue->has_new);
  g_cond_clear (&queue->has_ready);
  g_free (queue);
}

static void
wake (IngestStream *stream)
{
  eventfd_write (stream->wake_fd, 1);
}

static gboolean
is_full (IngestQueue *queue)
{
  return queue->weight >= INGEST_QUEUE_MAX;
}

static void
add_weight (IngestQueue      *queue,
            const IngestItem *item)
{
  queue->weight += item->weight;
}

static void
remove_weight (IngestQueue      *queue,
               const IngestItem *item)
{
  gboolean was_full = is_full (queue);

  queue->weight -= item->weight;
  if (!was_full || is_full (queue))
    return;
  g_cond_broadcast (&queue->changed);
  for (guint i = 0; i < queue->streams->len; i++)
    wake (queue->streams->pdata[i]);
}

/* --- lanes ------------------------------------------------------------------------------------------------------ */

/* Called with the lock held by nobody of this thread. */
static void
on_cancelled (GCancellable *cancellable,
              gpointer      user_data)
{
  IngestQueue *queue = user_data;

  g_mutex_lock (&queue->lock);
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->lock);
}

static gulong
connect_cancellable (IngestQueue  *queue,
                     GCancellable *cancellable)
{
  return cancellable != NULL ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), queue, NULL) : 0;
}

static void
disconnect_cancellable (GCancellable *cancellable,
                        gulong        id)
{
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, id);
}

static gboolean
check_stream (IngestStream  *stream,
              GError       **error)
{
  if (stream->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (stream->error));
  return FALSE;
}

static IngestTicket
put_locked (IngestQueue   *queue,
            IngestStream  *stream,
            IngestItem    *item,
            GCancellable  *cancellable,
            GError       **error)
{
  while (is_full (queue) && stream->error == NULL && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&queue->changed, &queue->lock);
  if (g_cancellable_set_error_if_cancelled (cancellable, error) || !check_stream (stream, error))
    return 0;
  item->ticket = ++stream->last;
  add_weight (queue, item);
  g_queue_push_tail (&queue->new, item);
  g_cond_signal (&queue->has_new);
  return item->ticket;
}

IngestTicket
ingest_queue_put (IngestQueue   *queue,
                  IngestStream  *stream,
                  IngestItem    *item,
                  GCancellable  *cancellable,
                  GError       **error)
{
  gulong id = connect_cancellable (queue, cancellable);
  IngestTicket ticket;

  g_atomic_int_inc (&stream->ref_count);
  item->stream = stream;
  g_mutex_lock (&queue->lock);
  ticket = put_locked (queue, stream, item, cancellable, error);
  g_mutex_unlock (&queue->lock);
  disconnect_cancellable (cancellable, id);
  if (ticket == 0)
    ingest_item_free (item);
  return ticket;
}

void
ingest_queue_add_urgent (IngestQueue *queue,
                         IngestItem  *item)
{
  g_mutex_lock (&queue->lock);
  g_assert (!queue->is_ready_over);
  add_weight (queue, item);
  g_queue_push_tail (&queue->urgent, item);
  g_cond_signal (&queue->has_ready);
  g_mutex_unlock (&queue->lock);
}

gboolean
ingest_queue_has_room (IngestQueue *queue)
{
  gboolean has_room;

  g_mutex_lock (&queue->lock);
  has_room = !is_full (queue);
  g_mutex_unlock (&queue->lock);
  return has_room;
}

void
ingest_queue_add_stream (IngestQueue  *queue,
                         IngestStream *stream)
{
  g_mutex_lock (&queue->lock);
  g_ptr_array_add (queue->streams, stream);
  g_mutex_unlock (&queue->lock);
}

void
ingest_queue_remove_stream (IngestQueue  *queue,
                            IngestStream *stream)
{
  g_mutex_lock (&queue->lock);
  g_ptr_array_remove_fast (queue->streams, stream);
  g_mutex_unlock (&queue->lock);
}

gboolean
ingest_queue_get_durable (IngestQueue     *queue,
                          IngestStream    *stream,
                          IngestTicket     ticket,
                          IngestPatience   patience,
                          GCancellable    *cancellable,
                          gboolean        *durable,
                          GError         **error)
{
  gulong id = connect_cancellable (queue, cancellable);
  gboolean done;

  g_mutex_lock (&queue->lock);
  while (patience == INGEST_WAIT && stream->durable < ticket && stream->error == NULL &&
         !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&queue->changed, &queue->lock);
  *durable = stream->durable >= ticket;
  done = *durable || (check_stream (stream, error) && !g_cancellable_set_error_if_cancelled (cancellable, error));
  g_mutex_unlock (&queue->lock);
  disconnect_cancellable (cancellable, id);
  return done;
}

void
ingest_queue_wait_for (IngestQueue  *queue,
                       IngestWaiter *waiter)
{
  g_mutex_lock (&queue->lock);
  while (!waiter->is_done)
    g_cond_wait (&queue->changed, &queue->lock);
  g_mutex_unlock (&queue->lock);
}

/* --- the two threads -------------------------------------------------------------------------------------------- */

IngestItem *
ingest_queue_take_new (IngestQueue *queue)
{
  IngestItem *item;

  g_mutex_lock (&queue->lock);
  while ((item = g_queue_pop_head (&queue->new)) == NULL && !queue->is_new_over)
    g_cond_wait (&queue->has_new, &queue->lock);
  g_mutex_unlock (&queue->lock);
  return item;
}

void
ingest_queue_add_ready (IngestQueue *queue,
                        IngestItem  *item)
{
  g_mutex_lock (&queue->lock);
  g_queue_push_tail (&queue->ready, item);
  g_cond_signal (&queue->has_ready);
  g_mutex_unlock (&queue->lock);
}

/* Up to a batch from the head of the queue; what failed before comes along only to be dropped. */
static void
take_batch (IngestQueue *queue,
            GQueue      *from,
            GPtrArray   *items,
            guint        max_items,
            gsize        max_weight)
{
  gsize weight = 0;
  IngestItem *item;

  while (items->len < max_items && weight < max_weight && (item = g_queue_pop_head (from)) != NULL)
    {
      if (item->stream != NULL && item->stream->error != NULL)
        {
          remove_weight (queue, item);
          ingest_item_free (item);
          continue;
        }
      weight += item->weight;
      g_ptr_array_add (items, item);
    }
}

/* FALSE when nothing came for timeout_us. */
static gboolean
wait_for_ready (IngestQueue *queue,
                gint64       timeout_us)
{
  gint64 end = g_get_monotonic_time () + timeout_us;

  while (queue->urgent.length == 0 && queue->ready.length == 0 && !queue->is_ready_over)
    if (timeout_us == 0)
      g_cond_wait (&queue->has_ready, &queue->lock);
    else if (!g_cond_wait_until (&queue->has_ready, &queue->lock, end))
      return queue->urgent.length + queue->ready.length > 0 || queue->is_ready_over;
  return TRUE;
}

IngestTake
ingest_queue_take_ready (IngestQueue *queue,
                         GPtrArray   *items,
                         guint        max_items,
                         gsize        max_weight,
                         gint64       timeout_us)
{
  IngestTake take = INGEST_TAKE_SOME;

  g_mutex_lock (&queue->lock);
  while (items->len == 0 && take == INGEST_TAKE_SOME)
    {
      if (!wait_for_ready (queue, timeout_us))
        take = INGEST_TAKE_NOTHING_CAME;
      else if (queue->urgent.length > 0)
        take_batch (queue, &queue->urgent, items, max_items, max_weight);
      else if (queue->ready.length > 0)
        take_batch (queue, &queue->ready, items, max_items, max_weight);
      else
        take = INGEST_TAKE_OVER;
    }
  g_mutex_unlock (&queue->lock);
  return take;
}

gboolean
ingest_queue_is_void (IngestQueue      *queue,
                      const IngestItem *item)
{
  gboolean is_void;

  g_mutex_lock (&queue->lock);
  is_void = item->stream != NULL && item->stream->error != NULL;
  if (is_void)
    remove_weight (queue, item);
  g_mutex_unlock (&queue->lock);
  return is_void;
}

static void
settle_stream (const IngestItem *item,
               const GError     *error)
{
  IngestStream *stream = item->stream;

  if (error == NULL)
    stream->durable = item->ticket;
  else if (stream->error == NULL)
    stream->error = g_error_copy (error);
  wake (stream);
}

static void
settle_one (IngestQueue      *queue,
            const IngestItem *item,
            const GError     *error)
{
  remove_weight (queue, item);
  if (item->stream != NULL)
    settle_stream (item, error);
  if (item->waiter != NULL)
    {
      item->waiter->error = error != NULL ? g_error_copy (error) : NULL;
      item->waiter->is_done = TRUE;
    }
  if (item->stream == NULL && item->waiter == NULL && error != NULL)
    g_warning ("Could not write: %s", error->message);
}

void
ingest_queue_settle (IngestQueue       *queue,
                     IngestItem *const *items,
                     gsize              n_items,
                     const GError      *error)
{
  g_mutex_lock (&queue->lock);
  for (gsize i = 0; i < n_items; i++)
    settle_one (queue, items[i], error);
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->lock);
}

/* --- life ------------------------------------------------------------------------------------------------------- */

void
ingest_queue_open (IngestQueue *queue)
{
  g_mutex_lock (&queue->lock);
  queue->is_open = TRUE;
  g_cond_broadcast (&queue->changed);
  g_mutex_unlock (&queue->lock);
}

void
ingest_queue_wait_open (IngestQueue *queue)
{
  g_mutex_lock (&queue->lock);
  while (!queue->is_open)
    g_cond_wait (&queue->changed, &queue->lock);
  g_mutex_unlock (&queue->lock);
}

void
ingest_queue_end_new (IngestQueue *queue)
{
  g_mutex_lock (&queue->lock);
  queue->is_new_over = TRUE;
  g_cond_broadcast (&queue->has_new);
  g_mutex_unlock (&queue->lock);
}

void
ingest_queue_end_ready (IngestQueue *queue)
{
  g_mutex_lock (&queue->lock);
  queue->is_ready_over = TRUE;
  g_cond_broadcast (&queue->has_ready);
  g_mutex_unlock (&queue->lock);
}
