/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/where.h"

#include <glib/gi18n-lib.h>

#define DAY_S (24 * 60 * 60)

int
model_where_get_days_left (const ModelWhere *where,
                           gint64            now)
{
  if (!where->on_server || where->leaves_at == 0)
    return -1;
  return (int) CLAMP ((where->leaves_at - now) / DAY_S, 0, G_MAXINT);
}

ModelServerSide
model_where_get_server_side (const ModelWhere *where,
                             gint64            now)
{
  int days = model_where_get_days_left (where, now);

  if (!where->on_server)
    return MODEL_SERVER_NONE;
  if (days < 0)
    return MODEL_SERVER_STAYS;
  return days < 7 ? MODEL_SERVER_LEAVES_SOON : MODEL_SERVER_LEAVES;
}

static char *
dup_day (gint64 when,
         gint64 now)
{
  g_autoptr(GDateTime) day = g_date_time_new_from_unix_local (when);
  g_autoptr(GDateTime) today = g_date_time_new_from_unix_local (now);

  if (g_date_time_get_year (day) == g_date_time_get_year (today))
    /* Translators: a day of this year, as in "3 May"; see strftime(3). */
    return g_date_time_format (day, _("%-e %B"));
  /* Translators: a day of another year, as in "3 May 2027"; see strftime(3). */
  return g_date_time_format (day, _("%-e %B %Y"));
}

char *
model_where_dup_words (const ModelWhere *where,
                       gint64            now)
{
  g_autofree char *day = NULL;

  if (!where->on_server && where->here == MODEL_HERE_WHOLE)
    return g_strdup (_("Only on this computer"));
  if (!where->on_server)
    return g_strdup (_("Only the beginning is here"));
  if (where->here == MODEL_HERE_NOTHING)
    return g_strdup (_("Only on the server"));
  if (where->here == MODEL_HERE_BEGINNING)
    return g_strdup (_("Only the beginning is here"));
  if (where->leaves_at == 0)
    return g_strdup (_("On the server and on this computer"));

  day = dup_day (where->leaves_at, now);
  /* Translators: %s is a day, as in "3 May". */
  return g_strdup_printf (_("On this computer, and on the server until %s"), day);
}
