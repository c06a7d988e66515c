/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/questions.h - what only a person can decide.  The answer is a row in desk.db.
 *
 * Threads: the handle's.  Writing needs store_begin().
 */
#pragma once

#include "store/store.h"

typedef struct {
  gint64  id;
  gint64  account_id;
  char   *kind;                /* password, certificate, mass-disappearance, first-removal, older-mail,
                                * unknown-send, server-keeps */
  gint64  subject_id;          /* folder, outbox entry, ...; 0: the account itself */
  char   *details;             /* JSON */
  gint64  asked_at;
  gint64  closed_at;           /* 0: open */
  gint64  rev;
} StoreQuestion;

void           store_question_free        (StoreQuestion *question);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreQuestion, store_question_free)

/* The same question (account, kind, subject) is open once; asking again brings the details up to date.  0 on
 * error. */
gint64         store_questions_ask        (Store         *store,
                                           gint64         account_id,
                                           const char    *kind,
                                           gint64         subject_id,
                                           const char    *details,
                                           GError       **error);
/* Answered, or no longer of interest.  A closed one may be closed again. */
gboolean       store_questions_close      (Store         *store,
                                           gint64         id,
                                           GError       **error);
gboolean       store_questions_close_kind (Store         *store,
                                           gint64         account_id,
                                           const char    *kind,
                                           GError       **error);
StoreQuestion *store_questions_get        (Store         *store,
                                           gint64         id,
                                           GError       **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of StoreQuestion, oldest first. */
GPtrArray     *store_questions_list_open  (Store         *store,
                                           GError       **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray     *store_questions_list_since (Store         *store,
                                           gint64         rev,
                                           GError       **error) G_GNUC_WARN_UNUSED_RESULT;
