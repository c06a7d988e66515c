/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ctl/ctl.h - what all commands of penfoldctl share: where the store is, how to print, how to end.
 *
 * A command reads the store by itself.  What changes mail is left to the worker if one owns the store; else
 * the command takes worker.lock and does it in its own process (ctl/owner.h).
 */
#pragma once

#include "store/store.h"

/* Exit statuses, as CTL.md and the man page say. */
typedef enum {
  CTL_DONE      = 0,
  CTL_FAILED    = 1,
  CTL_USAGE     = 2,
  CTL_PARTLY    = 3,     /* done except for what was listed */
  CTL_NO_ANSWER = 4,     /* the worker that owns the store does not answer */
} CtlStatus;

typedef struct {
  char     *data_dir;
  char     *secrets;     /* as given, or NULL */
  gboolean  is_json;
} Ctl;

typedef struct _CtlCommand CtlCommand;

/* arguments: what follows the command's name; NULL-terminated. */
typedef CtlStatus (* CtlRun) (Ctl               *ctl,
                              const CtlCommand  *command,
                              char             **arguments);

struct _CtlCommand {
  const char *name;          /* "account add" */
  const char *synopsis;      /* what follows it */
  const char *summary;
  CtlRun      run;
};

/* "penfoldctl: WHAT: WHY" on stderr; takes error, which may be NULL.  Returns CTL_FAILED, or
 * CTL_NO_ANSWER. */
CtlStatus  ctl_fail         (const char *what,
                             GError     *error);
CtlStatus  ctl_usage        (const CtlCommand *command,
                             const char       *why);
/* A reader's handle; NULL: already told. */
Store     *ctl_open         (Ctl        *ctl) G_GNUC_WARN_UNUSED_RESULT;
/* Tells a worker that serves the store that there is something new to do.  Where none does, or it does not
 * answer, nothing is lost: the row is there. */
void       ctl_nudge        (Ctl        *ctl);
/* A positive number; 0: it is none. */
gint64     ctl_parse_id     (const char *text);

/* The options of a command: entries as for GOptionContext; --json comes by itself.  What is left in arguments
 * are its operands, at least min and at most max.  FALSE: usage was told. */
gboolean   ctl_parse        (Ctl                 *ctl,
                             const CtlCommand    *command,
                             const GOptionEntry  *entries,       /* or NULL */
                             char              ***arguments,     /* in: borrowed; out: the operands, to be
                                                                  * freed */
                             guint                min,
                             guint                max);

/* ctl/account.c, ctl/change.c, ctl/changes.c, ctl/check.c, ctl/jobs.c, ctl/policy.c, ctl/read.c,
 * ctl/search.c, ctl/send.c, ctl/sync.c */
CtlStatus ctl_account_add    (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_account_list   (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_account_remove (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_advise         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_policy         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_sync           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_folders        (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_list           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_show           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_raw            (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_flag           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_unflag         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_move           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_copy           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_delete         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_changes        (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_changes_retry  (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_changes_cancel (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_search         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_send           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_export         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_import         (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_check          (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_jobs           (Ctl *ctl, const CtlCommand *command, char **arguments);
CtlStatus ctl_jobs_cancel    (Ctl *ctl, const CtlCommand *command, char **arguments);
