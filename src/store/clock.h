/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/clock.h - the clock of retention: the wall's, but it never goes back and never leaps.
 *
 * A wall clock that was set wrong, once or for good, must not let a server copy look older than it is.  So
 * this clock stands still while the wall's is behind it, and follows one that is far ahead by
 * STORE_CLOCK_LEAP_S an hour at most: mail stays longer then, and whoever mends his clock in time loses
 * nothing.
 *
 * Threads: the handle's.
 */
#pragma once

#include "store/store.h"

#define STORE_CLOCK_LEAP_S ((gint64) 7 * 24 * 60 * 60)

/* What it shows now; 0 on error. */
gint64 store_clock_get     (Store   *store,
                            GError **error);
/* The same, and noted.  Needs store_begin(); hardly ever writes more than once an hour. */
gint64 store_clock_advance (Store   *store,
                            GError **error);
