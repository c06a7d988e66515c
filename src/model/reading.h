/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/reading.h - one message as a person reads it: head, text, safe HTML, attachments, whereabouts.
 *
 * Everything is read and worked out once, away from the main thread; afterwards a reading never changes.  The
 * plain text is there for every message that is here whole: it is what screen readers get where a web view
 * shows them nothing.  It fetches nothing.  A message whose bytes are not on this computer has a head only.
 *
 * Threads: main; what is marked so may be called from any.
 * Limits: MODEL_READING_TEXT_MAX bytes of text, MODEL_READING_FIELDS_MAX fields; those of html/sanitize.h.
 */
#pragma once

#include "html/sanitize.h"
#include "mime/filename.h"
#include "mime/text.h"
#include "model/store.h"
#include "store/folders.h"
#include "store/locations.h"
#include "store/messages.h"

#define MODEL_TYPE_READING (model_reading_get_type ())
G_DECLARE_FINAL_TYPE (ModelReading, model_reading, MODEL, READING, GObject)

#define MODEL_READING_TEXT_MAX    (2 * 1024 * 1024)
#define MODEL_READING_FIELDS_MAX  500
#define MODEL_READING_PICTURE_MAX (32 * 1024 * 1024)

typedef enum {
  MODEL_READING_WHOLE,
  MODEL_READING_HEAD,          /* its bytes are not on this computer */
  MODEL_READING_DAMAGED,       /* the disk does not give back what was stored */
} ModelReadingState;

typedef struct {
  char *name;
  char *value;                 /* harmless, one line */
} ModelField;

typedef struct {
  guint       part;            /* for model/saving.h */
  char       *name;            /* safe to show and to write */
  char       *type;            /* "application/pdf" */
  gint64      size;
  MimeDanger  danger;
} ModelAttachment;

/* One place of the message: a folder, and what is known of the copies. */
typedef struct {
  char       *folder;          /* as the folder is named; roles are not translated here */
  StoreRole   role;
  gboolean    is_on_server;
  gboolean    is_pinned;
  gint64      stored_at;       /* these: 0 is not yet */
  gint64      verified_at;
  gint64      removed_at;
  gint64      remove_after;
  StoreCause  removed_by;
} ModelReadingPlace;

typedef struct {
  gint64             message_id;        /* 0: of bytes that are in no store */
  ModelReadingState  state;
  char              *problem;           /* the sentence of a damaged one, else NULL */
  char              *subject;
  GPtrArray         *addresses;         /* of MimeAddress */
  gint64             date;              /* as its author says, or MIME_DATE_NONE */
  gint64             arrived_at;
  gint64             size;
  guint              facts;             /* of StoreMessageFacts */
  GPtrArray         *places;            /* of ModelReadingPlace */
  GPtrArray         *fields;            /* of ModelField: the whole header; empty unless it is here */
  GArray            *lines;             /* of MimeLine: the plain text */
  char              *html;              /* a safe document, or NULL: it has none */
  gboolean           has_own_colors;    /* the HTML was made for a sheet of its own */
  gboolean           is_cut;            /* a limit was met: something of the text is missing */
  guint              n_remote_pictures; /* left out */
  GPtrArray         *deceptive;         /* of HtmlLink: links whose text names another host than they lead
                                         * to */
  GPtrArray         *attachments;       /* of ModelAttachment */
} ModelReadingFacts;

void          model_reading_load_async      (ModelStore           *store,
                                             gint64                message_id,
                                             GCancellable         *cancellable,
                                             GAsyncReadyCallback   callback,
                                             gpointer              user_data);
ModelReading *model_reading_load_finish     (ModelStore           *store,
                                             GAsyncResult         *result,
                                             GError              **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of a message that is in no store, for any thread. */
ModelReading *model_reading_new_from_bytes  (GBytes               *message) G_GNUC_WARN_UNUSED_RESULT;

const ModelReadingFacts *model_reading_peek (ModelReading         *self);
/* The address with that role that comes first, or NULL. */
const MimeAddress *model_reading_peek_address (ModelReading       *self,
                                             MimeRole              role);

/* What the text of a link says, when it names another host than target and such links of this message lead to
 * the host of target; else NULL. */
const char   *model_reading_peek_claim      (ModelReading         *self,
                                             const char           *target);

/* These three are for any thread.  The whole message, NULL unless it is here. */
GBytes       *model_reading_peek_bytes      (ModelReading         *self);
/* NULL with it. */
const MimeTree *model_reading_peek_tree     (ModelReading         *self);
/* The picture that "cid:" means, NULL if this message has none of that name; type becomes "image/...". */
GBytes       *model_reading_dup_picture     (ModelReading         *self,
                                             const char           *content_id,
                                             char                **type) G_GNUC_WARN_UNUSED_RESULT;
