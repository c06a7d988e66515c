/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/sasl.h"

#include <gsasl.h>
#include <openssl/evp.h>

#include <string.h>

/* libgsasl makes the client's nonce from this many random bytes; with these the exchange is the one of RFC
 * 5802. */
#define RFC_5802_NONCE "fyko+d2lbbFgONRv9qkxdawL"

/* Taken by the dynamic linker instead of the library's own. */
int
gsasl_nonce (char   *data,
             size_t  size)
{
  gsize known_size;
  g_autofree guchar *known = g_base64_decode (RFC_5802_NONCE, &known_size);

  g_assert_cmpuint (size, ==, known_size);
  memcpy (data, known, known_size);
  return GSASL_OK;
}

static NetSasl *
sasl_new (const char  *user,
          const char  *password,
          const char  *token,
          gboolean     is_line_encrypted,
          const char  *offered,
          GError     **error)
{
  g_autoptr(BaseSecret) password_secret = password != NULL ? base_secret_new (password) : NULL;
  g_autoptr(BaseSecret) token_secret = token != NULL ? base_secret_new (token) : NULL;
  g_auto(GStrv) names = g_strsplit (offered, " ", -1);
  NetSaslLogin login = {
    .service = "imap", .host = "server.example.com", .port = 143, .user = user,
    .password = password_secret, .oauth_token = token_secret, .is_line_encrypted = is_line_encrypted,
  };

  return net_sasl_new (&login, (const char * const *) names, error);
}

/* The decoded answer to a challenge (NULL: the initial response), or NULL when the challenge is refused. */
static char *
answer_to (NetSasl    *sasl,
           const char *challenge,
           gsize       size)
{
  g_autoptr(GBytes) bytes = challenge != NULL ? g_bytes_new (challenge, size) : NULL;
  g_autoptr(BaseSecret) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree guchar *decoded = NULL;
  gsize decoded_size;

  if (!net_sasl_step (sasl, bytes, &answer, &error))
    {
      g_assert_error (error, SASL_ERROR, SASL_ERROR_BAD_CHALLENGE);
      return NULL;
    }
  decoded = g_base64_decode (base_secret_peek (answer), &decoded_size);
  for (gsize i = 0; i < decoded_size; i++)
    if (decoded[i] == '\0')
      decoded[i] = '|';
  return g_strndup ((const char *) decoded, decoded_size);
}

static void
expect_answer (NetSasl    *sasl,
               const char *challenge,
               const char *expected)
{
  g_autofree char *answer = answer_to (sasl, challenge, challenge != NULL ? strlen (challenge) : 0);

  g_assert_cmpstr (answer, ==, expected);
}

static void
test_choice (void)
{
  static const struct {
    const char *offered;
    gboolean    is_line_encrypted;
    gboolean    has_token;
    const char *chosen;
  } cases[] = {
    { "PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256", TRUE, FALSE, "SCRAM-SHA-256" },
    { "scram-sha-1 plain", TRUE, FALSE, "SCRAM-SHA-1" },
    { "PLAIN CRAM-MD5", TRUE, FALSE, "CRAM-MD5" },
    { "LOGIN PLAIN", TRUE, FALSE, "PLAIN" },
    { "LOGIN", TRUE, FALSE, "LOGIN" },
    { "PLAIN LOGIN", FALSE, FALSE, NULL },
    { "PLAIN CRAM-MD5", FALSE, FALSE, "CRAM-MD5" },
    { "PLAIN SCRAM-SHA-1", FALSE, FALSE, "SCRAM-SHA-1" },
    { "XOAUTH2 PLAIN", TRUE, FALSE, "PLAIN" },
    { "XOAUTH2", TRUE, FALSE, NULL },
    { "XOAUTH2 OAUTHBEARER PLAIN", TRUE, TRUE, "OAUTHBEARER" },
    { "XOAUTH2 PLAIN", TRUE, TRUE, "XOAUTH2" },
    { "PLAIN", TRUE, TRUE, NULL },
    { "XOAUTH2", FALSE, TRUE, NULL },
    { "GSSAPI SCRAM-SHA-256-PLUS DIGEST-MD5 EXTERNAL NTLM", TRUE, FALSE, NULL },
    { "", TRUE, FALSE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(NetSasl) sasl = sasl_new ("jo", "secret", cases[i].has_token ? "token" : NULL,
                                          cases[i].is_line_encrypted, cases[i].offered, &error);

      g_assert_cmpstr (sasl != NULL ? net_sasl_get_mechanism (sasl) : NULL, ==, cases[i].chosen);
      if (sasl == NULL)
        g_assert_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM);
    }
}

static void
test_clear_by_choice (void)
{
  static const char * const offered[] = { "PLAIN", NULL };
  g_autoptr(BaseSecret) password = base_secret_new ("x");
  NetSaslLogin login = { .host = "h", .user = "u", .password = password, .may_send_clear = TRUE };
  g_autoptr(NetSasl) sasl = net_sasl_new (&login, offered, NULL);

  g_assert_cmpstr (net_sasl_get_mechanism (sasl), ==, "PLAIN");
}

/* RFC 4616 section 4. */
static void
test_plain (void)
{
  g_autoptr(NetSasl) sasl = sasl_new ("tim", "tanstaaftanstaaf", NULL, TRUE, "PLAIN", NULL);

  g_assert_true (net_sasl_sends_first (sasl));
  g_assert_false (net_sasl_is_complete (sasl));
  expect_answer (sasl, NULL, "|tim|tanstaaftanstaaf");
  g_assert_true (net_sasl_is_complete (sasl));
  expect_answer (sasl, "and?", NULL);
}

static void
test_login (void)
{
  g_autoptr(NetSasl) sasl = sasl_new ("tim", "p\xc3\xa4ss", NULL, TRUE, "LOGIN", NULL);

  g_assert_false (net_sasl_sends_first (sasl));
  expect_answer (sasl, "Username:", "tim");
  g_assert_false (net_sasl_is_complete (sasl));
  expect_answer (sasl, "Password:", "p\xc3\xa4ss");
  g_assert_true (net_sasl_is_complete (sasl));
  expect_answer (sasl, "Once more:", NULL);
}

/* RFC 2195 section 2. */
static void
test_cram_md5 (void)
{
  g_autoptr(NetSasl) sasl = sasl_new ("tim", "tanstaaftanstaaf", NULL, FALSE, "CRAM-MD5", NULL);
  g_autoptr(NetSasl) empty = sasl_new ("tim", "tanstaaftanstaaf", NULL, FALSE, "CRAM-MD5", NULL);

  g_assert_false (net_sasl_sends_first (sasl));
  expect_answer (sasl, "<1896.697170952@postoffice.reston.mci.net>", "tim b913a602c7eda7a495b4e6e7334d3890");
  g_assert_true (net_sasl_is_complete (sasl));
  expect_answer (sasl, "<again>", NULL);
  expect_answer (empty, "", NULL);
}

/* RFC 7628 section 4.1, and the refusal of 4.3. */
static void
test_oauthbearer (void)
{
  g_autoptr(NetSasl) sasl = sasl_new ("user@example.com", NULL, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==",
                                      TRUE, "OAUTHBEARER", NULL);
  g_autoptr(NetSasl) odd = sasl_new ("a,b=c", NULL, "t", TRUE, "OAUTHBEARER", NULL);
  g_autoptr(BaseSecret) answer = NULL;

  g_assert_true (net_sasl_sends_first (sasl));
  g_assert_true (net_sasl_step (sasl, NULL, &answer, NULL));
  g_assert_cmpstr (base_secret_peek (answer), ==,
                   "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXBvcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbV"
                   "RjMk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
  g_assert_true (net_sasl_is_complete (sasl));
  expect_answer (sasl, "{\"status\":\"invalid_token\"}", "\1");
  g_assert_false (net_sasl_is_complete (sasl));
  expect_answer (sasl, "{}", NULL);
  expect_answer (odd, NULL, "n,a=a=2Cb=3Dc,\1host=server.example.com\1port=143\1auth=Bearer t\1\1");
}

/* Google's and Microsoft's description of XOAUTH2. */
static void
test_xoauth2 (void)
{
  g_autoptr(NetSasl) sasl = sasl_new ("someuser@example.com", NULL,
                                      "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg", TRUE, "XOAUTH2", NULL);
  g_autoptr(BaseSecret) answer = NULL;
  g_autoptr(GError) error = NULL;

  g_assert_true (net_sasl_step (sasl, NULL, &answer, NULL));
  g_assert_cmpstr (base_secret_peek (answer), ==,
                   "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0"
                   "Q2cBAQ==");
  expect_answer (sasl, "{\"status\":\"401\"}", "");
  expect_answer (sasl, "{}", NULL);
  g_assert_null (sasl_new ("jo", NULL, "to\1ken", TRUE, "XOAUTH2", &error));
  g_assert_error (error, SASL_ERROR, SASL_ERROR_NO_MECHANISM);
}

/* SCRAM by the book, to compare with; itself compared with RFC 7677. */

typedef struct {
  char *proof;
  char *signature;
} Scram;

static void
scram_clear (Scram *scram)
{
  g_free (scram->proof);
  g_free (scram->signature);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Scram, scram_clear)

static void
hmac (const EVP_MD *md,
      const guint8 *key,
      const char   *text,
      guint8       *result)
{
  gsize size;

  g_assert_nonnull (EVP_Q_mac (NULL, "HMAC", NULL, EVP_MD_get0_name (md), NULL, key,
                               (gsize) EVP_MD_get_size (md),
                               (const guint8 *) text, strlen (text), result, EVP_MAX_MD_SIZE, &size));
}

static Scram
scram_compute (const EVP_MD *md,
               const char   *password,
               const char   *client_first_bare,
               const char   *server_first,
               const char   *salt,
               int           count)
{
  g_auto(GStrv) parts = g_strsplit (server_first, ",", -1);
  g_autofree char *auth = g_strdup_printf ("%s,%s,c=biws,%s", client_first_bare, server_first, parts[0]);
  gsize salt_size;
  g_autofree guchar *raw_salt = g_base64_decode (salt, &salt_size);
  int size = EVP_MD_get_size (md);
  guint8 salted[EVP_MAX_MD_SIZE], client_key[EVP_MAX_MD_SIZE], stored_key[EVP_MAX_MD_SIZE];
  guint8 server_key[EVP_MAX_MD_SIZE], signature[EVP_MAX_MD_SIZE];

  PKCS5_PBKDF2_HMAC (password, -1, raw_salt, (int) salt_size, count, md, size, salted);
  hmac (md, salted, "Client Key", client_key);
  EVP_Digest (client_key, (gsize) size, stored_key, NULL, md, NULL);
  hmac (md, stored_key, auth, signature);
  for (int i = 0; i < size; i++)
    client_key[i] ^= signature[i];
  hmac (md, salted, "Server Key", server_key);
  hmac (md, server_key, auth, signature);
  return (Scram) { g_base64_encode (client_key, (gsize) size), g_base64_encode (signature, (gsize) size) };
}

static void
test_reference (void)
{
  g_auto(Scram) scram = scram_compute (EVP_sha256 (), "pencil", "n=user,r=rOprNGfwEbeRWgbNEkqO",
                                       "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
                                       "W22ZaJ0SNY7soEsUEjb6gQ==", 4096);

  g_assert_cmpstr (scram.proof, ==, "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
  g_assert_cmpstr (scram.signature, ==, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

#define CLIENT_FIRST_BARE "n=user,r=" RFC_5802_NONCE
#define SERVER_NONCE      RFC_5802_NONCE "3rfcNHYJY1ZVvWVs7j"
#define SERVER_FIRST      "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=4096"

static NetSasl *
scram_new (const char *mechanism)
{
  NetSasl *sasl = sasl_new ("user", "pencil", NULL, FALSE, mechanism, NULL);

  g_assert_true (net_sasl_sends_first (sasl));
  expect_answer (sasl, NULL, "n,," CLIENT_FIRST_BARE);
  return sasl;
}

/* RFC 5802 section 5. */
static void
test_scram_sha_1 (void)
{
  g_autoptr(NetSasl) sasl = scram_new ("SCRAM-SHA-1");

  expect_answer (sasl, SERVER_FIRST, "c=biws,r=" SERVER_NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  g_assert_false (net_sasl_is_complete (sasl));
  expect_answer (sasl, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", "");
  g_assert_true (net_sasl_is_complete (sasl));
  expect_answer (sasl, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", NULL);
}

static void
test_scram_sha_256 (void)
{
  g_auto(Scram) scram = scram_compute (EVP_sha256 (), "pencil", CLIENT_FIRST_BARE, SERVER_FIRST,
                                       "QSXCR+Q6sek8bf92", 4096);
  g_autofree char *client_final = g_strconcat ("c=biws,r=" SERVER_NONCE ",p=", scram.proof, NULL);
  g_autofree char *server_final = g_strconcat ("v=", scram.signature, NULL);
  g_autoptr(NetSasl) sasl = scram_new ("SCRAM-SHA-256");

  expect_answer (sasl, SERVER_FIRST, client_final);
  g_assert_false (net_sasl_is_complete (sasl));
  expect_answer (sasl, server_final, "");
  g_assert_true (net_sasl_is_complete (sasl));
}

static void
test_scram_bad_first (void)
{
  static const char * const cases[] = {
    "",
    "r=" SERVER_NONCE,
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92",
    "r=" SERVER_NONCE ",i=4096",
    "s=QSXCR+Q6sek8bf92,i=4096",
    "s=QSXCR+Q6sek8bf92,r=" SERVER_NONCE ",i=4096",
    "r=" SERVER_NONCE ",s=,i=4096",
    "r=" SERVER_NONCE ",s=!!!!,i=4096",
    "r=ayko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
    "r=fyko+d2lbbFgONRv9qkxdaw,s=QSXCR+Q6sek8bf92,i=4096",
    "m=ext,r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=4096",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=0",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=1",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=4095",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=10000001",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=2147483648",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=18446744073709555712",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=-4096",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=+4096",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i= 4096",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=4096x",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=4096,i=1",
    "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=1,i=4096",
    "e=other-error",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(NetSasl) sasl = scram_new ("SCRAM-SHA-1");

      g_test_message ("%s", cases[i]);
      expect_answer (sasl, cases[i], NULL);
      g_assert_false (net_sasl_is_complete (sasl));
      expect_answer (sasl, SERVER_FIRST, NULL);          /* there is no second try */
    }
}

/* A server that does not know the password cannot end the exchange, whatever byte it changes or leaves
 * out. */
static void
test_scram_bad_final (void)
{
  static const char final[] = "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=";

  for (gsize i = 0; i <= 2 * strlen (final); i++)
    {
      g_autoptr(NetSasl) sasl = scram_new ("SCRAM-SHA-1");
      g_autofree char *mutated = g_strndup (final, i < strlen (final) ? i : strlen (final));

      if (i >= strlen (final))
        mutated[i % strlen (final)] ^= 1;
      expect_answer (sasl, SERVER_FIRST, "c=biws,r=" SERVER_NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
      g_test_message ("%s", mutated);
      expect_answer (sasl, mutated, NULL);
      g_assert_false (net_sasl_is_complete (sasl));
    }
}

/* An honest no of the server is answered, so that it can say it in the words of the protocol. */
static void
test_scram_says_no (void)
{
  g_autoptr(NetSasl) sasl = scram_new ("SCRAM-SHA-1");

  expect_answer (sasl, SERVER_FIRST, "c=biws,r=" SERVER_NONCE ",p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
  expect_answer (sasl, "e=invalid-proof", "");
  g_assert_false (net_sasl_is_complete (sasl));
  expect_answer (sasl, "v=rmF9pqV8S7suAoZWja4dJRkFsKQ=", NULL);
}

static void
test_count_at_limit (void)
{
  g_autoptr(NetSasl) sasl = scram_new ("SCRAM-SHA-1");
  g_autofree char *answer = answer_to (sasl, "r=" SERVER_NONCE ",s=QSXCR+Q6sek8bf92,i=10000000",
                                       strlen (SERVER_FIRST) + 4);

  g_assert_nonnull (answer);
}

static void
test_long_challenge (void)
{
  static const struct { gsize size; gboolean is_fine; } cases[] = {
    { 16 * 1024 - 1, TRUE }, { 16 * 1024, TRUE }, { 16 * 1024 + 1, FALSE }, { 10 * 1024 * 1024, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr(NetSasl) sasl = sasl_new ("tim", "x", NULL, TRUE, "CRAM-MD5", NULL);
      g_autofree char *challenge = g_strnfill (cases[i].size, 'x');
      g_autofree char *answer = answer_to (sasl, challenge, cases[i].size);

      g_assert_cmpint (answer != NULL, ==, cases[i].is_fine);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/sasl/strongest-usable-is-chosen", test_choice);
  g_test_add_func ("/net/sasl/clear-only-by-choice", test_clear_by_choice);
  g_test_add_func ("/net/sasl/plain", test_plain);
  g_test_add_func ("/net/sasl/login", test_login);
  g_test_add_func ("/net/sasl/cram-md5", test_cram_md5);
  g_test_add_func ("/net/sasl/oauthbearer", test_oauthbearer);
  g_test_add_func ("/net/sasl/xoauth2", test_xoauth2);
  g_test_add_func ("/net/sasl/reference-is-rfc-7677", test_reference);
  g_test_add_func ("/net/sasl/scram-sha-1", test_scram_sha_1);
  g_test_add_func ("/net/sasl/scram-sha-256", test_scram_sha_256);
  g_test_add_func ("/net/sasl/scram-bad-first-is-refused", test_scram_bad_first);
  g_test_add_func ("/net/sasl/scram-bad-final-is-refused", test_scram_bad_final);
  g_test_add_func ("/net/sasl/scram-no-is-answered", test_scram_says_no);
  if (g_test_slow ())                                    /* ten million rounds take a while */
    g_test_add_func ("/net/sasl/scram-count-at-limit", test_count_at_limit);
  g_test_add_func ("/net/sasl/long-challenge-is-refused", test_long_challenge);
  return g_test_run ();
}
