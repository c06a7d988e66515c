/* SPDX-License-Identifier: GPL-3.0-or-later */
/* base/log.h - one line per log message on stderr, quiet unless asked.
 *
 * Every folder logs in its own domain, penfold-FOLDER.  Warnings are always shown; info and debug only for
 * the domains named in PENFOLD_DEBUG (comma-separated folder names, or "all").  Passwords never reach the
 * log: what may hold one is a BaseSecret.
 *
 * Threads: any.
 */
#pragma once

#include <glib.h>

/* Call once at the start of main(). */
void     base_log_init       (void);
/* Whether debug messages of the folder are shown: for messages that are dear to make. */
gboolean base_log_is_enabled (const char *folder);
