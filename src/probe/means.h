/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe/means.h - how probe/find.h asks the world: over HTTPS, in the DNS, and by knocking at servers.
 *
 * A table of functions, so that the order of the search is proven without a network.  None of them ever has a
 * password.  They block, end at the deadline (base_clock_steady_us()) or by the signals, and are called from
 * several threads at once.
 */
#pragma once

#include "discover/candidate.h"
#include "net/pause.h"
#include "net/trust.h"

typedef struct {
  /* The document; G_IO_ERROR_NOT_FOUND and NET_ERROR_NOT_FOUND: there is none. */
  GBytes    *(*fetch)  (gpointer           data,
                        const char        *url,
                        const NetSignals  *signals,
                        gint64             deadline,
                        GError           **error);
  /* Of NetDnsServer; NET_ERROR_NOT_FOUND: there is none. */
  GPtrArray *(*lookup) (gpointer           data,
                        const char        *service,
                        const char        *domain,
                        const NetSignals  *signals,
                        gint64             deadline,
                        GError           **error);
  /* Whether such a server answers there, with a certificate that is believed. */
  gboolean   (*knock)  (gpointer                data,
                        const DiscoverServer   *server,
                        const NetSignals       *signals,
                        gint64                  deadline,
                        GError                **error);
  gpointer   data;
} ProbeMeans;

/* The real world.  trust must outlive it. */
ProbeMeans probe_means_get (NetTrust *trust);
