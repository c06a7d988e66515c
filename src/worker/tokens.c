/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/tokens.h"

struct _WorkerTokens {
  GMutex      lock;
  GCond       changed;
  GHashTable *held;            /* of folder ids */
  guint       n_waiting;
};

WorkerTokens *
worker_tokens_new (void)
{
  WorkerTokens *tokens = g_new0 (WorkerTokens, 1);

  g_mutex_init (&tokens->lock);
  g_cond_init (&tokens->changed);
  tokens->held = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return tokens;
}

void
worker_tokens_free (WorkerTokens *tokens)
{
  g_assert (g_hash_table_size (tokens->held) == 0);
  g_hash_table_unref (tokens->held);
  g_mutex_clear (&tokens->lock);
  g_cond_clear (&tokens->changed);
  g_free (tokens);
}

/* Called with the lock held by nobody of this thread. */
static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  WorkerTokens *tokens = data;

  g_mutex_lock (&tokens->lock);
  g_cond_broadcast (&tokens->changed);
  g_mutex_unlock (&tokens->lock);
}

gboolean
worker_tokens_hold (WorkerTokens *tokens,
                    gint64        folder_id,
                    GCancellable *cancellable)
{
  gulong id = cancellable != NULL
              ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), tokens, NULL) : 0;
  gboolean is_free;

  g_mutex_lock (&tokens->lock);
  tokens->n_waiting++;
  while (!(is_free = !g_hash_table_contains (tokens->held, &folder_id))
         && !g_cancellable_is_cancelled (cancellable))
    g_cond_wait (&tokens->changed, &tokens->lock);
  tokens->n_waiting--;
  if (is_free)
    g_hash_table_add (tokens->held, g_memdup2 (&folder_id, sizeof folder_id));
  g_mutex_unlock (&tokens->lock);
  if (cancellable != NULL)
    g_cancellable_disconnect (cancellable, id);
  return is_free;
}

void
worker_tokens_let_go (WorkerTokens *tokens,
                      gint64        folder_id)
{
  g_mutex_lock (&tokens->lock);
  g_hash_table_remove (tokens->held, &folder_id);
  g_cond_broadcast (&tokens->changed);
  g_mutex_unlock (&tokens->lock);
}

gboolean
worker_tokens_is_wanted (WorkerTokens *tokens)
{
  gboolean is_wanted;

  g_mutex_lock (&tokens->lock);
  is_wanted = tokens->n_waiting > 0;
  g_mutex_unlock (&tokens->lock);
  return is_wanted;
}
