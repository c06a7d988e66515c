/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/peer.h"

#include <string.h>

/* Sends everything of say, then reads to the end; takes client. */
static char *
talk (GIOStream  *client,
      const char *say)
{
  GInputStream *input = g_io_stream_get_input_stream (client);
  GString *heard = g_string_new (NULL);
  char buffer[64];
  gssize got;

  g_output_stream_write_all (g_io_stream_get_output_stream (client), say, strlen (say), NULL, NULL, NULL);
  g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (client)), FALSE, TRUE, NULL);
  while ((got = g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL)) > 0)
    g_string_append_len (heard, buffer, got);
  g_object_unref (client);
  return g_string_free (heard, FALSE);
}

static const char script[] =
  "# a small one\n"
  "  S: hello\n"
  "  C: a\\x62c\n"
  "  S: one\n"
  "  flush\n"
  "  S-raw: t\\x00o\n"
  "  C-any:\n"
  "  C-raw: end\n"
  "  S: .\n";

static void
test_right_client_passes (void)
{
  Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
  g_autofree char *heard = talk (peer_take_client (peer), "abc\r\nwhatever\r\nend");

  peer_assert_done (peer);
  g_assert_cmpmem (heard, 16, "hello\r\none\r\nt\0o.", 16);
}

static void
test_wrong_bytes_are_told (void)
{
  static const struct { const char *say; const char *difference; } cases[] = {
    { "abx\r\n", "line 3 of the script: expected \"abc\\r\\n\", the client sent \"abx\\r\\n\"" },
    { "abc\n", "line 3 of the script: expected \"abc\\r\\n\", the client sent \"abc\\n\"" },
    { "", "line 3 of the script: expected \"abc\\r\\n\", the client sent \"\"" },
    { "abc\r\nx", "line 7 of the script: expected a line, the client sent none" },
    { "abc\r\nx\nend!", "at the end of the script: the client sent \"!\"" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
      g_autofree char *difference = NULL;

      g_free (talk (peer_take_client (peer), cases[i].say));
      difference = peer_finish (peer);
      g_assert_cmpstr (difference, ==, cases[i].difference);
    }
}

static void
test_cut_closes (void)
{
  Peer *peer = peer_start ("S: one\ncut\nS: two\n", PEER_AS_WRITTEN, 0);
  g_autofree char *heard = talk (peer_take_client (peer), "");

  peer_assert_done (peer);
  g_assert_cmpstr (heard, ==, "one\r\n");
}

static void
test_stall_says_nothing_more (void)
{
  Peer *peer = peer_start ("S: one\nstall\nC: a\nS: two\nC: b\n", PEER_AS_WRITTEN, 0);
  g_autofree char *heard = talk (peer_take_client (peer), "a\r\nb");

  peer_assert_done (peer);
  g_assert_cmpstr (heard, ==, "one\r\n");
}

static void
test_stalled_client_is_still_compared (void)
{
  Peer *peer = peer_start ("stall\nC: a\n", PEER_AS_WRITTEN, 0);
  g_autofree char *difference = NULL;

  g_free (talk (peer_take_client (peer), "b"));
  difference = peer_finish (peer);
  g_assert_nonnull (difference);
}

typedef struct {
  PeerFault fault;
  gsize     runs;
} Cuts;

static void
talk_at_cut (GIOStream *client,
             gpointer   user_data)
{
  Cuts *cuts = user_data;
  g_autofree char *heard = talk (client, "abc\r\nwhatever\r\nend");
  gsize size = cuts->fault == PEER_SPLIT ? 17 : cuts->runs;

  g_assert_cmpmem (heard, size, "hello\r\none\r\nt\0o.\r\n", size);
  cuts->runs++;
}

static void
test_every_cut (void)
{
  static const PeerFault faults[] = { PEER_SPLIT, PEER_CLOSE, PEER_STALL };

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      Cuts cuts = { faults[i], 0 };

      peer_at_every_cut (script, faults[i], talk_at_cut, &cuts);
      g_assert_cmpuint (cuts.runs, ==, peer_count_server_bytes (script));
      g_assert_cmpuint (cuts.runs, ==, 18);
    }
}

static void
test_drip_is_one_byte_a_segment (void)
{
  Peer *peer = peer_start ("drip\nS: one\n", PEER_AS_WRITTEN, 0);
  g_autoptr(GIOStream) client = peer_take_client (peer);
  GInputStream *input = g_io_stream_get_input_stream (client);
  char buffer[64];
  gsize reads = 0;

  while (g_input_stream_read (input, buffer, sizeof buffer, NULL, NULL) == 1)
    if (++reads == 5)
      break;
  g_clear_object (&client);
  peer_assert_done (peer);
  g_assert_cmpuint (reads, ==, 5);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer/right-client-passes", test_right_client_passes);
  g_test_add_func ("/peer/wrong-bytes-are-told", test_wrong_bytes_are_told);
  g_test_add_func ("/peer/cut-closes", test_cut_closes);
  g_test_add_func ("/peer/stall-says-nothing-more", test_stall_says_nothing_more);
  g_test_add_func ("/peer/stalled-client-is-still-compared", test_stalled_client_is_still_compared);
  g_test_add_func ("/peer/every-cut", test_every_cut);
  g_test_add_func ("/peer/drip-is-one-byte-a-segment", test_drip_is_one_byte_a_segment);
  return g_test_run ();
}
