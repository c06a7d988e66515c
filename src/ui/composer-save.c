/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Saving a letter, and what follows when everything is saved: closing, sending, discarding. */
#include "ui/composer-private.h"

#include <glib/gi18n-lib.h>

#define SAVE_AFTER_S  2                 /* nothing typed is older than this, and the disk's time, when the
                                         * power fails */
#define RETRY_AFTER_S 5

/* --- saving --------------------------------------------------------------------------------------------- */

static void
end (UiComposer *self)
{
  gtk_window_destroy (GTK_WINDOW (self));
}

static gboolean
save_timeout_cb (gpointer data)
{
  UiComposer *self = data;

  self->save_timeout = 0;
  ui_composer_go_on (self);
  return G_SOURCE_REMOVE;
}

static void
save_later (UiComposer *self,
            guint       seconds)
{
  if (self->save_timeout == 0)
    self->save_timeout = g_timeout_add_seconds (seconds, save_timeout_cb, self);
}

static gboolean
is_gone (const GError *error)
{
  return g_error_matches (error, STORE_ERROR, STORE_ERROR_STATE)
         || g_error_matches (error, STORE_ERROR, STORE_ERROR_NOT_FOUND);
}

/* The text here is all there is of it: nothing closes before a person said so. */
static void
show_not_saved (UiComposer   *self,
                const GError *error)
{
  UiHintButton keep = { _("Keep as a New Draft"), "composer.keep-as-new" };
  UiHintButton again = { _("Try Again"), "composer.save" };
  UiHintButton close = { _("Close Without Saving"), "composer.close-anyway" };
  UiHintButton second = self->then == UI_THEN_CLOSE ? close : UI_NO_BUTTON;

  if (is_gone (error))
    {
      ui_composer_show_hint (self, _("This draft was sent or discarded from another window."), keep, second);
      return;
    }
  ui_composer_show_hint (self, error->message, again, second);
  save_later (self, RETRY_AFTER_S);
}

static void
adopt_row (UiComposer *self,
           StoreDraft *saved)
{
  StoreDraft *draft = self->letter->draft;

  if (draft->id == 0)
    model_store_look (self->store);      /* one more draft for whoever lists them */
  draft->id = saved->id;
  ui_composer_take_text (&draft->uuid, g_strdup (saved->uuid));
  draft->created_at = saved->created_at;
  draft->saved_at = saved->saved_at;
}

static void
saved_cb (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(StoreDraft) saved = model_drafts_save_finish (MODEL_STORE (object), result, &error);

  self->is_saving = FALSE;
  if (self->store == NULL)
    return;
  if (saved == NULL)
    {
      self->is_dirty = TRUE;
      show_not_saved (self, error);
      self->then = UI_THEN_STAY;
      ui_composer_release_fields (self);
      return;
    }
  adopt_row (self, saved);
  ui_composer_show_saved (self);
  ui_composer_go_on (self);
}

static void
save (UiComposer *self)
{
  g_clear_handle_id (&self->save_timeout, g_source_remove);
  ui_composer_read_fields (self);
  self->is_dirty = FALSE;
  self->is_saving = TRUE;
  model_drafts_save_async (self->store, self->letter->draft, saved_cb, g_object_ref (self));
}

void
ui_composer_touch (UiComposer *self)
{
  if (self->is_filling || self->letter == NULL)
    return;
  self->is_touched = TRUE;
  self->is_dirty = TRUE;
  save_later (self, SAVE_AFTER_S);
}

/* --- ending --------------------------------------------------------------------------------------------- */

static void
stay (UiComposer *self,
      const char *why)
{
  self->is_ending = FALSE;
  self->then = UI_THEN_STAY;
  ui_composer_release_fields (self);
  ui_composer_show_hint (self, why, UI_NO_BUTTON, UI_NO_BUTTON);
}

static void
queued_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  gint64 outbox_id = model_drafts_queue_finish (MODEL_STORE (object), result, &error);
  g_autofree char *recipients = NULL;

  if (self->store == NULL)
    return;
  if (outbox_id == 0)
    {
      stay (self, error->message);
      return;
    }
  recipients = model_compose_dup_recipients (self->letter->draft);
  g_signal_emit_by_name (self, "queued", outbox_id, recipients);
  end (self);
}

static void
discarded_cb (GObject      *object,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  gboolean is_done = model_drafts_change_finish (MODEL_STORE (object), result, &error);

  if (self->store == NULL)
    return;
  if (!is_done)
    {
      stay (self, error->message);
      return;
    }
  if (self->is_touched)
    g_signal_emit_by_name (self, "discarded", self->letter->draft->id);
  end (self);
}

static void
close_saved (UiComposer *self)
{
  gint64 id = self->letter->draft->id;

  /* Opened and looked at only: a forward with files has a row already. */
  if (!self->is_touched && id != 0 && self->opened_id == 0)
    {
      self->is_ending = TRUE;
      model_drafts_discard_async (self->store, id, discarded_cb, g_object_ref (self));
      return;
    }
  if (self->is_touched && id != 0)
    g_signal_emit_by_name (self, "kept", id);
  end (self);
}

void
ui_composer_go_on (UiComposer *self)
{
  gboolean needs_row = self->waiting->len > 0 && self->letter->draft->id == 0;

  if (self->is_saving || self->is_ending)
    return;
  if (self->is_dirty || needs_row)
    {
      save (self);
      return;
    }
  ui_composer_attach_waiting (self);
  switch (self->then)
    {
    case UI_THEN_STAY:
      break;
    case UI_THEN_CLOSE:
      if (self->coming->len == 0)
        close_saved (self);
      break;
    case UI_THEN_SEND:
      if (self->coming->len > 0)
        break;
      self->is_ending = TRUE;
      model_drafts_queue_async (self->store, self->letter->draft->id, queued_cb, g_object_ref (self));
      break;
    case UI_THEN_DISCARD:
      if (self->letter->draft->id == 0)
        {
          end (self);
          break;
        }
      self->is_ending = TRUE;
      model_drafts_discard_async (self->store, self->letter->draft->id, discarded_cb, g_object_ref (self));
      break;
    }
}

void
ui_composer_go_on_to (UiComposer *self,
                      UiThen        then)
{
  self->then = then;
  ui_composer_hold_fields (self);
  ui_composer_go_on (self);
}
