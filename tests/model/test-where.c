/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/where.h"

/* 3 April 2026, 12:00 UTC */
#define NOW G_GINT64_CONSTANT (1775217600)
#define DAYS(n) ((n) * G_GINT64_CONSTANT (86400))

static void
test_words (void)
{
  static const struct { ModelWhere where; const char *words; ModelServerSide side; int days; } cases[] = {
    { { MODEL_HERE_WHOLE, TRUE, 0 }, "On the server and on this computer", MODEL_SERVER_STAYS, -1 },
    { { MODEL_HERE_WHOLE, FALSE, 0 }, "Only on this computer", MODEL_SERVER_NONE, -1 },
    { { MODEL_HERE_WHOLE, FALSE, NOW }, "Only on this computer", MODEL_SERVER_NONE, -1 },
    { { MODEL_HERE_NOTHING, TRUE, 0 }, "Only on the server", MODEL_SERVER_STAYS, -1 },
    { { MODEL_HERE_BEGINNING, TRUE, 0 }, "Only the beginning is here", MODEL_SERVER_STAYS, -1 },
    { { MODEL_HERE_BEGINNING, FALSE, 0 }, "Only the beginning is here", MODEL_SERVER_NONE, -1 },
    { { MODEL_HERE_WHOLE, TRUE, NOW + DAYS (30) }, "On this computer, and on the server until 3 May",
      MODEL_SERVER_LEAVES, 30 },
    { { MODEL_HERE_WHOLE, TRUE, NOW + DAYS (2) }, "On this computer, and on the server until 5 April",
      MODEL_SERVER_LEAVES_SOON, 2 },
    { { MODEL_HERE_WHOLE, TRUE, NOW - DAYS (2) }, "On this computer, and on the server until 1 April",
      MODEL_SERVER_LEAVES_SOON, 0 },
    { { MODEL_HERE_WHOLE, TRUE, NOW + DAYS (300) },
      "On this computer, and on the server until 28 January 2027", MODEL_SERVER_LEAVES, 300 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = model_where_dup_words (&cases[i].where, NOW);

      g_assert_cmpstr (words, ==, cases[i].words);
      g_assert_cmpint (model_where_get_server_side (&cases[i].where, NOW), ==, cases[i].side);
      g_assert_cmpint (model_where_get_days_left (&cases[i].where, NOW), ==, cases[i].days);
    }
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/where/words", test_words);
  return g_test_run ();
}
