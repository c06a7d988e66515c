/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/backoff.h"

static void
test_doubles_to_ceiling (void)
{
  BaseBackoff backoff = BASE_BACKOFF_INIT (2, 10);

  g_assert_cmpuint (base_backoff_fail (&backoff, 0.5), ==, 2000);
  g_assert_cmpuint (base_backoff_fail (&backoff, 0.5), ==, 4000);
  g_assert_cmpuint (base_backoff_fail (&backoff, 0.5), ==, 8000);
  g_assert_cmpuint (base_backoff_fail (&backoff, 0.5), ==, 10000);
  for (int i = 0; i < 200; i++)
    g_assert_cmpuint (base_backoff_fail (&backoff, 0.999), <=, 12000);
  base_backoff_reset (&backoff);
  g_assert_cmpuint (base_backoff_fail (&backoff, 0.0), ==, 1600);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/backoff/doubles-to-ceiling", test_doubles_to_ceiling);
  return g_test_run ();
}
