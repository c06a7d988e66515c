/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/compose.h - what a new letter begins with, and what speaks against sending it.
 *
 * It fills and judges drafts; it reads no file, no store and no widget.  Text of other people is taken as
 * plain text, and every field of a header as one line.
 *
 * Threads: any, it is pure.  Limits: MODEL_QUOTE_MAX bytes of quoted text.
 * Errors: MIME_ERROR_REFUSED for a mailto: URI that cannot be read.
 */
#pragma once

#include "mime/error.h"
#include "store/accounts.h"
#include "store/drafts.h"

#define MODEL_QUOTE_MAX (256 * 1024)           /* more of it would hold the main loop up for longer than 50
                                                * ms */

typedef enum {
  MODEL_COMPOSE_NEW,
  MODEL_COMPOSE_REPLY,
  MODEL_COMPOSE_REPLY_ALL,
  MODEL_COMPOSE_REPLY_LIST,
  MODEL_COMPOSE_FORWARD,
  MODEL_COMPOSE_FORWARD_ATTACHED,       /* the message itself as an attachment, which the caller adds */
  MODEL_COMPOSE_EDIT,                   /* a message of a Drafts folder, from here or from another program */
} ModelComposeKind;

typedef struct {
  ModelComposeKind  kind;
  GBytes           *message;            /* whole, or its header alone; NULL for a new letter */
  gint64            message_id;
  gint64            location_id;        /* 0: none */
  gint64            account_id;         /* preferred: the first identity of it is the usual one; 0: any */
  GPtrArray        *identities;         /* of StoreIdentity, at least one */
  gint64            now;
} ModelComposeWish;

/* Recipients, subject, text with quote and signature, threading, and the identity that was written to. */
StoreDraft          *model_compose_draft          (const ModelComposeWish *wish) G_GNUC_WARN_UNUSED_RESULT;
/* Adds what a mailto: URI asks for to a new draft.  ignored: names of fields not taken, or NULL; free with
 * g_strfreev(). */
gboolean             model_compose_add_mailto     (StoreDraft             *draft,
                                                   const char             *uri,
                                                   char                 ***ignored,
                                                   GError                **error);

/* NULL if there is none of that id. */
const StoreIdentity *model_compose_find_identity  (GPtrArray              *identities,
                                                   gint64                  id);
/* Another identity writes on: its signature takes the place of the old one's, where that still stands
 * unchanged. */
char                *model_compose_dup_signed     (const char             *body,
                                                   StoreDraftKind          kind,
                                                   const char             *old_signature,
                                                   const char             *new_signature)
                                                     G_GNUC_WARN_UNUSED_RESULT;

typedef enum {
  MODEL_COMPOSE_FINE,
  MODEL_COMPOSE_NO_RECIPIENT,
  MODEL_COMPOSE_BAD_ADDRESS,
} ModelComposeFault;

typedef enum {
  MODEL_COMPOSE_NO_SUBJECT    = 1 << 0,
  MODEL_COMPOSE_NO_ATTACHMENT = 1 << 1, /* the own words speak of one, and there is none */
} ModelComposeHints;

typedef struct {
  ModelComposeFault  fault;
  char              *address;           /* the bad one as typed, or NULL */
  guint              hints;             /* of ModelComposeHints */
} ModelComposeVerdict;

void                 model_compose_verdict_clear  (ModelComposeVerdict    *verdict);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ModelComposeVerdict, model_compose_verdict_clear)
void                 model_compose_judge          (const StoreDraft       *draft,
                                                   guint                   n_attachments,
                                                   ModelComposeVerdict    *verdict);

/* "Jonas Weber", "Jonas Weber and 2 others": for toasts and titles.  "" without any. */
char                *model_compose_dup_recipients (const StoreDraft       *draft) G_GNUC_WARN_UNUSED_RESULT;
