/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person asks of a letter: send it, after doubts were said; save, discard or keep it. */
#include "ui/composer-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
show_bad_address (UiComposer *self,
                  const char *address)
{
  /* Translators: %s is what somebody typed as a recipient. */
  g_autofree char *words = g_strdup_printf (_("“%s” is not an email address."), address);
  UiAddressEntry *entries[] = { self->to, self->cc, self->bcc };

  ui_composer_show_hint (self, words, UI_NO_BUTTON, UI_NO_BUTTON);
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autofree char *text = ui_address_entry_dup_text (entries[i]);

      if (strstr (text, address) == NULL)
        continue;
      gtk_widget_grab_focus (GTK_WIDGET (entries[i]));
      return;
    }
}

/* TRUE: it can go. */
static gboolean
ask_before_sending (UiComposer *self)
{
  UiHintButton attach = { _("Attach…"), "composer.attach" };
  UiHintButton send_anyway = { _("Send Anyway"), "composer.send-anyway" };
  g_auto(ModelComposeVerdict) verdict = { 0 };
  guint hints;

  ui_composer_read_fields (self);
  model_compose_judge (self->letter->draft, self->letter->attachments->len + self->coming->len, &verdict);
  hints = verdict.hints & ~self->accepted;
  if (verdict.fault == MODEL_COMPOSE_NO_RECIPIENT)
    {
      ui_composer_show_hint (self, _("Add a recipient."), UI_NO_BUTTON, UI_NO_BUTTON);
      gtk_widget_grab_focus (GTK_WIDGET (self->to));
    }
  else if (verdict.fault == MODEL_COMPOSE_BAD_ADDRESS)
    show_bad_address (self, verdict.address);
  else if ((hints & MODEL_COMPOSE_NO_SUBJECT) != 0)
    {
      ui_composer_show_hint (self, _("The message has no subject."), UI_NO_BUTTON, send_anyway);
      gtk_widget_grab_focus (GTK_WIDGET (self->subject));
    }
  else if ((hints & MODEL_COMPOSE_NO_ATTACHMENT) != 0)
    ui_composer_show_hint (self, _("No file is attached."), attach, send_anyway);
  else
    return TRUE;
  return FALSE;
}

static void
send (UiComposer *self)
{
  if (self->letter == NULL || self->then != UI_THEN_STAY)
    return;
  ui_address_entry_commit (self->to);
  ui_address_entry_commit (self->cc);
  ui_address_entry_commit (self->bcc);
  if (!ask_before_sending (self))
    return;
  ui_composer_hide_hint (self);
  self->is_touched = TRUE;
  self->is_dirty = TRUE;
  ui_composer_go_on_to (self, UI_THEN_SEND);
}

void
ui_composer_send (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  send (UI_COMPOSER (widget));
}

/* Only what is shown is overridden: the next doubt is asked about in its turn. */
void
ui_composer_send_anyway (GtkWidget  *widget,
                         const char *action,
                         GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);
  g_auto(ModelComposeVerdict) verdict = { 0 };
  guint open;

  model_compose_judge (self->letter->draft, self->letter->attachments->len, &verdict);
  open = verdict.hints & ~self->accepted;
  self->accepted |= (open & MODEL_COMPOSE_NO_SUBJECT) != 0 ? MODEL_COMPOSE_NO_SUBJECT : open;
  send (self);
}

void
ui_composer_discard (GtkWidget  *widget,
                     const char *action,
                     GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  if (self->letter != NULL && self->then == UI_THEN_STAY)
    ui_composer_go_on_to (self, UI_THEN_DISCARD);
}

void
ui_composer_save_now (GtkWidget  *widget,
                      const char *action,
                      GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  if (self->letter == NULL)
    return;
  ui_composer_hide_hint (self);
  self->is_touched = TRUE;
  self->is_dirty = TRUE;
  ui_composer_go_on (self);
}

/* Files of the old row stay with it. */
void
ui_composer_keep_as_new (GtkWidget  *widget,
                         const char *action,
                         GVariant   *parameter)
{
  UiComposer *self = UI_COMPOSER (widget);

  self->letter->draft->id = 0;
  g_ptr_array_set_size (self->letter->attachments, 0);
  ui_composer_show_attachments (self);
  ui_composer_save_now (widget, action, parameter);
}

void
ui_composer_close_anyway (GtkWidget  *widget,
                          const char *action,
                          GVariant   *parameter)
{
  gtk_window_destroy (GTK_WINDOW (widget));
}
