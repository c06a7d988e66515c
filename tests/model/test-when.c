/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/when.h"

/* Friday, 3 April 2026, 12:00 UTC */
#define NOW G_GINT64_CONSTANT (1775217600)
#define HOUR 3600
#define DAY (24 * HOUR)

static void
test_short (void)
{
  static const struct { gint64 when; const char *words; } cases[] = {
    { NOW, "12:00" },
    { NOW - 12 * HOUR, "00:00" },
    { NOW - 12 * HOUR - 1, "Yesterday" },
    { NOW - 2 * DAY, "Wednesday" },
    { NOW - 6 * DAY, "Saturday" },
    { NOW - 7 * DAY, "27 Mar" },
    { NOW - 93 * DAY, "31 Dec 2025" },
    { NOW + DAY, "4 Apr" },
    { NOW + 300 * DAY, "28 Jan 2027" },
    { 0, "1 Jan 1970" },
    { G_MAXINT64, "31 Dec 9999" },
    { G_MININT64, "1 Jan 1970" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *words = model_when_dup_short (cases[i].when, NOW);

      g_assert_cmpstr (words, ==, cases[i].words);
    }
}

static void
test_long (void)
{
  g_autofree char *words = model_when_dup_long (NOW);

  g_assert_cmpstr (words, ==, "Friday, 3 April 2026, 12:00");
}

int
main (int    argc,
      char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/when/short", test_short);
  g_test_add_func ("/model/when/long", test_long);
  return g_test_run ();
}
