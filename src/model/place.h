/* SPDX-License-Identifier: GPL-3.0-or-later */
/* model/place.h - one row of the sidebar: a view over all accounts, the heading of an account, or a folder.
 *
 * The signal "changed" says that what it shows is another now; its key never changes.
 *
 * Threads: main.
 */
#pragma once

#include "store/accounts.h"
#include "store/listing.h"
#include "store/states.h"

#include <gio/gio.h>

#define MODEL_TYPE_PLACE (model_place_get_type ())
G_DECLARE_FINAL_TYPE (ModelPlace, model_place, MODEL, PLACE, GObject)

typedef enum {
  MODEL_PLACE_VIEW,
  MODEL_PLACE_ACCOUNT,
  MODEL_PLACE_FOLDER,
} ModelPlaceKind;

typedef struct {
  ModelPlaceKind  kind;
  char           *key;             /* "view:unread", "account:3", "folder:17" */
  char           *title;           /* translated for views and folders with a role */
  StoreRole       role;
  StoreView       view;            /* what a VIEW or FOLDER lists; its message_ids are never set */
  gint64          account_id;
  gint64          folder_id;
  guint           depth;           /* of a folder: how many of its parents are shown above it */
  gint64          total;
  gint64          unread;          /* of drafts: all of them */
  gint64          listed;          /* while its folders are listed for the first time: so many here, */
  gint64          expected;        /* of so many on the server; 0: all is listed, or nobody knows */
  gboolean        is_unseen;       /* the server has it, and nobody looked into it yet */
  gboolean        is_selectable;
  gboolean        is_here_only;    /* it lives on this computer though its account has folders on a server */

  /* ACCOUNT */
  StoreProtocol   protocol;
  StoreActivity   activity;
  gint64          quota_used;      /* STORE_NONE: the server does not say */
  gint64          quota_limit;
  char           *problem;         /* the verdict's name, or NULL */
  char           *problem_text;
  char           *server_words;
  gint64          last_ok_at;
} ModelPlaceFacts;

/* facts may be NULL: taken out of their array. */
void                   model_place_facts_free (ModelPlaceFacts *facts);

/* Takes facts. */
ModelPlace            *model_place_new        (ModelPlaceFacts *facts) G_GNUC_WARN_UNUSED_RESULT;
/* Valid until "changed". */
const ModelPlaceFacts *model_place_peek       (ModelPlace *self);
/* Takes facts, of the same key; emits "changed" if they differ. */
void                   model_place_take       (ModelPlace      *self,
                                               ModelPlaceFacts *facts);
/* "penfold-inbox-symbolic" */
const char            *model_place_get_icon   (ModelPlace *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModelPlaceFacts, model_place_facts_free)
