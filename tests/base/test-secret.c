/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/secret.h"

static void
test_shared_until_last_unref (void)
{
  g_autoptr(BaseSecret) secret = base_secret_new ("hunter2");
  BaseSecret *other = base_secret_ref (secret);

  base_secret_unref (other);
  g_assert_cmpstr (base_secret_peek (secret), ==, "hunter2");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/secret/shared-until-last-unref", test_shared_until_last_unref);
  return g_test_run ();
}
