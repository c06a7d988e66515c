/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/retention.h - which server copies leave the server by a rule, and when.
 *
 * Only a copy that is whole on this computer, was read back and compared, is not pinned, and that nobody has
 * to be asked about ever leaves.  Days count from that proof, on the store's clock; no header of a message
 * decides anything.  Pure: it knows nothing of servers, rows or questions.
 *
 * Threads: any.
 */
#pragma once

#include "store/accounts.h"

typedef enum {
  SYNC_RULE_REMOVE,            /* at once */
  SYNC_RULE_DAYS,
  SYNC_RULE_NEWEST_COUNT,
  SYNC_RULE_NEWEST_BYTES,
  SYNC_RULE_FULL,
} SyncRule;

/* As journalled and printed: "leave-days". */
const char *sync_rule_to_string (SyncRule rule);

/* What an account's settings say. */
typedef struct {
  StoreLeave  leave;
  gint        leave_days;
  gint64      newest_count;    /* this and the next two: STORE_NO_RULE if there is none */
  gint64      newest_bytes;
  gint64      full_percent;
  gint64      quota_limit;     /* bytes; 0: not known, then nothing is ever full */
  gboolean    spares_older;    /* mail from before the rule stays */
} SyncRetention;

SyncRetention sync_retention_new      (const StoreAccount  *account);
/* FALSE: nothing ever leaves. */
gboolean      sync_retention_has_rule (const SyncRetention *retention);

typedef struct {
  gint64    location_id;
  gint64    message_id;        /* ascends with the time of arrival */
  gint64    size;
  gint64    verified_at;       /* 0: not proven to be here, and then it stays */
  gboolean  is_pinned;
  gboolean  is_older;          /* from before the rule */
} SyncCopy;

typedef struct {
  gint64    location_id;
  gint64    message_id;
  gint64    due_at;            /* not after now: it is due */
  SyncRule  rule;              /* the one that wants it first */
  gboolean  is_older;
} SyncDue;

/* Of SyncDue, soonest first.  copies: every copy on the server, in any order; it is sorted newest first. */
GArray       *sync_retention_plan     (const SyncRetention *retention,
                                       GArray              *copies,      /* of SyncCopy */
                                       gint64               now) G_GNUC_WARN_UNUSED_RESULT;
