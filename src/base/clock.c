/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

/* Atomic: a test may move the clock while other threads read it. */
static gboolean is_fake;
static gint64   fake_now;
static gint64   fake_steady_us;

gint64
base_clock_now (void)
{
  if (__atomic_load_n (&is_fake, __ATOMIC_ACQUIRE))
    return __atomic_load_n (&fake_now, __ATOMIC_ACQUIRE);
  return g_get_real_time () / G_USEC_PER_SEC;
}

gint64
base_clock_steady_us (void)
{
  if (__atomic_load_n (&is_fake, __ATOMIC_ACQUIRE))
    return __atomic_load_n (&fake_steady_us, __ATOMIC_ACQUIRE);
  return g_get_monotonic_time ();
}

void
base_clock_set_fake (gint64 now,
                     gint64 steady_us)
{
  __atomic_store_n (&fake_now, now, __ATOMIC_RELEASE);
  __atomic_store_n (&fake_steady_us, steady_us, __ATOMIC_RELEASE);
  __atomic_store_n (&is_fake, TRUE, __ATOMIC_RELEASE);
}
