/* SPDX-License-Identifier: GPL-3.0-or-later */
/* mime/address.h - mailboxes out of address fields, and how to show them without being fooled.
 *
 * An address is taken only from where RFC 5322 puts it: encoded words are decoded in names, never inside an
 * address, and never make one.  It does not know who is known or trusted.
 *
 * Threads: any.  Limits: MIME_ADDRESSES_MAX mailboxes a field, names of 200 characters, addresses of 320
 * bytes.
 * Errors: none; what cannot be read becomes a name without an address.
 */
#pragma once

#include "base/bytes.h"

#define MIME_ADDRESSES_MAX 2000

typedef enum {
  MIME_ROLE_FROM     = 1,      /* the values are stored: never renumber */
  MIME_ROLE_SENDER   = 2,
  MIME_ROLE_REPLY_TO = 3,
  MIME_ROLE_TO       = 4,
  MIME_ROLE_CC       = 5,
  MIME_ROLE_BCC      = 6,
} MimeRole;

typedef struct {
  MimeRole  role;
  char     *name;              /* harmless text, "" if none */
  char     *address;           /* local@domain, harmless, case as written; "" if there is none */
} MimeAddress;

MimeAddress *mime_address_new         (MimeRole    role,
                                       const char *name,
                                       const char *address) G_GNUC_WARN_UNUSED_RESULT;
MimeAddress *mime_address_copy        (const MimeAddress *address) G_GNUC_WARN_UNUSED_RESULT;
void         mime_address_free        (MimeAddress *address);

/* A new array of MimeAddress that frees them. */
GPtrArray   *mime_addresses_new       (void) G_GNUC_WARN_UNUSED_RESULT;
/* Appends the mailboxes of a raw field value; groups give their members, an empty group its name. */
void         mime_addresses_add       (GPtrArray *addresses,
                                       MimeRole   role,
                                       BaseSlice  value);
/* What a person typed or pasted into a recipient field (UTF-8; comma, semicolon or line separated). */
GPtrArray   *mime_addresses_parse     (MimeRole    role,
                                       const char *typed) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it can stand after MAIL FROM: or RCPT TO: - one local part, one domain, no blanks or control
 * characters. */
gboolean     mime_address_is_valid    (const char *address);
/* Whether both are the same mailbox for comparing with own addresses: ASCII case does not matter. */
gboolean     mime_address_equal       (const char *a,
                                       const char *b);
/* For sorting and keys: trimmed, case folded. */
char        *mime_address_dup_key     (const char *address) G_GNUC_WARN_UNUSED_RESULT;
/* What a list row shows: the name, or the address where there is no name.  A name that holds an "@" is
 * followed by the real address, so that it cannot pass for one. */
char        *mime_address_dup_label   (const MimeAddress *address) G_GNUC_WARN_UNUSED_RESULT;
/* "Name <address>", the form people read and type; mime_addresses_parse() gives it back. */
char        *mime_address_dup_full    (const MimeAddress *address) G_GNUC_WARN_UNUSED_RESULT;
