/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/folders.h - the folders of a POP3 account: its server has none, so they live on this computer.
 *
 * Threads: any but the writer's; it waits for the writer where something is missing.
 */
#pragma once

#include "ingest/ingest.h"

/* Makes those that are missing: for receiving, writing, sending and sorting out. */
gboolean worker_folders_ensure_local (Ingest  *ingest,
                                      Store   *store,         /* a reader of this thread */
                                      gint64   account_id,
                                      GError **error);
