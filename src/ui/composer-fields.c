/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The fields of a composer: what they show, what they say, and the hint below the text. */
#include "ui/composer-private.h"

#include "base/clock.h"
#include "model/when.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* --- hints: one line above the files -------------------------------------------------------------------- */


static void
set_hint_button (GtkButton  *button,
                 UiHintButton  what)
{
  gtk_widget_set_visible (GTK_WIDGET (button), what.label != NULL);
  gtk_button_set_label (button, what.label != NULL ? what.label : "");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), what.action);
}

void
ui_composer_show_hint (UiComposer *self,
                       const char *text,
                       UiHintButton  first,
                       UiHintButton  second)
{
  gtk_label_set_label (self->hint_text, text);
  set_hint_button (self->hint_first, first);
  set_hint_button (self->hint_second, second);
  gtk_widget_set_visible (self->hint, TRUE);
}

void
ui_composer_hide_hint (UiComposer *self)
{
  gtk_widget_set_visible (self->hint, FALSE);
}

/* --- fields --------------------------------------------------------------------------------------------- */

void
ui_composer_show_title (UiComposer *self)
{
  g_autofree char *subject = g_strstrip (g_strdup (gtk_editable_get_text (self->subject)));
  const char *title = *subject != '\0' ? subject : _("New Message");

  adw_window_title_set_title (self->title, title);
  gtk_window_set_title (GTK_WINDOW (self), title);
}

void
ui_composer_show_saved (UiComposer *self)
{
  g_autofree char *time = model_when_dup_short (self->letter->draft->saved_at, base_clock_now ());
  /* Translators: %s is a time, as in "10:42", or a day. */
  g_autofree char *words = g_strdup_printf (_("Saved as a draft at %s"), time);

  adw_window_title_set_subtitle (self->title, self->letter->draft->id != 0 ? words : "");
}

void
ui_composer_show_sent_place (UiComposer *self)
{
  const StoreAccount *account = model_letter_peek_account (self->letter, self->letter->draft->account_id);
  gboolean on_server = account != NULL && account->protocol == STORE_PROTOCOL_IMAP
                       && account->save_sent != STORE_SAVE_SENT_HERE;

  gtk_widget_set_visible (self->sent_to_server, on_server);
  gtk_label_set_label (self->sent, on_server ? _("Sent mail: here and on the server")
                                             : _("Sent mail: only on this computer"));
}

void
ui_composer_show_copies (UiComposer *self)
{
  gtk_widget_set_visible (self->cc_line, TRUE);
  gtk_widget_set_visible (self->bcc_line, TRUE);
  gtk_widget_set_visible (self->show_copies, FALSE);
}

void
ui_composer_show_attachments (UiComposer *self)
{
  ui_attachment_strip_show (self->strip, self->letter->attachments, self->coming);
}

char *
ui_composer_dup_body (UiComposer *self)
{
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (self->buffer, &start, &end);
  return gtk_text_buffer_get_text (self->buffer, &start, &end, TRUE);
}

/* A pasted subject may have line ends; a header line has none. */
static char *
dup_subject (UiComposer *self)
{
  char *subject = g_strdup (gtk_editable_get_text (self->subject));

  for (char *p = subject; *p != '\0'; p++)
    if (g_ascii_iscntrl (*p))
      *p = ' ';
  return subject;
}

void
ui_composer_take_text (char **field,
                       char  *text)
{
  g_free (*field);
  *field = text;
}

void
ui_composer_read_fields (UiComposer *self)
{
  StoreDraft *draft = self->letter->draft;

  ui_composer_take_text (&draft->to_text, ui_address_entry_dup_text (self->to));
  ui_composer_take_text (&draft->cc_text, ui_address_entry_dup_text (self->cc));
  ui_composer_take_text (&draft->bcc_text, ui_address_entry_dup_text (self->bcc));
  ui_composer_take_text (&draft->subject, dup_subject (self));
  ui_composer_take_text (&draft->body, ui_composer_dup_body (self));
}

static void
set_first_text (UiComposer *self,
                const char *text)
{
  GtkTextIter start;

  gtk_text_buffer_begin_irreversible_action (self->buffer);
  gtk_text_buffer_set_text (self->buffer, text, -1);
  gtk_text_buffer_end_irreversible_action (self->buffer);
  gtk_text_buffer_get_start_iter (self->buffer, &start);
  gtk_text_buffer_place_cursor (self->buffer, &start);
}

void
ui_composer_fill_fields (UiComposer *self)
{
  const StoreDraft *draft = self->letter->draft;

  self->is_filling = TRUE;
  ui_identity_choice_fill (self->from, self->letter->identities, draft->identity_id);
  ui_address_entry_set_text (self->to, draft->to_text);
  ui_address_entry_set_text (self->cc, draft->cc_text);
  ui_address_entry_set_text (self->bcc, draft->bcc_text);
  gtk_editable_set_text (self->subject, draft->subject);
  set_first_text (self, draft->body);
  if (*draft->cc_text != '\0' || *draft->bcc_text != '\0')
    ui_composer_show_copies (self);
  ui_composer_show_title (self);
  ui_composer_show_saved (self);
  ui_composer_show_sent_place (self);
  ui_composer_show_attachments (self);
  self->is_filling = FALSE;
}

void
ui_composer_replace_body (UiComposer *self,
                          const char *old,
                          const char *new)
{
  const char *old_end = old + strlen (old), *new_end = new + strlen (new);
  const char *a = old, *b = new;
  GtkTextIter start, end;

  while (*a != '\0' && *b != '\0' && g_utf8_get_char (a) == g_utf8_get_char (b))
    {
      a = g_utf8_next_char (a);
      b = g_utf8_next_char (b);
    }
  while (old_end > a && new_end > b
         && g_utf8_get_char (g_utf8_prev_char (old_end)) == g_utf8_get_char (g_utf8_prev_char (new_end)))
    {
      old_end = g_utf8_prev_char (old_end);
      new_end = g_utf8_prev_char (new_end);
    }
  gtk_text_buffer_get_iter_at_offset (self->buffer, &start, (int) g_utf8_strlen (old, a - old));
  gtk_text_buffer_get_iter_at_offset (self->buffer, &end, (int) g_utf8_strlen (old, old_end - old));
  gtk_text_buffer_begin_user_action (self->buffer);
  gtk_text_buffer_delete (self->buffer, &start, &end);
  gtk_text_buffer_insert (self->buffer, &start, b, (int) (new_end - b));
  gtk_text_buffer_end_user_action (self->buffer);
}

/* The focus goes first: a text that loses it by becoming insensitive is never told, and goes on blinking. */
void
ui_composer_hold_fields (UiComposer *self)
{
  g_set_weak_pointer (&self->focus, gtk_window_get_focus (GTK_WINDOW (self)));
  gtk_window_set_focus (GTK_WINDOW (self), NULL);
  gtk_widget_set_sensitive (self->content, FALSE);
}

void
ui_composer_release_fields (UiComposer *self)
{
  gtk_widget_set_sensitive (self->content, TRUE);
  if (self->focus != NULL)
    gtk_widget_grab_focus (self->focus);
  g_clear_weak_pointer (&self->focus);
}
