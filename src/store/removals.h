/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/removals.h - the journal of server copies that a rule takes away.
 *
 * An entry is committed before DELE or EXPUNGE is sent, with the hash of the local copy that was read back,
 * and says afterwards what became of it.  After a crash the open entries are what has to be looked at.
 * It decides nothing: retention does.
 *
 * Threads: the handle's.  Writing needs store_begin().
 */
#pragma once

#include "store/store.h"

typedef enum {
  STORE_REMOVAL_INTENDED,
  STORE_REMOVAL_SENT,
  STORE_REMOVAL_DONE,
  STORE_REMOVAL_UNKNOWN,                /* sent, and no answer came */
  STORE_REMOVAL_REFUSED,
} StoreRemovalState;

typedef struct {
  gint64             id;
  gint64             location_id;
  gint64             account_id;
  char              *rule;
  guint8             sha256[32];
  gint64             intended_at;
  StoreRemovalState  state;
  guint              rounds;            /* how often the server said yes and listed it again */
  char              *server_words;      /* or NULL */
} StoreRemoval;

void          store_removal_free          (StoreRemoval *removal);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreRemoval, store_removal_free)

/* Gives the open entry of that location where there is one.  0 on error. */
gint64        store_removals_intend       (Store              *store,
                                           gint64              location_id,
                                           const char         *rule,
                                           const guint8        sha256[32],
                                           GError            **error);
/* server_words may be NULL. */
gboolean      store_removals_set_state    (Store              *store,
                                           gint64              id,
                                           StoreRemovalState   state,
                                           const char         *server_words,
                                           GError            **error);
/* The server had said yes and lists it again: back to intended, one round more. */
gboolean      store_removals_count_round  (Store              *store,
                                           gint64              id,
                                           GError            **error);
/* The newest entry of a location, done or not.  NULL without error if there is none. */
StoreRemoval *store_removals_find_last    (Store              *store,
                                           gint64              location_id,
                                           GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* All that are not done, oldest first.  Of StoreRemoval. */
GPtrArray    *store_removals_list_open    (Store              *store,
                                           gint64              account_id,
                                           GError            **error) G_GNUC_WARN_UNUSED_RESULT;
