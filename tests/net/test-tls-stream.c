/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The TLS stream as any GIOStream: on the default main loop and in blocking calls, without a wire or a
 * lane. */
#include "net/tls-stream.h"
#include "tests/net/tls-server.h"

#include <string.h>

#define MEGABYTE (1024 * 1024)

static TestIdentity *ca;
static TestIdentity *identity;
static char         *ca_file;
static NetTrust     *trust;

static GIOStream *
stream_new (TestServer *server)
{
  g_autoptr(GSocketClient) client = g_socket_client_new ();
  g_autoptr(GError) error = NULL;
  g_autoptr(GSocketConnection) connection =
    g_socket_client_connect_to_host (client, "127.0.0.1", test_server_get_port (server), NULL, &error);
  GIOStream *stream;

  g_assert_no_error (error);
  stream = net_tls_stream_new (G_IO_STREAM (connection), trust, "localhost", test_server_get_port (server),
                               &error);
  g_assert_no_error (error);
  return stream;
}

/* Sends back what it gets, once it has got it all: until then the client can only write. */
static void
serve_store_and_send (TestPeer *peer,
                      gpointer  data)
{
  gsize size = GPOINTER_TO_SIZE (data);
  g_autofree guint8 *store = g_malloc (size);
  gsize got = 0;

  if (!test_peer_start_tls (peer))
    return;
  while (got < size)
    {
      gssize more = test_peer_read (peer, store + got, size - got);

      if (more <= 0)
        return;
      got += (gsize) more;
    }
  test_peer_write (peer, store, size);
}

static guint8 *
random_bytes (gsize size)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (7);
  guint8 *bytes = g_malloc (size);

  for (gsize i = 0; i < size; i++)
    bytes[i] = (guint8) g_rand_int (rand);
  return bytes;
}

typedef struct {
  gboolean has_written;
  gsize    received;
  guint8  *buffer;
  gsize    size;
  gboolean has_ended;
} Transfer;

static void
write_cb (GObject      *out,
          GAsyncResult *result,
          gpointer      data)
{
  Transfer *transfer = data;
  g_autoptr(GError) error = NULL;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (out), result, NULL, &error);
  g_assert_no_error (error);
  transfer->has_written = TRUE;
}

static void
read_cb (GObject      *in,
         GAsyncResult *result,
         gpointer      data)
{
  Transfer *transfer = data;
  g_autoptr(GError) error = NULL;
  gssize got = g_input_stream_read_finish (G_INPUT_STREAM (in), result, &error);

  g_assert_no_error (error);
  transfer->received += (gsize) got;
  transfer->has_ended = got == 0;
  if (got > 0)
    g_input_stream_read_async (G_INPUT_STREAM (in), transfer->buffer + transfer->received,
                               transfer->size + 1 - transfer->received, 0, NULL, read_cb, transfer);
}

/* The reader is started first, before a byte was written: both halves do the handshake, on the default main
 * context. */
static void
test_main_loop (void)
{
  gsize size = 4 * MEGABYTE;
  g_autoptr(TestServer) server = test_server_new (identity, serve_store_and_send, GSIZE_TO_POINTER (size));
  g_autoptr(GIOStream) stream = stream_new (server);
  g_autofree guint8 *sent = random_bytes (size);
  g_autofree guint8 *received = g_malloc (size + 1);
  Transfer transfer = { .buffer = received, .size = size };

  g_input_stream_read_async (g_io_stream_get_input_stream (stream), received, size + 1, 0, NULL, read_cb,
                             &transfer);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (stream), sent, size, 0, NULL, write_cb,
                                   &transfer);
  while (!transfer.has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (transfer.has_written);
  g_assert_cmpmem (sent, size, received, transfer.received);
  g_assert_true (g_io_stream_close (stream, NULL, NULL));
}

typedef struct {
  GIOStream *stream;
  guint8    *bytes;
  gsize      size;
} Blocking;

static gpointer
write_thread (gpointer data)
{
  Blocking *blocking = data;
  g_autoptr(GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (blocking->stream), blocking->bytes,
                             blocking->size, NULL, NULL, &error);
  g_assert_no_error (error);
  return NULL;
}

static void
test_two_threads (void)
{
  gsize size = 4 * MEGABYTE;

  for (int round = 0; round < 10; round++)
    {
      g_autoptr(TestServer) server = test_server_new (identity, serve_store_and_send,
                                                      GSIZE_TO_POINTER (size));
      g_autoptr(GIOStream) stream = stream_new (server);
      g_autofree guint8 *sent = random_bytes (size);
      g_autofree guint8 *received = g_malloc (size);
      g_autoptr(GError) error = NULL;
      Blocking blocking = { stream, sent, size };
      GThread *thread = g_thread_new ("writer", write_thread, &blocking);
      gsize got;

      g_input_stream_read_all (g_io_stream_get_input_stream (stream), received, size, &got, NULL, &error);
      g_assert_no_error (error);
      g_thread_join (thread);
      g_assert_cmpmem (sent, size, received, got);
      g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (stream), received, 1, NULL, NULL),
                       ==, 0);
      g_assert_true (g_io_stream_close (stream, NULL, NULL));
    }
}

/* COMPRESS=DEFLATE works as a converter on top. */
static void
test_converter (void)
{
  static const char text[] = "the same, the same, the same, the same, the same, the same, the same, the same";
  g_autoptr(GConverter) deflate = G_CONVERTER (g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW, 6));
  g_autoptr(GConverter) inflate = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_RAW));
  g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable ();
  g_autoptr(GOutputStream) sizer = g_converter_output_stream_new (memory, deflate);
  g_autoptr(TestServer) server = NULL;
  g_autoptr(GIOStream) stream = NULL;
  g_autoptr(GOutputStream) out = NULL;
  g_autoptr(GInputStream) in = NULL;
  char received[sizeof text] = "";

  g_output_stream_write_all (sizer, text, sizeof text, NULL, NULL, NULL);
  g_output_stream_close (sizer, NULL, NULL);
  g_converter_reset (deflate);
  server = test_server_new (identity, serve_store_and_send,
                            GSIZE_TO_POINTER (
                              g_memory_output_stream_get_data_size (G_MEMORY_OUTPUT_STREAM (memory))));
  stream = stream_new (server);
  out = g_converter_output_stream_new (g_io_stream_get_output_stream (stream), deflate);
  in = g_converter_input_stream_new (g_io_stream_get_input_stream (stream), inflate);
  g_assert_true (g_pollable_input_stream_can_poll (G_POLLABLE_INPUT_STREAM (in)));
  g_assert_true (g_output_stream_write_all (out, text, sizeof text, NULL, NULL, NULL));
  g_assert_true (g_output_stream_close (out, NULL, NULL));
  g_assert_true (g_input_stream_read_all (in, received, sizeof received, NULL, NULL, NULL));
  g_assert_cmpstr (received, ==, text);
}

static void
serve_words (TestPeer *peer,
             gpointer  end)
{
  if (!test_peer_start_tls (peer))
    return;
  test_peer_say (peer, "half a li");
  if (end != NULL)
    ((void (*) (TestPeer *)) end) (peer);
}

static void
expect_end (GIOStream *stream,
            gboolean   is_clean)
{
  GInputStream *in = g_io_stream_get_input_stream (stream);
  g_autoptr(GError) error = NULL;
  char text[64] = "";
  gssize got;

  g_assert_cmpint (g_input_stream_read (in, text, sizeof text, NULL, &error), ==, 9);
  g_assert_cmpstr (text, ==, "half a li");
  for (int again = 0; again < 2; again++)
    {
      got = g_input_stream_read (in, text, sizeof text, NULL, &error);
      if (is_clean)
        g_assert_no_error (error);
      else
        g_assert_error (error, NET_ERROR, NET_ERROR_CLOSED);
      g_assert_cmpint (got, ==, is_clean ? 0 : -1);
      g_clear_error (&error);
    }
  g_assert_true (g_pollable_input_stream_is_readable (G_POLLABLE_INPUT_STREAM (in)));
}

static void
test_ends (void)
{
  g_autoptr(TestServer) clean = test_server_new (identity, serve_words, NULL);
  g_autoptr(TestServer) cut = test_server_new (identity, serve_words, test_peer_cut);
  g_autoptr(GIOStream) clean_stream = stream_new (clean);
  g_autoptr(GIOStream) cut_stream = stream_new (cut);

  expect_end (clean_stream, TRUE);
  expect_end (cut_stream, FALSE);
  g_io_stream_close (clean_stream, NULL, NULL);
  g_io_stream_close (cut_stream, NULL, NULL);
}

static gpointer
cancel_thread (gpointer cancellable)
{
  g_usleep (50 * 1000);
  g_cancellable_cancel (cancellable);
  return NULL;
}

/* Reads nothing before the gate is opened, and then tells what came. */
typedef struct {
  GMutex   lock;
  GCond    cond;
  gboolean is_open;
  GString *received;
} Gate;

static void
serve_gate (TestPeer *peer,
            gpointer  data)
{
  Gate *gate = data;
  g_autofree char *block = g_malloc (65536);
  gssize got;

  if (!test_peer_start_tls (peer))
    return;
  test_peer_say (peer, "x");
  g_mutex_lock (&gate->lock);
  while (!gate->is_open)
    g_cond_wait (&gate->cond, &gate->lock);
  g_mutex_unlock (&gate->lock);
  while ((got = test_peer_read (peer, block, 65536)) > 0)
    g_string_append_len (gate->received, block, got);
}

/* Takes the session tickets in as well: a socket closed with bytes unread would take back what was
 * written. */
static void
expect_x (GIOStream *stream)
{
  char byte = 0;

  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, NULL, NULL), ==, 1);
  g_assert_cmpint (byte, ==, 'x');
}

static void
open_gate (Gate *gate)
{
  g_mutex_lock (&gate->lock);
  gate->is_open = TRUE;
  g_cond_broadcast (&gate->cond);
  g_mutex_unlock (&gate->lock);
}

/* Writes until nothing more goes out, and gives up.  How much went out. */
static gsize
write_and_give_up (GIOStream  *stream,
                   const char *bytes,
                   gsize       size)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  GThread *thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_autoptr(GError) error = NULL;
  gsize written;

  g_assert_false (g_output_stream_write_all (g_io_stream_get_output_stream (stream), bytes, size, &written,
                                             cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpuint (written, <, size);
  return written;
}

static void
test_given_up_write (gconstpointer goes_on)
{
  gsize size = 16 * MEGABYTE;
  Gate gate = { .received = g_string_new (NULL) };
  g_autoptr(TestServer) server = test_server_new (identity, serve_gate, &gate);
  g_autoptr(GIOStream) stream = stream_new (server);
  GOutputStream *out = g_io_stream_get_output_stream (stream);
  g_autofree char *bytes = g_strnfill (size, 'a');
  g_autofree char *others = g_strnfill (size, 'b');
  g_autoptr(GError) error = NULL;
  gsize written;

  expect_x (stream);
  written = write_and_give_up (stream, bytes, size);
  open_gate (&gate);
  if (goes_on != NULL)
    {
      g_assert_true (g_output_stream_write_all (out, bytes + written, size - written, NULL, NULL, &error));
      g_assert_no_error (error);
    }
  else
    {
      g_assert_false (g_output_stream_write_all (out, others, size, NULL, NULL, &error));
      g_assert_error (error, NET_ERROR, NET_ERROR_CLOSED);
    }
  g_io_stream_close (stream, NULL, NULL);
  g_clear_pointer (&server, test_server_free);
  if (goes_on != NULL)
    g_assert_cmpuint (gate.received->len, ==, size);
  g_assert_null (strchr (gate.received->str, 'b'));
  g_string_free (gate.received, TRUE);
}

static void
test_cancelled_read (void)
{
  Gate gate = { .received = g_string_new (NULL) };
  g_autoptr(TestServer) server = test_server_new (identity, serve_gate, &gate);
  g_autoptr(GIOStream) stream = stream_new (server);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  GThread *thread;
  char byte;

  expect_x (stream);
  thread = g_thread_new ("cancel", cancel_thread, cancellable);
  g_assert_cmpint (g_input_stream_read (g_io_stream_get_input_stream (stream), &byte, 1, cancellable, &error),
                   ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_true (g_output_stream_write_all (g_io_stream_get_output_stream (stream), "after", 5, NULL, NULL,
                                            NULL));
  open_gate (&gate);
  g_io_stream_close (stream, NULL, NULL);
  g_clear_pointer (&server, test_server_free);
  g_assert_cmpstr (gate.received->str, ==, "after");
  g_string_free (gate.received, TRUE);
}

typedef struct {
  GString  *text;
  gboolean  has_ended;
} Collected;

static gboolean
collect_cb (GObject  *in,
            gpointer  data)
{
  Collected *collected = data;
  char block[3];                            /* less than a record: the rest waits within OpenSSL */
  g_autoptr(GError) error = NULL;
  gssize got = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (in), block, sizeof block,
                                                         NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  g_assert_no_error (error);
  g_string_append_len (collected->text, block, got);
  collected->has_ended = got == 0;
  return got == 0 ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

/* One source from before the handshake to the end of the stream. */
static void
test_lasting_source (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_words, NULL);
  g_autoptr(GIOStream) stream = stream_new (server);
  g_autoptr(GSource) source =
    g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream)),
                                           NULL);
  Collected collected = { g_string_new (NULL), FALSE };

  g_source_set_callback (source, (GSourceFunc) (void (*) (void)) collect_cb, &collected, NULL);
  g_source_attach (source, NULL);
  while (!collected.has_ended)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (collected.text->str, ==, "half a li");
  g_assert_true (g_source_is_destroyed (source));
  g_string_free (collected.text, TRUE);
  g_io_stream_close (stream, NULL, NULL);
}

/* A half that outlives its stream holds no dead pointer. */
static void
test_half_outlives_stream (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_words, NULL);
  GIOStream *stream = stream_new (server);
  g_autoptr(GInputStream) in = g_object_ref (g_io_stream_get_input_stream (stream));
  char byte;

  g_object_unref (stream);
  g_assert_cmpint (g_input_stream_read (in, &byte, 1, NULL, NULL), ==, -1);
}

static gboolean
ready_cb (GObject  *in,
          gpointer  is_ready)
{
  *(gboolean *) is_ready = TRUE;
  return G_SOURCE_REMOVE;
}

static void
test_steps (void)
{
  g_autoptr(TestServer) server = test_server_new (identity, serve_words, NULL);
  g_autoptr(GIOStream) stream = stream_new (server);
  GPollableInputStream *in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (stream));
  g_autoptr(GError) error = NULL;
  int steps = 0;

  g_assert_true (g_pollable_input_stream_is_readable (in));        /* it has to begin */
  while (!net_tls_stream_shake_hands (NET_TLS_STREAM (stream), &error))
    {
      g_autoptr(GSource) source = g_pollable_input_stream_create_source (in, NULL);
      gboolean is_ready = FALSE;

      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK);
      g_clear_error (&error);
      g_source_set_callback (source, (GSourceFunc) (void (*) (void)) ready_cb, &is_ready, NULL);
      g_source_attach (source, NULL);
      while (!is_ready)
        g_main_context_iteration (NULL, TRUE);
      g_assert_cmpint (++steps, <, 20);                            /* it sleeps, and does not spin */
    }
  g_assert_false (net_tls_stream_was_resumed (NET_TLS_STREAM (stream)));
  expect_end (stream, TRUE);
  g_io_stream_close (stream, NULL, NULL);
}

int
main (int    argc,
      char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  ca = test_identity_new (&(TestCertificate) { .common_name = "Test CA", .is_authority = TRUE });
  identity = test_identity_new (&(TestCertificate) { .names = "DNS:localhost", .issuer = ca });
  ca_file = test_identity_write (ca);
  trust = net_trust_new (ca_file, NULL);

  g_test_add_func ("/net/tls-stream/main-loop", test_main_loop);
  g_test_add_func ("/net/tls-stream/two-threads-in-blocking-calls", test_two_threads);
  g_test_add_func ("/net/tls-stream/converter-on-top", test_converter);
  g_test_add_func ("/net/tls-stream/truncation-is-no-end", test_ends);
  g_test_add_data_func ("/net/tls-stream/given-up-write-poisons", NULL, test_given_up_write);
  g_test_add_data_func ("/net/tls-stream/given-up-write-may-go-on", GINT_TO_POINTER (TRUE),
                        test_given_up_write);
  g_test_add_func ("/net/tls-stream/cancelled-read-harms-nothing", test_cancelled_read);
  g_test_add_func ("/net/tls-stream/lasting-source", test_lasting_source);
  g_test_add_func ("/net/tls-stream/half-outlives-stream", test_half_outlives_stream);
  g_test_add_func ("/net/tls-stream/handshake-in-steps", test_steps);
  status = g_test_run ();

  net_trust_unref (trust);
  test_identity_remove (ca_file);
  test_identity_free (identity);
  test_identity_free (ca);
  return status;
}
