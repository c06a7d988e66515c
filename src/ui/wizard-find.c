/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The page that looks for the servers: four rows of honest work. */
#include "ui/wizard-private.h"

#include "base/hostname.h"
#include "bus/jobs.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* The words of BUS_KEY_STATE. */
static const struct {
  const char *name;
  const char *sign;              /* child of the row's stack */
  const char *text;              /* %s: the domain */
} states[] = {
  { "waiting", "busy", N_("Waiting for an answer") },
  { "found", "found", N_("Found servers for receiving and sending") },
  { "found-receiving", "found", N_("Found servers for receiving") },
  { "nothing", "nothing", N_("No entry for %s") },
  { "no-answer", "nothing", N_("No answer") },
  { "off", "nothing", N_("Switched off in preferences") },
};

static GtkWidget *
new_sign (void)
{
  GtkWidget *stack = gtk_stack_new ();
  GtkWidget *busy = gtk_spinner_new ();
  GtkWidget *found = gtk_image_new_from_icon_name ("object-select-symbolic");
  GtkWidget *nothing = gtk_image_new_from_icon_name ("list-remove-symbolic");

  gtk_spinner_start (GTK_SPINNER (busy));
  gtk_widget_set_size_request (busy, 28, 28);
  gtk_widget_add_css_class (found, "sign");
  gtk_widget_add_css_class (found, "advantage");
  gtk_widget_add_css_class (nothing, "sign");
  gtk_widget_add_css_class (nothing, "neutral");
  gtk_stack_add_named (GTK_STACK (stack), busy, "busy");
  gtk_stack_add_named (GTK_STACK (stack), found, "found");
  gtk_stack_add_named (GTK_STACK (stack), nothing, "nothing");
  gtk_widget_set_valign (stack, GTK_ALIGN_CENTER);
  return stack;
}

static GtkWidget *
new_row (const char *title)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *sign = new_sign ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _(states[0].text));
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), sign);
  g_object_set_data (G_OBJECT (row), "sign", sign);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  return row;
}

static void
make_rows (UiWizard   *self,
           const char *domain)
{
  g_autofree char *provider = g_strdup_printf (_("Asking %s"), domain);
  g_autofree char *dns = g_strdup_printf (_("Looking up %s in DNS"), domain);
  const char *titles[] = {
    provider, _("Asking the Thunderbird settings database"), dns, _("Trying common server names"),
  };
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->search_list))) != NULL)
    gtk_list_box_remove (self->search_list, child);
  for (guint i = 0; i < G_N_ELEMENTS (titles); i++)
    {
      self->search_rows[i] = new_row (titles[i]);
      gtk_list_box_append (self->search_list, self->search_rows[i]);
    }
}

static void
set_row (UiWizard   *self,
         guint       index,
         const char *state,
         guint64     done,
         guint64     total)
{
  GtkWidget *row = self->search_rows[index];
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);
  g_autoptr(GString) text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (states); i++)
    if (strcmp (states[i].name, state) == 0)
      {
        text = g_string_new (_(states[i].text));
        gtk_stack_set_visible_child_name (g_object_get_data (G_OBJECT (row), "sign"), states[i].sign);
      }
  if (text == NULL)
    return;
  g_string_replace (text, "%s", domain, 1);
  if (index == G_N_ELEMENTS (self->search_rows) - 1 && strcmp (state, "nothing") == 0)
    g_string_assign (text, _("None of them answered"));
  if (index == G_N_ELEMENTS (self->search_rows) - 1 && total > 0 && strcmp (state, "waiting") == 0)
    g_string_printf (text, _("%u of %u tried"), (guint) done, (guint) total);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text->str);
}

static void
on_find_progress (const BusJob *job,
                  gpointer      data)
{
  UiWizard *self = data;
  g_autoptr(GVariant) rows = job->details != NULL
                             ? g_variant_lookup_value (job->details, BUS_KEY_ROWS, G_VARIANT_TYPE ("aa{sv}"))
                             : NULL;

  if (self->page != UI_WIZARD_SEARCHING || rows == NULL)
    return;
  for (guint i = 0; i < MIN (g_variant_n_children (rows), G_N_ELEMENTS (self->search_rows)); i++)
    {
      g_autoptr(GVariant) row = g_variant_get_child_value (rows, i);
      const char *state = NULL;

      if (g_variant_lookup (row, BUS_KEY_STATE, "&s", &state))
        set_row (self, i, state, job->done, job->total);
    }
}

static void
show_nothing (UiWizard   *self,
              const char *text)
{
  self->has_found_nothing = TRUE;
  gtk_label_set_text (self->search_title, _("No Settings Found"));
  gtk_label_set_text (self->search_text, text);
  ui_wizard_update (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->next_button));
}

static void
on_found (GObject      *object,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(UiWizard) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(BusJob) job = model_bus_run_finish (MODEL_BUS (object), result, &error);
  g_autoptr(GVariant) candidates = NULL;
  g_autofree char *text = NULL;
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);

  if (self->page != UI_WIZARD_SEARCHING
      || (job == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
      || (job != NULL && job->state == BUS_JOB_CANCELLED))
    return;
  ui_wizard_end (self, self->running);
  if (job == NULL || job->state != BUS_JOB_DONE)
    {
      show_nothing (self, ui_wizard_peek_text (job, error));
      return;
    }
  candidates = g_variant_lookup_value (job->details, BUS_KEY_CANDIDATES, G_VARIANT_TYPE ("aa{sv}"));
  if (ui_wizard_draft_take_found (self->draft, candidates))
    {
      ui_wizard_move (self, UI_WIZARD_GO_ON);
      return;
    }
  text = g_strdup_printf (_("The servers of %s could not be found by themselves. They are listed on the help "
                            "pages "
                            "of the provider."), domain);
  show_nothing (self, text);
}

void
ui_wizard_find_begin (UiWizard *self)
{
  g_autofree char *domain = base_hostname_dup_shown (self->draft->domain);
  GVariantDict dict;

  self->has_found_nothing = FALSE;
  gtk_label_set_text (self->search_title, _("Looking for Mail Settings…"));
  gtk_label_set_text (self->search_text, _("This takes 15 seconds at most."));
  make_rows (self, domain);
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, BUS_KEY_EMAIL, "s", self->draft->email);
  model_bus_run_async (self->bus, BUS_JOB_FIND, g_variant_dict_end (&dict), on_find_progress,
                       ui_wizard_begin (self), on_found, g_object_ref (self));
}
