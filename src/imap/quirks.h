/* SPDX-License-Identifier: GPL-3.0-or-later */
/* imap/quirks.h - what servers do beside the standard and we put up with, each with server, sample and date.
 *
 * A quirk is known by capabilities or by the server's own words, never by a host name: hosting firms resell.
 */
#pragma once

#include "imap/capabilities.h"

/* iCloud: answers ENABLE QRESYNC without "* ENABLED" and sends VANISHED that is not one
 * (Mozilla bug 1747311, 2022; Mailspring-Sync PR 91, 2024). */
gboolean imap_quirks_is_qresync_broken (const ImapCapabilities *capabilities);

/* Bytes of a command that every server takes.  Yahoo and UW refuse more than 1000 (imapsync FAQ), Exchange
 * above 9900 "BAD Command Argument Error 11", the others 16,000 and more. */
gsize    imap_quirks_command_max       (const ImapCapabilities *capabilities);

/* How many STATUS commands may be on their way: Exchange fails above about 25 (GNOME bug 766552, 2016). */
#define IMAP_QUIRKS_STATUS_AT_ONCE 10

/* A refusal to sign in that says nothing about the password: too many connections, throttled, closed for now.
 * Gmail "[ALERT] Too many simultaneous connections. (Failure)" (imapsync #61, 2016), Exchange "Request is
 * throttled. Suggested Backoff Time: 299000 milliseconds" and "User is authenticated but not connected"
 * (MailKit #1494, 2022). */
gboolean imap_quirks_is_busy           (BaseSlice text);

/* mail.ru: "* QUOTA "" (STORAGE 1024 9.3736e+06)" (MailKit #1838, 2024).  A number with fraction and
 * exponent; others send "-1" for "none", as Zoho for MODSEQ (Mailspring-Sync PR 141, 2025): 0.  FALSE when it
 * is no number at all. */
gboolean imap_quirks_parse_number      (BaseSlice  text,
                                        guint64   *number);
