/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls-stream.h"

#include "net/pause.h"
#include "net/tls-core.h"
#include "net/tls-source.h"

/* The halves share the core with the stream, so that one who still holds a half holds no dead pointer. */

typedef struct {
  GInputStream  parent;
  NetTlsCore   *core;
  GIOStream    *base;
} NetTlsInput;

typedef struct {
  GInputStreamClass parent;
} NetTlsInputClass;

typedef struct {
  GOutputStream  parent;
  NetTlsCore    *core;
  GIOStream     *base;
} NetTlsOutput;

typedef struct {
  GOutputStreamClass parent;
} NetTlsOutputClass;

struct _NetTlsStream {
  GIOStream      parent;
  NetTlsCore    *core;
  GIOStream     *base;
  GInputStream  *in;
  GOutputStream *out;
};

GType net_tls_input_get_type  (void);
GType net_tls_output_get_type (void);

static void net_tls_input_pollable_init  (GPollableInputStreamInterface *interface);
static void net_tls_output_pollable_init (GPollableOutputStreamInterface *interface);

G_DEFINE_TYPE_WITH_CODE (NetTlsInput, net_tls_input, G_TYPE_INPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_INPUT_STREAM, net_tls_input_pollable_init))
G_DEFINE_TYPE_WITH_CODE (NetTlsOutput, net_tls_output, G_TYPE_OUTPUT_STREAM,
                         G_IMPLEMENT_INTERFACE (G_TYPE_POLLABLE_OUTPUT_STREAM, net_tls_output_pollable_init))
G_DEFINE_FINAL_TYPE (NetTlsStream, net_tls_stream, G_TYPE_IO_STREAM)

/* Takes the error of a step.  TRUE when it would have blocked and may now be tried again: for GIO's blocking
 * calls. */
static gboolean
wait_for_half (NetTlsCore    *core,
               NetTlsHalf     half,
               GIOStream     *base,
               gpointer       pollable,
               GCancellable  *cancellable,
               GError        *step_error,
               GError       **error)
{
  NetSignals signals = { -1, -1, cancellable };
  GMainContext *context;
  GSource *source;
  NetPause pause;

  if (!g_error_matches (step_error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    {
      g_propagate_error (error, step_error);
      return FALSE;
    }
  g_error_free (step_error);

  context = g_main_context_new ();
  g_main_context_acquire (context);
  source = net_tls_source_new (core, half, base, pollable, NULL);
  g_source_set_dummy_callback (source);
  g_source_attach (source, context);
  pause = net_pause (context, &signals, 0, error);
  g_source_destroy (source);
  g_source_unref (source);
  g_main_context_release (context);
  g_main_context_unref (context);
  return pause != NET_PAUSE_FAILED;
}

static gboolean
is_ready (NetTlsCore *core,
          NetTlsHalf  half,
          GIOStream  *base)
{
  gpointer in = g_io_stream_get_input_stream (base);
  gpointer out = g_io_stream_get_output_stream (base);

  switch (net_tls_core_get_watch (core, half))
    {
    case NET_TLS_WATCH_NOTHING:
      return TRUE;
    case NET_TLS_WATCH_INPUT:
      return g_pollable_input_stream_is_readable (in);
    case NET_TLS_WATCH_OUTPUT:
      return g_pollable_output_stream_is_writable (out);
    }
  g_assert_not_reached ();
}

/* Input. */

static gssize
net_tls_input_read (GInputStream  *stream,
                    void          *data,
                    gsize          size,
                    GCancellable  *cancellable,
                    GError       **error)
{
  NetTlsInput *self = (NetTlsInput *) stream;

  for (;;)
    {
      GError *step_error = NULL;
      gssize got = net_tls_core_read (self->core, data, size, &step_error);

      if (got >= 0)
        return got;
      if (!wait_for_half (self->core, NET_TLS_READING, self->base, self, cancellable, step_error, error))
        return -1;
    }
}

static gssize
net_tls_input_read_nonblocking (GPollableInputStream  *stream,
                                void                  *data,
                                gsize                  size,
                                GError               **error)
{
  NetTlsInput *self = (NetTlsInput *) stream;

  return net_tls_core_read (self->core, data, size, error);
}

static gboolean
net_tls_input_is_readable (GPollableInputStream *stream)
{
  NetTlsInput *self = (NetTlsInput *) stream;

  return is_ready (self->core, NET_TLS_READING, self->base);
}

static GSource *
net_tls_input_create_source (GPollableInputStream *stream,
                             GCancellable         *cancellable)
{
  NetTlsInput *self = (NetTlsInput *) stream;

  return net_tls_source_new (self->core, NET_TLS_READING, self->base, G_OBJECT (stream), cancellable);
}

static void
net_tls_input_finalize (GObject *object)
{
  NetTlsInput *self = (NetTlsInput *) object;

  g_clear_pointer (&self->core, net_tls_core_unref);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (net_tls_input_parent_class)->finalize (object);
}

static void
net_tls_input_class_init (NetTlsInputClass *class)
{
  G_OBJECT_CLASS (class)->finalize = net_tls_input_finalize;
  G_INPUT_STREAM_CLASS (class)->read_fn = net_tls_input_read;
}

static void
net_tls_input_pollable_init (GPollableInputStreamInterface *interface)
{
  interface->read_nonblocking = net_tls_input_read_nonblocking;
  interface->is_readable = net_tls_input_is_readable;
  interface->create_source = net_tls_input_create_source;
}

static void
net_tls_input_init (NetTlsInput *self)
{
}

/* Output. */

static gssize
net_tls_output_write (GOutputStream  *stream,
                      const void     *data,
                      gsize           size,
                      GCancellable   *cancellable,
                      GError        **error)
{
  NetTlsOutput *self = (NetTlsOutput *) stream;

  for (;;)
    {
      GError *step_error = NULL;
      gssize sent = net_tls_core_write (self->core, data, size, &step_error);

      if (sent >= 0)
        return sent;
      if (!wait_for_half (self->core, NET_TLS_WRITING, self->base, self, cancellable, step_error, error))
        return -1;
    }
}

static gssize
net_tls_output_write_nonblocking (GPollableOutputStream  *stream,
                                  const void             *data,
                                  gsize                   size,
                                  GError                **error)
{
  NetTlsOutput *self = (NetTlsOutput *) stream;

  return net_tls_core_write (self->core, data, size, error);
}

static gboolean
net_tls_output_is_writable (GPollableOutputStream *stream)
{
  NetTlsOutput *self = (NetTlsOutput *) stream;

  return is_ready (self->core, NET_TLS_WRITING, self->base);
}

static GSource *
net_tls_output_create_source (GPollableOutputStream *stream,
                              GCancellable          *cancellable)
{
  NetTlsOutput *self = (NetTlsOutput *) stream;

  return net_tls_source_new (self->core, NET_TLS_WRITING, self->base, G_OBJECT (stream), cancellable);
}

static void
net_tls_output_finalize (GObject *object)
{
  NetTlsOutput *self = (NetTlsOutput *) object;

  g_clear_pointer (&self->core, net_tls_core_unref);
  g_clear_object (&self->base);
  G_OBJECT_CLASS (net_tls_output_parent_class)->finalize (object);
}

static void
net_tls_output_class_init (NetTlsOutputClass *class)
{
  G_OBJECT_CLASS (class)->finalize = net_tls_output_finalize;
  G_OUTPUT_STREAM_CLASS (class)->write_fn = net_tls_output_write;
}

static void
net_tls_output_pollable_init (GPollableOutputStreamInterface *interface)
{
  interface->write_nonblocking = net_tls_output_write_nonblocking;
  interface->is_writable = net_tls_output_is_writable;
  interface->create_source = net_tls_output_create_source;
}

static void
net_tls_output_init (NetTlsOutput *self)
{
}

/* The stream. */

static GInputStream *
net_tls_stream_get_input (GIOStream *stream)
{
  return NET_TLS_STREAM (stream)->in;
}

static GOutputStream *
net_tls_stream_get_output (GIOStream *stream)
{
  return NET_TLS_STREAM (stream)->out;
}

static gboolean
net_tls_stream_close (GIOStream     *stream,
                      GCancellable  *cancellable,
                      GError       **error)
{
  NetTlsStream *self = NET_TLS_STREAM (stream);

  net_tls_core_say_goodbye (self->core);
  return g_io_stream_close (self->base, cancellable, error);
}

static void
net_tls_stream_finalize (GObject *object)
{
  NetTlsStream *self = NET_TLS_STREAM (object);

  g_clear_object (&self->in);
  g_clear_object (&self->out);
  g_clear_object (&self->base);
  g_clear_pointer (&self->core, net_tls_core_unref);
  G_OBJECT_CLASS (net_tls_stream_parent_class)->finalize (object);
}

static void
net_tls_stream_class_init (NetTlsStreamClass *class)
{
  GIOStreamClass *stream_class = G_IO_STREAM_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = net_tls_stream_finalize;
  stream_class->get_input_stream = net_tls_stream_get_input;
  stream_class->get_output_stream = net_tls_stream_get_output;
  stream_class->close_fn = net_tls_stream_close;
}

static void
net_tls_stream_init (NetTlsStream *self)
{
}

GIOStream *
net_tls_stream_new (GIOStream   *base,
                    NetTrust    *trust,
                    const char  *host,
                    guint16      port,
                    GError     **error)
{
  NetTlsCore *core = net_tls_core_new (base, trust, host, port, error);
  NetTlsStream *self;
  NetTlsInput *in;
  NetTlsOutput *out;

  if (core == NULL)
    return NULL;
  in = g_object_new (net_tls_input_get_type (), NULL);
  in->core = net_tls_core_ref (core);
  in->base = g_object_ref (base);
  out = g_object_new (net_tls_output_get_type (), NULL);
  out->core = net_tls_core_ref (core);
  out->base = g_object_ref (base);
  self = g_object_new (NET_TYPE_TLS_STREAM, NULL);
  self->core = core;
  self->base = g_object_ref (base);
  self->in = G_INPUT_STREAM (in);
  self->out = G_OUTPUT_STREAM (out);
  return G_IO_STREAM (self);
}

gboolean
net_tls_stream_shake_hands (NetTlsStream  *stream,
                            GError       **error)
{
  return net_tls_core_shake_hands (stream->core, error);
}

gboolean
net_tls_stream_was_resumed (NetTlsStream *stream)
{
  return net_tls_core_was_resumed (stream->core);
}

NetTraffic
net_tls_stream_get_traffic (NetTlsStream *stream)
{
  return net_tls_core_get_traffic (stream->core);
}

NetCertificate *
net_tls_stream_steal_certificate (NetTlsStream *stream)
{
  return net_tls_core_steal_certificate (stream->core);
}

char *
net_tls_stream_dup_exporter (NetTlsStream *stream)
{
  return net_tls_core_dup_exporter (stream->core);
}
