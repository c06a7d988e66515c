/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap-peer.h"

#include <string.h>

#define SIGNED_IN(capabilities) "S: * PREAUTH [CAPABILITY IMAP4rev1 " capabilities "] hi\n"
#define SELECTED(tag) \
  "C: " tag " SELECT \"INBOX\"\n" \
  "S: * 3 EXISTS\n" \
  "S: * OK [UIDVALIDITY 7]\n" \
  "S: " tag " OK [READ-WRITE]\n"

static gboolean
open_box (SessionImap  *session,
          GError      **error)
{
  g_autoptr(SessionImapBox) box = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  box = session_imap_select (session, "INBOX", SESSION_IMAP_READ_WRITE, NULL, error);
  return box != NULL;
}

static const SessionImapRow *
get_row (SessionImapRows *rows,
         guint            i)
{
  return &g_array_index (rows->rows, SessionImapRow, i);
}

static void
assert_bytes (GBytes     *bytes,
              const char *text)
{
  g_assert_nonnull (bytes);
  g_assert_true (base_slice_equal (base_slice_from_bytes (bytes), base_slice_from_string (text)));
}

/* --- rows --- */

static gboolean
act_two_fetches (SessionImap  *session,
                 GError      **error)
{
  g_autoptr(ImapUidset) first = imap_uidset_new_range (5, 6), second = imap_uidset_new_range (7, G_MAXUINT32);
  g_autoptr(SessionImapTicket) one = NULL, two = NULL;
  g_autoptr(SessionImapRows) rows = NULL, more = NULL;

  if (!open_box (session, error))
    return FALSE;
  one = session_imap_start_fetch (session, first,
                                  SESSION_IMAP_FLAGS | SESSION_IMAP_DATE | SESSION_IMAP_SIZE | SESSION_IMAP_HEADER);
  two = session_imap_start_fetch (session, second, SESSION_IMAP_FLAGS);
  /* The later one first: what answers the earlier one is kept for it. */
  if ((more = session_imap_finish_fetch (session, two, error)) == NULL)
    return FALSE;
  if ((rows = session_imap_finish_fetch (session, one, error)) == NULL)
    return FALSE;

  g_assert_cmpuint (rows->rows->len, ==, 2);
  g_assert_cmpuint (get_row (rows, 0)->uid, ==, 5);
  g_assert_cmpint (get_row (rows, 0)->flags, ==, IMAP_FLAG_SEEN);
  g_assert_cmpstr (get_row (rows, 0)->keywords[0], ==, "$Forwarded");
  g_assert_cmpint (get_row (rows, 0)->date, ==, 837596665);
  g_assert_cmpuint (get_row (rows, 0)->size, ==, 44827);
  assert_bytes (get_row (rows, 0)->header, "A: b\r\n\r\n");
  g_assert_cmpuint (get_row (rows, 1)->uid, ==, 6);
  g_assert_true (get_row (rows, 1)->has_flags);
  assert_bytes (get_row (rows, 1)->header, "");
  g_assert_cmpuint (more->rows->len, ==, 1);
  g_assert_cmpuint (get_row (more, 0)->uid, ==, 9);
  g_assert_false (session_imap_has_news (session));
  return TRUE;
}

/* Descending, told in several answers, header first: as servers like it. */
static void
test_rows_come_in_any_order (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 5:6 (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])\n"
    "C: A3 UID FETCH 7:* (UID FLAGS)\n"
    "S: * 2 FETCH (BODY[HEADER] \"\" UID 6)\n"
    "S: * 1 FETCH (UID 5 RFC822.SIZE 44827 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\" BODY[HEADER] {8}\n"
    "S: A: b\n"
    "S: \n"
    "S: FLAGS (\\\\Seen $Forwarded))\n"
    "S: * 2 FETCH (UID 6 BODY[HEADER] NIL FLAGS ())\n"
    "S: A2 OK\n"
    "S: * 3 FETCH (UID 9 FLAGS (\\\\Draft))\n"
    "S: A3 OK\n",
    NET_SECURITY_TLS, act_two_fetches);
}

static gboolean
act_ids (SessionImap  *session,
         GError      **error)
{
  g_autoptr(SessionImapTicket) ticket = NULL;
  g_autoptr(SessionImapRows) rows = NULL;

  if (!open_box (session, error))
    return FALSE;
  ticket = session_imap_start_fetch_numbers (session, 2, 3, SESSION_IMAP_IDS | SESSION_IMAP_FLAGS);
  if ((rows = session_imap_finish_fetch (session, ticket, error)) == NULL)
    return FALSE;
  g_assert_cmpuint (rows->rows->len, ==, 2);
  g_assert_cmpstr (get_row (rows, 0)->object_id, ==, "1278455344230334865");
  g_assert_cmpstr (get_row (rows, 0)->labels[0], ==, "\\Inbox");
  g_assert_cmpstr (get_row (rows, 0)->labels[1], ==, "Entw\u00fcrfe");
  g_assert_cmpuint (get_row (rows, 1)->modseq, ==, 12);
  return TRUE;
}

static void
test_gmail_by_number (void)
{
  imap_peer_play (
    SIGNED_IN ("X-GM-EXT-1 CONDSTORE")
    "C: A1 SELECT \"INBOX\" (CONDSTORE)\n"
    "S: * 3 EXISTS\n"
    "S: A1 OK\n"
    "C: A2 FETCH 2:3 (UID FLAGS MODSEQ X-GM-MSGID X-GM-LABELS)\n"
    "S: * 2 FETCH (X-GM-MSGID 1278455344230334865 X-GM-LABELS (\"\\\\\\\\Inbox\" \"Entw&APw-rfe\") UID 8)\n"
    "S: * 3 FETCH (UID 9 FLAGS () MODSEQ (12))\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_ids);
}

static gboolean
act_changes (SessionImap  *session,
             GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (1, 100);
  g_autoptr(SessionImapTicket) ticket = NULL;
  g_autoptr(SessionImapRows) rows = NULL;

  if (!open_box (session, error))
    return FALSE;
  ticket = session_imap_start_fetch_changes (session, uids, SESSION_IMAP_FLAGS, 12345);
  if ((rows = session_imap_finish_fetch (session, ticket, error)) == NULL)
    return FALSE;
  g_assert_cmpuint (rows->rows->len, ==, 1);
  g_assert_cmpuint (imap_uidset_count (rows->vanished), ==, 5);
  g_assert_cmpuint (rows->unreadable, ==, 1);
  return TRUE;
}

static void
test_changes_tell_what_vanished (void)
{
  imap_peer_play (
    SIGNED_IN ("ENABLE QRESYNC")
    "C: A1 ENABLE QRESYNC\n"
    "S: * ENABLED QRESYNC\n"
    "S: A1 OK\n"
    SELECTED ("A2")
    "C: A3 UID FETCH 1:100 (UID FLAGS MODSEQ) (CHANGEDSINCE 12345 VANISHED)\n"
    "S: * VANISHED (EARLIER) 3:7\n"
    "S: * 1 FETCH (UID 8 FLAGS () MODSEQ (12346))\n"
    "S: * 1 FETCH (UID 8 FLAGS (\n"
    "S: A3 OK\n",
    NET_SECURITY_TLS, act_changes);
}

static gboolean
act_refused (SessionImap  *session,
             GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (1, 100);
  g_autoptr(SessionImapTicket) ticket = NULL;

  if (!open_box (session, error))
    return FALSE;
  ticket = session_imap_start_fetch (session, uids, SESSION_IMAP_FLAGS);
  g_assert_null (session_imap_finish_fetch (session, ticket, error));
  g_assert_true (session_imap_is_good (session));
  return FALSE;
}

static void
test_refused_fetch (void)
{
  imap_peer_play_error (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 1:100 (UID FLAGS)\n"
    "S: A2 NO [SERVERBUG] sorry\n",
    NET_SECURITY_TLS, act_refused, IMAP_ERROR, IMAP_ERROR_NO);
}

static gboolean
act_nothing (SessionImap  *session,
             GError      **error)
{
  g_autoptr(ImapUidset) none = imap_uidset_new ();
  g_autoptr(SessionImapRows) rows = NULL;

  if (!open_box (session, error))
    return FALSE;
  g_assert_null (session_imap_start_fetch (session, none, SESSION_IMAP_FLAGS));
  g_assert_null (session_imap_start_bodies (session, none, 0, NULL, NULL));
  g_assert_null (session_imap_start_store (session, none, SESSION_IMAP_ADD, IMAP_FLAG_SEEN, NULL, 0));
  g_assert_null (session_imap_start_expunge (session, none));
  rows = session_imap_finish_fetch (session, NULL, error);
  g_assert_cmpuint (rows->rows->len, ==, 0);
  return session_imap_finish_bodies (session, NULL, error);
}

static void
test_nothing_to_do_sends_nothing (void)
{
  imap_peer_play (SIGNED_IN ("") SELECTED ("A1"), NET_SECURITY_TLS, act_nothing);
}

static gboolean
act_long_set (SessionImap  *session,
              GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new ();
  g_autoptr(SessionImapTicket) ticket = NULL;
  g_autoptr(SessionImapRows) rows = NULL;

  if (!open_box (session, error))
    return FALSE;
  for (guint32 uid = 1001; uid < 1601; uid += 2)
    imap_uidset_add (uids, uid, uid);
  ticket = session_imap_start_fetch (session, uids, SESSION_IMAP_FLAGS);
  rows = session_imap_finish_fetch (session, ticket, error);
  g_assert_cmpuint (rows->rows->len, ==, 2);
  return TRUE;
}

/* Yahoo takes no command above 1000 bytes: 300 UIDs of five bytes are two commands. */
static void
test_long_sets_are_several_commands (void)
{
  imap_peer_play (
    SIGNED_IN ("XYMHIGHESTMODSEQ")
    SELECTED ("A1")
    "C-any:\n"
    "C-any:\n"
    "S: * 1 FETCH (UID 1001 FLAGS ())\n"
    "S: A2 OK\n"
    "S: * 2 FETCH (UID 1599 FLAGS ())\n"
    "S: A3 OK\n",
    NET_SECURITY_TLS, act_long_set);
}

/* --- bodies --- */

typedef struct {
  GString *story;
  gboolean wants;
} Story;

static gboolean
story_begin (gpointer data,
             guint32  uid,
             guint64  announced)
{
  Story *story = data;

  g_string_append_printf (story->story, "begin %u %" G_GUINT64_FORMAT "\n", uid, announced);
  return story->wants;
}

static void
story_data (gpointer  data,
            BaseSlice bytes)
{
  Story *story = data;

  /* However it is cut. */
  if (g_str_has_suffix (story->story->str, "|\n"))
    g_string_truncate (story->story, story->story->len - 2);
  for (gsize i = 0; i < bytes.size; i++)
    if (bytes.data[i] != '.')
      g_string_append_c (story->story, (char) bytes.data[i]);
  g_string_append (story->story, "|\n");
}

static void
story_end (gpointer data,
           guint32  uid)
{
  g_string_append_printf (((Story *) data)->story, "end %u\n", uid);
}

static void
story_drop (gpointer data)
{
  g_string_append (((Story *) data)->story, "drop\n");
}

static const SessionImapSink story_sink = { story_begin, story_data, story_end, story_drop };

static gboolean
fetch_bodies (SessionImap  *session,
              Story        *story,
              GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (5, 9);
  g_autoptr(SessionImapTicket) ticket = NULL;

  if (!open_box (session, error))
    return FALSE;
  ticket = session_imap_start_bodies (session, uids, 100, &story_sink, story);
  return session_imap_finish_bodies (session, ticket, error);
}

/* Every story is whole: what began ended or was dropped. */
static void
assert_whole_stories (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  gboolean is_open = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], "begin"))
      {
        g_assert_false (is_open);
        is_open = TRUE;
      }
    else if (g_str_has_prefix (lines[i], "end") || g_str_has_prefix (lines[i], "drop"))
      {
        g_assert_true (is_open);
        is_open = FALSE;
      }
  g_assert_false (is_open);
}

static gboolean
act_short_bodies (SessionImap  *session,
                  GError      **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  Story story = { text, TRUE };
  gboolean is_done = fetch_bodies (session, &story, error);

  assert_whole_stories (text->str);
  if (is_done)
    g_assert_cmpstr (text->str, ==, "begin 5 5\nabcde|\nend 5\nbegin 6 0\nend 6\nbegin 9 3\nxyz|\nend 9\n");
  return is_done;
}

static void
test_short_bodies (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 5:9 (UID BODY.PEEK[])\n"
    "S: * 1 FETCH (UID 5 BODY[] {5}\n"
    "S: abcde)\n"
    "S: * 2 FETCH (UID 6 BODY[] \"\")\n"
    "S: * 2 FETCH (UID 7 BODY[] NIL)\n"
    "S: * 4 EXISTS\n"
    "S: * 2 FETCH (UID 99 BODY[] {2}\n"
    "S: no)\n"
    "S: * 3 FETCH (BODY[] {3}\n"
    "S: xyz FLAGS (\\\\Seen) UID 9)\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_short_bodies);
}

/* Longer than what is kept in memory; the dots are left out of the story. */
static char *
make_long_script (const char *before,
                  const char *after)
{
  g_autofree char *dots = g_strnfill (70000 - 6, '.');

  return g_strconcat (SIGNED_IN ("") SELECTED ("A1") "C: A2 UID FETCH 5:9 (UID BODY.PEEK[])\nS: ", before,
                      "{70000}\nS-raw: abc", dots, "xyz", after, NULL);
}

static void
assert_long_story (const char *before,
                   const char *after,
                   gboolean    wants,
                   gboolean    is_done,
                   const char *expected)
{
  g_autofree char *script = make_long_script (before, after);
  static const PeerFault faults[] = { PEER_AS_WRITTEN, PEER_SPLIT };
  gsize size = peer_count_server_bytes (script);

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      Peer *peer = peer_start (script, faults[i], size - 20);
      SessionImap *session = imap_peer_new_session (peer_take_client (peer), NET_SECURITY_TLS);
      g_autoptr(GString) text = g_string_new (NULL);
      Story story = { text, wants };

      g_assert_cmpint (fetch_bodies (session, &story, NULL), ==, is_done);
      session_imap_free (session);
      g_assert_cmpstr (text->str, ==, expected);
      peer_assert_done (peer);
    }
}

static void
test_long_bodies_stream (void)
{
  assert_long_story ("* 1 FETCH (UID 5 BODY[] ", ")\\r\\nA2 OK\\r\\n\n", TRUE, TRUE,
                     "begin 5 70000\nabcxyz|\nend 5\n");
  assert_long_story ("* 1 FETCH (BODY[] ", " UID 5)\\r\\nA2 OK\\r\\n\n", TRUE, TRUE,
                     "begin 0 70000\nabcxyz|\nend 5\n");
  assert_long_story ("* 1 FETCH (UID 5 BODY[] ", ")\\r\\nA2 OK\\r\\n\n", FALSE, TRUE, "begin 5 70000\n");
  assert_long_story ("* 1 FETCH (UID 99 BODY[] ", ")\\r\\nA2 OK\\r\\n\n", TRUE, TRUE, "");
  assert_long_story ("* 1 FETCH (BODY[1] ", " UID 5)\\r\\nA2 OK\\r\\n\n", TRUE, TRUE, "");
}

/* All octets are there, but the answer is not closed as it must be. */
static void
test_unproven_bodies_are_dropped (void)
{
  assert_long_story ("* 1 FETCH (BODY[] ", ")\\r\\nA2 OK\\r\\n\n", TRUE, TRUE,
                     "begin 0 70000\nabcxyz|\ndrop\n");
  assert_long_story ("* 1 FETCH (BODY[] ", " UID 99)\\r\\nA2 OK\\r\\n\n", TRUE, TRUE,
                     "begin 0 70000\nabcxyz|\ndrop\n");
  assert_long_story ("* 1 FETCH (UID 5 BODY[] ", "\\r\\nA2 OK\\r\\n\n", TRUE, TRUE,
                     "begin 5 70000\nabcxyz|\ndrop\n");
  assert_long_story ("* 1 FETCH (UID 5 BODY[] ", "\ncut\n", TRUE, FALSE, "begin 5 70000\nabcxyz|\ndrop\n");
  assert_long_story ("* 1 FETCH (UID 5 BODY[] ", ")\ncut\n", TRUE, FALSE, "begin 5 70000\nabcxyz|\ndrop\n");
}

static gboolean
act_some_then_no (SessionImap  *session,
                  GError      **error)
{
  g_autoptr(GString) text = g_string_new (NULL);
  Story story = { text, TRUE };
  gboolean is_done = fetch_bodies (session, &story, error);

  g_assert_cmpstr (text->str, ==, "begin 5 3\nabc|\nend 5\n");
  return is_done;
}

static void
test_what_came_before_a_refusal_counts (void)
{
  imap_peer_play_error (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 5:9 (UID BODY.PEEK[])\n"
    "S: * 1 FETCH (UID 5 BODY[] \"abc\")\n"
    "S: A2 NO [UNAVAILABLE] some messages are broken\n",
    NET_SECURITY_TLS, act_some_then_no, IMAP_ERROR, IMAP_ERROR_NO);
}

/* --- letting go --- */

static gboolean
act_dropped_ticket (SessionImap  *session,
                    GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (5, 9);
  g_autoptr(GString) text = g_string_new (NULL);
  Story story = { text, TRUE };
  SessionImapTicket *sent, *unsent;

  if (!open_box (session, error))
    return FALSE;
  sent = session_imap_start_bodies (session, uids, 100, &story_sink, &story);
  if (!session_imap_noop (session, error))
    return FALSE;
  g_assert_cmpstr (text->str, ==, "");
  unsent = session_imap_start_fetch (session, uids, SESSION_IMAP_FLAGS);
  session_imap_ticket_free (unsent);
  session_imap_ticket_free (sent);
  if (!session_imap_noop (session, error))
    return FALSE;
  g_assert_cmpstr (text->str, ==, "");
  return TRUE;
}

static void
test_dropped_tickets_are_swallowed (void)
{
  imap_peer_play (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 5:9 (UID BODY.PEEK[])\n"
    "C: A3 NOOP\n"
    "S: A3 OK\n"
    "C: A5 NOOP\n"
    "S: * 1 FETCH (UID 5 BODY[] \"abc\")\n"
    "S: A2 OK\n"
    "S: A5 OK\n",
    NET_SECURITY_TLS, act_dropped_ticket);
}

static gboolean
act_ticket_outlives_session (SessionImap  *session,
                             GError      **error)
{
  return open_box (session, error);
}

static void
test_ticket_outlives_session (void)
{
  Peer *peer = peer_start (SIGNED_IN ("") SELECTED ("A1"), PEER_AS_WRITTEN, 0);
  SessionImap *session = imap_peer_new_session (peer_take_client (peer), NET_SECURITY_TLS);
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (5, 9);
  SessionImapTicket *ticket;

  g_assert_true (act_ticket_outlives_session (session, NULL));
  ticket = session_imap_start_fetch (session, uids, SESSION_IMAP_FLAGS);
  session_imap_free (session);
  session_imap_ticket_free (ticket);
  peer_assert_done (peer);
}

/* A cancel with little to come keeps the connection, with much it closes it. */
static gboolean
cancel_fetch (SessionImap *session,
              guint64      expected_bytes)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (5, 9);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;
  NetSignals signals = { -1, -1, cancellable };
  Story story = { text, TRUE };
  SessionImapTicket *ticket;

  g_assert_true (open_box (session, &error));
  ticket = session_imap_start_bodies (session, uids, expected_bytes, &story_sink, &story);
  g_assert_true (session_imap_noop (session, &error));
  session_imap_set_signals (session, &signals);
  g_cancellable_cancel (cancellable);
  g_assert_false (session_imap_finish_bodies (session, ticket, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  session_imap_ticket_free (ticket);
  session_imap_set_signals (session, NULL);
  assert_whole_stories (text->str);
  return session_imap_is_good (session);
}

static gboolean
act_cancel_little (SessionImap  *session,
                   GError      **error)
{
  g_assert_true (cancel_fetch (session, 256 * 1024 - 1));
  return session_imap_noop (session, error);
}

static gboolean
act_cancel_much (SessionImap  *session,
                 GError      **error)
{
  g_assert_false (cancel_fetch (session, 256 * 1024));
  g_assert_false (session_imap_noop (session, NULL));
  return TRUE;
}

static void
test_cancel_keeps_or_closes (void)
{
  imap_peer_play (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 5:9 (UID BODY.PEEK[])\n"
    "C: A3 NOOP\n"
    "S: A3 OK\n"
    "C: A4 NOOP\n"
    "S: * 1 FETCH (UID 5 BODY[] \"abc\")\n"
    "S: A2 OK\n"
    "S: A4 OK\n",
    NET_SECURITY_TLS, act_cancel_little);
  imap_peer_play (
    SIGNED_IN ("")
    SELECTED ("A1")
    "C: A2 UID FETCH 5:9 (UID BODY.PEEK[])\n"
    "C: A3 NOOP\n"
    "S: A3 OK\n",
    NET_SECURITY_TLS, act_cancel_much);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/imap-fetch/rows-come-in-any-order", test_rows_come_in_any_order);
  g_test_add_func ("/session/imap-fetch/gmail-by-number", test_gmail_by_number);
  g_test_add_func ("/session/imap-fetch/changes-tell-what-vanished", test_changes_tell_what_vanished);
  g_test_add_func ("/session/imap-fetch/refused-fetch", test_refused_fetch);
  g_test_add_func ("/session/imap-fetch/nothing-to-do-sends-nothing", test_nothing_to_do_sends_nothing);
  g_test_add_func ("/session/imap-fetch/long-sets-are-several-commands", test_long_sets_are_several_commands);
  g_test_add_func ("/session/imap-fetch/short-bodies", test_short_bodies);
  g_test_add_func ("/session/imap-fetch/long-bodies-stream", test_long_bodies_stream);
  g_test_add_func ("/session/imap-fetch/unproven-bodies-are-dropped", test_unproven_bodies_are_dropped);
  g_test_add_func ("/session/imap-fetch/what-came-before-a-refusal-counts",
                   test_what_came_before_a_refusal_counts);
  g_test_add_func ("/session/imap-fetch/dropped-tickets-are-swallowed", test_dropped_tickets_are_swallowed);
  g_test_add_func ("/session/imap-fetch/ticket-outlives-session", test_ticket_outlives_session);
  g_test_add_func ("/session/imap-fetch/cancel-keeps-or-closes", test_cancel_keeps_or_closes);
  return g_test_run ();
}
