/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/messages.h - mails: what is known of each, whether or not its bytes are here.
 *
 * A message belongs to one account and is in as many folders as it has locations (locations.h).  It is
 * inserted with its header's summary; content, parts and preview follow when its bytes do.  Ids ascend with
 * the arrival, never change and are never used again.
 * It reads no mail: callers bring the summary (mime/summary.h) and the parts.
 *
 * Threads: the handle's.  Writing needs store_begin().  Limits: STORE_ADDRESSES_MAX addresses of a message
 * are kept.
 * Errors: STORE_ERROR_NOT_FOUND for an unknown id.
 */
#pragma once

#include "store/store.h"
#include "mime/summary.h"

#define STORE_ADDRESSES_MAX 1000

typedef enum {                 /* the values are stored: never renumber */
  STORE_FACT_REPLY           = 1 << 0,
  STORE_FACT_FORWARD         = 1 << 1,
  STORE_FACT_LIST            = 1 << 2,
  STORE_FACT_BULK            = 1 << 3,
  STORE_FACT_AUTOMATIC       = 1 << 4,
  STORE_FACT_MANY_FROM       = 1 << 5,    /* nobody can say who sent it */
  STORE_FACT_MAY_ATTACH      = 1 << 6,    /* a guess from the header; cleared when the parts are known */
  STORE_FACT_INVITATION      = 1 << 7,
  STORE_FACT_SIGNED          = 1 << 8,
  STORE_FACT_ENCRYPTED       = 1 << 9,
  STORE_FACT_IMPORTANT       = 1 << 10,
  STORE_FACT_WANTS_RECEIPT   = 1 << 11,
  STORE_FACT_NO_REFERENCES   = 1 << 12,   /* names no other message */
} StoreMessageFacts;

typedef struct {
  gint64             id;                /* 0, or the one it had in a mail.db that is being made anew, if it is
                                         * free */
  gint64             account_id;
  gint64             arrived_at;        /* INTERNALDATE; 0: the topmost Received, else now */
  gint64             size;              /* the server's word, or of the content */
  const char        *object_id;         /* or NULL */
  const MimeSummary *summary;
} StoreMessageNew;

typedef struct {
  gint64      id;
  gint64      account_id;
  gint64      content_id;               /* 0: only the header is here */
  gint64      thread_id;
  char       *message_id;               /* or NULL */
  gint64      message_key;
  guint8      header_hash[32];
  char       *object_id;                /* or NULL */
  char       *in_reply_to;              /* or NULL */
  char       *subject;
  char       *subject_base;
  char       *from_name;
  char       *from_address;
  char       *to_text;
  gint64      date;                     /* MIME_DATE_NONE if absent or absurd */
  gint64      arrived_at;
  gint64      size;
  char       *preview;
  guint       attachments;
  guint       facts;                    /* of StoreMessageFacts */
  char       *list_id;                  /* or NULL */
  gint64      extractor;                /* version that filled preview and parts; 0: not yet */
  gint64      orphaned_at;              /* 0: it has a location */
  gint64      rev;
} StoreMessage;

void          store_message_free           (StoreMessage *message);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreMessage, store_message_free)

/* Inserts it and joins its conversation.  It has no location yet.  0 on error. */
gint64        store_messages_insert        (Store                  *store,
                                            const StoreMessageNew  *message,
                                            GError                **error);
StoreMessage *store_messages_get           (Store                  *store,
                                            gint64                  id,
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;

/* From now on its bytes are here: content is a row of raw.h. */
gboolean      store_messages_set_content   (Store                  *store,
                                            gint64                  id,
                                            gint64                  content_id,
                                            gint64                  size,
                                            GError                **error);
/* Its bytes are no longer here: an offline policy said so.  STORE_ERROR_FAILED, and nothing done, where a
 * location is pinned or has no server copy: mail that is only here stays. */
gboolean      store_messages_drop_content  (Store                  *store,
                                            gint64                  id,
                                            GError                **error);
gboolean      store_messages_set_object_id (Store                  *store,
                                            gint64                  id,
                                            const char             *object_id,
                                            GError                **error);

typedef enum {                 /* the values are stored: never renumber */
  STORE_PART_ATTACHMENT   = 1 << 0,
  STORE_PART_INLINE_IMAGE = 1 << 1,
  STORE_PART_BODY         = 1 << 2,       /* chosen as text of the message */
  STORE_PART_SIGNATURE    = 1 << 3,
  STORE_PART_IN_MESSAGE   = 1 << 4,       /* inside an attached message */
} StorePartFacts;

typedef struct {
  gint32      parent;                   /* index in the array, -1 for the first */
  const char *section;
  const char *type;                     /* "text/plain" */
  const char *charset;                  /* this and the next four: or NULL */
  const char *encoding;
  const char *filename;
  const char *content_id;
  const char *disposition;
  gint64      size;                     /* decoded, estimated */
  guint       facts;                    /* of StorePartFacts */
} StorePart;

void          store_part_free              (StorePart *part);

typedef struct {
  const char      *preview;
  guint            attachments;
  guint            facts;               /* known only from the parts: added to those of the header */
  gint64           extractor;
  const StorePart *parts;
  gsize            n_parts;
} StoreBody;

/* Replaces what an earlier extractor found. */
gboolean      store_messages_set_body      (Store                  *store,
                                            gint64                  id,
                                            const StoreBody        *body,
                                            GError                **error);

/* Of StorePart in order, freed with the array. */
GPtrArray    *store_messages_list_parts    (Store                  *store,
                                            gint64                  id,
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of MimeAddress, by role and place, freed with the array. */
GPtrArray    *store_messages_list_addresses (Store                 *store,
                                             gint64                 id,
                                             GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* Arrays of gint64, newest first, empty if none.  The first two take STORE_ACCOUNT_ANY. */
GArray       *store_messages_find_message_id (Store                *store,
                                            gint64                  account_id,
                                            const char             *message_id,      /* without <> */
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;
/* Those with the same header: the same mail, as far as a header tells. */
GArray       *store_messages_find_header   (Store                  *store,
                                            gint64                  account_id,
                                            const MimeSummary      *summary,
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;
/* One without a place whose last one vanished from its server: 0 if there is none.  Another program may have
 * moved it. */
gboolean      store_messages_find_moved    (Store                  *store,
                                            gint64                  account_id,
                                            const MimeSummary      *summary,
                                            gint64                  size,
                                            gint64                 *id,
                                            GError                **error);
GArray       *store_messages_find_object   (Store                  *store,
                                            gint64                  account_id,
                                            const char             *object_id,
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;
GArray       *store_messages_find_content  (Store                  *store,
                                            gint64                  content_id,
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;
/* Messages whose parts an older extractor found, or nobody yet, though their bytes are here; oldest first. */
GArray       *store_messages_list_unextracted (Store               *store,
                                            gint64                  extractor,
                                            gint64                  after_id,
                                            guint                   limit,
                                            GError                **error) G_GNUC_WARN_UNUSED_RESULT;
