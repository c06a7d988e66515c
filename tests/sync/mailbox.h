/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/sync/mailbox.h - a POP3 server in memory, with the habits of real ones, that can break off at any
 * call.
 *
 * It keeps to RFC 1939 section 6: what was marked is deleted at QUIT, and only then.
 */
#pragma once

#include "sync/remote-pop3.h"

typedef enum {
  MAILBOX_NO_UIDL        = 1 << 0,
  MAILBOX_NO_TOP         = 1 << 1,
  MAILBOX_IGNORES_DELE   = 1 << 2,     /* says +OK to everything and keeps all */
  MAILBOX_LOSES_ANSWER   = 1 << 3,     /* at the call that breaks, QUIT has done its work */
  MAILBOX_SHOWS_NOTHING  = 1 << 4,     /* an empty listing */
  MAILBOX_LOGIN_DELAY    = 1 << 5,     /* every session after the first is refused */
} MailboxHabits;

typedef struct {
  GBytes   *bytes;
  char     *uidl;
  gboolean  is_marked;
  gboolean  is_hidden;                 /* from the listing */
  gboolean  is_refused;                /* -ERR to RETR and DELE */
} MailboxMail;

typedef struct {
  SyncPop3Remote  base;
  GPtrArray      *mails;               /* of MailboxMail, in the order of the mailbox */
  guint           habits;              /* of MailboxHabits */
  char           *memory;              /* file that gets the uidl of each mail deleted, a line each; or
                                        * NULL */

  guint           break_at;            /* the nth call breaks the connection; 0: none does */
  guint           n_calls;
  guint           n_sessions;
  guint           n_retr, n_top, n_dele;

  Pop3Capabilities *capabilities;      /* or NULL */
  GPtrArray      *listed;              /* of the open session: borrowed mails; NULL: none is open */
} Mailbox;

Mailbox     *mailbox_new         (void) G_GNUC_WARN_UNUSED_RESULT;
void         mailbox_free        (Mailbox     *mailbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Mailbox, mailbox_free)

/* uidl NULL: "u1", "u2", ... */
MailboxMail *mailbox_add         (Mailbox     *mailbox,
                                  GBytes      *bytes,
                                  const char  *uidl);
/* Other names for all. */
void         mailbox_renumber    (Mailbox     *mailbox);
/* Deletes what an earlier mailbox noted in memory. */
void         mailbox_remember    (Mailbox     *mailbox);
/* Forgets the counts. */
void         mailbox_reset       (Mailbox     *mailbox);
