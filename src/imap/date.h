/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/date.h - INTERNALDATE (RFC 3501 date-time) to seconds since 1970 and back.
 *
 * Threads: any.
 */
#pragma once

#include "base/bytes.h"

/* "17-Jul-1996 02:44:25 -0700", the day also with a blank or as one digit.  FALSE when it is no date of the
 * years 1 to 9999. */
gboolean  imap_date_parse (BaseSlice  text,
                           gint64    *seconds);
/* In UTC: the zone of the original is not kept. */
char     *imap_date_write (gint64 seconds) G_GNUC_WARN_UNUSED_RESULT;
