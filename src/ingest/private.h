/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ingest/private.h - what the files of this folder see of an Ingest. */
#pragma once

#include "ingest/queue.h"
#include "ingest/writer.h"

IngestQueue  *ingest_peek_queue   (Ingest *ingest);
const char   *ingest_peek_data_dir (Ingest *ingest);
/* For work on the writer thread. */
IngestWriter *ingest_peek_writer  (Ingest *ingest);
