/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/applied.h - which changes of desk.db already had their effect in mail.db.
 *
 * The id is written in the transaction that holds the effect: after a crash an id that is here is only marked
 * accepted, never applied again.
 *
 * Threads: the handle's.  Writing needs store_begin().
 */
#pragma once

#include "store/store.h"

typedef enum {
  STORE_CHANGE_IS_NEW,
  STORE_CHANGE_WAS_APPLIED,
  STORE_CHANGE_UNKNOWN,                 /* error */
} StoreAppliedState;

StoreAppliedState store_applied_get    (Store    *store,
                                        gint64    change_id,
                                        GError  **error);
gboolean          store_applied_add    (Store    *store,
                                        gint64    change_id,
                                        GError  **error);
/* The effect was taken back: it may be applied again. */
gboolean          store_applied_remove (Store    *store,
                                        gint64    change_id,
                                        GError  **error);
/* A location that the change made for its item at position; the change must be there.  find: 0 if there is
 * none. */
gboolean          store_applied_add_location (Store    *store,
                                        gint64    change_id,
                                        gint64    position,
                                        gint64    location_id,
                                        GError  **error);
gboolean          store_applied_find_location (Store   *store,
                                        gint64    change_id,
                                        gint64    position,
                                        gint64   *location_id,
                                        GError  **error);
/* Forgets those below: desk.db has long ended them. */
gboolean          store_applied_forget (Store    *store,
                                        gint64    below_id,
                                        GError  **error);
