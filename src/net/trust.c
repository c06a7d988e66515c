/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/trust-tls.h"

#include "net/error.h"

#include <openssl/err.h>

#include <string.h>
#include <sys/stat.h>

#define SESSIONS_PER_SERVER 4
#define CHAIN_LIMIT         10
#define SHARED_STORES       16

struct _NetTrust {
  gatomicrefcount refs;
  SSL_CTX        *context;
  char           *ca_file;
  GMutex          lock;            /* of what follows: lanes share the trust of their account */
  GHashTable     *pins;            /* set of "host:port:fingerprint" */
  GHashTable     *sessions;        /* "host:port" -> GQueue of SSL_SESSION, newest first */
};

static void
free_sessions (gpointer queue)
{
  g_queue_free_full (queue, (GDestroyNotify) SSL_SESSION_free);
}

static void
free_server_key (void           *parent,
                 void           *key,
                 CRYPTO_EX_DATA *data,
                 int             index,
                 long            number,
                 void           *pointer)
{
  g_free (key);
}

/* Where an SSL carries the key of its server, for the sessions that come with it. */
static int
server_key_index (void)
{
  static gsize index_plus_1;

  if (g_once_init_enter (&index_plus_1))
    g_once_init_leave (&index_plus_1,
                       (gsize) SSL_get_ex_new_index (0, NULL, NULL, NULL, free_server_key) + 1);
  return (int) index_plus_1 - 1;
}

static int
keep_session_cb (SSL         *ssl,
                 SSL_SESSION *session)
{
  NetTrust *trust = SSL_CTX_get_app_data (SSL_get_SSL_CTX (ssl));
  const char *server = SSL_get_ex_data (ssl, server_key_index ());
  g_autoptr(GMutexLocker) locker = NULL;
  GQueue *queue;

  if (!SSL_SESSION_is_resumable (session))
    return 0;

  locker = g_mutex_locker_new (&trust->lock);
  if ((queue = g_hash_table_lookup (trust->sessions, server)) == NULL)
    {
      queue = g_queue_new ();
      g_hash_table_insert (trust->sessions, g_strdup (server), queue);
    }
  g_queue_push_head (queue, session);
  while (g_queue_get_length (queue) > SESSIONS_PER_SERVER)
    SSL_SESSION_free (g_queue_pop_tail (queue));
  return 1;
}

/* --- the certificates of authorities -------------------------------------------------------------------- */

/* Reading the system's takes 25 ms and 1 MB: accounts share them.  A changed file is read again. */
static GHashTable *shared_stores;        /* what was read, as a text -> X509_STORE */
static GMutex      shared_lock;

static void
append_stamp (GString    *key,
              const char *path)
{
  struct stat info = { 0 };

  if (path == NULL)
    return;
  if (stat (path, &info) != 0)
    info = (struct stat) { 0 };
  g_string_append_printf (key, "%s:%" G_GINT64_FORMAT ".%ld:%" G_GINT64_FORMAT ";", path,
                          (gint64) info.st_mtim.tv_sec, info.st_mtim.tv_nsec, (gint64) info.st_size);
}

/* As OpenSSL looks for them: a variable goes over the built-in place. */
static const char *
get_place (const char *variable,
           const char *usual)
{
  const char *given = g_getenv (variable);

  return given != NULL ? given : usual;
}

static X509_STORE *
read_store (const char *ca_file)
{
  X509_STORE *store = X509_STORE_new ();

  X509_STORE_set_default_paths (store);
  if (ca_file == NULL || X509_STORE_load_file (store, ca_file) == 1)
    return store;
  X509_STORE_free (store);
  return NULL;
}

/* Yours; NULL: ca_file cannot be read. */
static X509_STORE *
ref_store (const char *ca_file)
{
  g_autoptr(GString) key = g_string_new ("");
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&shared_lock);
  X509_STORE *store;

  append_stamp (key, get_place (X509_get_default_cert_file_env (), X509_get_default_cert_file ()));
  append_stamp (key, get_place (X509_get_default_cert_dir_env (), X509_get_default_cert_dir ()));
  append_stamp (key, ca_file);
  if (shared_stores == NULL)
    shared_stores = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) X509_STORE_free);
  if ((store = g_hash_table_lookup (shared_stores, key->str)) == NULL)
    {
      if ((store = read_store (ca_file)) == NULL)
        return NULL;
      if (g_hash_table_size (shared_stores) >= SHARED_STORES)
        g_hash_table_remove_all (shared_stores);
      g_hash_table_insert (shared_stores, g_strdup (key->str), store);
    }
  X509_STORE_up_ref (store);
  return store;
}

/* --- trust ---------------------------------------------------------------------------------------------- */

static void
set_up_context (SSL_CTX  *context,
                NetTrust *trust)
{
  SSL_CTX_set_min_proto_version (context, TLS1_2_VERSION);
  SSL_CTX_set_security_level (context, 2);
  SSL_CTX_set_options (context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode (context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                             | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify_depth (context, CHAIN_LIMIT);
  SSL_CTX_set_session_cache_mode (context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_set_app_data (context, trust);
  SSL_CTX_sess_set_new_cb (context, keep_session_cb);
}

NetTrust *
net_trust_new (const char  *ca_file,
               GError     **error)
{
  g_autoptr(NetTrust) trust = g_new0 (NetTrust, 1);
  X509_STORE *store;

  g_atomic_ref_count_init (&trust->refs);
  g_mutex_init (&trust->lock);
  trust->pins = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  trust->sessions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_sessions);
  trust->ca_file = g_strdup (ca_file);
  trust->context = SSL_CTX_new (TLS_client_method ());
  if (trust->context == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "OpenSSL cannot be started");
      return NULL;
    }
  set_up_context (trust->context, trust);
  if ((store = ref_store (ca_file)) == NULL)
    {
      ERR_clear_error ();
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Cannot read certificates from %s", ca_file);
      return NULL;
    }
  SSL_CTX_set_cert_store (trust->context, store);
  return g_steal_pointer (&trust);
}

NetTrust *
net_trust_ref (NetTrust *trust)
{
  g_atomic_ref_count_inc (&trust->refs);
  return trust;
}

void
net_trust_unref (NetTrust *trust)
{
  if (!g_atomic_ref_count_dec (&trust->refs))
    return;
  g_hash_table_unref (trust->pins);
  g_hash_table_unref (trust->sessions);
  SSL_CTX_free (trust->context);
  g_mutex_clear (&trust->lock);
  g_free (trust->ca_file);
  g_free (trust);
}

const char *
net_trust_get_ca_file (NetTrust *trust)
{
  return trust->ca_file;
}

char *
net_trust_dup_host (const char *host)
{
  g_autofree char *name = NULL;

  /* An empty name would switch OpenSSL's check off, and one that begins with a dot would match every name
   * below it. */
  if (host[0] == '\0' || host[0] == '.')
    return NULL;
  if (g_hostname_is_ip_address (host))
    return g_strndup (host, strcspn (host, "%"));
  if ((name = g_hostname_to_ascii (host)) == NULL)
    return NULL;
  if (g_str_has_suffix (name, "."))
    name[strlen (name) - 1] = '\0';
  return g_ascii_strdown (name, -1);
}

static char *
dup_server_key (const char *host,
                guint16     port)
{
  return g_strdup_printf ("%s:%u", host, port);
}

void
net_trust_pin (NetTrust   *trust,
               const char *host,
               guint16     port,
               const char *fingerprint)
{
  g_autofree char *name = net_trust_dup_host (host);
  g_autofree char *server = NULL;
  g_autoptr(GMutexLocker) locker = NULL;

  if (name == NULL)
    return;
  server = dup_server_key (name, port);
  locker = g_mutex_locker_new (&trust->lock);
  g_hash_table_add (trust->pins, g_strconcat (server, ":", fingerprint, NULL));
}

gboolean
net_trust_has_pin (NetTrust   *trust,
                   const char *host,
                   guint16     port,
                   const X509 *certificate)
{
  g_autofree char *server = dup_server_key (host, port);
  g_autofree char *fingerprint = net_certificate_dup_fingerprint (certificate);
  g_autofree char *pin = g_strconcat (server, ":", fingerprint, NULL);
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&trust->lock);

  return g_hash_table_contains (trust->pins, pin);
}

/* A TLS 1.3 ticket is given out once (RFC 8446 appendix C.4); an older session as often as it is wanted. */
static SSL_SESSION *
take_session (NetTrust   *trust,
              const char *server)
{
  G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&trust->lock);
  GQueue *queue = g_hash_table_lookup (trust->sessions, server);
  SSL_SESSION *session = queue == NULL ? NULL : g_queue_pop_head (queue);

  if (session != NULL && SSL_SESSION_get_protocol_version (session) < TLS1_3_VERSION)
    {
      SSL_SESSION_up_ref (session);
      g_queue_push_head (queue, session);
    }
  return session;
}

SSL *
net_trust_new_ssl (NetTrust   *trust,
                   const char *host,
                   guint16     port)
{
  g_autofree char *server = dup_server_key (host, port);
  SSL_SESSION *session = take_session (trust, server);
  SSL *ssl = SSL_new (trust->context);

  SSL_set_connect_state (ssl);
  SSL_set_ex_data (ssl, server_key_index (), g_steal_pointer (&server));
  if (session != NULL)
    {
      SSL_set_session (ssl, session);
      SSL_SESSION_free (session);
    }
  return ssl;
}
