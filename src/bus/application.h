/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bus/application.h - by what name the window of a store is known on the session bus.
 *
 * Threads: any.
 */
#pragma once

#include <glib.h>

#define BUS_APPLICATION_ID "org.penfold.Penfold"

/* The real path, so that one store has one name; a folder that is missing is made, with mode 0700. */
char *bus_application_real_path (const char *data_dir) G_GNUC_WARN_UNUSED_RESULT;
/* BUS_APPLICATION_ID for the usual store, for another one with a suffix of its own. */
char *bus_application_id_new    (const char *data_dir) G_GNUC_WARN_UNUSED_RESULT;
