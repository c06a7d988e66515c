/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/tokens.h"

typedef struct {
  WorkerTokens *tokens;
  GCancellable *cancellable;
  gint          inside;        /* atomic: how many hold the token now */
  gint          rounds;        /* atomic */
} World;

static gpointer
hold_often (gpointer data)
{
  World *world = data;

  for (guint i = 0; i < 2000; i++)
    {
      g_assert_true (worker_tokens_hold (world->tokens, 5, NULL));
      g_assert_cmpint (g_atomic_int_add (&world->inside, 1), ==, 0);
      g_atomic_int_inc (&world->rounds);
      g_atomic_int_add (&world->inside, -1);
      worker_tokens_let_go (world->tokens, 5);
    }
  return NULL;
}

static void
test_one_holder_for_each_folder (void)
{
  g_autoptr(WorkerTokens) tokens = worker_tokens_new ();
  World world = { .tokens = tokens };
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("lane", hold_often, &world);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpint (world.rounds, ==, 8000);
  g_assert_true (worker_tokens_hold (tokens, 5, NULL));
  g_assert_true (worker_tokens_hold (tokens, 6, NULL));
  g_assert_false (worker_tokens_is_wanted (tokens));
  worker_tokens_let_go (tokens, 5);
  worker_tokens_let_go (tokens, 6);
}

static gpointer
wait_for_it (gpointer data)
{
  World *world = data;

  return GINT_TO_POINTER (worker_tokens_hold (world->tokens, 5, world->cancellable));
}

static void
test_who_waits_is_seen_and_can_be_cancelled (void)
{
  g_autoptr(WorkerTokens) tokens = worker_tokens_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  World world = { .tokens = tokens, .cancellable = cancellable };
  GThread *thread;

  g_assert_true (worker_tokens_hold (tokens, 5, NULL));
  thread = g_thread_new ("lane", wait_for_it, &world);
  while (!worker_tokens_is_wanted (tokens))
    g_thread_yield ();
  g_cancellable_cancel (cancellable);
  g_assert_false (GPOINTER_TO_INT (g_thread_join (thread)));
  g_assert_false (worker_tokens_is_wanted (tokens));
  worker_tokens_let_go (tokens, 5);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/tokens/one-holder-for-each-folder", test_one_holder_for_each_folder);
  g_test_add_func ("/worker/tokens/who-waits-is-seen-and-can-be-cancelled",
                   test_who_waits_is_seen_and_can_be_cancelled);
  return g_test_run ();
}
