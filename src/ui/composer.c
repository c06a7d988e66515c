/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/composer-private.h"

#include "ui/quote-tags.h"
#include "ui/wrap-box.h"

#include <glib/gi18n-lib.h>

G_DEFINE_FINAL_TYPE (UiComposer, ui_composer, ADW_TYPE_WINDOW)

/* --- what the user does --------------------------------------------------------------------------------- */

static void
on_changed (UiComposer *self)
{
  if (!self->is_filling && self->then == UI_THEN_STAY)
    ui_composer_hide_hint (self);
  ui_composer_touch (self);
}

static void
on_subject_changed (UiComposer *self)
{
  ui_composer_show_title (self);
  on_changed (self);
}

static void
on_identity_changed (UiComposer *self)
{
  StoreDraft *draft = self->letter->draft;
  const StoreIdentity *old = model_compose_find_identity (self->letter->identities, draft->identity_id);
  gint64 chosen = ui_identity_choice_get_chosen (self->from);
  const StoreIdentity *new = model_compose_find_identity (self->letter->identities, chosen);
  g_autofree char *body = ui_composer_dup_body (self);
  g_autofree char *signed_body = NULL;

  if (new == NULL || new == old)
    return;
  signed_body = model_compose_dup_signed (body, draft->kind, old != NULL ? old->signature : "",
                                          new->signature);
  ui_composer_replace_body (self, body, signed_body);
  draft->identity_id = new->id;
  draft->account_id = new->account_id;
  ui_composer_show_sent_place (self);
  on_changed (self);
}

static void
show_copies_action (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  ui_composer_show_copies (UI_COMPOSER (widget));
  gtk_widget_grab_focus (GTK_WIDGET (UI_COMPOSER (widget)->cc));
}

static gboolean
ui_composer_close_request (GtkWindow *window)
{
  UiComposer *self = UI_COMPOSER (window);

  if (self->letter == NULL)
    return GTK_WINDOW_CLASS (ui_composer_parent_class)->close_request (window);
  if (self->then == UI_THEN_STAY)
    ui_composer_go_on_to (self, UI_THEN_CLOSE);
  return GDK_EVENT_STOP;
}

/* --- opening -------------------------------------------------------------------------------------------- */

static void
show_ignored (UiComposer *self)
{
  g_autofree char *names = self->letter->ignored != NULL ? g_strjoinv (", ", self->letter->ignored) : NULL;
  g_autofree char *words = NULL;

  if (names == NULL)
    return;
  /* Translators: %s are names of fields in a link that somebody else made, as in "attach, from". */
  words = g_strdup_printf (_("The link also asked for this, which was left out: %s."), names);
  ui_composer_show_hint (self, words, UI_NO_BUTTON, UI_NO_BUTTON);
}

static void
opened_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(UiComposer) self = data;
  g_autoptr(GError) error = NULL;
  ModelLetter *letter = model_letter_open_finish (MODEL_STORE (object), result, &error);

  if (self->store == NULL || letter == NULL)
    {
      model_letter_free (letter);
      if (self->store == NULL)
        return;
      adw_status_page_set_description (self->failed, error->message);
      gtk_stack_set_visible_child_name (self->stack, "failed");
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.send", FALSE);
      gtk_widget_action_set_enabled (GTK_WIDGET (self), "composer.attach", FALSE);
      return;
    }
  self->letter = letter;
  ui_composer_fill_fields (self);
  show_ignored (self);
  gtk_widget_set_sensitive (self->content, TRUE);
  gtk_widget_grab_focus (*letter->draft->to_text == '\0' ? GTK_WIDGET (self->to) : GTK_WIDGET (self->text));
  if (self->waiting->len > 0)
    {
      self->is_touched = TRUE;
      ui_composer_show_attachments (self);
      ui_composer_go_on (self);
    }
}

gboolean
ui_composer_is_ready (UiComposer *self)
{
  return self->letter != NULL;
}

gint64
ui_composer_get_draft_id (UiComposer *self)
{
  return self->letter != NULL ? self->letter->draft->id : self->opened_id;
}

gint64
ui_composer_get_edited_id (UiComposer *self)
{
  return self->edited_id;
}

GtkWidget *
ui_composer_new (GtkApplication        *application,
                 ModelStore            *store,
                 const ModelLetterWish *wish)
{
  UiComposer *self = g_object_new (UI_TYPE_COMPOSER, "application", application, NULL);

  self->store = g_object_ref (store);
  self->opened_id = wish->draft_id;
  self->edited_id = wish->kind == MODEL_COMPOSE_EDIT ? wish->message_id : 0;
  ui_address_entry_set_store (self->to, store);
  ui_address_entry_set_store (self->cc, store);
  ui_address_entry_set_store (self->bcc, store);
  model_letter_open_async (store, wish, self->cancellable, opened_cb, g_object_ref (self));
  return GTK_WIDGET (self);
}

/* --- life ----------------------------------------------------------------------------------------------- */

static void
ui_composer_dispose (GObject *object)
{
  UiComposer *self = UI_COMPOSER (object);

  g_clear_handle_id (&self->save_timeout, g_source_remove);
  g_cancellable_cancel (self->cancellable);
  if (self->buffer != NULL)
    g_signal_handlers_disconnect_by_data (self->buffer, self);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->chooser);
  g_clear_object (&self->store);
  g_clear_weak_pointer (&self->focus);
  G_OBJECT_CLASS (ui_composer_parent_class)->dispose (object);
}

static void
ui_composer_finalize (GObject *object)
{
  UiComposer *self = UI_COMPOSER (object);

  model_letter_free (self->letter);
  g_ptr_array_unref (self->waiting);
  g_ptr_array_unref (self->coming);
  G_OBJECT_CLASS (ui_composer_parent_class)->finalize (object);
}

static void
install_actions (GtkWidgetClass *class)
{
  gtk_widget_class_install_action (class, "composer.send", NULL, ui_composer_send);
  gtk_widget_class_install_action (class, "composer.send-anyway", NULL, ui_composer_send_anyway);
  gtk_widget_class_install_action (class, "composer.attach", NULL, ui_composer_choose_files);
  gtk_widget_class_install_action (class, "composer.save", NULL, ui_composer_save_now);
  gtk_widget_class_install_action (class, "composer.discard", NULL, ui_composer_discard);
  gtk_widget_class_install_action (class, "composer.keep-as-new", NULL, ui_composer_keep_as_new);
  gtk_widget_class_install_action (class, "composer.close-anyway", NULL, ui_composer_close_anyway);
  gtk_widget_class_install_action (class, "composer.show-copies", NULL, show_copies_action);
  gtk_widget_class_add_binding_action (class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_s, GDK_CONTROL_MASK, "composer.save", NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_a, GDK_CONTROL_MASK | GDK_SHIFT_MASK, "composer.attach",
                                       NULL);
  gtk_widget_class_add_binding_action (class, GDK_KEY_b, GDK_CONTROL_MASK | GDK_SHIFT_MASK,
                                       "composer.show-copies", NULL);
}

static void
bind_children (GtkWidgetClass *class)
{
  gtk_widget_class_bind_template_child (class, UiComposer, title);
  gtk_widget_class_bind_template_child (class, UiComposer, stack);
  gtk_widget_class_bind_template_child (class, UiComposer, failed);
  gtk_widget_class_bind_template_child (class, UiComposer, content);
  gtk_widget_class_bind_template_child (class, UiComposer, from);
  gtk_widget_class_bind_template_child (class, UiComposer, sent_to_server);
  gtk_widget_class_bind_template_child (class, UiComposer, sent);
  gtk_widget_class_bind_template_child (class, UiComposer, to);
  gtk_widget_class_bind_template_child (class, UiComposer, cc);
  gtk_widget_class_bind_template_child (class, UiComposer, bcc);
  gtk_widget_class_bind_template_child (class, UiComposer, cc_line);
  gtk_widget_class_bind_template_child (class, UiComposer, bcc_line);
  gtk_widget_class_bind_template_child (class, UiComposer, show_copies);
  gtk_widget_class_bind_template_child (class, UiComposer, subject);
  gtk_widget_class_bind_template_child (class, UiComposer, text);
  gtk_widget_class_bind_template_child (class, UiComposer, hint);
  gtk_widget_class_bind_template_child (class, UiComposer, hint_text);
  gtk_widget_class_bind_template_child (class, UiComposer, hint_first);
  gtk_widget_class_bind_template_child (class, UiComposer, hint_second);
  gtk_widget_class_bind_template_child (class, UiComposer, strip);
  gtk_widget_class_bind_template_callback (class, on_changed);
  gtk_widget_class_bind_template_callback (class, on_subject_changed);
  gtk_widget_class_bind_template_callback (class, on_identity_changed);
  gtk_widget_class_bind_template_callback (class, ui_composer_remove_attachment);
}

static void
ui_composer_class_init (UiComposerClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (UI_TYPE_ADDRESS_ENTRY);
  g_type_ensure (UI_TYPE_ATTACHMENT_STRIP);
  g_type_ensure (UI_TYPE_IDENTITY_CHOICE);
  g_type_ensure (UI_TYPE_WRAP_BOX);
  object_class->dispose = ui_composer_dispose;
  object_class->finalize = ui_composer_finalize;
  GTK_WINDOW_CLASS (class)->close_request = ui_composer_close_request;
  g_signal_new ("queued", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2,
                G_TYPE_INT64, G_TYPE_STRING);
  g_signal_new ("kept", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                G_TYPE_INT64);
  g_signal_new ("discarded", G_TYPE_FROM_CLASS (class), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                1, G_TYPE_INT64);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/composer.ui");
  bind_children (widget_class);
  install_actions (widget_class);
}

/* In the capture phase: a text view takes Return whatever is held with it. */
static void
add_send_keys (UiComposer *self)
{
  GtkEventController *keys = gtk_shortcut_controller_new ();
  static const guint values[] = { GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_ISO_Enter };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (keys),
                                          gtk_shortcut_new (gtk_keyval_trigger_new (values[i],
                                                                                    GDK_CONTROL_MASK),
                                                            gtk_named_action_new ("composer.send")));
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
}

static void
ui_composer_init (UiComposer *self)
{
  GtkDropTarget *drop = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  self->cancellable = g_cancellable_new ();
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  self->coming = g_ptr_array_new_with_free_func (g_free);
  gtk_widget_init_template (GTK_WIDGET (self));
  self->buffer = gtk_text_view_get_buffer (self->text);
  gtk_text_buffer_set_enable_undo (self->buffer, TRUE);
  g_signal_connect_swapped (self->buffer, "changed", G_CALLBACK (on_changed), self);
  ui_quote_tags_add (self->text);
  ui_address_entry_set_label (self->to, _("To"));
  ui_address_entry_set_label (self->cc, _("Cc"));
  ui_address_entry_set_label (self->bcc, _("Bcc"));
  g_signal_connect_swapped (drop, "drop", G_CALLBACK (ui_composer_take_drop), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drop));
  add_send_keys (self);
  ui_composer_show_title (self);
}
