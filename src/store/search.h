/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/search.h - which messages a query finds, newest first.
 *
 * Every part of a query is a row of message ids, descending; they are brought together without collecting any
 * of them, so the newest results cost the same in a small and in a large store.  Messages without a location
 * are not found.
 *
 * Threads: the handle's.  Limits: a word still being typed counts as the beginning of longer ones from
 * STORE_SEARCH_PREFIX_MIN letters on, one character in scripts without blanks.
 */
#pragma once

#include "store/query.h"
#include "store/store.h"

#define STORE_SEARCH_PREFIX_MIN 3

/* Message ids of gint64, descending: at most limit, all below before_id (0: from the newest).  account_id may
 * be STORE_ACCOUNT_ANY.  Nothing to look for, as when only punctuation was typed, finds nothing. */
GArray *store_search_run (Store             *store,
                          const StoreQuery  *query,
                          gint64             account_id,
                          gint64             before_id,
                          guint              limit,
                          GError           **error) G_GNUC_WARN_UNUSED_RESULT;
