/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/push-private.h - what the parts of push.h share.  For this folder only.
 *
 * push.c: the order of changes and what becomes of each.  push-item.c: selecting, settling items, judging refusals.
 * push-flags.c, push-move.c, push-delete.c, push-append.c, push-folder.c: one kind each.
 */
#pragma once

#include "store/changes.h"
#include "sync/push.h"

/* Items whose server copies lie in one folder under one UIDVALIDITY. */
typedef struct {
  gint64     folder_id;         /* 0: they have no server copy */
  guint32    uidvalidity;
  GPtrArray *items;             /* of StoreChangeItem, borrowed */
} SyncPushGroup;

typedef struct {
  SyncContext       *context;
  const StoreChange *change;
  SessionImapBox    *box;       /* of the selected folder, or NULL */

  GArray            *results;   /* of StoreItemResult: settled and not written yet */
  GStringChunk      *words;     /* what results point to */
  guint              n_failed;
  gboolean           is_put_back;
  gboolean           waits_for_pass;    /* put back only until the next round */
  char              *problem;   /* of the first one that failed or was put back */
  char              *server_words;
} SyncPush;

/* --- the selected folder ---------------------------------------------------------------------------------------- */

typedef enum {
  SYNC_PUSH_READY,
  SYNC_PUSH_SETTLED,            /* it cannot be done now: the items are settled or put back */
  SYNC_PUSH_BROKEN,             /* error is set */
} SyncPushOpened;

/* Selects the group's folder for writing, where its uids are still valid. */
SyncPushOpened sync_push_open   (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
/* Selects a folder as it is.  FALSE with error. */
gboolean    sync_push_select    (SyncPush             *push,
                                 const StoreFolder    *folder,
                                 SessionImapAccess     access,
                                 GError              **error);
ImapUidset *sync_push_dup_uids  (GPtrArray            *items) G_GNUC_WARN_UNUSED_RESULT;

/* --- items ------------------------------------------------------------------------------------------------------ */

/* What is known of it now: uid 0 and words NULL where there is none. */
void        sync_push_settle    (SyncPush               *push,
                                 const StoreChangeItem  *item,
                                 StoreItemState          state,
                                 guint32                 uidvalidity,
                                 guint32                 uid,
                                 const char             *words);
/* All of items failed for this reason, a sentence. */
void        sync_push_fail      (SyncPush             *push,
                                 GPtrArray            *items,
                                 const char           *why);
/* Takes failure.  What the server refused: items failed, or are to be tried again later.  FALSE: it is trouble of the
 * connection or the store, in error. */
gboolean    sync_push_refused   (SyncPush             *push,
                                 GPtrArray            *items,
                                 GError               *failure,
                                 GError              **error);
typedef enum {
  SYNC_PUSH_LATER,
  SYNC_PUSH_NEXT_ROUND,         /* a pass has to see the folder first */
} SyncPushWhen;
/* To be tried again, up to a limit; why is a sentence. */
void        sync_push_put_back  (SyncPush             *push,
                                 SyncPushWhen          when,
                                 const char           *why);
/* Writes what was settled: first what is true in mail.db, then in desk.db. */
gboolean    sync_push_confirm   (SyncPush             *push,
                                 GError              **error);
/* The same in desk.db only, where mail.db has nothing to learn. */
gboolean    sync_push_note      (SyncPush             *push,
                                 GError              **error);

/* --- kinds ------------------------------------------------------------------------------------------------------ */

/* Each settles what it can and writes it.  FALSE: with error, as sync_push_refused(). */
gboolean    sync_push_flags     (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
