/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls-core.h"

#include "net/trust-tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <string.h>

#define RECORD_SIZE (16 * 1024)
#define N_HALVES    2
#define MUST_RETRY  (-1)     /* in blocked_on, beside OpenSSL's reasons */

struct _NetTlsCore {
  gatomicrefcount        refs;
  GIOStream             *base;
  GPollableInputStream  *in;             /* of base, borrowed */
  GPollableOutputStream *out;
  NetTrust              *trust;
  char                  *host;
  guint16                port;

  GMutex                 lock;           /* of what follows: GIO lets one thread read and another write */
  SSL                   *ssl;
  NetMeter               meter;
  GError                *base_error;     /* of the step that runs */
  gboolean               base_has_ended;
  gboolean               has_said_goodbye;
  long                   verify_error;
  NetCertificate        *certificate;    /* what was refused */
  guint8                *begun;          /* the bytes of a write that would block, to know them again */
  gsize                  begun_size;
  GError                *failures[N_HALVES];
  int                    blocked_on[N_HALVES];   /* SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE, MUST_RETRY, or
                                                  * 0 */
  GPtrArray             *kicks[N_HALVES];        /* GSource */
};

/* OpenSSL's end of the base stream. */

static int
bio_write (BIO        *bio,
           const char *data,
           int         size)
{
  NetTlsCore *core = BIO_get_data (bio);
  g_autoptr(GError) error = NULL;
  gssize sent = g_pollable_output_stream_write_nonblocking (core->out, data, (gsize) size, NULL, &error);

  BIO_clear_retry_flags (bio);
  if (sent > 0)
    net_meter_sent (&core->meter, (gsize) sent);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    BIO_set_retry_write (bio);
  else if (error != NULL && core->base_error == NULL)
    core->base_error = g_steal_pointer (&error);
  return (int) sent;
}

static int
bio_read (BIO  *bio,
          char *data,
          int   size)
{
  NetTlsCore *core = BIO_get_data (bio);
  g_autoptr(GError) error = NULL;
  gssize got = g_pollable_input_stream_read_nonblocking (core->in, data, (gsize) size, NULL, &error);

  BIO_clear_retry_flags (bio);
  if (got > 0)
    net_meter_received (&core->meter, (gsize) got);
  else if (got == 0)
    core->base_has_ended = TRUE;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    BIO_set_retry_read (bio);
  else if (core->base_error == NULL)
    core->base_error = g_steal_pointer (&error);
  return (int) got;
}

static long
bio_ctrl (BIO  *bio,
          int   command,
          long  number,
          void *pointer)
{
  NetTlsCore *core = BIO_get_data (bio);

  switch (command)
    {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP:
      return 1;
    case BIO_CTRL_EOF:
      return core->base_has_ended;
    default:
      return 0;
    }
}

static BIO *
bio_new (NetTlsCore *core)
{
  static gsize once;
  static BIO_METHOD *method;
  BIO *bio;

  if (g_once_init_enter (&once))
    {
      method = BIO_meth_new (BIO_get_new_index () | BIO_TYPE_SOURCE_SINK, "GIOStream");
      BIO_meth_set_write (method, bio_write);
      BIO_meth_set_read (method, bio_read);
      BIO_meth_set_ctrl (method, bio_ctrl);
      g_once_init_leave (&once, 1);
    }
  bio = BIO_new (method);
  BIO_set_data (bio, core);
  BIO_set_init (bio, 1);
  return bio;
}

/* OpenSSL found something wrong with the chain.  A pin covers exactly the certificate of the server
 * itself. */
static int
verify_cb (int             is_fine,
           X509_STORE_CTX *store)
{
  SSL *ssl = X509_STORE_CTX_get_ex_data (store, SSL_get_ex_data_X509_STORE_CTX_idx ());
  NetTlsCore *core = SSL_get_app_data (ssl);
  const X509 *leaf = X509_STORE_CTX_get0_cert (store);

  if (is_fine)
    return 1;
  if (net_trust_has_pin (core->trust, core->host, core->port, leaf))
    {
      X509_STORE_CTX_set_error (store, X509_V_OK);
      return 1;
    }
  core->verify_error = X509_STORE_CTX_get_error (store);
  g_clear_pointer (&core->certificate, net_certificate_free);
  core->certificate = net_certificate_new (leaf);
  return 0;
}

static gboolean
set_expected_peer (NetTlsCore *core)
{
  if (g_hostname_is_ip_address (core->host))
    return X509_VERIFY_PARAM_set1_ip_asc (SSL_get0_param (core->ssl), core->host) == 1;
  SSL_set_hostflags (core->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return SSL_set_tlsext_host_name (core->ssl, core->host) == 1 && SSL_set1_host (core->ssl, core->host) == 1;
}

NetTlsCore *
net_tls_core_new (GIOStream   *base,
                  NetTrust    *trust,
                  const char  *host,
                  guint16      port,
                  GError     **error)
{
  g_autoptr(NetTlsCore) core = g_new0 (NetTlsCore, 1);
  BIO *bio;

  g_atomic_ref_count_init (&core->refs);
  g_mutex_init (&core->lock);
  for (int half = 0; half < N_HALVES; half++)
    core->kicks[half] = g_ptr_array_new_with_free_func ((GDestroyNotify) g_source_unref);
  core->base = g_object_ref (base);
  core->in = G_POLLABLE_INPUT_STREAM (g_io_stream_get_input_stream (base));
  core->out = G_POLLABLE_OUTPUT_STREAM (g_io_stream_get_output_stream (base));
  core->trust = net_trust_ref (trust);
  core->host = net_trust_dup_host (host);
  core->port = port;
  if (core->host != NULL)
    core->ssl = net_trust_new_ssl (trust, core->host, port);
  if (core->host == NULL || !set_expected_peer (core))
    {
      ERR_clear_error ();
      g_propagate_error (error,
                         net_error_new (NET_ERROR_TLS_WRONG_NAME, "no certificate can have that name"));
      return NULL;
    }

  bio = bio_new (core);
  SSL_set_bio (core->ssl, bio, bio);
  SSL_set_app_data (core->ssl, core);
  SSL_set_verify (core->ssl, SSL_VERIFY_PEER, verify_cb);
  return g_steal_pointer (&core);
}

NetTlsCore *
net_tls_core_ref (NetTlsCore *core)
{
  g_atomic_ref_count_inc (&core->refs);
  return core;
}

void
net_tls_core_unref (NetTlsCore *core)
{
  if (!g_atomic_ref_count_dec (&core->refs))
    return;
  SSL_free (core->ssl);
  for (int half = 0; half < N_HALVES; half++)
    {
      g_ptr_array_unref (core->kicks[half]);
      g_clear_error (&core->failures[half]);
    }
  g_clear_error (&core->base_error);
  g_clear_pointer (&core->certificate, net_certificate_free);
  net_trust_unref (core->trust);
  g_object_unref (core->base);
  g_mutex_clear (&core->lock);
  g_free (core->begun);
  g_free (core->host);
  g_free (core);
}

static NetError
judge_certificate (long verify_error)
{
  switch (verify_error)
    {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return NET_ERROR_TLS_WRONG_NAME;
    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return NET_ERROR_TLS_EXPIRED;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
      return NET_ERROR_TLS_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return NET_ERROR_TLS_UNKNOWN_ISSUER;
    default:
      return NET_ERROR_TLS_BAD_CERTIFICATE;
    }
}

/* Why the step that just ended failed.  The end of the base stream is always an error here: a clean end is a
 * close_notify, which OpenSSL tells apart (SSL_ERROR_ZERO_RETURN). */
static GError *
explain_failure (NetTlsCore *core)
{
  unsigned long code = ERR_peek_error ();

  if (core->base_error != NULL)
    return net_error_translate (g_steal_pointer (&core->base_error));
  if (core->verify_error != X509_V_OK)
    return net_error_new (judge_certificate (core->verify_error),
                          X509_verify_cert_error_string (core->verify_error));
  if (core->base_has_ended)
    return net_error_new (NET_ERROR_CLOSED, "cut off");
  return net_error_new (NET_ERROR_TLS_PROTOCOL, code != 0 ? ERR_reason_error_string (code) : NULL);
}

/* A broken base output does not keep us from reading what the server said before it closed; everything else
 * ends both. */
static void
fail (NetTlsCore *core,
      NetTlsHalf  half)
{
  gboolean is_only_output = half == NET_TLS_WRITING && core->base_error != NULL
                            && SSL_is_init_finished (core->ssl);
  GError *failure = explain_failure (core);

  ERR_clear_error ();
  for (int i = 0; i < N_HALVES; i++)
    if (core->failures[i] == NULL && (i == (int) half || !is_only_output))
      core->failures[i] = g_error_copy (failure);
  g_error_free (failure);
}

static void
kick (NetTlsCore *core,
      NetTlsHalf  half)
{
  core->blocked_on[half] = MUST_RETRY;
  for (guint i = 0; i < core->kicks[half]->len; i++)
    g_source_set_ready_time (g_ptr_array_index (core->kicks[half], i), 0);
}

typedef struct {
  NetTraffic traffic;
  gboolean   is_shaking_hands;
} Before;

/* A half that waits for what this step has just used up would wait forever; in a handshake either half may do
 * all of it. */
static void
kick_other_half (NetTlsCore   *core,
                 NetTlsHalf    half,
                 const Before *before)
{
  NetTlsHalf other = half == NET_TLS_READING ? NET_TLS_WRITING : NET_TLS_READING;
  gboolean has_received = core->meter.traffic.bytes_in != before->traffic.bytes_in;
  gboolean has_sent = core->meter.traffic.bytes_out != before->traffic.bytes_out;

  if ((before->is_shaking_hands && (has_received || has_sent))
      || (other == NET_TLS_WRITING && has_received && core->blocked_on[other] == SSL_ERROR_WANT_READ)
      || (other == NET_TLS_READING && has_sent && core->blocked_on[other] == SSL_ERROR_WANT_WRITE))
    kick (core, other);
}

/* What an OpenSSL call gave, as GIO has it: done bytes, 0 at a clean end, -1 with error. */
static gssize
conclude (NetTlsCore  *core,
          NetTlsHalf   half,
          int          result,
          gsize        done,
          GError     **error)
{
  int reason = result > 0 ? SSL_ERROR_NONE : SSL_get_error (core->ssl, result);

  core->blocked_on[half] = 0;
  switch (reason)
    {
    case SSL_ERROR_NONE:
      return (gssize) done;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      core->blocked_on[half] = reason;
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK, "would block");
      return -1;
    default:
      fail (core, half);
      g_propagate_error (error, g_error_copy (core->failures[half]));
      return -1;
    }
}

static gboolean
begin_step (NetTlsCore  *core,
            NetTlsHalf   half,
            GError     **error)
{
  if (core->failures[half] != NULL)
    {
      g_propagate_error (error, g_error_copy (core->failures[half]));
      return FALSE;
    }
  ERR_clear_error ();
  g_clear_error (&core->base_error);
  return TRUE;
}

gboolean
net_tls_core_shake_hands (NetTlsCore  *core,
                          GError     **error)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);
  Before before = { core->meter.traffic, !SSL_is_init_finished (core->ssl) };
  gboolean is_done;

  if (!begin_step (core, NET_TLS_READING, error))
    return FALSE;
  is_done = conclude (core, NET_TLS_READING, SSL_do_handshake (core->ssl), 1, error) == 1;
  kick_other_half (core, NET_TLS_READING, &before);
  return is_done;
}

gssize
net_tls_core_read (NetTlsCore  *core,
                   void        *data,
                   gsize        size,
                   GError     **error)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);
  Before before = { core->meter.traffic, !SSL_is_init_finished (core->ssl) };
  gsize done = 0;
  gssize got;
  int result;

  if (!begin_step (core, NET_TLS_READING, error))
    return -1;
  result = SSL_read_ex (core->ssl, data, size, &done);
  got = conclude (core, NET_TLS_READING, result, done, error);
  kick_other_half (core, NET_TLS_READING, &before);
  return got;
}

/* OpenSSL takes any bytes for those it has already encrypted; a caller who gave up and sends something else
 * would send the old bytes and lose the new. */
static gboolean
is_begun_continued (NetTlsCore *core,
                    const void *data,
                    gsize       size)
{
  return core->begun_size == 0
         || (size >= core->begun_size && memcmp (data, core->begun, core->begun_size) == 0);
}

static void
note_begun (NetTlsCore *core,
            const void *data,
            gsize       size)
{
  gboolean has_begun = core->blocked_on[NET_TLS_WRITING] == SSL_ERROR_WANT_WRITE
                       && SSL_is_init_finished (core->ssl);

  if (has_begun && core->begun_size != 0)
    return;
  g_clear_pointer (&core->begun, g_free);
  core->begun_size = has_begun ? MIN (size, RECORD_SIZE) : 0;
  core->begun = g_memdup2 (data, core->begun_size);
}

gssize
net_tls_core_write (NetTlsCore  *core,
                    const void  *data,
                    gsize        size,
                    GError     **error)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);
  Before before = { core->meter.traffic, !SSL_is_init_finished (core->ssl) };
  gsize done = 0;
  gssize sent;
  int result;

  if (size == 0)
    return 0;
  if (!is_begun_continued (core, data, size) && core->failures[NET_TLS_WRITING] == NULL)
    core->failures[NET_TLS_WRITING] = net_error_new (NET_ERROR_CLOSED, "a write was given up half-way");
  if (!begin_step (core, NET_TLS_WRITING, error))
    return -1;
  result = SSL_write_ex (core->ssl, data, size, &done);
  sent = conclude (core, NET_TLS_WRITING, result, done, error);
  note_begun (core, data, size);
  kick_other_half (core, NET_TLS_WRITING, &before);
  return sent;
}

void
net_tls_core_say_goodbye (NetTlsCore *core)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);

  if (core->has_said_goodbye || !SSL_is_init_finished (core->ssl) || core->begun_size != 0
      || core->failures[NET_TLS_READING] != NULL || core->failures[NET_TLS_WRITING] != NULL)
    return;
  core->has_said_goodbye = TRUE;
  SSL_shutdown (core->ssl);
  ERR_clear_error ();
}

NetTlsWatch
net_tls_core_get_watch (NetTlsCore *core,
                        NetTlsHalf  half)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);
  int blocked_on = core->blocked_on[half];

  if (core->failures[half] != NULL || blocked_on == MUST_RETRY || SSL_in_before (core->ssl))
    return NET_TLS_WATCH_NOTHING;
  if (half == NET_TLS_READING
      && (SSL_pending (core->ssl) > 0 || (SSL_get_shutdown (core->ssl) & SSL_RECEIVED_SHUTDOWN) != 0))
    return NET_TLS_WATCH_NOTHING;
  if (blocked_on == 0)
    return half == NET_TLS_READING ? NET_TLS_WATCH_INPUT : NET_TLS_WATCH_OUTPUT;
  return blocked_on == SSL_ERROR_WANT_READ ? NET_TLS_WATCH_INPUT : NET_TLS_WATCH_OUTPUT;
}

static gboolean
kick_dispatch (GSource     *source,
               GSourceFunc  callback,
               gpointer     data)
{
  g_source_set_ready_time (source, -1);
  return G_SOURCE_CONTINUE;
}

GSource *
net_tls_core_new_kick (NetTlsCore *core,
                       NetTlsHalf  half)
{
  static GSourceFuncs funcs = { NULL, NULL, kick_dispatch, NULL };
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);
  GSource *source = g_source_new (&funcs, sizeof (GSource));

  g_ptr_array_add (core->kicks[half], g_source_ref (source));
  return source;
}

void
net_tls_core_end_kick (NetTlsCore *core,
                       NetTlsHalf  half,
                       GSource    *source)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);

  g_ptr_array_remove_fast (core->kicks[half], source);
}

gboolean
net_tls_core_was_resumed (NetTlsCore *core)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);

  return SSL_session_reused (core->ssl) == 1;
}

NetTraffic
net_tls_core_get_traffic (NetTlsCore *core)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);

  return core->meter.traffic;
}

NetCertificate *
net_tls_core_steal_certificate (NetTlsCore *core)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);

  return g_steal_pointer (&core->certificate);
}

/* RFC 9266 section 4.2: in TLS 1.2 the exporter is unique only with the extended master secret. */
char *
net_tls_core_dup_exporter (NetTlsCore *core)
{
  static const char label[] = "EXPORTER-Channel-Binding";
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&core->lock);
  guint8 material[32];

  if (!SSL_is_init_finished (core->ssl))
    return NULL;
  if (SSL_version (core->ssl) < TLS1_3_VERSION && SSL_get_extms_support (core->ssl) != 1)
    return NULL;
  if (SSL_export_keying_material (core->ssl, material, sizeof material, label, sizeof label - 1, NULL, 0,
                                  0) != 1)
    return NULL;
  return g_base64_encode (material, sizeof material);
}
