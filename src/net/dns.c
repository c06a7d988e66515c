/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns.h"

#include <string.h>

typedef struct {
  gboolean  is_done;
  GList    *records;       /* GVariant */
  GError   *error;
} Lookup;

static void
lookup_cb (GObject      *resolver,
           GAsyncResult *result,
           gpointer      data)
{
  Lookup *lookup = data;

  lookup->records = g_resolver_lookup_records_finish (G_RESOLVER (resolver), result, &lookup->error);
  lookup->is_done = TRUE;
}

static void
free_records (GList *records)
{
  g_list_free_full (records, (GDestroyNotify) g_variant_unref);
}

static GList *
lookup_records (const char           *name,
                GResolverRecordType   type,
                const NetSignals     *signals,
                gint64                deadline,
                GError              **error)
{
  g_autoptr(GMainContext) context = g_main_context_new ();
  g_autoptr(GResolver) resolver = g_resolver_get_default ();
  g_autoptr(GCancellable) operation = g_cancellable_new ();
  Lookup lookup = { 0 };
  gboolean may_use;

  g_main_context_push_thread_default (context);
  g_resolver_lookup_records_async (resolver, name, type, operation, lookup_cb, &lookup);
  may_use = net_pause_until (context, &lookup.is_done, operation, signals, deadline, error);
  g_main_context_pop_thread_default (context);

  if (may_use && lookup.error != NULL)
    g_propagate_error (error, net_error_translate (g_steal_pointer (&lookup.error)));
  g_clear_error (&lookup.error);
  if (may_use)
    return lookup.records;
  free_records (lookup.records);
  return NULL;
}

static void
server_free (gpointer data)
{
  NetDnsServer *server = data;

  g_free (server->host);
  g_free (server);
}

static NetDnsServer *
server_from_record (GVariant            *record,
                    GResolverRecordType  type)
{
  NetDnsServer *server = g_new0 (NetDnsServer, 1);

  if (type == G_RESOLVER_RECORD_MX)
    g_variant_get (record, "(qs)", &server->priority, &server->host);
  else
    g_variant_get (record, "(qqqs)", &server->priority, &server->weight, &server->port, &server->host);
  if (g_str_has_suffix (server->host, "."))
    server->host[strlen (server->host) - 1] = '\0';
  return server;
}

static int
compare_servers (gconstpointer a,
                 gconstpointer b)
{
  const NetDnsServer *left = *(NetDnsServer * const *) a;
  const NetDnsServer *right = *(NetDnsServer * const *) b;

  if (left->priority != right->priority)
    return left->priority < right->priority ? -1 : 1;
  return (int) right->weight - (int) left->weight;
}

static GPtrArray *
lookup_servers (const char           *name,
                GResolverRecordType   type,
                const NetSignals     *signals,
                gint64                deadline,
                GError              **error)
{
  g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func (server_free);
  GList *records = lookup_records (name, type, signals, deadline, error);

  if (records == NULL)
    {
      g_prefix_error (error, "Cannot look up %s: ", name);
      return NULL;
    }
  for (GList *l = records; l != NULL; l = l->next)
    g_ptr_array_add (servers, server_from_record (l->data, type));
  free_records (records);
  g_ptr_array_sort (servers, compare_servers);
  return g_steal_pointer (&servers);
}

static char *
dup_ascii (const char  *domain,
           GError     **error)
{
  char *ascii = g_hostname_to_ascii (domain);

  if (ascii == NULL)
    g_propagate_error (error, net_error_new (NET_ERROR_NOT_FOUND, domain));
  return ascii;
}

GPtrArray *
net_dns_lookup_service (const char        *service,
                        const char        *domain,
                        const NetSignals  *signals,
                        gint64             deadline,
                        GError           **error)
{
  g_autofree char *ascii = dup_ascii (domain, error);
  g_autofree char *name = NULL;

  if (ascii == NULL)
    return NULL;
  name = g_strdup_printf ("_%s._tcp.%s", service, ascii);
  return lookup_servers (name, G_RESOLVER_RECORD_SRV, signals, deadline, error);
}

GPtrArray *
net_dns_lookup_mx (const char        *domain,
                   const NetSignals  *signals,
                   gint64             deadline,
                   GError           **error)
{
  g_autofree char *ascii = dup_ascii (domain, error);

  return ascii != NULL ? lookup_servers (ascii, G_RESOLVER_RECORD_MX, signals, deadline, error) : NULL;
}
