/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/when.h"

#include <glib/gi18n-lib.h>

/* The number of a local day, for differences. */
static gint
get_day (GDateTime *time)
{
  gint year, month, day;
  GDate date;

  g_date_time_get_ymd (time, &year, &month, &day);
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay) day, (GDateMonth) month, (GDateYear) CLAMP (year, 1, G_MAXUINT16));
  return (gint) g_date_get_julian (&date);
}

/* A date beyond what GDateTime holds is shown as the nearest it holds. */
static GDateTime *
get_local (gint64 when)
{
  GDateTime *time = g_date_time_new_from_unix_local (when);

  return time != NULL
         ? time : g_date_time_new_from_unix_local (when < 0 ? 0 : G_GINT64_CONSTANT (253402214400));
}

char *
model_when_dup_short (gint64 when,
                      gint64 now)
{
  g_autoptr(GDateTime) time = get_local (when);
  g_autoptr(GDateTime) today = get_local (now);
  gint days = get_day (today) - get_day (time);

  if (days == 0)
    /* Translators: a time of today in lists, as in "10:24"; see strftime(3). */
    return g_date_time_format (time, _("%H:%M"));
  if (days == 1)
    return g_strdup (_("Yesterday"));
  if (days > 1 && days < 7)
    return g_date_time_format (time, "%A");
  if (g_date_time_get_year (time) == g_date_time_get_year (today))
    /* Translators: a day of this year in lists, as in "30 Mar"; see strftime(3). */
    return g_date_time_format (time, _("%-e %b"));
  /* Translators: a day of another year in lists, as in "30 Mar 2024"; see strftime(3). */
  return g_date_time_format (time, _("%-e %b %Y"));
}

char *
model_when_dup_long (gint64 when)
{
  g_autoptr(GDateTime) time = get_local (when);

  /* Translators: a date and time in full, as in "Friday, 3 April 2026, 10:24"; see strftime(3). */
  return g_date_time_format (time, _("%A, %-e %B %Y, %H:%M"));
}

char *
model_size_dup (gint64 bytes)
{
  return g_format_size ((guint64) MAX (bytes, 0));
}
