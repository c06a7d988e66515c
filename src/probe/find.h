/* SPDX-License-Identifier: GPL-3.0-or-later */
/* probe/find.h - finds the servers of an address: asks its own domain, the public database of providers and
 * the DNS at once, and knocks at the usual names when none of the first two knows.
 *
 * The full address goes to the domain's own server only, over HTTPS.  There is no password here.
 *
 * Threads: any; it blocks and ends its own threads before it returns.
 * Limits: PROBE_FIND_S in all, then what is there counts.
 * Errors: G_IO_ERROR_INVALID_ARGUMENT: not an address; G_IO_ERROR_CANCELLED; NET_ERROR_STOPPED.
 */
#pragma once

#include "probe/means.h"

#define PROBE_FIND_S   15
#define PROBE_DATABASE "https://autoconfig.thunderbird.net/v1.1"

/* Most trusted first. */
typedef enum {
  PROBE_STEP_PROVIDER,
  PROBE_STEP_DATABASE,
  PROBE_STEP_DNS,
  PROBE_STEP_NAMES,
} ProbeStep;
#define PROBE_N_STEPS 4

typedef enum {
  PROBE_ROW_WAITING,
  PROBE_ROW_FOUND,             /* servers for receiving and for sending */
  PROBE_ROW_FOUND_RECEIVING,
  PROBE_ROW_NOTHING,           /* it answered that it knows none */
  PROBE_ROW_NO_ANSWER,
  PROBE_ROW_OFF,               /* not asked */
} ProbeRowState;
#define PROBE_N_ROW_STATES (PROBE_ROW_OFF + 1)

typedef struct {
  ProbeRowState state;
  guint         tried;         /* of total; 0 of 0 where there is nothing to count */
  guint         total;
} ProbeRow;

typedef struct {
  const char *database;        /* PROBE_DATABASE; NULL: not asked */
  ProbeMeans  means;
  guint       limit_ms;        /* 0: PROBE_FIND_S */
  /* The rows changed; called on the caller's thread.  Or NULL. */
  void      (*progress) (const ProbeRow *rows,
                         gpointer        data);
  gpointer    progress_data;
} ProbeSearch;

/* The servers may be none. */
DiscoverResult *probe_find (const char         *address,
                            const ProbeSearch  *search,
                            const NetSignals   *signals,
                            GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether nothing that can still come would be trusted more than what is there. */
gboolean    probe_rows_are_settled  (const ProbeRow *rows);
/* As the socket spells them: "provider", "found". */
const char *probe_step_to_string      (ProbeStep      step);
const char *probe_row_state_to_string (ProbeRowState  state);
