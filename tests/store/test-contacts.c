/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "store/answers.h"
#include "store/contacts.h"
#include "store/fixture.h"
#include "store/saved-searches.h"

static void
note (Store      *store,
      const char *email,
      const char *name,
      gint64      at)
{
  g_autoptr(GError) error = NULL;

  base_clock_set_fake (at, 0);
  g_assert_true (store_contacts_note_sent (store, email, name, &error));
  g_assert_no_error (error);
}

static char *
complete (Store      *store,
          const char *text,
          guint       limit)
{
  g_autoptr(GPtrArray) found = store_contacts_complete (store, text, limit, NULL);
  GString *emails = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (emails, "%s%s", i > 0 ? " " : "", ((StoreContact *) found->pdata[i])->email);
  return g_string_free (emails, FALSE);
}

static void
test_completion (void)
{
  static const struct { const char *text; guint limit; const char *emails; } rows[] = {
    { "a",        9, "anna@example.org art@example.org" },
    { "AN",       9, "anna@example.org" },
    { "lind",     9, "anna@example.org" },
    { "nna",      9, "" },
    { "example",  9, "anna@example.org art@example.org öl@example.org" },
    { "example",  2, "anna@example.org art@example.org" },
    { "example",  0, "" },
    { "Ö",        9, "öl@example.org" },
    { "ö",        9, "öl@example.org" },
    { "stranger", 9, "" },
    { "%",        9, "" },
  };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  note (fixture->store, "öl@example.org", "", 10);
  note (fixture->store, "art@example.org", "", 20);
  note (fixture->store, "anna@example.org", "Anna Lindqvist", 5);
  note (fixture->store, "ANNA@example.org", "", 6);
  g_assert_true (store_contacts_set_shows_images (fixture->store, "stranger@example.org", TRUE, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *emails = complete (fixture->store, rows[i].text, rows[i].limit);

      g_assert_cmpstr (emails, ==, rows[i].emails);
    }
}

static void
test_known_name_stays (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(StoreContact) contact = NULL;
  g_autoptr(StoreContact) none = NULL;

  note (fixture->store, "anna@example.org", "Anna", 5);
  note (fixture->store, "Anna@Example.org", "", 6);
  contact = store_contacts_find (fixture->store, "anna@EXAMPLE.org", NULL);
  g_assert_cmpstr (contact->name, ==, "Anna");
  g_assert_cmpint (contact->times_sent, ==, 2);
  g_assert_cmpint (contact->last_sent_at, ==, 6);
  g_assert_false (contact->shows_images);
  g_assert_true (store_contacts_remove (fixture->store, contact->id, NULL));
  none = store_contacts_find (fixture->store, "anna@example.org", NULL);
  g_assert_null (none);
}

static void
test_limit (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  for (gsize size = STORE_CONTACT_TEXT_MAX - 1; size <= STORE_CONTACT_TEXT_MAX + 1; size++)
    {
      g_autofree char *email = g_strnfill (size, 'x');
      g_autoptr(StoreContact) contact = NULL;

      note (fixture->store, email, "", 5);
      contact = store_contacts_find (fixture->store, email, NULL);
      g_assert_cmpint (contact != NULL, ==, size <= STORE_CONTACT_TEXT_MAX);
    }
}

static void
assert_searches (Store      *store,
                 const char *expected)
{
  g_autoptr(GPtrArray) searches = store_saved_searches_list (store, NULL);
  g_autoptr(GString) names = g_string_new (NULL);

  for (guint i = 0; i < searches->len; i++)
    g_string_append (names, ((StoreSavedSearch *) searches->pdata[i])->name);
  g_assert_cmpstr (names->str, ==, expected);
}

static void
test_saved_searches_keep_their_order (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;
  gint64 a = store_saved_searches_save (fixture->store, 0, "A", "from:anna", NULL);
  gint64 b = store_saved_searches_save (fixture->store, 0, "B", "is:unread", NULL);
  gint64 c = store_saved_searches_save (fixture->store, 0, "C", "has:attachment", NULL);

  assert_searches (fixture->store, "ABC");
  g_assert_true (store_saved_searches_move (fixture->store, c, 0, NULL));
  assert_searches (fixture->store, "CAB");
  g_assert_true (store_saved_searches_move (fixture->store, c, 99, NULL));
  assert_searches (fixture->store, "ABC");
  g_assert_cmpint (store_saved_searches_save (fixture->store, b, "D", "x", NULL), ==, b);
  assert_searches (fixture->store, "ADC");
  g_assert_true (store_saved_searches_remove (fixture->store, a, NULL));
  assert_searches (fixture->store, "DC");
  g_assert_cmpint (store_saved_searches_save (fixture->store, a, "A", "x", &error), ==, 0);
  g_assert_error (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

static void
test_last_answer_counts (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GPtrArray) answers = NULL;
  g_autoptr(GPtrArray) none = NULL;
  StoreAnswer *answer;

  g_assert_true (store_answers_give (fixture->store, 7, "keep", NULL));
  g_assert_true (store_answers_give (fixture->store, 7, "remove", NULL));
  answers = store_answers_list_since (fixture->store, 0, NULL);
  g_assert_cmpuint (answers->len, ==, 1);
  answer = answers->pdata[0];
  g_assert_cmpstr (answer->answer, ==, "remove");
  none = store_answers_list_since (fixture->store, answer->rev, NULL);
  g_assert_cmpuint (none->len, ==, 0);
  g_assert_true (store_answers_forget (fixture->store, 7, NULL));
  g_clear_pointer (&answers, g_ptr_array_unref);
  answers = store_answers_list_since (fixture->store, 0, NULL);
  g_assert_cmpuint (answers->len, ==, 0);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/contacts/completion", test_completion);
  g_test_add_func ("/store/contacts/known-name-stays", test_known_name_stays);
  g_test_add_func ("/store/contacts/limit", test_limit);
  g_test_add_func ("/store/saved-searches/keep-their-order", test_saved_searches_keep_their_order);
  g_test_add_func ("/store/answers/last-one-counts", test_last_answer_counts);
  return g_test_run ();
}
