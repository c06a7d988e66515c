/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/pause.h - sleeping on a private main context: the one place of the program where a lane sleeps.
 *
 * Everything of GIO that happens in net/ happens on a GMainContext that nobody else iterates.  The caller
 * puts his own sources into it and sleeps here; signals and deadline are sources too.
 *
 * Threads: the one that calls.  Errors: NET_ERROR_STOPPED, G_IO_ERROR_CANCELLED; for net_pause_until() also
 * NET_ERROR_TIMEOUT.
 */
#pragma once

#include "net/error.h"

/* What may end a wait besides the wire itself.  Members may be -1 and NULL. */
typedef struct {
  int           wake_fd;      /* eventfd: there is work.  Not an error; the caller drains it */
  int           stop_fd;      /* eventfd, never drained: let go now -> NET_ERROR_STOPPED */
  GCancellable *cancellable;  /* the job is no longer wanted -> G_IO_ERROR_CANCELLED */
} NetSignals;

#define NET_SIGNALS_NONE ((NetSignals) { -1, -1, NULL })

typedef enum {
  NET_PAUSE_FAILED,     /* error is set */
  NET_PAUSE_EVENT,      /* another source of the context was dispatched */
  NET_PAUSE_WOKEN,
  NET_PAUSE_EXPIRED,
} NetPause;

/* Looks without sleeping: NET_PAUSE_EVENT means that no signal is raised. */
NetPause net_pause_check (const NetSignals  *signals,
                          GError           **error);
/* Sleeps until a source of the context was dispatched, a signal is raised or the deadline (0 = none) has
 * passed. */
NetPause net_pause       (GMainContext      *context,
                          const NetSignals  *signals,
                          gint64             deadline,
                          GError           **error);
/* Sleeps until a callback has set *is_done.  When that is not to be waited for, cancels the operation by its
 * own cancellable and still waits for the callback.  wake_fd ends nothing here. */
gboolean net_pause_until (GMainContext      *context,
                          const gboolean    *is_done,
                          GCancellable      *operation,
                          const NetSignals  *signals,
                          gint64             deadline,
                          GError           **error);
