/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/desk.h"
#include "store/fixture.h"
#include "store/settings.h"

static void
test_default_without_a_row (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;

  g_assert_true (store_settings_get_boolean (fixture->store, STORE_SETTING_BACKGROUND));
  g_assert_cmpint (store_settings_get_int (fixture->store, STORE_SETTING_UNDO_SEND_S), ==, 5);
  g_assert_cmpint (store_settings_get_rev (fixture->store, &error), ==, 0);
}

static void
test_value_survives_and_raises_rev (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;
  gint64 rev;

  g_assert_true (store_settings_set_boolean (fixture->store, STORE_SETTING_BACKGROUND, FALSE, &error));
  rev = store_settings_get_rev (fixture->store, &error);
  g_assert_true (store_settings_set_int (fixture->store, STORE_SETTING_UNDO_SEND_S, 20, &error));
  g_assert_cmpint (store_settings_get_rev (fixture->store, &error), >, rev);
  store_fixture_reopen (fixture);
  g_assert_false (store_settings_get_boolean (fixture->store, STORE_SETTING_BACKGROUND));
  g_assert_cmpint (store_settings_get_int (fixture->store, STORE_SETTING_UNDO_SEND_S), ==, 20);
}

static void
test_range (void)
{
  static const struct { gint64 set; gint64 got; } rows[] = {
    { -2, -1 }, { -1, -1 }, { 0, 0 }, { 59, 59 }, { 60, 60 }, { 61, 60 }, { G_MAXINT64, 60 },
  };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_assert_true (store_settings_set_int (fixture->store, STORE_SETTING_MARK_READ_S, rows[i].set, &error));
      g_assert_cmpint (store_settings_get_int (fixture->store, STORE_SETTING_MARK_READ_S), ==, rows[i].got);
    }
}

static void
test_nonsense_in_the_file_is_the_default (void)
{
  static const char * const values[] = { "", "yes", "61", "5x", "99999999999999999999" };
  g_autoptr(StoreFixture) fixture = store_fixture_new ();
  g_autoptr(GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_assert_true (store_desk_run (fixture->store,
                                     "INSERT OR REPLACE INTO setting VALUES ('undo-send-seconds', ?, 1)",
                                     BIND (TEXT (values[i])), NULL, &error));
      g_assert_cmpint (store_settings_get_int (fixture->store, STORE_SETTING_UNDO_SEND_S), ==, 5);
    }
}

static void
test_every_name_is_there_once (void)
{
  g_autoptr(GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < STORE_N_SETTINGS; i++)
    {
      StoreSetting found;

      g_assert_nonnull (store_setting_get_name (i));
      g_assert_true (g_hash_table_add (names, (gpointer) store_setting_get_name (i)));
      g_assert_true (store_setting_parse (store_setting_get_name (i), &found));
      g_assert_cmpuint (found, ==, i);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/settings/default-without-a-row", test_default_without_a_row);
  g_test_add_func ("/store/settings/value-survives-and-raises-rev", test_value_survives_and_raises_rev);
  g_test_add_func ("/store/settings/range", test_range);
  g_test_add_func ("/store/settings/nonsense-in-the-file-is-the-default",
                   test_nonsense_in_the_file_is_the_default);
  g_test_add_func ("/store/settings/every-name-is-there-once", test_every_name_is_there_once);
  return g_test_run ();
}
