/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/clock.h"

#include "base/clock.h"
#include "store/fixture.h"

#define DAY   ((gint64) 24 * 60 * 60)
#define START ((gint64) 2000000000)

static gint64
advance (Store *store)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreTransaction) transaction = store_begin (store, &error);
  gint64 now = store_clock_advance (store, &error);

  store_commit (g_steal_pointer (&transaction), &error);
  g_assert_no_error (error);
  return now;
}

static gint64
get (Store *store)
{
  g_autoptr(GError) error = NULL;
  gint64 now = store_clock_get (store, &error);

  g_assert_no_error (error);
  return now;
}

static void
test_goes_with_the_wall (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  base_clock_set_fake (START, 0);
  g_assert_cmpint (get (fixture->store), ==, START);
  g_assert_cmpint (advance (fixture->store), ==, START);
  for (gint64 d = 1; d < 20; d++)
    {
      base_clock_set_fake (START + d * DAY, 0);
      g_assert_cmpint (get (fixture->store), ==, START + d * DAY);
      g_assert_cmpint (advance (fixture->store), ==, START + d * DAY);
    }
}

static void
test_never_goes_back (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  base_clock_set_fake (START, 0);
  advance (fixture->store);
  base_clock_set_fake (START - 1000 * DAY, 0);
  g_assert_cmpint (get (fixture->store), ==, START);
  g_assert_cmpint (advance (fixture->store), ==, START);
  store_fixture_reopen (fixture);
  g_assert_cmpint (get (fixture->store), ==, START);
  base_clock_set_fake (0, 0);
  g_assert_cmpint (get (fixture->store), ==, START);
  base_clock_set_fake (START + 1, 0);
  g_assert_cmpint (get (fixture->store), ==, START + 1);
}

static void
test_never_leaps (void)
{
  g_autoptr(StoreFixture) fixture = store_fixture_new ();

  base_clock_set_fake (START, 0);
  advance (fixture->store);
  base_clock_set_fake (START + STORE_CLOCK_LEAP_S, 0);
  g_assert_cmpint (get (fixture->store), ==, START + STORE_CLOCK_LEAP_S);
  base_clock_set_fake (START + STORE_CLOCK_LEAP_S + 1, 0);
  g_assert_cmpint (get (fixture->store), ==, START + STORE_CLOCK_LEAP_S);
  for (gint64 n = 1; n < 5; n++)
    {
      const gint64 hour_us = (gint64) 3600 * G_USEC_PER_SEC;

      base_clock_set_fake (START + 10000 * DAY, n * hour_us);
      g_assert_cmpint (advance (fixture->store), ==, START + n * STORE_CLOCK_LEAP_S);
      base_clock_set_fake (START + 10000 * DAY, (n + 1) * hour_us - 1);
      g_assert_cmpint (advance (fixture->store), ==, START + n * STORE_CLOCK_LEAP_S);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/clock/goes-with-the-wall", test_goes_with_the_wall);
  g_test_add_func ("/store/clock/never-goes-back", test_never_goes_back);
  g_test_add_func ("/store/clock/never-leaps", test_never_leaps);
  return g_test_run ();
}
