/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/clock.h - what time it is, for everyone, and settable by tests.
 *
 * Wall time is for what people see and what is stored; steady time is for waiting and measuring.
 *
 * Threads: reading from any; setting only before other threads exist.
 */
#pragma once

#include <glib.h>

gint64 base_clock_now        (void);                 /* seconds since 1970, wall time */
gint64 base_clock_steady_us  (void);                 /* microseconds, never goes back */

/* Tests: from here on both clocks stand still at these values until set again. */
void   base_clock_set_fake   (gint64 now,
                              gint64 steady_us);
