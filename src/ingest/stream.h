/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/stream.h - the inside of a stream.  For this folder only.
 *
 * Threads: the fields below lock are guarded by the lock of the ingest it belongs to.
 */
#pragma once

#include "ingest/ingest.h"

struct _IngestStream {
  gint            ref_count;             /* atomic; inline, so that the thread sanitizer sees it */
  Ingest         *ingest;
  int             wake_fd;

  /* guarded */
  IngestTicket    last;                  /* given out */
  IngestTicket    durable;
  GError         *error;                 /* it failed: nothing after durable is stored */
};

void ingest_stream_unref (IngestStream *stream);
