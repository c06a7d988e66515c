/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/listing.h - lists of messages and conversations as windows and penfoldctl show them, newest first.
 *
 * A view says what is listed.  Its entries are pairs of numbers, cheap enough to hold for a million rows;
 * what a row shows is asked for the few that are visible.  What changed since a revision is asked by the same
 * view.  It knows nothing of wishes in desk.db: models lay them over.
 *
 * Threads: the handle's.
 */
#pragma once

#include "store/flags.h"
#include "store/folders.h"

typedef enum {
  STORE_VIEW_FOLDER,
  STORE_VIEW_INBOXES,                   /* every folder with the role inbox */
  STORE_VIEW_UNREAD,                    /* of all folders but trash, junk, drafts and sent */
  STORE_VIEW_STARRED,                   /* of all folders but trash and junk */
  STORE_VIEW_MESSAGES,                  /* the messages given, as a search found them */
} StoreViewKind;

typedef enum {
  STORE_LIST_MESSAGES,
  STORE_LIST_CONVERSATIONS,
} StoreListUnit;

typedef enum {
  STORE_SHOW_ALL,
  STORE_SHOW_UNREAD,
  STORE_SHOW_FLAGGED,
} StoreShow;

typedef struct {
  StoreViewKind  kind;
  StoreListUnit  unit;                  /* STARRED and MESSAGES list messages only */
  StoreShow      show;
  gint64         folder_id;             /* STORE_VIEW_FOLDER */
  gint64         account_id;            /* INBOXES, UNREAD, STARRED; STORE_ACCOUNT_ANY for all */
  const gint64  *message_ids;           /* STORE_VIEW_MESSAGES, in any order */
  gsize          n_message_ids;
} StoreView;

/* Sorted by (message_id, id), descending.  A message or conversation that is in several folders of a view is
 * there once. */
typedef struct {
  gint64 message_id;                    /* of a conversation: its newest in this view */
  gint64 id;                            /* of the location, or of the conversation */
} StoreEntry;

gboolean   store_listing_count     (Store             *store,
                                    const StoreView   *view,
                                    gsize             *count,
                                    GError           **error);
/* Of StoreEntry: what follows after (NULL: from the newest), at most limit (0: all of them). */
GArray    *store_listing_list      (Store             *store,
                                    const StoreView   *view,
                                    const StoreEntry  *after,
                                    gsize              limit,
                                    GError           **error) G_GNUC_WARN_UNUSED_RESULT;

/* Where the copies of a message are, seen from one location. */
typedef enum {
  STORE_WHERE_BOTH,                     /* on the server and on this computer */
  STORE_WHERE_HERE,                     /* only on this computer */
  STORE_WHERE_SERVER,                   /* only on the server: not fetched */
  STORE_WHERE_NOWHERE,                  /* only the header is left */
} StoreWhere;

typedef struct {
  gint64      id;                       /* as in the entry */
  gint64      message_id;
  gint64      location_id;
  gint64      folder_id;
  gint64      account_id;               /* of the message */
  gint64      thread_id;
  char       *subject;
  char       *from_name;
  char       *from_address;
  char       *to_text;
  char       *senders;                  /* of a conversation: those who wrote, newest first; else NULL */
  gint64      date;                     /* the Date: header, or MIME_DATE_NONE */
  gint64      arrived_at;
  gint64      size;
  char       *preview;
  guint       attachments;              /* of a conversation: messages with attachments */
  guint       facts;                    /* of StoreMessageFacts */
  guint       flags;                    /* of StoreFlags; of a conversation: SEEN if all are, FLAGGED if one
                                         * is */
  StoreWhere  where;
  gint64      remove_after;             /* 0: no rule wants it gone from the server */
  gboolean    is_pinned;
  guint       n_messages;               /* of the conversation in this folder; 1 for messages */
  guint       n_unread;
  gint64      rev;
} StoreRow;

void       store_row_free          (StoreRow *row);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreRow, store_row_free)

/* Of StoreRow in the order of entries; NULL stands for one that ended meanwhile.  Freed with the array. */
GPtrArray *store_listing_get_rows  (Store             *store,
                                    const StoreView   *view,
                                    const StoreEntry  *entries,
                                    gsize              n_entries,
                                    GError           **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  gint64    rev;                        /* ask with this the next time */
  gboolean  is_too_much;                /* list again; the arrays are empty */
  GArray   *changed;                    /* of StoreEntry, sorted: new, or with another row; an id may have
                                         * another place */
  GArray   *gone;                       /* of gint64: ids that are not in the view, whether or not they
                                         * were */
} StoreNews;

void       store_news_free         (StoreNews *news);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreNews, store_news_free)

/* limit bounds the rows looked at.  Folders that came, went or changed their role are not in it: list
 * again. */
StoreNews *store_listing_get_news  (Store             *store,
                                    const StoreView   *view,
                                    gint64             since_rev,
                                    guint              limit,
                                    GError           **error) G_GNUC_WARN_UNUSED_RESULT;
