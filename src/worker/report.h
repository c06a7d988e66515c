/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/report.h - a round's summary as it travels on the bus, with the keys of `penfoldctl sync --json`.
 *
 * Threads: any, it is pure.
 */
#pragma once

#include "worker/round.h"

/* a{sv}; floating. */
GVariant    *worker_report_to_variant   (const WorkerRound *round);
/* What is missing counts as nothing.  Errors keep only their sentences. */
WorkerRound *worker_report_from_variant (GVariant *report) G_GNUC_WARN_UNUSED_RESULT;
