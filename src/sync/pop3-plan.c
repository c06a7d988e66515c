/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pop3-plan.h"

#include <string.h>

#define RENUMBERED_KNOWN_MIN 10      /* of fewer, some that are known prove nothing */

/* --- names --- */

static guint
hash_name (gconstpointer key)
{
  const StoreKnownUidl *known = key;

  return g_bytes_hash (known->uidl) + known->occurrence;
}

static gboolean
equal_names (gconstpointer one,
             gconstpointer other)
{
  const StoreKnownUidl *a = one, *b = other;

  return a->occurrence == b->occurrence && g_bytes_equal (a->uidl, b->uidl);
}

GHashTable *
sync_pop3_known_table (GPtrArray *known)
{
  GHashTable *table = g_hash_table_new (hash_name, equal_names);

  for (guint i = 0; i < known->len; i++)
    {
      StoreKnownUidl *one = known->pdata[i];
      const StoreKnownUidl *other = g_hash_table_lookup (table, one);

      if (other == NULL || one->state < other->state)
        g_hash_table_replace (table, one, one);
    }
  return table;
}

const StoreKnownUidl *
sync_pop3_known_lookup (GHashTable               *table,
                        const SessionPop3Message *message)
{
  g_autoptr(GBytes) uidl = g_bytes_new_static (message->uidl, strlen (message->uidl));
  StoreKnownUidl name = { .uidl = uidl, .occurrence = message->occurrence };

  return g_hash_table_lookup (table, &name);
}

/* --- comparing --- */

static gboolean
is_to_fetch_again (const StoreKnownUidl *known,
                   SyncPop3Proof         proof)
{
  if (known->state == STORE_UIDL_ENDED)
    return FALSE;
  return !known->is_whole
         || (proof == SYNC_POP3_PROOF_WANTED && known->state == STORE_UIDL_LIVE && !known->is_fetched);
}

static void
look_at_listed (SyncPop3Plan *plan,
                GArray       *messages,
                GHashTable   *table,
                GHashTable   *listed,
                SyncPop3Proof proof)
{
  for (guint i = messages->len; i-- > 0;)
    {
      const StoreKnownUidl *known = sync_pop3_known_lookup (table,
                                                            &g_array_index (messages, SessionPop3Message, i));

      if (known == NULL)
        {
          g_array_append_val (plan->fresh, i);
          continue;
        }
      if (is_to_fetch_again (known, proof))
        g_array_append_val (plan->again, i);
      plan->n_recognised++;
      g_hash_table_add (listed, (gpointer) known);
      if (known->state == STORE_UIDL_REMOVED)
        g_ptr_array_add (plan->back, (gpointer) known);
    }
}

SyncPop3Plan *
sync_pop3_plan_new (GArray        *messages,
                    GPtrArray     *known,
                    SyncPop3Proof  proof)
{
  SyncPop3Plan *plan = g_new0 (SyncPop3Plan, 1);
  g_autoptr(GHashTable) table = sync_pop3_known_table (known);
  g_autoptr(GHashTable) listed = g_hash_table_new (NULL, NULL);

  plan->fresh = g_array_new (FALSE, FALSE, sizeof (guint));
  plan->again = g_array_new (FALSE, FALSE, sizeof (guint));
  plan->gone = g_ptr_array_new ();
  plan->back = g_ptr_array_new ();
  look_at_listed (plan, messages, table, listed, proof);
  for (guint i = 0; i < known->len; i++)
    {
      StoreKnownUidl *one = known->pdata[i];

      if (one->state != STORE_UIDL_LIVE)
        continue;
      plan->n_known++;
      if (!g_hash_table_contains (listed, one))
        g_ptr_array_add (plan->gone, one);
    }
  return plan;
}

void
sync_pop3_plan_free (SyncPop3Plan *plan)
{
  g_array_unref (plan->fresh);
  g_array_unref (plan->again);
  g_ptr_array_unref (plan->gone);
  g_ptr_array_unref (plan->back);
  g_free (plan);
}

gboolean
sync_pop3_plan_is_renumbered (const SyncPop3Plan *plan,
                              guint               n_listed)
{
  if (plan->n_known == 0 || n_listed == 0)
    return FALSE;
  if ((guint64) n_listed * 2 < plan->n_known || n_listed > (guint64) plan->n_known * 2)
    return FALSE;
  return plan->n_recognised == 0
         || (plan->n_known >= RENUMBERED_KNOWN_MIN && (guint64) plan->n_recognised * 10 < n_listed);
}

/* Gmail lists what was fetched no more, though it keeps it. */
gboolean
sync_pop3_hides_fetched (const char *host)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);

  return strcmp (lower, "pop.gmail.com") == 0 || strcmp (lower, "pop.googlemail.com") == 0;
}
