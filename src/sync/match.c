/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/match.h"

#include <string.h>

/* Everything one message can be known by; the keys are strings so that one table serves all three. */
struct _SyncMatcher {
  GHashTable *by_key;          /* key -> GArray of gint64, locations in order */
  GHashTable *left;            /* set of gint64* */
};

static void
add_key (SyncMatcher *matcher,
         char        *key,
         gint64       location_id)
{
  GArray *locations = g_hash_table_lookup (matcher->by_key, key);

  if (locations == NULL)
    {
      locations = g_array_new (FALSE, FALSE, sizeof (gint64));
      g_hash_table_insert (matcher->by_key, key, locations);
    }
  else
    {
      g_free (key);
    }
  g_array_append_val (locations, location_id);
}

static char *
dup_object_key (const char *object_id)
{
  return g_strconcat ("o", object_id, NULL);
}

static char *
dup_id_key (const char *message_id,
            gint64      size,
            gint64      arrived_at)
{
  return g_strdup_printf ("m%" G_GINT64_FORMAT " %" G_GINT64_FORMAT " %s", size, arrived_at, message_id);
}

static char *
dup_hash_key (const guint8 hash[32])
{
  GString *key = g_string_new ("h");

  for (guint i = 0; i < 32; i++)
    g_string_append_printf (key, "%02x", hash[i]);
  return g_string_free (key, FALSE);
}

static gboolean
add_location (SyncMatcher  *matcher,
              Store        *store,
              gint64        location_id,
              GError      **error)
{
  g_autoptr(StoreLocation) location = store_locations_get (store, location_id, error);
  g_autoptr(StoreMessage) message = NULL;

  if (location == NULL || (message = store_messages_get (store, location->message_id, error)) == NULL)
    return FALSE;
  if (message->object_id != NULL)
    add_key (matcher, dup_object_key (message->object_id), location_id);
  if (message->message_id != NULL)
    add_key (matcher, dup_id_key (message->message_id, message->size, message->arrived_at), location_id);
  add_key (matcher, dup_hash_key (message->header_hash), location_id);
  g_hash_table_add (matcher->left, g_memdup2 (&location_id, sizeof location_id));
  return TRUE;
}

SyncMatcher *
sync_matcher_new (Store    *store,
                  gint64    folder_id,
                  guint32   uidvalidity,
                  GError  **error)
{
  g_autoptr(SyncMatcher) matcher = NULL;
  g_autoptr(GArray) stale = store_locations_list_stale (store, folder_id, uidvalidity, error);

  if (stale == NULL || stale->len == 0)
    return NULL;
  matcher = g_new0 (SyncMatcher, 1);
  matcher->by_key = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  matcher->left = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; i < stale->len; i++)
    if (!add_location (matcher, store, g_array_index (stale, gint64, i), error))
      return NULL;
  return g_steal_pointer (&matcher);
}

void
sync_matcher_free (SyncMatcher *matcher)
{
  g_hash_table_unref (matcher->by_key);
  g_hash_table_unref (matcher->left);
  g_free (matcher);
}

/* Takes key. */
static gint64
take_by_key (SyncMatcher *matcher,
             char        *key)
{
  g_autofree char *owned = key;
  GArray *locations = g_hash_table_lookup (matcher->by_key, owned);

  for (guint i = 0; locations != NULL && i < locations->len; i++)
    {
      gint64 location_id = g_array_index (locations, gint64, i);

      if (g_hash_table_remove (matcher->left, &location_id))
        return location_id;
    }
  return 0;
}

gint64
sync_matcher_take (SyncMatcher          *matcher,
                   const SessionImapRow *row)
{
  g_autoptr(MimeSummary) summary = NULL;
  gint64 location_id = 0;

  if (row->object_id != NULL)
    location_id = take_by_key (matcher, dup_object_key (row->object_id));
  if (location_id != 0 || row->header == NULL)
    return location_id;

  summary = mime_summary_new (base_slice_from_bytes (row->header));
  if (summary->message_id != NULL)
    location_id = take_by_key (matcher, dup_id_key (summary->message_id, (gint64) row->size, row->date));
  if (location_id == 0)
    location_id = take_by_key (matcher, dup_hash_key (summary->header_hash));
  return location_id;
}

GArray *
sync_matcher_list_left (SyncMatcher *matcher)
{
  GArray *left = g_array_new (FALSE, FALSE, sizeof (gint64));
  GHashTableIter iter;
  gpointer id;

  g_hash_table_iter_init (&iter, matcher->left);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    g_array_append_vals (left, id, 1);
  return left;
}
