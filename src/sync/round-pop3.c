/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/round-pop3.h"

#include "sync/leaving.h"
#include "sync/pop3.h"
#include "sync/push.h"
#include "sync/removal.h"

static gboolean
let_leave (SyncContext  *context,
           GError      **error)
{
  return sync_leaving_decide (context, error) && sync_removal_run (context, error);
}

gboolean
sync_round_pop3 (SyncContext  *context,
                 GError      **error)
{
  if (!sync_push_accept (context, error) || !let_leave (context, error) || !sync_pop3_collect (context, error))
    return FALSE;
  return sync_context_should_yield (context) || let_leave (context, error);
}
