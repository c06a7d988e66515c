/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tests/ingest/fault.h - runs this very program as a child that is killed at its nth lasting act, or whose
 * nth act fails.
 *
 * The child gets the directory and a file to note in what was acknowledged: PROGRAM --child DIR FILE.
 */
#pragma once

#include <glib.h>

typedef enum {
  FAULT_KILL_BEFORE,
  FAULT_KILL_AFTER,
  FAULT_NO_SPACE,
  FAULT_BROKEN_DISK,
} Fault;

typedef struct {
  char *top;
  char *dir;                             /* a copy of the base */
  char *acknowledged;                    /* what the child noted */
  int   status;                          /* of waitpid() */
} FaultRun;

FaultRun *fault_run_new       (const char     *program,
                               const char     *base_dir,
                               Fault           fault,
                               guint           n) G_GNUC_WARN_UNUSED_RESULT;
void      fault_run_free      (FaultRun       *run);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FaultRun, fault_run_free)
gboolean  fault_is_kill       (Fault           fault);

/* Calls try for a sample of the acts, for each with PENFOLD_TEST_LONG=1.  It says whether the child was
 * hit. */
void      fault_try_acts      (const char     *program,
                               const char     *base_dir,
                               Fault           fault,
                               gboolean      (*try) (Fault fault, guint n));
