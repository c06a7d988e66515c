/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/backoff.h"

guint
base_backoff_fail (BaseBackoff *backoff,
                   double       jitter)
{
  guint64 wait_s = (guint64) backoff->first_s << MIN (backoff->failures, 20);

  backoff->failures++;
  wait_s = MIN (wait_s, backoff->ceiling_s);
  return (guint) ((double) wait_s * 1000.0 * (0.8 + 0.4 * jitter));
}

void
base_backoff_reset (BaseBackoff *backoff)
{
  backoff->failures = 0;
}
