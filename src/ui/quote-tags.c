/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/quote-tags.h"

#include <adwaita.h>

#define INDENT 18

static void
tag_lines (GtkTextBuffer     *buffer,
           const GtkTextIter *from,
           const GtkTextIter *to)
{
  GtkTextIter line = *from;
  int last = gtk_text_iter_get_line (to);

  gtk_text_iter_set_line_offset (&line, 0);
  for (;;)
    {
      GtkTextIter end = line;

      gtk_text_iter_forward_line (&end);
      if (gtk_text_iter_get_char (&line) == '>')
        gtk_text_buffer_apply_tag_by_name (buffer, "quote", &line, &end);
      else
        gtk_text_buffer_remove_tag_by_name (buffer, "quote", &line, &end);
      if (gtk_text_iter_is_end (&end) || gtk_text_iter_get_line (&end) > last)
        return;
      line = end;
    }
}

static void
on_inserted (GtkTextBuffer *buffer,
             GtkTextIter   *end,
             const char    *text,
             int            size)
{
  GtkTextIter start = *end;

  gtk_text_iter_backward_chars (&start, (int) g_utf8_strlen (text, size));
  tag_lines (buffer, &start, end);
}

static void
on_deleted (GtkTextBuffer *buffer,
            GtkTextIter   *start,
            GtkTextIter   *end)
{
  tag_lines (buffer, start, end);
}

/* A tag knows no named colours, so it follows the style by hand. */
static void
set_colour (GtkTextView *view)
{
  GtkTextTagTable *table = gtk_text_buffer_get_tag_table (gtk_text_view_get_buffer (view));
  GdkRGBA colour;

  gtk_style_context_get_color (gtk_widget_get_style_context (GTK_WIDGET (view)), &colour);
  colour.alpha *= 0.72f;
  g_object_set (gtk_text_tag_table_lookup (table, "quote"), "foreground-rgba", &colour, NULL);
}

void
ui_quote_tags_add (GtkTextView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (view);

  gtk_text_buffer_create_tag (buffer, "quote", "left-margin", gtk_text_view_get_left_margin (view) + INDENT,
                              NULL);
  g_signal_connect_after (buffer, "insert-text", G_CALLBACK (on_inserted), NULL);
  g_signal_connect_after (buffer, "delete-range", G_CALLBACK (on_deleted), NULL);
  g_signal_connect_object (adw_style_manager_get_default (), "notify::dark", G_CALLBACK (set_colour), view,
                           G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_after (view, "map", G_CALLBACK (set_colour), NULL);
  g_signal_connect_after (view, "state-flags-changed", G_CALLBACK (set_colour), NULL);
}
