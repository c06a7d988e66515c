/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/ingest/world.h - a store with an ingest, messages to put into it, and eyes to look at what came of
 * them.
 *
 * Every failure is an assertion.  Readers see what is committed, through a handle of their own.
 */
#pragma once

#include "ingest/ingest.h"
#include "store/contents.h"
#include "store/locks.h"
#include "store/messages.h"

typedef struct {
  char            *dir;
  StoreWorkerLock *lock;
  Ingest          *ingest;
  Store           *store;                /* reader */
  StoreRaw        *raw;                  /* reader */
  gint64           account_id;
  gint64           inbox;                /* ids of two folders of a server; 0: gone */
  gint64           archive;
} World;

World        *world_new            (void) G_GNUC_WARN_UNUSED_RESULT;
/* On a directory that exists and is left as it is. */
World        *world_open           (const char   *dir) G_GNUC_WARN_UNUSED_RESULT;
/* The same, or NULL where the ingest cannot start. */
World        *world_try_open       (const char   *dir) G_GNUC_WARN_UNUSED_RESULT;
void          world_close          (World        *world);
void          world_free           (World        *world);          /* removes the directory */
void          world_restart        (World        *world);
/* Ends the ingest and closes the readers; worker.lock stays.  Only world_free() may follow. */
void          world_stop_ingest    (World        *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* A whole message, the same for the same number and size.  Beyond 100,000 bytes it is no text. */
GBytes       *world_message        (guint         number,
                                    gsize         size) G_GNUC_WARN_UNUSED_RESULT;
BaseSlice     world_header         (GBytes       *message);
IngestRow     world_row            (const World  *world,
                                    guint32       uid);

IngestTicket  world_put_row        (IngestStream *stream,
                                    IngestRow     row,
                                    GBytes       *message);
IngestTicket  world_put_body       (IngestStream *stream,
                                    IngestRow     row,
                                    GBytes       *message);
void          world_wait           (IngestStream *stream,
                                    IngestTicket  ticket);

StoreLocation *world_find          (const World  *world,
                                    /* in the inbox, or NULL */
                                    guint32       uid) G_GNUC_WARN_UNUSED_RESULT;
void          world_assert_holds   (const World  *world,
                                    guint32       uid,
                                    GBytes       *message);
gint64        world_count          (const World  *world,
                                    const char   *sql);
