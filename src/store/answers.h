/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/answers.h - what people answered to the questions of mail.db (questions.h).
 *
 * Threads: the handle's; each call is one short transaction.
 */
#pragma once

#include "store/store.h"

typedef struct {
  gint64  question_id;
  char   *answer;                       /* a word that the kind of question knows: "keep", "remove",
                                         * "retry" */
  gint64  at;
  gint64  rev;
} StoreAnswer;

void       store_answer_free       (StoreAnswer  *answer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreAnswer, store_answer_free)

/* Replaces an earlier answer. */
gboolean   store_answers_give      (Store        *store,
                                    gint64        question_id,
                                    const char   *answer,
                                    GError      **error);
/* Of StoreAnswer, by rev. */
GPtrArray *store_answers_list_since (Store       *store,
                                    gint64        rev,
                                    GError      **error) G_GNUC_WARN_UNUSED_RESULT;
/* The question is closed. */
gboolean   store_answers_forget    (Store        *store,
                                    gint64        question_id,
                                    GError      **error);
