/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/flags.h"

#define S STORE_FLAG_SEEN
#define F STORE_FLAG_FLAGGED

static void
test_user_wins_over_server (void)
{
  static const struct { const char *what; guint base, local, server, merged; } cases[] = {
    { "nothing happened", 0, 0, 0, 0 },
    { "server set it", 0, 0, S, S },
    { "server took it away", S, S, 0, 0 },
    { "user set it, server does not know", 0, S, 0, S },
    { "user took it away, server does not know", S, 0, S, 0 },
    { "both set it", 0, S, S, S },
    { "both took it away", S, 0, 0, 0 },
    { "user set one, server another", 0, S, F, S | F },
    { "user took one away, server set another", S, 0, S | F, F },
    { "user set one, server took another away", F, F | S, 0, S },
    { "the server has the wish now", 0, S, S, S },
    { "after that the server may take it away", S, S, 0, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    if (store_flags_merge (cases[i].base, cases[i].local, cases[i].server) != cases[i].merged)
      g_error ("%s: %u instead of %u", cases[i].what,
               store_flags_merge (cases[i].base, cases[i].local, cases[i].server), cases[i].merged);
}

/* One flag alone has three bits of history; that is all there is. */
static void
test_every_combination (void)
{
  for (guint i = 0; i < 8; i++)
    {
      guint base = i & 1, local = (i >> 1) & 1, server = (i >> 2) & 1;

      g_assert_cmpuint (store_flags_merge (base, local, server), ==, base != local ? local : server);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/flags/user-wins-over-server", test_user_wins_over_server);
  g_test_add_func ("/store/flags/every-combination", test_every_combination);
  return g_test_run ();
}
