/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/pop3-plan.h"

#include <string.h>

static void
clear_message (gpointer data)
{
  g_free (((SessionPop3Message *) data)->uidl);
}

/* "a b b c": in the order of the mailbox. */
static GArray *
messages_new (const char *text)
{
  GArray *messages = g_array_new (FALSE, FALSE, sizeof (SessionPop3Message));
  g_auto(GStrv) words = g_strsplit (text, " ", -1);

  g_array_set_clear_func (messages, clear_message);
  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      SessionPop3Message message = { i + 1, g_strdup (words[i]), 0, 100 };

      for (guint n = 0; n < i; n++)
        message.occurrence += strcmp (words[n], words[i]) == 0;
      g_array_append_val (messages, message);
    }
  return messages;
}

static void
known_free (gpointer data)
{
  StoreKnownUidl *known = data;

  g_bytes_unref (known->uidl);
  g_free (known);
}

/* "a b/removed c/ended d/live/part e.1": name, occurrence, state, and whether only its header is here. */
static GPtrArray *
known_new (const char *text)
{
  GPtrArray *all = g_ptr_array_new_with_free_func (known_free);
  g_auto(GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++)
    {
      g_auto(GStrv) parts = g_strsplit (words[i], "/", -1);
      g_auto(GStrv) name = g_strsplit (parts[0], ".", 2);
      StoreKnownUidl *known = g_new0 (StoreKnownUidl, 1);

      known->uidl = g_bytes_new (name[0], strlen (name[0]));
      known->occurrence = name[1] != NULL ? (guint) atoi (name[1]) : 0;
      known->location_id = i + 1;
      known->is_whole = parts[1] == NULL || parts[2] == NULL;
      if (g_strcmp0 (parts[1], "removed") == 0)
        known->state = STORE_UIDL_REMOVED;
      else if (g_strcmp0 (parts[1], "ended") == 0)
        known->state = STORE_UIDL_ENDED;
      g_ptr_array_add (all, known);
    }
  return all;
}

static char *
dup_numbers (GArray *indexes,
             GArray *messages)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < indexes->len; i++)
    {
      guint at = g_array_index (indexes, guint, i);

      g_string_append_printf (text, "%s%u", i > 0 ? " " : "",
                              g_array_index (messages, SessionPop3Message, at).number);
    }
  return g_string_free (text, FALSE);
}

static char *
dup_places (GPtrArray *places)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < places->len; i++)
    g_string_append_printf (text, "%s%" G_GINT64_FORMAT, i > 0 ? " " : "",
                            ((StoreKnownUidl *) places->pdata[i])->location_id);
  return g_string_free (text, FALSE);
}

static void
test_compares (void)
{
  static const struct {
    const char *listed, *known, *fresh, *gone, *back, *again;
  } cases[] = {
    { "", "", "", "", "" },
    { "a b c", "", "3 2 1", "", "" },
    { "a b c", "a b c", "", "", "" },
    { "c a b", "a b c", "", "", "" },
    { "a b c d", "a c", "4 2", "", "" },
    { "a", "a b/live c", "", "2 3", "" },
    { "", "a b c/ended", "", "1 2", "" },
    { "a b", "a/ended b/removed", "", "", "2" },
    { "a", "b/ended c/removed", "1", "", "" },
    { "a a a", "a a.1", "3", "", "" },
    { "a", "a a.1", "", "2", "" },
    { "a b", "a/live/part b/removed/part", "", "", "2", "2 1" },
    { "a b", "a/live/part", "2", "", "", "1" },
    { "a", "a/ended/part", "", "", "" },
    { "a", "a/ended a/live", "", "", "" },
    { "a", "a/ended a/removed", "", "", "2" },
    { "a", "a/removed a/live", "", "", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GArray) messages = messages_new (cases[i].listed);
      g_autoptr(GPtrArray) known = known_new (cases[i].known);
      g_autoptr(SyncPop3Plan) plan = sync_pop3_plan_new (messages, known, SYNC_POP3_NO_PROOF);
      g_autofree char *fresh = dup_numbers (plan->fresh, messages);
      g_autofree char *again = dup_numbers (plan->again, messages);
      g_autofree char *gone = dup_places (plan->gone);
      g_autofree char *back = dup_places (plan->back);

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpstr (fresh, ==, cases[i].fresh);
      g_assert_cmpstr (again, ==, cases[i].again != NULL ? cases[i].again : "");
      g_assert_cmpstr (gone, ==, cases[i].gone);
      g_assert_cmpstr (back, ==, cases[i].back);
    }
}

/* What did not come from this very copy is fetched again only where a rule wants its proof. */
static void
test_proof (void)
{
  for (SyncPop3Proof proof = SYNC_POP3_NO_PROOF; proof <= SYNC_POP3_PROOF_WANTED; proof++)
    {
      g_autoptr(GArray) messages = messages_new ("a b c d");
      g_autoptr(GPtrArray) known = known_new ("a b c/removed d/ended");
      g_autoptr(SyncPop3Plan) plan = NULL;
      g_autofree char *again = NULL;

      ((StoreKnownUidl *) known->pdata[0])->is_fetched = TRUE;
      plan = sync_pop3_plan_new (messages, known, proof);
      again = dup_numbers (plan->again, messages);
      g_assert_cmpstr (again, ==, proof == SYNC_POP3_PROOF_WANTED ? "2" : "");
    }
}

static void
test_renumbered (void)
{
  static const struct {
    guint n_known, n_recognised, n_listed;
    gboolean is_renumbered;
  } cases[] = {
    { 0, 0, 100, FALSE },
    { 100, 0, 0, FALSE },
    { 100, 0, 100, TRUE },
    { 100, 9, 100, TRUE },
    { 100, 10, 100, FALSE },
    { 10, 0, 10, TRUE },
    { 10, 1, 11, TRUE },
    { 9, 1, 11, FALSE },
    { 3, 0, 3, TRUE },
    { 100, 0, 50, TRUE },
    { 100, 0, 49, FALSE },
    { 100, 0, 200, TRUE },
    { 100, 0, 201, FALSE },
    { G_MAXUINT, 0, G_MAXUINT, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SyncPop3Plan plan = { .n_known = cases[i].n_known, .n_recognised = cases[i].n_recognised };

      g_test_message ("case %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (sync_pop3_plan_is_renumbered (&plan, cases[i].n_listed), ==, cases[i].is_renumbered);
    }
}

static void
test_hides (void)
{
  g_assert_true (sync_pop3_hides_fetched ("pop.gmail.com"));
  g_assert_true (sync_pop3_hides_fetched ("POP.GoogleMail.com"));
  g_assert_false (sync_pop3_hides_fetched ("pop.gmail.com.example.org"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sync/pop3-plan/compares-with-all-ever-seen", test_compares);
  g_test_add_func ("/sync/pop3-plan/fetches-again-for-a-proof", test_proof);
  g_test_add_func ("/sync/pop3-plan/sees-a-renumbered-mailbox", test_renumbered);
  g_test_add_func ("/sync/pop3-plan/knows-who-hides-mail", test_hides);
  return g_test_run ();
}
