/* SPDX-License-Identifier: GPL-3.0-or-later */
/* smtp/address.h - whether an address can stand between the <> of MAIL and RCPT, and what it asks of the
 * server.
 *
 * It guards the command line, not the post: whether such a mailbox can exist is the server's matter.
 *
 * Limits: SMTP_ADDRESS_MAX bytes.
 */
#pragma once

#include <glib.h>

#define SMTP_ADDRESS_MAX 320

typedef enum {
  SMTP_ADDRESS_BAD,        /* would break the command: empty, too long, blanks, <>, controls, no UTF-8 */
  SMTP_ADDRESS_ASCII,
  SMTP_ADDRESS_UTF8,       /* only for servers with SMTPUTF8 (RFC 6531) */
} SmtpAddress;

SmtpAddress smtp_check_address     (const char *address);
/* The same address for servers without SMTPUTF8, with the domain as RFC 5890 A-labels; NULL when it is the
 * part before the @ that needs more, or the domain has no such form. */
char       *smtp_dup_ascii_address (const char *address) G_GNUC_WARN_UNUSED_RESULT;
