/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/drafts.h - letters being written, from opening to the outbox, for windows.
 *
 * What is saved was committed to the disk before the answer arrives.  Saving, discarding and completing run
 * on the store thread, in the order asked; what reads or writes much (opening an answer, attaching, queueing)
 * has a thread and a handle of its own, so that no list waits for it.
 *
 * Threads: main.  Errors: STORE_ERROR (_STATE: it was sent or discarded from another window),
 * MIME_ERROR_REFUSED, G_IO_ERROR_CANCELLED, those of the file attached.
 */
#pragma once

#include "model/compose.h"
#include "model/store.h"
#include "store/contacts.h"

#define MODEL_TAKE_BACK_S 5             /* so long a letter waits before it leaves */

/* What to open: an existing draft, or a new letter of that kind. */
typedef struct {
  gint64            draft_id;           /* 0: a new one */
  ModelComposeKind  kind;
  gint64            message_id;         /* answered or forwarded; 0: none */
  gint64            location_id;        /* of it; 0: not known */
  gint64            account_id;         /* preferred; 0: the message's, or the first */
  const char       *mailto;             /* or NULL */
} ModelLetterWish;

typedef struct {
  StoreDraft  *draft;
  GPtrArray   *attachments;             /* of StoreAttachment */
  GPtrArray   *identities;              /* of StoreIdentity, of accounts that can send */
  GPtrArray   *accounts;                /* of StoreAccount: theirs */
  char       **ignored;                 /* fields of the mailto: URI that were not taken, or NULL */
} ModelLetter;

void             model_letter_free            (ModelLetter *letter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelLetter, model_letter_free)
const StoreAccount *model_letter_peek_account (const ModelLetter *letter,
                                               gint64             id);         /* or NULL */

/* A new letter is not saved yet, unless it has attachments.  STORE_ERROR_NOT_FOUND: no account can send, or
 * the message to forward is not on this computer. */
void             model_letter_open_async      (ModelStore            *store,
                                               const ModelLetterWish *wish,
                                               GCancellable          *cancellable,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
ModelLetter     *model_letter_open_finish     (ModelStore            *store,
                                               GAsyncResult          *result,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* draft is copied.  Returns the draft as it now stands on the disk, with id and times. */
void             model_drafts_save_async      (ModelStore            *store,
                                               const StoreDraft      *draft,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
StoreDraft      *model_drafts_save_finish     (ModelStore            *store,
                                               GAsyncResult          *result,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of StoreDraft, newest first: those being written. */
void             model_drafts_list_async      (ModelStore            *store,
                                               GCancellable          *cancellable,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
GPtrArray       *model_drafts_list_finish     (ModelStore            *store,
                                               GAsyncResult          *result,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;

void             model_drafts_discard_async   (ModelStore            *store,
                                               gint64                 draft_id,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
void             model_drafts_restore_async   (ModelStore            *store,
                                               gint64                 draft_id,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
void             model_drafts_detach_async    (ModelStore            *store,
                                               gint64                 attachment_id,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
/* Of these three. */
gboolean         model_drafts_change_finish   (ModelStore            *store,
                                               GAsyncResult          *result,
                                               GError               **error);

/* The file is copied: it may change or vanish afterwards. */
void             model_drafts_attach_async    (ModelStore            *store,
                                               gint64                 draft_id,
                                               GFile                 *file,
                                               GCancellable          *cancellable,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
StoreAttachment *model_drafts_attach_finish   (ModelStore            *store,
                                               GAsyncResult          *result,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* The draft as saved goes into the outbox and leaves after MODEL_TAKE_BACK_S; tell the worker (Nudge).
 * Returns the outbox entry, 0 on error. */
void             model_drafts_queue_async     (ModelStore            *store,
                                               gint64                 draft_id,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
gint64           model_drafts_queue_finish    (ModelStore            *store,
                                               GAsyncResult          *result,
                                               GError               **error);
/* The draft is open again; its id, 0 on error.  STORE_ERROR_STATE: it is on its way already. */
void             model_drafts_take_back_async (ModelStore            *store,
                                               gint64                 outbox_id,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
gint64           model_drafts_take_back_finish (ModelStore           *store,
                                               GAsyncResult          *result,
                                               GError               **error);

/* Of StoreContact, the best first. */
void             model_contacts_complete_async (ModelStore           *store,
                                               const char            *text,
                                               guint                  limit,
                                               GCancellable          *cancellable,
                                               GAsyncReadyCallback    callback,
                                               gpointer               user_data);
GPtrArray       *model_contacts_complete_finish (ModelStore          *store,
                                               GAsyncResult          *result,
                                               GError               **error) G_GNUC_WARN_UNUSED_RESULT;
