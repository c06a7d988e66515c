/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/peer.h"
#include "session/pop3.h"

#include <string.h>

/* --- sessions --- */

typedef struct {
  NetSecurity  security;
  gboolean     may_send_clear;
  const char  *password;
  const char  *token;
  guint        timeout_s;
} Options;

static const Options safe = { .security = NET_SECURITY_TLS };

/* Takes stream. */
static SessionPop3 *
session_on (GIOStream     *stream,
            const Options *options)
{
  g_autoptr(GIOStream) client = stream;
  const char *text = options->password != NULL ? options->password : "se cret";
  g_autoptr(BaseSecret) password = base_secret_new (text);
  g_autoptr(BaseSecret) token = options->token != NULL ? base_secret_new (options->token) : NULL;
  NetWire *wire = net_wire_new_for_stream (client, options->security == NET_SECURITY_TLS);
  SessionPop3Login login = {
    .where = { .host = "mail.example.org", .port = 995, .security = options->security },
    .user = "ann",
    .password = password,
    .oauth_token = token,
    .may_send_clear = options->may_send_clear,
    .timeout_s = options->timeout_s,
  };

  return session_pop3_new_on_wire (&login, wire);
}

typedef void (*Talk) (SessionPop3 *session);

static void
play_with (const Options *options,
           const char    *script,
           Talk           talk)
{
  Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
  SessionPop3 *session = session_on (peer_take_client (peer), options);

  talk (session);
  session_pop3_free (session);
  peer_assert_done (peer);
}

static void
play (const char *script,
      Talk        talk)
{
  play_with (&safe, script, talk);
}

static void
assert_opens (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;

  session_pop3_open (session, &error);
  g_assert_no_error (error);
  g_assert_true (session_pop3_is_good (session));
}

/* --- scripts --- */

#define GREETING         "S: +OK ready\n"
#define CAPA(rows)       "C: CAPA\nS: +OK\n" rows "S: .\n"
#define USER_PASS        "C: USER ann\nS: +OK\nC: PASS se cret\nS: +OK\n"
#define OPEN             GREETING CAPA ("S: TOP\nS: UIDL\n") USER_PASS CAPA ("S: TOP\nS: UIDL\n")
#define OPEN_PIPELINING  GREETING CAPA ("") USER_PASS CAPA ("S: TOP\nS: UIDL\nS: PIPELINING\n")

/* --- signing in --- */

static void
test_user_and_pass (void)
{
  play (OPEN, assert_opens);
}

static void
test_server_without_capa (void)
{
  play (GREETING "C: CAPA\nS: -ERR unknown\n" USER_PASS, assert_opens);
}

static void
test_sasl_plain (void)
{
  play (GREETING CAPA ("S: SASL PLAIN\n") "C: AUTH PLAIN AGFubgBzZSBjcmV0\nS: +OK\n" CAPA (""), assert_opens);
}

static void
test_sasl_login (void)
{
  play (GREETING CAPA ("S: SASL LOGIN\n")
        "C: AUTH LOGIN\nS: + VXNlcm5hbWU6\nC: YW5u\nS: + UGFzc3dvcmQ6\nC: c2UgY3JldA==\nS: +OK\n" CAPA (""),
        assert_opens);
}

/* RFC 2195's example. */
static void
test_sasl_cram_md5 (void)
{
  static const Options tim = { .security = NET_SECURITY_NONE, .password = "tanstaaftanstaaf" };

  play_with (&tim, GREETING CAPA ("S: SASL CRAM-MD5\n")
             "C: AUTH CRAM-MD5\n"
             "S: + PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+\n"
             "C: YW5uIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw\n"
             "S: +OK\n" CAPA (""), assert_opens);
}

static void
test_unknown_mechanisms (void)
{
  play (GREETING CAPA ("S: SASL NTLM X-OLD\n") USER_PASS CAPA (""), assert_opens);
}

static void
test_long_token_waits (void)
{
  g_autofree char *token = g_strnfill (300, 't');
  g_autofree char *text = g_strdup_printf ("user=ann\1auth=Bearer %s\1\1", token);
  g_autofree char *base64 = g_base64_encode ((const guchar *) text, strlen (text));
  g_autofree char *script = g_strdup_printf (GREETING CAPA ("S: SASL XOAUTH2\n")
                                             "C: AUTH XOAUTH2\nS: + \nC: %s\nS: +OK\n" CAPA (""), base64);
  const Options options = { .security = NET_SECURITY_TLS, .token = token };

  play_with (&options, script, assert_opens);
}

static void
test_short_token_goes_along (void)
{
  static const Options options = { .security = NET_SECURITY_TLS, .token = "t" };

  play_with (&options, GREETING CAPA ("S: SASL XOAUTH2\n")
             "C: AUTH XOAUTH2 dXNlcj1hbm4BYXV0aD1CZWFyZXIgdAEB\nS: +OK\n" CAPA (""), assert_opens);
}

static void
test_utf8_is_asked_for (void)
{
  play (GREETING CAPA ("S: UTF8\n") "C: UTF8\nS: +OK\n" USER_PASS CAPA (""), assert_opens);
  play (GREETING CAPA ("S: UTF8\n") "C: UTF8\nS: -ERR\n" USER_PASS CAPA (""), assert_opens);
}

static void
check_facts (SessionPop3 *session)
{
  const Pop3Capabilities *capabilities;

  assert_opens (session);
  capabilities = session_pop3_peek_capabilities (session);
  g_assert_cmpint (capabilities->expire, ==, POP3_EXPIRE_DAYS);
  g_assert_cmpuint (capabilities->expire_days, ==, 60);
  g_assert_cmpuint (capabilities->login_delay, ==, 900);
}

static void
test_facts_are_those_after_sign_in (void)
{
  play (GREETING CAPA ("S: EXPIRE 30 USER\n") USER_PASS CAPA ("S: EXPIRE 60\nS: LOGIN-DELAY 900\n"),
        check_facts);
}

static void
check_log (SessionPop3 *session)
{
  g_autofree char *log = NULL;

  assert_opens (session);
  log = session_pop3_dup_log (session);
  g_assert_nonnull (strstr (log, "CAPA"));
  g_assert_null (strstr (log, "cret"));
  g_assert_null (strstr (log, "AGFubgBzZSBjcmV0"));
}

static void
test_log_holds_no_password (void)
{
  play (OPEN, check_log);
  play (GREETING CAPA ("S: SASL PLAIN\n") "C: AUTH PLAIN AGFubgBzZSBjcmV0\nS: +OK\n" CAPA (""), check_log);
}

/* --- refusals while opening --- */

typedef struct {
  const char *script;
  GQuark    (*domain) (void);
  int         code;
  const char *words;
} Refusal;

static void
assert_refused (const Options *options,
                const Refusal *refusal)
{
  Peer *peer = peer_start (refusal->script, PEER_AS_WRITTEN, 0);
  SessionPop3 *session = session_on (peer_take_client (peer), options);
  g_autoptr(GError) error = NULL;

  g_assert_false (session_pop3_open (session, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, refusal->domain (), refusal->code);
  g_assert_cmpstr (pop3_error_peek_text (error), ==, refusal->words);
  session_pop3_free (session);
  peer_assert_done (peer);
}

static void
test_refused_sign_in (void)
{
  static const Refusal refusals[] = {
    { GREETING CAPA ("") "C: USER ann\nS: +OK\nC: PASS se cret\nS: -ERR [AUTH] wrong\n",
      pop3_error_quark, POP3_ERROR_AUTH_REJECTED, "[AUTH] wrong" },
    { GREETING CAPA ("") "C: USER ann\nS: +OK\nC: PASS se cret\nS: -ERR no\n",
      pop3_error_quark, POP3_ERROR_AUTH_UNCLEAR, "no" },
    { GREETING CAPA ("") "C: USER ann\nS: -ERR [SYS/PERM] no such user\n",
      pop3_error_quark, POP3_ERROR_PERMANENT, "[SYS/PERM] no such user" },
    { GREETING CAPA ("") "C: USER ann\nS: +OK\nC: PASS se cret\nS: -ERR [IN-USE] busy\n",
      pop3_error_quark, POP3_ERROR_IN_USE, "[IN-USE] busy" },
    { GREETING CAPA ("") "C: USER ann\nS: +OK\nC: PASS se cret\nS: -ERR [LOGIN-DELAY] wait\n",
      pop3_error_quark, POP3_ERROR_LOGIN_DELAY, "[LOGIN-DELAY] wait" },
    { GREETING CAPA ("S: AUTH-RESP-CODE\n") "C: USER ann\nS: +OK\nC: PASS se cret\nS: -ERR oops\n",
      pop3_error_quark, POP3_ERROR_TEMPORARY, "oops" },
    { GREETING CAPA ("S: SASL PLAIN\n") "C: AUTH PLAIN AGFubgBzZSBjcmV0\nS: -ERR [AUTH] wrong\n",
      pop3_error_quark, POP3_ERROR_AUTH_REJECTED, "[AUTH] wrong" },
    { GREETING CAPA ("S: SASL PLAIN\n") "C: AUTH PLAIN AGFubgBzZSBjcmV0\nS: ok\n",
      pop3_error_quark, POP3_ERROR_PROTOCOL, "ok" },
    { GREETING CAPA ("S: SASL PLAIN\n") "C: AUTH PLAIN AGFubgBzZSBjcmV0\nS: + YQ==\n",
      sasl_error_quark, SASL_ERROR_BAD_CHALLENGE, NULL },
    { GREETING CAPA ("S: SASL SCRAM-SHA-256\n") "C-any:\nS: +OK\n",
      sasl_error_quark, SASL_ERROR_BAD_CHALLENGE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&safe, &refusals[i]);
}

static void
test_other_greetings (void)
{
  static const Refusal refusals[] = {
    { "S: -ERR [SYS/TEMP] later\n", pop3_error_quark, POP3_ERROR_TEMPORARY, "[SYS/TEMP] later" },
    { "S: -ERR [SYS/PERM] never\n", pop3_error_quark, POP3_ERROR_PERMANENT, "[SYS/PERM] never" },
    { "S: -ERR POP3 server ready.\n", pop3_error_quark, POP3_ERROR_TEMPORARY, "POP3 server ready." },
    { "S: -ERR \\x1b[31;1mred\\x1b[0m\n", pop3_error_quark, POP3_ERROR_TEMPORARY, " [31;1mred [0m" },
    { "S: 220 smtp ESMTP\n", pop3_error_quark, POP3_ERROR_PROTOCOL, "220 smtp ESMTP" },
    { "cut\n", net_error_quark, NET_ERROR_CLOSED, NULL },
    { "S-raw: +OK\ncut\n", net_error_quark, NET_ERROR_CLOSED, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&safe, &refusals[i]);
}

static void
test_endless_challenges (void)
{
  g_autoptr(GString) script = g_string_new (GREETING CAPA ("S: SASL LOGIN\n") "C: AUTH LOGIN\n");
  Refusal refusal = { NULL, sasl_error_quark, SASL_ERROR_BAD_CHALLENGE, NULL };

  g_string_append (script, "S: + VXNlcm5hbWU6\nC-any:\nS: + UGFzc3dvcmQ6\nC-any:\nS: + UGFzc3dvcmQ6\n");
  refusal.script = script->str;
  assert_refused (&safe, &refusal);
}

static void
test_endless_line_is_refused (void)
{
  g_autofree char *line = g_strnfill (POP3_UIDL_MAX * 40, 'x');
  g_autofree char *script = g_strconcat ("S: +OK ", line, "\n", NULL);
  Refusal refusal = { script, pop3_error_quark, POP3_ERROR_TOO_LONG, NULL };

  assert_refused (&safe, &refusal);
}

/* The script ends there: the client must close without another byte, above all without name and password. */
static void
test_no_secret_without_starttls (void)
{
  static const Options starttls = { .security = NET_SECURITY_STARTTLS, .may_send_clear = TRUE };
  static const Refusal refusals[] = {
    /* not offered: the capability was stripped */
    { GREETING CAPA ("S: TOP\n"), pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING CAPA (""), pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING CAPA ("S: SASL PLAIN\nS: XSTLS\n"), pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    /* refused, in each way */
    { GREETING "C: CAPA\nS: -ERR\nC: STLS\nS: -ERR no\n", pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING "C: CAPA\nS: -ERR [SYS/PERM] x\nC: STLS\nS: -ERR no\n",
      pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: -ERR try http://evil.example\n",
      pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: + go on\n", pop3_error_quark, POP3_ERROR_PROTOCOL, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: * OK\n", pop3_error_quark, POP3_ERROR_PROTOCOL, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: \n", pop3_error_quark, POP3_ERROR_PROTOCOL, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\ncut\n", net_error_quark, NET_ERROR_CLOSED, NULL },
    /* text of a stranger is shown to nobody */
    { "S: -ERR call 555-0100 now\n", pop3_error_quark, POP3_ERROR_TEMPORARY, NULL },
    { "S: call 555-0100 now\n", pop3_error_quark, POP3_ERROR_PROTOCOL, NULL },
    /* an APOP time stamp tempts nobody */
    { "S: +OK <1.2@example.org>\n" CAPA ("S: USER\n"), pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    /* bytes behind the answer: a whole answer, many, half a line, a single byte */
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: +OK\nS: +OK\n", net_error_quark, NET_ERROR_INJECTION, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: +OK\nS: +OK\nS: SASL PLAIN\nS: .\nS: +OK\n",
      net_error_quark, NET_ERROR_INJECTION, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: +OK\nS-raw: +OK half\n",
      net_error_quark, NET_ERROR_INJECTION, NULL },
    { GREETING CAPA ("S: STLS\n") "C: STLS\nS: +OK\nS-raw: x\n", net_error_quark, NET_ERROR_INJECTION, NULL },
    /* an answer that comes before its question is not believed either */
    { GREETING CAPA ("S: STLS\n") "S: +OK\n", pop3_error_quark, POP3_ERROR_PROTOCOL, NULL },
    { GREETING CAPA ("S: STLS\n") "S-raw: +OK\n", pop3_error_quark, POP3_ERROR_PROTOCOL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&starttls, &refusals[i]);
}

static void
test_no_password_on_a_plain_line (void)
{
  static const Options plain = { .security = NET_SECURITY_NONE };
  static const Refusal refusals[] = {
    { GREETING CAPA ("S: USER\n"), pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING "C: CAPA\nS: -ERR\n", pop3_error_quark, POP3_ERROR_NO_TLS, NULL },
    { GREETING CAPA ("S: USER\nS: SASL PLAIN LOGIN\n"), sasl_error_quark, SASL_ERROR_NO_MECHANISM, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&plain, &refusals[i]);
}

static void
test_chosen_plain_line (void)
{
  static const Options chosen = { .security = NET_SECURITY_NONE, .may_send_clear = TRUE };

  play_with (&chosen, OPEN, assert_opens);
}

static void
test_password_with_a_line_break_is_not_sent (void)
{
  static const Options options = { .security = NET_SECURITY_TLS, .password = "x\r\nDELE 1" };
  static const Refusal refusal = { GREETING CAPA (""), pop3_error_quark, POP3_ERROR_AUTH_REJECTED, NULL };

  assert_refused (&options, &refusal);
}

static void
test_silent_server (void)
{
  static const Options hasty = { .security = NET_SECURITY_STARTTLS, .timeout_s = 1 };
  static const Refusal refusal = {
    GREETING CAPA ("S: STLS\n") "C: STLS\nstall\n", net_error_quark, NET_ERROR_TIMEOUT, NULL
  };

  assert_refused (&hasty, &refusal);
}

/* --- lists --- */

static char *
write_list (GArray *messages)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < messages->len; i++)
    {
      SessionPop3Message *message = &g_array_index (messages, SessionPop3Message, i);

      const char *uidl = message->uidl != NULL ? message->uidl : "-";

      g_string_append_printf (text, "%u:%s/%u:%" G_GUINT64_FORMAT " ", message->number, uidl,
                              message->occurrence, message->size);
    }
  return g_string_free (text, FALSE);
}

static const char *expected_list;

static void
check_list (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) messages = NULL;
  g_autofree char *text = NULL;

  assert_opens (session);
  messages = session_pop3_list (session, &error);
  g_assert_no_error (error);
  text = write_list (messages);
  g_assert_cmpstr (text, ==, expected_list);
}

static void
test_list (void)
{
  static const struct { const char *script; const char *expected; } cases[] = {
    { OPEN "C: UIDL\nS: +OK\nS: 1 a\nS: 2 b\nS: .\nC: LIST\nS: +OK\nS: 1 120\nS: 2 9\nS: .\n",
      "1:a/0:120 2:b/0:9 " },
    /* at once with PIPELINING */
    { OPEN_PIPELINING "C: UIDL\nC: LIST\nS: +OK\nS: 1 a\nS: .\nS: +OK\nS: 1 120\nS: .\n", "1:a/0:120 " },
    { OPEN "C: UIDL\nS: +OK\nS: .\nC: LIST\nS: +OK\nS: .\n", "" },
    /* copies that share a uidl */
    { OPEN "C: UIDL\nS: +OK\nS: 1 a\nS: 2 b\nS: 3 a\nS: 4 a\nS: .\nC: LIST\nS: -ERR\n",
      "1:a/0:0 2:b/0:0 3:a/1:0 4:a/2:0 " },
    /* any order, and lists that do not agree */
    { OPEN "C: UIDL\nS: +OK\nS: 7 g\nS: 2 b\nS: 4 d\nS: .\n"
           "C: LIST\nS: +OK\nS: 7 70\nS: 3 30\nS: 2 20\nS: .\n",
      "2:b/0:20 4:d/0:0 7:g/0:70 " },
    /* sizes that lie */
    { OPEN "C: UIDL\nS: +OK\nS: 1 ../a b\nS: .\nC: LIST\nS: +OK\nS: 1 -2147483648\nS: .\n", "1:../a b/0:0 " },
    /* UIDL works though it is not offered, or does not work */
    { GREETING CAPA ("") USER_PASS CAPA ("") "C: UIDL\nS: +OK\nS: 1 a\nS: .\nC: LIST\nS: +OK\nS: 1 5\nS: .\n",
      "1:a/0:5 " },
    { GREETING CAPA ("") USER_PASS CAPA ("") "C: UIDL\nS: -ERR what?\nC: LIST\nS: +OK\nS: 1 5\nS: .\n",
      "1:-/0:5 " },
    /* an empty mailbox that cannot be listed */
    { OPEN "C: UIDL\nS: -ERR empty\nC: LIST\nS: -ERR empty\nC: STAT\nS: +OK 0 0\n", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      expected_list = cases[i].expected;
      play (cases[i].script, check_list);
    }
}

static Pop3Error expected_code;
static gboolean expected_good;

static void
check_list_refused (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GArray) messages = NULL;

  assert_opens (session);
  messages = session_pop3_list (session, &error);
  g_assert_error (error, POP3_ERROR, (int) expected_code);
  g_assert_null (messages);
  g_assert_cmpint (session_pop3_is_good (session), ==, expected_good);
}

static void
test_bad_lists (void)
{
  static const struct { const char *script; Pop3Error code; gboolean is_good; } cases[] = {
    { OPEN "C: UIDL\nS: -ERR x\nC: LIST\nS: +OK\nS: 1 5\nS: .\nC: STAT\nS: +OK 1 5\n",
      POP3_ERROR_TEMPORARY, TRUE },
    { OPEN "C: UIDL\nS: -ERR [SYS/TEMP] x\n", POP3_ERROR_TEMPORARY, TRUE },
    { OPEN "C: UIDL\nS: -ERR\nC: LIST\nS: -ERR\nC: STAT\nS: -ERR\n", POP3_ERROR_REFUSED, TRUE },
    { OPEN "C: UIDL\nS: -ERR\nC: LIST\nS: -ERR\nC: STAT\nS: +OK many\n", POP3_ERROR_PROTOCOL, FALSE },
    { OPEN "C: UIDL\nS: +OK\nS: 1 a\nS: 1 b\nS: .\n", POP3_ERROR_PROTOCOL, FALSE },
    { OPEN "C: UIDL\nS: +OK\nS: 1\nS: .\n", POP3_ERROR_PROTOCOL, FALSE },
    { OPEN "C: UIDL\nS: +OK\nS: 0 a\nS: .\n", POP3_ERROR_PROTOCOL, FALSE },
    { OPEN "C: UIDL\nS: +OK\nS: .\nC: LIST\nS: +OK\nS: 1 5\nS: 1 5\nS: .\n", POP3_ERROR_PROTOCOL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      expected_code = cases[i].code;
      expected_good = cases[i].is_good;
      play (cases[i].script, check_list_refused);
    }
}

static void
test_list_limit (void)
{
  for (int over = 0; over <= 1; over++)
    {
      g_autoptr(GString) script = g_string_new (OPEN "C: UIDL\nS: +OK\n");

      for (guint i = 1; i <= SESSION_POP3_MESSAGES_MAX + (guint) over; i++)
        g_string_append_printf (script, "S: %u a\n", i);
      g_string_append (script, "S: .\n");
      g_string_append (script, over > 0 ? "" : "C: LIST\nS: -ERR [SYS/TEMP]\n");
      expected_code = over > 0 ? POP3_ERROR_TOO_LONG : POP3_ERROR_TEMPORARY;
      expected_good = over == 0;
      play (script->str, check_list_refused);
    }
}

static void
check_stat (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  guint32 messages = 0;
  guint64 size = 0;

  assert_opens (session);
  g_assert_true (session_pop3_stat (session, &messages, &size, &error));
  g_assert_cmpuint (messages, ==, 2);
  g_assert_cmpuint (size, ==, 320);
}

static void
test_stat (void)
{
  play (OPEN "C: STAT\nS: +OK 2 320\n", check_stat);
}

/* --- messages --- */

/* What a sink was told: "<1 text >" for a whole message, "<1 te!" for a dropped one. */
typedef struct {
  GString *text;
  gsize    wanted;          /* bytes of each message */
  gsize    size;
} Recorder;

static gboolean
record_begin (gpointer data,
              guint32  number)
{
  Recorder *recorder = data;

  g_string_append_printf (recorder->text, "<%u ", number);
  recorder->size = 0;
  return recorder->wanted > 0;
}

static gboolean
record_data (gpointer  data,
             BaseSlice bytes)
{
  Recorder *recorder = data;

  g_string_append_len (recorder->text, (const char *) bytes.data, (gssize) bytes.size);
  recorder->size += bytes.size;
  return recorder->size < recorder->wanted;
}

static void
record_end (gpointer data,
            guint32  number)
{
  g_string_append_c (((Recorder *) data)->text, '>');
}

static void
record_drop (gpointer data)
{
  g_string_append_c (((Recorder *) data)->text, '!');
}

static const SessionPop3Sink recorder_sink = { record_begin, record_data, record_end, record_drop };

static SessionPop3Ticket *
start_retr (SessionPop3 *session,
            guint32      number,
            Recorder    *recorder)
{
  return session_pop3_start_retr (session, number, &recorder_sink, recorder);
}

static void
check_two_messages (SessionPop3 *session)
{
  g_autoptr(GString) text = g_string_new (NULL);
  Recorder recorder = { text, G_MAXSIZE, 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(SessionPop3Ticket) two = NULL;
  g_autoptr(SessionPop3Ticket) three = NULL;

  assert_opens (session);
  one = start_retr (session, 1, &recorder);
  two = start_retr (session, 2, &recorder);
  three = start_retr (session, 3, &recorder);

  g_assert_true (session_pop3_finish_retr (session, one, &error));
  g_assert_no_error (error);
  g_assert_false (session_pop3_finish_retr (session, two, &error));
  g_assert_error (error, POP3_ERROR, POP3_ERROR_REFUSED);
  g_assert_cmpstr (pop3_error_peek_text (error), ==, "Message 2 expunged");
  g_assert_true (session_pop3_is_good (session));
  g_clear_error (&error);
  g_assert_true (session_pop3_finish_retr (session, three, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (text->str, ==, "<1 A: b\r\n\r\n.text\r\n><3 >");
}

#define RETR_1  "S: +OK\nS: A: b\nS: \nS: ..text\nS: .\n"
#define RETR_2  "S: -ERR Message 2 expunged\n"
#define RETR_3  "S: +OK\nS: .\n"

static void
test_retr (void)
{
  play (OPEN "C: RETR 1\n" RETR_1 "C: RETR 2\n" RETR_2 "C: RETR 3\n" RETR_3, check_two_messages);
}

static void
test_retr_pipelined (void)
{
  play (OPEN_PIPELINING "C: RETR 1\nC: RETR 2\nC: RETR 3\n" RETR_1 RETR_2 RETR_3, check_two_messages);
  play (OPEN_PIPELINING "drip\nC: RETR 1\nC: RETR 2\nC: RETR 3\n" RETR_1 RETR_2 RETR_3, check_two_messages);
}

static void
check_unwanted (SessionPop3 *session)
{
  g_autoptr(GString) text = g_string_new (NULL);
  Recorder none = { text, 0, 0 };
  Recorder some = { text, 1, 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(SessionPop3Ticket) two = NULL;

  assert_opens (session);
  one = start_retr (session, 1, &none);
  two = start_retr (session, 2, &some);
  g_assert_true (session_pop3_finish_retr (session, one, &error));
  g_assert_true (session_pop3_finish_retr (session, two, &error));
  g_assert_cmpstr (text->str, ==, "<1 <2 a");
}

static void
test_unwanted_rest_is_swallowed (void)
{
  play (OPEN "C: RETR 1\n" RETR_1 "C: RETR 2\nS: +OK\nS-raw: a\nflush\nS: bc\nS: .\n", check_unwanted);
}

static void
check_dropped_tickets (SessionPop3 *session)
{
  g_autoptr(GString) text = g_string_new (NULL);
  Recorder recorder = { text, G_MAXSIZE, 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(SessionPop3Ticket) three = NULL;

  assert_opens (session);
  one = start_retr (session, 1, &recorder);
  session_pop3_ticket_free (start_retr (session, 2, &recorder));
  three = start_retr (session, 3, &recorder);
  g_assert_true (session_pop3_finish_retr (session, one, &error));
  session_pop3_ticket_free (g_steal_pointer (&three));
  g_assert_cmpstr (text->str, ==, "<1 A: b\r\n\r\n.text\r\n>");
  g_assert_true (session_pop3_quit (session, &error));
  g_assert_no_error (error);
}

/* Message 2 was not asked for yet when its ticket was dropped, message 3 was. */
static void
test_dropped_tickets (void)
{
  play (OPEN_PIPELINING "C: RETR 1\nC: RETR 3\n" RETR_1 RETR_3 "C: QUIT\nS: +OK\n", check_dropped_tickets);
}

static void
check_top (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(SessionPop3Ticket) two = NULL;
  g_autoptr(GBytes) header = NULL;

  assert_opens (session);
  one = session_pop3_start_top (session, 1, 0);
  two = session_pop3_start_top (session, 2, 20);
  header = session_pop3_finish_top (session, one, &error);
  g_assert_no_error (error);
  g_assert_true (base_slice_equal (base_slice_from_bytes (header), BASE_SLICE_LITERAL ("A: b\r\n\r\n")));
  g_assert_null (session_pop3_finish_top (session, two, &error));
  g_assert_error (error, POP3_ERROR, POP3_ERROR_REFUSED);
}

static void
test_top (void)
{
  play (OPEN "C: TOP 1 0\nS: +OK\nS: A: b\nS: \nS: .\nC: TOP 2 20\nS: -ERR\n", check_top);
}

static gsize expected_top;

static void
check_top_size (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(GBytes) header = NULL;

  assert_opens (session);
  one = session_pop3_start_top (session, 1, 0);
  header = session_pop3_finish_top (session, one, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_bytes_get_size (header), ==, expected_top);
}

static void
test_top_is_cut (void)
{
  for (int over = -1; over <= 1; over++)
    {
      g_autofree char *line = g_strnfill ((gsize) (SESSION_POP3_TOP_MAX - 2 + over), 'x');
      g_autofree char *script = g_strconcat (OPEN "C: TOP 1 0\nS: +OK\nS: ", line, "\nS: .\n", NULL);

      expected_top = MIN (strlen (line) + 2, SESSION_POP3_TOP_MAX);
      play (script, check_top_size);
    }
}

static void
check_unasked (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  guint32 messages;
  guint64 size;

  assert_opens (session);
  session_pop3_stat (session, &messages, &size, &error);
  g_assert_no_error (error);
  g_assert_false (session_pop3_stat (session, &messages, &size, &error));
  g_assert_error (error, POP3_ERROR, POP3_ERROR_PROTOCOL);
  g_assert_false (session_pop3_is_good (session));
}

/* The second answer to the first question must not pass for the answer to the second. */
static void
test_answers_too_many (void)
{
  play (OPEN "C: STAT\nS: +OK 1 1\nS: +OK 2 2\n", check_unasked);
}

/* --- deleting --- */

#define DELE_BOTH  "C: DELE 1\nS: +OK\nC: DELE 2\nS: +OK\n"

static gboolean expected_dele;

static void
delete_two (SessionPop3  *session,
            GError      **error)
{
  g_autoptr(GError) refused = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(SessionPop3Ticket) two = NULL;

  assert_opens (session);
  one = session_pop3_start_dele (session, 1);
  two = session_pop3_start_dele (session, 2);
  g_assert_true (session_pop3_finish_dele (session, one, error));
  g_assert_cmpint (session_pop3_finish_dele (session, two, &refused), ==, expected_dele);
  if (!expected_dele)
    g_assert_error (refused, POP3_ERROR, POP3_ERROR_REFUSED);
}

static void
check_quit (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;

  delete_two (session, &error);
  g_assert_true (session_pop3_quit (session, &error));
  g_assert_no_error (error);
  g_assert_false (session_pop3_is_good (session));
}

static void
test_deleted_after_quit (void)
{
  expected_dele = TRUE;
  play (OPEN_PIPELINING "C: DELE 1\nC: DELE 2\nS: +OK\nS: +OK\nC: QUIT\nS: +OK bye\n", check_quit);
  play (OPEN DELE_BOTH "C: QUIT\nS: +OK bye\n", check_quit);
  expected_dele = FALSE;
  play (OPEN "C: DELE 1\nS: +OK\nC: DELE 2\nS: -ERR no such message\nC: QUIT\nS: +OK bye\n", check_quit);
}

static GQuark (*expected_domain) (void);
static int expected_number;

static void
check_quit_fails (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;

  expected_dele = TRUE;
  delete_two (session, &error);
  g_assert_false (session_pop3_quit (session, &error));
  g_assert_error (error, expected_domain (), expected_number);
  g_assert_false (session_pop3_is_good (session));
}

static void
test_quit_without_yes (void)
{
  static const struct { const char *tail; GQuark (*domain) (void); int code; } cases[] = {
    { "C: QUIT\nS: -ERR some deleted messages not removed\n", pop3_error_quark, POP3_ERROR_REFUSED },
    { "C: QUIT\nS: -ERR [SYS/TEMP] disk\n", pop3_error_quark, POP3_ERROR_TEMPORARY },
    { "C: QUIT\ncut\n", pop3_error_quark, POP3_ERROR_QUIT_UNKNOWN },
    { "C: QUIT\nS-raw: +OK\ncut\n", pop3_error_quark, POP3_ERROR_QUIT_UNKNOWN },
    { "C: QUIT\nS: what?\n", pop3_error_quark, POP3_ERROR_QUIT_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *script = g_strconcat (OPEN DELE_BOTH, cases[i].tail, NULL);

      expected_domain = cases[i].domain;
      expected_number = cases[i].code;
      play (script, check_quit_fails);
    }
}

static void
check_quit_never_left (SessionPop3 *session)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;

  assert_opens (session);
  one = session_pop3_start_dele (session, 1);
  g_assert_false (session_pop3_finish_dele (session, one, &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_CLOSED);
  g_clear_error (&error);
  g_assert_false (session_pop3_quit (session, &error));
  g_assert_error (error, NET_ERROR, NET_ERROR_CLOSED);
}

static void
test_nothing_is_deleted_before_quit (void)
{
  play (OPEN "C: DELE 1\ncut\n", check_quit_never_left);
}

/* --- at every cut --- */

#define SESSION_ALL  OPEN_PIPELINING \
                     "C: UIDL\nC: LIST\nS: +OK\nS: 1 a\nS: 2 b\nS: .\nS: +OK\nS: 1 9\nS: .\n" \
                     "C: RETR 1\nC: RETR 2\n" RETR_1 "S: +OK\nS: C\nS: .\n" \
                     "C: DELE 1\nS: +OK\nC: QUIT\nS: +OK bye\n"

typedef struct {
  Options       options;
  GCancellable *cancellable;
  gsize         n_whole;
  gsize         n_quits;
  gsize         n_unknown;
} AllOfIt;

/* As far as it goes; the first error, or NULL. */
static GError *
do_all_of_it (SessionPop3 *session,
              GString     *text)
{
  Recorder recorder = { text, G_MAXSIZE, 0 };
  GError *error = NULL;
  g_autoptr(GArray) messages = NULL;
  g_autoptr(SessionPop3Ticket) one = NULL;
  g_autoptr(SessionPop3Ticket) two = NULL;
  g_autoptr(SessionPop3Ticket) dele = NULL;

  if (!session_pop3_open (session, &error))
    return error;
  if ((messages = session_pop3_list (session, &error)) == NULL)
    return error;
  one = start_retr (session, 1, &recorder);
  two = start_retr (session, 2, &recorder);
  if (!session_pop3_finish_retr (session, one, &error) || !session_pop3_finish_retr (session, two, &error))
    return error;
  dele = session_pop3_start_dele (session, 1);
  if (!session_pop3_finish_dele (session, dele, &error))
    return error;
  session_pop3_quit (session, &error);
  return error;
}

static void
run_all_of_it (GIOStream *client,
               gpointer   user_data)
{
  AllOfIt *all = user_data;
  SessionPop3 *session = session_on (client, &all->options);
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(GError) error = NULL;

  if (all->cancellable != NULL)
    session_pop3_set_signals (session, &(NetSignals) { -1, -1, all->cancellable });
  error = do_all_of_it (session, text);
  all->n_quits += error == NULL;
  all->n_unknown += error != NULL && g_error_matches (error, POP3_ERROR, POP3_ERROR_QUIT_UNKNOWN);

  /* A message is whole, or it was dropped; what came of it is a beginning. */
  if (g_str_has_suffix (text->str, "!"))
    {
      g_string_truncate (text, text->len - 1);
      g_assert_nonnull (error);
    }
  g_assert_true (g_str_has_prefix ("<1 A: b\r\n\r\n.text\r\n><2 C\r\n>", text->str));
  for (const char *p = text->str; (p = strchr (p, '>')) != NULL; p++)
    all->n_whole++;
  session_pop3_free (session);
}

static void
test_every_split (void)
{
  AllOfIt all = { .options = safe };

  peer_at_every_cut (SESSION_ALL, PEER_SPLIT, run_all_of_it, &all);
  g_assert_cmpuint (all.n_quits, ==, peer_count_server_bytes (SESSION_ALL));
  g_assert_cmpuint (all.n_whole, ==, 2 * peer_count_server_bytes (SESSION_ALL));
}

static void
test_every_close (void)
{
  AllOfIt all = { .options = safe };

  peer_at_every_cut (SESSION_ALL, PEER_CLOSE, run_all_of_it, &all);
  g_assert_cmpuint (all.n_quits, ==, 0);
  g_assert_cmpuint (all.n_unknown, ==, strlen ("+OK bye\r\n"));
  /* Those whose dot line came before the cut. */
  g_assert_cmpuint (all.n_whole, ==,
                    strlen ("+OK\r\nC\r\n.\r\n+OK\r\n+OK bye\r\n") + strlen ("+OK\r\n+OK bye\r\n"));
}

typedef struct {
  Peer         *peer;
  GCancellable *cancellable;
} User;

static gpointer
lose_patience (gpointer data)
{
  User *user = data;

  peer_wait_for_stall (user->peer);
  g_cancellable_cancel (user->cancellable);
  return NULL;
}

/* A server that falls silent anywhere: when the user loses patience, the session ends. */
static void
test_every_stall (void)
{
  gsize size = peer_count_server_bytes (SESSION_ALL);

  for (gsize at = 0; at < size; at++)
    {
      AllOfIt all = { .options = safe, .cancellable = g_cancellable_new () };
      Peer *peer = peer_start (SESSION_ALL, PEER_STALL, at);
      User user = { peer, all.cancellable };
      GThread *thread = g_thread_new ("user", lose_patience, &user);

      run_all_of_it (peer_take_client (peer), &all);
      g_thread_join (thread);
      peer_assert_done (peer);
      g_assert_cmpuint (all.n_quits, ==, 0);
      g_object_unref (all.cancellable);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/pop3/user-and-pass", test_user_and_pass);
  g_test_add_func ("/session/pop3/server-without-capa", test_server_without_capa);
  g_test_add_func ("/session/pop3/sasl-plain", test_sasl_plain);
  g_test_add_func ("/session/pop3/sasl-login", test_sasl_login);
  g_test_add_func ("/session/pop3/sasl-cram-md5", test_sasl_cram_md5);
  g_test_add_func ("/session/pop3/unknown-mechanisms", test_unknown_mechanisms);
  g_test_add_func ("/session/pop3/long-token-waits", test_long_token_waits);
  g_test_add_func ("/session/pop3/short-token-goes-along", test_short_token_goes_along);
  g_test_add_func ("/session/pop3/utf8-is-asked-for", test_utf8_is_asked_for);
  g_test_add_func ("/session/pop3/facts-are-those-after-sign-in", test_facts_are_those_after_sign_in);
  g_test_add_func ("/session/pop3/log-holds-no-password", test_log_holds_no_password);
  g_test_add_func ("/session/pop3/refused-sign-in", test_refused_sign_in);
  g_test_add_func ("/session/pop3/other-greetings", test_other_greetings);
  g_test_add_func ("/session/pop3/endless-challenges", test_endless_challenges);
  g_test_add_func ("/session/pop3/endless-line-is-refused", test_endless_line_is_refused);
  g_test_add_func ("/session/pop3/no-secret-without-starttls", test_no_secret_without_starttls);
  g_test_add_func ("/session/pop3/no-password-on-a-plain-line", test_no_password_on_a_plain_line);
  g_test_add_func ("/session/pop3/chosen-plain-line", test_chosen_plain_line);
  g_test_add_func ("/session/pop3/password-with-a-line-break", test_password_with_a_line_break_is_not_sent);
  g_test_add_func ("/session/pop3/silent-server", test_silent_server);
  g_test_add_func ("/session/pop3/list", test_list);
  g_test_add_func ("/session/pop3/bad-lists", test_bad_lists);
  g_test_add_func ("/session/pop3/list-limit", test_list_limit);
  g_test_add_func ("/session/pop3/stat", test_stat);
  g_test_add_func ("/session/pop3/retr", test_retr);
  g_test_add_func ("/session/pop3/retr-pipelined", test_retr_pipelined);
  g_test_add_func ("/session/pop3/unwanted-rest-is-swallowed", test_unwanted_rest_is_swallowed);
  g_test_add_func ("/session/pop3/dropped-tickets", test_dropped_tickets);
  g_test_add_func ("/session/pop3/top", test_top);
  g_test_add_func ("/session/pop3/top-is-cut", test_top_is_cut);
  g_test_add_func ("/session/pop3/answers-too-many", test_answers_too_many);
  g_test_add_func ("/session/pop3/deleted-after-quit", test_deleted_after_quit);
  g_test_add_func ("/session/pop3/quit-without-yes", test_quit_without_yes);
  g_test_add_func ("/session/pop3/nothing-is-deleted-before-quit", test_nothing_is_deleted_before_quit);
  g_test_add_func ("/session/pop3/every-split", test_every_split);
  g_test_add_func ("/session/pop3/every-close", test_every_close);
  g_test_add_func ("/session/pop3/every-stall", test_every_stall);
  return g_test_run ();
}
