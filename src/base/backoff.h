/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/backoff.h - how long to wait before the next try: doubling, with jitter, up to a ceiling.
 *
 * It knows no clock: it only says seconds.  Threads: one at a time.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint first_s;       /* the first wait, before jitter */
  guint ceiling_s;     /* no wait is longer, before jitter */
  guint failures;      /* in a row, so far */
} BaseBackoff;

#define BASE_BACKOFF_INIT(first, ceiling) { (first), (ceiling), 0 }

/* Counts one more failure and says how many milliseconds to wait: the doubled wait, 20 % more or less.
 * jitter is a number in [0, 1), usually g_random_double(). */
guint base_backoff_fail  (BaseBackoff *backoff,
                          double       jitter);
void  base_backoff_reset (BaseBackoff *backoff);
