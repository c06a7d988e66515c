/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/net/fake-resolver.h"

typedef struct {
  GResolver parent;
} FakeResolver;

typedef struct {
  GResolverClass parent;
} FakeResolverClass;

GType fake_resolver_get_type (void);

G_DEFINE_TYPE (FakeResolver, fake_resolver, G_TYPE_RESOLVER)

static GHashTable *addresses;     /* name -> GPtrArray of text */
static GHashTable *records;       /* name -> GPtrArray of GVariant */
static GHashTable *silent;

static void
cancelled_cb (GCancellable *cancellable,
              gpointer      task)
{
  g_task_return_error_if_cancelled (task);
  g_object_unref (task);
}

/* TRUE when the look-up is over, or never will be. */
static gboolean
is_settled (GTask      *task,
            const char *name,
            GHashTable *known)
{
  if (g_hash_table_contains (silent, name))
    {
      g_cancellable_connect (g_task_get_cancellable (task), G_CALLBACK (cancelled_cb), task, NULL);
      return TRUE;
    }
  if (g_hash_table_contains (known, name))
    return FALSE;
  g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "not known here: %s", name);
  g_object_unref (task);
  return TRUE;
}

static void
lookup_addresses (GResolver                *resolver,
                  const char               *name,
                  GResolverNameLookupFlags  flags,
                  GCancellable             *cancellable,
                  GAsyncReadyCallback       callback,
                  gpointer                  data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, data);
  GPtrArray *texts = g_hash_table_lookup (addresses, name);
  GList *found = NULL;

  if (is_settled (task, name, addresses))
    return;
  for (guint i = 0; i < texts->len; i++)
    {
      g_autoptr(GInetAddress) address = g_inet_address_new_from_string (g_ptr_array_index (texts, i));
      gboolean is_ipv4 = g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4;

      if (!(flags & (is_ipv4
                     ? G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY : G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY)))
        found = g_list_append (found, g_steal_pointer (&address));
    }
  if (found != NULL)
    g_task_return_pointer (task, found, NULL);
  else
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such address: %s", name);
  g_object_unref (task);
}

static void
lookup_any_address (GResolver           *resolver,
                    const char          *name,
                    GCancellable        *cancellable,
                    GAsyncReadyCallback  callback,
                    gpointer             data)
{
  lookup_addresses (resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable, callback, data);
}

static void
lookup_records (GResolver            *resolver,
                const char           *name,
                GResolverRecordType   type,
                GCancellable         *cancellable,
                GAsyncReadyCallback   callback,
                gpointer              data)
{
  GTask *task = g_task_new (resolver, cancellable, callback, data);
  GPtrArray *known = g_hash_table_lookup (records, name);
  GList *found = NULL;

  if (is_settled (task, name, records))
    return;
  for (guint i = 0; i < known->len; i++)
    found = g_list_append (found, g_variant_ref (g_ptr_array_index (known, i)));
  g_task_return_pointer (task, found, NULL);
  g_object_unref (task);
}

static GList *
lookup_finish (GResolver     *resolver,
               GAsyncResult  *result,
               GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_resolver_class_init (FakeResolverClass *class)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (class);

  resolver_class->lookup_by_name_async = lookup_any_address;
  resolver_class->lookup_by_name_finish = lookup_finish;
  resolver_class->lookup_by_name_with_flags_async = lookup_addresses;
  resolver_class->lookup_by_name_with_flags_finish = lookup_finish;
  resolver_class->lookup_records_async = lookup_records;
  resolver_class->lookup_records_finish = lookup_finish;
}

static void
fake_resolver_init (FakeResolver *self)
{
}

void
fake_resolver_install (void)
{
  g_autoptr(GResolver) resolver = g_object_new (fake_resolver_get_type (), NULL);

  addresses = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  records = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  silent = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_resolver_set_default (resolver);
}

static void
add (GHashTable     *table,
     const char     *name,
     gpointer        value,
     GDestroyNotify  free_value)
{
  GPtrArray *values = g_hash_table_lookup (table, name);

  if (values == NULL)
    {
      values = g_ptr_array_new_with_free_func (free_value);
      g_hash_table_insert (table, g_strdup (name), values);
    }
  g_ptr_array_add (values, value);
}

void
fake_resolver_add_address (const char *name,
                           const char *address)
{
  add (addresses, name, g_strdup (address), g_free);
}

void
fake_resolver_add_record (const char *name,
                          GVariant   *record)
{
  add (records, name, g_variant_ref_sink (record), (GDestroyNotify) g_variant_unref);
}

void
fake_resolver_add_silence (const char *name)
{
  g_hash_table_add (silent, g_strdup (name));
}
