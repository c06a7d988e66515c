/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/check.h"

#include "imap/error.h"
#include "pop3/error.h"
#include "smtp/error.h"

#include <string.h>

static ProbeServer
get_login (DiscoverProtocol protocol)
{
  return (ProbeServer) { protocol, "mail.harbour.example", 4711, DISCOVER_TLS, "anna", NULL, FALSE };
}

static void
check (DiscoverProtocol  protocol,
       GError           *error,
       ProbeCause        cause,
       ProbeField        field,
       const char       *part)
{
  ProbeServer login = get_login (protocol);
  g_autoptr(GError) owned = error;
  g_autoptr(ProbeVerdict) verdict = probe_verdict_new (&login, owned);

  g_test_message ("%s", verdict->text);
  g_assert_cmpstr (probe_cause_to_string (verdict->cause), ==, probe_cause_to_string (cause));
  g_assert_cmpstr (probe_field_to_string (verdict->field), ==, probe_field_to_string (field));
  g_assert_nonnull (strstr (verdict->text, part));
}

static void
test_net_causes (void)
{
  static const struct { NetError code; ProbeCause cause; ProbeField field; const char *part; } cases[] = {
    { NET_ERROR_NOT_FOUND, PROBE_NO_HOST, PROBE_FIELD_HOST, "no server named mail.harbour.example" },
    { NET_ERROR_REFUSED, PROBE_REFUSED, PROBE_FIELD_PORT, "mail.harbour.example on port 4711" },
    { NET_ERROR_UNREACHABLE, PROBE_UNREACHABLE, PROBE_FIELD_HOST, "cannot be reached" },
    { NET_ERROR_TIMEOUT, PROBE_TIMEOUT, PROBE_FIELD_PORT, "in time" },
    { NET_ERROR_CLOSED, PROBE_CLOSED, PROBE_FIELD_HOST, "closed" },
    { NET_ERROR_STOPPED, PROBE_CANCELLED, PROBE_FIELD_NONE, "Stopped" },
    { NET_ERROR_TLS_PROTOCOL, PROBE_NO_TLS, PROBE_FIELD_SECURITY, "4711" },
    { NET_ERROR_TLS_WRONG_NAME, PROBE_CERTIFICATE_NAME, PROBE_FIELD_CERTIFICATE, "another name" },
    { NET_ERROR_TLS_EXPIRED, PROBE_CERTIFICATE_EXPIRED, PROBE_FIELD_CERTIFICATE, "expired" },
    { NET_ERROR_TLS_SELF_SIGNED, PROBE_CERTIFICATE_SELF_SIGNED, PROBE_FIELD_CERTIFICATE, "self-signed" },
    { NET_ERROR_TLS_UNKNOWN_ISSUER, PROBE_CERTIFICATE_ISSUER, PROBE_FIELD_CERTIFICATE, "unknown issuer" },
    { NET_ERROR_TLS_BAD_CERTIFICATE, PROBE_CERTIFICATE_BAD, PROBE_FIELD_CERTIFICATE, "not acceptable" },
    { NET_ERROR_INJECTION, PROBE_TAMPERED, PROBE_FIELD_SECURITY, "tampering" },
    { NET_ERROR_PROXY, PROBE_UNREACHABLE, PROBE_FIELD_HOST, "reached" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check (DISCOVER_IMAP, g_error_new_literal (NET_ERROR, (int) cases[i].code, "x"), cases[i].cause,
           cases[i].field, cases[i].part);
}

static GError *
new_imap_error (ImapError   error_code,
                ImapCode    code,
                const char *words)
{
  GError *error = NULL;

  imap_error_set (&error, error_code, code, base_slice_from_string (words), "Cannot sign in");
  return error;
}

static void
test_imap_causes (void)
{
  static const struct { ImapError error; ImapCode code; const char *words; ProbeCause cause; ProbeField field; } cases[] = {
    { IMAP_ERROR_AUTH_REJECTED, IMAP_CODE_AUTHENTICATIONFAILED, "Invalid", PROBE_WRONG_PASSWORD,
      PROBE_FIELD_PASSWORD },
    { IMAP_ERROR_AUTH_REJECTED, IMAP_CODE_ALERT,
      "Application-specific password required: https://support.example",
      PROBE_APP_PASSWORD, PROBE_FIELD_PASSWORD },
    { IMAP_ERROR_AUTH_REJECTED, IMAP_CODE_NONE, "LOGIN failed. Basic authentication is disabled.",
      PROBE_NO_PASSWORDS, PROBE_FIELD_PASSWORD },
    { IMAP_ERROR_AUTH_REJECTED, IMAP_CODE_ALERT, "Your account is not enabled for IMAP use.",
      PROBE_SWITCHED_OFF, PROBE_FIELD_NONE },
    { IMAP_ERROR_NO, IMAP_CODE_UNAVAILABLE, "Internal error", PROBE_LATER, PROBE_FIELD_NONE },
    { IMAP_ERROR_NO, IMAP_CODE_INUSE, "locked", PROBE_IN_USE, PROBE_FIELD_NONE },
    { IMAP_ERROR_NO_TLS, IMAP_CODE_NONE, "", PROBE_NO_TLS, PROBE_FIELD_SECURITY },
    { IMAP_ERROR_PROTOCOL, IMAP_CODE_NONE, "", PROBE_WRONG_PROTOCOL, PROBE_FIELD_PORT },
    { IMAP_ERROR_BYE, IMAP_CODE_NONE, "bye", PROBE_CLOSED, PROBE_FIELD_HOST },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    check (DISCOVER_IMAP, new_imap_error (cases[i].error, cases[i].code, cases[i].words), cases[i].cause,
           cases[i].field, "");
}

static GError *
new_pop3_error (Pop3Error   code,
                const char *words)
{
  GError *error = NULL;

  pop3_error_set (&error, code, base_slice_from_string (words), "Cannot sign in");
  return error;
}

static void
test_pop3_and_smtp_causes (void)
{
  check (DISCOVER_POP3, new_pop3_error (POP3_ERROR_AUTH_REJECTED, "no"), PROBE_WRONG_PASSWORD,
         PROBE_FIELD_PASSWORD, "password");
  check (DISCOVER_POP3, new_pop3_error (POP3_ERROR_IN_USE, "locked"), PROBE_IN_USE, PROBE_FIELD_NONE,
         "another program");
  check (DISCOVER_POP3, new_pop3_error (POP3_ERROR_PERMANENT, "off"), PROBE_SWITCHED_OFF, PROBE_FIELD_NONE,
         "POP is switched off");
  check (DISCOVER_POP3, new_pop3_error (POP3_ERROR_PROTOCOL, ""), PROBE_WRONG_PROTOCOL, PROBE_FIELD_PORT,
         "is not POP.");
  check (DISCOVER_SMTP, g_error_new_literal (SMTP_ERROR, SMTP_ERROR_AUTH_REJECTED, "x"), PROBE_WRONG_PASSWORD,
         PROBE_FIELD_PASSWORD, "password");
  check (DISCOVER_SMTP, g_error_new_literal (SMTP_ERROR, SMTP_ERROR_PERMANENT, "The whole sentence"),
         PROBE_FAILED, PROBE_FIELD_NONE, "The whole sentence");
  check (DISCOVER_SMTP, g_error_new_literal (G_FILE_ERROR, 1, "Something else"), PROBE_FAILED,
         PROBE_FIELD_NONE, "Something else");
}

/* A host that imitates another one is shown for what it is. */
static void
test_host_is_shown_safely (void)
{
  ProbeServer login = get_login (DISCOVER_IMAP);
  g_autoptr(GError) error = g_error_new_literal (NET_ERROR, NET_ERROR_REFUSED, "x");
  g_autoptr(ProbeVerdict) verdict = NULL;

  login.host = "m\xd0\xb0il.example";            /* a Cyrillic a */
  verdict = probe_verdict_new (&login, error);
  g_assert_nonnull (strstr (verdict->text, "xn--"));
}

static void
test_plain_needs_consent (void)
{
  ProbeServer login = get_login (DISCOVER_IMAP);
  g_autoptr(ProbeVerdict) verdict = NULL;

  login.security = DISCOVER_PLAIN;
  verdict = probe_check (&login, NULL, &NET_SIGNALS_NONE);
  g_assert_cmpint (verdict->cause, ==, PROBE_NEEDS_CONSENT);
  g_assert_cmpint (verdict->field, ==, PROBE_FIELD_SECURITY);
}

static void
test_every_cause_has_a_name (void)
{
  for (int cause = 0; cause < PROBE_N_CAUSES; cause++)
    {
      g_assert_nonnull (probe_cause_to_string ((ProbeCause) cause));
      for (int other = 0; other < cause; other++)
        g_assert_cmpstr (probe_cause_to_string ((ProbeCause) cause), !=,
                         probe_cause_to_string ((ProbeCause) other));
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/verdict/net-causes", test_net_causes);
  g_test_add_func ("/probe/verdict/imap-causes", test_imap_causes);
  g_test_add_func ("/probe/verdict/pop3-and-smtp-causes", test_pop3_and_smtp_causes);
  g_test_add_func ("/probe/verdict/host-is-shown-safely", test_host_is_shown_safely);
  g_test_add_func ("/probe/verdict/plain-needs-consent", test_plain_needs_consent);
  g_test_add_func ("/probe/verdict/every-cause-has-a-name", test_every_cause_has_a_name);
  return g_test_run ();
}
