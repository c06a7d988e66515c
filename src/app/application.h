/* SPDX-License-Identifier: GPL-3.0-or-later */
/* app/application.h - one running Penfold for each store: command line, windows, and what a desktop may ask
 * of it.
 *
 * The usual store has the id org.penfold.Penfold; the store in another --data-dir has one of its own, so that
 * both can be open at the same time.
 *
 * Threads: main.
 */
#pragma once

#include <adwaita.h>

#define APP_TYPE_APPLICATION (app_application_get_type ())
G_DECLARE_FINAL_TYPE (AppApplication, app_application, APP, APPLICATION, AdwApplication)

GApplication *app_application_new (void) G_GNUC_WARN_UNUSED_RESULT;
