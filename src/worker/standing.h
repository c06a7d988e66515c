/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/standing.h - how an account stands, kept as rows of mail.db for windows to read: what it does, since
 * when it works, what is wrong, and the question that only a person can answer.
 *
 * Threads: any; the rows are written by the writer thread, later.
 */
#pragma once

#include "ingest/ingest.h"
#include "store/states.h"

#define WORKER_QUESTION_PASSWORD    "password"
#define WORKER_QUESTION_CERTIFICATE "certificate"

#define WORKER_REFUSALS_A_DAY 3         /* password sends; then only a new password is sent */

typedef enum {
  WORKER_STANDING_BUSY,                 /* only the activity changes */
  WORKER_STANDING_GOOD,                 /* it worked: what was wrong is over, questions about it are closed */
  WORKER_STANDING_BAD,                  /* problem, text and words say what is wrong */
} WorkerStandingKind;

typedef struct {
  gint64              account_id;
  WorkerStandingKind  kind;
  StoreActivity       activity;
  gint64              next_try_at;      /* wall time; 0: not known */
  const char         *problem;          /* judge.h */
  const char         *text;
  const char         *words;            /* or NULL */
  const char         *question;         /* asked, of the kinds above; or NULL */
  gboolean            was_refused;      /* a password was sent and not taken */
} WorkerStanding;

/* Copied. */
void worker_standing_note  (Ingest               *ingest,
                            const WorkerStanding *standing);
/* Pure: so many sends were refused today that no more are made. */
gboolean worker_standing_is_exhausted (const StoreAccountState *state,
                                       gint64                   now);
/* A person has given a new password: sends may be refused again. */
void worker_standing_reset (Ingest *ingest,
                            gint64  account_id);
