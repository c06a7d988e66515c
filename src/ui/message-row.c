/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/message-row.h"

#include "base/clock.h"
#include "model/when.h"
#include "ui/where-mark.h"

#include <glib/gi18n-lib.h>

struct _UiMessageRow {
  GtkWidget       parent_instance;

  ModelMessage   *message;
  gulong          changed_handler;

  GtkWidget      *dot;
  GtkInscription *people;
  GtkLabel       *count;
  GtkLabel       *time;
  GtkWidget      *replied;
  GtkInscription *subject;
  GtkWidget      *clip;
  GtkWidget      *star;
  GtkInscription *preview;
  GtkLabel       *days;
  UiWhereMark    *mark;
};

G_DEFINE_FINAL_TYPE (UiMessageRow, ui_message_row, GTK_TYPE_WIDGET)

static void
set_class (UiMessageRow *self,
           const char   *name,
           gboolean      is_set)
{
  if (is_set)
    gtk_widget_add_css_class (GTK_WIDGET (self), name);
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), name);
}

static void
show_where (UiMessageRow *self,
            gint64        now)
{
  ModelWhere where;
  ModelServerSide server;
  gboolean is_usual;

  model_message_get_where (self->message, &where);
  server = model_where_get_server_side (&where, now);
  is_usual = server == MODEL_SERVER_STAYS && where.here == MODEL_HERE_WHOLE;
  ui_where_mark_set_where (self->mark, &where, now);
  gtk_widget_set_visible (GTK_WIDGET (self->mark), !is_usual);
  gtk_widget_set_visible (GTK_WIDGET (self->days), server == MODEL_SERVER_LEAVES_SOON);
  if (server == MODEL_SERVER_LEAVES_SOON)
    {
      int days = model_where_get_days_left (&where, now);
      g_autofree char *text = g_strdup_printf (ngettext ("%d day", "%d days", (gulong) days), days);

      gtk_label_set_text (self->days, text);
    }
}

static void
show_count (UiMessageRow *self,
            guint         n_messages)
{
  g_autofree char *text = g_strdup_printf ("%u", n_messages);

  gtk_label_set_text (self->count, text);
  gtk_widget_set_visible (GTK_WIDGET (self->count), n_messages > 1);
}

static void
show_message (UiMessageRow *self)
{
  const StoreRow *row = model_message_peek_row (self->message);
  guint flags = model_message_get_flags (self->message);
  g_autofree char *people = model_message_dup_people (self->message);
  gint64 now = base_clock_now ();
  g_autofree char *time = model_when_dup_short (model_message_get_time (self->message), now);
  g_autofree char *spoken = model_message_dup_spoken (self->message, now);

  set_class (self, "loading", row == NULL);
  if (row == NULL)
    return;
  set_class (self, "unread", (flags & STORE_FLAG_SEEN) == 0);
  gtk_inscription_set_text (self->people, people);
  gtk_label_set_text (self->time, time);
  gtk_inscription_set_text (self->subject, *row->subject != '\0' ? row->subject : _("(no subject)"));
  gtk_inscription_set_text (self->preview, row->preview);
  gtk_widget_set_visible (self->replied, (flags & (STORE_FLAG_ANSWERED | STORE_FLAG_FORWARDED)) != 0);
  gtk_widget_set_visible (self->clip, row->attachments > 0);
  gtk_widget_set_visible (self->star, (flags & STORE_FLAG_FLAGGED) != 0);
  show_count (self, row->n_messages);
  show_where (self, now);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);
}

void
ui_message_row_set_message (UiMessageRow *self,
                            ModelMessage *message)
{
  if (self->message == message)
    return;
  g_clear_signal_handler (&self->changed_handler, self->message);
  g_set_object (&self->message, message);
  if (message == NULL)
    return;
  self->changed_handler = g_signal_connect_swapped (message, "changed", G_CALLBACK (show_message), self);
  show_message (self);
}

static void
ui_message_row_dispose (GObject *object)
{
  UiMessageRow *self = UI_MESSAGE_ROW (object);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));

  ui_message_row_set_message (self, NULL);
  g_clear_pointer (&child, gtk_widget_unparent);
  G_OBJECT_CLASS (ui_message_row_parent_class)->dispose (object);
}

static void
ui_message_row_class_init (UiMessageRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_message_row_dispose;
  g_type_ensure (UI_TYPE_WHERE_MARK);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/message-row.ui");
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, dot);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, people);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, count);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, time);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, replied);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, subject);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, clip);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, star);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, preview);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, days);
  gtk_widget_class_bind_template_child (widget_class, UiMessageRow, mark);
}

static void
ui_message_row_init (UiMessageRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
ui_message_row_new (void)
{
  return g_object_new (UI_TYPE_MESSAGE_ROW, NULL);
}
