/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "imap-peer.h"

#include <sys/eventfd.h>
#include <unistd.h>

#define SIGNED_IN(capabilities) "S: * PREAUTH [CAPABILITY IMAP4rev1 " capabilities "] hi\n"
#define WITH_QRESYNC \
  SIGNED_IN ("ENABLE QRESYNC") \
  "C: A1 ENABLE QRESYNC\n" \
  "S: * ENABLED QRESYNC\n" \
  "S: A1 OK\n"

static SessionImapBox *
open_inbox (SessionImap  *session,
            GError      **error)
{
  if (!session_imap_open (session, error))
    return NULL;
  return session_imap_select (session, "INBOX", SESSION_IMAP_READ_WRITE, NULL, error);
}

/* --- opening --- */

static gboolean
act_select (SessionImap  *session,
            GError      **error)
{
  g_autoptr(SessionImapBox) box = open_inbox (session, error);

  if (box == NULL)
    return FALSE;
  g_assert_cmpuint (box->exists, ==, 172);
  g_assert_cmpuint (box->uidvalidity, ==, 3857529045);
  g_assert_cmpuint (box->uidnext, ==, 4392);
  g_assert_cmpuint (box->highestmodseq, ==, 715194045007);
  g_assert_cmpint (box->permanent_flags, ==, IMAP_FLAG_DELETED | IMAP_FLAG_SEEN | IMAP_FLAG_ANY);
  g_assert_cmpstr (box->keywords[0], ==, "$Junk");
  g_assert_cmpstr (box->mailbox_id, ==, "F2212ea87");
  g_assert_false (box->is_read_only);
  g_assert_null (box->vanished);
  g_assert_cmpstr (session_imap_peek_selected (session), ==, "INBOX");
  return TRUE;
}

static void
test_select (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    "C: A1 SELECT \"INBOX\"\n"
    "S: * 172 EXISTS\n"
    "S: * 1 RECENT\n"
    "S: * OK [UNSEEN 12] Message 12 is first unseen\n"
    "S: * OK [UIDVALIDITY 3857529045] UIDs valid\n"
    "S: * OK [UIDNEXT 4392] Predicted next UID\n"
    "S: * OK [HIGHESTMODSEQ 715194045007] Highest\n"
    "S: * OK [MAILBOXID (F2212ea87)] Ok\n"
    "S: * FLAGS (\\\\Answered \\\\Flagged \\\\Deleted \\\\Seen \\\\Draft)\n"
    "S: * OK [PERMANENTFLAGS (\\\\Deleted \\\\Seen $Junk \\\\*)] Limited\n"
    "S: A1 OK [READ-WRITE] SELECT completed\n",
    NET_SECURITY_TLS, act_select);
}

static gboolean
act_bare_select (SessionImap  *session,
                 GError      **error)
{
  g_autoptr(SessionImapBox) box = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  if ((box = session_imap_select (session, "a\"b", SESSION_IMAP_READ_ONLY, NULL, error)) == NULL)
    return FALSE;
  g_assert_cmpuint (box->exists, ==, 0);
  g_assert_cmpuint (box->uidvalidity, ==, 0);
  g_assert_cmpint (box->permanent_flags, ==, IMAP_FLAGS_SETTABLE);
  g_assert_true (box->is_read_only);
  return TRUE;
}

static void
test_server_that_says_little (void)
{
  imap_peer_play (SIGNED_IN ("") "C: A1 EXAMINE \"a\\\\\\\"b\"\nS: A1 OK [READ-ONLY]\n", NET_SECURITY_TLS,
                  act_bare_select);
}

static gboolean
act_refused_select (SessionImap  *session,
                    GError      **error)
{
  g_autoptr(SessionImapBox) box = open_inbox (session, error), other = NULL;
  g_autoptr(GError) refused = NULL;

  g_assert_nonnull (box);
  other = session_imap_select (session, "gone", SESSION_IMAP_READ_WRITE, NULL, &refused);
  g_assert_null (other);
  g_assert_error (refused, IMAP_ERROR, IMAP_ERROR_NO);
  g_assert_cmpstr (refused->message, ==,
                   "Cannot open folder gone on mail.example.org: the server refuses [NONEXISTENT]");
  g_assert_null (session_imap_peek_selected (session));
  return TRUE;
}

static void
test_refused_select_leaves_none (void)
{
  imap_peer_play (
    SIGNED_IN ("")
    "C: A1 SELECT \"INBOX\"\n"
    "S: A1 OK\n"
    "C: A2 SELECT \"gone\"\n"
    "S: A2 NO [NONEXISTENT] no\n",
    NET_SECURITY_TLS, act_refused_select);
}

static gboolean
act_resync (SessionImap  *session,
            GError      **error)
{
  g_autoptr(SessionImapBox) box = open_inbox (session, error), other = NULL;
  g_autoptr(ImapUidset) known = imap_uidset_new_range (1, 50);
  SessionImapResync resync = { 7, 100, known };
  g_autofree char *vanished = NULL;

  if (box == NULL)
    return FALSE;
  if ((other = session_imap_select (session, "b", SESSION_IMAP_READ_WRITE, &resync, error)) == NULL)
    return FALSE;
  g_assert_cmpuint (other->exists, ==, 8);
  g_assert_cmpuint (other->highestmodseq, ==, 120);
  vanished = imap_uidset_to_string (other->vanished);
  g_assert_cmpstr (vanished, ==, "3:7");
  g_assert_cmpuint (other->changed->len, ==, 1);
  g_assert_cmpuint (g_array_index (other->changed, SessionImapRow, 0).uid, ==, 9);
  g_assert_cmpuint (other->unreadable, ==, 0);
  return TRUE;
}

/* What comes before "[CLOSED]" is about the folder before. */
static void
test_resync_tells_the_folders_apart (void)
{
  imap_peer_play_faults (
    WITH_QRESYNC
    "C: A2 SELECT \"INBOX\"\n"
    "S: * 3 EXISTS\n"
    "S: A2 OK\n"
    "C: A3 SELECT \"b\" (QRESYNC (7 100 1:50))\n"
    "S: * VANISHED 40\n"
    "S: * 1 FETCH (UID 41 FLAGS (\\\\Deleted))\n"
    "S: * OK [CLOSED] Previous mailbox closed\n"
    "S: * 8 EXISTS\n"
    "S: * OK [UIDVALIDITY 7]\n"
    "S: * OK [HIGHESTMODSEQ 120]\n"
    "S: * VANISHED (EARLIER) 3:7\n"
    "S: * 1 FETCH (UID 9 FLAGS (\\\\Seen) MODSEQ (110))\n"
    "S: A3 OK\n",
    NET_SECURITY_TLS, act_resync);
}

/* --- news --- */

static gboolean
act_news (SessionImap  *session,
          GError      **error)
{
  g_autoptr(SessionImapBox) box = open_inbox (session, error);
  g_auto(SessionImapNews) news = { 0 }, none = { 0 };

  if (box == NULL)
    return FALSE;
  g_assert_false (session_imap_has_news (session));
  if (!session_imap_noop (session, error))
    return FALSE;
  g_assert_true (session_imap_has_news (session));
  session_imap_take_news (session, &news);
  g_assert_cmpuint (news.exists, ==, 5);
  g_assert_true (news.has_grown);
  g_assert_cmpuint (news.expunged, ==, 1);
  g_assert_cmpuint (news.changed->len, ==, 1);
  g_assert_cmpuint (g_array_index (news.changed, SessionImapRow, 0).uid, ==, 9);
  g_assert_false (news.has_more);
  g_assert_false (session_imap_has_news (session));
  session_imap_take_news (session, &none);
  g_assert_cmpuint (none.exists, ==, 5);
  return TRUE;
}

static void
test_news_are_kept_until_taken (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("")
    "C: A1 SELECT \"INBOX\"\n"
    "S: * 3 EXISTS\n"
    "S: A1 OK\n"
    "C: A2 NOOP\n"
    "S: * 2 EXPUNGE\n"
    "S: * 5 EXISTS\n"
    "S: * 1 FETCH (UID 9 FLAGS (\\\\Seen))\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_news);
}

static gboolean
act_confused (SessionImap  *session,
              GError      **error)
{
  g_autoptr(SessionImapBox) box = open_inbox (session, error);
  g_auto(SessionImapNews) news = { 0 };

  g_assert_nonnull (box);
  g_assert_true (session_imap_noop (session, error));
  session_imap_take_news (session, &news);
  g_assert_true (news.has_more);
  return TRUE;
}

static void
test_servers_that_lost_count_are_looked_at_again (void)
{
  static const char * const said[] = {
    "* 0 EXPUNGE", "* 4 EXPUNGE", "* 2 EXISTS", "* 1 FETCH (FLAGS (\\\\Seen))", "* VANISHED 1:*",
    "* 1 FETCH (UID",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (said); i++)
    {
      g_autofree char *script = g_strconcat (SIGNED_IN ("") "C: A1 SELECT \"INBOX\"\nS: * 3 EXISTS\nS: A1 "
                                             "OK\nC: A2 NOOP\nS: ",
                                             said[i], "\nS: A2 OK\n", NULL);

      imap_peer_play (script, NET_SECURITY_TLS, act_confused);
    }
}

/* --- idle --- */

static gboolean
act_idle (SessionImap  *session,
          GError      **error)
{
  g_autoptr(SessionImapBox) box = open_inbox (session, error);
  g_auto(SessionImapNews) news = { 0 };
  SessionImapIdle reason;

  if (box == NULL || (reason = session_imap_idle (session, 0, error)) == IMAP_IDLE_FAILED)
    return FALSE;
  g_assert_cmpint (reason, ==, IMAP_IDLE_NEWS);
  /* They were not taken: it does not wait again. */
  g_assert_cmpint (session_imap_idle (session, 0, error), ==, IMAP_IDLE_NEWS);
  session_imap_take_news (session, &news);
  g_assert_cmpuint (news.exists, ==, 4);
  return TRUE;
}

static void
test_idle_ends_with_news (void)
{
  imap_peer_play_faults (
    SIGNED_IN ("IDLE")
    "C: A1 SELECT \"INBOX\"\n"
    "S: * 3 EXISTS\n"
    "S: A1 OK\n"
    "C: A2 IDLE\n"
    "S: + idling\n"
    "S: * OK Still here\n"
    "S: * 4 EXISTS\n"
    "C: DONE\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_idle);
  /* Exchange tells news before it takes IDLE. */
  imap_peer_play (
    SIGNED_IN ("IDLE")
    "C: A1 SELECT \"INBOX\"\n"
    "S: * 3 EXISTS\n"
    "S: A1 OK\n"
    "C: A2 IDLE\n"
    "S: * 4 EXISTS\n"
    "S: + idling\n"
    "C: DONE\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_idle);
}

static gboolean
act_idle_expires (SessionImap  *session,
                  GError      **error)
{
  NetSignals signals = { eventfd (1, EFD_CLOEXEC), -1, NULL };
  SessionImapIdle reason;

  if (!session_imap_open (session, error))
    return FALSE;
  reason = session_imap_idle (session, base_clock_steady_us () + 1000, error);
  if (reason == IMAP_IDLE_EXPIRED)
    {
      session_imap_set_signals (session, &signals);
      reason = session_imap_idle (session, 0, error);
      g_assert_true (reason == IMAP_IDLE_WOKEN || reason == IMAP_IDLE_FAILED);
    }
  session_imap_set_signals (session, NULL);
  close (signals.wake_fd);
  return reason == IMAP_IDLE_WOKEN;
}

static void
test_idle_ends_by_deadline_and_work (void)
{
  imap_peer_play (
    SIGNED_IN ("IDLE")
    "C: A1 IDLE\n"
    "S: + idling\n"
    "C: DONE\n"
    "S: A1 OK\n"
    "C: A2 IDLE\n"
    "S: + idling\n"
    "C: DONE\n"
    "S: A2 OK\n",
    NET_SECURITY_TLS, act_idle_expires);
}

static gboolean
act_idle_fails (SessionImap  *session,
                GError      **error)
{
  return session_imap_open (session, error) && session_imap_idle (session, 0, error) != IMAP_IDLE_FAILED;
}

static void
test_idle_that_does_not_work (void)
{
  imap_peer_play_error (SIGNED_IN (""), NET_SECURITY_TLS, act_idle_fails, IMAP_ERROR, IMAP_ERROR_UNSUPPORTED);
  imap_peer_play_error (SIGNED_IN ("IDLE") "C: A1 IDLE\nS: A1 BAD what\n", NET_SECURITY_TLS, act_idle_fails,
                        IMAP_ERROR, IMAP_ERROR_BAD);
  imap_peer_play_error (SIGNED_IN ("IDLE") "C: A1 IDLE\nS: + idling\nS: * BYE Autologout\n", NET_SECURITY_TLS,
                        act_idle_fails, IMAP_ERROR, IMAP_ERROR_BYE);
  imap_peer_play_error (SIGNED_IN ("IDLE") "C: A1 IDLE\nS: + idling\ncut\n", NET_SECURITY_TLS, act_idle_fails,
                        NET_ERROR, NET_ERROR_CLOSED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/imap-box/select", test_select);
  g_test_add_func ("/session/imap-box/server-that-says-little", test_server_that_says_little);
  g_test_add_func ("/session/imap-box/refused-select-leaves-none", test_refused_select_leaves_none);
  g_test_add_func ("/session/imap-box/resync-tells-the-folders-apart", test_resync_tells_the_folders_apart);
  g_test_add_func ("/session/imap-box/news-are-kept-until-taken", test_news_are_kept_until_taken);
  g_test_add_func ("/session/imap-box/servers-that-lost-count-are-looked-at-again",
                   test_servers_that_lost_count_are_looked_at_again);
  g_test_add_func ("/session/imap-box/idle-ends-with-news", test_idle_ends_with_news);
  g_test_add_func ("/session/imap-box/idle-ends-by-deadline-and-work", test_idle_ends_by_deadline_and_work);
  g_test_add_func ("/session/imap-box/idle-that-does-not-work", test_idle_that_does_not_work);
  return g_test_run ();
}
