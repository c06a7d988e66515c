/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wizard-private.h"

#include "base/hostname.h"
#include "bus/jobs.h"
#include "ui/reason.h"

#include <glib/gi18n-lib.h>
#include <string.h>

G_DEFINE_FINAL_TYPE (UiWizard, ui_wizard, ADW_TYPE_WINDOW)

/* --- jobs ----------------------------------------------------------------------------------------------- */

GCancellable *
ui_wizard_begin (UiWizard *self)
{
  g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
  self->running = g_cancellable_new ();
  ui_wizard_update (self);
  return self->running;
}

gboolean
ui_wizard_end (UiWizard     *self,
               GCancellable *running)
{
  if (self->running != running)
    return FALSE;
  g_clear_object (&self->running);
  ui_wizard_update (self);
  return TRUE;
}

static void
stop_running (UiWizard *self)
{
  g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
}

const char *
ui_wizard_peek_text (const BusJob *job,
                     const GError *error)
{
  const char *text = NULL;

  if (error != NULL)
    return error->message;
  if (job != NULL && job->details != NULL)
    g_variant_lookup (job->details, BUS_KEY_TEXT, "&s", &text);
  return text != NULL ? text : _("The background service does not answer.");
}

void
ui_wizard_show_error (GtkBox     *box,
                      const char *title,
                      const char *text)
{
  ui_reason_clear (box);
  gtk_widget_set_visible (GTK_WIDGET (box), title != NULL);
  if (title != NULL)
    gtk_box_append (box, ui_reason_new (UI_REASON_DRAWBACK, title, text));
}

/* --- pages ---------------------------------------------------------------------------------------------- */

static gboolean
is_address (UiWizard *self)
{
  g_autoptr(DiscoverResult) address =
    discover_result_new (gtk_editable_get_text (GTK_EDITABLE (self->email_row)));

  return address != NULL;
}

static gboolean
take_address (UiWizard *self)
{
  if (ui_wizard_draft_set_person (self->draft, gtk_editable_get_text (GTK_EDITABLE (self->name_row)),
                                  gtk_editable_get_text (GTK_EDITABLE (self->email_row))))
    return TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self->address_error), TRUE);
  gtk_widget_grab_focus (GTK_WIDGET (self->email_row));
  return FALSE;
}

static GtkWidget *
get_first_control (UiWizard *self)
{
  switch (self->page)
    {
    case UI_WIZARD_ADDRESS:
      return *gtk_editable_get_text (GTK_EDITABLE (self->name_row)) == '\0' ? GTK_WIDGET (self->name_row)
                                                                             : GTK_WIDGET (self->email_row);
    case UI_WIZARD_SEARCHING: return GTK_WIDGET (self->next_button);
    case UI_WIZARD_MANUAL:    return GTK_WIDGET (self->incoming.host);
    case UI_WIZARD_SIGN_IN:   return GTK_WIDGET (self->password_row);
    case UI_WIZARD_WHERE:
      return self->draft->protocol == STORE_PROTOCOL_IMAP
             ? GTK_WIDGET (self->imap_check) : GTK_WIDGET (self->pop_check);
    case UI_WIZARD_RETENTION: return GTK_WIDGET (self->retention_row);
    case UI_WIZARD_FINISH:    return GTK_WIDGET (self->next_button);
    }
  g_assert_not_reached ();
}

static void
prepare (UiWizard *self)
{
  switch (self->page)
    {
    case UI_WIZARD_MANUAL:    ui_wizard_manual_prepare (self); break;
    case UI_WIZARD_SIGN_IN:   ui_wizard_sign_in_prepare (self); break;
    case UI_WIZARD_WHERE:     ui_wizard_where_prepare (self); break;
    case UI_WIZARD_RETENTION: ui_wizard_retention_prepare (self); break;
    case UI_WIZARD_SEARCHING: ui_wizard_find_begin (self); break;
    case UI_WIZARD_ADDRESS:
    case UI_WIZARD_FINISH:    break;
    }
}

void
ui_wizard_show (UiWizard     *self,
                UiWizardPage  page)
{
  static const char * const titles[UI_WIZARD_N_PAGES] = {
    N_("Add Mail Account"), N_("Looking for Mail Settings"), N_("Server Settings"), N_("Sign In"),
    N_("Where Should Your Mail Live?"), N_("How Long Does Mail Stay on the Server?"), N_("Ready"),
  };

  stop_running (self);
  self->page = page;
  prepare (self);
  gtk_stack_set_visible_child_name (self->stack, ui_wizard_page_get_name (page));
  gtk_window_set_title (GTK_WINDOW (self), _(titles[page]));
  ui_wizard_update (self);
  gtk_widget_grab_focus (get_first_control (self));
}

void
ui_wizard_move (UiWizard     *self,
                UiWizardMove  move)
{
  UiWizardFacts facts = { self->draft->is_manual, self->draft->protocol == STORE_PROTOCOL_POP3 };
  UiWizardPage page = ui_wizard_flow_move (self->page, move, &facts);

  if (page != self->page)
    ui_wizard_show (self, page);
}

/* --- footer --------------------------------------------------------------------------------------------- */

static const char *
get_quiet_label (UiWizard *self)
{
  if (self->running != NULL && self->page != UI_WIZARD_SEARCHING)
    return _("Cancel");
  switch (self->page)
    {
    case UI_WIZARD_ADDRESS:   return _("Enter Settings Manually");
    case UI_WIZARD_SEARCHING: return self->has_found_nothing ? _("Try Again") : _("Enter Settings Manually");
    case UI_WIZARD_SIGN_IN:
      return ui_wizard_sign_in_can_skip (self) ? _("Continue Without Sending") : _("Other Servers…");
    case UI_WIZARD_FINISH:    return _("Add Another Account");
    case UI_WIZARD_MANUAL:
    case UI_WIZARD_WHERE:
    case UI_WIZARD_RETENTION: return NULL;
    }
  g_assert_not_reached ();
}

static const char *
get_next_label (UiWizard *self)
{
  switch (self->page)
    {
    case UI_WIZARD_SEARCHING: return self->has_found_nothing ? _("Enter Settings Manually") : _("Cancel");
    case UI_WIZARD_SIGN_IN:   return _("Sign In");
    case UI_WIZARD_FINISH:    return _("Open Mailbox");
    case UI_WIZARD_ADDRESS:
    case UI_WIZARD_MANUAL:
    case UI_WIZARD_WHERE:
    case UI_WIZARD_RETENTION: return _("Continue");
    }
  g_assert_not_reached ();
}

static gboolean
can_go_on (UiWizard *self)
{
  if (self->page == UI_WIZARD_SEARCHING)
    return TRUE;
  if (self->running != NULL)
    return FALSE;
  if (self->page == UI_WIZARD_ADDRESS)
    return is_address (self);
  return self->page != UI_WIZARD_SIGN_IN || ui_wizard_sign_in_can (self);
}

void
ui_wizard_update (UiWizard *self)
{
  const char *quiet = get_quiet_label (self);
  gboolean is_cancel = self->page == UI_WIZARD_SEARCHING && !self->has_found_nothing;

  gtk_widget_set_visible (GTK_WIDGET (self->quiet_button), quiet != NULL);
  if (quiet != NULL)
    gtk_button_set_label (self->quiet_button, quiet);
  gtk_widget_set_sensitive (GTK_WIDGET (self->quiet_button), self->page != UI_WIZARD_ADDRESS
                            || is_address (self));
  gtk_button_set_label (self->next_button, get_next_label (self));
  gtk_widget_set_sensitive (GTK_WIDGET (self->next_button), can_go_on (self));
  if (is_cancel)
    gtk_widget_remove_css_class (GTK_WIDGET (self->next_button), "suggested-action");
  else
    gtk_widget_add_css_class (GTK_WIDGET (self->next_button), "suggested-action");
  gtk_widget_set_visible (GTK_WIDGET (self->busy), self->running != NULL
                          && self->page != UI_WIZARD_SEARCHING);
  gtk_spinner_set_spinning (self->busy, gtk_widget_get_visible (GTK_WIDGET (self->busy)));
  gtk_widget_set_visible (GTK_WIDGET (self->back_button), ui_wizard_flow_can_back (self->page));
}

static void
start_over (UiWizard *self)
{
  ui_wizard_draft_free (self->draft);
  self->draft = ui_wizard_draft_new ();
  gtk_editable_set_text (GTK_EDITABLE (self->email_row), "");
  gtk_editable_set_text (GTK_EDITABLE (self->password_row), "");
  ui_wizard_show (self, UI_WIZARD_ADDRESS);
}

static void
on_next (UiWizard *self)
{
  switch (self->page)
    {
    case UI_WIZARD_ADDRESS:
      if (take_address (self))
        ui_wizard_move (self, UI_WIZARD_GO_ON);
      break;
    case UI_WIZARD_SEARCHING:
      ui_wizard_move (self, self->has_found_nothing ? UI_WIZARD_GO_MANUAL : UI_WIZARD_GO_BACK);
      break;
    case UI_WIZARD_MANUAL:
      if (ui_wizard_manual_take (self))
        ui_wizard_move (self, UI_WIZARD_GO_ON);
      break;
    case UI_WIZARD_SIGN_IN:
      ui_wizard_sign_in_begin (self);
      break;
    case UI_WIZARD_WHERE:
      if (self->draft->servers[ui_wizard_draft_get_incoming (self->draft)].tried != UI_TRIED_WORKS)
        ui_wizard_sign_in_begin (self);
      else if (self->draft->protocol == STORE_PROTOCOL_POP3)
        ui_wizard_move (self, UI_WIZARD_GO_ON);
      else
        ui_wizard_save_begin (self);
      break;
    case UI_WIZARD_RETENTION:
      ui_wizard_save_begin (self);
      break;
    case UI_WIZARD_FINISH:
      gtk_window_close (GTK_WINDOW (self));
      break;
    }
}

static void
on_quiet (UiWizard *self)
{
  gboolean was_running = self->running != NULL;

  stop_running (self);
  switch (self->page)
    {
    case UI_WIZARD_ADDRESS:
      if (take_address (self))
        ui_wizard_move (self, UI_WIZARD_GO_MANUAL);
      return;
    case UI_WIZARD_SEARCHING:
      if (self->has_found_nothing)
        ui_wizard_find_begin (self);
      else
        ui_wizard_move (self, UI_WIZARD_GO_MANUAL);
      return;
    case UI_WIZARD_SIGN_IN:
      if (was_running)
        ui_wizard_update (self);
      else
        ui_wizard_move (self, ui_wizard_sign_in_can_skip (self) ? UI_WIZARD_GO_ON : UI_WIZARD_GO_MANUAL);
      return;
    case UI_WIZARD_FINISH:
      start_over (self);
      return;
    case UI_WIZARD_MANUAL:
    case UI_WIZARD_WHERE:
    case UI_WIZARD_RETENTION:
      ui_wizard_update (self);
      return;
    }
}

/* --- the address page ----------------------------------------------------------------------------------- */

static void
show_privacy (UiWizard *self)
{
  g_autoptr(DiscoverResult) address =
    discover_result_new (gtk_editable_get_text (GTK_EDITABLE (self->email_row)));
  g_autofree char *domain = address != NULL ? base_hostname_dup_shown (address->domain) : NULL;
  g_autofree char *text = NULL;

  if (domain != NULL)
    text = g_strdup_printf (_("To find the servers, the full address is sent to %1$s only. Other services "
                              "are asked about "
                              "“%1$s”, never about the address."), domain);
  gtk_label_set_text (self->privacy, text != NULL ? text
                      : _("To find the servers, the full address is sent to its own domain only."));
}

static void
on_address_changed (UiWizard *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->email_row));
  const char *at = strchr (text, '@');

  /* Said while typing only of what no further letter can mend. */
  gtk_widget_set_visible (GTK_WIDGET (self->address_error),
                          !is_address (self) && at != NULL && strpbrk (at, ", ;") != NULL);
  show_privacy (self);
  ui_wizard_update (self);
}

static void
on_address_entered (UiWizard *self)
{
  if (!is_address (self))
    gtk_widget_set_visible (GTK_WIDGET (self->address_error), TRUE);
}

static void
fill_in_name (UiWizard *self)
{
  const char *name = g_get_real_name ();

  if (strcmp (name, "Unknown") != 0 && strcmp (name, "root") != 0)
    gtk_editable_set_text (GTK_EDITABLE (self->name_row), name);
}

/* --- life ----------------------------------------------------------------------------------------------- */

static void
go_back (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  UiWizard *self = UI_WIZARD (widget);

  if (self->page == UI_WIZARD_ADDRESS)
    gtk_window_close (GTK_WINDOW (self));
  else
    ui_wizard_move (self, UI_WIZARD_GO_BACK);
}

static void
believe (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  ui_wizard_use_anyway (UI_WIZARD (widget));
}

GtkWidget *
ui_wizard_new (GtkWindow  *parent,
               ModelStore *store,
               ModelBus   *bus)
{
  UiWizard *self = g_object_new (UI_TYPE_WIZARD, "transient-for", parent, NULL);

  self->store = g_object_ref (store);
  self->settings = model_settings_new (store);
  self->bus = g_object_ref (bus);
  return GTK_WIDGET (self);
}

static void
ui_wizard_dispose (GObject *object)
{
  UiWizard *self = UI_WIZARD (object);

  stop_running (self);
  g_clear_object (&self->settings);
  g_clear_object (&self->store);
  g_clear_object (&self->bus);
  G_OBJECT_CLASS (ui_wizard_parent_class)->dispose (object);
}

static void
ui_wizard_finalize (GObject *object)
{
  UiWizard *self = UI_WIZARD (object);

  ui_wizard_draft_free (self->draft);
  g_clear_pointer (&self->secret, base_secret_unref);
  g_free (self->uuid);
  g_free (self->fingerprint);
  G_OBJECT_CLASS (ui_wizard_parent_class)->finalize (object);
}

#define BIND(name) gtk_widget_class_bind_template_child (widget_class, UiWizard, name)
#define BIND_FIELD(id, field) \
  gtk_widget_class_bind_template_child_full (widget_class, id, FALSE, G_STRUCT_OFFSET (UiWizard, field))

static void
bind_children (GtkWidgetClass *widget_class)
{
  BIND (stack);
  BIND (back_button);
  BIND (quiet_button);
  BIND (next_button);
  BIND (busy);
  BIND (name_row);
  BIND (email_row);
  BIND (address_error);
  BIND (privacy);
  BIND (search_title);
  BIND (search_text);
  BIND (search_list);
  BIND (protocol_row);
  BIND_FIELD ("in_host", incoming.host);
  BIND_FIELD ("in_port", incoming.port);
  BIND_FIELD ("in_security", incoming.security);
  BIND_FIELD ("in_user", incoming.user);
  BIND_FIELD ("out_host", outgoing.host);
  BIND_FIELD ("out_port", outgoing.port);
  BIND_FIELD ("out_security", outgoing.security);
  BIND_FIELD ("out_user", outgoing.user);
  BIND (manual_error);
  BIND (sign_in_title);
  BIND (sign_in_text);
  BIND (sign_in_source);
  BIND (incoming_row);
  BIND (incoming_lock);
  BIND (outgoing_row);
  BIND (outgoing_lock);
  BIND (user_row);
  BIND (password_row);
  BIND (consent_group);
  BIND (consent_row);
  BIND (consent_check);
  BIND (sign_in_error);
  BIND (certificate_group);
  BIND (subject_row);
  BIND (issuer_row);
  BIND (expires_row);
  BIND (fingerprint_row);
  BIND (where_picture);
  BIND (imap_row);
  BIND (imap_check);
  BIND (imap_recommended);
  BIND (pop_row);
  BIND (pop_check);
  BIND (pop_recommended);
  BIND (where_reasons);
  BIND (where_error);
  BIND (retention_picture);
  BIND (retention_row);
  BIND (days_row);
  BIND (days);
  BIND (retention_reasons);
  BIND (retention_error);
  BIND (delete_switch);
  BIND (finish_title);
  BIND (finish_text);
  BIND (finish_list);
  BIND (background_switch);
  BIND (login_switch);
  BIND (finish_error);
}

static void
ui_wizard_class_init (UiWizardClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_wizard_dispose;
  G_OBJECT_CLASS (class)->finalize = ui_wizard_finalize;
  g_type_ensure (UI_TYPE_WHEREABOUTS);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/wizard.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_next);
  gtk_widget_class_bind_template_callback (widget_class, on_quiet);
  gtk_widget_class_bind_template_callback_full (widget_class, "on_protocol_chosen",
                                                G_CALLBACK (ui_wizard_where_select));
  gtk_widget_class_install_action (widget_class, "wizard.back", NULL, go_back);
  gtk_widget_class_install_action (widget_class, "wizard.believe", NULL, believe);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "wizard.back", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "wizard.back", NULL);
}

static void
ui_wizard_init (UiWizard *self)
{
  self->draft = ui_wizard_draft_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_swapped (self->email_row, "changed", G_CALLBACK (on_address_changed), self);
  g_signal_connect_swapped (self->email_row, "entry-activated", G_CALLBACK (on_address_entered), self);
  ui_wizard_manual_connect (self);
  ui_wizard_sign_in_connect (self);
  ui_wizard_keep_connect (self);
  ui_wizard_finish_connect (self);
  fill_in_name (self);
  show_privacy (self);
  ui_wizard_show (self, UI_WIZARD_ADDRESS);
}
