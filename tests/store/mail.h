/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/store/mail.h - messages for tests, from a few words each.
 *
 * Every failure is an assertion.
 */
#pragma once

#include "store/fixture.h"
#include "store/folders.h"
#include "store/locations.h"
#include "store/messages.h"

typedef struct {
  const char *id;              /* Message-ID without <>, or NULL */
  const char *references;      /* separated by blanks, oldest first, or NULL */
  const char *subject;         /* NULL: "A subject" */
  const char *from;            /* address; NULL: ann@example.org */
  const char *to;              /* addresses separated by blanks; NULL: bob@example.org */
  gint64      account_id;      /* 0: 1 */
  gint64      arrived_at;      /* 0: now */
  guint       flags;           /* of MimeSummaryFlags, besides what the subject and references say */
} TestMail;

MimeSummary *test_mail_summary  (const TestMail *mail) G_GNUC_WARN_UNUSED_RESULT;
/* Within a transaction. */
gint64       test_mail_insert   (Store          *store,
                                 const TestMail *mail);
/* With a location in that folder; uid 0: only here.  Gives the location. */
gint64       test_mail_file     (Store          *store,
                                 const TestMail *mail,
                                 gint64          folder_id,
                                 guint32         uid,
                                 guint           flags);

StoreTransaction *test_begin    (Store          *store) G_GNUC_WARN_UNUSED_RESULT;
void              test_commit   (StoreTransaction *transaction);

/* A folder of a server, in account 1. */
gint64       test_folder_add    (Store          *store,
                                 const char     *path,
                                 StoreRole       role);

/* Counters, conversations and threads as they are kept equal what is counted anew. */
void         test_check_store   (Store          *store);
