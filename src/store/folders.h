/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/folders.h - the folders of servers and of this computer, and what is known of each.
 *
 * Paths are decoded components joined by STORE_PATH_SEPARATOR; what the server spells is a slice of bytes.
 * A folder that the server no longer lists is kept with gone_at until somebody decides about its mail.
 * The counters total and unread follow the locations by themselves.
 * It knows nothing of LIST or SELECT: sync/ translates.
 *
 * Threads: the handle's.  Writing needs store_begin().  Errors: STORE_ERROR_NOT_FOUND for an unknown id.
 */
#pragma once

#include "store/store.h"

#define STORE_PATH_SEPARATOR "\x1f"

typedef enum {
  STORE_ROLE_NONE,
  STORE_ROLE_INBOX,
  STORE_ROLE_SENT,
  STORE_ROLE_DRAFTS,
  STORE_ROLE_TRASH,
  STORE_ROLE_JUNK,
  STORE_ROLE_ARCHIVE,
  STORE_ROLE_ALL,
  STORE_ROLE_FLAGGED,
  STORE_ROLE_IMPORTANT,
  STORE_ROLE_OUTBOX,
  STORE_ROLE_RECOVERED,
} StoreRole;

/* As stored and printed: "inbox"; "" for none.  An unknown name is STORE_ROLE_NONE. */
const char *store_role_to_string   (StoreRole   role);
StoreRole   store_role_from_string (const char *name);

typedef enum {                 /* the values are stored: never renumber */
  STORE_FOLDER_NO_SELECT      = 1 << 0,   /* holds only other folders */
  STORE_FOLDER_NO_INFERIORS   = 1 << 1,
  STORE_FOLDER_SUBSCRIBED     = 1 << 2,
  STORE_FOLDER_READ_ONLY      = 1 << 3,
  STORE_FOLDER_SHARED         = 1 << 4,   /* in another user's or a shared namespace */
  STORE_FOLDER_NO_NEW_FLAGS   = 1 << 5,   /* PERMANENTFLAGS without \* */
} StoreFolderAttributes;

typedef struct {
  gint64     id;
  gint64     account_id;
  gint64     parent_id;                 /* 0: at the top */
  GBytes    *raw_name;                  /* NULL: lives on this computer */
  char      *path;
  char      *name;
  char      *delimiter;                 /* or NULL */
  StoreRole  role;
  guint      attributes;                /* of StoreFolderAttributes */
  char      *object_id;                 /* or NULL */
  gint64     uidvalidity;               /* this and the next ones: STORE_NONE if not known */
  gint64     uidnext;
  gint64     highestmodseq;
  gint64     server_total;
  gint64     server_unread;
  gint64     server_size;
  gint64     listed_from_uid;           /* every UID from here up is listed; 1: complete; STORE_NONE: never
                                         * opened */
  gint64     fetched_from_uid;
  gint64     checked_at;
  gint64     announced_id;              /* messages up to this id are never announced */
  gint64     total;
  gint64     unread;
  gint64     gone_at;                   /* STORE_NONE: it is there */
  gint64     rev;
} StoreFolder;

void         store_folder_free        (StoreFolder *folder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreFolder, store_folder_free)

typedef enum {
  STORE_FOLDERS_LIVE,                   /* without those that are gone */
  STORE_FOLDERS_ALL,
} StoreFolderScope;

/* By account, then path.  Of StoreFolder, freed with the array. */
GPtrArray   *store_folders_list       (Store             *store,
                                       gint64             account_id,
                                       StoreFolderScope   scope,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray   *store_folders_list_since (Store             *store,
                                       gint64             rev,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
StoreFolder *store_folders_get        (Store             *store,
                                       gint64             id,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
/* These look among the live ones and return NULL without error if there is none. */
StoreFolder *store_folders_find_role  (Store             *store,
                                       gint64             account_id,
                                       StoreRole          role,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
StoreFolder *store_folders_find_raw   (Store             *store,
                                       gint64             account_id,
                                       BaseSlice          raw_name,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;
StoreFolder *store_folders_find_path  (Store             *store,
                                       gint64             account_id,
                                       const char        *path,
                                       GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* One folder of a server's list. */
typedef struct {
  BaseSlice   raw_name;
  const char *path;
  const char *delimiter;                /* or NULL */
  StoreRole   role;                     /* after the user's own choice */
  guint       attributes;
  const char *object_id;                /* or NULL */
} StoreFolderInfo;

typedef struct {
  guint added;
  guint renamed;                        /* known again by object_id: keeps its id, its mail and its state */
  guint changed;
  guint gone;
} StoreFolderNews;

/* The complete list of one account: adds, renames, changes, revives, and marks what is missing as gone.  An
 * empty list changes nothing, for a server with an account has at least an inbox.  news may be NULL. */
gboolean     store_folders_apply_list (Store                  *store,
                                       gint64                  account_id,
                                       const StoreFolderInfo  *infos,
                                       gsize                   n_infos,
                                       StoreFolderNews        *news,
                                       GError                **error);
/* One folder of a server that was just made or renamed.  0 on error. */
gint64       store_folders_add        (Store                  *store,
                                       gint64                  account_id,
                                       const StoreFolderInfo  *info,
                                       GError                **error);
gboolean     store_folders_rename     (Store                  *store,
                                       gint64                  id,
                                       BaseSlice               raw_name,       /* empty: on this computer */
                                       const char             *path,
                                       GError                **error);
/* A folder on this computer, of account 0 or of a POP3 account.  Gives the one that is there.  0 on error. */
gint64       store_folders_add_local  (Store                  *store,
                                       gint64                  account_id,
                                       const char             *path,
                                       StoreRole               role,
                                       GError                **error);
gboolean     store_folders_set_role   (Store                  *store,
                                       gint64                  id,
                                       StoreRole               role,
                                       GError                **error);
gboolean     store_folders_mark_gone  (Store                  *store,
                                       gint64                  id,
                                       GError                **error);
/* Deletes the row of a folder that has no locations left; STORE_ERROR_FAILED if it has some. */
gboolean     store_folders_remove     (Store                  *store,
                                       gint64                  id,
                                       GError                **error);

/* What a pass learned.  Fields named in the mask are written, STORE_NONE included. */
typedef enum {
  STORE_FOLDER_UIDVALIDITY   = 1 << 0,
  STORE_FOLDER_UIDNEXT       = 1 << 1,
  STORE_FOLDER_HIGHESTMODSEQ = 1 << 2,
  STORE_FOLDER_SERVER_TOTAL  = 1 << 3,
  STORE_FOLDER_SERVER_UNREAD = 1 << 4,
  STORE_FOLDER_SERVER_SIZE   = 1 << 5,
  STORE_FOLDER_LISTED_FROM   = 1 << 6,
  STORE_FOLDER_FETCHED_FROM  = 1 << 7,
  STORE_FOLDER_CHECKED_AT    = 1 << 8,
  STORE_FOLDER_ANNOUNCED_ID  = 1 << 9,
  STORE_FOLDER_ATTRIBUTES    = 1 << 10,
} StoreFolderFields;

gboolean     store_folders_set_state  (Store                  *store,
                                       const StoreFolder      *folder,         /* id and the fields named */
                                       guint                   fields,         /* of StoreFolderFields */
                                       GError                **error);
