/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/problem.h - what keeps an account from working, in words for the person who has to do something about
 * it.
 *
 * The worker names the problem and says what failed; here is what that means and what helps.  Pure.
 *
 * Threads: any.
 */
#pragma once

#include "model/place.h"

typedef struct {
  const char *title;          /* "The Password Was Not Accepted" */
  const char *short_words;    /* one line in the sidebar, with %s for the account's name */
  const char *meaning;
  const char *remedy;
  gboolean    wants_password; /* typing it again helps */
} ModelProblem;

/* name: as account states keep it ("password"); an unknown or missing one has words, too.  Translated; never
 * NULL. */
const ModelProblem *model_problem_get        (const char *name);
/* What can be passed on to others: program, system, problem and the server's words, without the local part of
 * any address and without content.  server_words may be NULL. */
char               *model_problem_dup_report (const char *version,
                                              const char *name,
                                              const char *text,
                                              const char *server_words,
                                              gint64      last_ok_at) G_GNUC_WARN_UNUSED_RESULT;
