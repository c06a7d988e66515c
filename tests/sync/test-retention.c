/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/retention.h"

#include <stdio.h>
#include <string.h>

#define DAY ((gint64) 24 * 60 * 60)
#define NOW (1000 * DAY)

/* "ID:SIZE:VERIFIED[p][o]": id, size, how many days ago it was proven (-: never), pinned, older than the
 * rule. */
static GArray *
copies_new (const char *text)
{
  GArray *copies = g_array_new (FALSE, FALSE, sizeof (SyncCopy));
  g_auto(GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      g_auto(GStrv) parts = g_strsplit (words[i], ":", 3);
      SyncCopy copy = { .location_id = atoi (parts[0]), .message_id = atoi (parts[0]),
                        .size = atoi (parts[1]) };

      if (*parts[2] != '-')
        copy.verified_at = NOW - atoi (parts[2]) * DAY;
      copy.is_pinned = strchr (parts[2], 'p') != NULL;
      copy.is_older = strchr (parts[2], 'o') != NULL;
      g_array_append_val (copies, copy);
    }
  return copies;
}

/* "ID@DAYS-FROM-NOW RULE, ..." */
static char *
dup_plan (GArray *plan)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < plan->len; i++)
    {
      const SyncDue *due = &g_array_index (plan, SyncDue, i);

      g_string_append_printf (text, "%s%" G_GINT64_FORMAT "@%" G_GINT64_FORMAT " %s", i > 0 ? ", " : "",
                              due->location_id, (due->due_at - NOW) / DAY, sync_rule_to_string (due->rule));
    }
  return g_string_free (text, FALSE);
}

#define NONE STORE_NO_RULE

static void
test_plan (void)
{
  static const struct {
    SyncRetention retention;
    const char *copies, *plan;
  } cases[] = {
    /* for ever */
    { { STORE_LEAVE_FOREVER, 0, NONE, NONE, NONE, 0, FALSE }, "1:10:900 2:10:1", "" },
    /* at once, but never what is not proven, pinned, or spared */
    { { STORE_LEAVE_REMOVE, 0, NONE, NONE, NONE, 0, FALSE }, "1:10:3 2:10:1 3:10:- 4:10:1p 5:10:1o",
      "1@-3 leave-remove, 2@-1 leave-remove, 5@-1 leave-remove" },
    { { STORE_LEAVE_REMOVE, 0, NONE, NONE, NONE, 0, TRUE }, "1:10:3 5:10:1o", "1@-3 leave-remove" },
    /* days */
    { { STORE_LEAVE_DAYS, 30, NONE, NONE, NONE, 0, FALSE }, "1:10:31 2:10:30 3:10:29 4:10:0 5:10:-",
      "1@-1 leave-days, 2@0 leave-days, 3@1 leave-days, 4@30 leave-days" },
    { { STORE_LEAVE_DAYS, 0, NONE, NONE, NONE, 0, FALSE }, "1:10:0", "1@0 leave-days" },
    { { STORE_LEAVE_DAYS, 36500, NONE, NONE, NONE, 0, FALSE }, "1:10:1", "1@36499 leave-days" },
    /* the newest so many; those that stay anyway count among them */
    { { STORE_LEAVE_FOREVER, 0, 2, NONE, NONE, 0, FALSE }, "1:10:5 2:10:5 3:10:5 4:10:-",
      "1@0 keep-newest-count, 2@0 keep-newest-count" },
    { { STORE_LEAVE_FOREVER, 0, 4, NONE, NONE, 0, FALSE }, "1:10:5 2:10:5 3:10:5 4:10:5", "" },
    { { STORE_LEAVE_FOREVER, 0, 0, NONE, NONE, 0, FALSE }, "1:10:5 2:10:5p", "1@0 keep-newest-count" },
    { { STORE_LEAVE_FOREVER, 0, 1, NONE, NONE, 0, TRUE }, "1:10:5o 2:10:5 3:10:5", "2@0 keep-newest-count" },
    /* the newest so many bytes */
    { { STORE_LEAVE_FOREVER, 0, NONE, 20, NONE, 0, FALSE }, "1:10:5 2:10:5 3:10:5", "1@0 keep-newest-bytes" },
    { { STORE_LEAVE_FOREVER, 0, NONE, 19, NONE, 0, FALSE }, "1:10:5 2:10:5 3:10:5",
      "1@0 keep-newest-bytes, 2@0 keep-newest-bytes" },
    { { STORE_LEAVE_FOREVER, 0, NONE, 30, NONE, 0, FALSE }, "1:10:5 2:-10:5 3:30:5",
      "1@0 keep-newest-bytes" },
    /* the sooner of two rules */
    { { STORE_LEAVE_DAYS, 30, 1, NONE, NONE, 0, FALSE }, "1:10:40 2:10:5 3:10:5",
      "1@-10 leave-days, 2@0 keep-newest-count, 3@25 leave-days" },
    /* a full mailbox: oldest proof first, until it is below */
    { { STORE_LEAVE_FOREVER, 0, NONE, NONE, 50, 100, FALSE }, "1:30:1 2:30:3 3:30:2",
      "2@0 when-full, 3@0 when-full" },
    { { STORE_LEAVE_FOREVER, 0, NONE, NONE, 90, 100, FALSE }, "1:30:1 2:30:3 3:30:2", "" },
    { { STORE_LEAVE_FOREVER, 0, NONE, NONE, 50, 0, FALSE }, "1:30:1 2:30:3", "" },
    { { STORE_LEAVE_FOREVER, 0, NONE, NONE, 50, 100, FALSE }, "1:60:- 2:60:3p 3:60:2", "3@0 when-full" },
    { { STORE_LEAVE_DAYS, 10, NONE, NONE, 50, 100, FALSE }, "1:60:20 2:40:3",
      "1@-10 leave-days, 2@7 leave-days" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GArray) copies = copies_new (cases[i].copies);
      g_autoptr(GArray) plan = sync_retention_plan (&cases[i].retention, copies, NOW);
      g_autofree char *text = dup_plan (plan);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpstr (text, ==, cases[i].plan);
    }
}

/* Whatever the rules: nothing leaves that is not proven, pinned or spared. */
static void
test_never (void)
{
  for (guint i = 0; i < 20000; i++)
    {
      SyncRetention retention = {
        (StoreLeave) g_test_rand_int_range (0, 3), g_test_rand_int_range (0, 40),
          g_test_rand_int_range (-1, 5),
        g_test_rand_int_range (-1, 100), g_test_rand_int_range (-1, 101), g_test_rand_int_range (0, 200),
        g_test_rand_int_range (0, 2),
      };
      g_autoptr(GArray) copies = g_array_new (FALSE, FALSE, sizeof (SyncCopy));
      g_autoptr(GArray) plan = NULL;
      SyncCopy by_id[8];

      for (gint n = 0; n < 8; n++)
        {
          by_id[n] = (SyncCopy) { n, g_test_rand_int_range (1, 6), g_test_rand_int_range (-5, 60),
                                  g_test_rand_int_range (0, 2) * (NOW - g_test_rand_int_range (0, 50) * DAY),
                                  g_test_rand_int_range (0, 4) == 0, g_test_rand_int_range (0, 2) };
          g_array_append_val (copies, by_id[n]);
        }
      plan = sync_retention_plan (&retention, copies, NOW);
      for (guint n = 0; n < plan->len; n++)
        {
          const SyncDue *due = &g_array_index (plan, SyncDue, n);
          const SyncCopy *copy = &by_id[due->location_id];

          g_assert_true (sync_retention_has_rule (&retention));
          g_assert_cmpint (copy->verified_at, >, 0);
          g_assert_false (copy->is_pinned);
          g_assert_false (copy->is_older && retention.spares_older);
          g_assert_true (due->rule != SYNC_RULE_DAYS
                         || due->due_at >= copy->verified_at + retention.leave_days * DAY);
        }
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/retention/plans", test_plan);
  g_test_add_func ("/sync/retention/never-takes-what-is-not-proven", test_never);
  return g_test_run ();
}
