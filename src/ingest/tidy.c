/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ingest/private.h"

#include "store/compact.h"

#define PURGE_STEP 200

typedef struct {
  Ingest          *ingest;
  gboolean         more;
  StoreCompaction *compaction;
} Tidying;

static gboolean
purge (Store     *store,
       gpointer   user_data,
       GError   **error)
{
  Tidying *tidying = user_data;

  return store_compact_purge (store, ingest_peek_writer (tidying->ingest)->raw, PURGE_STEP, &tidying->more, error);
}

static gboolean
compact (Store     *store,
         gpointer   user_data,
         GError   **error)
{
  Tidying *tidying = user_data;

  return store_compact_step (store, ingest_peek_writer (tidying->ingest)->raw, tidying->compaction, error);
}

/* What was in it was copied by a transaction that is committed. */
static gboolean
remove_segment (Store     *store,
                gpointer   user_data,
                GError   **error)
{
  Tidying *tidying = user_data;

  return store_raw_remove_segment (ingest_peek_writer (tidying->ingest)->raw, tidying->compaction->segment, error);
}

static gboolean
compact_all (Tidying       *tidying,
             GCancellable  *cancellable,
             GError       **error)
{
  do
    {
      if (g_cancellable_set_error_if_cancelled (cancellable, error) ||
          !ingest_write (tidying->ingest, compact, tidying, error))
        return FALSE;
      if (tidying->compaction->state == STORE_COMPACT_EMPTIED &&
          !ingest_write (tidying->ingest, remove_segment, tidying, error))
        return FALSE;
    }
  while (tidying->compaction->state != STORE_COMPACT_NOTHING);
  return TRUE;
}

gboolean
ingest_tidy (Ingest        *ingest,
             GCancellable  *cancellable,
             GError       **error)
{
  g_autoptr(StoreCompaction) compaction = store_compaction_new ();
  Tidying tidying = { ingest, FALSE, compaction };

  do
    if (g_cancellable_set_error_if_cancelled (cancellable, error) || !ingest_write (ingest, purge, &tidying, error))
      return FALSE;
  while (tidying.more);
  return compact_all (&tidying, cancellable, error);
}
