/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/hostname.h - host names as they may be shown: letters that imitate others are not.
 *
 * A name is shown in its own script where each label keeps to one script (or the usual East Asian ones with
 * Latin) and does not read as Latin throughout; otherwise as its ASCII form, "xn--...".  After "highly
 * restrictive" of UTS 39.
 *
 * Threads: any.  Limits: 255 bytes.  Errors: none.
 */
#pragma once

#include <glib.h>

/* host in ASCII or Unicode form, without port.  Lower case. */
char *base_hostname_dup_shown (const char *host) G_GNUC_WARN_UNUSED_RESULT;
/* "local@host" likewise; the local part stays as it is. */
char *base_hostname_dup_shown_address (const char *address) G_GNUC_WARN_UNUSED_RESULT;
