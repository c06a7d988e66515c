/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/bus/harness.h - a worker of another process (fake-worker.c), which does what its jobs are named
 * after.
 *
 * "count" runs to 3 and ends; "wait" runs until cancelled; "refuse" cannot start; "news" tells revisions
 * {first, last} every {ms}; "flood" tells 1000 states of job 900 and as many revisions at once; "ended" ends
 * 60 jobs; "large" tells job 901 with 1 MB of details as {done}; "question" needs the user; "answer" answers
 * the secret with purpose "later"; "die" ends the process; "report" ends with what was seen: nudges, clients,
 * secret.
 */
#pragma once

#include "bus/client.h"

typedef struct {
  char        *dir;            /* the data directory, with worker.lock */
  char        *path;           /* of the socket */
  GSubprocess *process;
} Harness;

Harness   *harness_new     (const BusHello *hello);
void       harness_free    (Harness *harness);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Harness, harness_free)

BusClient *harness_connect (Harness     *harness);
void       harness_start   (BusClient   *client,
                            const char  *kind,
                            GVariant    *arguments);
/* The details of a "report". */
GVariant  *harness_report  (BusClient   *client);
guint      harness_count   (BusClient   *client,
                            const char  *what);
void       harness_remove_dir (const char *dir);

extern const BusHello harness_hello;

#define WAIT_FOR(condition) \
  G_STMT_START { \
    gint64 wait_end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; \
    gboolean is_met; \
    while (!(is_met = (condition)) && g_get_monotonic_time () < wait_end) \
      if (!g_main_context_iteration (NULL, FALSE)) \
        g_usleep (1000); \
    g_assert_true (is_met); \
  } G_STMT_END
