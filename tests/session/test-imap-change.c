/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap-peer.h"

#include <string.h>

#define SIGNED_IN(capabilities) "S: * PREAUTH [CAPABILITY IMAP4rev1 " capabilities "] hi\n"

static gboolean
act_store (SessionImap  *session,
           GError      **error)
{
  static const char * const keywords[] = { "$Forwarded", "no good", NULL };
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (5, 9);
  g_autoptr(ImapUidset) modified = NULL, none = NULL;
  g_autoptr(SessionImapTicket) one = NULL, two = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  g_assert_null (session_imap_start_store (session, uids, SESSION_IMAP_ADD, IMAP_FLAG_RECENT, NULL, 0));
  one = session_imap_start_store (session, uids, SESSION_IMAP_ADD, IMAP_FLAG_SEEN | IMAP_FLAG_RECENT,
                                  keywords, 77);
  two = session_imap_start_store (session, uids, SESSION_IMAP_REMOVE, IMAP_FLAG_FLAGGED, NULL, 0);
  if (!session_imap_finish_store (session, one, &modified, error))
    return FALSE;
  g_assert_cmpuint (imap_uidset_count (modified), ==, 2);
  if (!session_imap_finish_store (session, two, &none, error))
    return FALSE;
  g_assert_null (none);
  return TRUE;
}

static void
test_store_is_relative (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    "C: A1 UID STORE 5:9 (UNCHANGEDSINCE 77) +FLAGS.SILENT (\\\\Seen $Forwarded)\n"
    "C: A2 UID STORE 5:9 -FLAGS.SILENT (\\\\Flagged)\n"
    "S: A1 OK [MODIFIED 7,9] Conditional STORE failed\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_store);
}

static gboolean
act_copy (SessionImap  *session,
          GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (304, 305);
  g_autoptr(SessionImapTicket) ticket = NULL;
  g_autoptr(ImapUidMap) map = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  ticket = session_imap_start_copy (session, uids, "Entw&APw-rfe");
  if (!session_imap_finish_copy (session, ticket, &map, error))
    return FALSE;
  g_assert_cmpuint (map->uidvalidity, ==, 38505);
  g_assert_cmpuint (imap_uidmap_find (map, 305), ==, 3957);
  return TRUE;
}

static void
test_copy_tells_where_to (void)
{
  imap_peer_play (
    SIGNED_IN ("UIDPLUS")
    "C: A1 UID COPY 304:305 \"Entw&APw-rfe\"\n"
    "S: A1 OK [COPYUID 38505 304:305 3956:3957] Done\n",
    NET_SECURITY_TLS, act_copy);
}

static gboolean
act_copy_without_map (SessionImap  *session,
                      GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (304, 305);
  g_autoptr(SessionImapTicket) ticket = NULL;
  ImapUidMap *map = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  ticket = session_imap_start_copy (session, uids, "x");
  g_assert_true (session_imap_finish_copy (session, ticket, &map, error));
  g_assert_null (map);
  return TRUE;
}

/* mbsync CVE-2021-3578: a COPYUID that cannot be is no COPYUID. */
static void
test_copyuid_that_cannot_be_is_none (void)
{
  static const char * const answers[] = {
    "OK", "OK [COPYUID 38505 304:305 3956] Done", "OK [COPYUID 0 304:305 3956:3957] Done",
    "OK [COPYUID x] Done", "OK [COPYUID 38505 304:305 1:4294967295] Done",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *script = g_strconcat (SIGNED_IN ("") "C: A1 UID COPY 304:305 \"x\"\nS: A1 ",
                                             answers[i], "\n", NULL);

      imap_peer_play (script, NET_SECURITY_TLS, act_copy_without_map);
    }
}

static gboolean
act_move (SessionImap  *session,
          GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (304, 305);
  g_autoptr(SessionImapTicket) ticket = NULL;
  g_autoptr(ImapUidMap) map = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  ticket = session_imap_start_move (session, uids, "x");
  if (!session_imap_finish_copy (session, ticket, &map, error))
    return FALSE;
  g_assert_cmpuint (imap_uidmap_find (map, 304), ==, 3956);
  return TRUE;
}

static void
test_move_tells_it_before_the_end (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("MOVE")
    "C: A1 UID MOVE 304:305 \"x\"\n"
    "S: * OK [COPYUID 38505 304:305 3956:3957] Moved\n"
    "S: * 1 EXPUNGE\n"
    "S: * 1 EXPUNGE\n"
    "S: A1 OK Done\n",
    NET_SECURITY_TLS, act_move);
}

static void
test_refused_move (void)
{
  imap_peer_play_error (SIGNED_IN ("MOVE") "C: A1 UID MOVE 304:305 \"x\"\nS: A1 NO [TRYCREATE] no\n",
                        NET_SECURITY_TLS, act_move, IMAP_ERROR, IMAP_ERROR_NO);
}

static void
test_move_needs_the_extension (void)
{
  imap_peer_play_error (SIGNED_IN ("UIDPLUS"), NET_SECURITY_TLS, act_move, IMAP_ERROR,
                        IMAP_ERROR_UNSUPPORTED);
}

static gboolean
act_expunge (SessionImap  *session,
             GError      **error)
{
  g_autoptr(ImapUidset) uids = imap_uidset_new_range (304, 305);
  g_autoptr(SessionImapTicket) ticket = NULL;
  gboolean is_done;

  if (!session_imap_open (session, error))
    return FALSE;
  ticket = session_imap_start_expunge (session, uids);
  is_done = session_imap_finish_expunge (session, ticket, error);
  g_assert_true (session_imap_is_good (session));
  return is_done;
}

static void
test_expunge_of_single_messages (void)
{
  imap_peer_play (SIGNED_IN ("UIDPLUS") "C: A1 UID EXPUNGE 304:305\nS: * 1 EXPUNGE\nS: A1 OK\n",
                  NET_SECURITY_TLS, act_expunge);
}

/* Without UIDPLUS not a byte is sent. */
static void
test_expunge_is_never_blind (void)
{
  imap_peer_play_error (SIGNED_IN ("MOVE"), NET_SECURITY_TLS, act_expunge, IMAP_ERROR,
                        IMAP_ERROR_UNSUPPORTED);
}

/* --- append --- */

static gboolean
append_message (SessionImap  *session,
                const char   *text,
                guint64       size,
                guint32      *uid,
                GError      **error)
{
  static const char * const keywords[] = { "$Forwarded", NULL };
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_data (text, (gssize) strlen (text), NULL);
  SessionImapAppend append = {
    .raw_folder = "Sent", .flags = IMAP_FLAG_SEEN | IMAP_FLAG_RECENT, .keywords = keywords, .date = 837596665,
    .stream = stream, .size = size,
  };
  guint32 uidvalidity;

  return session_imap_open (session, error)
         && session_imap_append (session, &append, &uidvalidity, uid, error);
}

static gboolean
act_append (SessionImap  *session,
            GError      **error)
{
  guint32 uid = 99;

  if (!append_message (session, "a\r\nbc\r\n", 7, &uid, error))
    return FALSE;
  g_assert_cmpuint (uid, ==, 3955);
  return TRUE;
}

static void
test_append_asks_first (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    "C: A1 APPEND \"Sent\" (\\\\Seen $Forwarded) \"17-Jul-1996 09:44:25 +0000\" {7}\n"
    "S: + go\n"
    "C: a\n"
    "C: bc\n"
    "C: \n"
    "S: A1 OK [APPENDUID 38505 3955] APPEND completed\n",
    NET_SECURITY_TLS, act_append);
}

static void
test_append_without_asking (void)
{
  imap_peer_play (
    SIGNED_IN ("LITERAL+")
    "C: A1 APPEND \"Sent\" (\\\\Seen $Forwarded) \"17-Jul-1996 09:44:25 +0000\" {7+}\n"
    "C: a\n"
    "C: bc\n"
    "C: \n"
    "S: A1 OK [APPENDUID 38505 3955] APPEND completed\n",
    NET_SECURITY_TLS, act_append);
}

static gboolean
act_append_refused (SessionImap  *session,
                    GError      **error)
{
  guint32 uid;
  gboolean is_done = append_message (session, "a\r\nbc\r\n", 7, &uid, error);

  g_assert_cmpint (imap_error_get_code (*error), ==, IMAP_CODE_TRYCREATE);
  g_assert_true (session_imap_noop (session, NULL));
  return is_done;
}

static void
test_refused_append_keeps_step (void)
{
  imap_peer_play_error (
    SIGNED_IN ("")
    "C: A1 APPEND \"Sent\" (\\\\Seen $Forwarded) \"17-Jul-1996 09:44:25 +0000\" {7}\n"
    "S: A1 NO [TRYCREATE] no such folder\n"
    "C: A2 NOOP\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_append_refused, IMAP_ERROR, IMAP_ERROR_NO);
}

static gboolean
act_append_short (SessionImap  *session,
                  GError      **error)
{
  guint32 uid;
  gboolean is_done = append_message (session, "a\r\nbc\r\n", 8, &uid, error);

  g_assert_false (session_imap_is_good (session));
  return is_done;
}

/* A message that ends early must not be filled up with the next command. */
static void
test_append_that_ends_early_closes (void)
{
  imap_peer_play_error (
    SIGNED_IN ("LITERAL+")
    "C: A1 APPEND \"Sent\" (\\\\Seen $Forwarded) \"17-Jul-1996 09:44:25 +0000\" {8+}\n"
    "C: a\n"
    "C: bc\n",
    NET_SECURITY_TLS, act_append_short, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT);
}

static gboolean
act_append_without_uid (SessionImap  *session,
                        GError      **error)
{
  guint32 uid = 99;

  g_assert_true (append_message (session, "a\r\nbc\r\n", 7, &uid, error));
  g_assert_cmpuint (uid, ==, 0);
  return TRUE;
}

static void
test_appenduid_that_cannot_be_is_none (void)
{
  static const char * const answers[] = {
    "OK", "OK [APPENDUID 38505] x", "OK [APPENDUID 0 5] x", "OK [APPENDUID 38505 5:6] x",
    "OK [APPENDUID 38505 0] x", "OK [APPENDUID 38505 4294967296] x",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autofree char *script = g_strconcat (
        SIGNED_IN ("LITERAL+")
        "C: A1 APPEND \"Sent\" (\\\\Seen $Forwarded) \"17-Jul-1996 09:44:25 +0000\" {7+}\n"
        "C: a\n"
        "C: bc\n"
        "C: \n"
        "S: A1 ", answers[i], "\n", NULL);

      imap_peer_play (script, NET_SECURITY_TLS, act_append_without_uid);
    }
}

static gboolean
act_append_bytes (SessionImap  *session,
                  GError      **error)
{
  g_autofree char *text = g_strnfill (300000, 'x');
  g_autoptr(GBytes) bytes = g_bytes_new (text, 300000);
  SessionImapAppend append = { .raw_folder = "Sent", .bytes = bytes };
  guint32 uidvalidity, uid;

  return session_imap_open (session, error)
         && session_imap_append (session, &append, &uidvalidity, &uid, error);
}

static gboolean
act_append_bytes_refused (SessionImap  *session,
                          GError      **error)
{
  g_autoptr(GError) refused = NULL;

  g_assert_false (act_append_bytes (session, &refused));
  g_assert_error (refused, IMAP_ERROR, IMAP_ERROR_NO);
  return session_imap_noop (session, error);
}

/* In steps, with LITERAL- above its limit, and a refusal on the way: all is sent, since the server reads to
 * the end. */
static void
test_long_append (void)
{
  g_autofree char *text = g_strnfill (300000, 'x');
  g_autofree char *asked = g_strconcat (SIGNED_IN ("LITERAL-") "C: A1 APPEND \"Sent\" {300000}\nS: + go\nC: ",
                                        text, "\nS: A1 OK\n", NULL);
  g_autofree char *refused = g_strconcat (SIGNED_IN ("LITERAL+") "C: A1 APPEND \"Sent\" {300000+}\nS: A1 NO "
                                          "[OVERQUOTA] x\nC: ",
                                          text, "\nC: A2 NOOP\nS: A2 OK\n", NULL);

  imap_peer_play (asked, NET_SECURITY_TLS, act_append_bytes);
  imap_peer_play (refused, NET_SECURITY_TLS, act_append_bytes_refused);
}

/* --- search --- */

static gboolean
act_search (SessionImap  *session,
            GError      **error)
{
  g_autoptr(ImapUidset) found = NULL, none = NULL;
  g_autofree char *text = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  if ((found = session_imap_search_message_id (session, "a\"b@c", error)) == NULL)
    return FALSE;
  text = imap_uidset_to_string (found);
  g_assert_cmpstr (text, ==, "2:3,84");
  if ((none = session_imap_search_message_id (session, "<x>", error)) == NULL)
    return FALSE;
  g_assert_true (imap_uidset_is_empty (none));
  return TRUE;
}

static void
test_search_by_message_id (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    "C: A1 UID SEARCH HEADER Message-ID \"<a\\\\\\\"b@c>\"\n"
    "S: * SEARCH 84 2 3\n"
    "S: A1 OK\n"
    "C: A2 UID SEARCH HEADER Message-ID \"<x>\"\n"
    "S: * SEARCH\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_search);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/imap-change/store-is-relative", test_store_is_relative);
  g_test_add_func ("/session/imap-change/copy-tells-where-to", test_copy_tells_where_to);
  g_test_add_func ("/session/imap-change/copyuid-that-cannot-be-is-none",
                   test_copyuid_that_cannot_be_is_none);
  g_test_add_func ("/session/imap-change/move-tells-it-before-the-end", test_move_tells_it_before_the_end);
  g_test_add_func ("/session/imap-change/refused-move", test_refused_move);
  g_test_add_func ("/session/imap-change/move-needs-the-extension", test_move_needs_the_extension);
  g_test_add_func ("/session/imap-change/expunge-of-single-messages", test_expunge_of_single_messages);
  g_test_add_func ("/session/imap-change/expunge-is-never-blind", test_expunge_is_never_blind);
  g_test_add_func ("/session/imap-change/append-asks-first", test_append_asks_first);
  g_test_add_func ("/session/imap-change/append-without-asking", test_append_without_asking);
  g_test_add_func ("/session/imap-change/refused-append-keeps-step", test_refused_append_keeps_step);
  g_test_add_func ("/session/imap-change/append-that-ends-early-closes", test_append_that_ends_early_closes);
  g_test_add_func ("/session/imap-change/appenduid-that-cannot-be-is-none",
                   test_appenduid_that_cannot_be_is_none);
  g_test_add_func ("/session/imap-change/long-append", test_long_append);
  g_test_add_func ("/session/imap-change/search-by-message-id", test_search_by_message_id);
  return g_test_run ();
}
