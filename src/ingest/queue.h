/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/queue.h - what waits between lanes, the ingest thread and the writer thread, and what became of it.
 *
 * New items wait for the ingest thread, ready ones for the writer thread, urgent ones go before them.  The weight of an
 * item counts from putting to storing, so memory is bounded however slow the disk is.  It knows nothing of mail.
 *
 * Threads: any; one lock guards queues, streams and waiters.  Limits: INGEST_QUEUE_MAX, overshot by one item at most.
 */
#pragma once

#include "ingest/item.h"

typedef struct _IngestQueue IngestQueue;

IngestQueue  *ingest_queue_new          (void) G_GNUC_WARN_UNUSED_RESULT;
void          ingest_queue_free         (IngestQueue        *queue);

/* From a lane.  Takes item; its ticket is given, or 0 with error and the item is gone. */
IngestTicket  ingest_queue_put          (IngestQueue        *queue,
                                         IngestStream       *stream,
                                         IngestItem         *item,
                                         GCancellable       *cancellable,
                                         GError            **error);
void          ingest_queue_add_urgent   (IngestQueue        *queue,
                                         IngestItem         *item);

/* For the ingest thread: NULL when there will be no more. */
IngestItem   *ingest_queue_take_new     (IngestQueue        *queue);
void          ingest_queue_add_ready    (IngestQueue        *queue,
                                         IngestItem         *item);

typedef enum {
  INGEST_TAKE_SOME,
  INGEST_TAKE_NOTHING_CAME,              /* for timeout_us */
  INGEST_TAKE_OVER,                      /* there will be no more */
} IngestTake;

/* For the writer thread: all that is urgent, or else what is ready, up to a batch.  Items of failed streams are dropped
 * on the way.  timeout_us 0: waits for ever. */
IngestTake    ingest_queue_take_ready   (IngestQueue        *queue,
                                         GPtrArray          *items,
                                         guint               max_items,
                                         gsize               max_weight,
                                         gint64              timeout_us);
/* Its stream has failed meanwhile. */
gboolean      ingest_queue_is_void      (IngestQueue        *queue,
                                         const IngestItem   *item);
/* Stored, or, with error, not: tickets become durable, streams fail, waiters wake. */
void          ingest_queue_settle       (IngestQueue        *queue,
                                         IngestItem *const  *items,
                                         gsize               n_items,
                                         const GError       *error);

void          ingest_queue_wait_for     (IngestQueue        *queue,
                                         IngestWaiter       *waiter);

/* The writer thread has opened the store, or failed to. */
void          ingest_queue_open         (IngestQueue        *queue);
void          ingest_queue_wait_open    (IngestQueue        *queue);
/* No more comes from lanes; from the ingest thread. */
void          ingest_queue_end_new      (IngestQueue        *queue);
void          ingest_queue_end_ready    (IngestQueue        *queue);

/* For streams. */
void          ingest_queue_add_stream   (IngestQueue        *queue,
                                         IngestStream       *stream);
void          ingest_queue_remove_stream (IngestQueue       *queue,
                                         IngestStream       *stream);
gboolean      ingest_queue_has_room     (IngestQueue        *queue);
typedef enum {
  INGEST_ASK_NOW,
  INGEST_WAIT,
} IngestPatience;
/* *durable tells whether the ticket is; FALSE with error when the stream failed before it, or by cancellable. */
gboolean      ingest_queue_get_durable  (IngestQueue        *queue,
                                         IngestStream       *stream,
                                         IngestTicket        ticket,
                                         IngestPatience      patience,
                                         GCancellable       *cancellable,
                                         gboolean           *durable,
                                         GError            **error);
