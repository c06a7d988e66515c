/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/retention.h"

#define DAY_S (24 * 60 * 60)

const char *
sync_rule_to_string (SyncRule rule)
{
  switch (rule)
    {
    case SYNC_RULE_REMOVE:       return "leave-remove";
    case SYNC_RULE_DAYS:         return "leave-days";
    case SYNC_RULE_NEWEST_COUNT: return "keep-newest-count";
    case SYNC_RULE_NEWEST_BYTES: return "keep-newest-bytes";
    case SYNC_RULE_FULL:         return "when-full";
    }
  g_assert_not_reached ();
}

SyncRetention
sync_retention_new (const StoreAccount *account)
{
  return (SyncRetention) {
    .leave = account->leave_on_server, .leave_days = account->leave_days,
             .newest_count = account->keep_newest_count,
    .newest_bytes = account->keep_newest_bytes, .full_percent = account->when_full_percent,
    .spares_older = account->older_mail != STORE_OLDER_MAIL_REMOVE,
  };
}

gboolean
sync_retention_has_rule (const SyncRetention *retention)
{
  return retention->leave != STORE_LEAVE_FOREVER || retention->newest_count != STORE_NO_RULE
         || retention->newest_bytes != STORE_NO_RULE || retention->full_percent != STORE_NO_RULE;
}

/* --- one copy --- */

static gboolean
may_leave (const SyncRetention *retention,
           const SyncCopy      *copy)
{
  return copy->verified_at > 0 && !copy->is_pinned && !(copy->is_older && retention->spares_older);
}

/* Sooner wins. */
static void
want (SyncDue  *due,
      gboolean *is_wanted,
      SyncRule  rule,
      gint64    due_at)
{
  if (*is_wanted && due->due_at <= due_at)
    return;
  due->rule = rule;
  due->due_at = due_at;
  *is_wanted = TRUE;
}

static void
ask_leave (const SyncRetention *retention,
           const SyncCopy      *copy,
           SyncDue             *due,
           gboolean            *is_wanted)
{
  switch (retention->leave)
    {
    case STORE_LEAVE_FOREVER:
      break;
    case STORE_LEAVE_REMOVE:
      want (due, is_wanted, SYNC_RULE_REMOVE, copy->verified_at);
      break;
    case STORE_LEAVE_DAYS:
      want (due, is_wanted, SYNC_RULE_DAYS, copy->verified_at + (gint64) retention->leave_days * DAY_S);
      break;
    }
}

/* --- all of them --- */

static int
compare_newest_first (gconstpointer one,
                      gconstpointer other)
{
  const SyncCopy *a = one, *b = other;

  if (a->message_id != b->message_id)
    return a->message_id < b->message_id ? 1 : -1;
  return (a->location_id < b->location_id) - (a->location_id > b->location_id);
}

static int
compare_soonest_first (gconstpointer one,
                       gconstpointer other)
{
  const SyncDue *a = one, *b = other;

  if (a->due_at != b->due_at)
    return a->due_at < b->due_at ? -1 : 1;
  return (a->message_id > b->message_id) - (a->message_id < b->message_id);
}

static int
compare_verified_first (gconstpointer one,
                        gconstpointer other)
{
  const SyncCopy *a = *(const SyncCopy * const *) one, *b = *(const SyncCopy * const *) other;

  if (a->verified_at != b->verified_at)
    return a->verified_at < b->verified_at ? -1 : 1;
  return (a->message_id > b->message_id) - (a->message_id < b->message_id);
}

static guint64
get_size (const SyncCopy *copy)
{
  return (guint64) MAX (copy->size, 0);
}

/* What the mailbox holds beyond its share goes, oldest proof first; what leaves now anyway counts as gone.
 * Of gint64. */
static GHashTable *
list_overflow (const SyncRetention *retention,
               GArray              *copies,
               gint64               now)
{
  GHashTable *overflow = g_hash_table_new (NULL, NULL);
  g_autoptr(GPtrArray) candidates = g_ptr_array_new ();
  double limit = (double) retention->quota_limit * (double) retention->full_percent / 100;
  double used = 0;

  if (retention->full_percent == STORE_NO_RULE || retention->quota_limit <= 0)
    return overflow;
  for (guint i = 0; i < copies->len; i++)
    {
      SyncCopy *copy = &g_array_index (copies, SyncCopy, i);
      SyncDue due = { 0 };
      gboolean is_wanted = FALSE;

      ask_leave (retention, copy, &due, &is_wanted);
      if (may_leave (retention, copy) && is_wanted && due.due_at <= now)
        continue;
      used += (double) get_size (copy);
      if (may_leave (retention, copy))
        g_ptr_array_add (candidates, copy);
    }
  g_ptr_array_sort (candidates, compare_verified_first);
  for (guint i = 0; i < candidates->len && used > limit; i++)
    {
      g_hash_table_add (overflow, candidates->pdata[i]);
      used -= (double) get_size (candidates->pdata[i]);
    }
  return overflow;
}

GArray *
sync_retention_plan (const SyncRetention *retention,
                     GArray              *copies,
                     gint64               now)
{
  GArray *plan = g_array_new (FALSE, FALSE, sizeof (SyncDue));
  g_autoptr(GHashTable) overflow = NULL;
  guint64 bytes = 0;

  g_array_sort (copies, compare_newest_first);
  overflow = list_overflow (retention, copies, now);
  for (guint i = 0; i < copies->len; i++)
    {
      const SyncCopy *copy = &g_array_index (copies, SyncCopy, i);
      SyncDue due = { copy->location_id, copy->message_id, 0, SYNC_RULE_REMOVE, copy->is_older };
      gboolean is_wanted = FALSE;

      /* Copies that stay for other reasons take up room among the newest ones too. */
      bytes += get_size (copy);
      ask_leave (retention, copy, &due, &is_wanted);
      if (retention->newest_count != STORE_NO_RULE && i >= retention->newest_count)
        want (&due, &is_wanted, SYNC_RULE_NEWEST_COUNT, now);
      if (retention->newest_bytes != STORE_NO_RULE && bytes > (guint64) retention->newest_bytes)
        want (&due, &is_wanted, SYNC_RULE_NEWEST_BYTES, now);
      if (g_hash_table_contains (overflow, copy))
        want (&due, &is_wanted, SYNC_RULE_FULL, now);
      if (is_wanted && may_leave (retention, copy))
        g_array_append_val (plan, due);
    }
  g_array_sort (plan, compare_soonest_first);
  return plan;
}
