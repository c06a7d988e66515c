/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/https.h - fetching one document over HTTPS, by libsoup, which nothing else touches.
 *
 * Blocking, for a lane or a job's thread.  HTTPS only, also after a redirect; no cookies, no credentials, no
 * referrer, no name of the program.
 *
 * Threads: any.  Limits: the caller's size; 5 redirects.
 * Errors: NET_ERROR; G_IO_ERROR_CANCELLED; G_IO_ERROR_INVALID_ARGUMENT: not an https address, or a redirect
 * to one that is not; G_IO_ERROR_NOT_FOUND: the server answers with anything but the document;
 * G_IO_ERROR_NO_SPACE: larger than limit.
 */
#pragma once

#include "net/pause.h"
#include "net/trust.h"

/* trust may be NULL: the system store alone. */
GBytes *net_https_get (const char        *url,
                       NetTrust          *trust,
                       gsize              limit,
                       const NetSignals  *signals,
                       gint64             deadline,
                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
