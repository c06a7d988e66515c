/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discover/autoconfig.h"

#include <string.h>

#define DEPTH_MAX 32
#define TEXT_MAX 1024

G_DEFINE_QUARK (discover-error-quark, discover_error)

typedef struct {
  DiscoverResult *result;
  DiscoverSource  source;
  guint           depth;
  gboolean        has_begun;     /* the root element was seen */
  guint           positions[DISCOVER_N_PROTOCOLS];
  DiscoverServer *server;        /* the one being read, or NULL */
  gboolean        is_in_provider;
  GString        *text;
} Reader;

static void
refuse (GError     **error,
        const char  *reason)
{
  g_set_error (error, DISCOVER_ERROR, DISCOVER_ERROR_NOT_AUTOCONFIG, "Not a mail configuration: %s", reason);
}

/* From within the parser, which stops. */
static void
reject (GError     **error,
        const char  *reason)
{
  g_set_error_literal (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT, reason);
}

static gboolean
is_server (const char *element)
{
  return strcmp (element, "incomingServer") == 0 || strcmp (element, "outgoingServer") == 0;
}

static const char *
find_attribute (const char **names,
                const char **values,
                const char  *name)
{
  for (guint i = 0; names[i] != NULL; i++)
    if (strcmp (names[i], name) == 0)
      return values[i];
  return NULL;
}

static guint
read_number (const char *text,
             guint       max)
{
  guint64 value = 0;

  base_slice_parse_uint (base_slice_from_string (text), max, &value);
  return (guint) value;
}

/* Servers of other kinds, Exchange among them, leave reader->server NULL. */
static void
begin_server (Reader     *reader,
              gboolean    is_outgoing,
              const char *type)
{
  DiscoverProtocol protocol;

  g_clear_pointer (&reader->server, discover_server_free);
  if (!is_outgoing && g_strcmp0 (type, "imap") == 0)
    protocol = DISCOVER_IMAP;
  else if (!is_outgoing && g_strcmp0 (type, "pop3") == 0)
    protocol = DISCOVER_POP3;
  else if (is_outgoing && g_strcmp0 (type, "smtp") == 0)
    protocol = DISCOVER_SMTP;
  else
    return;

  reader->server = discover_server_new (protocol);
  reader->server->security = DISCOVER_PLAIN;
  reader->server->source = reader->source;
  reader->server->position = reader->positions[protocol]++;
}

static void
read_enable_url (Reader     *reader,
                 const char *url)
{
  if (url != NULL && g_str_has_prefix (url, "https://") && reader->result->enable_url == NULL)
    reader->result->enable_url = g_strndup (url, TEXT_MAX);
}

static void
read_check_interval (Reader     *reader,
                     const char *minutes)
{
  if (minutes != NULL)
    reader->server->check_minutes = read_number (minutes, 24 * 60);
}

static void
start_element_cb (GMarkupParseContext  *context,
                  const char           *element,
                  const char          **names,
                  const char          **values,
                  gpointer              data,
                  GError              **error)
{
  Reader *reader = data;

  if (++reader->depth > DEPTH_MAX)
    reject (error, "nested too deeply");
  else if (reader->depth == 1 && strcmp (element, "clientConfig") != 0)
    reject (error, "it does not begin with clientConfig");
  else if (reader->depth == 1)
    reader->has_begun = TRUE;
  else if (strcmp (element, "emailProvider") == 0)
    reader->is_in_provider = TRUE;
  else if (is_server (element))
    begin_server (reader, element[0] == 'o', find_attribute (names, values, "type"));
  else if (strcmp (element, "enable") == 0)
    read_enable_url (reader, find_attribute (names, values, "visiturl"));
  else if (strcmp (element, "checkInterval") == 0 && reader->server != NULL)
    read_check_interval (reader, find_attribute (names, values, "minutes"));
  g_string_truncate (reader->text, 0);
}

/* %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN% filled in. */
static char *
fill_in (const DiscoverResult *result,
         const char           *template)
{
  g_autoptr(GString) text = g_string_new (template);

  g_string_replace (text, "%EMAILADDRESS%", result->address, 0);
  g_string_replace (text, "%EMAILLOCALPART%", result->local_part, 0);
  g_string_replace (text, "%EMAILDOMAIN%", result->domain, 0);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static DiscoverSecurity
read_security (const char *text)
{
  if (strcmp (text, "SSL") == 0 || strcmp (text, "TLS") == 0)
    return DISCOVER_TLS;
  return strcmp (text, "STARTTLS") == 0 ? DISCOVER_STARTTLS : DISCOVER_PLAIN;
}

static DiscoverAuth
read_auth (const char *text)
{
  static const char * const passwords[] = { "password-cleartext", "plain", "password-encrypted", "secure",
                                            NULL };

  if (g_strv_contains (passwords, text))
    return DISCOVER_AUTH_PASSWORD;
  return strcmp (text, "OAuth2") == 0 ? DISCOVER_AUTH_OAUTH2 : DISCOVER_AUTH_OTHER;
}

static void
read_server_text (Reader     *reader,
                  const char *element,
                  const char *text)
{
  DiscoverServer *server = reader->server;

  if (strcmp (element, "hostname") == 0 && server->host == NULL)
    server->host = fill_in (reader->result, text);
  else if (strcmp (element, "port") == 0)
    server->port = (guint16) read_number (text, G_MAXUINT16);
  else if (strcmp (element, "socketType") == 0)
    server->security = read_security (text);
  else if (strcmp (element, "username") == 0 && server->user == NULL)
    server->user = fill_in (reader->result, text);
  else if (strcmp (element, "authentication") == 0)
    server->auth |= read_auth (text);
  else if (strcmp (element, "leaveMessagesOnServer") == 0)
    server->leaves_on_server = strcmp (text, "true") == 0;
  else if (strcmp (element, "daysToLeaveMessagesOnServer") == 0)
    server->leave_days = read_number (text, 3650);
}

static void
end_element_cb (GMarkupParseContext  *context,
                const char           *element,
                gpointer              data,
                GError              **error)
{
  Reader *reader = data;
  const char *text = g_strstrip (reader->text->str);

  reader->depth--;
  if (strcmp (element, "emailProvider") == 0)
    reader->is_in_provider = FALSE;
  else if (reader->server != NULL && is_server (element))
    discover_result_add (reader->result, g_steal_pointer (&reader->server));
  else if (reader->server != NULL)
    read_server_text (reader, element, text);
  else if (reader->is_in_provider && strcmp (element, "displayName") == 0 && reader->result->provider == NULL)
    reader->result->provider = g_strndup (text, TEXT_MAX);
  g_string_truncate (reader->text, 0);
}

static void
text_cb (GMarkupParseContext  *context,
         const char           *text,
         gsize                 size,
         gpointer              data,
         GError              **error)
{
  Reader *reader = data;

  if (reader->text->len < TEXT_MAX)
    g_string_append_len (reader->text, text, (gssize) MIN (size, TEXT_MAX - reader->text->len));
}

/* Comments, processing instructions and, to be refused, <!DOCTYPE ...>. */
static void
passthrough_cb (GMarkupParseContext  *context,
                const char           *text,
                gsize                 size,
                gpointer              data,
                GError              **error)
{
  if (base_slice_starts_with_nocase (base_slice_new (text, size), "<!DOCTYPE"))
    reject (error, "it declares a document type");
}

gboolean
discover_autoconfig_parse (DiscoverResult  *result,
                           BaseSlice        xml,
                           DiscoverSource   source,
                           GError         **error)
{
  static const GMarkupParser parser = { start_element_cb, end_element_cb, text_cb, passthrough_cb, NULL };
  Reader reader = { .result = result, .source = source };
  g_autoptr(GMarkupParseContext) context = NULL;
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) failure = NULL;

  if (xml.size > DISCOVER_AUTOCONFIG_MAX)
    {
      refuse (error, "too large");
      return FALSE;
    }
  reader.text = text;
  context = g_markup_parse_context_new (&parser, G_MARKUP_TREAT_CDATA_AS_TEXT, &reader, NULL);
  if (g_markup_parse_context_parse (context, (const char *) xml.data, (gssize) xml.size, &failure))
    g_markup_parse_context_end_parse (context, &failure);
  g_clear_pointer (&reader.server, discover_server_free);
  if (failure != NULL || !reader.has_begun)
    {
      refuse (error, failure != NULL ? failure->message : "it is empty");
      return FALSE;
    }
  return TRUE;
}

char *
discover_autoconfig_dup_url (const DiscoverResult *result,
                             DiscoverUrl           which)
{
  g_autofree char *address = g_uri_escape_string (result->address, NULL, FALSE);

  switch (which)
    {
    case DISCOVER_URL_AUTOCONFIG:
      return g_strdup_printf ("https://autoconfig.%s/mail/config-v1.1.xml?emailaddress=%s", result->domain,
                              address);
    case DISCOVER_URL_WELL_KNOWN:
      return g_strdup_printf ("https://%s/.well-known/autoconfig/mail/config-v1.1.xml", result->domain);
    }
  g_assert_not_reached ();
}

char *
discover_database_dup_url (const DiscoverResult *result,
                           const char           *base)
{
  return g_strdup_printf ("%s/%s", base, result->domain);
}
