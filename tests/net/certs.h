/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/net/certs.h - a certificate authority for tests, made in memory when the test starts. */
#pragma once

#include <glib.h>

#include <openssl/x509.h>

/* A key and the certificate for it. */
typedef struct {
  EVP_PKEY *key;
  X509     *x509;
} TestIdentity;

typedef struct {
  const char         *common_name;   /* NULL = "localhost" */
  const char         *names;         /* as OpenSSL has it: "DNS:localhost,IP:127.0.0.1"; NULL = none */
  int                 from_days;     /* validity from now on, in days; both 0 = yesterday until in a year */
  int                 until_days;
  const char         *purpose;       /* NULL = "serverAuth" */
  int                 rsa_bits;      /* 0 = P-256 */
  const TestIdentity *issuer;        /* NULL = itself */
  gboolean            is_authority;
} TestCertificate;

TestIdentity *test_identity_new             (const TestCertificate *wanted);
void          test_identity_free            (TestIdentity *identity);
char         *test_identity_dup_fingerprint (const TestIdentity *identity);
/* Writes the certificate as a PEM file into a new temporary directory; free the name, remove both when
 * done. */
char         *test_identity_write           (const TestIdentity *identity);
void          test_identity_remove          (char *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestIdentity, test_identity_free)
