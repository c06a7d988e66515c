/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap/date.h"

static const char months[12][4] = {
  "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
};

/* Takes digits off the front, then the byte that must follow ('\0': none). */
static gboolean
take_number (BaseSlice *rest,
             gsize      min_digits,
             gsize      max_digits,
             char       then,
             guint     *number)
{
  gsize n = 0;
  guint64 value;

  while (n < rest->size && n < max_digits && g_ascii_isdigit (rest->data[n]))
    n++;
  if (n < min_digits || !base_slice_parse_uint (base_slice_sub (*rest, 0, n), G_MAXUINT, &value))
    return FALSE;
  *number = (guint) value;
  *rest = base_slice_sub (*rest, n, rest->size);
  if (then == '\0')
    return TRUE;
  if (rest->size == 0 || rest->data[0] != (guint8) then)
    return FALSE;
  *rest = base_slice_sub (*rest, 1, rest->size);
  return TRUE;
}

static gboolean
take_month (BaseSlice *rest,
            guint     *month)
{
  for (guint i = 0; i < G_N_ELEMENTS (months); i++)
    if (base_slice_starts_with_nocase (*rest, months[i]) && rest->size > 3 && rest->data[3] == '-')
      {
        *month = i + 1;
        *rest = base_slice_sub (*rest, 4, rest->size);
        return TRUE;
      }
  return FALSE;
}

/* A missing or odd zone is taken as UTC: some servers leave it out. */
static int
take_zone (BaseSlice rest)
{
  BaseSlice zone = base_slice_trim (rest);
  guint number;
  int minutes;

  if (zone.size != 5 || (zone.data[0] != '+' && zone.data[0] != '-'))
    return 0;
  rest = base_slice_sub (zone, 1, 4);
  if (!take_number (&rest, 4, 4, '\0', &number))
    return 0;
  minutes = (int) (number / 100 * 60 + number % 100);
  return zone.data[0] == '-' ? -minutes : minutes;
}

gboolean
imap_date_parse (BaseSlice  text,
                 gint64    *seconds)
{
  BaseSlice rest = base_slice_trim (text);
  guint day, month, year, hour, minute, second;
  g_autoptr(GDateTime) date = NULL;

  if (!take_number (&rest, 1, 2, '-', &day) || !take_month (&rest, &month)
      || !take_number (&rest, 4, 4, ' ', &year) || !take_number (&rest, 1, 2, ':', &hour)
      || !take_number (&rest, 2, 2, ':', &minute) || !take_number (&rest, 2, 2, '\0', &second))
    return FALSE;

  /* A leap second is the one before it. */
  date = g_date_time_new_utc ((int) year, (int) month, (int) day, (int) hour, (int) minute, MIN (second, 59));
  if (date == NULL)
    return FALSE;
  *seconds = g_date_time_to_unix (date) - take_zone (rest) * 60;
  return TRUE;
}

char *
imap_date_write (gint64 seconds)
{
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_utc (seconds);

  if (date == NULL)
    date = g_date_time_new_from_unix_utc (0);
  return g_strdup_printf ("%02d-%s-%04d %02d:%02d:%02d +0000",
                          g_date_time_get_day_of_month (date), months[g_date_time_get_month (date) - 1],
                          g_date_time_get_year (date), g_date_time_get_hour (date),
                          g_date_time_get_minute (date), g_date_time_get_second (date));
}
