/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pause.h"

#include "base/clock.h"

#include <glib-unix.h>

static gboolean
is_raised (int fd)
{
  GPollFD poll_fd = { fd, G_IO_IN, 0 };

  return fd >= 0 && g_poll (&poll_fd, 1, 0) == 1;
}

NetPause
net_pause_check (const NetSignals  *signals,
                 GError           **error)
{
  if (is_raised (signals->stop_fd))
    {
      g_propagate_error (error, net_error_new (NET_ERROR_STOPPED, NULL));
      return NET_PAUSE_FAILED;
    }
  if (g_cancellable_set_error_if_cancelled (signals->cancellable, error))
    return NET_PAUSE_FAILED;
  return is_raised (signals->wake_fd) ? NET_PAUSE_WOKEN : NET_PAUSE_EVENT;
}

static gboolean
deadline_cb (gpointer has_expired)
{
  *(gboolean *) has_expired = TRUE;
  return G_SOURCE_REMOVE;
}

static void
add_source (GMainContext *context,
            GPtrArray    *sources,
            GSource      *source)
{
  g_source_attach (source, context);
  g_ptr_array_add (sources, source);
}

static void
add_fd (GMainContext *context,
        GPtrArray    *sources,
        int           fd)
{
  GSource *source;

  if (fd < 0)
    return;
  source = g_unix_fd_source_new (fd, G_IO_IN);
  g_source_set_dummy_callback (source);
  add_source (context, sources, source);
}

/* By what is left, and not by the deadline itself: a test may have set the clock. */
static void
add_deadline (GMainContext *context,
              GPtrArray    *sources,
              gint64        deadline,
              gboolean     *has_expired)
{
  GSource *source;
  gint64 left;

  if (deadline == 0)
    return;
  left = MAX (deadline - base_clock_steady_us (), 0);
  source = g_timeout_source_new (0);
  g_source_set_ready_time (source, g_get_monotonic_time () + left);
  g_source_set_callback (source, deadline_cb, has_expired, NULL);
  add_source (context, sources, source);
}

static void
end_source (gpointer source)
{
  g_source_destroy (source);
  g_source_unref (source);
}

NetPause
net_pause (GMainContext      *context,
           const NetSignals  *signals,
           gint64             deadline,
           GError           **error)
{
  g_autoptr(GPtrArray) sources = g_ptr_array_new_with_free_func (end_source);
  gboolean has_expired = FALSE;
  NetPause pause;

  add_fd (context, sources, signals->wake_fd);
  add_fd (context, sources, signals->stop_fd);
  /* Not a GCancellableSource: the thread that cancels touches it, and with GLib 2.74 that hangs or crashes
   * when this thread frees the context meanwhile. */
  add_fd (context, sources, g_cancellable_get_fd (signals->cancellable));
  add_deadline (context, sources, deadline, &has_expired);
  /* GLib wakes a context for every descriptor that is added to it; such an iteration dispatches nothing. */
  while (!g_main_context_iteration (context, TRUE))
    continue;
  g_ptr_array_set_size (sources, 0);
  g_cancellable_release_fd (signals->cancellable);

  pause = net_pause_check (signals, error);
  return pause == NET_PAUSE_EVENT && has_expired ? NET_PAUSE_EXPIRED : pause;
}

gboolean
net_pause_until (GMainContext      *context,
                 const gboolean    *is_done,
                 GCancellable      *operation,
                 const NetSignals  *signals,
                 gint64             deadline,
                 GError           **error)
{
  NetSignals deaf = { -1, signals->stop_fd, signals->cancellable };
  NetPause pause = net_pause_check (&deaf, error);

  while (!*is_done && pause == NET_PAUSE_EVENT)
    pause = net_pause (context, &deaf, deadline, error);
  if (pause == NET_PAUSE_EVENT)
    return TRUE;

  if (pause == NET_PAUSE_EXPIRED)
    g_propagate_error (error, net_error_new (NET_ERROR_TIMEOUT, NULL));
  g_cancellable_cancel (operation);
  while (!*is_done)
    g_main_context_iteration (context, TRUE);
  return FALSE;
}
