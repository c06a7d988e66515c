/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/place.h"

struct _ModelPlace {
  GObject          parent_instance;

  ModelPlaceFacts *facts;
};

G_DEFINE_FINAL_TYPE (ModelPlace, model_place, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

void
model_place_facts_free (ModelPlaceFacts *facts)
{
  if (facts == NULL)
    return;
  g_free (facts->key);
  g_free (facts->title);
  g_free (facts->problem);
  g_free (facts->problem_text);
  g_free (facts->server_words);
  g_free (facts);
}

ModelPlace *
model_place_new (ModelPlaceFacts *facts)
{
  ModelPlace *self = g_object_new (MODEL_TYPE_PLACE, NULL);

  self->facts = facts;
  return self;
}

const ModelPlaceFacts *
model_place_peek (ModelPlace *self)
{
  return self->facts;
}

static gboolean
is_same (const ModelPlaceFacts *a,
         const ModelPlaceFacts *b)
{
  return g_strcmp0 (a->title, b->title) == 0 && a->role == b->role && a->depth == b->depth
         && a->total == b->total
         && a->unread == b->unread && a->is_selectable == b->is_selectable
         && a->is_here_only == b->is_here_only
         && a->listed == b->listed && a->expected == b->expected && a->is_unseen == b->is_unseen
         && a->protocol == b->protocol && a->activity == b->activity && a->quota_used == b->quota_used
         && a->quota_limit == b->quota_limit && g_strcmp0 (a->problem, b->problem) == 0
         && g_strcmp0 (a->problem_text, b->problem_text) == 0
         && g_strcmp0 (a->server_words, b->server_words) == 0 && a->last_ok_at == b->last_ok_at;
}

void
model_place_take (ModelPlace      *self,
                  ModelPlaceFacts *facts)
{
  g_autoptr(ModelPlaceFacts) before = self->facts;

  g_assert (g_strcmp0 (before->key, facts->key) == 0);
  self->facts = facts;
  if (!is_same (before, facts))
    g_signal_emit (self, signals[CHANGED], 0);
}

static const char *
get_view_icon (StoreViewKind kind)
{
  switch (kind)
    {
    case STORE_VIEW_INBOXES:  return "penfold-inbox-symbolic";
    case STORE_VIEW_UNREAD:   return "mail-unread-symbolic";
    case STORE_VIEW_STARRED:  return "starred-symbolic";
    case STORE_VIEW_FOLDER:
    case STORE_VIEW_MESSAGES: return "edit-find-symbolic";
    }
  g_assert_not_reached ();
}

static const char *
get_role_icon (StoreRole role)
{
  switch (role)
    {
    case STORE_ROLE_INBOX:     return "penfold-inbox-symbolic";
    case STORE_ROLE_SENT:      return "mail-send-symbolic";
    case STORE_ROLE_DRAFTS:    return "document-edit-symbolic";
    case STORE_ROLE_TRASH:     return "user-trash-symbolic";
    case STORE_ROLE_JUNK:      return "mail-mark-junk-symbolic";
    case STORE_ROLE_ARCHIVE:
    case STORE_ROLE_ALL:       return "penfold-archive-symbolic";
    case STORE_ROLE_FLAGGED:
    case STORE_ROLE_IMPORTANT: return "starred-symbolic";
    case STORE_ROLE_OUTBOX:    return "mail-send-symbolic";
    case STORE_ROLE_RECOVERED:
    case STORE_ROLE_NONE:      return "folder-symbolic";
    }
  g_assert_not_reached ();
}

const char *
model_place_get_icon (ModelPlace *self)
{
  if (self->facts->kind == MODEL_PLACE_VIEW && self->facts->role == STORE_ROLE_NONE)
    return get_view_icon (self->facts->view.kind);
  return get_role_icon (self->facts->role);
}

static void
model_place_finalize (GObject *object)
{
  ModelPlace *self = MODEL_PLACE (object);

  g_clear_pointer (&self->facts, model_place_facts_free);
  G_OBJECT_CLASS (model_place_parent_class)->finalize (object);
}

static void
model_place_class_init (ModelPlaceClass *class)
{
  G_OBJECT_CLASS (class)->finalize = model_place_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
model_place_init (ModelPlace *self)
{
}
