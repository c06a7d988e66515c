/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/ingest.h"

#include "ingest/private.h"
#include "ingest/stream.h"
#include "store/contents.h"

#include <malloc.h>

#define BATCH_ITEMS  400                 /* of one transaction */
#define BATCH_WEIGHT (8 * 1024 * 1024)
#define REST_AFTER_US (3 * G_USEC_PER_SEC)

struct _Ingest {
  char         *data_dir;
  IngestQueue  *queue;
  GThread      *ingest_thread;
  GThread      *writer_thread;
  IngestWriter *writer;                  /* of the writer thread */
  GError       *open_error;

  GMutex        lock;                    /* of the next two, which are set by one thread and read by the writer's */
  IngestTold    told;
  gpointer      told_data;
};

IngestQueue *
ingest_peek_queue (Ingest *ingest)
{
  return ingest->queue;
}

const char *
ingest_peek_data_dir (Ingest *ingest)
{
  return ingest->data_dir;
}

IngestWriter *
ingest_peek_writer (Ingest *ingest)
{
  g_assert (g_thread_self () == ingest->writer_thread);
  return ingest->writer;
}

/* --- the ingest thread ------------------------------------------------------------------------------------------ */

typedef struct {
  Store       *reader;                   /* NULL: everything is packed */
  StorePacker *packer;
} Packing;

static gboolean
is_known (Packing          *packing,
          const IngestItem *item)
{
  StoreContent content;
  gboolean found = FALSE;

  return packing->reader != NULL && store_contents_find (packing->reader, item->sha256, &content, &found, NULL) && found;
}

static void
prepare_body (Packing    *packing,
              IngestItem *item)
{
  item->digest = ingest_digest_new_message (item->content);
  if (is_known (packing, item))
    return;
  item->packed = store_packer_pack (packing->packer, item->content, &item->encoding, &item->failure);
  if (item->packed != NULL)
    g_clear_pointer (&item->content, g_bytes_unref);
}

static void
prepare (Packing    *packing,
         IngestItem *item)
{
  switch (item->kind)
    {
    case INGEST_ROW:
      item->digest = ingest_digest_new_header (item->row.header);
      break;
    case INGEST_BODY:
      prepare_body (packing, item);
      break;
    case INGEST_WORK:
    case INGEST_ALONE:
      break;
    }
}

static gpointer
run_ingest_thread (gpointer data)
{
  Ingest *ingest = data;
  Packing packing = { store_open (ingest->data_dir, STORE_READER, NULL), store_packer_new (ingest->data_dir) };
  IngestItem *item;

  while ((item = ingest_queue_take_new (ingest->queue)) != NULL)
    {
      prepare (&packing, item);
      ingest_queue_add_ready (ingest->queue, item);
    }
  store_packer_free (packing.packer);
  if (packing.reader != NULL)
    store_close (packing.reader);
  return NULL;
}

/* --- the writer thread ------------------------------------------------------------------------------------------ */

/* One thing that cannot be stored must not take its neighbours with it. */
static void
run_one_by_one (Ingest    *ingest,
                GPtrArray *items)
{
  for (guint i = 0; i < items->len; i++)
    {
      IngestItem *item = items->pdata[i];
      g_autoptr(GError) error = NULL;

      if (ingest_queue_is_void (ingest->queue, item))
        continue;
      ingest_writer_run (ingest->writer, &item, 1, &error);
      ingest_queue_settle (ingest->queue, &item, 1, error);
    }
}

static void
run_together (Ingest    *ingest,
              GPtrArray *items)
{
  g_autoptr(GError) error = NULL;
  gboolean stored;

  if (items->len == 0)
    return;
  stored = ingest_writer_run (ingest->writer, (IngestItem **) items->pdata, items->len, &error);
  if (stored || items->len == 1 || g_error_matches (error, STORE_ERROR, STORE_ERROR_FULL))
    ingest_queue_settle (ingest->queue, (IngestItem **) items->pdata, items->len, error);
  else
    run_one_by_one (ingest, items);
}

static void
run_alone (Ingest     *ingest,
           IngestItem *item)
{
  g_autoptr(GError) error = NULL;

  ingest_writer_run_alone (ingest->writer, item, &error);
  ingest_queue_settle (ingest->queue, &item, 1, error);
}

static void
tell (Ingest *ingest)
{
  g_mutex_lock (&ingest->lock);
  if (ingest->told != NULL)
    ingest->told (ingest->told_data);
  g_mutex_unlock (&ingest->lock);
}

/* In order; what needs no transaction of ours stands between those that share one. */
static void
run_batch (Ingest    *ingest,
           GPtrArray *items)
{
  g_autoptr(GPtrArray) together = g_ptr_array_new ();

  for (guint i = 0; i < items->len; i++)
    {
      IngestItem *item = items->pdata[i];

      if (item->kind != INGEST_ALONE)
        {
          g_ptr_array_add (together, item);
          continue;
        }
      run_together (ingest, together);
      g_ptr_array_set_size (together, 0);
      run_alone (ingest, item);
    }
  run_together (ingest, together);
  tell (ingest);
}

/* Gives memory back when nothing has come for a while. */
static void
rest (Ingest *ingest)
{
  g_autoptr(GError) error = NULL;

  if (!store_rest (ingest->writer->store, &error))
    g_debug ("Resting: %s", error->message);
  malloc_trim (0);
}

static void
run_writer (Ingest *ingest)
{
  gboolean is_restless = FALSE;
  IngestTake take;

  do
    {
      g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func ((GDestroyNotify) ingest_item_free);

      take = ingest_queue_take_ready (ingest->queue, items, BATCH_ITEMS, BATCH_WEIGHT,
                                      is_restless ? REST_AFTER_US : 0);
      switch (take)
        {
        case INGEST_TAKE_SOME:
          run_batch (ingest, items);
          is_restless = TRUE;
          break;
        case INGEST_TAKE_NOTHING_CAME:
          rest (ingest);
          is_restless = FALSE;
          break;
        case INGEST_TAKE_OVER:
          break;
        }
    }
  while (take != INGEST_TAKE_OVER);
}

static gpointer
run_writer_thread (gpointer data)
{
  Ingest *ingest = data;

  ingest->writer = ingest_writer_new (ingest->data_dir, &ingest->open_error);
  ingest_queue_open (ingest->queue);
  if (ingest->writer == NULL)
    return NULL;
  run_writer (ingest);
  g_clear_pointer (&ingest->writer, ingest_writer_free);
  return NULL;
}

/* --- life ------------------------------------------------------------------------------------------------------- */

Ingest *
ingest_new (const char  *data_dir,
            GError     **error)
{
  Ingest *ingest = g_new0 (Ingest, 1);

  ingest->data_dir = g_strdup (data_dir);
  ingest->queue = ingest_queue_new ();
  g_mutex_init (&ingest->lock);
  ingest->writer_thread = g_thread_new ("writer", run_writer_thread, ingest);
  ingest_queue_wait_open (ingest->queue);
  if (ingest->open_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&ingest->open_error));
      ingest_free (ingest);
      return NULL;
    }
  ingest->ingest_thread = g_thread_new ("ingest", run_ingest_thread, ingest);
  return ingest;
}

void
ingest_free (Ingest *ingest)
{
  if (ingest == NULL)
    return;
  ingest_queue_end_new (ingest->queue);
  if (ingest->ingest_thread != NULL)
    g_thread_join (ingest->ingest_thread);
  ingest_queue_end_ready (ingest->queue);
  g_thread_join (ingest->writer_thread);
  ingest_queue_free (ingest->queue);
  g_mutex_clear (&ingest->lock);
  g_free (ingest->data_dir);
  g_free (ingest);
}

/* --- other writing ---------------------------------------------------------------------------------------------- */

static gboolean
write_and_wait (Ingest      *ingest,
                IngestItem  *item,
                GError     **error)
{
  IngestWaiter waiter = { 0 };

  g_assert (g_thread_self () != ingest->writer_thread);
  item->waiter = &waiter;
  ingest_queue_add_urgent (ingest->queue, item);
  ingest_queue_wait_for (ingest->queue, &waiter);
  if (waiter.error == NULL)
    return TRUE;
  g_propagate_error (error, waiter.error);
  return FALSE;
}

gboolean
ingest_write (Ingest     *ingest,
              StoreWork   work,
              gpointer    user_data,
              GError    **error)
{
  return write_and_wait (ingest, ingest_item_new_work (work, user_data, NULL), error);
}

gboolean
ingest_write_alone (Ingest     *ingest,
                    StoreWork   work,
                    gpointer    user_data,
                    GError    **error)
{
  IngestItem *item = ingest_item_new_work (work, user_data, NULL);

  item->kind = INGEST_ALONE;
  return write_and_wait (ingest, item, error);
}

void
ingest_set_told (Ingest     *ingest,
                 IngestTold  told,
                 gpointer    user_data)
{
  g_mutex_lock (&ingest->lock);
  ingest->told = told;
  ingest->told_data = user_data;
  g_mutex_unlock (&ingest->lock);
}

void
ingest_write_later (Ingest         *ingest,
                    StoreWork       work,
                    gpointer        user_data,
                    GDestroyNotify  destroy)
{
  ingest_queue_add_urgent (ingest->queue, ingest_item_new_work (work, user_data, destroy));
}

void
ingest_write_alone_later (Ingest         *ingest,
                          StoreWork       work,
                          gpointer        user_data,
                          GDestroyNotify  destroy)
{
  IngestItem *item = ingest_item_new_work (work, user_data, destroy);

  item->kind = INGEST_ALONE;
  ingest_queue_add_urgent (ingest->queue, item);
}

gboolean
ingest_drop_server (Ingest      *ingest,
                    Store       *store,
                    gint64       location_id,
                    StoreCause   by,
                    const char  *rule,
                    const char  *server_words,
                    GError     **error)
{
  g_assert (store == ingest->writer->store);
  return ingest_writer_drop_server (ingest->writer, location_id, by, rule, server_words, error);
}
