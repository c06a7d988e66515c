/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp/capabilities.h - what a server offers in its answer to EHLO (RFC 5321 section 4.1.1.1).
 *
 * Limits: SMTP_MECHANISMS_MAX sign-in mechanisms.
 */
#pragma once

#include "smtp/reply.h"

#define SMTP_MECHANISMS_MAX 64

typedef struct {
  gboolean   has_starttls;
  gboolean   has_auth;
  gboolean   has_8bitmime;
  gboolean   has_smtputf8;
  gboolean   has_pipelining;
  gboolean   has_size;          /* MAIL may say how large the message is */
  guint64    size_max;          /* 0: no limit told */
  GPtrArray *mechanisms;        /* char *, NULL-terminated */
} SmtpCapabilities;

SmtpCapabilities *smtp_capabilities_parse (const SmtpReply *reply) G_GNUC_WARN_UNUSED_RESULT;
void              smtp_capabilities_free  (SmtpCapabilities *capabilities);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SmtpCapabilities, smtp_capabilities_free)
