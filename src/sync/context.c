/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sync/context.h"

void
sync_summary_init (SyncSummary *summary)
{
  *summary = (SyncSummary) { .failed = g_ptr_array_new_with_free_func (g_free) };
}

void
sync_summary_clear (SyncSummary *summary)
{
  g_clear_pointer (&summary->failed, g_ptr_array_unref);
}

void
sync_summary_fail (SyncSummary *summary,
                   const char  *what,
                   GError      *error)
{
  g_ptr_array_add (summary->failed, g_strdup_printf ("%s: %s", what, error->message));
  g_error_free (error);
}

gboolean
sync_context_should_yield (SyncContext *context)
{
  return g_cancellable_is_cancelled (context->cancellable)
         || (context->should_yield != NULL && context->should_yield (context->data));
}

void
sync_context_progress (SyncContext *context,
                       guint64      done,
                       guint64      total)
{
  if (context->progress != NULL)
    context->progress (done, total, context->data);
}
