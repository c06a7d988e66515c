/* SPDX-License-Identifier: GPL-3.0-or-later */
/* net/meter.h - counts what a connection costs: bytes and round trips.
 *
 * Threads: one at a time.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint64 bytes_in;      /* TCP payload, TLS included */
  guint64 bytes_out;
  guint64 round_trips;   /* waits for input after something was sent */
} NetTraffic;

typedef struct {
  NetTraffic traffic;
  gboolean   awaits_answer;
} NetMeter;

static inline void
net_meter_sent (NetMeter *meter,
                gsize     size)
{
  meter->traffic.bytes_out += size;
  meter->awaits_answer = TRUE;
}

static inline void
net_meter_received (NetMeter *meter,
                    gsize     size)
{
  meter->traffic.bytes_in += size;
  meter->traffic.round_trips += meter->awaits_answer;
  meter->awaits_answer = FALSE;
}
