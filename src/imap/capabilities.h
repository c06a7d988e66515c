/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/capabilities.h - what a server says it can do.
 *
 * Known names are bits; the mechanisms of AUTH= are kept as names.  It does not know what was enabled.
 *
 * Threads: one at a time.  Limits: IMAP_CAPABILITIES_MAX names of up to 128 bytes, the rest is ignored.
 */
#pragma once

#include "base/bytes.h"

#define IMAP_CAPABILITIES_MAX 500

typedef enum {
  IMAP_CAN_IMAP4REV1,
  IMAP_CAN_IMAP4REV2,
  IMAP_CAN_APPENDLIMIT,
  IMAP_CAN_COMPRESS_DEFLATE,
  IMAP_CAN_CONDSTORE,
  IMAP_CAN_CREATE_SPECIAL_USE,
  IMAP_CAN_ENABLE,
  IMAP_CAN_ESEARCH,
  IMAP_CAN_GMAIL,                /* X-GM-EXT-1 */
  IMAP_CAN_ID,
  IMAP_CAN_IDLE,
  IMAP_CAN_LIST_EXTENDED,
  IMAP_CAN_LIST_STATUS,
  IMAP_CAN_LITERAL_MINUS,
  IMAP_CAN_LITERAL_PLUS,
  IMAP_CAN_LOGINDISABLED,
  IMAP_CAN_MOVE,
  IMAP_CAN_NAMESPACE,
  IMAP_CAN_OBJECTID,
  IMAP_CAN_QRESYNC,
  IMAP_CAN_QUOTA,
  IMAP_CAN_SASL_IR,
  IMAP_CAN_SPECIAL_USE,
  IMAP_CAN_STARTTLS,
  IMAP_CAN_STATUS_SIZE,
  IMAP_CAN_UIDPLUS,
  IMAP_CAN_UNSELECT,
  IMAP_CAN_UTF8_ACCEPT,
  IMAP_CAN_XAPPLEPUSH,           /* iCloud */
  IMAP_CAN_XSTOP,                /* Proton Bridge */
  IMAP_CAN_XYMHIGHESTMODSEQ,     /* Yahoo, AOL */
  IMAP_CAN_N
} ImapCapability;

typedef struct _ImapCapabilities ImapCapabilities;

ImapCapabilities   *imap_capabilities_new             (void) G_GNUC_WARN_UNUSED_RESULT;
void                imap_capabilities_free            (ImapCapabilities *capabilities);
void                imap_capabilities_clear           (ImapCapabilities *capabilities);
void                imap_capabilities_add             (ImapCapabilities *capabilities,
                                                       BaseSlice         name);
gboolean            imap_capabilities_has             (const ImapCapabilities *capabilities,
                                                       ImapCapability          capability);
/* No CAPABILITY came since new() or clear(). */
gboolean            imap_capabilities_is_empty        (const ImapCapabilities *capabilities);
/* Of AUTH=, upper case, in the server's order, NULL-terminated. */
const char * const *imap_capabilities_peek_mechanisms (ImapCapabilities *capabilities);
/* All names as they came, blank-separated and printable: for the log and reports. */
char               *imap_capabilities_dup_text        (const ImapCapabilities *capabilities)
                                                       G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ImapCapabilities, imap_capabilities_free)
