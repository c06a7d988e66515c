/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "discover/candidate.h"

#include <gio/gio.h>
#include <string.h>

#define HOST_MAX 253
#define LABEL_MAX 63

DiscoverServer *
discover_server_new (DiscoverProtocol protocol)
{
  DiscoverServer *server = g_new0 (DiscoverServer, 1);

  server->protocol = protocol;
  return server;
}

void
discover_server_free (DiscoverServer *server)
{
  g_free (server->host);
  g_free (server->user);
  g_free (server);
}

static gboolean
is_host_label (const char *label)
{
  gsize size = strlen (label);

  if (size == 0 || size > LABEL_MAX || label[0] == '-' || label[size - 1] == '-')
    return FALSE;
  for (const char *p = label; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && *p != '-' && *p != '_')
      return FALSE;
  return TRUE;
}

static gboolean
is_host_name (const char *host)
{
  g_auto(GStrv) labels = NULL;

  if (*host == '\0' || strlen (host) > HOST_MAX)
    return FALSE;
  labels = g_strsplit (host, ".", -1);
  for (guint i = 0; labels[i] != NULL; i++)
    if (!is_host_label (labels[i]))
      return FALSE;
  return TRUE;
}

char *
discover_host_normalize (const char *host)
{
  g_autofree char *ascii = NULL;
  g_autofree char *lower = NULL;

  if (g_hostname_is_ip_address (host))
    return g_strdup (host);
  if (!g_utf8_validate (host, -1, NULL) || (ascii = g_hostname_to_ascii (host)) == NULL)
    return NULL;
  lower = g_ascii_strdown (ascii, -1);
  if (g_str_has_suffix (lower, "."))
    lower[strlen (lower) - 1] = '\0';
  return is_host_name (lower) ? g_steal_pointer (&lower) : NULL;
}

static gboolean
is_local_part (const char *local_part,
               gsize       size)
{
  if (size == 0 || size > 64)
    return FALSE;
  for (gsize i = 0; i < size; i++)
    if (g_ascii_iscntrl (local_part[i]) || strchr (" <>\",;:()[]\\@", local_part[i]) != NULL)
      return FALSE;
  return TRUE;
}

DiscoverResult *
discover_result_new (const char *address)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (address));
  const char *at = strrchr (trimmed, '@');
  g_autofree char *domain = NULL;
  DiscoverResult *result;

  if (at == NULL || !is_local_part (trimmed, (gsize) (at - trimmed)) || !g_utf8_validate (trimmed, -1, NULL))
    return NULL;
  if ((domain = discover_host_normalize (at + 1)) == NULL || strchr (domain, '.') == NULL)
    return NULL;

  result = g_new0 (DiscoverResult, 1);
  result->local_part = g_strndup (trimmed, (gsize) (at - trimmed));
  result->domain = g_steal_pointer (&domain);
  result->address = g_strconcat (result->local_part, "@", result->domain, NULL);
  result->servers = g_ptr_array_new_with_free_func ((GDestroyNotify) discover_server_free);
  return result;
}

void
discover_result_free (DiscoverResult *result)
{
  g_free (result->address);
  g_free (result->local_part);
  g_free (result->domain);
  g_free (result->provider);
  g_free (result->enable_url);
  g_ptr_array_unref (result->servers);
  g_free (result);
}

/* Better first: trust, then encryption from the first byte, then the provider's own order. */
static int
compare_servers (gconstpointer one,
                 gconstpointer other)
{
  const DiscoverServer *a = *(DiscoverServer * const *) one;
  const DiscoverServer *b = *(DiscoverServer * const *) other;

  if (a->protocol != b->protocol)
    return (int) a->protocol - (int) b->protocol;
  if (a->source != b->source)
    return (int) a->source - (int) b->source;
  if (a->security != b->security)
    return (int) a->security - (int) b->security;
  return a->position == b->position ? 0 : a->position < b->position ? -1 : 1;
}

static gboolean
is_same_server (const DiscoverServer *a,
                const DiscoverServer *b)
{
  return a->protocol == b->protocol && a->port == b->port && strcmp (a->host, b->host) == 0;
}

static guint
count_protocol (const DiscoverResult *result,
                DiscoverProtocol      protocol)
{
  guint count = 0;

  for (guint i = 0; i < result->servers->len; i++)
    if (((DiscoverServer *) result->servers->pdata[i])->protocol == protocol)
      count++;
  return count;
}

/* FALSE when the same server is known from a source that is trusted as much; a less trusted one makes
 * room. */
static gboolean
make_room (DiscoverResult       *result,
           const DiscoverServer *server)
{
  for (guint i = 0; i < result->servers->len; i++)
    {
      const DiscoverServer *known = result->servers->pdata[i];

      if (!is_same_server (known, server))
        continue;
      if (known->source <= server->source)
        return FALSE;
      g_ptr_array_remove_index (result->servers, i);
      return TRUE;
    }
  return count_protocol (result, server->protocol) < DISCOVER_SERVERS_MAX;
}

void
discover_result_add (DiscoverResult *result,
                     DiscoverServer *server)
{
  g_autoptr(DiscoverServer) owned = server;
  g_autofree char *host = owned->host != NULL ? discover_host_normalize (owned->host) : NULL;

  if (host == NULL || owned->port == 0 || owned->security == DISCOVER_PLAIN)
    return;
  g_free (owned->host);
  owned->host = g_steal_pointer (&host);
  if (!make_room (result, owned))
    return;
  g_ptr_array_add (result->servers, g_steal_pointer (&owned));
  g_ptr_array_sort (result->servers, compare_servers);
}

const DiscoverServer *
discover_result_find (const DiscoverResult *result,
                      DiscoverProtocol      protocol)
{
  for (guint i = 0; i < result->servers->len; i++)
    if (((DiscoverServer *) result->servers->pdata[i])->protocol == protocol)
      return result->servers->pdata[i];
  return NULL;
}

const char *
discover_protocol_to_string (DiscoverProtocol protocol)
{
  switch (protocol)
    {
    case DISCOVER_IMAP: return "imap";
    case DISCOVER_POP3: return "pop3";
    case DISCOVER_SMTP: return "smtp";
    }
  g_assert_not_reached ();
}

const char *
discover_security_to_string (DiscoverSecurity security)
{
  switch (security)
    {
    case DISCOVER_TLS:      return "tls";
    case DISCOVER_STARTTLS: return "starttls";
    case DISCOVER_PLAIN:    return "none";
    }
  g_assert_not_reached ();
}

const char *
discover_source_to_string (DiscoverSource source)
{
  switch (source)
    {
    case DISCOVER_BY_PROVIDER: return "provider";
    case DISCOVER_BY_DATABASE: return "database";
    case DISCOVER_BY_DNS:      return "dns";
    case DISCOVER_BY_GUESS:    return "names";
    }
  g_assert_not_reached ();
}

guint16
discover_get_port (DiscoverProtocol protocol,
                   DiscoverSecurity security)
{
  gboolean is_tls = security == DISCOVER_TLS;

  switch (protocol)
    {
    case DISCOVER_IMAP: return is_tls ? 993 : 143;
    case DISCOVER_POP3: return is_tls ? 995 : 110;
    case DISCOVER_SMTP: return is_tls ? 465 : 587;
    }
  g_assert_not_reached ();
}
