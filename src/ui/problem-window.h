/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ui/problem-window.h - one error in full: what failed, what it means, what to do, the details, a report to
 * pass on.
 *
 * It knows nothing of accounts or the worker: who opens it says what "Try Again" does.
 */
#pragma once

#include <adwaita.h>

typedef struct {
  const char *title;
  const char *subtitle;          /* which server or account; or NULL */
  const char *meaning;
  const char *remedy;
  const char *text;              /* what failed, for the details; or NULL */
  const char *server_words;      /* or NULL */
  const char *report;            /* what Copy Report copies */
  const char *again_label;       /* of the suggested button; NULL: none */
  const char *again_action;      /* its detailed action, activated on the parent */
} UiProblem;

GtkWidget *ui_problem_window_new (GtkWindow       *parent,
                                  const UiProblem *problem);
