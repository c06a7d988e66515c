/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe/check.h - signs in to one server with the settings that a person typed or accepted, and out again.
 *
 * Nothing is read, changed or sent there.  A password goes out at most once, only over a connection whose
 * certificate is believed, or in clear where the login says that the person chose so in so many words.
 *
 * Threads: any; it blocks.
 */
#pragma once

#include "net/wire.h"
#include "probe/verdict.h"

#define PROBE_CHECK_TIMEOUT_S 20     /* so long without a word from the server is PROBE_TIMEOUT */

/* signals: cancellable and stop_fd; cancelled is a verdict as well. */
ProbeVerdict *probe_check (const ProbeServer *login,
                           NetTrust         *trust,
                           const NetSignals *signals) G_GNUC_WARN_UNUSED_RESULT;
/* For a session; trust must outlive it. */
NetWhere      probe_server_get_where (const ProbeServer *login,
                                      NetTrust          *trust);
