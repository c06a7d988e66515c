/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/message.h"

#include "model/when.h"

#include <glib/gi18n-lib.h>

struct _ModelMessage {
  GObject     parent_instance;

  StoreEntry  entry;
  StoreRow   *row;                 /* NULL: not read yet */
  guint       flags;
  gboolean    shows_recipients;
};

G_DEFINE_FINAL_TYPE (ModelMessage, model_message, G_TYPE_OBJECT)

enum { CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

ModelMessage *
model_message_new (const StoreEntry *entry)
{
  ModelMessage *self = g_object_new (MODEL_TYPE_MESSAGE, NULL);

  self->entry = *entry;
  return self;
}

const StoreEntry *
model_message_get_entry (ModelMessage *self)
{
  return &self->entry;
}

void
model_message_set_entry (ModelMessage     *self,
                         const StoreEntry *entry)
{
  self->entry = *entry;
}

gboolean
model_message_is_loaded (ModelMessage *self)
{
  return self->row != NULL;
}

const StoreRow *
model_message_peek_row (ModelMessage *self)
{
  return self->row;
}

guint
model_message_get_flags (ModelMessage *self)
{
  return self->flags;
}

static const char *
peek_sender (const StoreRow *row)
{
  if (row->senders != NULL && *row->senders != '\0')
    return row->senders;
  return *row->from_name != '\0' ? row->from_name : row->from_address;
}

char *
model_message_dup_people (ModelMessage *self)
{
  const char *people;

  if (self->row == NULL)
    return g_strdup ("");
  people = self->shows_recipients ? self->row->to_text : peek_sender (self->row);
  if (*people != '\0')
    return g_strdup (people);
  return g_strdup (self->shows_recipients ? _("(no recipient)") : _("(no sender)"));
}

gint64
model_message_get_time (ModelMessage *self)
{
  return self->row != NULL ? self->row->arrived_at : self->entry.message_id >> 20;
}

void
model_message_get_where (ModelMessage *self,
                         ModelWhere   *where)
{
  *where = (ModelWhere) { MODEL_HERE_NOTHING, FALSE, 0 };
  if (self->row == NULL)
    return;
  switch (self->row->where)
    {
    case STORE_WHERE_BOTH:
      *where = (ModelWhere) { MODEL_HERE_WHOLE, TRUE, self->row->remove_after };
      break;
    case STORE_WHERE_HERE:
      *where = (ModelWhere) { MODEL_HERE_WHOLE, FALSE, 0 };
      break;
    case STORE_WHERE_SERVER:
      *where = (ModelWhere) { MODEL_HERE_NOTHING, TRUE, self->row->remove_after };
      break;
    case STORE_WHERE_NOWHERE:
      *where = (ModelWhere) { MODEL_HERE_BEGINNING, FALSE, 0 };
      break;
    }
}

static void
say (GString    *spoken,
     const char *words)
{
  if (spoken->len > 0)
    g_string_append (spoken, ", ");
  g_string_append (spoken, words);
}

char *
model_message_dup_spoken (ModelMessage *self,
                          gint64        now)
{
  g_autoptr(GString) spoken = g_string_new (NULL);
  g_autofree char *people = model_message_dup_people (self);
  g_autofree char *time = NULL;
  g_autofree char *where_words = NULL;
  ModelWhere where;

  if (self->row == NULL)
    return g_strdup (_("Loading"));
  model_message_get_where (self, &where);
  time = model_when_dup_short (self->row->arrived_at, now);
  where_words = model_where_dup_words (&where, now);

  if ((self->flags & STORE_FLAG_SEEN) == 0)
    say (spoken, _("unread"));
  if ((self->flags & STORE_FLAG_FLAGGED) != 0)
    say (spoken, _("starred"));
  say (spoken, people);
  say (spoken, *self->row->subject != '\0' ? self->row->subject : _("(no subject)"));
  if (self->row->n_messages > 1)
    {
      g_autofree char *count = g_strdup_printf (ngettext ("%u message", "%u messages", self->row->n_messages),
                                                self->row->n_messages);
      say (spoken, count);
    }
  if (self->row->attachments > 0)
    say (spoken, _("has attachment"));
  if ((self->flags & STORE_FLAG_ANSWERED) != 0)
    say (spoken, _("answered"));
  say (spoken, time);
  say (spoken, where_words);
  return g_string_free (g_steal_pointer (&spoken), FALSE);
}

static guint
lay_over (guint                   flags,
          const StoreOverlayItem *overlay)
{
  return overlay == NULL ? flags : (flags | overlay->flags_add) & ~overlay->flags_remove;
}

void
model_message_take_row (ModelMessage           *self,
                        StoreRow               *row,
                        const StoreOverlayItem *overlay,
                        gboolean                shows_recipients)
{
  guint flags = lay_over (row->flags, overlay);
  gboolean is_same = self->row != NULL && self->row->rev == row->rev && self->flags == flags
                     && self->row->n_messages == row->n_messages && self->row->n_unread == row->n_unread;

  g_clear_pointer (&self->row, store_row_free);
  self->row = row;
  self->flags = flags;
  self->shows_recipients = shows_recipients;
  if (!is_same)
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
model_message_finalize (GObject *object)
{
  ModelMessage *self = MODEL_MESSAGE (object);

  g_clear_pointer (&self->row, store_row_free);
  G_OBJECT_CLASS (model_message_parent_class)->finalize (object);
}

static void
model_message_class_init (ModelMessageClass *class)
{
  G_OBJECT_CLASS (class)->finalize = model_message_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 0);
}

static void
model_message_init (ModelMessage *self)
{
}
