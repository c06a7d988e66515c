/* SPDX-License-Identifier: GPL-3.0-or-later */
/* store/drafts.h - messages being written: the fields as they stand in the composer, and what is attached.
 *
 * A draft is not a message until it is sent or uploaded.  Saving is one short transaction, so that a composer
 * can save as often as it likes; attachments are objects (objects.h), written before they are attached.
 * open -> queued (in the outbox) -> open again when the sending was taken back; open <-> discarded.
 * A discarded draft can be restored for STORE_DRAFT_DAYS.
 *
 * Threads: the handle's; each call is one short transaction.
 * Errors: STORE_ERROR_NOT_FOUND for an unknown id, STORE_ERROR_STATE where the draft is in another state than
 * said.
 */
#pragma once

#include "store/store.h"

#define STORE_DRAFT_DAYS 30

typedef enum {
  STORE_DRAFT_OPEN,
  STORE_DRAFT_QUEUED,
  STORE_DRAFT_DISCARDED,
} StoreDraftState;

typedef enum {
  STORE_DRAFT_NEW,
  STORE_DRAFT_REPLY,
  STORE_DRAFT_REPLY_ALL,
  STORE_DRAFT_FORWARD,
  STORE_DRAFT_EDIT,                     /* of an existing draft or sent message */
} StoreDraftKind;

typedef enum {
  STORE_BODY_PLAIN,
  STORE_BODY_HTML,
} StoreBodyFormat;

typedef struct {
  gint64           id;                  /* 0: not saved yet */
  char            *uuid;
  gint64           account_id;
  gint64           identity_id;
  char            *to_text;             /* as typed */
  char            *cc_text;
  char            *bcc_text;
  char            *subject;
  char            *body;
  StoreBodyFormat  body_format;
  StoreDraftKind   kind;
  gint64           source_id;           /* the message answered or forwarded; 0: none */
  gint64           source_location;     /* 0: none */
  char            *in_reply_to;         /* without <>, or NULL */
  char            *references_text;     /* without <>, blank-separated, or NULL */
  gint64           created_at;
  gint64           saved_at;
  StoreDraftState  state;
  gint64           location_id;         /* its copy in Drafts on the server; 0: none */
  gint64           rev;
} StoreDraft;

StoreDraft *store_draft_new        (gint64                    account_id,
                                    gint64                    identity_id) G_GNUC_WARN_UNUSED_RESULT;
void        store_draft_free       (StoreDraft               *draft);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreDraft, store_draft_free)

/* What the user typed is on the disk afterwards.  Sets id, uuid and the times of a new one.  Of an existing
 * one the state must be open; STORE_ERROR_STATE where it was sent or discarded from another window. */
gboolean    store_drafts_save      (Store                    *store,
                                    StoreDraft               *draft,
                                    GError                  **error);
StoreDraft *store_drafts_get       (Store                    *store,
                                    gint64                    id,
                                    GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of StoreDraft, newest first. */
GPtrArray  *store_drafts_list      (Store                    *store,
                                    StoreDraftState           state,
                                    GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
/* -1 on error. */
gint64      store_drafts_count     (Store                    *store,
                                    StoreDraftState           state,
                                    GError                  **error);
/* Also queued and discarded ones; by rev. */
GPtrArray  *store_drafts_list_since (Store                   *store,
                                    gint64                    rev,
                                    GError                  **error) G_GNUC_WARN_UNUSED_RESULT;

/* What it was saved as on the server; 0: no copy there. */
gboolean    store_drafts_set_location (Store                 *store,
                                    gint64                    id,
                                    gint64                    location_id,
                                    GError                  **error);
gboolean    store_drafts_discard   (Store                    *store,
                                    gint64                    id,
                                    GError                  **error);
gboolean    store_drafts_restore   (Store                    *store,
                                    gint64                    id,
                                    GError                  **error);
/* Deletes the rows of those discarded, or sent, that long ago. */
gboolean    store_drafts_sweep     (Store                    *store,
                                    GError                  **error);

typedef struct {
  gint64  id;
  gint64  draft_id;
  gint    position;
  char   *name;                         /* as the recipient shall see it */
  char   *type;                         /* "image/png" */
  char   *content_id;                   /* without <>; NULL if the body does not name it */
  gint64  object_id;
  gint64  size;
} StoreAttachment;

void        store_attachment_free  (StoreAttachment          *attachment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StoreAttachment, store_attachment_free)

/* At the end of the list.  content_id may be NULL.  Returns the attachment's id, 0 on error. */
gint64      store_drafts_attach    (Store                    *store,
                                    gint64                    draft_id,
                                    const char               *name,
                                    const char               *type,
                                    const char               *content_id,
                                    gint64                    object_id,
                                    GError                  **error);
gboolean    store_drafts_detach    (Store                    *store,
                                    gint64                    attachment_id,
                                    GError                  **error);
/* Of StoreAttachment in order. */
GPtrArray  *store_drafts_list_attachments (Store             *store,
                                    gint64                    draft_id,
                                    GError                  **error) G_GNUC_WARN_UNUSED_RESULT;
