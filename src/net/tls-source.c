/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls-source.h"

typedef struct {
  GSource      source;
  NetTlsCore  *core;
  NetTlsHalf   half;
  GIOStream   *base;
  GObject     *pollable;
  GSource     *kick;
  GSource     *watch;         /* of the base stream, or NULL */
  NetTlsWatch  watched;
} TlsSource;

static GSource *
source_new_watch (TlsSource *self)
{
  gpointer in = g_io_stream_get_input_stream (self->base);
  gpointer out = g_io_stream_get_output_stream (self->base);

  switch (self->watched)
    {
    case NET_TLS_WATCH_INPUT:
      return g_pollable_input_stream_create_source (in, NULL);
    case NET_TLS_WATCH_OUTPUT:
      return g_pollable_output_stream_create_source (out, NULL);
    case NET_TLS_WATCH_NOTHING:
      return NULL;
    }
  g_assert_not_reached ();
}

static void
source_add_child (TlsSource *self,
                  GSource   *child)
{
  g_source_set_dummy_callback (child);
  g_source_add_child_source (&self->source, child);
}

static void
source_watch (TlsSource   *self,
              NetTlsWatch  wanted)
{
  if (wanted == self->watched)
    return;
  if (self->watch != NULL)
    g_source_remove_child_source (&self->source, self->watch);
  g_clear_pointer (&self->watch, g_source_unref);
  self->watched = wanted;
  if ((self->watch = source_new_watch (self)) != NULL)
    source_add_child (self, self->watch);
}

static gboolean
source_check (GSource *source)
{
  TlsSource *self = (TlsSource *) source;

  return net_tls_core_get_watch (self->core, self->half) == NET_TLS_WATCH_NOTHING;
}

static gboolean
source_prepare (GSource *source,
                int     *timeout)
{
  *timeout = -1;
  return source_check (source);
}

static gboolean
source_dispatch (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     data)
{
  TlsSource *self = (TlsSource *) source;
  GPollableSourceFunc func = (GPollableSourceFunc) (void (*) (void)) callback;

  if (func == NULL || func (self->pollable, data) == G_SOURCE_REMOVE)
    return G_SOURCE_REMOVE;
  if (!g_source_is_destroyed (source))
    source_watch (self, net_tls_core_get_watch (self->core, self->half));
  return G_SOURCE_CONTINUE;
}

static void
source_finalize (GSource *source)
{
  TlsSource *self = (TlsSource *) source;

  net_tls_core_end_kick (self->core, self->half, self->kick);
  g_clear_pointer (&self->kick, g_source_unref);
  g_clear_pointer (&self->watch, g_source_unref);
  g_clear_object (&self->pollable);
  g_clear_object (&self->base);
  net_tls_core_unref (self->core);
}

/* For g_source_set_closure() and g_source_set_dummy_callback(). */
static gboolean
source_closure_cb (GObject  *pollable,
                   gpointer  closure)
{
  GValue result = G_VALUE_INIT;
  GValue argument = G_VALUE_INIT;
  gboolean should_continue;

  g_value_init (&result, G_TYPE_BOOLEAN);
  g_value_init (&argument, G_TYPE_OBJECT);
  g_value_set_object (&argument, pollable);
  g_closure_invoke (closure, &result, 1, &argument, NULL);
  should_continue = g_value_get_boolean (&result);
  g_value_unset (&argument);
  g_value_unset (&result);
  return should_continue;
}

static GSourceFuncs source_funcs = {
  source_prepare,
  source_check,
  source_dispatch,
  source_finalize,
  (GSourceFunc) (void (*) (void)) source_closure_cb,
  NULL,
};

GSource *
net_tls_source_new (NetTlsCore   *core,
                    NetTlsHalf    half,
                    GIOStream    *base,
                    GObject      *pollable,
                    GCancellable *cancellable)
{
  GSource *source = g_source_new (&source_funcs, sizeof (TlsSource));
  TlsSource *self = (TlsSource *) source;

  g_source_set_static_name (source, "NetTlsSource");
  self->core = net_tls_core_ref (core);
  self->half = half;
  self->base = g_object_ref (base);
  self->pollable = g_object_ref (pollable);
  self->kick = net_tls_core_new_kick (core, half);
  g_source_add_child_source (source, self->kick);
  /* After the kick exists: a change from here on is not missed. */
  source_watch (self, net_tls_core_get_watch (core, half));

  if (cancellable != NULL)
    {
      g_autoptr(GSource) child = g_cancellable_source_new (cancellable);

      source_add_child (self, child);
    }
  return source;
}
