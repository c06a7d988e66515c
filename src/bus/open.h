/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bus/open.h - finds the worker of a store, starts one on demand, and says Hello.  For bus/client.c only.
 *
 * Threads: any; it blocks.  Errors: BUS_ERROR, G_IO_ERROR_CANCELLED.
 */
#pragma once

#include "bus/client.h"

/* theirs gets what the worker says it is, its version allocated; untouched on error. */
GDBusConnection *bus_open       (const char      *data_dir,
                                 BusOpen          how,
                                 const BusHello  *mine,
                                 BusHello        *theirs,
                                 GCancellable    *cancellable,
                                 GError         **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a failed call means: time-out and closed connection become BUS_ERROR, the worker's own errors lose
 * GDBus's prefix.  Takes problem. */
void             bus_open_propagate (GError  **error,
                                     GError   *problem);
