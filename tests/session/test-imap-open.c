/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "imap-peer.h"

#include <string.h>

static gboolean
act_open (SessionImap  *session,
          GError      **error)
{
  return session_imap_open (session, error);
}

static gboolean
act_connect (SessionImap  *session,
             GError      **error)
{
  return session_imap_connect (session, error);
}

static gboolean
act_open_and_leave (SessionImap  *session,
                    GError      **error)
{
  char delimiter;

  if (!session_imap_open (session, error))
    return FALSE;
  g_assert_cmpstr (session_imap_peek_server (session), ==, "Dovecot 2.3");
  g_assert_cmpstr (session_imap_peek_prefix (session, &delimiter), ==, "INBOX.");
  g_assert_cmpint (delimiter, ==, '.');
  g_assert_true (session_imap_can (session, IMAP_CAN_QRESYNC));
  g_assert_true (session_imap_can (session, IMAP_CAN_CONDSTORE));
  g_assert_true (session_imap_can (session, IMAP_CAN_UTF8_ACCEPT));
  g_assert_true (session_imap_can (session, IMAP_CAN_MOVE));
  session_imap_logout (session);
  g_assert_false (session_imap_is_good (session));
  return TRUE;
}

#define CAPABILITIES "IMAP4rev1 ID ENABLE QRESYNC UTF8=ACCEPT NAMESPACE MOVE SASL-IR"
#define AFTER_SIGN_IN(first, second, third) \
  "C: " first " ID (\"name\" \"Penfold\" \"version\" \"" PENFOLD_VERSION "\")\n" \
  "C: " second " ENABLE QRESYNC UTF8=ACCEPT\n" \
  "C: " third " NAMESPACE\n" \
  "S: * ID (\"name\" \"Dovecot\" \"version\" \"2.3\")\n" \
  "S: " first " OK ID completed\n" \
  "S: * ENABLED QRESYNC UTF8=ACCEPT\n" \
  "S: " second " OK Enabled\n" \
  "S: * NAMESPACE ((\"INBOX.\" \".\")) NIL NIL\n" \
  "S: " third " OK done\n"

static void
test_plain_with_initial_response (void)
{
  imap_peer_play_faults (
    "S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] Dovecot ready.\n"
    "C: A1 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n"
    "S: A1 OK [CAPABILITY " CAPABILITIES "] Logged in\n"
    AFTER_SIGN_IN ("A2", "A3", "A4")
    "C: A5 LOGOUT\n"
    "S: * BYE Logging out\n"
    "S: A5 OK done\n",
    NET_SECURITY_TLS, act_open_and_leave);
}

/* The server tells its capabilities at no time by itself: they are asked for before and after. */
static void
test_capabilities_are_asked_for (void)
{
  imap_peer_play (
    "S: * OK hi\n"
    "C: A1 CAPABILITY\n"
    "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN\n"
    "S: A1 OK\n"
    "C: A2 AUTHENTICATE PLAIN\n"
    "S: + \n"
    "C: AGFubgBzZWNyZXQ=\n"
    "S: A2 OK\n"
    "C: A3 CAPABILITY\n"
    "S: * CAPABILITY " CAPABILITIES "\n"
    "S: A3 OK\n"
    AFTER_SIGN_IN ("A4", "A5", "A6")
    "C: A7 LOGOUT\n"
    "S: * BYE\n"
    "S: A7 OK\n",
    NET_SECURITY_TLS, act_open_and_leave);
}

static void
test_login_where_no_mechanism_is_offered (void)
{
  imap_peer_play (
    "S: * OK [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 LOGIN \"ann\" \"secret\"\n"
    "S: A1 OK [CAPABILITY IMAP4rev1] in\n",
    NET_SECURITY_TLS, act_open);
}

static void
test_cram_md5_over_a_plain_line (void)
{
  imap_peer_play (
    "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=CRAM-MD5] hi\n"
    "C: A1 AUTHENTICATE CRAM-MD5\n"
    "S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
    "C-any:\n"
    "S: A1 OK [CAPABILITY IMAP4rev1] in\n",
    NET_SECURITY_NONE, act_open);
}

static void
test_wrong_password_is_told (void)
{
  static const struct { const char *answer; int code; } cases[] = {
    { "NO [AUTHENTICATIONFAILED] Authentication failed.", IMAP_ERROR_AUTH_REJECTED },
    { "NO Login failed", IMAP_ERROR_AUTH_REJECTED },
    { "NO [ALERT] Application-specific password required", IMAP_ERROR_AUTH_REJECTED },
    { "NO [EXPIRED] Change your password", IMAP_ERROR_AUTH_REJECTED },
    { "NO [ALERT] Too many simultaneous connections. (Failure)", IMAP_ERROR_NO },
    { "NO [UNAVAILABLE] Try again later", IMAP_ERROR_NO },
    { "NO [INUSE] locked", IMAP_ERROR_NO },
    { "NO Account is temporarily unavailable", IMAP_ERROR_NO },
    { "BAD Request is throttled. Suggested Backoff Time: 299000 milliseconds", IMAP_ERROR_BAD },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *script = g_strdup_printf ("S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\n"
                                                 "C: A1 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n"
                                                 "S: A1 %s\n", cases[i].answer);

      imap_peer_play_error (script, NET_SECURITY_TLS, act_open, IMAP_ERROR, cases[i].code);
    }
}

static gboolean
act_wrong_password_words (SessionImap  *session,
                          GError      **error)
{
  g_autoptr(GError) refused = NULL;

  g_assert_false (session_imap_open (session, &refused));
  g_assert_cmpstr (refused->message, ==, "The server mail.example.org does not accept the password of ann");
  g_assert_cmpstr (imap_error_peek_text (refused), ==, "Nope");
  g_assert_cmpint (imap_error_get_code (refused), ==, IMAP_CODE_AUTHENTICATIONFAILED);
  return TRUE;
}

static void
test_wrong_password_in_words (void)
{
  imap_peer_play ("S: * OK [CAPABILITY IMAP4rev1] hi\n"
                  "C: A1 LOGIN \"ann\" \"secret\"\n"
                  "S: A1 NO [AUTHENTICATIONFAILED] Nope\n",
                  NET_SECURITY_TLS, act_wrong_password_words);
}

/* RFC 4422: what the mechanism cannot answer is cancelled. */
static void
test_bad_challenge_is_cancelled (void)
{
  imap_peer_play_error (
    "S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256] hi\n"
    "C: A1 AUTHENTICATE SCRAM-SHA-256\n"
    "S: +\n"
    "C-any:\n"
    "S: + bm9uc2Vuc2U=\n"
    "C: *\n"
    "S: A1 BAD cancelled\n",
    NET_SECURITY_TLS, act_open, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE);
}

/* A server that says yes before it proved anything is not the one that knows the password. */
static void
test_early_yes_is_worth_nothing (void)
{
  imap_peer_play_error (
    "S: * OK [CAPABILITY IMAP4rev1 AUTH=SCRAM-SHA-256] hi\n"
    "C: A1 AUTHENTICATE SCRAM-SHA-256\n"
    "S: +\n"
    "C-any:\n"
    "S: A1 OK [CAPABILITY IMAP4rev1] come in\n",
    NET_SECURITY_TLS, act_open, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE);
}

/* --- before TLS --- */

static gboolean
act_starttls (SessionImap  *session,
              GError      **error)
{
  if (!session_imap_open (session, error))
    return FALSE;
  g_assert_false (session_imap_can (session, IMAP_CAN_MOVE));
  g_assert_null (session_imap_take_alert (session));
  return TRUE;
}

static void
test_starttls_forgets_what_came_before (void)
{
  imap_peer_play_faults (
    "S: * OK [CAPABILITY IMAP4rev1 STARTTLS MOVE AUTH=CRAM-MD5] hi\n"
    "S: * OK [ALERT] Buy something\n"
    "S: * 9 EXISTS\n"
    "S: * LIST () \"/\" evil\n"
    "C: A1 STARTTLS\n"
    "S: * CAPABILITY IMAP4rev1 MOVE\n"
    "S: A1 OK go\n"
    "C: A2 CAPABILITY\n"
    "S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN\n"
    "S: A2 OK\n"
    "C: A3 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n"
    "S: A3 OK [CAPABILITY IMAP4rev1] in\n",
    NET_SECURITY_STARTTLS, act_starttls);
}

/* Whatever is not a plain yes: nothing is sent in clear. */
static void
test_no_tls_no_password (void)
{
  static const struct { const char *script; int code; } cases[] = {
    { "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\nC: A1 STARTTLS\nS: A1 BAD what\n", IMAP_ERROR_NO_TLS },
    { "S: * OK [CAPABILITY IMAP4rev1 STARTTLS] hi\nC: A1 STARTTLS\nS: A1 NO not now\n", IMAP_ERROR_NO_TLS },
    { "S: * OK hi\nC: A1 STARTTLS\nS: A1 junk\n", IMAP_ERROR_PROTOCOL },
    { "S: * OK hi\nC: A1 STARTTLS\nS: * BYE go away\n", IMAP_ERROR_BYE },
    { "S: * PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome\n", IMAP_ERROR_NO_TLS },
    { "S: * BYE go away\n", IMAP_ERROR_BYE },
    { "S: nonsense\n", IMAP_ERROR_PROTOCOL },
    { "S: A1 OK begin\n", IMAP_ERROR_PROTOCOL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    imap_peer_play_error (cases[i].script, NET_SECURITY_STARTTLS, act_open, IMAP_ERROR, cases[i].code);
}

/* "NO STARTTLS" B_1 to B_3: what comes in the same segment as the answer. */
static void
test_injected_bytes_end_the_connection (void)
{
  static const char * const injected[] = {
    "S: * CAPABILITY IMAP4rev1 AUTH=PLAIN\n", "S-raw: *\n", "S: A2 OK [CAPABILITY IMAP4rev1] x\n",
    "S-raw: \\0\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (injected); i++)
    {
      g_autofree char *script = g_strconcat ("S: * OK hi\nC: A1 STARTTLS\nS: A1 OK go\n", injected[i], NULL);

      imap_peer_play_error (script, NET_SECURITY_STARTTLS, act_open, NET_ERROR, NET_ERROR_INJECTION);
    }
}

static gboolean
act_unquoted (SessionImap  *session,
              GError      **error)
{
  g_autoptr(GError) failure = NULL;

  g_assert_false (session_imap_open (session, &failure));
  g_assert_cmpstr (imap_error_peek_text (failure), ==, "");
  g_assert_null (strstr (failure->message, "call"));
  return TRUE;
}

/* Who is not known yet is not quoted. */
static void
test_words_before_tls_are_not_shown (void)
{
  imap_peer_play ("S: * BYE [ALERT] Please call 555-1234\n", NET_SECURITY_STARTTLS, act_unquoted);
  imap_peer_play ("S: * OK hi\nC: A1 STARTTLS\nS: A1 NO [ALERT] Please call 555-1234\n",
                  NET_SECURITY_STARTTLS, act_unquoted);
  imap_peer_play ("S: * OK hi\nC: A1 STARTTLS\nS: * BYE Please call 555-1234\n", NET_SECURITY_STARTTLS,
                  act_unquoted);
}

static void
test_logindisabled_is_obeyed (void)
{
  imap_peer_play_error ("S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED] hi\n", NET_SECURITY_TLS, act_open,
                        SASL_ERROR, SASL_ERROR_NO_MECHANISM);
}

static void
test_referral_is_a_refusal (void)
{
  imap_peer_play_error ("S: * OK [CAPABILITY IMAP4rev1] hi\n"
                        "C: A1 LOGIN \"ann\" \"secret\"\n"
                        "S: A1 NO [REFERRAL IMAP://ann;AUTH=*@evil.example/] go there\n",
                        NET_SECURITY_TLS, act_open, IMAP_ERROR, IMAP_ERROR_AUTH_REJECTED);
}

/* Without the user's word a plain line gets no password, whatever the server offers. */
static void
test_plain_line_gets_no_password (void)
{
  static const char * const scripts[] = {
    "S: * OK [CAPABILITY IMAP4rev1 AUTH=PLAIN AUTH=LOGIN] hi\n", "S: * OK [CAPABILITY IMAP4rev1] hi\n",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      Peer *peer = peer_start (scripts[i], PEER_AS_WRITTEN, 0);
      g_autoptr(GIOStream) client = peer_take_client (peer);
      g_autoptr(BaseSecret) password = base_secret_new ("secret");
      SessionImapLogin login = {
        .where = { .host = "mail.example.org", .port = 143, .security = NET_SECURITY_NONE }, .user = "ann",
                 .password = password,
      };
      SessionImap *session = session_imap_new_on_wire (&login, net_wire_new_for_stream (client, FALSE));
      g_autoptr(GError) error = NULL;

      g_clear_object (&client);
      g_assert_false (session_imap_open (session, &error));
      g_assert_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM);
      session_imap_free (session);
      peer_assert_done (peer);
    }
}

static gboolean
act_icloud (SessionImap  *session,
            GError      **error)
{
  if (!session_imap_open (session, error))
    return FALSE;
  g_assert_false (session_imap_can (session, IMAP_CAN_QRESYNC));
  g_assert_true (session_imap_can (session, IMAP_CAN_CONDSTORE));
  return TRUE;
}

static void
test_icloud_gets_no_qresync (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC XAPPLEPUSHSERVICE] hi\n"
    "C: A1 ENABLE CONDSTORE\n"
    "S: A1 OK\n",
    NET_SECURITY_TLS, act_icloud);
}

static gboolean
act_unconfirmed (SessionImap  *session,
                 GError      **error)
{
  if (!session_imap_open (session, error))
    return FALSE;
  g_assert_false (session_imap_can (session, IMAP_CAN_QRESYNC));
  return TRUE;
}

static void
test_what_is_not_confirmed_is_not_used (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE QRESYNC ID NAMESPACE] hi\n"
    "C: A1 ID (\"name\" \"Penfold\" \"version\" \"" PENFOLD_VERSION "\")\n"
    "C: A2 ENABLE QRESYNC\n"
    "C: A3 NAMESPACE\n"
    "S: A1 BAD what\n"
    "S: A2 OK whatever\n"
    "S: A3 NO no\n",
    NET_SECURITY_TLS, act_unconfirmed);
}

static gboolean
act_alert (SessionImap  *session,
           GError      **error)
{
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  if (!session_imap_open (session, error) || !session_imap_noop (session, error))
    return FALSE;
  first = session_imap_take_alert (session);
  second = session_imap_take_alert (session);
  third = session_imap_take_alert (session);
  g_assert_cmpstr (first, ==, "Mailbox almost full");
  g_assert_cmpstr (second, ==, "Really");
  g_assert_null (third);
  return TRUE;
}

static void
test_alerts_are_kept_for_people (void)
{
  imap_peer_play (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 NOOP\n"
    "S: * OK [ALERT] Mailbox almost full\n"
    "S: A1 OK [ALERT] Really\n",
    NET_SECURITY_TLS, act_alert);
}

static void
test_bye_ends_it (void)
{
  imap_peer_play_error (
    "S: * PREAUTH [CAPABILITY IMAP4rev1] hi\n"
    "C: A1 NOOP\n"
    "S: * BYE Autologout\n",
    NET_SECURITY_TLS, act_alert, IMAP_ERROR, IMAP_ERROR_BYE);
}

static void
test_answers_without_end_are_refused (void)
{
  g_autofree char *line = g_strnfill (1100000, 'x');
  g_autofree char *script = g_strconcat ("S: * OK ", line, "\n", NULL);

  imap_peer_play_error (script, NET_SECURITY_TLS, act_connect, IMAP_ERROR, IMAP_ERROR_TOO_LONG);
}

static gboolean
act_log (SessionImap  *session,
         GError      **error)
{
  g_autofree char *said = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  said = session_imap_dup_log (session);
  g_assert_null (strstr (said, "secret"));
  g_assert_null (strstr (said, "AGFubgBzZWNyZXQ"));
  g_assert_nonnull (strstr (said, "C: A1 AUTHENTICATE PLAIN ***\n"));
  g_assert_nonnull (strstr (said, "S: A1 OK [CAPABILITY IMAP4rev1] in\n"));
  return TRUE;
}

static void
test_log_holds_no_secret (void)
{
  imap_peer_play ("S: * OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\n"
                  "C: A1 AUTHENTICATE PLAIN AGFubgBzZWNyZXQ=\n"
                  "S: A1 OK [CAPABILITY IMAP4rev1] in\n",
                  NET_SECURITY_TLS, act_log);
}

static gboolean
act_log_of_login (SessionImap  *session,
                  GError      **error)
{
  g_autofree char *said = NULL;

  if (!session_imap_open (session, error))
    return FALSE;
  said = session_imap_dup_log (session);
  g_assert_null (strstr (said, "secret"));
  g_assert_nonnull (strstr (said, "C: A1 LOGIN \"ann\" ***\n"));
  return TRUE;
}

static void
test_log_of_login_holds_no_secret (void)
{
  imap_peer_play ("S: * OK [CAPABILITY IMAP4rev1] hi\n"
                  "C: A1 LOGIN \"ann\" \"secret\"\n"
                  "S: A1 OK [CAPABILITY IMAP4rev1] in\n",
                  NET_SECURITY_TLS, act_log_of_login);
}

/* A server that says nothing for the time-out is given up. */
static void
test_silence_is_a_timeout (void)
{
  Peer *peer = peer_start ("S: * OK [CAPABILITY IMAP4rev1] hi\nC: A1 LOGIN \"ann\" \"secret\"\nstall\n",
                           PEER_AS_WRITTEN, 0);
  g_autoptr(GIOStream) client = peer_take_client (peer);
  g_autoptr(BaseSecret) password = base_secret_new ("secret");
  SessionImapLogin login = {
    .where = { .host = "mail.example.org", .port = 993, .security = NET_SECURITY_TLS },
    .user = "ann", .password = password, .timeout_s = 1,
  };
  SessionImap *session = session_imap_new_on_wire (&login, net_wire_new_for_stream (client, TRUE));
  g_autoptr(GError) error = NULL;

  g_clear_object (&client);
  g_assert_false (session_imap_open (session, &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_TIMEOUT);
  session_imap_free (session);
  peer_assert_done (peer);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/imap-open/plain-with-initial-response", test_plain_with_initial_response);
  g_test_add_func ("/session/imap-open/capabilities-are-asked-for", test_capabilities_are_asked_for);
  g_test_add_func ("/session/imap-open/login-where-no-mechanism-is-offered",
                   test_login_where_no_mechanism_is_offered);
  g_test_add_func ("/session/imap-open/cram-md5-over-a-plain-line", test_cram_md5_over_a_plain_line);
  g_test_add_func ("/session/imap-open/wrong-password-is-told", test_wrong_password_is_told);
  g_test_add_func ("/session/imap-open/wrong-password-in-words", test_wrong_password_in_words);
  g_test_add_func ("/session/imap-open/bad-challenge-is-cancelled", test_bad_challenge_is_cancelled);
  g_test_add_func ("/session/imap-open/early-yes-is-worth-nothing", test_early_yes_is_worth_nothing);
  g_test_add_func ("/session/imap-open/starttls-forgets-what-came-before",
                   test_starttls_forgets_what_came_before);
  g_test_add_func ("/session/imap-open/no-tls-no-password", test_no_tls_no_password);
  g_test_add_func ("/session/imap-open/injected-bytes-end-the-connection",
                   test_injected_bytes_end_the_connection);
  g_test_add_func ("/session/imap-open/words-before-tls-are-not-shown", test_words_before_tls_are_not_shown);
  g_test_add_func ("/session/imap-open/logindisabled-is-obeyed", test_logindisabled_is_obeyed);
  g_test_add_func ("/session/imap-open/referral-is-a-refusal", test_referral_is_a_refusal);
  g_test_add_func ("/session/imap-open/plain-line-gets-no-password", test_plain_line_gets_no_password);
  g_test_add_func ("/session/imap-open/icloud-gets-no-qresync", test_icloud_gets_no_qresync);
  g_test_add_func ("/session/imap-open/what-is-not-confirmed-is-not-used",
                   test_what_is_not_confirmed_is_not_used);
  g_test_add_func ("/session/imap-open/alerts-are-kept-for-people", test_alerts_are_kept_for_people);
  g_test_add_func ("/session/imap-open/bye-ends-it", test_bye_ends_it);
  g_test_add_func ("/session/imap-open/answers-without-end-are-refused",
                   test_answers_without_end_are_refused);
  g_test_add_func ("/session/imap-open/log-holds-no-secret", test_log_holds_no_secret);
  g_test_add_func ("/session/imap-open/log-of-login-holds-no-secret", test_log_of_login_holds_no_secret);
  g_test_add_func ("/session/imap-open/silence-is-a-timeout", test_silence_is_a_timeout);
  return g_test_run ();
}
