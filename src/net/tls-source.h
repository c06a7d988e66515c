/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/tls-source.h - the GSource of one half of a TLS stream: ready when that half may go on.  Within net/
 * only.
 *
 * It watches the direction of the base stream that the half is blocked on, and looks again after every
 * dispatch.
 */
#pragma once

#include "net/tls-core.h"

/* pollable: the half of the stream, which is handed to the GPollableSourceFunc. */
GSource *net_tls_source_new (NetTlsCore   *core,
                             NetTlsHalf    half,
                             GIOStream    *base,
                             GObject      *pollable,
                             GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;
