/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tray/announce.h - which new mail is announced, and how: one by one up to three, then one notice for the
 * account.
 *
 * Never what was read meanwhile, own mail, or mail that arrived more than a week ago, whatever the server
 * calls new; and never the same Message-ID twice within a day (Gmail's labels, aliases, two accounts for one
 * mailbox).  It sends nothing.
 *
 * Threads: one at a time.
 */
#pragma once

#include <glib.h>

#define TRAY_ANNOUNCE_SINGLES  3
#define TRAY_ANNOUNCE_MAX_AGE  (7 * 24 * 60 * 60)
#define TRAY_ANNOUNCE_MEMORY_S (24 * 60 * 60)

typedef struct {
  gint64    location_id;
  gint64    account_id;
  gint64    message_key;       /* of the Message-ID; 0: none */
  gint64    arrived_at;
  gboolean  is_read;
  gboolean  is_own;            /* written by one of the user's identities */
  char     *account;
  char     *sender;
  char     *subject;
  char     *preview;
} TrayMail;

void tray_mail_free (TrayMail *mail);

/* One notice: of one message, or of several of one account. */
typedef struct {
  gint64     account_id;
  GPtrArray *mails;            /* of TrayMail, borrowed, newest first; one: that message */
} TrayNotice;

void tray_notice_free (TrayNotice *notice);

/* What was announced lately. */
typedef struct _TrayMemory TrayMemory;

TrayMemory *tray_memory_new     (void) G_GNUC_WARN_UNUSED_RESULT;
void        tray_memory_free    (TrayMemory *memory);

/* Of TrayNotice, for mails (of TrayMail); remembers what it lets through. */
GPtrArray  *tray_announce_plan  (GPtrArray  *mails,
                                 TrayMemory *memory,
                                 gint64      now) G_GNUC_WARN_UNUSED_RESULT;

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TrayMail, tray_mail_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TrayNotice, tray_notice_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TrayMemory, tray_memory_free)
