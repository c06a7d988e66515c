/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/preferences.h - the preferences of the whole program; what belongs to one account is on its page.
 *
 * Each counts as soon as it is changed.
 */
#pragma once

#include "model/settings.h"

#include <adwaita.h>

GtkWidget *ui_preferences_new (GtkWindow     *parent,
                               ModelSettings *settings);
