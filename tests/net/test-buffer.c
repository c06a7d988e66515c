/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/buffer.h"

#include <string.h>

#define LIMIT (64 * 1024)

/* Random portions in and out; what comes out is what went in, and no more than the limit is ever held. */
static void
test_order_is_kept (void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed (1);
  NetBuffer buffer = { 0 };
  guint32 next_in = 0;
  guint32 next_out = 0;

  for (int round = 0; round < 20000; round++)
    {
      gsize room;
      guint8 *place = net_buffer_reserve (&buffer, LIMIT, &room);
      gsize in = room == 0 ? 0 : (gsize) g_rand_int_range (rand, 0, (gint32) room + 1);
      gsize out;

      g_assert_cmpint (place == NULL, ==, net_buffer_get_size (&buffer) == LIMIT);
      for (gsize i = 0; i < in; i++)
        place[i] = (guint8) (next_in++ % 251);
      net_buffer_commit (&buffer, in);
      g_assert_cmpuint (net_buffer_get_size (&buffer), <=, LIMIT);
      g_assert_cmpuint (buffer.capacity, <=, 2 * LIMIT);

      out = (gsize) g_rand_int_range (rand, 0, (gint32) net_buffer_get_size (&buffer) + 1);
      for (gsize i = 0; i < out; i++)
        g_assert_cmpuint (net_buffer_peek (&buffer).data[i], ==, next_out++ % 251);
      net_buffer_consume (&buffer, out);
    }
  net_buffer_clear (&buffer);
}

static void
test_append_grows (void)
{
  NetBuffer buffer = { 0 };
  g_autofree char *text = g_strnfill (100000, 'x');

  net_buffer_append (&buffer, "abc", 3);
  net_buffer_append (&buffer, NULL, 0);
  net_buffer_append (&buffer, text, 100000);
  g_assert_cmpuint (net_buffer_get_size (&buffer), ==, 100003);
  net_buffer_consume (&buffer, 1);
  g_assert_cmpint (memcmp (net_buffer_peek (&buffer).data, "bcx", 3), ==, 0);
  net_buffer_consume (&buffer, 100002);
  g_assert_cmpuint (net_buffer_get_size (&buffer), ==, 0);
  net_buffer_clear (&buffer);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/buffer/order-is-kept", test_order_is_kept);
  g_test_add_func ("/net/buffer/append-grows", test_append_grows);
  return g_test_run ();
}
