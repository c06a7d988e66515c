/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker/judge.h - the one place that decides what an error means for what comes next, by how far it reaches.
 *
 * Nobody else branches on an error to decide about trying again.
 *
 * Threads: any, it is pure.
 */
#pragma once

#include <gio/gio.h>

typedef enum {
  WORKER_VERDICT_NOTHING,          /* it was asked for: cancelled, or told to let go */
  WORKER_VERDICT_SKIP_MESSAGE,     /* this message or change; the others may still be good */
  WORKER_VERDICT_SKIP_FOLDER,
  WORKER_VERDICT_RECONNECT,        /* the connection is lost, the server is there: at once, then with
                                    * back-off */
  WORKER_VERDICT_WAIT,             /* passes by itself: with back-off */
  WORKER_VERDICT_ASK_PASSWORD,     /* nothing is sent again before a person has typed one */
  WORKER_VERDICT_TELL_USER,        /* may pass, but a person should know; tried again at the usual interval */
  WORKER_VERDICT_STOP_ACCOUNT,     /* cannot work before somebody changes something */
} WorkerVerdict;

/* failures: how often in a row this account's rounds have failed before. */
WorkerVerdict  worker_judge_error        (const GError *error,
                                          guint         failures);
/* A word for what is wrong, as account states keep it: network, password, keyring, certificate, encryption,
 * server, settings, disk, store. */
const char    *worker_judge_name_problem (const GError *error);
/* What the server said, or NULL. */
const char    *worker_judge_peek_words   (const GError *error);
