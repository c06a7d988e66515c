/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/https.h"

#include <libsoup/soup.h>

#define REDIRECT_LIMIT 5
#define PORTION        (16 * 1024)

typedef struct {
  GMainContext      *context;
  SoupSession       *session;
  GCancellable      *operation;
  GList             *authorities;   /* GTlsCertificate, believed besides the system's */
  const NetSignals  *signals;
  gint64             deadline;
  gboolean           is_done;       /* of the asynchronous call that runs */
  GInputStream      *body;
  GBytes            *portion;
  GError            *error;
} Fetch;

static void
send_cb (GObject      *session,
         GAsyncResult *result,
         gpointer      data)
{
  Fetch *fetch = data;

  fetch->body = soup_session_send_finish (SOUP_SESSION (session), result, &fetch->error);
  fetch->is_done = TRUE;
}

static void
read_cb (GObject      *body,
         GAsyncResult *result,
         gpointer      data)
{
  Fetch *fetch = data;

  fetch->portion = g_input_stream_read_bytes_finish (G_INPUT_STREAM (body), result, &fetch->error);
  fetch->is_done = TRUE;
}

static GError *
translate (GError *error)
{
  GError *translated;

  if (error->domain != G_TLS_ERROR)
    return net_error_translate (error);
  translated = net_error_new (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE)
                                ? NET_ERROR_TLS_BAD_CERTIFICATE : NET_ERROR_TLS_PROTOCOL, error->message);
  g_error_free (error);
  return translated;
}

/* Waits for the asynchronous call that was just begun. */
static gboolean
fetch_wait (Fetch   *fetch,
            GError **error)
{
  gboolean may_use = net_pause_until (fetch->context, &fetch->is_done, fetch->operation, fetch->signals,
                                      fetch->deadline, error);

  fetch->is_done = FALSE;
  if (may_use && fetch->error == NULL)
    return TRUE;
  if (may_use)
    g_propagate_error (error, translate (g_steal_pointer (&fetch->error)));
  g_clear_error (&fetch->error);
  return FALSE;
}

/* The system has refused the certificate; perhaps one of our own authorities vouches for it. */
static gboolean
accept_certificate_cb (SoupMessage          *message,
                       GTlsCertificate      *certificate,
                       GTlsCertificateFlags  errors,
                       gpointer              data)
{
  Fetch *fetch = data;
  const char *host = g_uri_get_host (soup_message_get_uri (message));
  g_autoptr(GSocketConnectable) identity = g_network_address_new (host, 443);

  for (GList *l = fetch->authorities; l != NULL; l = l->next)
    if (g_tls_certificate_verify (certificate, identity, l->data) == 0)
      return TRUE;
  return FALSE;
}

static GUri *
parse_url (GUri        *base,
           const char  *url,
           GError     **error)
{
  g_autoptr(GUri) uri = base != NULL ? g_uri_parse_relative (base, url, SOUP_HTTP_URI_FLAGS, NULL)
                                     : g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);

  if (uri != NULL && g_str_equal (g_uri_get_scheme (uri), "https") && g_uri_get_userinfo (uri) == NULL
      && g_uri_get_host (uri) != NULL && *g_uri_get_host (uri) != '\0')
    return g_steal_pointer (&uri);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Not a safe address: %.200s", url);
  return NULL;
}

static GBytes *
fetch_body (Fetch   *fetch,
            gsize    limit,
            GError **error)
{
  g_autoptr(GByteArray) data = g_byte_array_new ();

  for (;;)
    {
      g_autoptr(GBytes) portion = NULL;
      gboolean is_read;

      g_input_stream_read_bytes_async (fetch->body, PORTION, G_PRIORITY_DEFAULT, fetch->operation, read_cb,
                                       fetch);
      is_read = fetch_wait (fetch, error);
      portion = g_steal_pointer (&fetch->portion);
      if (!is_read)
        return NULL;
      if (g_bytes_get_size (portion) == 0)
        return g_byte_array_free_to_bytes (g_steal_pointer (&data));
      if (g_bytes_get_size (portion) > limit - data->len)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                       "the answer is larger than %" G_GSIZE_FORMAT " bytes", limit);
          return NULL;
        }
      g_byte_array_append (data, g_bytes_get_data (portion, NULL), (guint) g_bytes_get_size (portion));
    }
}

/* The document, or NULL with error, or NULL with *location: where it went. */
static GBytes *
fetch_once (Fetch   *fetch,
            GUri    *uri,
            gsize    limit,
            char   **location,
            GError **error)
{
  g_autoptr(SoupMessage) message = soup_message_new_from_uri (SOUP_METHOD_GET, uri);
  g_autoptr(GBytes) document = NULL;
  SoupStatus status;

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  g_signal_connect (message, "accept-certificate", G_CALLBACK (accept_certificate_cb), fetch);
  soup_session_send_async (fetch->session, message, G_PRIORITY_DEFAULT, fetch->operation, send_cb, fetch);
  if (!fetch_wait (fetch, error))
    {
      g_clear_object (&fetch->body);
      return NULL;
    }

  status = soup_message_get_status (message);
  if (SOUP_STATUS_IS_REDIRECTION (status))
    *location = g_strdup (soup_message_headers_get_one (soup_message_get_response_headers (message),
                                                        "Location"));
  if (status == SOUP_STATUS_OK)
    document = fetch_body (fetch, limit, error);
  else if (*location == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "the server answers %u", (guint) status);
  g_clear_object (&fetch->body);
  return g_steal_pointer (&document);
}

static GBytes *
fetch_follow (Fetch       *fetch,
              const char  *url,
              gsize        limit,
              GError     **error)
{
  g_autoptr(GUri) uri = parse_url (NULL, url, error);

  for (int hop = 0; uri != NULL && hop <= REDIRECT_LIMIT; hop++)
    {
      g_autofree char *location = NULL;
      g_autoptr(GUri) target = NULL;
      GBytes *document = fetch_once (fetch, uri, limit, &location, error);

      if (location == NULL)
        return document;
      target = parse_url (uri, location, error);
      g_uri_unref (uri);
      uri = g_steal_pointer (&target);
    }
  if (uri != NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         "the server sends from one address to the next");
  return NULL;
}

static void
fetch_begin (Fetch    *fetch,
             NetTrust *trust)
{
  const char *ca_file = trust != NULL ? net_trust_get_ca_file (trust) : NULL;

  fetch->context = g_main_context_new ();
  g_main_context_push_thread_default (fetch->context);
  fetch->operation = g_cancellable_new ();
  fetch->session = soup_session_new ();
  soup_session_remove_feature_by_type (fetch->session, SOUP_TYPE_AUTH_MANAGER);
  /* A small answer must not become a large one on the way. */
  soup_session_remove_feature_by_type (fetch->session, SOUP_TYPE_CONTENT_DECODER);
  if (ca_file != NULL)
    fetch->authorities = g_tls_certificate_list_new_from_file (ca_file, NULL);
}

static void
fetch_end (Fetch *fetch)
{
  soup_session_abort (fetch->session);
  g_clear_object (&fetch->session);
  while (g_main_context_iteration (fetch->context, FALSE))
    continue;
  g_main_context_pop_thread_default (fetch->context);
  g_main_context_unref (fetch->context);
  g_object_unref (fetch->operation);
  g_list_free_full (fetch->authorities, g_object_unref);
}

GBytes *
net_https_get (const char        *url,
               NetTrust          *trust,
               gsize              limit,
               const NetSignals  *signals,
               gint64             deadline,
               GError           **error)
{
  Fetch fetch = { .signals = signals, .deadline = deadline };
  GBytes *document;

  fetch_begin (&fetch, trust);
  document = fetch_follow (&fetch, url, limit, error);
  fetch_end (&fetch);
  if (document == NULL)
    g_prefix_error (error, "Cannot fetch %.200s: ", url);
  return document;
}
