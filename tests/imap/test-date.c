/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/date.h"

static void
test_dates_are_read (void)
{
  static const struct { const char *text; gint64 seconds; } cases[] = {
    { "17-Jul-1996 02:44:25 -0700", 837596665 },
    { " 1-Jan-1970 00:00:00 +0000", 0 },
    { "1-Jan-1970 01:00:00 +0100", 0 },
    { "01-jan-1970 00:00:00 -0030", 1800 },
    { "31-Dec-1969 23:59:59 +0000", -1 },
    { "29-Feb-2024 12:00:00 +0545", 1709187300 },
    { "31-Dec-2016 23:59:60 +0000", 1483228799 },
    { "19-Jan-2038 03:14:08 +0000", 2147483648 },
    { "1-Jan-2020 00:00:00", 1577836800 },
    { "1-Jan-2020 0:00:00 GMT", 1577836800 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 seconds = 0;

      g_assert_true (imap_date_parse (base_slice_from_string (cases[i].text), &seconds));
      g_assert_cmpint (seconds, ==, cases[i].seconds);
    }
}

static void
test_what_is_no_date_is_refused (void)
{
  static const char * const cases[] = {
    "", "17", "17-Jul-1996", "17-Jul-96 02:44:25 -0700", "32-Jul-1996 02:44:25 -0700",
    "0-Jul-1996 02:44:25 -0700", "30-Feb-1996 02:44:25 -0700", "17-July-1996 02:44:25 -0700",
    "17-Xxx-1996 02:44:25 -0700", "17-Jul-0000 02:44:25 -0700", "17-Jul-1996 25:44:25 -0700",
    "17-Jul-1996 02:60:25 -0700", "17 Jul 1996 02:44:25 -0700",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gint64 seconds;

      g_assert_false (imap_date_parse (base_slice_from_string (cases[i]), &seconds));
    }
}

static void
test_written_dates_are_read_back (void)
{
  static const gint64 cases[] = { 0, 1, 837596665, 1709187300, 2147483648, 253402300799 };
  g_autofree char *text = imap_date_write (837596665);

  g_assert_cmpstr (text, ==, "17-Jul-1996 09:44:25 +0000");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *written = imap_date_write (cases[i]);
      gint64 seconds;

      g_assert_true (imap_date_parse (base_slice_from_string (written), &seconds));
      g_assert_cmpint (seconds, ==, cases[i]);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/imap/date/dates-are-read", test_dates_are_read);
  g_test_add_func ("/imap/date/what-is-no-date-is-refused", test_what_is_no_date_is_refused);
  g_test_add_func ("/imap/date/written-dates-are-read-back", test_written_dates_are_read_back);
  return g_test_run ();
}
