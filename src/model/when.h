/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/when.h - dates as people say them in lists, and sizes.
 *
 * Threads: any.
 */
#pragma once

#include <glib.h>

/* "10:24" today, "Yesterday", "Tuesday" within six days, "30 Mar" this year, "30 Mar 2024" else; for a time
 * to come the day. */
char *model_when_dup_short (gint64 when,
                            gint64 now) G_GNUC_WARN_UNUSED_RESULT;
/* "Friday, 3 April 2026, 10:24". */
char *model_when_dup_long  (gint64 when) G_GNUC_WARN_UNUSED_RESULT;
/* "214 kB", "1.9 MB", with a no-break space. */
char *model_size_dup       (gint64 bytes) G_GNUC_WARN_UNUSED_RESULT;
