/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/trust-tls.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <openssl/x509v3.h>

#define TEXT_LIMIT  200       /* characters of a name shown to people */
#define NAMES_LIMIT 20        /* entries of subjectAltName shown */

/* Text of a stranger for people: no control or direction-changing characters, no line breaks, not longer than
 * the limit. */
static char *
dup_harmless (const void *data,
              gsize       size)
{
  g_autofree char *valid = g_utf8_make_valid (data, (gssize) MIN (size, 4 * TEXT_LIMIT));
  GString *text = g_string_new (NULL);
  glong length = 0;

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (length++ == TEXT_LIMIT)
        {
          g_string_append (text, "…");
          break;
        }
      g_string_append_unichar (text, g_unichar_isprint (c) && g_unichar_type (c) != G_UNICODE_FORMAT
                               ? c : 0xfffd);
    }
  return g_string_free (text, FALSE);
}

static char *
dup_name (const X509_NAME *name)
{
  BIO *memory = BIO_new (BIO_s_mem ());
  char *text;
  char *data;
  long size;

  /* Escapes what would be taken for structure, but leaves letters of all scripts as UTF-8. */
  X509_NAME_print_ex (memory, name, 0,
                      (XN_FLAG_ONELINE & ~(unsigned long) ASN1_STRFLGS_ESC_MSB) & ~XN_FLAG_SPC_EQ);
  size = BIO_get_mem_data (memory, &data);
  text = dup_harmless (data, (gsize) MAX (size, 0));
  BIO_free (memory);
  return text;
}

static char *
dup_address (const ASN1_STRING *address)
{
  char text[INET6_ADDRSTRLEN] = "?";
  int size = ASN1_STRING_length (address);

  if (size == 4 || size == 16)
    inet_ntop (size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data (address), text, sizeof text);
  return g_strdup (text);
}

static char *
dup_alternative_names (const X509 *x509)
{
  GENERAL_NAMES *names = X509_get_ext_d2i (x509, NID_subject_alt_name, NULL, NULL);
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num (names) && i < NAMES_LIMIT; i++)
    {
      int type;
      ASN1_STRING *value = GENERAL_NAME_get0_value (sk_GENERAL_NAME_value (names, i), &type);

      if (type == GEN_DNS)
        g_ptr_array_add (texts,
                         dup_harmless (ASN1_STRING_get0_data (value), (gsize) ASN1_STRING_length (value)));
      else if (type == GEN_IPADD)
        g_ptr_array_add (texts, dup_address (value));
    }
  if (names != NULL && sk_GENERAL_NAME_num (names) > NAMES_LIMIT)
    g_ptr_array_add (texts, g_strdup ("…"));
  GENERAL_NAMES_free (names);
  g_ptr_array_add (texts, NULL);
  return g_strjoinv (", ", (char **) texts->pdata);
}

static gint64
to_unix_time (const ASN1_TIME *time)
{
  struct tm parts;
  g_autoptr(GDateTime) date = NULL;

  if (ASN1_TIME_to_tm (time, &parts) != 1)
    return 0;
  date = g_date_time_new_utc (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                              parts.tm_min, MIN (parts.tm_sec, 59));
  return date == NULL ? 0 : g_date_time_to_unix (date);
}

char *
net_certificate_dup_fingerprint (const X509 *x509)
{
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  GString *text = g_string_new (NULL);

  X509_digest (x509, EVP_sha256 (), digest, &size);
  for (unsigned int i = 0; i < size; i++)
    g_string_append_printf (text, "%02x", digest[i]);
  return g_string_free (text, FALSE);
}

NetCertificate *
net_certificate_new (const X509 *x509)
{
  NetCertificate *certificate = g_new0 (NetCertificate, 1);

  certificate->subject = dup_name (X509_get_subject_name (x509));
  certificate->issuer = dup_name (X509_get_issuer_name (x509));
  certificate->names = dup_alternative_names (x509);
  certificate->fingerprint = net_certificate_dup_fingerprint (x509);
  certificate->not_before = to_unix_time (X509_get0_notBefore (x509));
  certificate->not_after = to_unix_time (X509_get0_notAfter (x509));
  return certificate;
}

NetCertificate *
net_certificate_copy (const NetCertificate *certificate)
{
  NetCertificate *copy = g_memdup2 (certificate, sizeof *certificate);

  copy->subject = g_strdup (certificate->subject);
  copy->issuer = g_strdup (certificate->issuer);
  copy->names = g_strdup (certificate->names);
  copy->fingerprint = g_strdup (certificate->fingerprint);
  return copy;
}

void
net_certificate_free (NetCertificate *certificate)
{
  g_free (certificate->subject);
  g_free (certificate->issuer);
  g_free (certificate->names);
  g_free (certificate->fingerprint);
  g_free (certificate);
}
