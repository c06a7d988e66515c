/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/arrivals.h - mail that came and that nobody was told of yet.
 *
 * It only looks and marks; whether and how a mail is announced is decided in tray/announce.h.
 *
 * Threads: those of the handles given.  Limits: WORKER_ARRIVALS_MAX of a folder at a time.  Errors:
 * STORE_ERROR.
 */
#pragma once

#include "ingest/ingest.h"
#include "tray/announce.h"

#define WORKER_ARRIVALS_MAX 500

/* Of TrayMail: unread, not announced, in folders that announce, of the last TRAY_ANNOUNCE_MAX_AGE seconds. */
GPtrArray *worker_arrivals_list      (Store      *store,
                                      gint64      now,
                                      GError    **error) G_GNUC_WARN_UNUSED_RESULT;
/* Nobody is told of them again, also after a restart. */
void       worker_arrivals_mark      (Ingest     *ingest,
                                      GPtrArray  *mails);         /* of TrayMail */
gboolean   worker_arrivals_is_unread (Store      *store,
                                      gint64      location_id);
