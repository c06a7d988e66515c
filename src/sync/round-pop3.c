/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/round-pop3.h"

#include "sync/leaving.h"
#include "sync/pop3.h"
#include "sync/push.h"
#include "sync/removal.h"

static gboolean
let_leave (SyncContext  *context,
           guint        *n_sessions,
           GError      **error)
{
  return sync_leaving_decide (context, error) && sync_removal_run (context, n_sessions, error);
}

/* Where the server lets nobody in so soon after the last session, new mail comes with the next round. */
static gboolean
collect (SyncContext  *context,
         guint         n_sessions_before,
         GError      **error)
{
  g_autoptr(GError) failure = NULL;

  if (sync_pop3_collect (context, &failure)
      || (n_sessions_before > 0 && g_error_matches (failure, POP3_ERROR, POP3_ERROR_LOGIN_DELAY)))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

gboolean
sync_round_pop3 (SyncContext  *context,
                 GError      **error)
{
  guint64 n_before = context->summary->messages_new;
  guint n_sessions = 0;

  if (!sync_push_accept (context, error) || !let_leave (context, &n_sessions, error)
      || !collect (context, n_sessions, error))
    return FALSE;

  /* What was there before was looked at at the beginning. */
  return context->summary->messages_new == n_before || sync_context_should_yield (context)
         || let_leave (context, &n_sessions, error);
}
