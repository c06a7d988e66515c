/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/wire.h"

#include "base/clock.h"
#include "net/buffer.h"
#include "net/tls-stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

#define INPUT_LIMIT  (256 * 1024)
#define CALM_SIZE    (64 * 1024)      /* larger buffers are given back once the wire has been quiet for
                                       * CALM_US */
#define CALM_US      (2 * G_USEC_PER_SEC)

struct _NetWire {
  GThread               *owner;
  char                  *host;
  guint16                port;
  NetSecurity            security;
  NetTrust              *trust;
  GMainContext          *context;
  GIOStream             *stream;       /* NULL before it is connected and after a failure */
  GPollableInputStream  *in;           /* the halves of stream, borrowed */
  GPollableOutputStream *out;
  NetTlsStream          *tls;          /* the stream, if it is one; borrowed */
  gboolean               is_scripted;  /* made for a stream: there is no host to verify */
  gboolean               is_encrypted;
  NetBuffer              input;
  NetBuffer              output;
  gboolean               has_unseen;   /* input came while flushing */
  NetMeter               meter;        /* of what did not pass a TLS stream that is still there */
  NetCertificate        *certificate;
  GError                *late;         /* went wrong, but input that came before it is told first */
  GError                *failure;
};

static NetWire *
wire_new (void)
{
  NetWire *wire = g_new0 (NetWire, 1);

  wire->owner = g_thread_self ();
  wire->context = g_main_context_new ();
  g_main_context_acquire (wire->context);     /* without an owner, every new source would wake it */
  return wire;
}

NetWire *
net_wire_new (const NetWhere *where)
{
  NetWire *wire = wire_new ();

  wire->host = g_strdup (where->host);
  wire->port = where->port;
  wire->security = where->security;
  wire->trust = where->trust != NULL ? net_trust_ref (where->trust) : NULL;
  return wire;
}

static void
wire_use_stream (NetWire   *wire,
                 GIOStream *stream)
{
  g_set_object (&wire->stream, stream);
  wire->in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  wire->out = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (stream));
}

NetWire *
net_wire_new_for_stream (GIOStream *stream,
                         gboolean   counts_as_encrypted)
{
  NetWire *wire = wire_new ();

  wire->is_scripted = TRUE;
  wire->is_encrypted = counts_as_encrypted;
  wire_use_stream (wire, stream);
  return wire;
}

static void
add_traffic (NetTraffic       *sum,
             const NetTraffic *more)
{
  sum->bytes_in += more->bytes_in;
  sum->bytes_out += more->bytes_out;
  sum->round_trips += more->round_trips;
}

static void
wire_close (NetWire *wire)
{
  NetTraffic traffic = net_wire_get_traffic (wire);

  wire->meter.traffic = traffic;
  wire->tls = NULL;
  wire->in = NULL;
  wire->out = NULL;
  if (wire->stream != NULL)
    g_io_stream_close (wire->stream, NULL, NULL);
  g_clear_object (&wire->stream);
}

void
net_wire_free (NetWire *wire)
{
  g_assert (wire->owner == g_thread_self ());
  wire_close (wire);
  net_buffer_clear (&wire->input);
  net_buffer_clear (&wire->output);
  g_clear_error (&wire->late);
  g_clear_error (&wire->failure);
  g_clear_pointer (&wire->certificate, net_certificate_free);
  g_clear_pointer (&wire->trust, net_trust_unref);
  g_main_context_release (wire->context);
  g_main_context_unref (wire->context);
  g_free (wire->host);
  g_free (wire);
}

/* Poisons the wire with failure, which it takes.  Always FALSE. */
static gboolean
wire_fail (NetWire  *wire,
           GError   *failure,
           GError  **error)
{
  if (wire->host != NULL)
    g_prefix_error (&failure, "Connection to %s, port %u: ", wire->host, wire->port);
  wire->failure = failure;
  wire_close (wire);
  g_propagate_error (error, g_error_copy (failure));
  return FALSE;
}

static gboolean
wire_is_usable (NetWire  *wire,
                GError  **error)
{
  g_assert (wire->owner == g_thread_self ());
  if (wire->failure == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (wire->failure));
  return FALSE;
}

typedef struct {
  gboolean           is_done;
  GSocketConnection *connection;
  GError            *error;
} Dial;

static void
dial_cb (GObject      *client,
         GAsyncResult *result,
         gpointer      data)
{
  Dial *dial = data;

  dial->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (client), result, &dial->error);
  dial->is_done = TRUE;
}

/* Small commands must not wait for the answer to the one before; a dead peer must be noticed within a long
 * IDLE. */
static void
tune_socket (GSocket *socket)
{
  g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
  g_socket_set_keepalive (socket, TRUE);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPIDLE, 120, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPINTVL, 30, NULL);
  g_socket_set_option (socket, IPPROTO_TCP, TCP_KEEPCNT, 4, NULL);
}

static gboolean
wire_dial (NetWire           *wire,
           const NetSignals  *signals,
           gint64             deadline,
           GError           **error)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GSocketConnectable) address = g_network_address_new (wire->host, wire->port);
  g_autoptr(GCancellable) operation = g_cancellable_new ();
  g_autoptr(GSocketConnection) connection = NULL;
  GError *failure = NULL;
  Dial dial = { 0 };
  gboolean may_use;

  g_main_context_push_thread_default (wire->context);
  g_socket_client_connect_async (client, address, operation, dial_cb, &dial);
  may_use = net_pause_until (wire->context, &dial.is_done, operation, signals, deadline, &failure);
  g_main_context_pop_thread_default (wire->context);

  connection = dial.connection;
  if (!may_use)
    {
      g_clear_error (&dial.error);
      return wire_fail (wire, failure, error);
    }
  if (connection == NULL)
    return wire_fail (wire, net_error_translate (dial.error), error);
  tune_socket (g_socket_connection_get_socket (connection));
  wire_use_stream (wire, G_IO_STREAM (connection));
  return TRUE;
}

static gboolean
is_would_block (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
}

/* An error is kept as wire->late: a server that refuses us writes why and closes, and the reason is still to
 * be read. */
static void
wire_send (NetWire *wire)
{
  while (wire->late == NULL && net_buffer_get_size (&wire->output) > 0)
    {
      g_autoptr(GError) error = NULL;
      BaseSlice rest = net_buffer_peek (&wire->output);
      gssize sent = g_pollable_output_stream_write_nonblocking (wire->out, rest.data, rest.size, NULL,
                                                                &error);

      if (sent < 0 && is_would_block (error))
        return;
      if (sent < 0)
        {
          wire->late = net_error_translate (g_steal_pointer (&error));
          return;
        }
      if (wire->tls == NULL)
        net_meter_sent (&wire->meter, (gsize) sent);
      net_buffer_consume (&wire->output, (gsize) sent);
    }
}

/* Reads what is there, as far as the buffer holds it, and says how much.  The end of the stream is kept as
 * wire->late. */
static gsize
wire_receive (NetWire *wire)
{
  gsize received = 0;

  for (;;)
    {
      g_autoptr(GError) error = NULL;
      gsize room;
      guint8 *place = net_buffer_reserve (&wire->input, INPUT_LIMIT, &room);
      gssize got;

      if (room == 0)
        return received;
      got = g_pollable_input_stream_read_nonblocking (wire->in, place, room, NULL, &error);
      if (got < 0 && is_would_block (error))
        return received;
      if (got <= 0)
        {
          if (wire->late == NULL)
            wire->late = got < 0 ? net_error_translate (g_steal_pointer (&error))
                                 : net_error_new (NET_ERROR_CLOSED, NULL);
          return received;
        }
      if (wire->tls == NULL)
        net_meter_received (&wire->meter, (gsize) got);
      net_buffer_commit (&wire->input, (gsize) got);
      received += (gsize) got;
    }
}

static gboolean
is_input_full (NetWire *wire)
{
  return net_buffer_get_size (&wire->input) >= INPUT_LIMIT;
}

/* Gives memory back that a transfer made large. */
static void
wire_calm_down (NetWire *wire)
{
  if (net_buffer_get_size (&wire->input) == 0)
    net_buffer_clear (&wire->input);
  if (net_buffer_get_size (&wire->output) == 0)
    net_buffer_clear (&wire->output);
}

static gboolean
should_calm_down (NetWire *wire)
{
  return (wire->input.capacity > CALM_SIZE && net_buffer_get_size (&wire->input) == 0)
         || (wire->output.capacity > CALM_SIZE && net_buffer_get_size (&wire->output) == 0);
}

static GSource *
attach (NetWire *wire,
        GSource *source)
{
  g_source_set_dummy_callback (source);
  g_source_attach (source, wire->context);
  return source;
}

static void
detach (GSource *source)
{
  if (source == NULL)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

/* Sleeps until the stream may have become readable (unless the input is full), or writable (when there is
 * something to write). */
static NetPause
wire_sleep (NetWire           *wire,
            const NetSignals  *signals,
            gint64             deadline,
            GError           **error)
{
  GSource *readable = NULL;
  GSource *writable = NULL;
  gint64 calm = should_calm_down (wire) ? base_clock_steady_us () + CALM_US : 0;
  gboolean is_short = calm != 0 && (deadline == 0 || calm < deadline);
  NetPause pause;

  if (!is_input_full (wire))
    readable = attach (wire, g_pollable_input_stream_create_source (wire->in, NULL));
  if (net_buffer_get_size (&wire->output) > 0)
    writable = attach (wire, g_pollable_output_stream_create_source (wire->out, NULL));
  pause = net_pause (wire->context, signals, is_short ? calm : deadline, error);
  detach (readable);
  detach (writable);

  if (pause != NET_PAUSE_EXPIRED || !is_short)
    return pause;
  wire_calm_down (wire);
  return NET_PAUSE_EVENT;
}

static gboolean
wire_shake_hands (NetWire           *wire,
                  const NetSignals  *signals,
                  gint64             deadline,
                  GError           **error)
{
  NetSignals deaf = { -1, signals->stop_fd, signals->cancellable };
  g_autoptr(GIOStream) stream = NULL;
  GError *failure = NULL;

  if ((stream = net_tls_stream_new (wire->stream, wire->trust, wire->host, wire->port, &failure)) == NULL)
    return wire_fail (wire, failure, error);
  wire_use_stream (wire, stream);
  wire->tls = NET_TLS_STREAM (stream);

  while (!net_tls_stream_shake_hands (wire->tls, &failure) && is_would_block (failure))
    {
      g_clear_error (&failure);
      if (wire_sleep (wire, &deaf, deadline, &failure) == NET_PAUSE_EXPIRED)
        failure = net_error_new (NET_ERROR_TIMEOUT, NULL);
      if (failure != NULL)
        break;
    }
  if (failure == NULL)
    return wire->is_encrypted = TRUE;
  wire->certificate = net_tls_stream_steal_certificate (wire->tls);
  return wire_fail (wire, failure, error);
}

gboolean
net_wire_connect (NetWire           *wire,
                  const NetSignals  *signals,
                  gint64             deadline,
                  GError           **error)
{
  if (!wire_is_usable (wire, error))
    return FALSE;
  if (wire->is_scripted)
    return TRUE;
  g_assert (wire->stream == NULL);
  if (!wire_dial (wire, signals, deadline, error))
    return FALSE;
  return wire->security != NET_SECURITY_TLS || wire_shake_hands (wire, signals, deadline, error);
}

/* What must be true before a round of waiting goes to sleep. */
static NetPause
wire_check (NetWire           *wire,
            const NetSignals  *signals,
            GError           **error)
{
  NetPause pause = net_pause_check (signals, error);

  if (pause == NET_PAUSE_FAILED)
    return pause;
  wire_send (wire);
  return pause;
}

NetWait
net_wire_wait (NetWire           *wire,
               const NetSignals  *signals,
               gint64             deadline,
               GError           **error)
{
  GError *failure = NULL;
  NetPause pause = NET_PAUSE_EVENT;

  if (!wire_is_usable (wire, error))
    return NET_WAIT_FAILED;

  while ((pause = wire_check (wire, signals, &failure)) == NET_PAUSE_EVENT)
    {
      if (wire_receive (wire) > 0 || wire->has_unseen)
        {
          wire->has_unseen = FALSE;
          return NET_WAIT_INPUT;
        }
      if (wire->late != NULL)
        failure = g_steal_pointer (&wire->late);
      else if (is_input_full (wire) && net_buffer_get_size (&wire->output) == 0)
        failure = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                                       "the server sends more than fits, without an end");
      if (failure != NULL || (pause = wire_sleep (wire, signals, deadline, &failure)) != NET_PAUSE_EVENT)
        break;
    }

  if (failure != NULL)
    {
      wire_fail (wire, failure, error);
      return NET_WAIT_FAILED;
    }
  return pause == NET_PAUSE_WOKEN ? NET_WAIT_WOKEN : NET_WAIT_EXPIRED;
}

gboolean
net_wire_flush (NetWire           *wire,
                const NetSignals  *signals,
                gint64             deadline,
                GError           **error)
{
  NetSignals deaf = { -1, signals->stop_fd, signals->cancellable };
  GError *failure = NULL;

  if (!wire_is_usable (wire, error))
    return FALSE;

  while (wire_check (wire, &deaf, &failure) == NET_PAUSE_EVENT && wire->late == NULL)
    {
      if (net_buffer_get_size (&wire->output) == 0)
        return TRUE;
      /* A server that is busy sending may not read before we do. */
      if (wire_receive (wire) > 0)
        wire->has_unseen = TRUE;
      if (wire_sleep (wire, &deaf, deadline, &failure) == NET_PAUSE_EXPIRED)
        failure = net_error_new (NET_ERROR_TIMEOUT, NULL);
      if (failure != NULL)
        break;
    }
  /* The last words of a server that closes on us. */
  if (failure == NULL)
    wire_receive (wire);
  return wire_fail (wire, failure != NULL ? failure : g_steal_pointer (&wire->late), error);
}

gboolean
net_wire_start_tls (NetWire           *wire,
                    const NetSignals  *signals,
                    gint64             deadline,
                    GError           **error)
{
  if (!wire_is_usable (wire, error))
    return FALSE;
  g_assert (!wire->is_encrypted && net_buffer_get_size (&wire->output) == 0);

  wire_receive (wire);
  if (net_buffer_get_size (&wire->input) > 0)
    return wire_fail (wire, net_error_new (NET_ERROR_INJECTION, NULL), error);
  if (wire->late != NULL)
    return wire_fail (wire, g_steal_pointer (&wire->late), error);
  if (!wire->is_scripted)
    return wire_shake_hands (wire, signals, deadline, error);
  return wire->is_encrypted = TRUE;
}

gboolean
net_wire_is_encrypted (NetWire *wire)
{
  return wire->is_encrypted;
}

void
net_wire_queue (NetWire    *wire,
                const void *data,
                gsize       size)
{
  g_assert (wire->owner == g_thread_self ());
  net_buffer_append (&wire->output, data, size);
}

gsize
net_wire_get_queued (NetWire *wire)
{
  return net_buffer_get_size (&wire->output);
}

BaseSlice
net_wire_peek_input (NetWire *wire)
{
  g_assert (wire->owner == g_thread_self ());
  wire->has_unseen = FALSE;
  return net_buffer_peek (&wire->input);
}

void
net_wire_consume (NetWire *wire,
                  gsize    size)
{
  g_assert (wire->owner == g_thread_self ());
  net_buffer_consume (&wire->input, size);
}

NetTraffic
net_wire_get_traffic (NetWire *wire)
{
  NetTraffic sum = wire->meter.traffic;

  if (wire->tls != NULL)
    {
      NetTraffic encrypted = net_tls_stream_get_traffic (wire->tls);

      add_traffic (&sum, &encrypted);
    }
  return sum;
}

const NetCertificate *
net_wire_get_certificate (NetWire *wire)
{
  return wire->certificate;
}

char *
net_wire_dup_exporter (NetWire *wire)
{
  return wire->tls != NULL ? net_tls_stream_dup_exporter (wire->tls) : NULL;
}
