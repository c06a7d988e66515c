/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/places.h - the sidebar as a list of ModelPlace: views over all accounts, then each account with its
 * folders.
 *
 * Folders with a role come first, in the order people know; the others by name under their parents.  Folders
 * of this computer are shown while they hold mail.  A place keeps its item while it exists.
 *
 * Threads: main.
 */
#pragma once

#include "model/place.h"
#include "model/store.h"

#define MODEL_TYPE_PLACES (model_places_get_type ())
G_DECLARE_FINAL_TYPE (ModelPlaces, model_places, MODEL, PLACES, GObject)

/* Emits "loaded" when it was read for the first time, also when there is no store or no account yet, and
 * "updated" each time it was read, when all places are as the store has them. */
ModelPlaces *model_places_new          (ModelStore *store) G_GNUC_WARN_UNUSED_RESULT;
gboolean     model_places_is_loaded    (ModelPlaces *self);
guint        model_places_get_n_accounts (ModelPlaces *self);
/* NULL if there is none.  Borrowed. */
ModelPlace  *model_places_find         (ModelPlaces *self,
                                        const char  *key);
ModelPlace  *model_places_find_folder  (ModelPlaces *self,
                                        gint64       folder_id);
ModelPlace  *model_places_find_role    (ModelPlaces *self,
                                        gint64       account_id,
                                        StoreRole    role);

/* Pure: the facts of all rows in order, of ModelPlaceFacts.  accounts, folders and states as the store lists
 * them. */
GPtrArray   *model_places_arrange      (GPtrArray *accounts,
                                        GPtrArray *folders,
                                        GPtrArray *states) G_GNUC_WARN_UNUSED_RESULT;
