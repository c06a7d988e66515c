/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/changes.h - what people want done to mail and folders, from the wish to the server's proof.
 *
 *   wanted -> accepted -> running -> done | failed | unknown | accepted (put back: trouble that passes)
 *   wanted -> done (no server has a part in it);  unknown -> running | done | failed;  failed -> wanted (try
 *                                                 again)
 *   wanted, accepted, failed -> cancelled
 *
 * A change is a group of items with the state before.  The window records it in desk.db and shows it as an
 * overlay; the writer of mail.db accepts it: the effect becomes visible in mail.db, with the change's id in
 * the same transaction, so that after a crash it is only marked.  Then a lane does it on the server and
 * confirms the items one by one.  What failed or was cancelled is reverted: everything that is not proven on
 * the server goes back to the state before, except where a later wish or another program has changed it
 * again.
 *
 * Across accounts: account_id is the one that holds the server copy (move) or gets one (copy, move of mail
 * that is only here); the message keeps its account.  A move or copy to this computer of mail whose bytes are
 * not here is not local: its lane fetches them before it confirms.
 *
 * Effects in mail.db: flag, at once.  move, the folder at once; the server side stays where it is until
 * confirmed. copy, a location without server side.  delete, the end of the location (a delete into Trash is
 * recorded as a move). append, none for new mail, which ingest has filed already; what an undo brings back
 * gets its location again.
 *
 * It knows no protocol: whether a server has a part in it is told by the account's protocol and the
 * location's sides.
 *
 * Threads: the handle's.  People's functions are single short transactions on desk.db, from any handle.  The
 * writer's functions want a STORE_WRITER and no open transaction.
 * Errors: STORE_ERROR_NOT_FOUND, STORE_ERROR_STATE for a transition that is not allowed: it went on
 * meanwhile.
 */
#pragma once

#include "store/folders.h"
#include "store/locations.h"

typedef enum {
  STORE_CHANGE_FLAG,                    /* flags and keywords */
  STORE_CHANGE_MOVE,
  STORE_CHANGE_COPY,
  STORE_CHANGE_DELETE,                  /* for good */
  STORE_CHANGE_APPEND,                  /* a message of this store is to be uploaded */
  STORE_CHANGE_FOLDER_CREATE,
  STORE_CHANGE_FOLDER_RENAME,
  STORE_CHANGE_FOLDER_DELETE,           /* an empty one: lanes look before they do it */
  STORE_CHANGE_PIN,                     /* never remove from the server by a rule */
} StoreChangeKind;

typedef enum {
  STORE_CHANGE_STATE_WANTED,
  STORE_CHANGE_STATE_ACCEPTED,
  STORE_CHANGE_STATE_RUNNING,
  STORE_CHANGE_STATE_DONE,
  STORE_CHANGE_STATE_FAILED,
  STORE_CHANGE_STATE_UNKNOWN,           /* the answer was lost: the next try finds out by proof */
  STORE_CHANGE_STATE_CANCELLED,
} StoreChangeState;
#define STORE_N_CHANGE_STATES (STORE_CHANGE_STATE_CANCELLED + 1)

typedef enum {
  STORE_ITEM_OPEN,
  STORE_ITEM_SENT,                      /* the command went out, no answer yet */
  STORE_ITEM_DONE,
  STORE_ITEM_FAILED,
} StoreItemState;

const char *store_change_kind_to_string  (StoreChangeKind   kind);
const char *store_change_state_to_string (StoreChangeState  state);
const char *store_item_state_to_string   (StoreItemState    state);
/* Pure: the table above. */
gboolean    store_change_may_become      (StoreChangeState  from,
                                          StoreChangeState  to);

typedef struct {
  gint64            id;
  gint64            account_id;         /* whose lane does it; STORE_ACCOUNT_LOCAL: none */
  StoreChangeKind   kind;
  StoreChangeState  state;
  gboolean          is_local;           /* no server has a part in it */
  guint             flags_add;          /* of StoreFlags; PIN: 1 pins */
  guint             flags_remove;       /* PIN: 1 unpins */
  char            **keywords_add;       /* never NULL */
  char            **keywords_remove;
  gint64            folder_id;          /* target; the folder itself for RENAME and FOLDER_DELETE; 0: none */
  GBytes           *folder_raw;         /* its raw name; NULL: on this computer, or not made yet */
  char             *path;               /* FOLDER_CREATE, FOLDER_RENAME: as wanted; else NULL */
  char             *path_before;        /* FOLDER_RENAME: else NULL */
  gint64            depends_on;         /* 0: none */
  gint64            undoes;             /* 0: none */
  gint64            created_at;
  guint             tries;
  gint64            next_try_at;        /* 0: at once */
  gint64            ended_at;           /* 0: not yet; of a failed or cancelled one: when it was reverted */
  char             *problem_text;       /* or NULL */
  char             *server_words;       /* or NULL */
  gint64            rev;
  gsize             n_items;
  gint64            first_message_id;   /* 0: no items */
  char             *subject;            /* of the message, where there is one only; else NULL */
} StoreChange;

void         store_change_free          (StoreChange        *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreChange, store_change_free)

typedef struct {
  gint64          position;
  gint64          location_id;
  gint64          message_id;
  gint64          folder_id;            /* where it was */
  guint           flags_before;
  char          **keywords_before;      /* never NULL */
  gboolean        was_pinned;
  /* Where its server copy lies now, after what was confirmed of earlier changes; 0 and NULL: there is
   * none. */
  gint64          server_folder_id;
  guint32         uidvalidity;
  guint32         uid;
  GBytes         *uidl;
  guint           occurrence;
  /* copy, append: UIDNEXT of the target before the command went out, under result_uidvalidity: the copy is
   * not below it. -1: not noted. */
  gint64          target_uidnext;
  gint64          result_location;      /* copy: the new one; append: the same as location_id; 0: none */
  guint32         result_uidvalidity;
  guint32         result_uid;           /* 0: not known */
  StoreItemState  state;
  char           *server_words;         /* or NULL */
} StoreChangeItem;

void         store_change_item_free     (StoreChangeItem    *item);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreChangeItem, store_change_item_free)

/* --- people --------------------------------------------------------------------------------------------- */

typedef enum {
  STORE_DELETE_TO_TRASH,                /* of the account, else of this computer; what is in Trash goes for
                                         * good */
  STORE_DELETE_FOR_GOOD,
} StoreDelete;

typedef struct {
  StoreChangeKind     kind;
  guint               flags_add;        /* FLAG: of StoreFlags; PIN: 1 pins */
  guint               flags_remove;     /* PIN: 1 unpins */
  const char *const  *keywords_add;     /* or NULL */
  const char *const  *keywords_remove;
  StoreDelete         how;              /* DELETE */
  gint64              folder_id;        /* MOVE, COPY: target; RENAME, FOLDER_DELETE: the folder */
  gint64              account_id;       /* FOLDER_CREATE */
  const char         *path;             /* FOLDER_CREATE, FOLDER_RENAME: decoded */
} StoreWish;

/* Records a wish for locations, taken with their state as it is shown now; those that no longer exist, or are
 * that way already, are passed over.  Gives the ids of the changes made (gint64): one for each account and
 * way of doing it, none when there was nothing to do.  FOLDER_DELETE moves what is in the folder to Trash
 * first; the other folder kinds take no locations.  APPEND uploads each location that has no server side into
 * its own folder. */
GArray      *store_changes_record       (Store              *store,
                                         const StoreWish    *wish,
                                         const gint64       *location_ids,
                                         gsize               n_locations,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Before it runs; of a failed one: it needs no more attention. */
gboolean     store_changes_cancel       (Store              *store,
                                         gint64              id,
                                         GError            **error);
/* A failed one again, or one that waits for its next try at once. */
gboolean     store_changes_retry        (Store              *store,
                                         gint64              id,
                                         GError            **error);
/* Takes changes back: cancels those that have not begun, and records the opposite of the others.  Gives the
 * ids of the changes recorded; undoing those is redoing.  FOLDER_DELETE that was done stays done. */
GArray      *store_changes_undo         (Store              *store,
                                         const gint64       *ids,
                                         gsize               n_ids,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

StoreChange *store_changes_get          (Store              *store,
                                         gint64              id,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  STORE_CHANGES_WAITING,                /* wanted, accepted, running, unknown; not the local ones */
  STORE_CHANGES_ATTENTION,              /* failed */
  STORE_CHANGES_DONE,                   /* done since then; not the local ones */
} StoreChangeList;

/* Of StoreChange; waiting and attention in order, done newest first.  since counts for DONE only. */
GPtrArray   *store_changes_list         (Store              *store,
                                         StoreChangeList     which,
                                         gint64              account_id,        /* or STORE_ACCOUNT_ANY */
                                         gint64              since,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray   *store_changes_list_since   (Store              *store,
                                         gint64              rev,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

/* What desk.db wants and mail.db does not show yet, by location: wanted changes, and those cancelled or
 * failed that are not reverted yet. */
typedef struct _StoreOverlay StoreOverlay;

typedef struct {
  guint         flags_add;
  guint         flags_remove;
  gint64        folder_id;              /* now filed there; 0: not moved */
  gboolean      is_gone;                /* deleted for good */
  gint          pinned;                 /* -1: as it is */
  char        **keywords_add;           /* or NULL */
  char        **keywords_remove;
} StoreOverlayItem;

StoreOverlay *store_changes_get_overlay (Store              *store,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
void          store_overlay_free        (StoreOverlay       *overlay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreOverlay, store_overlay_free)
gsize         store_overlay_get_size    (const StoreOverlay *overlay);
/* NULL: as mail.db says.  Borrowed. */
const StoreOverlayItem *store_overlay_peek (const StoreOverlay *overlay,
                                         gint64              location_id);
/* All locations in it, of gint64. */
GArray       *store_overlay_list        (const StoreOverlay *overlay) G_GNUC_WARN_UNUSED_RESULT;

/* --- the writer of mail.db ------------------------------------------------------------------------------ */

/* Accepts all that is wanted and reverts all that failed or was cancelled, in order.  n_changed: how many; or
 * NULL. */
gboolean     store_changes_catch_up     (Store              *store,
                                         guint              *n_changed,
                                         GError            **error);
/* The two halves of accepting, and of reverting, one change.  The first wants an open transaction on mail.db
 * and may be repeated: it does nothing when the change's id is there (or, for revert, gone).  The second
 * marks desk.db after that transaction was committed. */
gboolean     store_changes_apply        (Store              *store,
                                         gint64              id,
                                         GError            **error);
gboolean     store_changes_mark_accepted (Store             *store,
                                         gint64              id,
                                         GError            **error);
gboolean     store_changes_revert       (Store              *store,
                                         gint64              id,
                                         GError            **error);
gboolean     store_changes_mark_reverted (Store             *store,
                                         gint64              id,
                                         GError            **error);

/* --- lanes ---------------------------------------------------------------------------------------------- */

/* Accepted or unknown, due, and nothing they depend on is still open; in order.  Of gint64. */
GArray      *store_changes_list_due     (Store              *store,
                                         gint64              account_id,
                                         gint64              now,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* When the next one is due: a time, 0 for none, -1 on error. */
gint64       store_changes_get_next_time (Store             *store,
                                         gint64              account_id,        /* or STORE_ACCOUNT_ANY */
                                         GError            **error);
/* Of StoreChangeItem, from position on. */
GPtrArray   *store_changes_list_items   (Store              *store,
                                         gint64              id,
                                         gint64              from_position,
                                         guint               limit,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;
/* Uids that still are in this folder on the server though their location has ended, or has gone to another
 * folder and the server cannot remove single messages: a pass must not take them for new mail.  Of guint32,
 * ascending. */
GArray      *store_changes_list_leaving (Store              *store,
                                         gint64              server_folder_id,
                                         guint32             uidvalidity,
                                         GError            **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  const char *problem_text;             /* our sentence, or NULL */
  const char *server_words;             /* or NULL */
  gint64      next_try_at;              /* put back: not before */
} StoreChangeNews;

/* The one setter.  news may be NULL.  From running back to accepted counts a try. */
gboolean     store_changes_set_state    (Store                  *store,
                                         gint64                  id,
                                         StoreChangeState        to,
                                         const StoreChangeNews  *news,
                                         GError                **error);

typedef struct {
  gint64          position;
  StoreItemState  state;
  guint32         uidvalidity;          /* done: of the copy in the target; 0: not known */
  guint32         uid;
  gint64          target_uidnext;       /* -1: leave as it is */
  const char     *server_words;         /* or NULL */
} StoreItemResult;

/* desk.db only: sent, failed, where the target stood before; for one that is neither done nor failed state
 * stays open. */
gboolean     store_changes_note_items   (Store                  *store,
                                         gint64                  id,
                                         const StoreItemResult  *results,
                                         gsize                   n_results,
                                         GError                **error);
/* The writer: what the server did is now true in mail.db (the server side of each location, or that it is
 * gone), and then noted in desk.db.  May be repeated. */
gboolean     store_changes_confirm_items (Store                 *store,
                                         gint64                  id,
                                         const StoreItemResult  *results,
                                         gsize                   n_results,
                                         GError                **error);
/* The same for folder kinds; raw_name is what the server calls it now, NULL for one that was deleted. */
gboolean     store_changes_confirm_folder (Store                *store,
                                         gint64                  id,
                                         GBytes                 *raw_name,
                                         GError                **error);
/* At the start of a worker: what was running when the last one died is unknown.  Returns how many, -1 on
 * error. */
gint         store_changes_recover      (Store                  *store,
                                         GError                **error);
/* Forgets what ended STORE_CHANGE_DAYS ago. */
#define STORE_CHANGE_DAYS 30
gboolean     store_changes_sweep        (Store                  *store,
                                         GError                **error);
