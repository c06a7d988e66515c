/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/threads-private.h - the part of threads.h that only this folder uses.
 *
 * messages.c places a new message in a conversation; locations.c marks what folders show of it as out of
 * date; store_commit() settles that once for all rows of a transaction.
 */
#pragma once

#include "store/threads.h"

typedef struct _StoreThreadsDirty StoreThreadsDirty;

StoreThreadsDirty *store_threads_dirty_new   (void) G_GNUC_WARN_UNUSED_RESULT;
void               store_threads_dirty_free  (StoreThreadsDirty *dirty);
void               store_threads_dirty_clear (StoreThreadsDirty *dirty);
StoreThreadsDirty *store_peek_dirty          (Store             *store);

/* What the folder shows of the conversation may have changed. */
void               store_threads_mark        (Store             *store,
                                              gint64             folder_id,
                                              gint64             thread_id);
/* The same for every folder that holds the message. */
gboolean           store_threads_mark_message (Store            *store,
                                               gint64            message_id,
                                               GError          **error);
gboolean           store_threads_settle      (Store             *store,
                                              GError           **error);

/* What is compared.  Not yet a row of message. */
typedef struct {
  gint64        id;
  gint64        key;
  const gint64 *references;              /* STORE_REFERENCES_MAX at most */
  gsize         n_references;
  gint64        subject_key;             /* of the base subject; 0: none to go by */
  gboolean      is_bare_reply;           /* a reply that names nobody */
  const MimeSummary *summary;
} StoreThreadsNew;

/* The conversation it belongs to, made or joined from several.  0 on error. */
gint64             store_threads_place       (Store                  *store,
                                              const StoreThreadsNew  *message,
                                              GError                **error);
