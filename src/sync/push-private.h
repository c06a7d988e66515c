/* SPDX-License-Identifier: GPL-3.0-or-later */
/* sync/push-private.h - what the parts of push.h share.  For this folder only.
 *
 * push.c: the order of changes and what becomes of each.  push-item.c: selecting, settling items, judging
 * refusals. push-find.c: where a message lies, when the server did not say.  push-flags.c, push-move.c,
 * push-here.c, push-upload.c, push-delete.c, push-folder.c: the ways of doing it.
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

typedef enum {
  SYNC_PUSH_TO_NOWHERE,         /* the change has no target */
  SYNC_PUSH_TO_SERVER,          /* a folder of this account */
  SYNC_PUSH_TO_HERE,            /* a folder on this computer */
  SYNC_PUSH_TO_OTHER,           /* a folder of another account's server */
} SyncPushTo;

typedef struct {
  SyncContext       *context;
  const StoreChange *change;
  SyncPushTo         to;
  StoreFolder       *target;    /* or NULL */
  char              *target_raw;    /* SYNC_PUSH_TO_SERVER, where it is there already; else NULL */
  SessionImapBox    *box;       /* of the selected folder, or NULL */

  GArray            *results;   /* of StoreItemResult: settled and not written yet */
  GStringChunk      *words;     /* what results point to */
  guint              n_failed;
  gboolean           is_put_back;
  gboolean           waits_for_pass;    /* put back only until the next round */
  char              *problem;   /* of the first one that failed or was put back */
  char              *server_words;
} SyncPush;

/* --- the selected folder -------------------------------------------------------------------------------- */

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
/* Which of uids the selected folder has.  NULL with error. */
ImapUidset *sync_push_dup_present (SyncPush           *push,
                                 const ImapUidset     *uids,
                                 GError              **error) G_GNUC_WARN_UNUSED_RESULT;
typedef enum {
  SYNC_PUSH_GONE,
  SYNC_PUSH_MARKED,             /* \Deleted, for the server cannot remove single messages */
} SyncPushRemoved;
/* Removes exactly these from the selected folder. */
gboolean    sync_push_remove    (SyncPush             *push,
                                 const ImapUidset     *uids,
                                 SyncPushRemoved      *removed,
                                 GError              **error);
/* What was only marked is remembered, so that no pass takes it for mail. */
gboolean    sync_push_leave     (SyncPush             *push,
                                 GPtrArray            *items,
                                 GError              **error);
/* Does what sends messages to the target; a folder that is missing there is made first (RFC 9051 section 7.1,
 * TRYCREATE). */
typedef gboolean (* SyncPushSend) (SyncPush  *push,
                                   gpointer   data,
                                   GError   **error);
gboolean    sync_push_send      (SyncPush             *push,
                                 SyncPushSend          send,
                                 gpointer              data,
                                 GError              **error);
/* Notes where the target stands, and that the items' command goes out now, also in items. */
gboolean    sync_push_note_sent (SyncPush             *push,
                                 GPtrArray            *items,
                                 GError              **error);

/* --- finding -------------------------------------------------------------------------------------------- */

typedef enum {
  SYNC_PUSH_UNKNOWN_ONLY,       /* uids that no location here has */
  SYNC_PUSH_ONLY_ONE,           /* the same; where several look alike none is taken, and the item's state is
                                 * failed */
  SYNC_PUSH_KNOWN_TOO,          /* a pass may have seen it meanwhile; an unknown one is better */
} SyncPushSeek;

/* Looks into folder for the messages of items, as their headers say: result_uid and result_uidvalidity are
 * set of those that were found.  since: only uids from there on; 0: all.  folder is selected then. */
gboolean    sync_push_find      (SyncPush             *push,
                                 const StoreFolder    *folder,
                                 guint32               since,
                                 SyncPushSeek          seek,
                                 GPtrArray            *items,
                                 GError              **error);
/* In the target, for items whose command may have gone out: what sync_push_note_sent() noted tells. */
gboolean    sync_push_find_sent (SyncPush             *push,
                                 GPtrArray            *items,
                                 GError              **error);

/* --- items ---------------------------------------------------------------------------------------------- */

/* What is known of it now: uid 0 and words NULL where there is none. */
void        sync_push_settle    (SyncPush               *push,
                                 const StoreChangeItem  *item,
                                 StoreItemState          state,
                                 guint32                 uidvalidity,
                                 guint32                 uid,
                                 const char             *words);
/* Those with a result_uid are done; gives the others. */
GPtrArray  *sync_push_settle_found (SyncPush          *push,
                                 GPtrArray            *items) G_GNUC_WARN_UNUSED_RESULT;
/* All of items failed for this reason, a sentence. */
void        sync_push_fail      (SyncPush             *push,
                                 GPtrArray            *items,
                                 const char           *why);
/* The reason of the first trouble is the one that people see.  words: the server's, or NULL. */
void        sync_push_note_problem (SyncPush          *push,
                                 const char           *why,
                                 const char           *words);
/* Takes failure.  What the server refused: items failed, or are to be tried again later.  FALSE: it is
 * trouble of the connection or the store, in error. */
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

/* --- kinds ---------------------------------------------------------------------------------------------- */

/* Each settles what it can and writes it.  FALSE: with error, as sync_push_refused(). */
gboolean    sync_push_flags     (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
/* Moves and copies to another folder of the server. */
gboolean    sync_push_move      (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
/* Moves and copies to this computer. */
gboolean    sync_push_here      (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
/* Messages of this store into the target. */
gboolean    sync_push_upload    (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
gboolean    sync_push_delete    (SyncPush             *push,
                                 const SyncPushGroup  *group,
                                 GError              **error);
/* Folders are made, renamed and deleted; FALSE as above. */
gboolean    sync_push_folder    (SyncPush             *push,
                                 GError              **error);
