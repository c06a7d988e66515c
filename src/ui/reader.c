/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/reader.h"

#include "model/reading.h"

#include <glib/gi18n-lib.h>

struct _UiReader {
  AdwBin         parent_instance;

  ModelStore    *store;
  ModelMessage  *message;
  gint64         message_id;       /* whose text is shown or asked for; 0: nobody's */
  GCancellable  *asking;

  GtkStack      *stack;
  GtkLabel      *subject;
  GtkLabel      *people;
  GtkLabel      *date;
  GtkLabel      *notice;
  GtkTextView   *text;
};

G_DEFINE_FINAL_TYPE (UiReader, ui_reader, ADW_TYPE_BIN)

/* --- the text --- */

static void
show_text (UiReader   *self,
           const char *text,
           const char *notice)
{
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text), text, -1);
  gtk_label_set_label (self->notice, notice);
  gtk_widget_set_visible (GTK_WIDGET (self->notice), *notice != '\0');
}

static char *
dup_text (ModelReading *reading)
{
  GArray *lines = model_reading_peek (reading)->lines;
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < lines->len; i++)
    {
      const MimeLine *line = &g_array_index (lines, MimeLine, i);

      for (guint level = 0; level < line->quote; level++)
        g_string_append (text, "> ");
      g_string_append_printf (text, "%s\n", line->text);
    }
  return g_string_free (text, FALSE);
}

static void
reading_cb (GObject      *object,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(UiReader) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(ModelReading) reading = model_reading_load_finish (MODEL_STORE (object), result, &error);
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    {
      show_text (self, "", error->message);
      return;
    }
  text = dup_text (reading);
  switch (model_reading_peek (reading)->state)
    {
    case MODEL_READING_WHOLE:
      show_text (self, text, "");
      break;
    case MODEL_READING_HEAD:
      show_text (self, "", _("The text of this message is not on this computer yet."));
      break;
    case MODEL_READING_DAMAGED:
      show_text (self, "", model_reading_peek (reading)->problem);
      break;
    }
}

static void
drop_question (UiReader *self)
{
  if (self->asking != NULL)
    g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

static void
load_text (UiReader *self,
           gint64    message_id)
{
  if (self->message_id == message_id)
    return;
  drop_question (self);
  self->message_id = message_id;
  self->asking = g_cancellable_new ();
  show_text (self, "", "");
  model_reading_load_async (self->store, message_id, self->asking, reading_cb, g_object_ref (self));
}

/* --- the head --- */

static void
show_date (UiReader *self,
           gint64    time)
{
  g_autoptr(GDateTime) date = g_date_time_new_from_unix_local (time);
  g_autofree char *words = date != NULL ? g_date_time_format (date, "%c") : NULL;

  gtk_label_set_label (self->date, words != NULL ? words : "");
}

static void
show_message (UiReader *self)
{
  const StoreRow *row = model_message_peek_row (self->message);
  g_autofree char *people = NULL;

  if (row == NULL)
    return;
  people = model_message_dup_people (self->message);
  gtk_label_set_label (self->subject, *row->subject != '\0' ? row->subject : _("No Subject"));
  gtk_label_set_label (self->people, people);
  show_date (self, model_message_get_time (self->message));
  load_text (self, row->message_id);
  gtk_stack_set_visible_child_name (self->stack, "message");
}

void
ui_reader_set_message (UiReader     *self,
                       ModelMessage *message)
{
  if (self->message == message)
    return;
  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  drop_question (self);
  self->message_id = 0;
  gtk_stack_set_visible_child_name (self->stack, "nothing");
  g_set_object (&self->message, message);
  if (message == NULL)
    return;
  g_signal_connect_swapped (message, "changed", G_CALLBACK (show_message), self);
  show_message (self);
}

void
ui_reader_set_store (UiReader   *self,
                     ModelStore *store)
{
  g_set_object (&self->store, store);
}

/* --- life --- */

static void
ui_reader_dispose (GObject *object)
{
  UiReader *self = UI_READER (object);

  if (self->message != NULL)
    g_signal_handlers_disconnect_by_data (self->message, self);
  drop_question (self);
  g_clear_object (&self->message);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (ui_reader_parent_class)->dispose (object);
}

static void
ui_reader_class_init (UiReaderClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = ui_reader_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/penfold/Penfold/ui/reader.ui");
  gtk_widget_class_bind_template_child (widget_class, UiReader, stack);
  gtk_widget_class_bind_template_child (widget_class, UiReader, subject);
  gtk_widget_class_bind_template_child (widget_class, UiReader, people);
  gtk_widget_class_bind_template_child (widget_class, UiReader, date);
  gtk_widget_class_bind_template_child (widget_class, UiReader, notice);
  gtk_widget_class_bind_template_child (widget_class, UiReader, text);
}

static void
ui_reader_init (UiReader *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
