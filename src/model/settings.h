/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/settings.h - the preferences of the whole program, in memory for the main thread.
 *
 * What is set counts at once and is written on the store thread.  The signal "changed" (StoreSetting as uint)
 * says that one has another value, whoever set it; "written" that what was set is in the file, for whoever
 * tells the worker.
 *
 * Threads: main.
 */
#pragma once

#include "model/store.h"
#include "store/settings.h"

#define MODEL_TYPE_SETTINGS (model_settings_get_type ())
G_DECLARE_FINAL_TYPE (ModelSettings, model_settings, MODEL, SETTINGS, GObject)

ModelSettings *model_settings_new         (ModelStore    *store) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE: nothing was read yet, and every value is 0. */
gboolean       model_settings_is_loaded   (ModelSettings *self);
/* Booleans are 0 and 1. */
gint64         model_settings_get         (ModelSettings *self,
                                           StoreSetting   setting);
void           model_settings_set         (ModelSettings *self,
                                           StoreSetting   setting,
                                           gint64         value);
