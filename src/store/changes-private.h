/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/changes-private.h - what the parts of changes.h share.  For this folder only.
 *
 * changes.c: the table of states, reading, the setter.  changes-record.c: wishes.  changes-undo.c: their
 * opposites. changes-effect.c and changes-revert.c: one item forth and back.  changes-apply.c: whole changes,
 * accepted and reverted. changes-confirm.c: what the server did.  changes-overlay.c: what windows lay over
 * mail.db.
 */
#pragma once

#include "store/changes.h"
#include "store/desk.h"

/* The words of the index change_open. */
#define STORE_CHANGE_IS_OPEN "(ended_at IS NULL OR state = 'failed')"

/* From so many items on, the pages of a file are kept in memory until it is done: a change over a whole
 * mailbox would read each of them a hundred times. */
#define STORE_CHANGE_MANY     10000
#define STORE_CHANGE_CACHE_KIB (64 * 1024)

/* Without the subject. */
StoreChange     *store_changes_read            (Store                  *store,
                                                gint64                  id,
                                                GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* The items as recorded, with no word of where the server copy lies now. */
StoreStatement  *store_change_items_query      (Store                  *store,
                                                gint64                  id,
                                                gint64                  from_position,
                                                GError                **error) G_GNUC_WARN_UNUSED_RESULT;
StoreChangeItem *store_change_item_from_row    (StoreStatement         *rows) G_GNUC_WARN_UNUSED_RESULT;
/* Fills in where the server copy lies now. */
gboolean         store_change_item_resolve     (Store                  *store,
                                                StoreChangeItem        *item,
                                                GError                **error);

/* Within store_desk_begin(). */
gboolean         store_changes_become          (Store                  *store,
                                                gint64                  id,
                                                StoreChangeState        to,
                                                const StoreChangeNews  *news,
                                                GError                **error);

/* Keywords as a column holds them.  split: never NULL.  join: NULL for none. */
char           **store_keywords_split          (const char             *joined) G_GNUC_WARN_UNUSED_RESULT;
char            *store_keywords_join           (const char *const      *keywords) G_GNUC_WARN_UNUSED_RESULT;
gboolean         store_keywords_contain        (const char *const      *keywords,
                                                const char             *keyword);

/* --- effects, within store_begin() ---------------------------------------------------------------------- */

/* A location that ended meanwhile is passed over: there is nothing left to do here, and lanes see that too.
 * Takes *problem; TRUE if there is none, or it was only that something is not there. */
gboolean         store_change_pass_over_missing (GError               **problem,
                                                GError                **error);
/* NULL without error if it is gone. */
StoreLocation   *store_change_find_location    (Store                  *store,
                                                gint64                  id,
                                                GError                **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean         store_change_apply_item       (Store                  *store,
                                                const StoreChange      *change,
                                                const StoreChangeItem  *item,
                                                GError                **error);
gboolean         store_change_apply_folder     (Store                  *store,
                                                const StoreChange      *change,
                                                GError                **error);
gboolean         store_change_revert_item      (Store                  *store,
                                                const StoreChange      *change,
                                                const StoreChangeItem  *item,
                                                GError                **error);
gboolean         store_change_revert_folder    (Store                  *store,
                                                const StoreChange      *change,
                                                GError                **error);
gboolean         store_change_set_pin          (Store                  *store,
                                                const StoreChangeItem  *item,
                                                gboolean                is_pinned,
                                                GError                **error);
/* Folders below it move along.  Their raw names are the server's business (changes-confirm.c). */
gboolean         store_change_rename_paths     (Store                  *store,
                                                gint64                  folder_id,
                                                const char             *path,
                                                GError                **error);

typedef enum {
  STORE_COME_BACK_WITH_SERVER,          /* its server copy was not touched */
  STORE_COME_BACK_ONLY_HERE,
} StoreComeBack;

/* A location that ended is there again.  is_back: whether there was anything to bring back; a message that
 * was purged is gone for good. */
gboolean         store_change_bring_back       (Store                  *store,
                                                const StoreChange      *change,
                                                const StoreChangeItem  *item,
                                                StoreComeBack           how,
                                                gboolean               *is_back,
                                                GError                **error);

/* --- recording ------------------------------------------------------------------------------------------ */

/* What is known of a location when a wish for it is recorded: as it is shown now. */
typedef struct {
  gint64   location_id;
  gint64   message_id;
  gint64   account_id;                  /* of the message */
  gint64   folder_id;
  guint    flags;
  gboolean is_pinned;
  gboolean has_content;
  char    *keywords;                    /* joined, or NULL */
  gint64   server_folder_id;            /* 0: no server copy */
  guint32  uidvalidity;
  guint32  uid;
  GBytes  *uidl;
  guint    occurrence;
  gint64   depends_on;                  /* an open change that has to be done first; 0: none */
} StoreSnapshot;

/* Changes to be written, one for each way of doing it. */
typedef struct _StoreRecording StoreRecording;

StoreRecording  *store_recording_new           (Store                  *store,
                                                GError                **error) G_GNUC_WARN_UNUSED_RESULT;
void             store_recording_free          (StoreRecording         *recording);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreRecording, store_recording_free)
/* undoes: the change that the wish takes back, or 0. */
gboolean         store_recording_add_wish      (StoreRecording         *recording,
                                                const StoreWish        *wish,
                                                gint64                  undoes,
                                                const gint64           *location_ids,
                                                gsize                   n_locations,
                                                GError                **error);
/* Deleted mail comes back into the folder it was in, and is uploaded again where a server had it. */
gboolean         store_recording_add_restore   (StoreRecording         *recording,
                                                const StoreChange      *change,
                                                const StoreChangeItem  *item,
                                                GError                **error);
/* In one transaction.  Gives the ids, of gint64. */
GArray          *store_recording_write         (StoreRecording         *recording,
                                                GError                **error) G_GNUC_WARN_UNUSED_RESULT;
