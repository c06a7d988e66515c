/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/means.h"

/* Letters carry a number; what is opened is noted. */
typedef struct {
  WorkerMeans  means;
  GThread     *main_thread;
  GString     *opened;
  guint        n_freed;
} World;

static World *world_of_frees;

static void
count_free (gpointer number)
{
  world_of_frees->n_freed++;
}

static void
note (gpointer owner,
      gpointer number)
{
  g_assert_true (g_thread_self () == world_of_frees->main_thread);
  g_string_append_printf (world_of_frees->opened, "%s%d ", (const char *) owner, GPOINTER_TO_INT (number));
}

static void
world_init (World *world)
{
  world->opened = g_string_new ("");
  world->main_thread = g_thread_self ();
  world->means.inbox = worker_inbox_new (worker_letter_open, NULL, worker_letter_free);
  world_of_frees = world;
}

static void
world_clear (World *world)
{
  g_string_free (world->opened, TRUE);
  g_clear_pointer (&world->means.inbox, worker_inbox_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

static gpointer
tell_ten (gpointer data)
{
  World *world = data;

  for (int i = 0; i < 10; i++)
    worker_means_tell (&world->means, note, (gpointer) "a", GINT_TO_POINTER (i), count_free);
  return NULL;
}

static void
test_opened_in_order_on_the_main_thread (void)
{
  g_auto(World) world = { .n_freed = 0 };

  world_init (&world);
  g_thread_join (g_thread_new ("lane", tell_ten, &world));
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (world.opened->str, ==, "a0 a1 a2 a3 a4 a5 a6 a7 a8 a9 ");
  g_assert_cmpuint (world.n_freed, ==, 10);
}

static void
test_letters_to_one_who_is_gone_are_dropped (void)
{
  g_auto(World) world = { .n_freed = 0 };
  static char gone[] = "gone", there[] = "there";

  world_init (&world);
  for (int i = 0; i < 3; i++)
    {
      worker_means_tell (&world.means, note, gone, GINT_TO_POINTER (i), count_free);
      worker_means_tell (&world.means, note, there, GINT_TO_POINTER (i), count_free);
    }
  worker_means_forget (&world.means, gone);
  g_assert_cmpuint (world.n_freed, ==, 3);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (world.opened->str, ==, "there0 there1 there2 ");
}

static void
test_what_is_left_is_freed (void)
{
  g_auto(World) world = { .n_freed = 0 };

  world_init (&world);
  tell_ten (&world);
  g_clear_pointer (&world.means.inbox, worker_inbox_free);
  g_assert_cmpuint (world.n_freed, ==, 10);
  g_assert_cmpstr (world.opened->str, ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/inbox/opened-in-order-on-the-main-thread",
                   test_opened_in_order_on_the_main_thread);
  g_test_add_func ("/worker/inbox/letters-to-one-who-is-gone-are-dropped",
                   test_letters_to_one_who_is_gone_are_dropped);
  g_test_add_func ("/worker/inbox/what-is-left-is-freed", test_what_is_left_is_freed);
  return g_test_run ();
}
