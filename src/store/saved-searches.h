/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/saved-searches.h - searches the user kept, in the order of the sidebar.  The query is search.h's
 * language.
 *
 * Threads: the handle's; each call is one short transaction.
 */
#pragma once

#include "store/store.h"

typedef struct {
  gint64  id;                           /* 0: not saved yet */
  char   *name;
  char   *query;
  gint    position;
  gint64  rev;
} StoreSavedSearch;

void       store_saved_search_free    (StoreSavedSearch  *search);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreSavedSearch, store_saved_search_free)

/* Of StoreSavedSearch, in order. */
GPtrArray *store_saved_searches_list  (Store             *store,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* id 0 adds at the end.  Returns the id, 0 on error. */
gint64     store_saved_searches_save  (Store             *store,
                                       gint64             id,
                                       const char        *name,
                                       const char        *query,
                                       GError           **error);
gboolean   store_saved_searches_move  (Store             *store,
                                       gint64             id,
                                       gint               position,
                                       GError           **error);
gboolean   store_saved_searches_remove (Store            *store,
                                       gint64             id,
                                       GError           **error);
