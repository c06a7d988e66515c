/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "worker/judge.h"

#include "account/secrets.h"
#include "imap/error.h"
#include "net/error.h"
#include "net/sasl.h"
#include "pop3/error.h"
#include "smtp/error.h"
#include "store/store.h"

typedef struct {
  int            code;
  WorkerVerdict  first;        /* when nothing has failed before */
  WorkerVerdict  again;        /* after one failure */
  const char    *problem;
} Row;

#define NOTHING WORKER_VERDICT_NOTHING
#define MESSAGE WORKER_VERDICT_SKIP_MESSAGE
#define FOLDER  WORKER_VERDICT_SKIP_FOLDER
#define AT_ONCE WORKER_VERDICT_RECONNECT
#define WAIT    WORKER_VERDICT_WAIT
#define ASK     WORKER_VERDICT_ASK_PASSWORD
#define TELL    WORKER_VERDICT_TELL_USER
#define STOP    WORKER_VERDICT_STOP_ACCOUNT

static const Row net[] = {
  { NET_ERROR_NOT_FOUND, WAIT, WAIT, "network" },
  { NET_ERROR_REFUSED, WAIT, WAIT, "network" },
  { NET_ERROR_UNREACHABLE, WAIT, WAIT, "network" },
  { NET_ERROR_TIMEOUT, WAIT, WAIT, "network" },
  { NET_ERROR_CLOSED, AT_ONCE, WAIT, "network" },
  { NET_ERROR_STOPPED, NOTHING, NOTHING, "network" },
  { NET_ERROR_TLS_PROTOCOL, TELL, TELL, "encryption" },
  { NET_ERROR_TLS_WRONG_NAME, TELL, TELL, "certificate" },
  { NET_ERROR_TLS_EXPIRED, TELL, TELL, "certificate" },
  { NET_ERROR_TLS_SELF_SIGNED, TELL, TELL, "certificate" },
  { NET_ERROR_TLS_UNKNOWN_ISSUER, TELL, TELL, "certificate" },
  { NET_ERROR_TLS_BAD_CERTIFICATE, TELL, TELL, "certificate" },
  { NET_ERROR_INJECTION, TELL, TELL, "encryption" },
  { NET_ERROR_PROXY, WAIT, WAIT, "network" },
};

static const Row sasl[] = {
  { SASL_ERROR_NO_MECHANISM, STOP, STOP, "encryption" },
  { SASL_ERROR_BAD_CHALLENGE, TELL, TELL, "encryption" },
};

/* NO, BAD and BYE without a code; those with one are below. */
static const Row imap[] = {
  { IMAP_ERROR_NO, FOLDER, FOLDER, "server" },
  { IMAP_ERROR_BAD, FOLDER, FOLDER, "server" },
  { IMAP_ERROR_BYE, AT_ONCE, WAIT, "server" },
  { IMAP_ERROR_PROTOCOL, AT_ONCE, WAIT, "server" },
  { IMAP_ERROR_TOO_LONG, TELL, TELL, "server" },
  { IMAP_ERROR_NO_TLS, TELL, TELL, "encryption" },
  { IMAP_ERROR_AUTH_REJECTED, ASK, ASK, "password" },
  { IMAP_ERROR_UNSUPPORTED, FOLDER, FOLDER, "server" },
};

static const Row pop3[] = {
  { POP3_ERROR_AUTH_REJECTED, ASK, ASK, "password" },
  { POP3_ERROR_AUTH_UNCLEAR, WAIT, ASK, "password" },
  { POP3_ERROR_IN_USE, WAIT, WAIT, "server" },
  { POP3_ERROR_LOGIN_DELAY, WAIT, WAIT, "server" },
  { POP3_ERROR_TEMPORARY, WAIT, WAIT, "server" },
  { POP3_ERROR_PERMANENT, STOP, STOP, "server" },
  { POP3_ERROR_NO_TLS, TELL, TELL, "encryption" },
  { POP3_ERROR_PROTOCOL, AT_ONCE, WAIT, "server" },
  { POP3_ERROR_TOO_LONG, TELL, TELL, "server" },
  { POP3_ERROR_REFUSED, MESSAGE, MESSAGE, "server" },
  { POP3_ERROR_QUIT_UNKNOWN, AT_ONCE, WAIT, "server" },
};

static const Row smtp[] = {
  { SMTP_ERROR_AUTH_REJECTED, ASK, ASK, "password" },
  { SMTP_ERROR_NO_TLS, TELL, TELL, "encryption" },
  { SMTP_ERROR_TEMPORARY, WAIT, WAIT, "server" },
  { SMTP_ERROR_PERMANENT, MESSAGE, MESSAGE, "server" },
  { SMTP_ERROR_TOO_BIG, MESSAGE, MESSAGE, "server" },
  { SMTP_ERROR_RECIPIENTS_REFUSED, MESSAGE, MESSAGE, "server" },
  { SMTP_ERROR_BAD_ADDRESS, MESSAGE, MESSAGE, "server" },
  { SMTP_ERROR_NEEDS_SMTPUTF8, MESSAGE, MESSAGE, "server" },
  { SMTP_ERROR_NEEDS_ENCODING, MESSAGE, MESSAGE, "server" },
  { SMTP_ERROR_PROTOCOL, AT_ONCE, WAIT, "server" },
  { SMTP_ERROR_UNKNOWN, MESSAGE, MESSAGE, "server" },
};

static const Row store[] = {
  { STORE_ERROR_FAILED, TELL, TELL, "store" },
  { STORE_ERROR_NOT_FOUND, FOLDER, FOLDER, "store" },
  { STORE_ERROR_FULL, TELL, TELL, "disk" },
  { STORE_ERROR_READ_ONLY, TELL, TELL, "disk" },
  { STORE_ERROR_BUSY, WAIT, WAIT, "store" },
  { STORE_ERROR_LOCKED, STOP, STOP, "store" },
  { STORE_ERROR_OLDER_SCHEMA, STOP, STOP, "store" },
  { STORE_ERROR_NEWER_SCHEMA, STOP, STOP, "store" },
  { STORE_ERROR_CORRUPT, STOP, STOP, "store" },
  { STORE_ERROR_NETWORK_FILE_SYSTEM, STOP, STOP, "store" },
  { STORE_ERROR_STATE, MESSAGE, MESSAGE, "store" },
};

static const Row account[] = {
  { ACCOUNT_ERROR_NO_SERVICE, WAIT, WAIT, "keyring" },
  { ACCOUNT_ERROR_LOCKED, WAIT, WAIT, "keyring" },
  { ACCOUNT_ERROR_FAILED, TELL, TELL, "keyring" },
  { ACCOUNT_ERROR_INVALID, ASK, ASK, "password" },
};

/* Every code of the domain, in its order: a new one must come with a verdict here. */
static void
check_rows (GQuark     domain,
            const Row *rows,
            gsize      n_rows)
{
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autoptr(GError) error = g_error_new_literal (domain, rows[i].code, "words");

      g_assert_cmpint (rows[i].code, ==, i);
      g_assert_cmpint (worker_judge_error (error, 0), ==, rows[i].first);
      g_assert_cmpint (worker_judge_error (error, 1), ==, rows[i].again);
      g_assert_cmpint (worker_judge_error (error, 100), ==, rows[i].again);
      g_assert_cmpstr (worker_judge_name_problem (error), ==, rows[i].problem);
      g_assert_null (worker_judge_peek_words (error));
    }
}

static void
test_every_code_has_a_verdict (void)
{
  check_rows (NET_ERROR, net, G_N_ELEMENTS (net));
  check_rows (SASL_ERROR, sasl, G_N_ELEMENTS (sasl));
  check_rows (IMAP_ERROR, imap, G_N_ELEMENTS (imap));
  check_rows (POP3_ERROR, pop3, G_N_ELEMENTS (pop3));
  check_rows (SMTP_ERROR, smtp, G_N_ELEMENTS (smtp));
  check_rows (STORE_ERROR, store, G_N_ELEMENTS (store));
  check_rows (ACCOUNT_ERROR, account, G_N_ELEMENTS (account));
}

static void
test_imap_codes_tell_trouble_that_passes (void)
{
  static const struct { ImapError error; ImapCode code; WorkerVerdict verdict; } cases[] = {
    { IMAP_ERROR_NO, IMAP_CODE_UNAVAILABLE, WAIT },
    { IMAP_ERROR_NO, IMAP_CODE_INUSE, WAIT },
    { IMAP_ERROR_NO, IMAP_CODE_LIMIT, WAIT },
    { IMAP_ERROR_BAD, IMAP_CODE_SERVERBUG, WAIT },
    { IMAP_ERROR_NO, IMAP_CODE_CONTACTADMIN, TELL },
    { IMAP_ERROR_NO, IMAP_CODE_OVERQUOTA, TELL },
    { IMAP_ERROR_NO, IMAP_CODE_PRIVACYREQUIRED, STOP },
    { IMAP_ERROR_NO, IMAP_CODE_NONEXISTENT, FOLDER },
    { IMAP_ERROR_NO, IMAP_CODE_NOPERM, FOLDER },
    { IMAP_ERROR_BYE, IMAP_CODE_UNAVAILABLE, WAIT },
    { IMAP_ERROR_BYE, IMAP_CODE_LIMIT, WAIT },
    { IMAP_ERROR_AUTH_REJECTED, IMAP_CODE_EXPIRED, ASK },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;

      imap_error_set (&error, cases[i].error, cases[i].code, base_slice_from_string ("Sorry"),
                      "Cannot open folder Archive");
      g_assert_cmpint (worker_judge_error (error, 0), ==, cases[i].verdict);
      g_assert_cmpstr (worker_judge_peek_words (error), ==, "Sorry");
    }
}

static void
test_cancelling_is_no_trouble (void)
{
  g_autoptr(GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Cancelled");
  g_autoptr(GError) other = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_FAILED, "Anything");

  g_assert_cmpint (worker_judge_error (cancelled, 5), ==, NOTHING);
  g_assert_cmpint (worker_judge_error (other, 0), ==, TELL);
  g_assert_cmpstr (worker_judge_name_problem (other), ==, "settings");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/worker/judge/every-code-has-a-verdict", test_every_code_has_a_verdict);
  g_test_add_func ("/worker/judge/imap-codes-tell-trouble-that-passes",
                   test_imap_codes_tell_trouble_that_passes);
  g_test_add_func ("/worker/judge/cancelling-is-no-trouble", test_cancelling_is_no_trouble);
  return g_test_run ();
}
