/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/locations.h - the places of a message: in which folder it is filed, and where its server copy lies.
 *
 * Both facts are independent.  Filed here: folder, flags, keywords.  On the server: uid under uidvalidity, or
 * uidl and occurrence, in the same folder unless a move still waits (server_folder_id).  A location without a
 * server copy is mail that exists only here: store_locations_end() refuses to end one by a server's word.
 * A location that ended leaves a tombstone, so that a UIDL is never fetched twice and the user can restore
 * the message.
 *
 * Threads: the handle's.  Writing needs store_begin().  Errors: STORE_ERROR_NOT_FOUND for an unknown id.
 */
#pragma once

#include "store/flags.h"
#include "store/history.h"

typedef struct {
  gint64  id;
  gint64  message_id;
  gint64  folder_id;
  guint   flags;               /* of StoreFlags, as the user sees and wants them */
  guint   server_flags;        /* as the server last said */
  guint32 uid;                 /* 0: none */
  guint32 uidvalidity;
  guint64 modseq;
  gint64  server_folder_id;    /* where the server copy lies; folder_id unless a move waits; 0: no server
                                * copy */
  GBytes *uidl;                /* or NULL; stays when the server copy is gone */
  guint   occurrence;
  gint64  stored_at;           /* times: 0 is not yet */
  gint64  fetched_at;          /* the content came whole from this server copy, not from another one of the
                                * message */
  gint64  verified_at;
  gint64  remove_after;
  gboolean is_pinned;
  gint64  announced_at;
  gint64  removed_at;
  StoreCause removed_by;       /* means something with removed_at only */
  gint64  rev;
} StoreLocation;

void           store_location_free         (StoreLocation *location);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreLocation, store_location_free)
gboolean       store_location_has_server   (const StoreLocation *location);

/* Zero means none, everywhere. */
typedef struct {
  gint64              message_id;
  gint64              folder_id;
  guint               flags;
  guint32             uid;
  guint32             uidvalidity;
  guint64             modseq;
  BaseSlice           uidl;
  guint               occurrence;
  const char *const  *keywords;         /* NULL-terminated, or NULL */
  gint64              stored_at;
  gint64              verified_at;
  gint64              announced_at;
} StoreLocationNew;

/* With a uid or uidl, flags and keywords count as the server's too.  0 on error. */
gint64         store_locations_insert      (Store                   *store,
                                            const StoreLocationNew  *location,
                                            GError                 **error);

StoreLocation *store_locations_get         (Store                   *store,
                                            gint64                   id,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of StoreLocation, oldest first. */
GPtrArray     *store_locations_list_message (Store                  *store,
                                            gint64                   message_id,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
/* Names as the user sees them, sorted; NULL-terminated. */
char         **store_locations_list_keywords (Store                 *store,
                                            gint64                   id,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* By the server's names.  These return NULL without error if there is none. */
StoreLocation *store_locations_find_uid    (Store                   *store,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            guint32                  uid,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
StoreLocation *store_locations_find_uidl   (Store                   *store,
                                            gint64                   account_id,
                                            BaseSlice                uidl,
                                            guint                    occurrence,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a flag pass compares with: 8 bytes a message. */
typedef struct {
  guint32 uid;
  guint32 server_flags;
} StoreKnownUid;

/* Every uid in [first, last] of that folder on the server, ascending. */
GArray        *store_locations_list_uids   (Store                   *store,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            guint32                  first,
                                            guint32                  last,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
typedef struct {
  gint64  message_id;
  gint64  location_id;
  guint32 uid;
  gint64  size;                         /* the server's word */
} StoreUnfetched;

/* Those whose message has no content yet, newest first. */
GArray        *store_locations_list_unfetched (Store                *store,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            /* 0: from the newest */
                                            gint64                   before_message_id,
                                            guint                    limit,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* Places whose server side carries another UIDVALIDITY than the folder has now, oldest message first.  Of
 * gint64. */
GArray        *store_locations_list_stale  (Store                   *store,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* Filed in that folder, or with their server copy in it.  Of gint64, in any order. */
GArray        *store_locations_list_folder (Store                   *store,
                                            gint64                   folder_id,
                                            guint                    limit,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
/* How many messages filed in folders of that account no server has.  -1 on error. */
gint64         store_locations_count_only_here (Store               *store,
                                            gint64                   account_id,
                                            GError                 **error);

typedef enum {
  STORE_UIDL_LIVE,                      /* here and on the server */
  STORE_UIDL_REMOVED,                   /* here; its server copy was taken away, if the server did so */
  STORE_UIDL_ENDED,                     /* deleted here; never fetched again */
} StoreUidlState;

typedef struct {
  GBytes         *uidl;
  guint           occurrence;
  StoreUidlState  state;
  gint64          location_id;
  gint64          message_id;
  gboolean        is_whole;             /* its bytes are here; of an ended one: TRUE */
  gboolean        is_fetched;           /* ... and came from this server copy */
  guint8          header_hash[32];
} StoreKnownUidl;

/* All that were ever seen in a POP3 account, live ones first.  Of StoreKnownUidl, freed with the array. */
GPtrArray     *store_locations_list_uidls  (Store                   *store,
                                            gint64                   account_id,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* What retention looks at. */
typedef struct {
  gint64   location_id;
  gint64   message_id;
  gint64   size;                        /* of the message */
  gint64   stored_at;                   /* times: 0 is not yet */
  gint64   fetched_at;
  gint64   verified_at;
  gint64   remove_after;
  gboolean is_pinned;
} StoreKeptCopy;

/* Every message of a POP3 account that is on its server. */
GArray        *store_locations_list_copies (Store                   *store,
                                            gint64                   account_id,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- filed here ----------------------------------------------------------------------------------------- */

/* The user's wish: visible at once, and kept until the server has it. */
gboolean       store_locations_set_flags   (Store                   *store,
                                            gint64                   id,
                                            guint                    add,
                                            guint                    remove,
                                            GError                 **error);
/* The server has done a wish.  Where the user changes the flag no more, what is shown follows too: another
 * program may have changed it between the wish and its doing.  standing: what later wishes are about. */
gboolean       store_locations_confirm_flags (Store                 *store,
                                            gint64                   id,
                                            guint                    add,
                                            guint                    remove,
                                            guint                    standing,
                                            GError                 **error);
gboolean       store_locations_set_keywords (Store                  *store,
                                            gint64                   id,
                                            const char *const       *add,          /* or NULL */
                                            const char *const       *remove,       /* or NULL */
                                            GError                 **error);

typedef struct {
  guint32            uid;
  guint32            flags;
  guint64            modseq;            /* 0: not said */
  const char *const *keywords;          /* NULL: not said; all of them otherwise */
} StoreServerFlags;

/* What the server says now, merged by flags.h.  Uids that are not known are passed over.  n_changed may be
 * NULL. */
gboolean       store_locations_apply_flags (Store                   *store,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            const StoreServerFlags  *rows,
                                            gsize                    n_rows,
                                            guint                   *n_changed,
                                            GError                 **error);
/* Files it in another folder.  Its server copy stays where it is until store_locations_set_server() says
 * otherwise. */
gboolean       store_locations_move        (Store                   *store,
                                            gint64                   id,
                                            gint64                   folder_id,
                                            StoreCause               by,
                                            GError                 **error);

/* --- on the server -------------------------------------------------------------------------------------- */

/* Its server copy is now this one (a move or upload that was proven).  What the other copy had verified is
 * void. */
gboolean       store_locations_set_uid     (Store                   *store,
                                            gint64                   id,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            guint32                  uid,
                                            GError                 **error);
/* Matched again after UIDVALIDITY changed or UIDLs were renumbered: as above, and in the history. */
gboolean       store_locations_rematch_uid (Store                   *store,
                                            gint64                   id,
                                            guint32                  uidvalidity,
                                            guint32                  uid,
                                            GError                 **error);
gboolean       store_locations_rematch_uidl (Store                  *store,
                                            gint64                   id,
                                            BaseSlice                uidl,
                                            guint                    occurrence,
                                            GError                 **error);
/* The same for a place that has ended: it is not fetched under its new name either. */
gboolean       store_locations_rematch_ended (Store                 *store,
                                            gint64                   id,
                                            BaseSlice                uidl,
                                            guint                    occurrence,
                                            GError                 **error);
typedef enum {
  STORE_COPY_UNPROVEN,                  /* nothing of it counts as fetched or verified */
  STORE_COPY_AS_BEFORE,                 /* the server only pretended to delete it */
} StoreFoundCopy;

/* A POP3 server lists again what seemed to be gone from it. */
gboolean       store_locations_find_again  (Store                   *store,
                                            gint64                   id,
                                            StoreFoundCopy           copy,
                                            GError                 **error);
/* There is no server copy any more; the mail stays here.  rule and server_words may be NULL. */
gboolean       store_locations_drop_server (Store                   *store,
                                            gint64                   id,
                                            StoreCause               by,
                                            const char              *rule,
                                            const char              *server_words,
                                            GError                 **error);

typedef enum {
  STORE_LOCATION_STORED_AT    = 1 << 0,
  STORE_LOCATION_VERIFIED_AT  = 1 << 1,
  STORE_LOCATION_REMOVE_AFTER = 1 << 2,
  STORE_LOCATION_PINNED       = 1 << 3,
  STORE_LOCATION_ANNOUNCED_AT = 1 << 4,
  STORE_LOCATION_FETCHED_AT   = 1 << 5,
} StoreLocationFields;

gboolean       store_locations_set_state   (Store                   *store,
                                            /* id and the fields named */
                                            const StoreLocation     *location,
                                            /* of StoreLocationFields */
                                            guint                    fields,
                                            GError                 **error);
/* Due for removal by a rule at that time, not pinned, oldest due first.  Of gint64. */
GArray        *store_locations_list_due    (Store                   *store,
                                            gint64                   account_id,
                                            gint64                   now,
                                            guint                    limit,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;

/* --- the end -------------------------------------------------------------------------------------------- */

typedef enum {
  STORE_SERVER_COPY_GONE,
  STORE_SERVER_COPY_MAY_REMAIN,         /* POP3: deleted here, kept there */
} StoreServerCopy;

/* Tombstone, history and end of the row.  server_words may be NULL.  STORE_ERROR_FAILED for mail that is only
 * here and STORE_BY_ELSEWHERE, _RULE or _RENUMBERING: only the user, or what the user asked for, ends
 * that. */
gboolean       store_locations_end         (Store                   *store,
                                            gint64                   id,
                                            StoreCause               by,
                                            StoreServerCopy          copy,
                                            const char              *server_words,
                                            GError                 **error);
/* The server keeps this copy, marked as deleted, though its location has another one now or has ended: passes
 * pass over it. */
gboolean       store_locations_leave_behind (Store                  *store,
                                            gint64                   message_id,
                                            gint64                   server_folder_id,
                                            guint32                  uidvalidity,
                                            guint32                  uid,
                                            GError                 **error);
/* A place in another folder of the account that came later, of a message that looks the same and is nowhere
 * else; 0: none.  When this one vanishes from its server, another program has moved it there. */
gboolean       store_locations_find_twin   (Store                   *store,
                                            gint64                   id,
                                            gint64                  *twin_id,
                                            GError                 **error);
/* Goes there, with its message and history; the twin ends. */
gboolean       store_locations_follow      (Store                   *store,
                                            gint64                   id,
                                            gint64                   twin_id,
                                            GError                 **error);
/* A message without location comes back into a folder on this computer.  0 on error. */
gint64         store_locations_restore     (Store                   *store,
                                            gint64                   message_id,
                                            gint64                   folder_id,
                                            GError                 **error);

typedef struct {
  gint64     location_id;
  gint64     message_id;
  gint64     account_id;
  gint64     folder_id;
  gint64     ended_at;
  StoreCause ended_by;
  gint64     rev;
} StoreTombstone;

/* Of StoreTombstone, by rev. */
GArray        *store_locations_list_ended  (Store                   *store,
                                            gint64                   since_rev,
                                            guint                    limit,
                                            GError                 **error) G_GNUC_WARN_UNUSED_RESULT;
