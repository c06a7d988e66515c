/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/listing-private.h - what belongs to a view, for the files of listing.h only. */
#pragma once

#include "store/listing.h"
#include "store/sql.h"

typedef struct {
  const StoreView *view;
  GArray          *folder_ids;          /* of gint64, ascending; unused for STORE_VIEW_MESSAGES */
  GHashTable      *message_ids;         /* set of gint64, STORE_VIEW_MESSAGES only */
  gboolean         is_merged;           /* of several folders: each message or conversation once */
  gboolean         only_unread;
  gboolean         only_flagged;
} StoreScope;

StoreScope *store_scope_new           (Store             *store,
                                       const StoreView   *view,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
void        store_scope_free          (StoreScope        *scope);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreScope, store_scope_free)

gboolean    store_scope_has_folder    (const StoreScope  *scope,
                                       gint64             folder_id);
gboolean    store_scope_shows         (const StoreScope  *scope,
                                       gint64             message_id,
                                       gint64             folder_id,
                                       guint              flags);

/* The entry of one message in a merged view; id is 0 if it is not shown there. */
gboolean    store_scope_find_message  (Store             *store,
                                       const StoreScope  *scope,
                                       gint64             message_id,
                                       StoreEntry        *entry,
                                       GError           **error);
/* Sums over those folders of the view that show it.  n_messages is 0 if none does. */
typedef struct {
  gint64 newest;
  gint64 folder_id;                     /* of the newest */
  guint  n_messages;
  guint  n_unread;
  guint  n_flagged;
  guint  n_attachments;
  gint64 rev;
} StoreConversation;

gboolean    store_scope_find_thread   (Store              *store,
                                       const StoreScope   *scope,
                                       gint64              thread_id,
                                       StoreConversation  *conversation,
                                       GError            **error);

/* For sorting, newest first. */
int         store_entry_compare       (gconstpointer       a,
                                       gconstpointer       b);
