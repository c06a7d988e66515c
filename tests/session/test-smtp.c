/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer/peer.h"
#include "session/smtp.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* --- sessions --- */

typedef struct {
  NetSecurity  security;
  gboolean     may_send_clear;
  gboolean     is_anonymous;
  const char  *token;
  guint        timeout_s;
} Options;

static const Options safe = { .security = NET_SECURITY_TLS };
static const Options anonymous = { .security = NET_SECURITY_TLS, .is_anonymous = TRUE };

/* Takes stream. */
static SessionSmtp *
session_on (GIOStream     *stream,
            const Options *options)
{
  g_autoptr(GIOStream) client = stream;
  g_autoptr(BaseSecret) password = base_secret_new ("se cret");
  g_autoptr(BaseSecret) token = options->token != NULL ? base_secret_new (options->token) : NULL;
  NetWire *wire = net_wire_new_for_stream (client, options->security == NET_SECURITY_TLS);
  SessionSmtpLogin login = {
    .where = { .host = "mail.example.org", .port = 465, .security = options->security },
    .user = options->is_anonymous ? NULL : "ann",
    .password = password,
    .oauth_token = token,
    .may_send_clear = options->may_send_clear,
    .timeout_s = options->timeout_s,
  };

  return session_smtp_new_on_wire (&login, wire);
}

/* --- scripts --- */

#define GREETING       "S: 220 mail ready\n"
#define EHLO(rows)     "C: EHLO [127.0.0.1]\nS: 250-mail\n" rows "S: 250 HELP\n"
#define AUTH_PLAIN     "C: AUTH PLAIN AGFubgBzZSBjcmV0\nS: 235 2.7.0 ok\n"
#define OPEN(rows)     GREETING EHLO (rows)                     /* for anonymous */
#define PIPELINING     "S: 250-PIPELINING\n"
#define QUIT           "C: QUIT\nS: 221 bye\n"

static void
assert_opens (const Options *options,
              const char    *script)
{
  Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
  SessionSmtp *session = session_on (peer_take_client (peer), options);
  g_autoptr(GError) error = NULL;
  g_autofree char *log = NULL;

  session_smtp_open (session, &error);
  g_assert_no_error (error);
  g_assert_true (session_smtp_is_good (session));
  session_smtp_quit (session);
  g_assert_false (session_smtp_is_good (session));

  log = session_smtp_dup_log (session);
  g_assert_nonnull (strstr (log, "EHLO"));
  g_assert_null (strstr (log, "AGFubgBzZSBjcmV0"));
  g_assert_null (strstr (log, "c2UgY3JldA=="));
  session_smtp_free (session);
  peer_assert_done (peer);
}

static void
test_signs_in (void)
{
  assert_opens (&safe, GREETING EHLO ("S: 250-AUTH LOGIN PLAIN\n") AUTH_PLAIN QUIT);
  assert_opens (&safe, GREETING EHLO ("S: 250-AUTH LOGIN\n")
                "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW5u\n"
                "S: 334 UGFzc3dvcmQ6\nC: c2UgY3JldA==\nS: 235 ok\n" QUIT);
  assert_opens (&anonymous, OPEN ("S: 250-AUTH PLAIN\n") QUIT);
}

static void
test_long_token_waits (void)
{
  g_autofree char *token = g_strnfill (600, 't');
  g_autofree char *text = g_strdup_printf ("user=ann\1auth=Bearer %s\1\1", token);
  g_autofree char *base64 = g_base64_encode ((const guchar *) text, strlen (text));
  g_autofree char *script = g_strdup_printf (GREETING EHLO ("S: 250-AUTH XOAUTH2\n")
                                             "C: AUTH XOAUTH2\nS: 334 \nC: %s\nS: 235 ok\n" QUIT, base64);
  const Options options = { .security = NET_SECURITY_TLS, .token = token };

  assert_opens (&options, script);
}

static void
test_chosen_plain_line (void)
{
  static const Options chosen = { .security = NET_SECURITY_NONE, .may_send_clear = TRUE };

  assert_opens (&chosen, GREETING EHLO ("S: 250-AUTH PLAIN\n") AUTH_PLAIN QUIT);
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
  SessionSmtp *session = session_on (peer_take_client (peer), options);
  g_autoptr(GError) error = NULL;

  g_assert_false (session_smtp_open (session, &error));
  g_test_message ("%s", error->message);
  g_assert_error (error, refusal->domain (), refusal->code);
  g_assert_cmpstr (smtp_error_peek_text (error), ==, refusal->words);
  session_smtp_free (session);
  peer_assert_done (peer);
}

static void
test_other_greetings (void)
{
  static const Refusal refusals[] = {
    { "S: 554 No SMTP service here\n", smtp_error_quark, SMTP_ERROR_PERMANENT, "554 No SMTP service here" },
    { "S: 530 Must issue STARTTLS first\n",
      smtp_error_quark, SMTP_ERROR_PERMANENT, "530 Must issue STARTTLS first" },
    { "S: 421 too many\n", smtp_error_quark, SMTP_ERROR_TEMPORARY, "421 too many" },
    { "S: 354 go\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, "354 go" },
    { "S: +OK POP3\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, "+OK POP3" },
    { "cut\n", net_error_quark, NET_ERROR_CLOSED, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&safe, &refusals[i]);
}

static void
test_refused_hello (void)
{
  static const Refusal refusals[] = {
    { GREETING "C: EHLO [127.0.0.1]\nS: 502 what?\n", smtp_error_quark, SMTP_ERROR_PERMANENT, "502 what?" },
    { GREETING "C: EHLO [127.0.0.1]\nS: 220 hi\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, "220 hi" },
    { GREETING "C: EHLO [127.0.0.1]\nS: 421 bye\n", smtp_error_quark, SMTP_ERROR_TEMPORARY, "421 bye" },
    { GREETING "C: EHLO [127.0.0.1]\nS: 250-a\nS: 251 b\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, "251 b" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&safe, &refusals[i]);
}

static void
test_refused_sign_in (void)
{
#define AUTH_LINE GREETING EHLO ("S: 250-AUTH PLAIN\n") "C: AUTH PLAIN AGFubgBzZSBjcmV0\n"
  static const Refusal refusals[] = {
    { AUTH_LINE "S: 535 5.7.8 wrong\n", smtp_error_quark, SMTP_ERROR_AUTH_REJECTED, "535 5.7.8 wrong" },
    { AUTH_LINE "S: 534-5.7.9 Application-specific\nS: 534 5.7.9 password required\n",
      smtp_error_quark, SMTP_ERROR_AUTH_REJECTED, "534 5.7.9 Application-specific 5.7.9 password required" },
    { AUTH_LINE "S: 550 no\n", smtp_error_quark, SMTP_ERROR_AUTH_REJECTED, "550 no" },
    { AUTH_LINE "S: 454 4.7.0 later\n", smtp_error_quark, SMTP_ERROR_TEMPORARY, "454 4.7.0 later" },
    { AUTH_LINE "S: 421 bye\n", smtp_error_quark, SMTP_ERROR_TEMPORARY, "421 bye" },
    { AUTH_LINE "S: 250 ok\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, "250 ok" },
    { AUTH_LINE "S: 334 YQ==\n", sasl_error_quark, SASL_ERROR_BAD_CHALLENGE, NULL },
    { AUTH_LINE "cut\n", net_error_quark, NET_ERROR_CLOSED, NULL },
    { GREETING EHLO ("S: 250-AUTH SCRAM-SHA-256\n") "C-any:\nS: 235 ok\n",
      sasl_error_quark, SASL_ERROR_BAD_CHALLENGE, NULL },
    { GREETING EHLO (""), sasl_error_quark, SASL_ERROR_NO_MECHANISM, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&safe, &refusals[i]);
}

/* The script ends there: the client must close without another byte, above all without HELO, AUTH or MAIL. */
static void
test_no_secret_without_starttls (void)
{
#define STARTTLS GREETING EHLO ("S: 250-STARTTLS\n") "C: STARTTLS\n"
  static const Options starttls = { .security = NET_SECURITY_STARTTLS, .may_send_clear = TRUE };
  static const Refusal refusals[] = {
    /* not offered: the capability was stripped */
    { GREETING EHLO ("S: 250-AUTH PLAIN LOGIN\n"), smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    { GREETING EHLO ("S: 250-XSTARTTLS\n"), smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    { GREETING "C: EHLO [127.0.0.1]\nS: 250 STARTTLS\n", smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    /* refused, in each way */
    { STARTTLS "S: 454 TLS not available\n", smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    { STARTTLS "S: 502 Command not implemented\n", smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    { STARTTLS "S: 354 do something else\n", smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    { STARTTLS "S: 250 ok\n", smtp_error_quark, SMTP_ERROR_NO_TLS, NULL },
    { STARTTLS "S: 421 Service shutting down\n", smtp_error_quark, SMTP_ERROR_TEMPORARY, NULL },
    { STARTTLS "S: junk\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, NULL },
    { STARTTLS "cut\n", net_error_quark, NET_ERROR_CLOSED, NULL },
    /* no fall-back to HELO, which knows no STARTTLS */
    { GREETING "C: EHLO [127.0.0.1]\nS: 500 unrecognized\n", smtp_error_quark, SMTP_ERROR_PERMANENT, NULL },
    /* text of a stranger is shown to nobody */
    { "S: 554 call 555-0100 now\n", smtp_error_quark, SMTP_ERROR_PERMANENT, NULL },
    { "S: call 555-0100 now\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, NULL },
    { "S: 421 call 555-0100 now\n", smtp_error_quark, SMTP_ERROR_TEMPORARY, NULL },
    /* bytes behind the answer: a whole answer, half a line, a single byte */
    { STARTTLS "S: 220 go\nS: 250-mail\nS: 250 AUTH PLAIN\n", net_error_quark, NET_ERROR_INJECTION, NULL },
    { STARTTLS "S: 220 go\nS-raw: 250-AU\n", net_error_quark, NET_ERROR_INJECTION, NULL },
    { STARTTLS "S: 220 go\nS-raw: x\n", net_error_quark, NET_ERROR_INJECTION, NULL },
    /* an answer that comes before its question is not believed either */
    { GREETING EHLO ("S: 250-STARTTLS\n") "S: 220 go\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, NULL },
    { GREETING EHLO ("S: 250-STARTTLS\n") "S-raw: 220\n", smtp_error_quark, SMTP_ERROR_PROTOCOL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    assert_refused (&starttls, &refusals[i]);
}

static void
test_no_password_on_a_plain_line (void)
{
  static const Options plain = { .security = NET_SECURITY_NONE };
  static const Refusal refusal = {
    GREETING EHLO ("S: 250-AUTH PLAIN LOGIN\n"), sasl_error_quark, SASL_ERROR_NO_MECHANISM, NULL
  };

  assert_refused (&plain, &refusal);
}

static void
test_silent_server (void)
{
  static const Options hasty = { .security = NET_SECURITY_STARTTLS, .timeout_s = 1 };
  static const Refusal refusal = { STARTTLS "stall\n", net_error_quark, NET_ERROR_TIMEOUT, NULL };

  assert_refused (&hasty, &refusal);
}

static void
test_endless_answers (void)
{
  g_autofree char *line = g_strnfill (SMTP_REPLY_LINE_MAX, '2');
  g_autofree char *long_line = g_strconcat ("S: ", line, "\n", NULL);
  g_autoptr(GString) long_reply = g_string_new (NULL);
  Refusal refusal = { long_line, smtp_error_quark, SMTP_ERROR_PROTOCOL, NULL };
  Peer *peer = peer_start (long_line, PEER_AS_WRITTEN, 0);
  SessionSmtp *session = session_on (peer_take_client (peer), &anonymous);

  g_assert_false (session_smtp_open (session, NULL));
  session_smtp_free (session);
  peer_assert_done (peer);

  for (guint i = 0; i < 10000; i++)
    g_string_append (long_reply, "S: 220-x\n");
  refusal.script = long_reply->str;
  refusal.words = "220-x";
  assert_refused (&anonymous, &refusal);
}

/* --- sending --- */

#define TO_BEN   "C: RCPT TO:<ben@example.org>\nS: 250 2.1.5 ok\n"
#define FROM_ANN "C: MAIL FROM:<ann@example.org>\nS: 250 2.1.0 ok\n"
#define DATA     "C: DATA\nS: 354 go\n"
#define TEXT     "C: A: b\nC: \nC: text\n"
#define DOT      "C: .\nS: 250 2.0.0 queued as 7\n"

/* A mail and what became of it. */
typedef struct {
  const char          *message;
  gsize                size;             /* of message, 0: a string */
  const char          *from;
  const char          *to[4];
  SessionSmtpRefused   refused;
  gboolean             is_uncommitted;   /* about_to_commit() says no */
  GCancellable        *cancelled_by_commit;
  int                  stopped_by_commit;

  guint                n_commits;
  guint64              progress;
  gboolean             is_sent;
  GString             *fates;            /* one letter each */
  char                *words;
} Mail;

static gboolean
about_to_commit (gpointer   data,
                 GError   **error)
{
  Mail *mail = data;

  mail->n_commits++;
  if (mail->cancelled_by_commit != NULL)
    g_cancellable_cancel (mail->cancelled_by_commit);
  if (mail->stopped_by_commit > 0)
    g_assert_cmpint (eventfd_write (mail->stopped_by_commit, 1), ==, 0);
  if (mail->is_uncommitted)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "disk full");
  return !mail->is_uncommitted;
}

static void
progress (gpointer data,
          guint64  done,
          guint64  total)
{
  Mail *mail = data;

  g_assert_cmpuint (done, >=, mail->progress);
  g_assert_cmpuint (done, <=, total);
  mail->progress = done;
}

static void
mail_clear (Mail *mail)
{
  g_clear_pointer (&mail->words, g_free);
  if (mail->fates != NULL)
    g_string_free (mail->fates, TRUE);
  mail->fates = NULL;
  mail->n_commits = 0;
  mail->progress = 0;
}

static GError *
send_mail (SessionSmtp *session,
           Mail        *mail)
{
  const char *text = mail->message != NULL ? mail->message : "A: b\n\ntext\n";
  gsize size = mail->size > 0 ? mail->size : strlen (text);
  g_autoptr(GInputStream) message = g_memory_input_stream_new_from_data (text, (gssize) size, NULL);
  const char *ben[] = { "ben@example.org", NULL };
  SessionSmtpMail request = {
    .from = mail->from != NULL ? mail->from : "ann@example.org",
    .to = mail->to[0] != NULL ? mail->to : ben,
    .message = message,
    .refused = mail->refused,
    .about_to_commit = about_to_commit,
    .progress = progress,
    .data = mail,
  };
  g_autoptr(SessionSmtpResult) result = NULL;
  GError *error = NULL;

  mail_clear (mail);
  g_assert_cmpint (session_smtp_send (session, &request, &result, &error), ==, error == NULL);
  mail->is_sent = result->is_sent;
  mail->words = g_strdup (result->words);
  mail->fates = g_string_new (NULL);
  for (guint i = 0; i < result->recipients->len; i++)
    {
      const SessionSmtpRecipient *recipient = result->recipients->pdata[i];

      g_assert_cmpstr (recipient->address, ==, request.to[i]);
      g_assert_cmpint (recipient->words != NULL, ==, recipient->fate != SESSION_SMTP_UNTRIED);
      g_string_append_c (mail->fates, "-+?!"[recipient->fate]);
    }
  return error;
}

typedef struct {
  const char *script;
  Mail        mail;
  int         code;            /* of SMTP_ERROR, -1: sent */
  const char *fates;
  gboolean    is_good;
  const char *words;           /* of the error */
} Case;

static void
assert_case (const Case *one)
{
  Peer *peer = peer_start (one->script, PEER_AS_WRITTEN, 0);
  SessionSmtp *session = session_on (peer_take_client (peer), &anonymous);
  g_autoptr(GError) error = NULL;
  Mail mail = one->mail;

  session_smtp_open (session, &error);
  g_assert_no_error (error);
  error = send_mail (session, &mail);
  if (error != NULL)
    g_test_message ("%s", error->message);

  if (one->code < 0)
    g_assert_no_error (error);
  else
    {
      g_assert_error (error, SMTP_ERROR, one->code);
      g_assert_cmpstr (smtp_error_peek_text (error), ==, one->words);
    }
  g_assert_cmpint (mail.is_sent, ==, one->code < 0);
  g_assert_cmpstr (mail.fates->str, ==, one->fates);
  g_assert_cmpint (session_smtp_is_good (session), ==, one->is_good);
  g_assert_cmpuint (mail.n_commits, <=, 1);
  mail_clear (&mail);
  session_smtp_free (session);
  peer_assert_done (peer);
}

static void
assert_cases (const Case *cases,
              gsize       n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    assert_case (&cases[i]);
}

static void
test_sends (void)
{
  static const Case cases[] = {
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT DOT, { 0 }, -1, "+", TRUE },
    /* in two round trips */
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\nC: RCPT TO:<ben@example.org>\nC: DATA\n"
      "S: 250 ok\nS: 250 ok\nS: 354 go\n" TEXT DOT, { 0 }, -1, "+", TRUE },
    /* canonical line ends, dots doubled, a last line that is not ended */
    { OPEN ("") FROM_ANN TO_BEN DATA "C: A: b\nC: \nC: ..\nC: ...a\nC: b\nC: c\n" DOT,
      { .message = "A: b\r\n\r\n.\n..a\rb\r\nc" }, -1, "+", TRUE },
    { OPEN ("") FROM_ANN TO_BEN DATA DOT, { .message = "" }, -1, "+", TRUE },
    /* what the server can take is said to it */
    { OPEN ("S: 250-SIZE 1000\n") "C: MAIL FROM:<ann@example.org> SIZE=14\nS: 250 ok\n" TO_BEN DATA TEXT DOT,
      { 0 }, -1, "+", TRUE },
    { OPEN ("S: 250-8BITMIME\n") "C: MAIL FROM:<ann@example.org> BODY=8BITMIME\nS: 250 ok\n" TO_BEN DATA
      "C: A: b\nC: \nC: d\\xc3\\xa9\n" DOT, { .message = "A: b\n\nd\xc3\xa9\n" }, -1, "+", TRUE },
    { OPEN ("S: 250-8BITMIME\nS: 250-SMTPUTF8\n")
      "C: MAIL FROM:<ann@example.org> SMTPUTF8\nS: 250 ok\n"
      "C: RCPT TO:<bj\\xc3\\xb6rn@example.org>\nS: 250 ok\n"
      DATA TEXT DOT, { .to = { "bj\xc3\xb6rn@example.org" } }, -1, "+", TRUE },
    { OPEN ("S: 250-8BITMIME\nS: 250-SMTPUTF8\n")
      "C: MAIL FROM:<ann@example.org> BODY=8BITMIME SMTPUTF8\nS: 250 ok\n" TO_BEN DATA
      "C: A: \\xc3\\xa9\nC: \nC: b\n" DOT, { .message = "A: \xc3\xa9\n\nb\n" }, -1, "+", TRUE },
    /* an umlaut domain has another form */
    { OPEN ("") FROM_ANN "C: RCPT TO:<ben@xn--bcher-kva.example>\nS: 250 ok\n" DATA TEXT DOT,
      { .to = { "ben@b\xc3\xbc" "cher.example" } }, -1, "+", TRUE },
    { OPEN ("") FROM_ANN "C: RCPT TO:<ben@example.org>\nS: 251 will forward\n" DATA TEXT DOT,
      { 0 }, -1, "+", TRUE },
  };

  assert_cases (cases, G_N_ELEMENTS (cases));
}

/* Nothing of such a mail is said to the server. */
static void
test_impossible_mails (void)
{
  g_autofree char *line = g_strnfill (999, 'x');
  const Case cases[] = {
    { OPEN ("S: 250-SIZE 13\n"), { 0 }, SMTP_ERROR_TOO_BIG, "-", TRUE },
    { OPEN (""), { .message = "A: b\n\nd\xc3\xa9\n" }, SMTP_ERROR_NEEDS_ENCODING, "-", TRUE },
    { OPEN ("S: 250-8BITMIME\n"), { .message = "A: \xc3\xa9\n\nb\n" }, SMTP_ERROR_NEEDS_ENCODING, "-", TRUE },
    { OPEN ("S: 250-8BITMIME\n"),
      { .message = "A: b\n\n\0", .size = 7 }, SMTP_ERROR_NEEDS_ENCODING, "-", TRUE },
    { OPEN ("S: 250-8BITMIME\n"), { .message = line }, SMTP_ERROR_NEEDS_ENCODING, "-", TRUE },
    { OPEN (""), { .to = { "bj\xc3\xb6rn@example.org" } }, SMTP_ERROR_NEEDS_SMTPUTF8, "-", TRUE },
    { OPEN (""), { .from = "bj\xc3\xb6rn@example.org" }, SMTP_ERROR_NEEDS_SMTPUTF8, "-", TRUE },
    { OPEN (""),
      { .to = { "ben@example.org>\r\nRCPT TO:<eve@example.org" } }, SMTP_ERROR_BAD_ADDRESS, "-", TRUE },
    { OPEN (""), { .to = { "ben@example.org", "" } }, SMTP_ERROR_BAD_ADDRESS, "--", TRUE },
    { OPEN (""), { .from = "ann@example.org> SIZE=1" }, SMTP_ERROR_BAD_ADDRESS, "-", TRUE },
    { OPEN (""), { .from = "" }, SMTP_ERROR_BAD_ADDRESS, "-", TRUE },
  };

  assert_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_refused_mails (void)
{
  static const Case cases[] = {
    { OPEN ("") "C: MAIL FROM:<ann@example.org>\nS: 451 later\n",
      { 0 }, SMTP_ERROR_TEMPORARY, "-", TRUE, "451 later" },
    { OPEN ("") "C: MAIL FROM:<ann@example.org>\nS: 550 no\n",
      { 0 }, SMTP_ERROR_PERMANENT, "-", TRUE, "550 no" },
    { OPEN ("") "C: MAIL FROM:<ann@example.org>\nS: 530 sign in\n",
      { 0 }, SMTP_ERROR_AUTH_REJECTED, "-", TRUE, "530 sign in" },
    { OPEN ("") "C: MAIL FROM:<ann@example.org>\nS: 552 too big\n",
      { 0 }, SMTP_ERROR_TOO_BIG, "-", TRUE, "552 too big" },
    { OPEN ("") "C: MAIL FROM:<ann@example.org>\nS: 421 bye\n",
      { 0 }, SMTP_ERROR_TEMPORARY, "-", FALSE, "421 bye" },
    { OPEN ("") "C: MAIL FROM:<ann@example.org>\nS: 354 what\n",
      { 0 }, SMTP_ERROR_PROTOCOL, "-", TRUE, "354 what" },
    { OPEN ("") FROM_ANN "C: RCPT TO:<ben@example.org>\nS: 550 5.1.1 unknown\n",
      { 0 }, SMTP_ERROR_RECIPIENTS_REFUSED, "!", TRUE },
    { OPEN ("") FROM_ANN "C: RCPT TO:<ben@example.org>\nS: 450 4.2.0 greylisted\n",
      { 0 }, SMTP_ERROR_TEMPORARY, "?", TRUE },
    { OPEN ("") FROM_ANN TO_BEN "C: DATA\nS: 554 no\n", { 0 }, SMTP_ERROR_PERMANENT, "+", TRUE, "554 no" },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 552 5.3.4 too big\n",
      { 0 }, SMTP_ERROR_TOO_BIG, "+", TRUE, "552 5.3.4 too big" },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 554 5.7.1 spam\n",
      { 0 }, SMTP_ERROR_PERMANENT, "+", TRUE, "554 5.7.1 spam" },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 451 later\n",
      { 0 }, SMTP_ERROR_TEMPORARY, "+", TRUE, "451 later" },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 421 bye\n",
      { 0 }, SMTP_ERROR_TEMPORARY, "+", FALSE, "421 bye" },
    /* with all of it said at once */
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\nC: RCPT TO:<ben@example.org>\nC: DATA\n"
      "S: 550 no\nS: 503 need MAIL\nS: 503 need MAIL\n", { 0 }, SMTP_ERROR_PERMANENT, "-", TRUE, "550 no" },
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\nC: RCPT TO:<ben@example.org>\nC: DATA\n"
      "S: 250 ok\nS: 550 no\nS: 554 nobody\n", { 0 }, SMTP_ERROR_RECIPIENTS_REFUSED, "!", TRUE },
    /* 354 for nobody: no way back but to close */
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\nC: RCPT TO:<ben@example.org>\nC: DATA\n"
      "S: 250 ok\nS: 550 no\nS: 354 go\n", { 0 }, SMTP_ERROR_RECIPIENTS_REFUSED, "!", FALSE },
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\nC: RCPT TO:<ben@example.org>\nC: DATA\n"
      "S: 550 no\nS: 503 no\nS: 354 go\n", { 0 }, SMTP_ERROR_PERMANENT, "-", FALSE, "550 no" },
  };

  assert_cases (cases, G_N_ELEMENTS (cases));
}

#define THREE       .to = { "ben@example.org", "cid@example.org", "dan@example.org" }
#define RCPT(who)   "C: RCPT TO:<" who "@example.org>\n"

static void
test_some_recipients_refused (void)
{
  static const Case cases[] = {
    { OPEN ("") FROM_ANN RCPT ("ben") "S: 250 ok\n" RCPT ("cid") "S: 550 no\n" RCPT ("dan") "S: 451 later\n",
      { THREE }, SMTP_ERROR_RECIPIENTS_REFUSED, "+!?", TRUE },
    { OPEN ("") FROM_ANN RCPT ("ben") "S: 250 ok\n" RCPT ("cid") "S: 250 ok\n" RCPT ("dan") "S: 451 later\n",
      { THREE }, SMTP_ERROR_TEMPORARY, "++?", TRUE },
    { OPEN ("") FROM_ANN RCPT ("ben") "S: 250 ok\n" RCPT ("cid") "S: 550 no\n" RCPT ("dan") "S: 451 later\n"
      DATA TEXT DOT, { THREE, .refused = SESSION_SMTP_SKIP_REFUSED }, -1, "+!?", TRUE },
    { OPEN ("") FROM_ANN RCPT ("ben") "S: 550 a\n" RCPT ("cid") "S: 550 b\n" RCPT ("dan") "S: 550 c\n",
      { THREE, .refused = SESSION_SMTP_SKIP_REFUSED }, SMTP_ERROR_RECIPIENTS_REFUSED, "!!!", TRUE },
    /* all or none: DATA is not said along, since 354 could not be undone */
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\n" RCPT ("ben") RCPT ("cid") RCPT ("dan")
      "S: 250 ok\nS: 250 ok\nS: 550 no\nS: 250 ok\n", { THREE }, SMTP_ERROR_RECIPIENTS_REFUSED, "+!+", TRUE },
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\n" RCPT ("ben") RCPT ("cid") RCPT ("dan")
      "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\n" DATA TEXT DOT, { THREE }, -1, "+++", TRUE },
    { OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\n" RCPT ("ben") RCPT ("cid") RCPT ("dan") "C: DATA\n"
      "S: 250 ok\nS: 250 ok\nS: 550 no\nS: 250 ok\nS: 354 go\n" TEXT DOT,
      { THREE, .refused = SESSION_SMTP_SKIP_REFUSED }, -1, "+!+", TRUE },
    { OPEN ("") FROM_ANN RCPT ("ben") "S: 250 ok\n" RCPT ("cid") "S: 421 bye\n",
      { THREE }, SMTP_ERROR_TEMPORARY, "+--", FALSE, "421 bye" },
  };

  assert_cases (cases, G_N_ELEMENTS (cases));
}

static void
test_many_recipients_in_windows (void)
{
  g_autoptr(GString) script = g_string_new (OPEN (PIPELINING) "C: MAIL FROM:<ann@example.org>\n");
  const char *to[251] = { NULL };
  g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GInputStream) message = g_memory_input_stream_new_from_data ("A: b\n\ntext\n", -1, NULL);
  SessionSmtpMail mail = { .from = "ann@example.org", .to = to, .message = message };
  g_autoptr(SessionSmtpResult) result = NULL;
  g_autoptr(GError) error = NULL;
  SessionSmtp *session;
  Peer *peer;

  for (guint i = 0; i < 250; i++)
    {
      g_ptr_array_add (addresses, g_strdup_printf ("b%u@example.org", i));
      to[i] = addresses->pdata[i];
    }
  /* 100 are on their way, then one more for each answer. */
  for (guint i = 0; i < 250; i++)
    {
      if (i >= 99)
        g_string_append (script, "S: 250 ok\n");
      g_string_append_printf (script, "C: RCPT TO:<b%u@example.org>\n", i);
    }
  for (guint i = 0; i < 100; i++)
    g_string_append (script, "S: 250 ok\n");
  g_string_append (script, DATA TEXT DOT);

  peer = peer_start (script->str, PEER_AS_WRITTEN, 0);
  session = session_on (peer_take_client (peer), &anonymous);
  g_assert_true (session_smtp_open (session, &error));
  session_smtp_send (session, &mail, &result, &error);
  g_assert_no_error (error);
  session_smtp_free (session);
  peer_assert_done (peer);
}

/* --- the final dot --- */

static void
test_no_answer_to_the_dot_is_unknown (void)
{
  static const Case cases[] = {
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\ncut\n", { 0 }, SMTP_ERROR_UNKNOWN, "+", FALSE },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS-raw: 250 ok\ncut\n",
      { 0 }, SMTP_ERROR_UNKNOWN, "+", FALSE },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 250-ok\ncut\n", { 0 }, SMTP_ERROR_UNKNOWN, "+", FALSE },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: okay\n", { 0 }, SMTP_ERROR_UNKNOWN, "+", FALSE },
    { OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 354 more\n",
      { 0 }, SMTP_ERROR_UNKNOWN, "+", FALSE, "354 more" },
  };

  assert_cases (cases, G_N_ELEMENTS (cases));
}

/* Opens, and sends mail with signals; the error, or NULL. */
static GError *
send_with (const char       *script,
           Mail             *mail,
           const NetSignals *signals)
{
  Peer *peer = peer_start (script, PEER_AS_WRITTEN, 0);
  SessionSmtp *session = session_on (peer_take_client (peer), &anonymous);
  GError *error = NULL;

  session_smtp_open (session, &error);
  g_assert_no_error (error);
  session_smtp_set_signals (session, signals);
  error = send_mail (session, mail);
  session_smtp_free (session);
  peer_assert_done (peer);
  return error;
}

static void
test_commit_comes_before_the_dot (void)
{
  Mail mail = { .is_uncommitted = TRUE };
  g_autoptr(GError) error = send_with (OPEN ("") FROM_ANN TO_BEN DATA TEXT, &mail, NULL);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_false (mail.is_sent);
  g_assert_cmpuint (mail.n_commits, ==, 1);
  g_assert_cmpuint (mail.progress, ==, strlen ("A: b\r\n\r\ntext\r\n"));
  mail_clear (&mail);
}

static void
test_cancel_before_the_dot_sends_nothing (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  NetSignals signals = { -1, -1, cancellable };
  Mail mail = { 0 };
  g_autoptr(GError) error = NULL;

  g_cancellable_cancel (cancellable);
  error = send_with (OPEN (""), &mail, &signals);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (mail.n_commits, ==, 0);
  mail_clear (&mail);
}

static void
test_cancel_after_commit_has_no_effect (void)
{
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  NetSignals signals = { -1, -1, cancellable };
  Mail mail = { .cancelled_by_commit = cancellable };
  g_autoptr(GError) error = send_with (OPEN ("") FROM_ANN TO_BEN DATA TEXT DOT, &mail, &signals);

  g_assert_no_error (error);
  g_assert_true (mail.is_sent);
  g_assert_cmpstr (mail.words, ==, "250 2.0.0 queued as 7");
  mail_clear (&mail);
}

/* The lane must let go at once, and nobody knows whether the dot arrived. */
static void
test_stop_after_commit_is_unknown (void)
{
  int stop_fd = eventfd (0, EFD_CLOEXEC);
  NetSignals signals = { -1, stop_fd, NULL };
  Mail mail = { .stopped_by_commit = stop_fd };
  g_autoptr(GError) error = send_with (OPEN ("") FROM_ANN TO_BEN DATA TEXT, &mail, &signals);

  g_assert_error (error, SMTP_ERROR, SMTP_ERROR_UNKNOWN);
  g_assert_false (mail.is_sent);
  mail_clear (&mail);
  close (stop_fd);
}

static void
test_refusal_within_the_message (void)
{
  g_autofree char *lines = g_strnfill (8 * 1024 * 1024, '\n');
  Case one = {
    OPEN ("") FROM_ANN TO_BEN DATA "C: A: b\nS: 552 5.3.4 too much\ncut\n",
    { .message = lines }, SMTP_ERROR_TOO_BIG, "+", FALSE, "552 5.3.4 too much"
  };

  memcpy (lines, "A: b\n", 5);
  assert_case (&one);
}

/* --- one after the other --- */

static void
test_next_mail_after_a_refused_one (void)
{
  Peer *peer = peer_start (OPEN ("") FROM_ANN "C: RCPT TO:<ben@example.org>\nS: 550 no\n"
                           "C: RSET\nS: 250 ok\n" FROM_ANN TO_BEN DATA TEXT DOT
                           FROM_ANN TO_BEN DATA TEXT "C: .\nS: 554 spam\n" FROM_ANN TO_BEN DATA TEXT DOT QUIT,
                           PEER_AS_WRITTEN, 0);
  SessionSmtp *session = session_on (peer_take_client (peer), &anonymous);
  static const gboolean is_sent[] = { FALSE, TRUE, FALSE, TRUE };
  Mail mail = { 0 };

  g_assert_true (session_smtp_open (session, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (is_sent); i++)
    {
      g_autoptr(GError) error = send_mail (session, &mail);

      g_assert_cmpint (error == NULL, ==, is_sent[i]);
    }
  session_smtp_quit (session);
  mail_clear (&mail);
  session_smtp_free (session);
  peer_assert_done (peer);
}

static void
test_good_bye_between_mails (void)
{
  Peer *peer = peer_start (OPEN ("") FROM_ANN TO_BEN DATA TEXT "C: .\nS: 250 ok\nS: 421 idle\n",
                           PEER_AS_WRITTEN, 0);
  SessionSmtp *session = session_on (peer_take_client (peer), &anonymous);
  Mail mail = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) again = NULL;

  g_assert_true (session_smtp_open (session, NULL));
  g_assert_no_error (send_mail (session, &mail));
  error = send_mail (session, &mail);
  g_assert_error (error, SMTP_ERROR, SMTP_ERROR_TEMPORARY);
  g_assert_false (session_smtp_is_good (session));
  again = send_mail (session, &mail);
  g_assert_error (again, NET_ERROR, NET_ERROR_CLOSED);
  session_smtp_quit (session);
  mail_clear (&mail);
  session_smtp_free (session);
  peer_assert_done (peer);
}

/* --- at every cut --- */

#define SESSION_ALL  GREETING EHLO ("S: 250-AUTH PLAIN\nS: 250-SIZE\n" PIPELINING) AUTH_PLAIN \
                     "C: MAIL FROM:<ann@example.org> SIZE=14\n" RCPT ("ben") "C: DATA\n" \
                     "S: 250 ok\nS: 250 ok\nS: 354 go\n" TEXT DOT
#define FINAL_REPLY  "250 2.0.0 queued as 7\r\n"

typedef struct {
  GCancellable *cancellable;
  gsize         n_sent;
  gsize         n_unknown;
  gsize         n_commits;
} AllOfIt;

static void
run_all_of_it (GIOStream *client,
               gpointer   user_data)
{
  AllOfIt *all = user_data;
  SessionSmtp *session = session_on (client, &safe);
  g_autoptr(GError) error = NULL;
  Mail mail = { 0 };
  gboolean is_unknown;

  if (all->cancellable != NULL)
    session_smtp_set_signals (session, &(NetSignals) { -1, -1, all->cancellable });
  if (session_smtp_open (session, &error))
    error = send_mail (session, &mail);

  all->n_sent += error == NULL;
  all->n_commits += mail.n_commits;
  is_unknown = g_error_matches (error, SMTP_ERROR, SMTP_ERROR_UNKNOWN);
  all->n_unknown += is_unknown;
  /* What went wrong after the commit is unknown, what went wrong before is not. */
  g_assert_cmpint (mail.n_commits > 0, ==, error == NULL || is_unknown);
  mail_clear (&mail);
  session_smtp_free (session);
}

static void
test_every_split (void)
{
  AllOfIt all = { NULL };

  peer_at_every_cut (SESSION_ALL, PEER_SPLIT, run_all_of_it, &all);
  g_assert_cmpuint (all.n_sent, ==, peer_count_server_bytes (SESSION_ALL));
}

static void
test_every_close (void)
{
  AllOfIt all = { NULL };

  peer_at_every_cut (SESSION_ALL, PEER_CLOSE, run_all_of_it, &all);
  g_assert_cmpuint (all.n_sent, ==, 0);
  g_assert_cmpuint (all.n_commits, ==, strlen (FINAL_REPLY));
  g_assert_cmpuint (all.n_unknown, ==, strlen (FINAL_REPLY));
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

static void
test_every_stall_before_the_dot (void)
{
  gsize size = peer_count_server_bytes (SESSION_ALL) - strlen (FINAL_REPLY);

  for (gsize at = 0; at < size; at++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      AllOfIt all = { .cancellable = cancellable };
      Peer *peer = peer_start (SESSION_ALL, PEER_STALL, at);
      User user = { peer, cancellable };
      GThread *thread = g_thread_new ("user", lose_patience, &user);

      run_all_of_it (peer_take_client (peer), &all);
      g_thread_join (thread);
      peer_assert_done (peer);
      g_assert_cmpuint (all.n_commits, ==, 0);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/session/smtp/signs-in", test_signs_in);
  g_test_add_func ("/session/smtp/long-token-waits", test_long_token_waits);
  g_test_add_func ("/session/smtp/chosen-plain-line", test_chosen_plain_line);
  g_test_add_func ("/session/smtp/other-greetings", test_other_greetings);
  g_test_add_func ("/session/smtp/refused-hello", test_refused_hello);
  g_test_add_func ("/session/smtp/refused-sign-in", test_refused_sign_in);
  g_test_add_func ("/session/smtp/no-secret-without-starttls", test_no_secret_without_starttls);
  g_test_add_func ("/session/smtp/no-password-on-a-plain-line", test_no_password_on_a_plain_line);
  g_test_add_func ("/session/smtp/silent-server", test_silent_server);
  g_test_add_func ("/session/smtp/endless-answers", test_endless_answers);
  g_test_add_func ("/session/smtp/sends", test_sends);
  g_test_add_func ("/session/smtp/impossible-mails", test_impossible_mails);
  g_test_add_func ("/session/smtp/refused-mails", test_refused_mails);
  g_test_add_func ("/session/smtp/some-recipients-refused", test_some_recipients_refused);
  g_test_add_func ("/session/smtp/many-recipients-in-windows", test_many_recipients_in_windows);
  g_test_add_func ("/session/smtp/no-answer-to-the-dot-is-unknown", test_no_answer_to_the_dot_is_unknown);
  g_test_add_func ("/session/smtp/commit-comes-before-the-dot", test_commit_comes_before_the_dot);
  g_test_add_func ("/session/smtp/cancel-before-the-dot", test_cancel_before_the_dot_sends_nothing);
  g_test_add_func ("/session/smtp/cancel-after-commit", test_cancel_after_commit_has_no_effect);
  g_test_add_func ("/session/smtp/stop-after-commit-is-unknown", test_stop_after_commit_is_unknown);
  g_test_add_func ("/session/smtp/refusal-within-the-message", test_refusal_within_the_message);
  g_test_add_func ("/session/smtp/next-mail-after-a-refused-one", test_next_mail_after_a_refused_one);
  g_test_add_func ("/session/smtp/good-bye-between-mails", test_good_bye_between_mails);
  g_test_add_func ("/session/smtp/every-split", test_every_split);
  g_test_add_func ("/session/smtp/every-close", test_every_close);
  g_test_add_func ("/session/smtp/every-stall-before-the-dot", test_every_stall_before_the_dot);
  return g_test_run ();
}
