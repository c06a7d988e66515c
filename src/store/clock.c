/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "store/clock.h"

#include "base/clock.h"

#define KEY       "clock_high_water"
#define COARSE_S  (60 * 60)

/* 0: it was never noted; -1 on error. */
static gint64
get_noted (Store   *store,
           GError **error)
{
  g_autoptr(GError) failure = NULL;
  g_autofree char *text = store_dup_meta (store, KEY, &failure);
  guint64 noted = 0;

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return -1;
    }
  if (text != NULL)
    base_slice_parse_uint (base_slice_from_string (text), G_MAXINT64 / 2, &noted);
  return (gint64) noted;
}

/* An hour has passed since the last leap, by the clock that nobody can set.  Only the one writer of a process
 * asks. */
static gboolean
may_leap (void)
{
  static gint64 last_us = -1;
  gint64 now_us = base_clock_steady_us ();

  if (last_us >= 0 && now_us >= last_us && now_us - last_us < (gint64) COARSE_S * G_USEC_PER_SEC)
    return FALSE;
  last_us = now_us;
  return TRUE;
}

static gint64
show (gint64 noted)
{
  gint64 wall = MAX (base_clock_now (), 1);

  return noted == 0 ? wall : CLAMP (wall, noted, noted + STORE_CLOCK_LEAP_S);
}

gint64
store_clock_get (Store   *store,
                 GError **error)
{
  gint64 noted = get_noted (store, error);

  return noted < 0 ? 0 : show (noted);
}

gint64
store_clock_advance (Store   *store,
                     GError **error)
{
  gint64 noted = get_noted (store, error);
  gint64 now;
  g_autofree char *text = NULL;

  if (noted < 0)
    return 0;
  now = show (noted);
  if (noted != 0 && now - noted < COARSE_S)
    return now;
  if (noted != 0 && now - noted == STORE_CLOCK_LEAP_S && !may_leap ())
    return noted;
  text = g_strdup_printf ("%" G_GINT64_FORMAT, now);
  return store_set_meta (store, KEY, text, error) ? now : 0;
}
