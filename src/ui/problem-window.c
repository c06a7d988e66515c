/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/problem-window.h"

#include <glib/gi18n-lib.h>

#define UI_TYPE_PROBLEM_WINDOW (ui_problem_window_get_type ())
G_DECLARE_FINAL_TYPE (UiProblemWindow, ui_problem_window, UI, PROBLEM_WINDOW, AdwWindow)

struct _UiProblemWindow {
  AdwWindow        parent_instance;

  char            *report;
  char            *again_action;

  AdwToastOverlay *toasts;
  GtkLabel        *heading;
  GtkLabel        *subtitle;
  GtkLabel        *meaning;
  GtkLabel        *remedy;
  AdwExpanderRow  *details;
  GtkLabel        *words;
  GtkButton       *again;
};

G_DEFINE_FINAL_TYPE (UiProblemWindow, ui_problem_window, ADW_TYPE_WINDOW)

static void
on_copy (UiProblemWindow *self)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->report);
  adw_toast_overlay_add_toast (self->toasts, adw_toast_new (_("Report copied")));
}

static void
on_again (UiProblemWindow *self)
{
  GtkWindow *parent = gtk_window_get_transient_for (GTK_WINDOW (self));
  g_autofree char *name = NULL;
  g_autoptr(GVariant) target = NULL;

  if (parent != NULL && g_action_parse_detailed_name (self->again_action, &name, &target, NULL))
    gtk_widget_activate_action_variant (GTK_WIDGET (parent), name, target);
  gtk_window_close (GTK_WINDOW (self));
}

static void
show_details (UiProblemWindow *self,
              const UiProblem *problem)
{
  g_autoptr(GString) words = g_string_new (problem->text);

  if (problem->server_words != NULL)
    g_string_append_printf (words, "%s%s", words->len > 0 ? "\n" : "", problem->server_words);
  gtk_label_set_text (self->words, words->str);
  gtk_widget_set_visible (GTK_WIDGET (self->details), words->len > 0);
}

GtkWidget *
ui_problem_window_new (GtkWindow       *parent,
                       const UiProblem *problem)
{
  UiProblemWindow *self = g_object_new (UI_TYPE_PROBLEM_WINDOW, "transient-for", parent, "modal", TRUE,
                                        "title", problem->title, NULL);

  self->report = g_strdup (problem->report);
  self->again_action = g_strdup (problem->again_action);
  gtk_label_set_text (self->heading, problem->title);
  gtk_label_set_text (self->subtitle, problem->subtitle);
  gtk_widget_set_visible (GTK_WIDGET (self->subtitle), problem->subtitle != NULL);
  gtk_label_set_text (self->meaning, problem->meaning);
  gtk_label_set_text (self->remedy, problem->remedy);
  show_details (self, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->again), problem->again_label != NULL);
  if (problem->again_label != NULL)
    {
      gtk_button_set_label (self->again, problem->again_label);
      gtk_window_set_default_widget (GTK_WINDOW (self), GTK_WIDGET (self->again));
    }
  return GTK_WIDGET (self);
}

static void
ui_problem_window_finalize (GObject *object)
{
  UiProblemWindow *self = UI_PROBLEM_WINDOW (object);

  g_free (self->report);
  g_free (self->again_action);
  G_OBJECT_CLASS (ui_problem_window_parent_class)->finalize (object);
}

static void
ui_problem_window_class_init (UiProblemWindowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->finalize = ui_problem_window_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/problem-window.ui");
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, heading);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, subtitle);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, meaning);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, remedy);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, details);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, words);
  gtk_widget_class_bind_template_child (widget_class, UiProblemWindow, again);
  gtk_widget_class_bind_template_callback (widget_class, on_copy);
  gtk_widget_class_bind_template_callback (widget_class, on_again);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
ui_problem_window_init (UiProblemWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
