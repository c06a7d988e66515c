/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "probe/check.h"
#include "tests/net/tls-server.h"

#include <string.h>

typedef struct {
  TestIdentity *identity;
  TestServer   *server;
  gint          lines;           /* atomic: that the client said */
  gint          passwords;       /* atomic: that were sent */
  const char   *greeting;
  const char   *refusal;         /* to the password: NULL accepts it */
} World;

static void
answer_imap (World      *world,
             TestPeer   *peer,
             const char *line)
{
  g_auto(GStrv) words = g_strsplit (line, " ", 3);
  g_autofree char *reply = NULL;
  const char *command = words[0] != NULL && words[1] != NULL ? words[1] : "";

  if (g_ascii_strcasecmp (command, "CAPABILITY") == 0)
    test_peer_say (peer, "* CAPABILITY IMAP4rev1\r\n");
  if (g_ascii_strcasecmp (command, "LOGOUT") == 0)
    test_peer_say (peer, "* BYE\r\n");
  if (g_ascii_strcasecmp (command, "LOGIN") == 0)
    g_atomic_int_inc (&world->passwords);
  if (g_ascii_strcasecmp (command, "LOGIN") == 0 && world->refusal != NULL)
    reply = g_strdup_printf ("%s NO %s\r\n", words[0], world->refusal);
  else
    reply = g_strdup_printf ("%s OK done\r\n", words[0]);
  test_peer_say (peer, reply);
}

static void
answer_pop3 (World      *world,
             TestPeer   *peer,
             const char *line)
{
  gboolean is_password = g_str_has_prefix (line, "PASS ");

  if (is_password)
    g_atomic_int_inc (&world->passwords);
  if (strcmp (line, "CAPA") == 0)
    test_peer_say (peer, "+OK\r\nUSER\r\nUIDL\r\n.\r\n");
  else
    test_peer_say (peer, is_password && world->refusal != NULL ? world->refusal : "+OK\r\n");
}

static void
serve (TestPeer *peer,
       gpointer  data)
{
  World *world = data;
  gboolean is_imap = world->greeting[0] == '*';
  char *line;

  if (!test_peer_start_tls (peer) || !test_peer_say (peer, world->greeting))
    return;
  while ((line = test_peer_read_line (peer)) != NULL)
    {
      g_atomic_int_inc (&world->lines);
      if (is_imap)
        answer_imap (world, peer, line);
      else
        answer_pop3 (world, peer, line);
      g_free (line);
    }
}

static void
world_init (World      *world,
            const char *greeting,
            const char *names)
{
  world->identity = test_identity_new (&(TestCertificate) { .names = names, .is_authority = TRUE });
  world->greeting = greeting;
  world->server = test_server_new (world->identity, serve, world);
}

static void
world_clear (World *world)
{
  test_server_free (world->server);
  test_identity_free (world->identity);
}

static ProbeVerdict *
check (World            *world,
       DiscoverProtocol  protocol,
       gboolean          believes,
       const char       *pin,
       GCancellable     *cancellable)
{
  g_autoptr(GError) error = NULL;
  char *file = test_identity_write (world->identity);
  g_autoptr(NetTrust) trust = net_trust_new (believes ? file : NULL, &error);
  g_autoptr(BaseSecret) password = base_secret_new ("secret");
  ProbeServer server = {
    protocol, "localhost", test_server_get_port (world->server), DISCOVER_TLS, "anna", password, FALSE,
  };
  NetSignals signals = { -1, -1, cancellable };

  g_assert_no_error (error);
  test_identity_remove (file);
  if (pin != NULL)
    net_trust_pin (trust, server.host, server.port, pin);
  return probe_check (&server, trust, &signals);
}

#define IMAP "* OK ready\r\n"
#define POP3 "+OK ready\r\n"

static void
test_signs_in_and_out (void)
{
  World imap = { 0 }, pop3 = { 0 };
  g_autoptr(ProbeVerdict) one = NULL;
  g_autoptr(ProbeVerdict) other = NULL;

  world_init (&imap, IMAP, "DNS:localhost");
  world_init (&pop3, POP3, "DNS:localhost");
  one = check (&imap, DISCOVER_IMAP, TRUE, NULL, NULL);
  other = check (&pop3, DISCOVER_POP3, TRUE, NULL, NULL);
  g_test_message ("%s %s", one->text, other->text);
  g_assert_cmpint (one->cause, ==, PROBE_WORKS);
  g_assert_cmpint (other->cause, ==, PROBE_WORKS);
  g_assert_nonnull (one->log);
  g_assert_null (strstr (one->log, "secret"));
  g_assert_null (strstr (other->log, "secret"));
  world_clear (&imap);
  world_clear (&pop3);
}

/* A provider counts refused passwords: one try is one password. */
static void
test_refused_password_is_sent_once (void)
{
  World imap = { .refusal = "[AUTHENTICATIONFAILED] Wrong" }, pop3 = { .refusal = "-ERR [AUTH] Wrong\r\n" };
  g_autoptr(ProbeVerdict) one = NULL;
  g_autoptr(ProbeVerdict) other = NULL;

  world_init (&imap, IMAP, "DNS:localhost");
  world_init (&pop3, POP3, "DNS:localhost");
  one = check (&imap, DISCOVER_IMAP, TRUE, NULL, NULL);
  other = check (&pop3, DISCOVER_POP3, TRUE, NULL, NULL);
  g_assert_cmpint (one->cause, ==, PROBE_WRONG_PASSWORD);
  g_assert_cmpint (other->cause, ==, PROBE_WRONG_PASSWORD);
  g_assert_nonnull (strstr (one->words, "Wrong"));
  world_clear (&imap);
  world_clear (&pop3);
  g_assert_cmpint (imap.passwords, ==, 1);
  g_assert_cmpint (pop3.passwords, ==, 1);
}

static void
test_doubtful_certificate_gets_no_word (void)
{
  static const struct { const char *names; gboolean believes; ProbeCause cause; } cases[] = {
    { "DNS:localhost", FALSE, PROBE_CERTIFICATE_SELF_SIGNED },
    { "DNS:other.example", TRUE, PROBE_CERTIFICATE_NAME },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world = { 0 };
      g_autoptr(ProbeVerdict) verdict = NULL;
      g_autofree char *fingerprint = NULL;

      world_init (&world, IMAP, cases[i].names);
      verdict = check (&world, DISCOVER_IMAP, cases[i].believes, NULL, NULL);
      fingerprint = test_identity_dup_fingerprint (world.identity);
      g_assert_cmpstr (probe_cause_to_string (verdict->cause), ==, probe_cause_to_string (cases[i].cause));
      g_assert_nonnull (verdict->certificate);
      g_assert_cmpstr (verdict->certificate->fingerprint, ==, fingerprint);
      world_clear (&world);
      g_assert_cmpint (world.lines, ==, 0);
    }
}

static void
test_pinned_certificate_works (void)
{
  World world = { 0 };
  g_autofree char *fingerprint = NULL;
  g_autoptr(ProbeVerdict) verdict = NULL;

  world_init (&world, IMAP, "DNS:localhost");
  fingerprint = test_identity_dup_fingerprint (world.identity);
  verdict = check (&world, DISCOVER_IMAP, FALSE, fingerprint, NULL);
  g_assert_cmpint (verdict->cause, ==, PROBE_WORKS);
  world_clear (&world);
}

static void
test_other_protocol_is_told (void)
{
  World world = { 0 };
  g_autoptr(ProbeVerdict) verdict = NULL;

  world_init (&world, POP3, "DNS:localhost");
  verdict = check (&world, DISCOVER_IMAP, TRUE, NULL, NULL);
  g_assert_cmpint (verdict->cause, ==, PROBE_WRONG_PROTOCOL);
  world_clear (&world);
  g_assert_cmpint (world.passwords, ==, 0);
}

static void
test_cancelled_is_a_verdict (void)
{
  World world = { 0 };
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(ProbeVerdict) verdict = NULL;

  g_cancellable_cancel (cancellable);
  world_init (&world, IMAP, "DNS:localhost");
  verdict = check (&world, DISCOVER_IMAP, TRUE, NULL, cancellable);
  g_assert_cmpint (verdict->cause, ==, PROBE_CANCELLED);
  world_clear (&world);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/probe/check/signs-in-and-out", test_signs_in_and_out);
  g_test_add_func ("/probe/check/refused-password-is-sent-once", test_refused_password_is_sent_once);
  g_test_add_func ("/probe/check/doubtful-certificate-gets-no-word", test_doubtful_certificate_gets_no_word);
  g_test_add_func ("/probe/check/pinned-certificate-works", test_pinned_certificate_works);
  g_test_add_func ("/probe/check/other-protocol-is-told", test_other_protocol_is_told);
  g_test_add_func ("/probe/check/cancelled-is-a-verdict", test_cancelled_is_a_verdict);
  return g_test_run ();
}
