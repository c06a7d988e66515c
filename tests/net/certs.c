/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/net/certs.h"

#include <glib/gstdio.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static void
add_extension (X509       *x509,
               X509       *issuer,
               int         kind,
               const char *value)
{
  X509V3_CTX context;
  X509_EXTENSION *extension;

  X509V3_set_ctx_nodb (&context);
  X509V3_set_ctx (&context, issuer, x509, NULL, NULL, 0);
  extension = X509V3_EXT_conf_nid (NULL, &context, kind, value);
  g_assert_nonnull (extension);
  X509_add_ext (x509, extension, -1);
  X509_EXTENSION_free (extension);
}

TestIdentity *
test_identity_new (const TestCertificate *wanted)
{
  static gint next_serial = 1;
  TestIdentity *identity = g_new0 (TestIdentity, 1);
  const TestIdentity *issuer = wanted->issuer != NULL ? wanted->issuer : identity;
  const char *common_name = wanted->common_name != NULL ? wanted->common_name : "localhost";
  int from_days = wanted->from_days == 0 && wanted->until_days == 0 ? -1 : wanted->from_days;
  int until_days = wanted->from_days == 0 && wanted->until_days == 0 ? 365 : wanted->until_days;
  X509 *x509 = X509_new ();
  X509_NAME *name = X509_get_subject_name (x509);

  identity->x509 = x509;
  identity->key = wanted->rsa_bits != 0
                  ? EVP_RSA_gen ((unsigned int) wanted->rsa_bits) : EVP_EC_gen ("P-256");
  g_assert_nonnull (identity->key);

  X509_set_version (x509, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (x509), g_atomic_int_add (&next_serial, 1));
  X509_gmtime_adj (X509_getm_notBefore (x509), from_days * 86400L);
  X509_gmtime_adj (X509_getm_notAfter (x509), until_days * 86400L);
  X509_set_pubkey (x509, identity->key);
  X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8, (const unsigned char *) common_name, -1, -1, 0);
  X509_set_issuer_name (x509, X509_get_subject_name (issuer->x509));
  add_extension (x509, issuer->x509, NID_basic_constraints, wanted->is_authority
                 ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!wanted->is_authority)
    add_extension (x509, issuer->x509, NID_ext_key_usage, wanted->purpose != NULL
                   ? wanted->purpose : "serverAuth");
  if (wanted->names != NULL)
    add_extension (x509, issuer->x509, NID_subject_alt_name, wanted->names);
  g_assert_cmpint (X509_sign (x509, issuer->key, EVP_sha256 ()), >, 0);
  return identity;
}

void
test_identity_free (TestIdentity *identity)
{
  X509_free (identity->x509);
  EVP_PKEY_free (identity->key);
  g_free (identity);
}

char *
test_identity_dup_fingerprint (const TestIdentity *identity)
{
  unsigned char *der = NULL;
  int size = i2d_X509 (identity->x509, &der);
  char *fingerprint;

  g_assert_cmpint (size, >, 0);
  fingerprint = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, (gsize) size);
  OPENSSL_free (der);
  return fingerprint;
}

char *
test_identity_write (const TestIdentity *identity)
{
  g_autofree char *directory = g_dir_make_tmp ("penfold-certs-XXXXXX", NULL);
  char *file = g_build_filename (directory, "ca.pem", NULL);
  FILE *stream = fopen (file, "w");

  g_assert_nonnull (stream);
  g_assert_cmpint (PEM_write_X509 (stream, identity->x509), ==, 1);
  g_assert_cmpint (fclose (stream), ==, 0);
  return file;
}

void
test_identity_remove (char *file)
{
  g_autofree char *directory = g_path_get_dirname (file);

  g_unlink (file);
  g_rmdir (directory);
  g_free (file);
}
