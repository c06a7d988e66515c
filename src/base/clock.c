/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

static gboolean is_fake;
static gint64   fake_now;
static gint64   fake_steady_us;

gint64
base_clock_now (void)
{
  return is_fake ? fake_now : g_get_real_time () / G_USEC_PER_SEC;
}

gint64
base_clock_steady_us (void)
{
  return is_fake ? fake_steady_us : g_get_monotonic_time ();
}

void
base_clock_set_fake (gint64 now,
                     gint64 steady_us)
{
  is_fake = TRUE;
  fake_now = now;
  fake_steady_us = steady_us;
}
